// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// ErrNotBuilt says that a tool can't be had here: the module proxy refuses it, there is no network, or it does not compile.
var ErrNotBuilt = errors.New("can't be built here")

// Tool is a program that is built from its module at one version. Its sums are checked against the checksum database by the go command.
type Tool struct {
	Name    string
	Package string
	Version string
	Tags    string // build tags
}

// Tools are all of them, in the order in which building them is cheapest first.
var Tools = []Tool{
	{"registry", "github.com/distribution/distribution/v3/cmd/registry", "v3.1.2", ""},
	{"actionlint", "github.com/rhysd/actionlint/cmd/actionlint", "v1.7.12", ""},
	{"crane", "github.com/google/go-containerregistry/cmd/crane", "v0.22.1", ""},
	{"gitleaks", "github.com/zricethezav/gitleaks/v8", "v8.30.1", ""},
	{"act", "github.com/nektos/act", "v0.2.89", ""},
	{"opa", "github.com/open-policy-agent/opa", "v1.22.2", ""},
	{"conftest", "github.com/open-policy-agent/conftest", "v0.69.0", ""},
	{"promtool", "github.com/prometheus/prometheus/cmd/promtool", "v0.312.0", "remove_all_sd"},
	{"cosign2", "github.com/sigstore/cosign/v2/cmd/cosign", "v2.6.5", ""},
	{"cosign3", "github.com/sigstore/cosign/v3/cmd/cosign", "v3.1.3", ""},
	{"containerd", "github.com/containerd/containerd/v2/cmd/containerd", containerdVersion, containerdTags},
	{"containerd-cri", "github.com/containerd/containerd/v2/cmd/containerd", containerdVersion, strings.TrimSuffix(containerdTags, ",no_cri")},
	{"ctr", "github.com/containerd/containerd/v2/cmd/ctr", containerdVersion, containerdTags},
	{"syft", "github.com/anchore/syft/cmd/syft", "v1.54.1", ""},
	{"grype", "github.com/anchore/grype/cmd/grype", "v0.120.1", ""},
}

// apart are the tools whose own go.mod replaces modules, which "go install PACKAGE@VERSION" refuses: each is built in a module that asks for it.
var apart = []string{"promtool"}

// Find is the tool of a name.
func Find(name string) (Tool, error) {
	for _, t := range Tools {
		if t.Name == name {
			return t, nil
		}
	}
	return Tool{}, fmt.Errorf("no tool is named %q", name)
}

// CacheDir is where tools and prepared inputs are kept: sealock-test in the user's cache folder.
func CacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding a folder for built tools: %w\nhint: set XDG_CACHE_HOME", err)
	}
	return filepath.Join(base, "sealock-test"), nil
}

// binary is what "go install" calls the program.
func (t Tool) binary() string {
	base := path.Base(t.Package)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		base = path.Base(path.Dir(t.Package))
	}
	return base
}

// Ensure gives the path of a tool's binary and builds it first if it is not in the cache. Building takes up to some minutes; what it prints
// goes to log. An error wraps ErrNotBuilt if the tool can't be had.
func Ensure(ctx context.Context, name string, log io.Writer) (string, error) {
	t, err := Find(name)
	if err != nil {
		return "", err
	}
	cache, err := CacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, t.Name+"-"+t.Version)
	file := filepath.Join(dir, t.binary())
	if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
		return file, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("making %s: %w", dir, err)
	}
	tmp, err := os.MkdirTemp(cache, "build-*")
	if err != nil {
		return "", fmt.Errorf("making a folder to build %s in: %w", name, err)
	}
	defer os.RemoveAll(tmp)
	fmt.Fprintf(log, "building %s %s\n", t.Name, t.Version)
	if err := install(ctx, t, tmp, log); err != nil {
		return "", err
	}
	if err := os.Rename(filepath.Join(tmp, t.binary()), file); err != nil {
		return "", fmt.Errorf("keeping %s: %w", name, err)
	}
	return file, nil
}

// install runs "go install" outside every module, built as releases are: without cgo, paths and symbols.
func install(ctx context.Context, t Tool, bin string, log io.Writer) error {
	run := func(args ...string) error {
		cmd := exec.CommandContext(ctx, "go", args...)
		cmd.Dir = bin
		cmd.Env = append(os.Environ(), "GOBIN="+bin, "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false", "GOWORK=off", "GOTOOLCHAIN=local", "GOOS=", "GOARCH=")
		var said strings.Builder
		cmd.Stdout, cmd.Stderr = log, io.MultiWriter(log, &tail{b: &said})
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s %s %w: %w: %s", t.Name, t.Version, ErrNotBuilt, err, lastLine(said.String()))
		}
		return nil
	}
	build := []string{"install", "-trimpath", "-ldflags", "-s -w", "-tags", t.Tags}
	if !slices.Contains(apart, t.Name) {
		return run(append(build, t.Package+"@"+t.Version)...)
	}
	if err := run("mod", "init", "tool.example"); err != nil {
		return err
	}
	if err := run("get", t.Package+"@"+t.Version); err != nil {
		return err
	}
	return run(append(build, t.Package)...)
}

// BuildSealock builds the product from the tree that this module lies in, with build tags if any are named.
func BuildSealock(ctx context.Context, root, out string, log io.Writer, tags ...string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", strings.Join(tags, ","), "-ldflags", "-s -w", "-o", out, "./cmd/sealock")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false", "GOWORK=off")
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("building sealock in %s: %w", root, err)
	}
	return nil
}

// tail keeps the last few kilobytes of what is written to it.
type tail struct{ b *strings.Builder }

const maxTail = 8 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.b.Write(p)
	if s := t.b.String(); len(s) > maxTail {
		t.b.Reset()
		t.b.WriteString(s[len(s)-maxTail/2:])
	}
	return len(p), nil
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}
