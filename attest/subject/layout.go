// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/scanners"
)

// Files of an OCI image layout (https://github.com/opencontainers/image-spec/blob/main/image-layout.md).
const (
	layoutFile  = "oci-layout"
	layoutIndex = "index.json"
)

// layout is an oci-layout: subject.
type layout struct {
	path   string
	top    *manifest
	images []*manifest // what is scanned, in the order of Platforms
}

func resolveLayout(ctx context.Context, r *Resolved, opt Options) error {
	named := at(opt.Dir, r.Ref.Path)
	p, err := existing(named)
	if err != nil {
		return err
	}
	b, err := openBlobs(p)
	if err != nil {
		return err
	}
	defer b.close()
	index, err := b.index()
	if err != nil {
		return err
	}
	d, m, err := b.choose(ctx, index, r.Ref)
	if err != nil {
		return err
	}
	r.Repository, r.Tag = claimed(d)
	images, err := describe(ctx, r, b, filepath.Base(named), m)
	if err != nil {
		return err
	}
	r.content = &layout{path: p, top: m, images: images}
	r.Created = b.newest(ctx, m, images)
	return nil
}

// claimed are the repository and tag that annotations name.
func claimed(d *descriptor) (repository, tag string) {
	full := printable(d.Annotations[annotationImage])
	if i := strings.LastIndexByte(full, ':'); i > strings.LastIndexByte(full, '/') {
		return full[:i], full[i+1:]
	}
	return full, printable(d.Annotations[annotationRefName])
}

// choose finds the manifest that the reference means: the named one, or the only one.
func (b *blobs) choose(ctx context.Context, index *manifest, ref Ref) (*descriptor, *manifest, error) {
	if !ref.Digest.IsZero() {
		left := MaxManifests
		d, m, err := b.find(ctx, index, ref.Digest, 0, &left)
		if err == nil && m == nil {
			err = fail(NotFound, "no manifest %s is reachable from index.json", ref.Digest).hint("index.json has: %s", names(index, ref))
		}
		return d, m, err
	}
	var only *descriptor
	for i := range index.manifests {
		d := &index.manifests[i]
		if only != nil && only.Digest != d.Digest {
			return nil, nil, fail(AmbiguousRef, "index.json has several manifests").hint("write the one that is meant: %s", names(index, ref))
		}
		only = d
	}
	if only == nil {
		return nil, nil, fail(Empty, "index.json names no manifest").hint("write an image into the layout first")
	}
	m, err := b.manifest(ctx, only)
	return only, m, err
}

// names lists how each manifest of an index would be written.
func names(index *manifest, ref Ref) string {
	var out []string
	for i := range index.manifests {
		d := &index.manifests[i]
		s := fmt.Sprintf("oci-layout:%s@%.80s", ref.Path, printable(d.Digest))
		if l := d.label(); l != "" {
			s += " (" + l + ")"
		}
		out = append(out, s)
	}
	return some(out)
}

func (b *blobs) find(ctx context.Context, in *manifest, want attest.Digest, depth int, left *int) (*descriptor, *manifest, error) {
	if depth > MaxIndexDepth {
		return nil, nil, fail(Limit, "indexes are nested deeper than %d", MaxIndexDepth)
	}
	for i := range in.manifests {
		d := &in.manifests[i]
		if *left--; *left < 0 {
			return nil, nil, fail(Limit, "more than %d manifests are reachable", MaxManifests)
		}
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		if d.Digest == want.String() {
			m, err := b.manifest(ctx, d)
			return d, m, err
		}
		if d.MediaType == ociManifest || d.MediaType == dockerManifest {
			continue
		}
		m, err := b.manifest(ctx, d)
		if c := CodeOf(err); c == Unsupported || c == NotFound {
			continue // it holds nothing that could be chosen
		}
		if err != nil {
			return nil, nil, err
		}
		if d, m, err := b.find(ctx, m, want, depth+1, left); err != nil || m != nil {
			return d, m, err
		}
	}
	return nil, nil, nil
}

func parseTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() < 1971 {
		return time.Time{} // absent, or the epoch that reproducible builds write
	}
	return t.UTC()
}

func (l *layout) rehash(ctx context.Context) (attest.DigestSet, error) {
	if err := l.verify(ctx); err != nil {
		return nil, err
	}
	return attest.DigestSet{"sha256": l.top.digest.Hex}, nil
}

// verify hashes the index and every image's manifest, configuration and layers, as they lie there now.
func (l *layout) verify(ctx context.Context) error {
	b, err := openBlobs(l.path)
	if err != nil {
		return err
	}
	defer b.close()
	done := map[string]bool{}
	left := int64(MaxImageBytes)
	check := func(d *descriptor, what string) error {
		if done[d.Digest] {
			return nil
		}
		done[d.Digest] = true
		if d.Size != nil {
			if left -= *d.Size; left < 0 {
				return fail(Limit, "blobs have more than %d bytes in all", int64(MaxImageBytes))
			}
		}
		if err := b.check(ctx, d, io.Discard); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		return nil
	}
	for _, m := range append([]*manifest{l.top}, l.images...) {
		own := descriptor{Digest: m.digest.String(), Size: &m.size}
		if err := check(&own, "manifest"); err != nil {
			return err
		}
	}
	for _, m := range l.images {
		if err := check(&m.config, "configuration of "+m.digest.Short()); err != nil {
			return err
		}
		for i := range m.layers {
			if err := check(&m.layers[i], fmt.Sprintf("layer %d of %s", i, m.digest.Short())); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *layout) sources(ctx context.Context, _ string, r *Resolved) ([]scanners.Source, error) {
	if err := l.verify(ctx); err != nil {
		return nil, err
	}
	var out []scanners.Source
	for i, s := range r.Leaves() {
		out = append(out, scanners.Source{Kind: scanners.OCILayout, Path: l.path, Manifest: l.images[i].digest, Subject: s})
	}
	return out, nil
}
