// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	stfile "github.com/anchore/stereoscope/pkg/file"
	"github.com/anchore/stereoscope/pkg/filetree"
	"github.com/anchore/syft/syft/artifact"
	"github.com/anchore/syft/syft/file"
	"github.com/anchore/syft/syft/source"

	"github.com/sealock-dev/sealock/scanners"
)

// openDir walks a folder once, inside an os.Root: whatever the tree holds, nothing outside is opened. syft's own directory source is
// not used, because it follows links of links out of the folder and passes over what it can't read.
func openDir(ctx context.Context, src scanners.Source) (*Tree, error) {
	return openRoot(ctx, src, src.Path, source.DirectoryMetadata{Path: src.Subject.Name})
}

func openRoot(ctx context.Context, src scanners.Source, dir string, metadata any) (*Tree, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	w := newDirWalk(root, src.Exclude)
	if err := w.walk(ctx); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	if len(w.files) == 0 && w.others > 0 {
		return nil, errors.Join(fmt.Errorf("nothing to scan: of %d entries none is a regular file", w.others), root.Close())
	}
	t := &Tree{src: src, files: w.files, close: root.Close, faults: w.faults}
	t.source = &dirSource{description: describe(src, metadata), resolver: sync.OnceValues(w.resolver)}
	return t, nil
}

// describe names a source by its subject, so that no path of the machine gets into the SBOM.
func describe(src scanners.Source, metadata any) source.Description {
	id := src.Subject.Digest.Primary()
	if id.IsZero() {
		id = src.Subject.Digest.Digests()[0]
	}
	return source.Description{ID: id.String(), Name: src.Subject.Name, Version: id.String(), Metadata: metadata}
}

// dirWalk lists a folder, and makes syft's index of it if that is asked for: it takes some kilobytes for each file.
type dirWalk struct {
	root    *os.Root
	exclude map[string]bool
	seen    []seen
	files   []entry
	others  int // links, devices, sockets
	counted int
	faults  *faults
}

// seen is a file or a folder, in the order of the walk.
type seen struct {
	path   string
	folder bool
}

func newDirWalk(root *os.Root, exclude []string) *dirWalk {
	w := &dirWalk{root: root, exclude: map[string]bool{}, faults: &faults{}}
	for _, e := range exclude {
		w.exclude[path.Clean(strings.Trim(e, "/"))] = true
	}
	return w
}

func (w *dirWalk) walk(ctx context.Context) error { return w.folder(ctx, ".") }

// folder visits what is in a folder, in the order of the names. fs.WalkDir does not go into folders whose name is no UTF-8.
func (w *dirWalk) folder(ctx context.Context, dir string) error {
	f, err := w.root.Open(filepath.FromSlash(dir))
	if err != nil {
		return fmt.Errorf("reading %q: %w", dir, err)
	}
	entries, err := f.ReadDir(-1)
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("reading %q: %w", dir, err)
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	for _, d := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.visit(ctx, path.Join(dir, d.Name()), d); err != nil {
			return err
		}
	}
	return nil
}

func (w *dirWalk) visit(ctx context.Context, p string, d fs.DirEntry) error {
	if w.exclude[p] {
		return nil
	}
	if w.counted++; w.counted > MaxFiles {
		return &LimitError{What: "files", Limit: MaxFiles}
	}
	if len(p) > MaxPathLen {
		return &LimitError{What: "bytes of one path", Path: p[:80] + "…", Limit: MaxPathLen}
	}
	switch {
	case d.IsDir():
		w.seen = append(w.seen, seen{p, true}) // syft looks for some folders by name
		return w.folder(ctx, p)
	case d.Type().IsRegular():
		return w.add(p, d)
	}
	w.others++
	return nil
}

func (w *dirWalk) add(p string, d fs.DirEntry) error {
	info, err := d.Info()
	if err != nil {
		return fmt.Errorf("reading %q: %w", p, err)
	}
	w.seen = append(w.seen, seen{p, false})
	w.files = append(w.files, entry{path: p, size: info.Size(), open: func() (io.ReadCloser, error) { return w.open(p) }})
	return nil
}

// executableMagic are the first bytes of what syft looks for by content: ELF, PE, Mach-O and its fat form. Everything else it finds by name,
// so the costly detection is left to these.
var executableMagic = []string{
	"\x7fELF", "MZ", "\xfe\xed\xfa\xce", "\xfe\xed\xfa\xcf", "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe", "\xca\xfe\xba\xbf",
}

func (w *dirWalk) mimeType(p string) (string, error) {
	f, err := w.root.Open(filepath.FromSlash(p))
	if err != nil {
		return "", err
	}
	defer f.Close()
	var head [4]byte
	n, err := io.ReadFull(f, head[:])
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	for _, m := range executableMagic {
		if strings.HasPrefix(string(head[:n]), m) {
			if _, err := f.Seek(0, io.SeekStart); err != nil {
				return "", err
			}
			return stfile.MIMEType(f), nil
		}
	}
	return "", nil
}

func (w *dirWalk) open(p string) (io.ReadCloser, error) {
	f, err := w.root.Open(filepath.FromSlash(p))
	if err != nil {
		w.faults.note(p, err)
		return nil, err
	}
	return &watchedFile{File: f, path: p, faults: w.faults}, nil
}

// resolver makes the index.
func (w *dirWalk) resolver() (file.Resolver, error) {
	tree, index := filetree.New(), filetree.NewIndex()
	for _, s := range w.seen {
		if err := w.indexed(tree, index, s); err != nil {
			return nil, fmt.Errorf("indexing %q: %w", s.path, err)
		}
	}
	return &dirResolver{tree: tree, index: index, search: filetree.NewSearchContext(tree, index), open: w.open}, nil
}

func (w *dirWalk) indexed(tree *filetree.FileTree, index filetree.Index, s seen) error {
	at := "/" + s.path
	if s.folder {
		ref, err := tree.AddDir(stfile.Path(at))
		if err == nil {
			index.Add(*ref, folderMetadata(at))
		}
		return err
	}
	info, err := w.root.Lstat(filepath.FromSlash(s.path))
	if err != nil {
		return err
	}
	mime, err := w.mimeType(s.path)
	if err != nil {
		return err
	}
	ref, err := tree.AddFile(stfile.Path(at))
	if err == nil {
		index.Add(*ref, stfile.Metadata{FileInfo: info, Path: at, Type: stfile.TypeRegular, MIMEType: mime})
	}
	return err
}

// watchedFile notes read errors. It stays seekable, as some catalogers want it.
type watchedFile struct {
	*os.File
	path   string
	faults *faults
}

func (f *watchedFile) Read(b []byte) (int, error) {
	n, err := f.File.Read(b)
	f.faults.note(f.path, err)
	return n, err
}

// dirSource is a syft source over a resolver of ours.
type dirSource struct {
	description source.Description
	resolver    func() (file.Resolver, error)
}

func (s *dirSource) ID() artifact.ID                                  { return artifact.ID(s.description.ID) }
func (s *dirSource) Describe() source.Description                     { return s.description }
func (s *dirSource) FileResolver(source.Scope) (file.Resolver, error) { return s.resolver() }
func (s *dirSource) Close() error                                     { return nil }
