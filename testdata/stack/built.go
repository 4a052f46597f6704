// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// builtOnce gives the folder of programs that are built from a module of their own, once for each state of its sources. build is given an
// empty folder, which is kept only if all of them were built. Another run may have been faster.
func builtOnce(name, source string, build func(bin string) error) (string, error) {
	cache, err := CacheDir()
	if err != nil {
		return "", err
	}
	version, err := sourceDigest(source)
	if err != nil {
		return "", fmt.Errorf("reading the module of %s: %w", name, err)
	}
	dir := filepath.Join(cache, name+"-"+version)
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	tmp, err := os.MkdirTemp(cache, "build-*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	if err := build(tmp); err != nil {
		return "", err
	}
	if err := os.Rename(tmp, dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("keeping the programs of %s: %w", name, err)
	}
	return dir, nil
}

// sourceDigest tells versions of a module apart.
func sourceDigest(source string) (string, error) {
	h := sha256.New()
	files, err := filepath.Glob(filepath.Join(source, "cmd", "*", "*.go"))
	if err != nil {
		return "", err
	}
	for _, file := range append([]string{filepath.Join(source, "go.mod")}, files...) {
		data, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n", filepath.Base(file), len(data))
		h.Write(data)
	}
	return fmt.Sprintf("%x", h.Sum(nil))[:16], nil
}

// goIn runs the go command in a folder, without cgo and without what the caller's environment would change. What it is for names it in the
// error, which wraps ErrNotBuilt.
func goIn(ctx context.Context, dir, what string, out, log io.Writer, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly -buildvcs=false", "GOWORK=off", "GOTOOLCHAIN=local", "GOOS=", "GOARCH=")
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = out, io.MultiWriter(log, &tail{b: &said})
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %w: %w: %s", what, ErrNotBuilt, err, lastLine(said.String()))
	}
	return nil
}
