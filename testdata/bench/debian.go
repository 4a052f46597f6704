// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/sealock-dev/sealock/testdata/stack"
)

// debianPackages bring a minimal Debian to about 290 MB.
const debianPackages = "ca-certificates,curl,git,nginx,openssh-client,perl,python3,python3-yaml"

// debian measures a Debian image of about 290 MB, from an OCI layout.
func (g *glue) debian(ctx context.Context, host string) error {
	rootfs, err := g.debianTar(ctx)
	if err != nil {
		g.add(Row{Case: "pipeline, Debian image", Note: err.Error()})
		return nil
	}
	base, err := tarball.LayerFromFile(rootfs, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return err
	}
	lock, err := g.manifestLayer(ctx)
	if err != nil {
		return err
	}
	img, err := withLayers(base, lock)
	if err != nil {
		return err
	}
	info, err := os.Stat(rootfs)
	if err != nil {
		return err
	}
	dir := filepath.Join(g.dir, "debian")
	if err := writeLayout(filepath.Join(dir, "image"), img); err != nil {
		return err
	}
	to, err := name.ParseReference(host+"/debian:v1", name.Insecure)
	if err != nil {
		return err
	}
	if err := remote.Write(to, img, remote.WithContext(ctx)); err != nil {
		return fmt.Errorf("pushing the Debian image: %w", err)
	}
	digest, err := img.Digest()
	if err != nil {
		return err
	}
	g.image = host + "/debian@" + digest.String()
	if err := g.folder(dir, "oci-layout:image"); err != nil {
		return err
	}
	return g.rows(ctx, fmt.Sprintf("Debian image of %d MB", info.Size()/1e6), dir, g.imageTools(dir))
}

// imageTools is the tools on the image in dir. gitleaks reads no images, so the image is unpacked for it, as a script would have to.
func (g *glue) imageTools(dir string) Job {
	flat, rootfs := filepath.Join(dir, "flat.tar"), filepath.Join(dir, "rootfs")
	unpack := Job{
		g.step(g.crane, "export", g.image, flat),
		g.step("rm", "-rf", rootfs),
		g.step("mkdir", rootfs),
		g.step("tar", "-x", "-f", flat, "-C", rootfs, "--exclude=./dev", "--exclude=dev", "--no-same-owner"),
	}
	return append(unpack, g.tools("oci-dir:"+filepath.Join(dir, "image"), rootfs)...)
}

// debianTar makes the root file system once, with mmdebstrap.
func (g *glue) debianTar(ctx context.Context) (string, error) {
	cache, err := stack.CacheDir()
	if err != nil {
		return "", err
	}
	file := filepath.Join(cache, "debian-bookworm.tar")
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	if _, err := exec.LookPath("mmdebstrap"); err != nil {
		return "", fmt.Errorf("mmdebstrap is not installed (apt-get install mmdebstrap)")
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	g.say("making a Debian image")
	cmd := exec.CommandContext(ctx, "mmdebstrap", "--variant=minbase", "--include="+debianPackages, "bookworm", file+".part.tar")
	cmd.Stderr = g.log
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("mmdebstrap: %w", err)
	}
	return file, os.Rename(file+".part.tar", file)
}

// manifestLayer holds the lock files of an application on top of the base image.
func (g *glue) manifestLayer(ctx context.Context) (v1.Layer, error) {
	files := map[string][]byte{}
	for _, m := range manifests {
		dir, err := moduleDir(ctx, m.module)
		if err != nil {
			return nil, err
		}
		if files["app/"+m.to], err = os.ReadFile(filepath.Join(dir, m.file)); err != nil {
			return nil, err
		}
	}
	return fileLayer(files)
}

func writeLayout(dir string, img v1.Image) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	to, err := layout.Write(dir, mutate.IndexMediaType(empty.Index, types.OCIImageIndex))
	if err != nil {
		return err
	}
	return to.AppendImage(img)
}
