// SPDX-License-Identifier: Apache-2.0

// Package scanners says what is scanned and what a scanner must keep: a complete result or an error, never a partial one.
// Each scanner is a subpackage with one heavy dependency; none reads configuration from the tree it scans, and none runs a tool
// of that tree.
package scanners

import (
	"context"
	"io"

	"github.com/sealock-dev/sealock/attest"
)

// Kind is the form in which the content of a subject lies on disk.
type Kind string

// The forms of content.
const (
	Dir           Kind = "dir"            // a folder: a checkout that was exported, or a dir: subject
	File          Kind = "file"           // a single file
	OCILayout     Kind = "oci-layout"     // a folder in OCI image layout; Manifest names the image in it
	DockerArchive Kind = "docker-archive" // a tar file as docker save writes it
)

// Source is one thing to scan. An index is scanned as one Source for each of its platforms.
type Source struct {
	Kind     Kind
	Path     string         // absolute
	Manifest attest.Digest  // OCILayout: the image manifest
	Subject  attest.Subject // what the evidence will be about
	Exclude  []string       // Dir: slash-separated paths below Path that are not part of the subject (.git, the store, outputs)
}

// Files is the one walk over a source's regular files that all scanners share. Paths are slash-separated and relative to the source's
// root. For images every layer's files are visited, deleted ones too.
type Files interface {
	Walk(ctx context.Context, visit func(FileEntry) error) error
}

// FileEntry is one regular file.
type FileEntry struct {
	Path string
	Size int64
	Open func() (io.ReadCloser, error)
}
