// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	stfile "github.com/anchore/stereoscope/pkg/file"
	"github.com/anchore/stereoscope/pkg/filetree"
	"github.com/anchore/syft/syft/file"
)

// dirResolver answers syft's questions about a folder from the index of the one walk. It knows regular files only, so there is no link
// to follow.
type dirResolver struct {
	tree   *filetree.FileTree
	index  filetree.Index
	search filetree.Searcher
	open   func(path string) (io.ReadCloser, error)
}

var _ file.Resolver = (*dirResolver)(nil)

func (r *dirResolver) HasPath(p string) bool { return r.tree.HasPath(stfile.Path(rooted(p))) }

func (r *dirResolver) FilesByPath(paths ...string) ([]file.Location, error) {
	var out []file.Location
	for _, p := range paths {
		found, err := r.search.SearchByPath(rooted(p))
		if err != nil {
			return nil, fmt.Errorf("looking up %q: %w", p, err)
		}
		if found != nil {
			out = r.locate(out, map[stfile.ID]bool{}, *found)
		}
	}
	return out, nil
}

func (r *dirResolver) FilesByGlob(patterns ...string) ([]file.Location, error) {
	var out []file.Location
	seen := map[stfile.ID]bool{}
	for _, p := range patterns {
		if !strings.HasPrefix(p, "/") && !strings.HasPrefix(p, "*") {
			p = "/" + p
		}
		found, err := r.search.SearchByGlob(p)
		if err != nil {
			return nil, fmt.Errorf("looking for %q: %w", p, err)
		}
		out = r.locate(out, seen, found...)
	}
	return out, nil
}

func (r *dirResolver) FilesByMIMEType(types ...string) ([]file.Location, error) {
	found, err := r.search.SearchByMIMEType(types...)
	if err != nil {
		return nil, err
	}
	return r.locate(nil, map[stfile.ID]bool{}, found...), nil
}

func (r *dirResolver) RelativeFileByPath(_ file.Location, p string) *file.Location {
	found, err := r.FilesByPath(p)
	if err != nil || len(found) == 0 {
		return nil
	}
	return &found[0]
}

func (r *dirResolver) FileContentsByLocation(l file.Location) (io.ReadCloser, error) {
	e, err := r.index.Get(l.Reference())
	if err != nil {
		return nil, fmt.Errorf("%q: %w", l.RealPath, fs.ErrNotExist)
	}
	return r.open(strings.TrimPrefix(e.Path, "/"))
}

func (r *dirResolver) FileMetadataByLocation(l file.Location) (file.Metadata, error) {
	e, err := r.index.Get(l.Reference())
	if err != nil {
		return file.Metadata{}, fmt.Errorf("%q: %w", l.RealPath, fs.ErrNotExist)
	}
	return e.Metadata, nil
}

func (r *dirResolver) AllLocations(ctx context.Context) <-chan file.Location {
	out := make(chan file.Location)
	go func() {
		defer close(out)
		for _, ref := range r.tree.AllFiles(stfile.TypeRegular) {
			select {
			case <-ctx.Done():
				return
			case out <- file.NewLocationFromDirectory(string(ref.RealPath), "", ref):
			}
		}
	}()
	return out
}

// locate appends the regular files among what a search found.
func (r *dirResolver) locate(out []file.Location, seen map[stfile.ID]bool, found ...stfile.Resolution) []file.Location {
	for _, f := range found {
		if !f.HasReference() || seen[f.ID()] {
			continue
		}
		if e, err := r.index.Get(*f.Reference); err != nil || e.IsDir() {
			continue
		}
		seen[f.ID()] = true
		out = append(out, file.NewVirtualLocationFromDirectory(string(f.RealPath), string(f.RequestPath), *f.Reference))
	}
	return out
}

// rooted makes a path absolute in the source. ".." can't leave it.
func rooted(p string) string { return path.Clean("/" + p) }
