// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/sealock-dev/sealock/scanners"
)

func (p *repository) sources(ctx context.Context, tmp string, r *Resolved) ([]scanners.Source, error) {
	dir, err := os.MkdirTemp(tmp, "git-")
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if err := p.export(ctx, dir); err != nil {
		return nil, fmt.Errorf("writing the files of commit %.12s for scanning: %w", p.commit.oid, err)
	}
	return []scanners.Source{{Kind: scanners.Dir, Path: dir, Subject: r.Subject}}, nil
}

// export writes the commit's files to an empty folder, each hashed against its id on the way. Links come last, so nothing is
// written through one, and only those that stay inside; submodules are left out.
func (p *repository) export(ctx context.Context, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	b, err := p.git.objects(ctx)
	if err != nil {
		return err
	}
	defer b.close()
	var files []*entry
	var oids []string
	for i := range p.commit.tree {
		if e := &p.commit.tree[i]; e.file() {
			files, oids = append(files, e), append(oids, e.oid)
		}
	}
	w := &writer{root: root, buf: make([]byte, 64<<10)}
	defer w.close()
	err = b.read(oids, "blob", func(i int, _ int64, r io.Reader) error { return w.file(files[i], r) })
	if err != nil {
		return err
	}
	for i := range p.commit.tree {
		e := &p.commit.tree[i]
		if e.mode != modeLink || !staysInside(e.path, e.text) {
			continue
		}
		if err := w.enter(path.Dir(e.path)); err != nil {
			return err
		}
		if err := w.folder.Symlink(filepath.FromSlash(e.text), path.Base(e.path)); err != nil {
			return collision(e.path, err)
		}
	}
	return nil
}

// writer creates files below root. It keeps the last folder open, since paths come sorted.
type writer struct {
	root   *os.Root
	folder *os.Root
	name   string
	buf    []byte
}

func (w *writer) enter(dir string) error {
	if w.folder != nil && w.name == dir {
		return nil
	}
	w.close()
	if err := w.root.MkdirAll(dir, 0o755); err != nil {
		return collision(dir, err)
	}
	folder, err := w.root.OpenRoot(dir)
	if err != nil {
		return err
	}
	w.folder, w.name = folder, dir
	return nil
}

func (w *writer) close() {
	if w.folder != nil {
		w.folder.Close()
		w.folder = nil
	}
}

func (w *writer) file(e *entry, r io.Reader) error {
	if err := w.enter(path.Dir(e.path)); err != nil {
		return err
	}
	perm := fs.FileMode(0o644)
	if e.mode == modeExec {
		perm = 0o755
	}
	f, err := w.folder.OpenFile(path.Base(e.path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return collision(e.path, err)
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{f}, r, w.buf)
	return errors.Join(err, f.Close())
}

// collision explains why a path of the commit can't be created: this file system takes two names for one.
func collision(p string, err error) error {
	if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrInvalid) {
		return fail(Unsupported, "%s can't be written: this file system takes its name for another one's", p).because(err).
			hint("use a temporary folder on a file system that tells upper from lower case")
	}
	return err
}
