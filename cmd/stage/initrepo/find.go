// SPDX-License-Identifier: Apache-2.0

package initrepo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"sort"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/sealock-dev/sealock/attest"
)

// maxLook is how much of one file is looked at; maxNames how many names of one folder.
const (
	maxLook  = 4 << 20
	maxNames = 10_000
)

// plainName are names that may stand in a comment and on a terminal as they are.
var plainName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// folder is the folder that is looked at. Links out of it are not followed.
type folder struct {
	root *os.Root
	abs  string
}

// read gives a file's content, or nil if it is none, is too large or can't be read.
func (f *folder) read(name string) []byte {
	info, err := f.root.Stat(name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxLook {
		return nil
	}
	file, err := f.root.Open(name)
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, maxLook))
	if err != nil {
		return nil
	}
	return data
}

func (f *folder) exists(name string) bool {
	_, err := f.root.Lstat(name)
	return err == nil
}

// match gives the first name, in order, that fits a pattern of path.Match at the top of the folder.
func (f *folder) match(pattern string) string {
	if !strings.ContainsAny(pattern, "*?[") {
		if f.exists(pattern) {
			return pattern
		}
		return ""
	}
	for _, name := range f.names(".") {
		if ok, err := path.Match(pattern, name); err == nil && ok && plainName.MatchString(name) {
			return name
		}
	}
	return ""
}

// names lists a folder.
func (f *folder) names(dir string) []string {
	d, err := f.root.Open(dir)
	if err != nil {
		return nil
	}
	defer func() { _ = d.Close() }()
	names, err := d.Readdirnames(maxNames)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil
	}
	sort.Strings(names)
	return names
}

// findCI notes CI configuration and Dockerfiles.
func (p *Plan) findCI(look *folder) {
	for _, c := range []struct{ name, at string }{
		{"GitHub Actions", ".github/workflows"}, {"GitLab CI", ".gitlab-ci.yml"}, {"Jenkins", "Jenkinsfile"},
		{"Azure Pipelines", "azure-pipelines.yml"}, {"CircleCI", ".circleci/config.yml"}, {"Tekton", ".tekton"},
	} {
		if look.exists(c.at) {
			p.CI = append(p.CI, fmt.Sprintf("%s (%s)", c.name, c.at))
		}
	}
	for _, pattern := range []string{"Dockerfile", "Containerfile", "*.Dockerfile"} {
		if name := look.match(pattern); name != "" {
			p.Containers = append(p.Containers, name)
		}
	}
}

// hasDependencies reports whether a file names packages that an SBOM must then list.
func (f *folder) hasDependencies() bool {
	if data := f.read("go.mod"); data != nil {
		mod, err := modfile.ParseLax("go.mod", data, nil)
		if err == nil && len(mod.Require) > 0 {
			return true
		}
	}
	for _, lock := range []string{"package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "requirements.txt", "poetry.lock", "Pipfile.lock", "uv.lock", "Cargo.lock",
		"Gemfile.lock", "composer.lock", "gradle.lockfile", "packages.lock.json"} {
		if f.exists(lock) {
			return true
		}
	}
	return false
}

// layout finds an OCI image layout: the folder itself, or, where there is no source code, the first one up to two levels down.
func (f *folder) layout(code bool) string {
	if f.exists("oci-layout") {
		return "."
	}
	if code {
		return ""
	}
	found := ""
	_ = fs.WalkDir(f.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fs.SkipDir // what can't be read is no layout to start with
		case d.IsDir() && name != "." && (strings.Count(name, "/") > 1 || name == StoreDir || name == "node_modules" || !plainName.MatchString(d.Name()) || name == ".git"):
			return fs.SkipDir
		case !d.IsDir() && path.Base(name) == "oci-layout":
			found = path.Dir(name)
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// useLayout makes the image in a layout the product.
func (p *Plan) useLayout(look *folder, dir string) error {
	p.git = inRepository(look.abs)
	p.Product = "oci-layout:" + dir
	var index struct {
		Manifests []struct {
			Digest string `json:"digest"`
		} `json:"manifests"`
	}
	if err := json.Unmarshal(look.read(path.Join(dir, "index.json")), &index); err != nil {
		return fmt.Errorf("reading the image layout in %s: index.json: %w\nhint: write the layout again, or remove the file oci-layout", dir, err)
	}
	if len(index.Manifests) == 0 {
		return fmt.Errorf("reading the image layout in %s: index.json names no image\nhint: write the layout again", dir)
	}
	if len(index.Manifests) > 1 {
		d, err := attest.ParseDigest(index.Manifests[0].Digest)
		if err != nil {
			return fmt.Errorf("reading the image layout in %s: index.json: %w", dir, err)
		}
		p.Product += "@" + d.String()
		p.Notes = append(p.Notes, fmt.Sprintf("the layout holds %d images and the first one is taken; %s names it by its digest", len(index.Manifests), PipelineFile))
	}
	return nil
}
