// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
	"github.com/sealock-dev/sealock/scanners"
)

// sources writes one OCI layout with the manifests, configurations and layers of all images, each blob once.
func (c *remote) sources(ctx context.Context, tmp string, r *Resolved) ([]scanners.Source, error) {
	dir, err := os.MkdirTemp(tmp, "image-")
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if err := c.pull(ctx, dir); err != nil {
		return nil, err
	}
	b, err := openBlobs(dir)
	if err != nil {
		return nil, err
	}
	defer b.close()
	r.Created = b.newest(ctx, c.top, c.images)
	var out []scanners.Source
	for i, s := range r.Leaves() {
		out = append(out, scanners.Source{Kind: scanners.OCILayout, Path: dir, Manifest: c.images[i].digest, Subject: s})
	}
	return out, nil
}

// pull writes the layout. The blobs are hashed on the way by the Remote; the manifests were hashed when they were read.
func (c *remote) pull(ctx context.Context, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.MkdirAll("blobs/sha256", 0o700); err != nil {
		return err
	}
	index := fmt.Sprintf(`{"schemaVersion":2,"mediaType":%q,"manifests":[{"mediaType":%q,"digest":%q,"size":%d}]}`, ociIndex, c.top.kind(), c.top.digest, c.top.size)
	small := map[string]string{layoutFile: `{"imageLayoutVersion":"1.0.0"}`, layoutIndex: index}
	for _, m := range append([]*manifest{c.top}, c.images...) {
		small[blobFile(m.digest)] = string(m.raw)
	}
	for name, content := range small {
		if err := root.WriteFile(name, []byte(content), 0o600); err != nil {
			return err
		}
	}
	return c.blobs(ctx, func(ctx context.Context, d registry.Descriptor) error {
		f, err := root.OpenFile(blobFile(d.Digest), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		w := bufio.NewWriterSize(f, 256<<10)
		err = c.from.source.Blob(ctx, d, w)
		return errors.Join(err, w.Flush(), f.Close())
	})
}

func blobFile(d attest.Digest) string { return "blobs/sha256/" + d.Hex }

// blobs calls do for every configuration and layer, once each, some at a time. The first error ends the others.
func (c *remote) blobs(ctx context.Context, do func(context.Context, registry.Descriptor) error) error {
	todo, err := c.needed()
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(fetchAtOnce)
	for _, b := range todo {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := do(ctx, b.Descriptor); err != nil {
				return fmt.Errorf("%s: %w", b.what, fromRegistry(err))
			}
			return nil
		})
	}
	return g.Wait()
}

// neededBlob is a blob to fetch, and what it is.
type neededBlob struct {
	registry.Descriptor
	what string
}

// needed lists the blobs of all images, each once, within the bounds.
func (c *remote) needed() ([]neededBlob, error) {
	var out []neededBlob
	sizes := map[attest.Digest]int64{}
	for _, m := range append([]*manifest{c.top}, c.images...) {
		sizes[m.digest] = m.size // these are at hand
	}
	left := int64(MaxImageBytes)
	add := func(d *descriptor, what string) error {
		want, err := d.parse()
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		if size, seen := sizes[want]; seen {
			if size != *d.Size {
				return fail(DigestMismatch, "%s is said to have %d bytes here and %d elsewhere", what, *d.Size, size)
			}
			return nil
		}
		if sizes[want] = *d.Size; *d.Size > left {
			return fail(Limit, "blobs have more than %d bytes in all", int64(MaxImageBytes))
		}
		left -= *d.Size
		out = append(out, neededBlob{registry.Descriptor{MediaType: d.MediaType, Digest: want, Size: *d.Size}, what})
		return nil
	}
	for _, m := range c.images {
		if err := add(&m.config, "configuration of "+m.digest.Short()); err != nil {
			return nil, err
		}
		for i := range m.layers {
			what := fmt.Sprintf("layer %d of %s", i, m.digest.Short())
			if l := &m.layers[i]; len(l.URLs) > 0 || foreignLayer(l.MediaType) {
				return nil, fail(Unsupported, "%s lies outside the registry (media type %.100q, %d addresses)", what, l.MediaType, len(l.URLs)).
					hint("an image can only be judged whole: push it with all its layers")
			}
			if err := add(&m.layers[i], what); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// foreignLayer reports whether a media type says that a layer may not be distributed, so that registries need not have it.
func foreignLayer(mediaType string) bool {
	return strings.Contains(mediaType, ".nondistributable.") || strings.Contains(mediaType, ".foreign.")
}

// kind is the manifest's media type, by its form where it names none.
func (m *manifest) kind() string {
	switch {
	case m.mediaType != "":
		return m.mediaType
	case m.index:
		return ociIndex
	}
	return ociManifest
}
