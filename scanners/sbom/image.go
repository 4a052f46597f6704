// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync/atomic"

	stfile "github.com/anchore/stereoscope/pkg/file"
	"github.com/anchore/stereoscope/pkg/image"
	"github.com/anchore/syft/syft/source"
	"github.com/anchore/syft/syft/source/stereoscopesource"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/sealock-dev/sealock/scanners"
)

// openDockerArchive reads the one image of a tar file as docker save writes it.
func openDockerArchive(ctx context.Context, src scanners.Source) (*Tree, error) {
	img, err := tarball.ImageFromPath(src.Path, nil)
	if err != nil {
		return nil, fmt.Errorf("reading image archive %s (one image in it is expected, as docker save IMAGE writes it): %w", src.Subject.Name, err)
	}
	return unpack(ctx, src, img)
}

// unpack reads every layer once into a temporary folder. Nothing is extracted from the layers: files are read out of their tars.
func unpack(ctx context.Context, src scanners.Source, img v1.Image, metadata ...image.AdditionalMetadata) (*Tree, error) {
	checked, err := newCheckedImage(img)
	if err != nil {
		return nil, err
	}
	temp := stfile.NewTempDirGenerator("sealock-image")
	dir, err := temp.NewDirectory("layers")
	if err != nil {
		return nil, err
	}
	out := image.New(checked, temp, dir, metadata...)
	if err := out.Read(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("unpacking image: %w", err), out.Cleanup(), temp.Cleanup())
	}
	t := &Tree{src: src, faults: &faults{}, close: func() error { return errors.Join(out.Cleanup(), temp.Cleanup()) }}
	if err := indexFolders(out); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	if t.files, err = layerFiles(out); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	d := describe(src, nil)
	cfg := stereoscopesource.ImageConfig{Reference: src.Subject.Name, Alias: source.Alias{Name: d.Name, Version: d.Version}}
	t.source = stereoscopesource.New(out, cfg)
	return t, nil
}

// indexFolders adds the folders that a layer's files lie in and that the layer does not list itself. Without them syft looks for
// nothing in a folder by its name, and the packages of var/lib/dpkg/status.d, for one, would not be seen.
func indexFolders(img *image.Image) error {
	catalog, ok := img.FileCatalog.(*image.FileCatalog)
	if !ok {
		return fmt.Errorf("the catalogue of image files is a %T, which can't be added to", img.FileCatalog)
	}
	known := map[stfile.Path]bool{"/": true}
	for _, layer := range img.Layers {
		for _, ref := range layer.Tree.AllFiles(stfile.TypeDirectory) {
			known[ref.RealPath] = true
		}
	}
	for _, layer := range img.Layers {
		for _, ref := range layer.Tree.AllFiles(stfile.AllTypes()...) {
			for dir := path.Dir(string(ref.RealPath)); !known[stfile.Path(dir)]; dir = path.Dir(dir) {
				known[stfile.Path(dir)] = true
				if len(known) > MaxFiles {
					return &LimitError{What: "folders", Limit: MaxFiles}
				}
				catalog.Add(*stfile.NewFileReference(stfile.Path(dir)), folderMetadata(dir), layer, nil)
			}
		}
	}
	return nil
}

func folderMetadata(dir string) stfile.Metadata {
	info := stfile.ManualInfo{NameValue: path.Base(dir), ModeValue: fs.ModeDir | 0o755}
	return stfile.Metadata{FileInfo: info, Path: dir, Type: stfile.TypeDirectory}
}

// layerFiles lists the regular files of every layer, layer by layer, in order of path.
func layerFiles(img *image.Image) ([]entry, error) {
	var files []entry
	for _, layer := range img.Layers {
		refs := layer.Tree.AllFiles(stfile.TypeRegular)
		slices.SortFunc(refs, func(a, b stfile.Reference) int { return cmp.Compare(a.RealPath, b.RealPath) })
		if len(files)+len(refs) > MaxFiles {
			return nil, &LimitError{What: "files", Limit: MaxFiles}
		}
		for _, ref := range refs {
			p := strings.TrimPrefix(string(ref.RealPath), "/")
			if strings.HasPrefix(p[strings.LastIndexByte(p, '/')+1:], ".wh.") {
				continue // marks a deletion, holds nothing
			}
			meta, err := img.FileCatalog.Get(ref)
			if err != nil {
				return nil, fmt.Errorf("reading %q: %w", p, err)
			}
			files = append(files, entry{path: p, size: meta.Size(), open: func() (io.ReadCloser, error) { return img.FileCatalog.Open(ref) }})
		}
	}
	return files, nil
}

// checkedImage bounds how much its layers unpack to, and holds each against the diff id in the configuration.
type checkedImage struct {
	v1.Image
	layers []v1.Layer
	left   atomic.Int64
}

func newCheckedImage(img v1.Image) (*checkedImage, error) {
	layers, err := img.Layers()
	if err != nil {
		return nil, fmt.Errorf("reading layers: %w", err)
	}
	if len(layers) > MaxLayers {
		return nil, &LimitError{What: "layers", Limit: MaxLayers}
	}
	config, err := img.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("reading image configuration: %w", err)
	}
	if len(config.RootFS.DiffIDs) != len(layers) {
		return nil, fmt.Errorf("image configuration lists %d layers, the manifest %d", len(config.RootFS.DiffIDs), len(layers))
	}
	c := &checkedImage{Image: img}
	c.left.Store(MaxLayerBytes)
	for n, l := range layers {
		c.layers = append(c.layers, &checkedLayer{l, config.RootFS.DiffIDs[n], &c.left})
	}
	return c, nil
}

func (c *checkedImage) Layers() ([]v1.Layer, error) { return c.layers, nil }

type checkedLayer struct {
	v1.Layer
	diffID v1.Hash
	left   *atomic.Int64
}

func (l *checkedLayer) DiffID() (v1.Hash, error) { return l.diffID, nil }

func (l *checkedLayer) Uncompressed() (io.ReadCloser, error) {
	rc, err := l.Layer.Uncompressed()
	if err != nil {
		return nil, err
	}
	return checked(&boundedReader{rc, l.left}, l.diffID, "unpacked layer"), nil
}

type boundedReader struct {
	io.ReadCloser
	left *atomic.Int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left.Add(-int64(n)) < 0 {
		return 0, &LimitError{What: "bytes of all layers, uncompressed", Limit: MaxLayerBytes}
	}
	return n, err
}

// checked gives the bytes of rc and turns the end into an error if they do not have the digest.
func checked(rc io.ReadCloser, want v1.Hash, what string) io.ReadCloser {
	h := sha256.New()
	return &checkedReader{rc, io.TeeReader(rc, h), func() error {
		if got := hex.EncodeToString(h.Sum(nil)); want.Algorithm != "sha256" || got != want.Hex {
			return fmt.Errorf("%s does not match its digest: expected %s, found sha256:%s", what, want, got)
		}
		return nil
	}}
}

type checkedReader struct {
	io.Closer
	r   io.Reader
	end func() error
}

func (c *checkedReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if errors.Is(err, io.EOF) {
		if bad := c.end(); bad != nil {
			return n, bad
		}
	}
	return n, err
}
