// SPDX-License-Identifier: Apache-2.0

package dir

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/sealock-dev/sealock/attest"
)

// Put stores the bundle under every digest of every subject, as links to one file where the file system has them. See attest.Store.
func (s *Store) Put(ctx context.Context, e attest.Evidence) error {
	if err := s.put(ctx, e); err != nil {
		return fmt.Errorf("storing evidence %s in %s: %w", e.ID().Short(), s.path, err)
	}
	return nil
}

func (s *Store) put(ctx context.Context, e attest.Evidence) error {
	name, err := fileName(e)
	if err != nil {
		return err
	}
	dirs, err := folders(e.Statement())
	if err != nil {
		return err
	}
	if len(dirs) == 0 {
		return errors.New("no subject has a digest of a known algorithm, so nobody would find it")
	}
	_, missing := os.Stat(s.path)                      //nolint:gosec // the store is where the user says it is
	if err := os.MkdirAll(s.path, 0o755); err != nil { //nolint:gosec // the store is where the user says it is
		return err
	}
	root, err := s.root()
	if err != nil {
		return err
	}
	defer root.Close()
	if errors.Is(missing, fs.ErrNotExist) {
		if err := hideFromGit(root); err != nil {
			return err
		}
	}
	w := &writer{root: root, name: name, bundle: e.Bundle()}
	defer w.clean()
	for _, dir := range dirs {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.place(dir); err != nil {
			return fmt.Errorf("%s/%s: %w", dir, name, err)
		}
	}
	if err := syncFolder(root); err != nil {
		return err
	}
	return syncPath(filepath.Dir(s.path))
}

// hideFromGit leaves a .gitignore in a new store that ignores the whole of it: evidence about a commit can't be part of it. A folder that was
// there before is left alone: it may hold other things.
func hideFromGit(root *os.Root) error {
	err := writeFile(root, ".gitignore", []byte("*\n"))
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// writer places copies of one bundle.
type writer struct {
	root   *os.Root
	name   string
	bundle []byte
	temp   string // the first copy, below root, written aside
}

// place makes the copy in one folder, unless it is there.
func (w *writer) place(folder string) error {
	if err := w.root.Mkdir(folder, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	dir, err := openFolder(w.root, folder)
	if err != nil {
		return err
	}
	defer dir.Close()
	if found, _, err := readFile(dir, w.name); err == nil && bytes.Equal(found, w.bundle) {
		return syncFolder(dir) // whoever wrote it may not have come that far
	}
	if w.temp == "" {
		temp := tempName()
		if err := writeFile(w.root, temp, w.bundle); err != nil {
			return errors.Join(err, ignoreMissing(w.root.Remove(temp)))
		}
		w.temp = temp
	}
	aside := tempName()
	if err := w.root.Link(w.temp, folder+"/"+aside); err != nil {
		// No hard links here, or too many of them: a copy does as well.
		if err := writeFile(dir, aside, w.bundle); err != nil {
			return errors.Join(err, ignoreMissing(dir.Remove(aside)))
		}
	}
	if err := dir.Rename(aside, w.name); err != nil {
		return errors.Join(err, ignoreMissing(dir.Remove(aside)))
	}
	return syncFolder(dir)
}

func (w *writer) clean() {
	if w.temp != "" {
		_ = w.root.Remove(w.temp) // a leftover harms nobody
	}
}

// tempName is a name that nobody else uses.
func tempName() string { return tempPrefix + rand.Text() }

// writeFile writes a new file and waits until it is on the disk.
func writeFile(root *os.Root, name string, content []byte) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func syncFolder(root *os.Root) error {
	if runtime.GOOS == "windows" {
		return nil // has no way to sync a folder; its renames are journalled
	}
	d, err := root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func syncPath(p string) error {
	root, err := os.OpenRoot(p)
	if err != nil {
		return err
	}
	return errors.Join(syncFolder(root), root.Close())
}

// Confirm checks that Put has happened wholly: a copy with exactly these bytes in every folder. See attest.Confirmer.
func (s *Store) Confirm(ctx context.Context, e attest.Evidence) error {
	name, err := fileName(e)
	if err != nil {
		return err
	}
	dirs, err := folders(e.Statement())
	if err != nil {
		return err
	}
	if len(dirs) == 0 {
		return incomplete(e, "no subject has a digest of a known algorithm", nil)
	}
	root, err := s.root()
	if errors.Is(err, fs.ErrNotExist) {
		return incomplete(e, s.path+" is not there", nil)
	}
	if err != nil {
		return fmt.Errorf("confirming evidence %s: %w", e.ID().Short(), err)
	}
	defer root.Close()
	var known fs.FileInfo
	for _, dir := range dirs {
		if err := ctx.Err(); err != nil {
			return err
		}
		p := dir + "/" + name
		info, err := confirmCopy(root, dir, name, e.Bundle(), known)
		var reject *attest.Reject
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return incomplete(e, p+" is missing", nil)
		case errors.As(err, &reject):
			return incomplete(e, p, reject)
		case err != nil:
			return fmt.Errorf("confirming evidence %s: reading %s: %w", e.ID().Short(), p, err)
		}
		known = info
	}
	return nil
}

func incomplete(e attest.Evidence, detail string, cause error) error {
	return &attest.Reject{Code: attest.CodeIncomplete, Detail: fmt.Sprintf("evidence %s is not stored as it was signed: %s", e.ID().Short(), detail), Cause: cause}
}

// confirmCopy compares one copy with the bundle. A link to the file that was compared before needs no reading.
func confirmCopy(root *os.Root, folder, name string, bundle []byte, known fs.FileInfo) (fs.FileInfo, error) {
	info, err := root.Lstat(folder)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, noBundle("its folder is no folder (%s)", info.Mode().Type())
	}
	dir, err := openFolder(root, folder)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	info, err = dir.Lstat(name)
	if err != nil {
		return nil, err
	}
	if known != nil && info.Mode().IsRegular() && os.SameFile(known, info) {
		return info, nil
	}
	found, info, err := readFile(dir, name)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(found, bundle) {
		return nil, noBundle("has sha256:%s, expected %s", attest.SHA256(found).Hex, attest.SHA256(bundle))
	}
	return info, nil
}
