// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
)

// Names in an OCI image layout (https://github.com/opencontainers/image-spec/blob/main/image-layout.md).
const (
	layoutFile  = "oci-layout"
	layoutIndex = "index.json"
	blobFolder  = "blobs/sha256"
	annRefName  = "org.opencontainers.image.ref.name"
)

// Layout is an image in a folder. Blobs are named by their digest, each written aside and renamed; the one image that index.json names is what the folder
// holds, and is changed last, at once. No link is followed.
type Layout struct{ root *os.Root }

var _ Target = (*Layout)(nil)

// OpenLayout opens a layout. Where make is set, one that is not there is begun: it names no image until Tag.
func OpenLayout(dir string, create bool) (*Layout, error) {
	if create {
		if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // images are public
			return nil, err
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	l := &Layout{root}
	if create {
		err = l.begin()
	}
	if err == nil {
		err = l.check()
	}
	if err != nil {
		_ = root.Close()
		return nil, fmt.Errorf("OCI layout %s: %w", dir, err)
	}
	return l, nil
}

// Close ends the use of the folder.
func (l *Layout) Close() error { return l.root.Close() }

func (l *Layout) begin() error {
	if err := l.root.MkdirAll(blobFolder, 0o755); err != nil {
		return err
	}
	if _, err := l.root.Lstat(layoutFile); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return l.replace(layoutFile, []byte(`{"imageLayoutVersion":"1.0.0"}`))
}

func (l *Layout) check() error {
	raw, err := l.read(layoutFile, 4096)
	if err != nil {
		return err
	}
	var v struct {
		Version string `json:"imageLayoutVersion"`
	}
	if err := attest.DecodeJSON(raw, &v); err != nil || v.Version != "1.0.0" {
		return fmt.Errorf("its version is %.40q, expected 1.0.0", v.Version)
	}
	for _, name := range []string{"blobs", blobFolder} {
		if info, err := l.root.Lstat(name); err != nil || !info.IsDir() {
			return fmt.Errorf("%s is no folder: %w", name, err)
		}
	}
	return nil
}

// open opens a regular file that is no link.
func (l *Layout) open(name string) (*os.File, int64, error) {
	before, err := l.root.Lstat(name)
	if err != nil {
		return nil, 0, err
	}
	if !before.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%s is no regular file\nhint: copy the layout with its files, not with links to them", name)
	}
	f, err := l.root.Open(name)
	if err != nil {
		return nil, 0, err
	}
	after, err := f.Stat()
	if err == nil && !os.SameFile(before, after) {
		err = fmt.Errorf("%s changed while it was opened", name)
	}
	if err != nil {
		_ = f.Close()
		return nil, 0, err
	}
	return f, after.Size(), nil
}

func (l *Layout) read(name string, limit int64) ([]byte, error) {
	f, size, err := l.open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if size > limit {
		return nil, fmt.Errorf("%s has %d bytes, limit %d", name, size, limit)
	}
	return io.ReadAll(io.LimitReader(f, limit))
}

func blobName(d attest.Digest) (string, error) {
	if err := d.Validate(); err != nil {
		return "", err
	}
	if d.Algorithm != "sha256" {
		return "", fmt.Errorf("digest %s is by %s, expected sha256", d.Short(), d.Algorithm)
	}
	return blobFolder + "/" + d.Hex, nil
}

// missing is how a Layout says that it does not have something, as a registry does.
func missing(what string) error {
	return &registry.Error{Code: registry.NotFound, Op: "reading the OCI layout", Detail: what + " is not there"}
}

// Holds is the image that index.json names, zero if it names none.
func (l *Layout) Holds() (attest.Digest, error) {
	raw, err := l.read(layoutIndex, registry.MaxManifest)
	if errors.Is(err, fs.ErrNotExist) {
		return attest.Digest{}, nil
	}
	if err != nil {
		return attest.Digest{}, err
	}
	var x struct {
		Manifests []registry.Descriptor `json:"manifests"`
	}
	if err := attest.DecodeJSON(raw, &x); err != nil {
		return attest.Digest{}, fmt.Errorf("reading %s: %w", layoutIndex, err)
	}
	switch len(x.Manifests) {
	case 0:
		return attest.Digest{}, nil
	case 1:
		return x.Manifests[0].Digest, nil
	}
	return attest.Digest{}, fmt.Errorf("%s names %d images, expected one\nhint: promote to a folder of its own", layoutIndex, len(x.Manifests))
}

// Manifest reads a manifest by digest.
func (l *Layout) Manifest(ctx context.Context, ref string) (registry.Manifest, error) {
	d, err := attest.ParseDigest(ref)
	if err != nil {
		return registry.Manifest{}, err
	}
	name, err := blobName(d)
	if err != nil {
		return registry.Manifest{}, err
	}
	raw, err := l.read(name, registry.MaxManifest)
	if errors.Is(err, fs.ErrNotExist) {
		return registry.Manifest{}, missing("manifest " + ref)
	}
	if err != nil {
		return registry.Manifest{}, err
	}
	if got := attest.SHA256(raw); got != d {
		return registry.Manifest{}, fmt.Errorf("blob %s holds content of %s\nhint: the layout is damaged or was changed", d, got)
	}
	return registry.Manifest{Digest: d, Raw: raw}, ctx.Err()
}

// Blob writes a blob to w and holds it against its descriptor.
func (l *Layout) Blob(ctx context.Context, d registry.Descriptor, w io.Writer) error {
	name, err := blobName(d.Digest)
	if err != nil {
		return err
	}
	f, size, err := l.open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return missing("blob " + d.Digest.String())
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if size != d.Size {
		return fmt.Errorf("blob %s has %d bytes, its descriptor says %d", d.Digest, size, d.Size)
	}
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(h, w), &bounded{ctx, io.LimitReader(f, size)}); err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != d.Digest.Hex {
		return fmt.Errorf("blob %s holds content of sha256:%s\nhint: the layout is damaged or was changed", d.Digest, got)
	}
	return nil
}

// bounded stops when the context does.
type bounded struct {
	ctx context.Context
	r   io.Reader
}

func (b *bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	return b.r.Read(p)
}

// Head looks a manifest up by digest.
func (l *Layout) Head(ctx context.Context, ref string) (registry.Descriptor, error) {
	m, err := l.Manifest(ctx, ref)
	return m.Descriptor(), err
}

// HasBlob reports whether a blob is there, and holds what its name says: nobody else has looked.
func (l *Layout) HasBlob(ctx context.Context, d registry.Descriptor) (bool, error) {
	err := l.Blob(ctx, d, io.Discard)
	if registry.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// CopyBlob writes a blob that is not there, or is damaged.
func (l *Layout) CopyBlob(ctx context.Context, d registry.Descriptor, from registry.Blobs) (registry.Copied, error) {
	name, err := blobName(d.Digest)
	if err != nil {
		return registry.Present, err
	}
	if has, err := l.HasBlob(ctx, d); err == nil && has || ctx.Err() != nil {
		return registry.Present, ctx.Err()
	}
	return registry.Uploaded, l.put(name, func(w io.Writer) error { return from.Blob(ctx, d, w) })
}

// PutManifest stores a manifest. Any name but its digest makes it the one that the folder holds.
func (l *Layout) PutManifest(_ context.Context, ref, mediaType string, raw []byte) (registry.Descriptor, error) {
	d := registry.Descriptor{MediaType: mediaType, Digest: attest.SHA256(raw), Size: int64(len(raw))}
	name, err := blobName(d.Digest)
	if err != nil {
		return d, err
	}
	if err := l.replace(name, raw); err != nil || ref == d.Digest.String() {
		return d, err
	}
	if ref != "" {
		d.Annotations = map[string]string{annRefName: ref}
	}
	index, err := json.Marshal(struct {
		SchemaVersion int                   `json:"schemaVersion"`
		MediaType     string                `json:"mediaType"`
		Manifests     []registry.Descriptor `json:"manifests"`
	}{2, registry.TypeIndex, []registry.Descriptor{d}})
	if err != nil {
		return d, err
	}
	return d, l.replace(layoutIndex, index)
}

func (l *Layout) replace(name string, content []byte) error {
	return l.put(name, func(w io.Writer) error { _, err := w.Write(content); return err })
}

// put writes a file aside, and renames it when it is whole and on disk.
func (l *Layout) put(name string, fill func(io.Writer) error) error {
	tmp := ".tmp-" + rand.Text()
	f, err := l.root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() { _ = l.root.Remove(tmp) }()
	if err := errors.Join(fill(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	return l.root.Rename(tmp, name)
}
