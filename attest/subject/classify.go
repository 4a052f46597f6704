// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"archive/tar"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Complete gives a reference without a scheme the one that fits what lies at the path (relative to dir): a folder with an
// oci-layout file, another folder, a docker-archive, another file. What may mean two things is an error that lists the spellings.
func (r Ref) Complete(dir string) (Ref, error) {
	switch {
	case r.Path == "":
		return Ref{}, fail(Malformed, "no subject is named").hint("write one of: %s", spellings)
	case r.Scheme == Registry && r.Bare:
		if found, err := classify(dir, r.String()); err == nil {
			return Ref{}, ambiguous(r, found.String(), registryPrefix+r.String())
		}
		return r, nil
	case r.Scheme != Auto:
		return r, nil
	}
	found, err := classify(dir, r.Path)
	folder, d, splitErr := splitDigest(r.Path)
	if splitErr != nil || d.IsZero() || folder == "" {
		return found, about(r, err)
	}
	layout, layoutErr := classify(dir, folder)
	switch {
	case layoutErr == nil && layout.Scheme == OCILayout && err == nil:
		layout.Digest = d
		return Ref{}, ambiguous(r, found.String(), layout.String())
	case layoutErr == nil && layout.Scheme == OCILayout:
		layout.Digest = d
		return layout, nil
	}
	return found, about(r, err)
}

func ambiguous(r Ref, ways ...string) error {
	return &Error{Code: AmbiguousRef, Ref: r.String(), Detail: "may mean " + strings.Join(ways, " or "), Hint: "write the one that is meant"}
}

func classify(dir, p string) (Ref, error) {
	abs := at(dir, p)
	info, err := os.Stat(abs)
	if errors.Is(err, fs.ErrNotExist) {
		return Ref{}, fail(NotFound, "nothing lies at this path").hint("write one of: %s", spellings)
	}
	if err != nil {
		return Ref{}, err
	}
	if info.IsDir() {
		if _, err := os.Lstat(filepath.Join(abs, layoutFile)); err == nil {
			return Ref{Scheme: OCILayout, Path: p}, nil
		}
		return Ref{Scheme: Dir, Path: p}, nil
	}
	if !info.Mode().IsRegular() {
		return Ref{}, fail(Unsupported, "is %s, expected a file or a folder", kindOf(info))
	}
	is, err := isDockerArchive(abs)
	if err != nil {
		return Ref{}, err
	}
	if is {
		return Ref{Scheme: DockerArchive, Path: p}, nil
	}
	return Ref{Scheme: File, Path: p}, nil
}

// isDockerArchive reports whether the file is a tar archive with a manifest.json, as docker save writes it.
func isDockerArchive(p string) (bool, error) {
	f, err := os.Open(p)
	if err != nil {
		return false, err
	}
	defer f.Close()
	t := tar.NewReader(f)
	for range MaxTarEntries {
		h, err := t.Next()
		if err != nil {
			var pathErr *fs.PathError
			if errors.As(err, &pathErr) {
				return false, err
			}
			return false, nil // the end, or no tar archive
		}
		if path.Clean(h.Name) == archiveManifest {
			return true, nil
		}
	}
	return false, nil
}

// at is p seen from dir, absolute and clean.
func at(dir, p string) string {
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(dir, p)
}
