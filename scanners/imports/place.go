// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// place is the path of a location below the root, with slashes; "." where the whole is meant. What lies outside is an error. For scans of running systems it
// is a URL without user, query and fragment.
func (r *sarifReader) place(at sarifPlace) (string, error) {
	if at.URI == "" && at.Index != nil && *at.Index >= 0 {
		if *at.Index >= len(r.run.Artifacts) {
			return "", fmt.Errorf("there is no artifact %d", *at.Index)
		}
		at = r.run.Artifacts[*at.Index].Location
	}
	if at.URI == "" {
		return ".", nil
	}
	return r.resolve(at, 0)
}

func (r *sarifReader) resolve(at sarifPlace, depth int) (string, error) {
	u, err := url.Parse(at.URI)
	if err != nil || depth > maxDepth {
		return "", fmt.Errorf("path %.120q can't be read", at.URI)
	}
	switch {
	case u.Scheme == "http" || u.Scheme == "https":
		if r.opt.Category != predicate.KindDAST {
			return "", fmt.Errorf("%.120q is no file; scans of running systems are of category dast", withoutCredentials(at.URI))
		}
		u.User, u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = nil, "", false, "", ""
		return u.String(), nil
	case u.Scheme == "file" && u.Host != "" && u.Host != "localhost":
		return "", fmt.Errorf("%.120q lies on another machine", at.URI)
	case u.Scheme == "file" || u.Scheme == "" && strings.HasPrefix(u.Path, "/"):
		return r.belowRoot(u.Path)
	case u.Scheme != "" || u.Host != "":
		return "", fmt.Errorf("%.120q is no path of a file", at.URI)
	}
	p := u.Path
	if base, known := r.run.Bases[at.Base]; known && base.URI != "" {
		b, err := url.Parse(base.URI)
		switch {
		case err != nil:
			return "", fmt.Errorf("base %.120q can't be read", base.URI)
		case b.Scheme == "" && !strings.HasPrefix(b.Path, "/"): // itself relative
			outer, err := r.resolve(base, depth+1)
			if err != nil {
				return "", err
			}
			return local(path.Join(outer, p), at.URI)
		}
		if dir, err := r.belowDir(b.Path); err == nil { // else the folder of another machine, to which the path is relative all the same
			p = path.Join(dir, p)
		}
	}
	return local(p, at.URI)
}

// belowRoot makes an absolute path relative: to the folder at hand, or to the one that the tool names as its own.
func (r *sarifReader) belowRoot(p string) (string, error) {
	if rel, err := r.belowDir(p); err == nil {
		return rel, nil
	}
	for _, name := range sortedKeys(r.run.Bases) {
		if b, err := url.Parse(r.run.Bases[name].URI); err == nil && (b.Scheme == "file" || b.Scheme == "") && path.IsAbs(b.Path) && path.Clean(b.Path) != "/" {
			if rel, err := filepath.Rel(filepath.FromSlash(path.Clean(b.Path)), filepath.FromSlash(path.Clean(p))); err == nil && filepath.IsLocal(rel) {
				return filepath.ToSlash(rel), nil
			}
		}
	}
	return "", fmt.Errorf("%.120q lies outside of what was scanned", p)
}

func (r *sarifReader) belowDir(p string) (string, error) {
	if r.opt.Dir == "" || !path.IsAbs(p) {
		return "", fmt.Errorf("%.120q is not below the root", p)
	}
	dirs := []string{r.opt.Dir}
	if real, err := filepath.EvalSymlinks(r.opt.Dir); err == nil {
		dirs = append(dirs, real)
	}
	for _, dir := range dirs {
		if rel, err := filepath.Rel(dir, filepath.FromSlash(path.Clean(p))); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel), nil
		}
	}
	return "", fmt.Errorf("%.120q is not below the root", p)
}

// local cleans a relative path, and refuses one that leads out.
func local(p, uri string) (string, error) {
	clean := path.Clean(strings.ReplaceAll(p, `\`, "/"))
	if !filepath.IsLocal(filepath.FromSlash(clean)) || strings.ContainsRune(clean, 0) {
		return "", fmt.Errorf("%.120q leads out of what was scanned", uri)
	}
	return clean, nil
}
