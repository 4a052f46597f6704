// SPDX-License-Identifier: Apache-2.0

// Package sbom lists the packages of a source with syft, as CycloneDX and as SPDX.
//
// Use: Open prepares a source once, Generate catalogues it, and the Document is written out or handed to the vulnerability scanner as it
// is in memory. The Tree is also the one walk over files that the other scanners share.
//
// Guarantees: the same subject gives the same bytes, wherever it lies on disk; nothing of the tree is run, no network is used, no
// configuration or ignore file of the tree is read; no symbolic link is followed and nothing outside the source is opened; every layer
// and manifest of an image is checked against its digest; past a bound, or where something could not be read, is an error.
//
// Limits: archives inside a folder or an image are opened only where they are packages (Java archives, .deb, .rpm). What a cataloger
// could not parse is listed in Document.Unread and in the SBOM, it is no error: broken samples are common in test data.
package sbom

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/anchore/syft/syft/source"

	"github.com/sealock-dev/sealock/scanners"
)

// Tree is a source made ready: a folder that was walked, or an image that was unpacked. It implements scanners.Files and may be read by
// several scanners at once. Close removes what was unpacked.
type Tree struct {
	src    scanners.Source
	source source.Source
	files  []entry
	close  func() error
	faults *faults
}

var _ scanners.Files = (*Tree)(nil)

// entry is a regular file of the source. Its size is what the directory or the archive claims.
type entry struct {
	path string // slash-separated, without leading slash
	size int64
	open func() (io.ReadCloser, error)
}

// Open prepares src. The Tree must be closed.
func Open(ctx context.Context, src scanners.Source) (*Tree, error) {
	if len(src.Subject.Digest) == 0 {
		return nil, fmt.Errorf("opening %s %q: the subject has no digest, so an SBOM could not say what it is about", src.Kind, src.Subject.Name)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var t *Tree
	var err error
	switch src.Kind {
	case scanners.Dir:
		t, err = openDir(ctx, src)
	case scanners.File:
		t, err = openFile(ctx, src)
	case scanners.OCILayout:
		t, err = openLayout(ctx, src)
	case scanners.DockerArchive:
		t, err = openDockerArchive(ctx, src)
	default:
		err = fmt.Errorf("kind of source %q is not known", src.Kind)
	}
	if err != nil {
		return nil, fmt.Errorf("opening %s for scanning: %w", src.Subject, err)
	}
	return t, nil
}

// Source is what was opened.
func (t *Tree) Source() scanners.Source { return t.src }

// Close removes temporary files. The Tree can't be used afterwards.
func (t *Tree) Close() error {
	if t.close == nil {
		return nil
	}
	return t.close()
}

// Walk visits every regular file, in order of path; for an image the files of every layer from the first to the last, those too that
// a later layer deletes or replaces. It stops at the first error.
func (t *Tree) Walk(ctx context.Context, visit func(scanners.FileEntry) error) error {
	for _, f := range t.files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := visit(scanners.FileEntry{Path: f.path, Size: f.size, Open: f.open}); err != nil {
			return err
		}
	}
	return nil
}

// faults remembers the first failure to read, because a cataloger may pass over it in silence.
type faults struct {
	mu  sync.Mutex
	err error
}

func (f *faults) note(path string, err error) {
	if err == nil || errors.Is(err, io.EOF) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = fmt.Errorf("reading %q: %w", path, err)
	}
}

func (f *faults) first() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}
