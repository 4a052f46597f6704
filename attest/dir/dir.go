// SPDX-License-Identifier: Apache-2.0

// Package dir is the folder store: each bundle is a file named by its content, under every digest of every subject.
//
//	<algorithm>-<hex of the subject>/<sha256 of the statement>.<first 16 hex of the bundle's sha256>.sigstore.json
//
// Use: Open, then the attest.Store and attest.Confirmer methods.
//
// Guarantees: a file appears whole or not at all (written aside, synced, renamed), so many processes may write at once and any of
// them may be killed. No name from a statement reaches the file system, only digests whose form was checked. No link is followed, and
// what is read is bounded; a file whose content is not what its name says is a Reject.
//
// Limits: a process that dies between two copies of one bundle leaves some of them; Confirm says so and Put completes them. Files
// that start with .tmp- are leftovers of such processes: they are ignored, never read, and may be removed by anyone.
package dir

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/sealock-dev/sealock/attest"
)

// Bounds on what is read from the folder of one subject.
const (
	MaxEntries = 10_000  // files
	MaxTotal   = 1 << 30 // bytes of all bundles
)

const (
	suffix     = ".sigstore.json"
	tempPrefix = ".tmp-"
	nameHex    = 16 // hex digits of the bundle's digest in a file name
)

var nameForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\A[0-9a-f]{64}\.([0-9a-f]{16})\.sigstore\.json\z`) })

// Store keeps bundles in a folder. It holds nothing open between calls.
type Store struct{ path string }

var (
	_ attest.Store     = (*Store)(nil)
	_ attest.Confirmer = (*Store)(nil)
)

// Open names the folder; the first Put creates it. A file in its place is an error, and so is a link: the folder usually lies in the
// tree that is judged, and a link there would choose where evidence is written.
func Open(path string) (*Store, error) {
	if path == "" {
		return nil, errors.New("evidence folder: no path is given")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	info, err := os.Lstat(abs) //nolint:gosec // the store is where the user says it is
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("opening evidence folder: %w", err)
	case info.Mode()&fs.ModeSymlink != 0:
		return nil, fmt.Errorf("evidence folder %s is a symbolic link\nhint: name the folder that it points to", path)
	case !info.IsDir():
		return nil, fmt.Errorf("evidence folder %s is a file, expected a folder\nhint: name another one with --store", path)
	}
	return &Store{abs}, nil
}

// Path is the folder, absolute.
func (s *Store) Path() string { return s.path }

// root opens the store's folder. fs.ErrNotExist: nothing was stored yet.
func (s *Store) root() (*os.Root, error) {
	parent, err := os.OpenRoot(filepath.Dir(s.path))
	if err != nil {
		return nil, err
	}
	defer parent.Close()
	return openFolder(parent, filepath.Base(s.path))
}

// openFolder opens a folder that is no link.
func openFolder(parent *os.Root, name string) (*os.Root, error) {
	info, err := parent.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder (or a link to one)\nhint: remove it; sealock makes a folder there", filepath.Join(parent.Name(), name))
	}
	sub, err := parent.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	if got, err := sub.Stat("."); err != nil || !os.SameFile(info, got) {
		sub.Close()
		return nil, errors.Join(fmt.Errorf("%s was replaced while it was opened", name), err)
	}
	return sub, nil
}

// folderName is the folder of a subject's digest.
func folderName(d attest.Digest) (string, error) {
	if err := d.Validate(); err != nil {
		return "", err
	}
	return d.Algorithm + "-" + d.Hex, nil
}

// folders are the folders that hold a statement: one for each digest, of an algorithm that is known, of each subject.
func folders(st attest.Statement) ([]string, error) {
	var out []string
	for _, sub := range st.Subject {
		for _, d := range sub.Digest.Digests() {
			if !d.Known() {
				continue
			}
			name, err := folderName(d)
			if err != nil {
				return nil, err
			}
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// fileName is the name of the evidence's bundle in every folder.
func fileName(e attest.Evidence) (string, error) {
	if e.ID().IsZero() || e.BundleID().IsZero() {
		return "", errors.New("the evidence is empty: it was not verified")
	}
	return e.ID().Hex + "." + e.BundleID().Hex[:nameHex] + suffix, nil
}

// List gives every bundle about the digest, sorted by file name. See attest.Store.
func (s *Store) List(ctx context.Context, subject attest.Digest) ([]attest.Stored, error) {
	folder, err := folderName(subject)
	if err != nil {
		return nil, fmt.Errorf("listing evidence: %w", err)
	}
	out, err := s.list(ctx, folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing evidence about %s in %s: %w", subject.Short(), s.path, err)
	}
	return out, nil
}

func (s *Store) list(ctx context.Context, folder string) ([]attest.Stored, error) {
	root, err := s.root()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	dir, err := openFolder(root, folder)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := list(dir)
	if err != nil {
		return nil, err
	}
	var out []attest.Stored
	total := 0
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e := attest.Stored{Name: folder + "/" + name}
		e.Bundle, err = readBundle(dir, name)
		var reject *attest.Reject
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue // removed since it was listed
		case errors.As(err, &reject):
			e.Err = reject
		case err != nil:
			return nil, err
		}
		if total += len(e.Bundle); total > MaxTotal {
			return nil, fmt.Errorf("more than %d bytes of bundles about one subject (limit of sealock)", MaxTotal)
		}
		out = append(out, e)
	}
	return out, nil
}

// list gives the names that look like bundles, sorted and bounded.
func list(dir *os.Root) ([]string, error) {
	d, err := dir.Open(".")
	if err != nil {
		return nil, err
	}
	defer d.Close()
	var names []string
	for seen := 0; ; {
		some, err := d.Readdirnames(1024)
		for _, name := range some {
			if strings.HasSuffix(name, suffix) && !strings.HasPrefix(name, tempPrefix) {
				names = append(names, name)
			}
		}
		if seen += len(some); len(names) > MaxEntries || seen > 4*MaxEntries {
			return nil, fmt.Errorf("more than %d files about one subject (limit of sealock)", MaxEntries)
		}
		if errors.Is(err, io.EOF) {
			slices.Sort(names)
			return names, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// readBundle reads one file. A Reject says that it is there and no bundle of ours.
func readBundle(dir *os.Root, name string) ([]byte, error) {
	form := nameForm().FindStringSubmatch(name)
	if form == nil {
		return nil, noBundle("file name does not have the form <statement>.<bundle>%s", suffix)
	}
	raw, _, err := readFile(dir, name)
	if err != nil {
		return nil, err
	}
	if got := attest.SHA256(raw).Hex[:nameHex]; got != form[1] {
		return nil, noBundle("content is not what the file name says: sha256 starts with %s, expected %s", got, form[1])
	}
	return raw, nil
}

func noBundle(format string, args ...any) *attest.Reject {
	return &attest.Reject{Code: attest.CodeMalformedBundle, Detail: fmt.Sprintf(format, args...)}
}

// readFile reads a regular file of at most MaxBundle bytes, never through a link, never waiting for a pipe.
func readFile(dir *os.Root, name string) ([]byte, fs.FileInfo, error) {
	info, err := dir.Lstat(name)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, noBundle("is no regular file (%s)", info.Mode().Type())
	}
	f, err := dir.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	got, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	if !got.Mode().IsRegular() {
		return nil, nil, noBundle("is no regular file (%s)", got.Mode().Type())
	}
	if got.Size() > attest.MaxBundle {
		return nil, nil, &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("bundle has %d bytes, limit %d", got.Size(), attest.MaxBundle)}
	}
	raw, err := io.ReadAll(io.LimitReader(f, attest.MaxBundle+1))
	if err == nil && len(raw) > attest.MaxBundle {
		err = &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("bundle has more than %d bytes", attest.MaxBundle)}
	}
	return raw, got, err
}
