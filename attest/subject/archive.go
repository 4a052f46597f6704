// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/scanners"
)

const archiveManifest = "manifest.json"

// archive is a docker-archive: subject.
type archive struct {
	path string
	want attest.DigestSet
}

func resolveArchive(ctx context.Context, r *Resolved, opt Options) error {
	named, p, err := namedFile(r, opt)
	if err != nil {
		return err
	}
	a := &archive{path: p}
	f, size, err := openFile(p)
	if err != nil {
		return err
	}
	defer f.Close()
	img, head, err := openArchive(ctx, f, size)
	if err != nil {
		return err
	}
	if a.want, err = imageDigest(img); err != nil {
		return err
	}
	r.Subject = attest.Subject{Name: filepath.Base(named), Digest: a.want}
	if len(head.RepoTags) > 0 {
		full := printable(head.RepoTags[0])
		if i := strings.LastIndexByte(full, ':'); i > strings.LastIndexByte(full, '/') {
			r.Repository, r.Tag = full[:i], full[i+1:]
		}
	}
	config, err := img.ConfigFile()
	if err != nil {
		return fail(Malformed, "image configuration").because(err)
	}
	if config.Created.Year() >= 1971 {
		r.Created = config.Created.UTC()
	}
	r.content = a
	return nil
}

// openArchive checks the archive's form and gives the one image in it. All reads go through f.
func openArchive(ctx context.Context, f *os.File, size int64) (v1.Image, *tarball.Descriptor, error) {
	head, err := checkArchive(ctx, io.NewSectionReader(f, 0, size))
	if err != nil {
		return nil, nil, err
	}
	img, err := tarball.Image(func() (io.ReadCloser, error) {
		return io.NopCloser(&sectionReader{ctx, io.NewSectionReader(f, 0, size)}), nil
	}, nil)
	if err != nil {
		return nil, nil, fail(Malformed, "reading the docker-archive").because(err)
	}
	return img, head, nil
}

// sectionReader stops when the context does, and lets the tar reader seek over what it does not want.
type sectionReader struct {
	ctx context.Context
	*io.SectionReader
}

func (s *sectionReader) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.SectionReader.Read(p)
}

// checkArchive refuses an archive in which two readers may find two images: names that are there twice, several images,
// more layers than the configuration knows; and one past the bounds.
func checkArchive(ctx context.Context, src io.ReadSeeker) (*tarball.Descriptor, error) {
	t := tar.NewReader(src)
	seen := map[string]tar.Header{}
	var images []tarball.Descriptor
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fail(Malformed, "is not a sound tar archive").because(err)
		}
		name := path.Clean(h.Name)
		if _, twice := seen[name]; twice && h.Typeflag != tar.TypeDir {
			return nil, fail(AmbiguousManifest, "the archive has %.100q twice, and readers differ in which one they take", name).hint("save the image again")
		}
		if seen[name] = *h; len(seen) > MaxTarEntries {
			return nil, fail(Limit, "the archive has more than %d entries", MaxTarEntries)
		}
		if name == archiveManifest {
			if images, err = readArchiveManifest(t, h.Size); err != nil {
				return nil, err
			}
		}
	}
	return theImage(images, seen)
}

func theImage(images []tarball.Descriptor, entries map[string]tar.Header) (*tarball.Descriptor, error) {
	switch {
	case images == nil:
		return nil, fail(Malformed, "the archive has no manifest.json").hint("write it with docker save, or use oci-layout:DIR or file:PATH")
	case len(images) != 1:
		return nil, fail(AmbiguousRef, "the archive has %d images, expected one", len(images)).hint("docker save one image only")
	case len(images[0].Layers) > MaxLayers:
		return nil, fail(Limit, "image has %d layers, limit %d", len(images[0].Layers), MaxLayers)
	}
	config, ok := entries[path.Clean(images[0].Config)]
	switch {
	case !ok || config.Typeflag != tar.TypeReg:
		return nil, fail(Malformed, "image configuration %.100q is no file of the archive", images[0].Config)
	case config.Size > MaxConfig:
		return nil, fail(Limit, "image configuration has %d bytes, limit %d", config.Size, MaxConfig)
	}
	return &images[0], nil
}

func readArchiveManifest(r io.Reader, size int64) ([]tarball.Descriptor, error) {
	if size > MaxManifest {
		return nil, fail(Limit, "manifest.json has %d bytes, limit %d", size, MaxManifest)
	}
	raw, err := io.ReadAll(io.LimitReader(r, MaxManifest))
	if err != nil {
		return nil, err
	}
	images := []tarball.Descriptor{}
	if err := attest.DecodeJSON(raw, &images); err != nil {
		return nil, fail(Malformed, "manifest.json").because(err)
	}
	var loose []tarball.Descriptor // as readers that ignore case have it
	if err := json.Unmarshal(raw, &loose); err != nil || len(loose) != len(images) || len(images) > 0 && !reflect.DeepEqual(loose, images) {
		return nil, fail(AmbiguousManifest, "manifest.json has names that differ in case only, and readers differ in which one they take").because(err)
	}
	return images, nil
}

func imageDigest(img v1.Image) (attest.DigestSet, error) {
	h, err := img.Digest()
	if err != nil {
		return nil, fail(Malformed, "computing the image's digest").because(err)
	}
	return attest.DigestSet{h.Algorithm: h.Hex}, nil
}

func (a *archive) rehash(ctx context.Context) (attest.DigestSet, error) {
	f, size, err := openFile(a.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	img, _, err := openArchive(ctx, f, size)
	if err != nil {
		return nil, err
	}
	return imageDigest(img)
}

// verify holds the layers against the manifest and against the configuration's list of what they unpack to. The manifest alone does
// not do it: an archive may say where a layer comes from, and then its digest is taken from there.
func (a *archive) verify(ctx context.Context) error {
	f, size, err := openFile(a.path)
	if err != nil {
		return err
	}
	defer f.Close()
	img, head, err := openArchive(ctx, f, size)
	if err != nil {
		return err
	}
	got, err := imageDigest(img)
	if err != nil {
		return err
	}
	if got["sha256"] != a.want["sha256"] {
		return fail(Changed, "changed since it was resolved: sha256 was %s and is %s", a.want["sha256"], got["sha256"]).hint("let nothing write there while sealock runs")
	}
	config, err := img.ConfigFile()
	if err != nil {
		return fail(Malformed, "image configuration").because(err)
	}
	layers, err := img.Layers()
	if err != nil {
		return fail(Malformed, "layers of the archive").because(err)
	}
	if len(layers) != len(config.RootFS.DiffIDs) || len(layers) != len(head.Layers) {
		return fail(AmbiguousManifest, "the archive lists %d layers and its configuration %d", len(head.Layers), len(config.RootFS.DiffIDs)).hint("save the image again")
	}
	left := int64(MaxImageBytes)
	for i, l := range layers {
		want, err := l.Digest()
		if err == nil {
			err = checkStream(ctx, l.Compressed, want, &left)
		}
		if err == nil {
			err = checkStream(ctx, l.Uncompressed, config.RootFS.DiffIDs[i], &left)
		}
		if err != nil {
			return fmt.Errorf("layer %d (%.100s): %w", i, printable(head.Layers[i]), err)
		}
	}
	return nil
}

func checkStream(ctx context.Context, open func() (io.ReadCloser, error), want v1.Hash, left *int64) error {
	src, err := open()
	if err != nil {
		return err
	}
	defer src.Close()
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(&reader{ctx, src}, *left+1))
	if err != nil {
		return err
	}
	if *left -= n; *left < 0 {
		return fail(Limit, "layers have more than %d bytes in all", int64(MaxImageBytes))
	}
	if got := hex.EncodeToString(h.Sum(nil)); want.Algorithm != "sha256" || got != want.Hex {
		return fail(DigestMismatch, "expected %s, found sha256:%s", want, got).hint("the archive is damaged or was changed; save the image again")
	}
	return nil
}

func (a *archive) sources(ctx context.Context, _ string, r *Resolved) ([]scanners.Source, error) {
	if err := a.verify(ctx); err != nil {
		return nil, err
	}
	return []scanners.Source{{Kind: scanners.DockerArchive, Path: a.path, Subject: r.Subject}}, nil
}
