// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// excludes are paths relative to dir as slash-separated paths below root. One that is root itself, or holds it, leaves nothing out.
func excludes(root, dir string, paths []string) []string {
	var out []string
	for _, p := range paths {
		for _, abs := range []string{at(dir, p), realPath(at(dir, p))} {
			rel, err := filepath.Rel(root, abs)
			if err == nil && rel != "." && filepath.IsLocal(rel) {
				out = append(out, filepath.ToSlash(rel))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// realPath resolves the links in the part of p that exists.
func realPath(p string) string {
	if real, err := filepath.EvalSymlinks(p); err == nil {
		return real
	}
	parent := filepath.Dir(p)
	if parent == p {
		return p
	}
	return filepath.Join(realPath(parent), filepath.Base(p))
}

// existing is the path without links.
func existing(p string) (string, error) {
	real, err := filepath.EvalSymlinks(p)
	return real, notFound(err)
}

func notFound(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fail(NotFound, "nothing lies at this path").because(err)
	}
	return err
}

// kindOf names what is neither a file nor a folder.
func kindOf(info fs.FileInfo) string {
	switch info.Mode().Type() {
	case 0:
		return "a file"
	case fs.ModeDir:
		return "a folder"
	case fs.ModeSymlink:
		return "a symbolic link"
	case fs.ModeSocket:
		return "a socket"
	case fs.ModeNamedPipe:
		return "a pipe"
	}
	return "a device"
}

func isLink(p string) bool {
	info, err := os.Lstat(p)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// linksOut are the links of a tree that don't stay inside it.
func linksOut(t tree) []string {
	var out []string
	for i := range t {
		if t[i].mode == modeLink && !staysInside(t[i].path, t[i].text) {
			out = append(out, t[i].path)
		}
	}
	return out
}

// staysInside reports whether a link points below the root: a relative path that goes up first, if at all, no higher than the
// root, and then only down. Going up after going down is refused, since what it passes may be a link itself.
func staysInside(link, text string) bool {
	if text == "" || strings.HasPrefix(text, "/") || strings.ContainsAny(text, "\\\x00") || filepath.VolumeName(text) != "" {
		return false
	}
	depth, down := strings.Count(link, "/"), false
	for _, part := range strings.Split(text, "/") {
		switch part {
		case "..":
			depth--
			if down || depth < 0 {
				return false
			}
		case "", ".":
		default:
			down = true
		}
	}
	return true
}
