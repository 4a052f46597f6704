// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/scanners"
)

// folder is a dir: subject.
type folder struct {
	path    string
	exclude []string // slash-separated, below path
}

func resolveFolder(ctx context.Context, r *Resolved, opt Options) error {
	named := at(opt.Dir, r.Ref.Path)
	p, err := existing(named)
	if err != nil {
		return err
	}
	if p != named && isLink(named) {
		r.Notes = append(r.Notes, fmt.Sprintf("%s is a symbolic link, resolved to the folder %s", r.Ref.Path, filepath.Base(p)))
	}
	f := &folder{path: p, exclude: excludes(p, opt.Dir, opt.Exclude)}
	t, _, err := f.read(ctx)
	if err != nil {
		return err
	}
	r.Subject = attest.Subject{Name: filepath.Base(p), Digest: t.digests()}
	if _, ok := r.Subject.Digest["dirHash"]; !ok {
		r.Notes = append(r.Notes, noDirHash)
	}
	if out := linksOut(t); len(out) > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("%d symbolic links point out of the folder and are hashed as links: %s", len(out), some(out)))
	}
	r.content = f
	return nil
}

const noDirHash = "a file name has a line break, so there is no dirHash"

// read hashes the folder. skipped are the .git entries that were left out, wherever they lie.
func (f *folder) read(ctx context.Context) (t tree, skipped []string, err error) {
	root, err := os.OpenRoot(f.path)
	if err != nil {
		return nil, nil, notFound(err)
	}
	defer root.Close()
	var count tally
	err = walk(ctx, root, "", func(rel string, info fs.FileInfo, parent *os.Root) (bool, error) {
		if info.Name() == ".git" {
			skipped = append(skipped, rel)
			return false, nil
		}
		if below(rel, f.exclude) {
			return false, nil
		}
		if info.IsDir() {
			return true, checkPath(rel)
		}
		if err := count.add(rel, info.Size()); err != nil {
			return false, err
		}
		e, err := readEntry(ctx, parent, rel, info)
		t = append(t, e)
		return false, err
	})
	if err != nil {
		return nil, nil, err
	}
	if len(t) == 0 {
		return nil, nil, fail(Empty, "the folder has no files").hint("name a folder with content")
	}
	t.sort()
	return t, skipped, nil
}

// walk visits every entry below root, parents first; visit says whether to go into a folder. Links are not followed.
func walk(ctx context.Context, root *os.Root, prefix string, visit func(rel string, info fs.FileInfo, parent *os.Root) (bool, error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	names, err := list(root)
	if err != nil {
		return err
	}
	for _, name := range names {
		rel := prefix + name
		if err := checkPath(rel); err != nil {
			return err
		}
		info, err := root.Lstat(name)
		if err != nil {
			return fmt.Errorf("reading %s: %w", rel, err)
		}
		into, err := visit(rel, info, root)
		if err != nil {
			return err
		}
		if !into {
			continue
		}
		sub, err := openFolder(root, name, info)
		if err != nil {
			return fmt.Errorf("reading %s: %w", rel, err)
		}
		err = walk(ctx, sub, rel+"/", visit)
		sub.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// list gives the names in a folder, sorted and bounded.
func list(root *os.Root) ([]string, error) {
	d, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	defer d.Close()
	var names []string
	for {
		some, err := d.Readdirnames(4096)
		names = append(names, some...)
		if errors.Is(err, io.EOF) {
			slices.Sort(names)
			return names, nil
		}
		if err != nil {
			return nil, err
		}
		if len(names) > MaxEntries {
			return nil, fail(Limit, "more than %d entries in the folder %s", MaxEntries, filepath.Base(root.Name()))
		}
	}
}

func readEntry(ctx context.Context, parent *os.Root, rel string, info fs.FileInfo) (entry, error) {
	e := entry{path: rel}
	switch {
	case info.Mode().IsRegular():
		e.mode = modeFile
		if info.Mode()&0o100 != 0 {
			e.mode = modeExec
		}
		f, size, err := openRegular(parent, info.Name(), info)
		if err != nil {
			return e, fmt.Errorf("reading %s: %w", rel, err)
		}
		defer f.Close()
		return e, e.hashFile(&reader{ctx, f}, size)
	case info.Mode()&fs.ModeSymlink != 0:
		e.mode = modeLink
		text, err := parent.Readlink(info.Name())
		if err != nil {
			return e, fmt.Errorf("reading link %s: %w", rel, err)
		}
		if len(text) > MaxLinkBytes {
			return e, fail(Limit, "link %s has %d bytes, limit %d", rel, len(text), MaxLinkBytes)
		}
		e.hashLink(filepath.ToSlash(text))
		return e, nil
	}
	return e, fail(Unsupported, "%s is %s, expected a file, a folder or a link", rel, kindOf(info)).hint("remove it, or name a folder without it")
}

// openFolder opens the folder that info describes, not one that a link put in its place.
func openFolder(parent *os.Root, name string, info fs.FileInfo) (*os.Root, error) {
	sub, err := parent.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	got, err := sub.Stat(".")
	if err == nil && !os.SameFile(info, got) {
		err = fail(Changed, "%s was replaced while it was read", name)
	}
	if err != nil {
		sub.Close()
		return nil, err
	}
	return sub, nil
}

// openRegular opens the regular file that info describes, never through a link, never waiting for a pipe.
func openRegular(parent *os.Root, name string, info fs.FileInfo) (*os.File, int64, error) {
	f, err := parent.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, 0, err
	}
	got, err := f.Stat()
	if err == nil && (!got.Mode().IsRegular() || !os.SameFile(info, got)) {
		err = fail(Changed, "%s was replaced while it was read", name)
	}
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, got.Size(), nil
}

func (f *folder) rehash(ctx context.Context) (attest.DigestSet, error) {
	t, _, err := f.read(ctx)
	if err != nil {
		return nil, err
	}
	return t.digests(), nil
}

func (f *folder) verify(ctx context.Context) error {
	_, err := f.rehash(ctx)
	return err
}

func (f *folder) sources(ctx context.Context, _ string, r *Resolved) ([]scanners.Source, error) {
	t, skipped, err := f.read(ctx)
	if err != nil {
		return nil, err
	}
	if got := t.digests()["gitTree256"]; got != r.Subject.Digest["gitTree256"] {
		return nil, fail(Changed, "changed since it was resolved: gitTree256 was %s and is %s", r.Subject.Digest["gitTree256"], got).
			hint("let nothing write there while sealock runs")
	}
	out := append(slices.Clone(f.exclude), skipped...)
	slices.Sort(out)
	return []scanners.Source{{Kind: scanners.Dir, Path: f.path, Subject: r.Subject, Exclude: slices.Compact(out)}}, nil
}
