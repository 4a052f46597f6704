// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// Media types and annotations of the OCI image specification 1.1.
const (
	typeIndex    = "application/vnd.oci.image.index.v1+json"
	typeManifest = "application/vnd.oci.image.manifest.v1+json"
	typeConfig   = "application/vnd.oci.image.config.v1+json"
	typeLayer    = "application/vnd.oci.image.layer.v1.tar+gzip"

	annotationTitle = "org.opencontainers.image.title"
	annotationRef   = "org.opencontainers.image.ref.name"
)

// user is the user and the group that images run as and that own their files.
const user = 65532

type image struct {
	Name  string
	Files []file
}

// release is what was written: the digest of the index, and those of its images in their order.
type release struct {
	Digest string
	Images []string
}

type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Platform    *platform         `json:"platform,omitempty"`
}

type platform struct {
	Architecture string `json:"architecture"`
	OS           string `json:"os"`
}

type index struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType"`
	Manifests     []descriptor      `json:"manifests"`
	Annotations   map[string]string `json:"annotations,omitempty"`
}

type manifest struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType"`
	Config        descriptor        `json:"config"`
	Layers        []descriptor      `json:"layers"`
	Annotations   map[string]string `json:"annotations,omitempty"`
}

type imageConfig struct {
	platform
	Created time.Time `json:"created"`
	Config  struct {
		User       string            `json:"User"`
		Entrypoint []string          `json:"Entrypoint"`
		WorkingDir string            `json:"WorkingDir"`
		Labels     map[string]string `json:"Labels"`
	} `json:"config"`
	RootFS struct {
		Type    string   `json:"type"`
		DiffIDs []string `json:"diff_ids"`
	} `json:"rootfs"`
	History []history `json:"history"`
}

type history struct {
	Created   time.Time `json:"created"`
	CreatedBy string    `json:"created_by"`
}

// layout writes blobs into a folder.
type layout struct{ dir string }

// writeLayout writes the images as one index into a fresh layout beside dir, and then puts it in dir's place.
func writeLayout(dir string, created time.Time, images []image) (release, error) {
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return release{}, fmt.Errorf("making %s: %w", parent, err)
	}
	tmp, err := os.MkdirTemp(parent, ".tmp-")
	if err != nil {
		return release{}, fmt.Errorf("making a folder in %s: %w", parent, err)
	}
	defer os.RemoveAll(tmp)
	r, err := fill(layout{tmp}, created, images)
	if err != nil {
		return release{}, fmt.Errorf("writing the image layout: %w", err)
	}
	if err := os.Chmod(tmp, 0o755); err != nil {
		return release{}, err
	}
	// The old layout goes away by one rename, so that nobody sees half of either.
	old := tmp + "-old"
	defer os.RemoveAll(old)
	if err := os.Rename(dir, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return release{}, fmt.Errorf("moving the old layout away: %w", err)
	}
	if err := os.Rename(tmp, dir); err != nil {
		return release{}, fmt.Errorf("putting the layout in place: %w", err)
	}
	return r, nil
}

func fill(l layout, created time.Time, images []image) (release, error) {
	if err := os.MkdirAll(filepath.Join(l.dir, "blobs", "sha256"), 0o755); err != nil {
		return release{}, err
	}
	shop := index{SchemaVersion: 2, MediaType: typeIndex, Annotations: map[string]string{annotationTitle: "shop"}}
	var r release
	for _, im := range images {
		d, err := l.image(im, created)
		if err != nil {
			return release{}, fmt.Errorf("image of %s: %w", im.Name, err)
		}
		shop.Manifests = append(shop.Manifests, d)
		r.Images = append(r.Images, d.Digest)
	}
	top, err := l.json(typeIndex, shop)
	if err != nil {
		return release{}, err
	}
	top.Annotations = map[string]string{annotationTitle: "shop", annotationRef: "shop"}
	r.Digest = top.Digest
	b, err := json.Marshal(index{SchemaVersion: 2, MediaType: typeIndex, Manifests: []descriptor{top}})
	if err != nil {
		return release{}, err
	}
	if err := os.WriteFile(filepath.Join(l.dir, "index.json"), b, 0o644); err != nil {
		return release{}, err
	}
	return r, os.WriteFile(filepath.Join(l.dir, "oci-layout"), []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o644)
}

// image writes the layer, the configuration and the manifest of one image.
func (l layout) image(im image, created time.Time) (descriptor, error) {
	plain, err := tarball(im.Files)
	if err != nil {
		return descriptor{}, err
	}
	var packed bytes.Buffer
	// The header has neither name nor time, so that the bytes depend on the content only.
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(plain); err != nil {
		return descriptor{}, err
	}
	if err := z.Close(); err != nil {
		return descriptor{}, err
	}
	layer, err := l.blob(typeLayer, packed.Bytes())
	if err != nil {
		return descriptor{}, err
	}
	c := imageConfig{platform: platform{"amd64", "linux"}, Created: created}
	c.Config.User = fmt.Sprintf("%d:%d", user, user)
	c.Config.Entrypoint = []string{"/app/" + im.Name}
	c.Config.WorkingDir = "/"
	c.Config.Labels = map[string]string{annotationTitle: im.Name, "org.opencontainers.image.licenses": "Apache-2.0"}
	c.RootFS.Type, c.RootFS.DiffIDs = "layers", []string{digest(plain)}
	c.History = []history{{created, "go run ./image"}}
	config, err := l.json(typeConfig, c)
	if err != nil {
		return descriptor{}, err
	}
	d, err := l.json(typeManifest, manifest{SchemaVersion: 2, MediaType: typeManifest, Config: config, Layers: []descriptor{layer},
		Annotations: map[string]string{annotationTitle: im.Name}})
	d.Platform = &c.platform
	d.Annotations = map[string]string{annotationTitle: im.Name, annotationRef: im.Name}
	return d, err
}

// tarball packs files, each after its folders, with one owner and no times.
func tarball(files []file) ([]byte, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	made := map[string]bool{}
	for _, f := range files {
		for _, dir := range folders(f.Path) {
			if made[dir] {
				continue
			}
			made[dir] = true
			h := tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755, Uid: user, Gid: user, ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR}
			if err := w.WriteHeader(&h); err != nil {
				return nil, err
			}
		}
		h := tar.Header{Typeflag: tar.TypeReg, Name: f.Path, Mode: f.Mode, Size: int64(len(f.Data)), Uid: user, Gid: user,
			ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR}
		if err := w.WriteHeader(&h); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.Data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// folders lists the folders that a file lies in, outermost first.
func folders(p string) []string {
	dir := path.Dir(p)
	if dir == "." {
		return nil
	}
	parts := strings.Split(dir, "/")
	for i := 1; i < len(parts); i++ {
		parts[i] = parts[i-1] + "/" + parts[i]
	}
	return parts
}

func (l layout) json(mediaType string, v any) (descriptor, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return descriptor{}, err
	}
	return l.blob(mediaType, b)
}

func (l layout) blob(mediaType string, b []byte) (descriptor, error) {
	d := digest(b)
	_, sum, _ := strings.Cut(d, ":")
	err := os.WriteFile(filepath.Join(l.dir, "blobs", "sha256", sum), b, 0o644)
	return descriptor{MediaType: mediaType, Digest: d, Size: len(b)}, err
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}
