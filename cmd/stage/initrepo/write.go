// SPDX-License-Identifier: Apache-2.0

package initrepo

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
)

// Files lists what Write writes, relative to the folder.
func (p *Plan) Files() []string {
	return []string{PipelineFile, p.PolicyDir + "/" + PolicyFile}
}

// Write writes the files into dir and gives their names. If one exists already, nothing is written, and if one can't be written, those before it are taken away again.
func (p *Plan) Write(dir string) (written []string, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("writing into %s: %w", dir, err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	policy := p.PolicyDir + "/" + PolicyFile
	texts := map[string]string{PipelineFile: pipelineText, policy: policyText}
	if err := p.refuseExisting(root, PipelineFile, policy); err != nil {
		return nil, err
	}
	if err := root.MkdirAll(p.PolicyDir, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder %s: %w", p.PolicyDir, err)
	}
	for _, name := range []string{PipelineFile, policy} {
		data, err := p.expand(texts[name])
		if err == nil {
			err = p.create(root, name, data)
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("writing %s: %w", name, err), p.undo(root, written))
		}
		written = append(written, name)
	}
	return written, nil
}

// refuseExisting is an error that names what is already there.
func (p *Plan) refuseExisting(root *os.Root, names ...string) error {
	if p.opt.Force {
		return nil
	}
	var there []string
	for _, name := range names {
		if _, err := root.Lstat(name); err == nil {
			there = append(there, name)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("looking for %s: %w", name, err)
		}
	}
	if len(there) > 0 {
		return fmt.Errorf("%s: %w\nhint: change what is there, or write it anew with --force", strings.Join(there, ", "), fs.ErrExist)
	}
	return nil
}

// create writes a new file. With Force it takes the place of an old one as a whole, a link's own place too.
func (p *Plan) create(root *os.Root, name string, data []byte) error {
	to := name
	if p.opt.Force {
		to = path.Join(path.Dir(name), ".new-"+path.Base(name))
	}
	f, err := root.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
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
func (p *Plan) undo(root *os.Root, written []string) error {
	if p.opt.Force {
		return nil
	}
	var errs []error
	for _, name := range written {
		errs = append(errs, root.Remove(name))
	}
	return errors.Join(errs...)
}
