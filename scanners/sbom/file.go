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
	"strings"
	"sync"

	"github.com/anchore/syft/syft/source"
	"github.com/mholt/archives"

	"github.com/sealock-dev/sealock/scanners"
)

// packageSuffixes are archives that are packages themselves: syft reads them as they are.
var packageSuffixes = []string{
	".jar", ".war", ".ear", ".par", ".sar", ".nar", ".jpi", ".hpi", ".kar", ".lpkg", ".rar", ".deb", ".rpm", ".gguf", ".safetensors",
}

// shortSuffixes are the one-word names of compressed tars, which the archive library does not know.
var shortSuffixes = map[string]string{".tgz": ".tar.gz", ".tbz2": ".tar.bz2", ".txz": ".tar.xz", ".tzst": ".tar.zst"}

// openFile scans one file; a release archive (tar, zip and the like) as the folder it unpacks to.
func openFile(ctx context.Context, src scanners.Source) (*Tree, error) {
	name := filepath.Base(src.Path)
	metadata := source.FileMetadata{Path: name}
	root, err := os.OpenRoot(filepath.Dir(src.Path))
	if err != nil {
		return nil, err
	}
	info, err := root.Lstat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%q is no regular file", name)
	}
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	if dir, err := unpackArchive(ctx, root, name); err != nil {
		return nil, errors.Join(fmt.Errorf("unpacking %q: %w", name, err), root.Close())
	} else if dir != "" {
		return openUnpacked(ctx, src, dir, metadata, root)
	}
	w := newDirWalk(root, nil)
	if err := w.add(name, fs.FileInfoToDirEntry(info)); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	t := &Tree{src: src, files: w.files, close: root.Close, faults: w.faults}
	t.source = &dirSource{description: describe(src, metadata), resolver: sync.OnceValues(w.resolver)}
	return t, nil
}

func openUnpacked(ctx context.Context, src scanners.Source, dir string, metadata any, root *os.Root) (*Tree, error) {
	closed := root.Close()
	src.Exclude = nil
	t, err := openRoot(ctx, src, dir, metadata)
	if err = errors.Join(err, closed); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	inner := t.close
	t.close = func() error { return errors.Join(inner(), os.RemoveAll(dir)) }
	return t, nil
}

// unpackArchive unpacks an archive into a new temporary folder and gives its path, or "" where name is none.
func unpackArchive(ctx context.Context, root *os.Root, name string) (string, error) {
	lower := strings.ToLower(name)
	for _, s := range packageSuffixes {
		if strings.HasSuffix(lower, s) {
			return "", nil
		}
	}
	if long, ok := shortSuffixes[path.Ext(lower)]; ok {
		lower = strings.TrimSuffix(lower, path.Ext(lower)) + long
	}
	f, err := root.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	format, _, err := archives.Identify(ctx, lower, f)
	if errors.Is(err, archives.NoMatch) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	extractor, ok := format.(archives.Extractor)
	if !ok {
		return "", nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "sealock-archive-")
	if err != nil {
		return "", err
	}
	if err := extract(ctx, extractor, f, info.Size(), dir); err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return dir, nil
}

// extract writes the regular files of an archive below dir. Links and devices are left out; a name that leads out of the archive is
// an error.
func extract(ctx context.Context, x archives.Extractor, f *os.File, packed int64, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	b := newBudget(packed)
	return x.Extract(ctx, f, func(ctx context.Context, e archives.FileInfo) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := b.entry(e.NameInArchive); err != nil {
			return err
		}
		name := path.Clean(strings.ReplaceAll(e.NameInArchive, `\`, "/"))
		if !fs.ValidPath(name) {
			return fmt.Errorf("entry %.200q leads out of the archive", e.NameInArchive)
		}
		if name == "." || e.IsDir() || e.LinkTarget != "" || !e.Mode().IsRegular() {
			return nil
		}
		return writeEntry(root, name, e, b)
	})
}

func writeEntry(root *os.Root, name string, e archives.FileInfo, b *budget) error {
	in, err := e.Open()
	if err != nil {
		return fmt.Errorf("reading %q: %w", name, err)
	}
	defer func() { _ = in.Close() }() // only read from
	if err := root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	out, err := root.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, b.reader(in, name))
	if err = errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("reading %q: %w", name, err)
	}
	return nil
}
