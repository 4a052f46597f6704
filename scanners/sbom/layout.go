// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/anchore/stereoscope/pkg/image"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/scanners"
)

// openLayout reads exactly the image that src.Manifest names, whatever else lies in the layout. The index of the layout is not consulted.
func openLayout(ctx context.Context, src scanners.Source) (*Tree, error) {
	if err := src.Manifest.Validate(); err != nil || src.Manifest.Algorithm != "sha256" {
		return nil, fmt.Errorf("the image in OCI layout must be named by the sha256 of its manifest, found %q", src.Manifest)
	}
	root, err := os.OpenRoot(src.Path)
	if err != nil {
		return nil, err
	}
	raw, err := readBlob(root, src.Manifest.Hex)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reading image manifest %s: %w", src.Manifest, err), root.Close())
	}
	core, err := newLayoutImage(root, raw)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("image manifest %s: %w", src.Manifest, err), root.Close())
	}
	img, err := partial.CompressedToImage(core)
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	t, err := unpack(ctx, src, img, image.WithManifest(raw), image.WithManifestDigest(src.Manifest.String()))
	return t, errors.Join(err, root.Close())
}

// layoutImage is an image whose blobs are read from an OCI layout and checked against their digests.
type layoutImage struct {
	root     *os.Root
	raw      []byte
	manifest *v1.Manifest
	config   []byte
}

func newLayoutImage(root *os.Root, raw []byte) (*layoutImage, error) {
	m, err := v1.ParseManifest(strings.NewReader(string(raw)))
	if err != nil {
		return nil, err
	}
	if m.MediaType != "" && !m.MediaType.IsImage() {
		return nil, fmt.Errorf("media type is %.80q, expected an image manifest (an index is scanned as one source for each platform)", m.MediaType)
	}
	if len(m.Layers) > MaxLayers {
		return nil, &LimitError{What: "layers", Limit: MaxLayers}
	}
	if m.Config.Digest.Algorithm != "sha256" {
		return nil, fmt.Errorf("configuration digest is %.80q, expected sha256", m.Config.Digest.String())
	}
	config, err := readBlob(root, m.Config.Digest.Hex)
	if err != nil {
		return nil, fmt.Errorf("reading image configuration %s: %w", m.Config.Digest, err)
	}
	return &layoutImage{root, raw, m, config}, nil
}

func (i *layoutImage) RawManifest() ([]byte, error)   { return i.raw, nil }
func (i *layoutImage) RawConfigFile() ([]byte, error) { return i.config, nil }

func (i *layoutImage) MediaType() (types.MediaType, error) {
	if i.manifest.MediaType == "" {
		return types.OCIManifestSchema1, nil
	}
	return i.manifest.MediaType, nil
}

func (i *layoutImage) LayerByDigest(h v1.Hash) (partial.CompressedLayer, error) {
	for _, d := range i.manifest.Layers {
		if d.Digest == h {
			return &layoutLayer{i.root.Name(), d}, nil
		}
	}
	return nil, fmt.Errorf("layer %s is not in the manifest", h)
}

type layoutLayer struct {
	dir        string
	descriptor v1.Descriptor
}

func (l *layoutLayer) Digest() (v1.Hash, error)            { return l.descriptor.Digest, nil }
func (l *layoutLayer) Size() (int64, error)                { return l.descriptor.Size, nil }
func (l *layoutLayer) MediaType() (types.MediaType, error) { return l.descriptor.MediaType, nil }

func (l *layoutLayer) Compressed() (io.ReadCloser, error) {
	if l.descriptor.Digest.Algorithm != "sha256" {
		return nil, fmt.Errorf("layer digest is %.80q, expected sha256", l.descriptor.Digest.String())
	}
	root, err := os.OpenRoot(l.dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := openBlob(root, l.descriptor.Digest.Hex)
	if err != nil {
		return nil, fmt.Errorf("reading layer %s: %w", l.descriptor.Digest, err)
	}
	return checked(f, l.descriptor.Digest, "layer"), nil
}

// openBlob opens a blob of a layout. os.Root keeps links from leading out of it.
func openBlob(root *os.Root, hexDigest string) (*os.File, error) {
	if err := (attest.Digest{Algorithm: "sha256", Hex: hexDigest}).Validate(); err != nil {
		return nil, err
	}
	return root.Open("blobs/sha256/" + hexDigest)
}

// readBlob reads a manifest or configuration and checks its digest.
func readBlob(root *os.Root, hexDigest string) ([]byte, error) {
	f, err := openBlob(root, hexDigest)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, MaxManifest+1))
	if err != nil {
		return nil, err
	}
	if len(b) > MaxManifest {
		return nil, &LimitError{What: "bytes of a manifest or configuration", Limit: MaxManifest}
	}
	if got := attest.SHA256(b); got.Hex != hexDigest {
		return nil, fmt.Errorf("content does not match its digest: expected sha256:%s, found %s", hexDigest, got)
	}
	return b, nil
}
