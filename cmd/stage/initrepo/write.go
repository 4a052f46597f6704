// SPDX-License-Identifier: Apache-2.0

package initrepo

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/sealock-dev/sealock/cmd/stage/initrepo/ci"
)

// output is a file to write. One that may stay is no error where it is there already, with the same content.
type output struct {
	ci.File
	stays bool
}

// Files lists what Write writes, relative to the folder.
func (p *Plan) Files() []string {
	out := []string{PipelineFile, p.PolicyDir + "/" + PolicyFile}
	for _, f := range p.ci {
		out = append(out, f.Name)
	}
	return out
}

// Write writes the files into dir and gives their names. If one exists already, nothing is written, and if one can't be written, those before it are taken away again.
func (p *Plan) Write(dir string) ([]string, error) {
	var all []output
	for _, f := range []struct{ name, text string }{{PipelineFile, pipelineText}, {p.PolicyDir + "/" + PolicyFile, policyText}} {
		data, err := p.expand(f.text)
		if err != nil {
			return nil, fmt.Errorf("writing %s: %w", f.name, err)
		}
		all = append(all, output{ci.File{Name: f.name, Content: data}, false})
	}
	return writeAll(dir, append(all, staying(p.ci)...), p.opt.Force)
}

// WriteCI writes a platform's files beside a pipeline that is there already, and gives the names of those that were not there. Like Write it leaves alone what
// exists and differs, unless force is set.
func WriteCI(dir string, files []ci.File, force bool) ([]string, error) {
	return writeAll(dir, staying(files), force)
}

func staying(files []ci.File) []output {
	var out []output
	for _, f := range files {
		out = append(out, output{f, true})
	}
	return out
}

// writeAll writes all of the files or none.
func writeAll(dir string, files []output, force bool) (written []string, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("writing into %s: %w", dir, err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	files, err = missing(root, files, force)
	if err != nil {
		return nil, err
	}
	var made []string // that were not there
	for _, f := range files {
		_, statErr := root.Lstat(f.Name)
		if err := create(root, f.Name, f.Content, force); err != nil {
			return nil, errors.Join(fmt.Errorf("writing %s: %w", f.Name, err), undo(root, made))
		}
		if written = append(written, f.Name); statErr != nil {
			made = append(made, f.Name)
		}
	}
	return written, nil
}

// missing are the files that have to be written. An error names what is in their place already.
func missing(root *os.Root, files []output, force bool) ([]output, error) {
	var out []output
	var there []string
	for _, f := range files {
		info, err := root.Lstat(f.Name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			out = append(out, f)
		case err != nil:
			return nil, fmt.Errorf("looking for %s: %w", f.Name, err)
		case f.stays && info.Mode().IsRegular() && info.Size() == int64(len(f.Content)) && same(root, f.File):
		case force:
			out = append(out, f)
		default:
			there = append(there, f.Name)
		}
	}
	if len(there) > 0 {
		return nil, fmt.Errorf("%s: %w\nhint: change what is there, or write it anew with --force", strings.Join(there, ", "), fs.ErrExist)
	}
	return out, nil
}

func same(root *os.Root, f ci.File) bool {
	data, err := root.ReadFile(f.Name)
	return err == nil && bytes.Equal(data, f.Content)
}

// create writes a new file. With force it takes the place of an old one as a whole, a link's own place too.
func create(root *os.Root, name string, data []byte, force bool) error {
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	to := name
	if force {
		to = path.Join(path.Dir(name), ".new-"+path.Base(name))
	}
	mode := fs.FileMode(0o644)
	if bytes.HasPrefix(data, []byte("#!")) {
		mode = 0o755
	}
	f, err := root.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil && to != name {
		err = root.Rename(to, name)
	}
	if err != nil {
		err = errors.Join(err, root.Remove(to))
	}
	return err
}

// undo takes new files away. What replaced an older file stays.
func undo(root *os.Root, made []string) error {
	var errs []error
	for _, name := range made {
		errs = append(errs, root.Remove(name))
	}
	return errors.Join(errs...)
}
