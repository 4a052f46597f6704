// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"bytes"
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

// The packages of the servers, in the module testdata/stack/sigstore: the last part of each is the name of its binary.
var serverPackages = []string{
	"github.com/sigstore/fulcio",
	"github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix",
	"./cmd/tsa",
	"./cmd/ctlog",
}

// fileClaims is the part of Fulcio's production configuration that says how the claims of CI tokens become extensions.
const fileClaims = "ci-issuer-metadata.yaml"

// EnsureSigstore builds the servers of a private Sigstore once into the user's cache and gives their folder. source is the folder of the module
// testdata/stack/sigstore, which names their versions. An error wraps ErrNotBuilt if they can't be had here.
func EnsureSigstore(ctx context.Context, source string, log io.Writer) (string, error) {
	cache, err := CacheDir()
	if err != nil {
		return "", err
	}
	version, err := sourceDigest(source)
	if err != nil {
		return "", fmt.Errorf("reading the servers' module: %w", err)
	}
	dir := filepath.Join(cache, "sigstore-"+version)
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
	fmt.Fprintln(log, "building Fulcio, Rekor, a time stamp authority and a certificate transparency log")
	if err := buildServers(ctx, source, tmp, log); err != nil {
		return "", err
	}
	if err := os.Rename(tmp, dir); err != nil && !errors.Is(err, fs.ErrExist) { // another run may have been faster
		return "", fmt.Errorf("keeping the servers: %w", err)
	}
	return dir, nil
}

func buildServers(ctx context.Context, source, bin string, log io.Writer) error {
	run := func(out io.Writer, args ...string) error {
		cmd := exec.CommandContext(ctx, "go", args...)
		cmd.Dir = source
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly -buildvcs=false", "GOWORK=off", "GOTOOLCHAIN=local", "GOOS=", "GOARCH=")
		var said strings.Builder
		cmd.Stdout, cmd.Stderr = out, io.MultiWriter(log, &tail{b: &said})
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("the servers of Sigstore %w: %w: %s", ErrNotBuilt, err, lastLine(said.String()))
		}
		return nil
	}
	if err := run(log, append([]string{"build", "-trimpath", "-ldflags", "-s -w", "-o", bin + string(filepath.Separator)}, serverPackages...)...); err != nil {
		return err
	}
	var module bytes.Buffer
	if err := run(&module, "list", "-m", "-f", "{{.Dir}}", "github.com/sigstore/fulcio"); err != nil {
		return err
	}
	config, err := os.ReadFile(filepath.Join(strings.TrimSpace(module.String()), "config", "identity", "config.yaml"))
	if err != nil {
		return err
	}
	begin, issuers, section := bytes.Index(config, []byte("\ndefine:")), bytes.Index(config, []byte("\noidc-issuers:")), bytes.Index(config, []byte("\nci-issuer-metadata:"))
	if begin < 0 || issuers < begin || section < issuers {
		return errors.New("Fulcio's configuration is not laid out as it was: expected define, oidc-issuers, ci-issuer-metadata")
	}
	return os.WriteFile(filepath.Join(bin, fileClaims), append(config[begin+1:issuers:issuers], config[section:]...), 0o644)
}

// sourceDigest tells versions of the servers' module apart.
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
