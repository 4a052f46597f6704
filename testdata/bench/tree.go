// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// The application that is scanned: so many files, and about so many bytes.
const (
	appFiles = 7000
	appBytes = 100 << 20
)

// sources are modules whose files make up the application, at fixed versions, so that it is the same everywhere and its text is real. The
// peers need most of them anyway.
var sources = []string{"github.com/aws/aws-sdk-go@v1.55.5", "google.golang.org/api@v0.264.0", "k8s.io/client-go@v0.34.1", "k8s.io/api@v0.34.1"}

// manifests are lock files of real projects, and where they lie in the application.
var manifests = []struct{ module, file, to string }{
	{"github.com/sigstore/cosign/v2@v2.6.5", "go.mod", "go.mod"},
	{"github.com/sigstore/cosign/v2@v2.6.5", "go.sum", "go.sum"},
	{"github.com/open-policy-agent/opa@v1.22.2", "docs/package-lock.json", "web/package-lock.json"},
	{"github.com/grpc-ecosystem/grpc-gateway/v2@v2.29.0", "examples/internal/browser/package-lock.json", "admin/package-lock.json"},
}

// requirements is a Python service's list of packages.
const requirements = "flask==3.0.3\nrequests==2.32.3\ngunicorn==22.0.0\nsqlalchemy==2.0.31\npydantic==2.8.2\ncelery==5.4.0\nredis==5.0.7\nboto3==1.34.144\nnumpy==2.0.0\npandas==2.2.2\n" +
	"jinja2==3.1.4\nclick==8.1.7\npyyaml==6.0.1\ncryptography==42.0.8\ncertifi==2024.7.4\nurllib3==2.2.2\nidna==3.7\n"

// found is a file of a module.
type found struct {
	name, file string // path in the application, and on disk
	size       int64
	order      [sha256.Size]byte
}

// writeApp writes an application of so many files and about so many bytes: lock files and source text.
func writeApp(ctx context.Context, dir string, files int, size int64) error {
	for _, m := range manifests {
		from, err := moduleDir(ctx, m.module)
		if err != nil {
			return err
		}
		info, err := os.Stat(filepath.Join(from, m.file))
		if err != nil {
			return err
		}
		if err := copyFile(filepath.Join(from, m.file), filepath.Join(dir, m.to)); err != nil {
			return err
		}
		size -= info.Size()
	}
	if err := os.MkdirAll(filepath.Join(dir, "worker"), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "worker", "requirements.txt"), []byte(requirements), 0o644); err != nil {
		return err
	}
	return writeSources(ctx, filepath.Join(dir, "src"), files-len(manifests)-1, size)
}

// writeSources copies so many files of about so many bytes in all; for the same figures always the same.
func writeSources(ctx context.Context, dir string, files int, size int64) error {
	all, err := sourceFiles(ctx)
	if err != nil {
		return err
	}
	count, total := 0, int64(0)
	mean, slack := size/int64(files), size/50
	for _, f := range all {
		if count == files {
			return nil
		}
		if total+f.size > int64(count+1)*mean+slack {
			continue // too far above the mean so far
		}
		if err := copyFile(f.file, filepath.Join(dir, filepath.FromSlash(f.name))); err != nil {
			return err
		}
		count, total = count+1, total+f.size
	}
	return fmt.Errorf("the modules have too few files for %d of them", files)
}

// sourceFiles lists the files of all source modules in an order that mixes them and is always the same.
func sourceFiles(ctx context.Context) ([]found, error) {
	var all []found
	for _, module := range sources {
		root, err := moduleDir(ctx, module)
		if err != nil {
			return nil, err
		}
		prefix := path.Base(strings.Split(module, "@")[0])
		err = filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() || e.Name() == "go.sum" || e.Name() == "go.mod" {
				return err
			}
			info, err := e.Info()
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(root, file)
			if err != nil {
				return err
			}
			name := path.Join(prefix, filepath.ToSlash(rel))
			all = append(all, found{name, file, info.Size(), sha256.Sum256([]byte(name))})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, func(a, b found) int { return bytes.Compare(a.order[:], b.order[:]) })
	return all, nil
}

// moduleDir downloads a module and gives its folder in the module cache.
func moduleDir(ctx context.Context, module string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", module)
	cmd.Dir = os.TempDir()
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	out, err := cmd.Output()
	var got struct{ Dir, Error string }
	if jsonErr := json.Unmarshal(out, &got); jsonErr != nil || err != nil || got.Error != "" {
		return "", fmt.Errorf("downloading %s for the application to scan: %v %s", module, err, got.Error)
	}
	return got.Dir, nil
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}
