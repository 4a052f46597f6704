// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/cmd/stage"
)

// manifestNames and manifestEndings are the files from which packages are read: those of syft's catalogers that lie in a source tree.
var (
	manifestNames = []string{"go.mod", "go.sum", "package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "deno.lock", "cargo.lock", "cargo.toml",
		"poetry.lock", "uv.lock", "pdm.lock", "pipfile.lock", "pyproject.toml", "setup.py", "gemfile.lock", "gemfile.next.lock", "composer.lock", "installed.json", "pom.xml", "packages.lock.json",
		"podfile.lock", "package.resolved", ".package.resolved", "pubspec.lock", "pubspec.yaml", "pubspec.yml", "mix.lock", "rebar.lock", "cabal.project.freeze", "stack.yaml", "stack.yaml.lock",
		"conan.lock", "conanfile.txt", "conaninfo.txt", "vcpkg.json", ".terraform.lock.hcl", "description", "meta.json", "meta.yml"}
	manifestEndings = []string{".jar", ".war", ".ear", ".jpi", ".hpi", ".whl", ".egg", ".gemspec", ".rockspec", ".opam", ".deps.json", ".csproj", ".py.lock", ".deb", ".rpm", ".apk"}
)

// isManifest reports whether packages may be read from a file of that name. Actions of workflows are packages too, but change often and have no data.
func isManifest(p string) bool {
	name := strings.ToLower(path.Base(p))
	return slices.Contains(manifestNames, name) || strings.HasPrefix(name, "gradle.lockfile") || strings.HasSuffix(name, ".txt") && strings.Contains(name, "requirements") ||
		slices.ContainsFunc(manifestEndings, func(end string) bool { return strings.HasSuffix(name, end) })
}

// manifests are the entries from which packages are read, and a digest over them.
func manifests(entries []entry) ([]entry, key) {
	var found []entry
	parts := []string{"manifests"}
	for _, e := range entries {
		if e.file() && isManifest(e.path) {
			found = append(found, e)
			parts = append(parts, e.path, e.id)
		}
	}
	return found, keyOf(parts...)
}

// packageResult is what manifests say: the SBOM of a folder that holds them and nothing else, and what is known about its packages.
type packageResult struct {
	Key     string           `json:"key"`
	Subject attest.Subject   `json:"subject"` // the folder
	SBOM    json.RawMessage  `json:"sbom"`
	Empty   bool             `json:"empty,omitempty"` // there is no package in it
	Vulns   *predicate.Vulns `json:"vulns,omitempty"`
}

// standInFile makes the folder of manifests different from every artifact.
const standInFile = ".sealock-preview"

// packages lists the packages of a tree by its manifests, and what is known about them if there is data.
func (c *checker) packages(ctx context.Context, entries []entry) (packageResult, error) {
	found, sum := manifests(entries)
	want := stage.Want{SBOM: true, Vulns: c.opt.Data != nil}
	name := sum.String() + " " + c.opt.Version
	if want.Vulns {
		name += " " + c.opt.DataDigest
	}
	if known, ok := c.memory.packages(name); ok {
		return known, nil
	}
	dir, err := os.MkdirTemp(c.opt.TempDir, "sealock-")
	if err != nil {
		return packageResult{}, fmt.Errorf("making a temporary folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := c.export(ctx, filepath.Join(dir, "manifests"), found); err != nil {
		return packageResult{}, err
	}
	res, err := stage.Resolve(ctx, "dir:manifests", subject.Options{Dir: dir, Env: c.opt.Env})
	if err != nil {
		return packageResult{}, err
	}
	s := stage.Scanner{OpenDB: c.opt.Data, Now: c.opt.Now, Version: c.opt.Version, TempDir: c.opt.TempDir}
	reports, err := s.Scan(ctx, res, want)
	if err != nil {
		return packageResult{}, fmt.Errorf("listing packages: %w", err)
	}
	out := packageResult{Key: name, Subject: res.Subject, Vulns: reports[0].Vulns, Empty: reports[0].SBOM.Packages() == 0}
	if out.SBOM, err = reports[0].SBOM.CycloneDX(); err != nil {
		return packageResult{}, err
	}
	c.memory.addPackages(out)
	return out, nil
}

// export writes files into a new folder; nothing is written outside of it.
func (c *checker) export(ctx context.Context, dir string, files []entry) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.WriteFile(standInFile, []byte("made for a preview\n"), 0o600); err != nil {
		return err
	}
	return c.repo.git.Blobs(ctx, ids(files), func(i int, _ int64, r io.Reader) error {
		name := filepath.FromSlash(files[i].path)
		if err := root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return fmt.Errorf("writing %q for scanning: %w", files[i].path, err)
		}
		_, err = io.Copy(f, r)
		return errors.Join(err, f.Close())
	})
}
