// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
)

// Bounds on an image that is copied.
const (
	MaxImageManifests = 256                    // manifests that an index leads to
	MaxImageDepth     = 3                      // indexes within indexes
	MaxImageBytes     = 128 << 30              // bytes of all blobs
	copyAtOnce        = registry.MaxAtOnce - 1 // what lies beside the image is copied meanwhile
	readWhole         = 1 << 20                // bytes of a blob that is read again rather than asked for: it is one request either way
)

// Content is where an image lies: a repository, a Store, a Layout.
type Content interface {
	registry.Blobs
	Manifest(ctx context.Context, ref string) (registry.Manifest, error)
}

// Target is where an image is copied to: a repository, or a Layout.
type Target interface {
	Content
	Head(ctx context.Context, ref string) (registry.Descriptor, error)
	HasBlob(ctx context.Context, d registry.Descriptor) (bool, error)
	CopyBlob(ctx context.Context, d registry.Descriptor, from registry.Blobs) (registry.Copied, error)
	PutManifest(ctx context.Context, ref, mediaType string, raw []byte) (registry.Descriptor, error)
}

// Image is all that a manifest leads to.
type Image struct {
	Manifests []registry.Manifest   // the image's own is the last; what another one names comes before it
	Blobs     []registry.Descriptor // each once
	from      registry.Blobs
}

// Copied is what was moved, or would be.
type Copied struct {
	Manifests int   `json:"manifests"` // that were not there
	Blobs     int   `json:"blobs"`     // whose bytes are sent
	Bytes     int64 `json:"bytes"`     // of these
	Mounted   int   `json:"mounted"`   // blobs that the registry took from another of its repositories
	Present   int   `json:"present"`   // manifests and blobs that were there
}

// Add adds what else was moved.
func (c *Copied) Add(d Copied) {
	c.Manifests += d.Manifests
	c.Blobs += d.Blobs
	c.Bytes += d.Bytes
	c.Mounted += d.Mounted
	c.Present += d.Present
}

// Top is the image's own manifest.
func (i Image) Top() registry.Manifest { return i.Manifests[len(i.Manifests)-1] }

// ReadImage reads the manifest of an image and every one that it names, by digest. Everything is in it, whatever its platform: an image is copied whole or
// not at all.
func ReadImage(ctx context.Context, from Content, top attest.Digest) (Image, error) {
	w := imageWalk{from: from, manifests: map[attest.Digest]bool{}, blobs: map[attest.Digest]int64{}, image: Image{from: blobsOf(from)}}
	if err := w.walk(ctx, registry.Descriptor{Digest: top, Size: -1}, 0); err != nil {
		return Image{}, fmt.Errorf("reading image %s: %w", top, err)
	}
	return w.image, nil
}

// blobsOf is where blobs come from: of a Store the repository, so that another one of the same registry can mount them.
func blobsOf(from Content) registry.Blobs {
	if s, ok := from.(*Store); ok {
		return s.repo
	}
	return from
}

type imageWalk struct {
	from      Content
	manifests map[attest.Digest]bool
	blobs     map[attest.Digest]int64
	bytes     int64
	image     Image
}

func (w *imageWalk) walk(ctx context.Context, d registry.Descriptor, depth int) error {
	if w.manifests[d.Digest] {
		return nil
	}
	if w.manifests[d.Digest] = true; depth > MaxImageDepth || len(w.manifests) > MaxImageManifests {
		return &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("more than %d manifests, or indexes nested deeper than %d", MaxImageManifests, MaxImageDepth)}
	}
	m, err := w.from.Manifest(ctx, d.Digest.String())
	if err != nil {
		return err
	}
	if got := attest.SHA256(m.Raw); got != d.Digest || d.Size >= 0 && d.Size != int64(len(m.Raw)) {
		return fmt.Errorf("expected manifest %s, found %s of %d bytes\nhint: the registry changed it; don't trust it", d.Digest, got, len(m.Raw))
	}
	var doc struct {
		MediaType string                 `json:"mediaType"`
		Config    *registry.Descriptor   `json:"config"`
		Layers    []registry.Descriptor  `json:"layers"`
		Manifests *[]registry.Descriptor `json:"manifests"`
	}
	if err := attest.DecodeJSON(m.Raw, &doc); err != nil {
		return fmt.Errorf("manifest %s: %w", d.Digest, err)
	}
	switch {
	case doc.Manifests != nil && doc.Config == nil && doc.Layers == nil:
		for _, child := range *doc.Manifests {
			if err := w.walk(ctx, child, depth+1); err != nil {
				return err
			}
		}
	case doc.Manifests == nil && doc.Config != nil:
		for _, b := range append([]registry.Descriptor{*doc.Config}, doc.Layers...) {
			if err := w.blob(b); err != nil {
				return fmt.Errorf("manifest %s: %w", d.Digest, err)
			}
		}
	default:
		return fmt.Errorf("manifest %s is neither an image nor an index\nhint: only OCI images, artifacts and indexes and Docker's schema 2 are copied", d.Digest)
	}
	m.Digest, m.MediaType = d.Digest, kindOf(m.MediaType, doc.MediaType, doc.Manifests != nil)
	w.image.Manifests = append(w.image.Manifests, m)
	return nil
}

// kindOf is the media type under which a manifest is stored: its own, else what it was served as, else what its form is.
func kindOf(served, own string, index bool) string {
	switch {
	case own != "":
		return own
	case served != "":
		return served
	case index:
		return registry.TypeIndex
	}
	return registry.TypeManifest
}

func (w *imageWalk) blob(d registry.Descriptor) error {
	if strings.Contains(d.MediaType, ".nondistributable.") || strings.Contains(d.MediaType, ".foreign.") {
		return fmt.Errorf("layer %s (%.100q) lies outside the registry\nhint: push the image with all its layers", d.Digest, d.MediaType)
	}
	if size, seen := w.blobs[d.Digest]; seen {
		if size != d.Size {
			return fmt.Errorf("blob %s is said to have %d bytes here and %d elsewhere", d.Digest, d.Size, size)
		}
		return nil
	}
	w.blobs[d.Digest] = d.Size
	if w.bytes += d.Size; w.bytes > MaxImageBytes || w.bytes < 0 {
		return &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("blobs have more than %d bytes in all", int64(MaxImageBytes))}
	}
	d.Annotations, d.Data = nil, nil
	w.image.Blobs = append(w.image.Blobs, d)
	return nil
}

// Missing says what copying would move.
func (i Image) Missing(ctx context.Context, to Target) (Copied, error) {
	return i.each(ctx, func(ctx context.Context, d registry.Descriptor) (Copied, error) {
		has, err := to.HasBlob(ctx, d)
		switch {
		case err != nil:
			return Copied{}, err
		case has:
			return Copied{Present: 1}, nil
		}
		return Copied{Blobs: 1, Bytes: d.Size}, nil
	}, func(ctx context.Context, m registry.Manifest) (Copied, error) {
		has, err := hasManifest(ctx, to, m.Digest)
		if err != nil || has {
			return Copied{Present: 1}, err
		}
		return Copied{Manifests: 1}, nil
	})
}

// CopyBlobs copies the blobs, some at a time, and none that is there. Until the manifests are there too, nobody can see them.
func (i Image) CopyBlobs(ctx context.Context, to Target) (Copied, error) {
	return i.each(ctx, func(ctx context.Context, d registry.Descriptor) (Copied, error) {
		how, err := to.CopyBlob(ctx, d, i.from)
		switch {
		case err != nil:
			return Copied{}, err
		case how == registry.Present:
			return Copied{Present: 1}, nil
		case how == registry.Mounted:
			return Copied{Mounted: 1}, nil
		}
		return Copied{Blobs: 1, Bytes: d.Size}, nil
	}, nil)
}

// PutManifests stores the manifests by digest, under no tag.
func (i Image) PutManifests(ctx context.Context, to Target) (Copied, error) {
	return i.each(ctx, nil, func(ctx context.Context, m registry.Manifest) (Copied, error) {
		has, err := hasManifest(ctx, to, m.Digest)
		if err != nil || has {
			return Copied{Present: 1}, err
		}
		return Copied{Manifests: 1}, putManifest(ctx, to, m.Digest.String(), m)
	})
}

// Tag makes a name mean the image.
func (i Image) Tag(ctx context.Context, to Target, tag string) error {
	return putManifest(ctx, to, tag, i.Top())
}

func hasManifest(ctx context.Context, to Target, d attest.Digest) (bool, error) {
	_, err := to.Head(ctx, d.String())
	if registry.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// each goes through blobs, then images, side by side, and then through indexes in their order.
func (i Image) each(ctx context.Context, blob func(context.Context, registry.Descriptor) (Copied, error), one func(context.Context, registry.Manifest) (Copied, error)) (Copied, error) {
	var all tally
	if blob != nil {
		if err := some(ctx, i.Blobs, &all, blob); err != nil {
			return all.sum, err
		}
	}
	if one == nil {
		return all.sum, ctx.Err()
	}
	var images, indexes []registry.Manifest
	for _, m := range i.Manifests {
		if m.MediaType == registry.TypeIndex || m.MediaType == registry.TypeDockerList {
			indexes = append(indexes, m)
		} else {
			images = append(images, m)
		}
	}
	if err := some(ctx, images, &all, one); err != nil {
		return all.sum, err
	}
	for _, m := range indexes {
		c, err := one(ctx, m)
		if err != nil {
			return all.sum, err
		}
		all.add(c)
	}
	return all.sum, ctx.Err()
}

// tally adds up what is done side by side.
type tally struct {
	mu  sync.Mutex
	sum Copied
}

func (t *tally) add(c Copied) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sum.Add(c)
}

// some does a thing for each, some at a time.
func some[T any](ctx context.Context, all []T, sum *tally, do func(context.Context, T) (Copied, error)) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(copyAtOnce)
	for _, x := range all {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			c, err := do(ctx, x)
			sum.add(c)
			return err
		})
	}
	return g.Wait()
}

// Verify reads an image again, by digest: every manifest, every blob up to a size, and of larger ones, unless whole is set, that they are there and how long
// they are. Registries hash what they are sent, and whoever pulls a layer hashes it again.
func (i Image) Verify(ctx context.Context, there Target, whole bool) error {
	again, err := ReadImage(ctx, there, i.Top().Digest)
	if err != nil {
		return err
	}
	if len(again.Manifests) != len(i.Manifests) || len(again.Blobs) != len(i.Blobs) {
		return fmt.Errorf("image %s leads to %d manifests and %d blobs, expected %d and %d", i.Top().Digest, len(again.Manifests), len(again.Blobs), len(i.Manifests), len(i.Blobs))
	}
	_, err = again.each(ctx, func(ctx context.Context, d registry.Descriptor) (Copied, error) {
		if whole || d.Size <= readWhole {
			return Copied{}, readAgain(ctx, there, d)
		}
		has, err := there.HasBlob(ctx, d)
		if err == nil && !has {
			err = fmt.Errorf("blob %s is not there, though it was stored\nhint: promote once more; if it is still missing, the registry loses what it is given", d.Digest)
		}
		return Copied{}, err
	}, nil)
	return err
}

// readAgain reads a blob and holds it against its descriptor, whoever else does.
func readAgain(ctx context.Context, there registry.Blobs, d registry.Descriptor) error {
	if d.Size > readWhole {
		return there.Blob(ctx, d, io.Discard)
	}
	var b bytes.Buffer
	if err := there.Blob(ctx, d, &b); err != nil {
		return err
	}
	if got := attest.SHA256(b.Bytes()); got != d.Digest {
		return fmt.Errorf("expected blob %s, found %s", d.Digest, got)
	}
	return nil
}

// Whole is what copying moves where nothing is there.
func (i Image) Whole() Copied {
	c := Copied{Manifests: len(i.Manifests), Blobs: len(i.Blobs)}
	for _, b := range i.Blobs {
		c.Bytes += b.Size
	}
	return c
}
