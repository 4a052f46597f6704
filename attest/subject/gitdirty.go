// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// checkClean compares the work tree with the commit, if it is what the work tree has checked out. Files are hashed as they lie
// there: neither the index nor any filter is believed. With untracked set, files that Git neither tracks nor ignores count too.
func (p *repository) checkClean(ctx context.Context, c *commit, untracked bool) error {
	if p.work == "" {
		return nil
	}
	head, err := p.find(ctx, "HEAD")
	if CodeOf(err) == NotFound {
		p.head = ""
		return nil // nothing is checked out
	}
	if p.head = head; err != nil || head != c.oid {
		return err
	}
	w := &workTree{git: p.git, env: p.opt.Env, dir: p.work, own: excludes(p.work, p.opt.Dir, append(slices.Clone(p.opt.Exclude), p.opt.Own...)), untracked: untracked}
	diff, err := w.compare(ctx, c.tree, 0)
	if err != nil || len(diff) == 0 {
		return err
	}
	slices.Sort(diff)
	e := fail(DirtyTree, "the work tree differs from commit %.12s in %s: %s", c.oid, paths(len(diff)), some(diff)).
		hint("commit or remove the changes (or add build output to .gitignore), or name the folder as it is with dir:.")
	e.Paths = diff[:min(len(diff), maxNoted)]
	return e
}

func paths(n int) string {
	if n == 1 {
		return "1 path"
	}
	return fmt.Sprintf("%d paths", n)
}

// workTree is the checked-out folder of a repository or submodule.
type workTree struct {
	git       *git
	env       []string
	dir       string
	own       []string // may be there without Git tracking it
	untracked bool
}

// compare gives the paths that differ from the tree.
func (w *workTree) compare(ctx context.Context, t tree, depth int) ([]string, error) {
	root, err := os.OpenRoot(w.dir)
	if err != nil {
		return nil, notFound(err)
	}
	defer root.Close()
	var diff, modes []string
	var content tree
	folders := map[string]bool{".": true}
	for i := range t {
		e := &t[i]
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		switch is, err := w.state(ctx, root, e, folders, depth); {
		case err != nil:
			return nil, fmt.Errorf("comparing %s with the commit: %w", e.path, err)
		case is == otherContent:
			content = append(content, *e)
		case is == otherMode:
			modes = append(modes, e.path)
		case is == otherKind:
			diff = append(diff, e.path)
		}
	}
	if len(modes) > 0 && !w.setting(ctx, "core.fileMode", "false") {
		diff = append(diff, modes...)
	}
	rest, err := w.converted(ctx, root, content)
	if err != nil {
		return nil, err
	}
	diff = append(diff, rest...)
	if w.untracked {
		more, err := w.added(ctx, root, t)
		if err != nil {
			return nil, err
		}
		diff = append(diff, more...)
	}
	return diff, nil
}

type state int

const (
	equal        state = iota
	otherContent       // a file with other bytes, perhaps converted
	otherMode          // the same bytes, other exec bit
	otherKind          // missing, or something else
)

func (w *workTree) state(ctx context.Context, root *os.Root, e *entry, folders map[string]bool, depth int) (state, error) {
	if !realFolder(root, path.Dir(e.path), folders) {
		return otherKind, nil
	}
	info, err := root.Lstat(e.path)
	if errors.Is(err, fs.ErrNotExist) {
		if e.mode == modeGitlink {
			return equal, nil // a submodule that is not checked out
		}
		return otherKind, nil
	}
	if err != nil {
		return equal, err
	}
	switch {
	case e.mode == modeGitlink:
		return w.submodule(ctx, e, info, depth)
	case e.mode == modeLink:
		if info.Mode()&fs.ModeSymlink == 0 {
			return otherKind, nil
		}
		text, err := root.Readlink(e.path)
		if err != nil || rawID(e.oid, []byte(filepath.ToSlash(text))) != e.oid {
			return otherKind, err
		}
		return equal, nil
	case !info.Mode().IsRegular():
		return otherKind, nil
	}
	f, size, err := openRegular(root, e.path, info)
	if err != nil {
		return equal, err
	}
	defer f.Close()
	h := blobHash(native(e.oid), size)
	n, err := io.Copy(h, io.LimitReader(&reader{ctx, f}, size+1))
	if err != nil {
		return equal, err
	}
	if n != size || hex.EncodeToString(h.Sum(nil)) != e.oid {
		return otherContent, nil
	}
	if (info.Mode()&0o100 != 0) != (e.mode == modeExec) {
		return otherMode, nil
	}
	return equal, nil
}

// realFolder reports whether a path is a folder and no part of it a link. Answers are kept in known.
func realFolder(root *os.Root, p string, known map[string]bool) bool {
	if is, ok := known[p]; ok {
		return is
	}
	is := false
	if realFolder(root, path.Dir(p), known) {
		info, err := root.Lstat(p)
		is = err == nil && info.IsDir()
	}
	known[p] = is
	return is
}

// rawID is the id of a blob in the format that like is of.
func rawID(like string, content []byte) string {
	h := blobHash(native(like), int64(len(content)))
	h.Write(content)
	return hex.EncodeToString(h.Sum(nil))
}

// submodule compares a submodule that is checked out with the commit it is pinned to, recursively.
func (w *workTree) submodule(ctx context.Context, e *entry, info fs.FileInfo, depth int) (state, error) {
	if !info.IsDir() {
		return otherKind, nil
	}
	dir := filepath.Join(w.dir, filepath.FromSlash(e.path))
	if _, err := os.Lstat(filepath.Join(dir, ".git")); errors.Is(err, fs.ErrNotExist) {
		names, err := os.ReadDir(dir)
		if err != nil || len(names) > 0 {
			return otherKind, err
		}
		return equal, nil // not checked out
	}
	if depth >= MaxNesting {
		return equal, fail(Limit, "submodules are nested deeper than %d", MaxNesting)
	}
	sub, err := openRepository(ctx, "HEAD", Options{Dir: dir, Env: w.env})
	if err != nil {
		return equal, err
	}
	if head, err := sub.find(ctx, "HEAD"); sub.prefix != "" || head != e.oid {
		if CodeOf(err) == NotFound {
			err = nil
		}
		return otherKind, err
	}
	b, err := sub.git.objects(ctx)
	if err != nil {
		return equal, err
	}
	defer b.close()
	c, err := readCommit(b, e.oid, "")
	if err != nil {
		return equal, err
	}
	inner := &workTree{git: sub.git, env: w.env, dir: dir, untracked: w.untracked}
	for _, x := range w.own {
		if rest, ok := strings.CutPrefix(x, e.path+"/"); ok {
			inner.own = append(inner.own, rest)
		}
	}
	diff, err := inner.compare(ctx, c.tree, depth+1)
	if err != nil || len(diff) == 0 {
		return equal, err
	}
	return otherKind, nil
}

// setting reports whether the repository's configuration gives the setting one of the values.
func (w *workTree) setting(ctx context.Context, name string, values ...string) bool {
	v, err := w.git.line(ctx, "config", "--get", name)
	return err == nil && slices.Contains(values, strings.ToLower(v))
}

// added are the files that Git tracks or does not ignore, and the commit does not have.
func (w *workTree) added(ctx context.Context, root *os.Root, t tree) ([]string, error) {
	out, err := w.git.output(ctx, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if err != nil {
		return nil, err
	}
	known := make(map[string]bool, len(t))
	for i := range t {
		known[t[i].path] = true
	}
	var added []string
	for _, p := range strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		clean := strings.TrimSuffix(p, "/")
		if clean == "" || known[clean] || below(clean, w.own) {
			continue
		}
		known[clean] = true
		if _, err := root.Lstat(clean); err == nil {
			added = append(added, p)
		}
	}
	return added, nil
}
