// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// blobs reads the blobs of a layout. None is found through a link.
type blobs struct {
	root *os.Root
	dir  *os.Root // blobs/sha256
}

func openBlobs(p string) (*blobs, error) {
	root, err := os.OpenRoot(p)
	if err != nil {
		return nil, notFound(err)
	}
	b := &blobs{root: root}
	version, err := b.small(layoutFile, 4096)
	if err != nil {
		b.close()
		return nil, err
	}
	var head struct {
		Version string `json:"imageLayoutVersion"`
	}
	if err := attest.DecodeJSON(version, &head); err != nil || head.Version != "1.0.0" {
		b.close()
		return nil, fail(Unsupported, "oci-layout says version %.40q, expected \"1.0.0\"", head.Version).because(err)
	}
	at := root
	for _, name := range []string{"blobs", "sha256"} {
		next, err := enter(at, name)
		if at != root {
			at.Close()
		}
		if err != nil {
			b.close()
			return nil, fmt.Errorf("opening blobs/sha256: %w", err)
		}
		at = next
	}
	b.dir = at
	return b, nil
}

// enter opens a folder that is no link.
func enter(parent *os.Root, name string) (*os.Root, error) {
	info, err := parent.Lstat(name)
	if err != nil {
		return nil, notFound(err)
	}
	if !info.IsDir() {
		return nil, fail(Unsupported, "%s is %s, expected a folder", name, kindOf(info)).hint("copy the layout with its files, not with links to them")
	}
	return openFolder(parent, name, info)
}

func (b *blobs) close() {
	b.root.Close()
	if b.dir != nil {
		b.dir.Close()
	}
}

// small reads a bounded file at the top of the layout.
func (b *blobs) small(name string, limit int64) ([]byte, error) {
	f, size, err := regular(b.root, name)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	defer f.Close()
	if size > limit {
		return nil, fail(Limit, "%s has %d bytes, limit %d", name, size, limit)
	}
	return io.ReadAll(io.LimitReader(f, limit))
}

// regular opens a regular file that is no link.
func regular(root *os.Root, name string) (*os.File, int64, error) {
	info, err := root.Lstat(name)
	if err != nil {
		return nil, 0, notFound(err)
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fail(Unsupported, "%s is %s, expected a regular file", name, kindOf(info)).hint("copy the layout with its files, not with links to them")
	}
	return openRegular(root, name, info)
}

func (b *blobs) index() (*manifest, error) {
	raw, err := b.small(layoutIndex, MaxManifest)
	if err != nil {
		return nil, err
	}
	m, err := parseManifest(raw, "")
	if err != nil {
		return nil, fmt.Errorf("reading index.json: %w", err)
	}
	if !m.index {
		return nil, fail(Malformed, "index.json is an image manifest, expected an index")
	}
	return m, nil
}

// check streams a blob to w and holds it against its descriptor.
func (b *blobs) check(ctx context.Context, d *descriptor, w io.Writer) error {
	want, err := d.parse()
	if err != nil {
		return err
	}
	f, size, err := regular(b.dir, want.Hex)
	if errors.Is(err, fs.ErrNotExist) {
		return fail(NotFound, "blob %s is not in the layout", want).hint("copy the whole image, foreign layers included")
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if size != *d.Size {
		return fail(DigestMismatch, "blob %s has %d bytes, its descriptor says %d", want, size, *d.Size)
	}
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(h, w), io.LimitReader(&reader{ctx, f}, size)); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != want.Hex {
		return fail(DigestMismatch, "blob %s holds content of sha256:%s", want, got).hint("the layout is damaged or was changed; build or copy it again")
	}
	return nil
}

// read gives the content of a small blob.
func (b *blobs) read(ctx context.Context, d *descriptor, limit int64) ([]byte, error) {
	if d.Size != nil && *d.Size > limit {
		return nil, fail(Limit, "blob %.80s has %d bytes, limit %d", printable(d.Digest), *d.Size, limit)
	}
	var buf bytes.Buffer
	err := b.check(ctx, d, &buf)
	return buf.Bytes(), err
}

func (b *blobs) manifest(ctx context.Context, d *descriptor) (*manifest, error) {
	raw, err := b.read(ctx, d, MaxManifest)
	if err != nil {
		return nil, err
	}
	m, err := parseManifest(raw, d.MediaType)
	if err != nil {
		return nil, fmt.Errorf("manifest %.80s: %w", d.Digest, err)
	}
	return m, nil
}

// newest is when a subject says it was made: its own annotation, or its newest image's time.
func (b *blobs) newest(ctx context.Context, top *manifest, images []*manifest) time.Time {
	at := parseTime(top.annotations[annotationCreated])
	if !at.IsZero() {
		return at
	}
	for _, m := range images {
		if t := b.created(ctx, m); t.After(at) {
			at = t
		}
	}
	return at
}

// created is when the image says it was made: its annotation, else its configuration. An image without a readable one has no time.
func (b *blobs) created(ctx context.Context, m *manifest) time.Time {
	if at := parseTime(m.annotations[annotationCreated]); !at.IsZero() {
		return at
	}
	raw, err := b.read(ctx, &m.config, MaxConfig)
	if err != nil {
		return time.Time{}
	}
	var config struct {
		Created string `json:"created"`
	}
	if err := attest.DecodeJSON(raw, &config); err != nil {
		return time.Time{}
	}
	return parseTime(config.Created)
}
