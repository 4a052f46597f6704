// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// settings of the Go command that would change the bytes, set over whatever the caller's environment says.
var settings = []string{
	"CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOAMD64=v1", "GOEXPERIMENT=", "GOFLAGS=-mod=readonly", "GOWORK=off", "GOFIPS140=off",
}

// compile builds the services as static binaries into a folder.
func compile(ctx context.Context, bin string) error {
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return fmt.Errorf("making %s: %w", bin, err)
	}
	args := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid=", "-o", bin + string(filepath.Separator)}
	for _, name := range services {
		args = append(args, "./cmd/"+name)
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), settings...)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go build: %w", err)
	}
	return nil
}

// file is one file of an image's layer.
type file struct {
	Path string // slash-separated, no leading slash
	Mode int64
	Data []byte
}

// content lists the files of a service's image, sorted by path. The catalog's image also carries the front end.
func content(name, bin, web string) ([]file, error) {
	binary, err := os.ReadFile(filepath.Join(bin, name))
	if err != nil {
		return nil, fmt.Errorf("reading the binary of %s: %w", name, err)
	}
	files := []file{
		{"app/" + name, 0o755, binary},
		{"etc/group", 0o644, []byte("nonroot:x:65532:\n")},
		{"etc/passwd", 0o644, []byte("nonroot:x:65532:65532:nonroot:/:/sbin/nologin\n")},
	}
	if name == "catalog" {
		front, err := frontEnd(web)
		if err != nil {
			return nil, err
		}
		files = append(files, front...)
	}
	slices.SortFunc(files, func(a, b file) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// lockfile is what is read of a package-lock.json, version 2 or 3.
type lockfile struct {
	Packages map[string]struct {
		Name      string `json:"name"`
		Version   string `json:"version"`
		License   string `json:"license"`
		Integrity string `json:"integrity"`
		Dev       bool   `json:"dev"`
	} `json:"packages"`
}

// frontEnd gives the files that browsers get, and for each npm package of the lockfile a package.json of its name, version,
// licence and integrity. A bundle has no such data left in it; with these, who scans the image sees what is in the bundle.
func frontEnd(web string) ([]file, error) {
	var files []file
	root := os.DirFS(web)
	err := fs.WalkDir(root, "public", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if !d.Type().IsRegular() {
			return fmt.Errorf("%s is not a regular file", p)
		}
		b, err := fs.ReadFile(root, p)
		files = append(files, file{"app/web/" + p, 0o644, b})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the front end: %w", err)
	}
	b, err := fs.ReadFile(root, "package-lock.json")
	if err != nil {
		return nil, fmt.Errorf("reading the front end's packages: %w", err)
	}
	packages, err := packageFiles(b)
	return append(files, packages...), err
}

func packageFiles(lock []byte) ([]file, error) {
	var l lockfile
	if err := json.Unmarshal(lock, &l); err != nil {
		return nil, fmt.Errorf("reading package-lock.json: %w", err)
	}
	var files []file
	for place, p := range l.Packages {
		if place == "" || p.Dev {
			continue
		}
		if !strings.HasPrefix(place, "node_modules/") || !fs.ValidPath(place) || p.Version == "" {
			return nil, fmt.Errorf("package-lock.json: entry %q has no version or lies outside node_modules", place)
		}
		name := place[strings.LastIndex(place, "node_modules/")+len("node_modules/"):]
		if p.Name != "" {
			name = p.Name
		}
		b, err := json.Marshal(map[string]string{"name": name, "version": p.Version, "license": p.License, "_integrity": p.Integrity})
		if err != nil {
			return nil, err
		}
		files = append(files, file{path.Join("app/web", place, "package.json"), 0o644, append(b, '\n')})
	}
	if len(files) == 0 {
		return nil, errors.New("package-lock.json names no packages")
	}
	return files, nil
}

// writeRoots writes each image's files into a folder of its name below root, which is made afresh.
func writeRoots(root string, images []image) error {
	if err := os.RemoveAll(root); err != nil {
		return fmt.Errorf("removing the old files: %w", err)
	}
	for _, im := range images {
		for _, f := range im.Files {
			p := filepath.Join(root, im.Name, filepath.FromSlash(f.Path))
			if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
				return fmt.Errorf("writing the files of %s: %w", im.Name, err)
			}
			if err := os.WriteFile(p, f.Data, os.FileMode(f.Mode)); err != nil {
				return fmt.Errorf("writing the files of %s: %w", im.Name, err)
			}
		}
	}
	return nil
}
