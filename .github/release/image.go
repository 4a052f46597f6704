// SPDX-License-Identifier: Apache-2.0

// Command image puts Linux binaries, sealock_VERSION_linux_ARCH each, into an image index in a folder: one program and the certificates of the public
// authorities, no shell, no package manager, run by nobody. The same files give the same digest.
//
//	go run .github/release/image.go -to dist/image FILE...
package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// nobody is the user and group that the program runs as.
const nobody = 65532

func main() {
	to := flag.String("to", "", "folder to write the layout to")
	roots := flag.String("roots", "/etc/ssl/certs/ca-certificates.crt", "certificates of the public authorities")
	flag.Parse()
	if err := run(*to, *roots, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(to, roots string, files []string) error {
	if to == "" || len(files) == 0 {
		return errors.New("usage: image -to FOLDER FILE...")
	}
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, file := range files {
		_, arch, ok := strings.Cut(filepath.Base(file), "_linux_")
		if !ok {
			return fmt.Errorf("%s is not named sealock_VERSION_linux_ARCH", file)
		}
		img, err := image(file, roots, arch)
		if err != nil {
			return fmt.Errorf("making the image of %s: %w", file, err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: arch}}})
	}
	place, err := layout.Write(to, empty.Index)
	if err != nil {
		return err
	}
	if err := place.AppendIndex(index); err != nil {
		return err
	}
	digest, err := index.Digest()
	if err == nil {
		fmt.Println(digest)
	}
	return err
}

func image(file, roots, arch string) (v1.Image, error) {
	layer, err := layerOf([]entry{{"etc/ssl/certs/ca-certificates.crt", roots, 0o644}, {"usr/bin/sealock", file, 0o755}})
	if err != nil {
		return nil, err
	}
	img, err := mutate.AppendLayers(mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON), layer)
	if err != nil {
		return nil, err
	}
	config, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", arch
	config.Config = v1.Config{Entrypoint: []string{"/usr/bin/sealock"}, User: fmt.Sprint(nobody), Env: []string{"PATH=/usr/bin"}, WorkingDir: "/"}
	return mutate.ConfigFile(img, config)
}

// entry is a file of the image and where its content lies.
type entry struct {
	name, from string
	mode       int64
}

func layerOf(entries []entry) (v1.Layer, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		data, err := os.ReadFile(e.from)
		if err != nil {
			return nil, err
		}
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: e.name, Mode: e.mode, Size: int64(len(data)), Format: tar.FormatUSTAR}); err != nil {
			return nil, err
		}
		if _, err := w.Write(data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil }, tarball.WithMediaType(types.OCILayer))
}
