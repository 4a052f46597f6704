// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package stage

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/scanners"
)

// BuildType is the buildType of provenance that sealock writes: a command run as a stage.
const BuildType = "https://github.com/sealock-dev/sealock/stage/v1"

// Bounds of the dependencies that provenance lists.
const (
	maxDependencies = 50000
	maxLockfile     = 64 << 20 // bytes
)

// lockfiles pin what a build fetches. Each is listed with its digest; those that hold digests themselves are read.
var lockfiles = map[string]func([]byte) []attest.ResourceDescriptor{
	"go.sum": goModules, "package-lock.json": npmPackages, "npm-shrinkwrap.json": npmPackages,
	"yarn.lock": nil, "pnpm-lock.yaml": nil, "Cargo.lock": nil, "poetry.lock": nil, "uv.lock": nil, "Pipfile.lock": nil, "requirements.txt": nil,
	"Gemfile.lock": nil, "composer.lock": nil, "gradle.lockfile": nil, "packages.lock.json": nil, "go.work.sum": goModules,
}

func (r *Runner) provenance(ctx context.Context, rec Record, ins, products []*subject.Resolved) (evidence, error) {
	deps := []attest.ResourceDescriptor{}
	for _, m := range rec.Materials {
		if !strings.HasPrefix(m.Name, predicate.ReceiptPrefix) {
			deps = append(deps, m)
		}
	}
	locked := 0
	read := ins
	if len(read) == 0 { // a stage without inputs is about its subjects themselves
		read = products
	}
	for _, in := range read {
		found, err := r.dependencies(ctx, in)
		if err != nil {
			return evidence{}, err
		}
		locked += len(found)
		deps = append(deps, found...)
	}
	if len(deps) > maxDependencies {
		return evidence{}, fmt.Errorf("more than %d dependencies", maxDependencies)
	}
	var subjects []attest.Subject
	var refs []string
	for _, p := range products {
		subjects = append(subjects, p.Subjects()...)
		refs = append(refs, p.Ref.String())
	}
	var inRefs []string
	for _, in := range ins {
		inRefs = append(inRefs, in.Ref.String())
	}
	p := predicate.Provenance{
		BuildDefinition: predicate.BuildDefinition{BuildType: BuildType, ResolvedDependencies: deps,
			ExternalParameters: map[string]any{"stage": rec.Stage, "command": orEmpty(rec.Command), "inputs": orEmpty(inRefs), "subjects": orEmpty(refs)}},
		RunDetails: predicate.RunDetails{Builder: predicate.Builder{ID: r.Builder, Version: map[string]string{"sealock": r.Version}},
			Metadata: predicate.BuildMetadata{InvocationID: rec.Run, StartedOn: rec.StartedOn, FinishedOn: rec.FinishedOn}},
	}
	return evidence{predicate.KindProvenance, predicate.TypeProvenance, p, subjects, fmt.Sprintf("provenance: %s, %s pinned by lockfiles", count(len(rec.Materials), "material"), count(locked, "package"))}, nil
}

func orEmpty(in []string) []string {
	if in == nil {
		return []string{}
	}
	return in
}

// dependencies reads the lockfiles and Dockerfiles of one input.
func (r *Runner) dependencies(ctx context.Context, in *subject.Resolved) ([]attest.ResourceDescriptor, error) {
	if in.Ref.Scheme != subject.Git && in.Ref.Scheme != subject.Dir {
		return nil, nil
	}
	tmp, done, err := temp(r.TempDir)
	if err != nil {
		return nil, err
	}
	defer done()
	sources, err := in.Sources(ctx, tmp)
	if err != nil {
		return nil, err
	}
	var out []attest.ResourceDescriptor
	for _, src := range sources {
		if src.Kind != scanners.Dir {
			continue
		}
		found, err := readLocks(ctx, src)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

func readLocks(ctx context.Context, src scanners.Source) ([]attest.ResourceDescriptor, error) {
	var out []attest.ResourceDescriptor
	excluded := map[string]bool{}
	for _, e := range src.Exclude {
		excluded[e] = true
	}
	err := filepath.WalkDir(src.Path, func(name string, e fs.DirEntry, err error) error {
		if err != nil || ctx.Err() != nil {
			return firstError(err, ctx.Err())
		}
		rel, err := filepath.Rel(src.Path, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if e.IsDir() && (excluded[rel] || e.Name() == ".git" || e.Name() == "node_modules") {
			return filepath.SkipDir
		}
		parse, isLock := lockfiles[e.Name()]
		isDocker := e.Name() == "Dockerfile" || strings.HasSuffix(e.Name(), ".Dockerfile") || e.Name() == "Containerfile"
		if !e.Type().IsRegular() || (!isLock && !isDocker) {
			return nil
		}
		data, err := boundedFile(name)
		if err != nil {
			return err
		}
		if isDocker {
			out = append(out, baseImages(data)...)
			return nil
		}
		out = append(out, attest.ResourceDescriptor{Name: rel, Digest: attest.DigestSet{"sha256": attest.SHA256(data).Hex}})
		if parse != nil {
			out = append(out, parse(data)...)
		}
		return nil
	})
	return out, err
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func boundedFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxLockfile {
		return nil, fmt.Errorf("%s has %d bytes, limit %d", filepath.Base(name), info.Size(), maxLockfile)
	}
	return os.ReadFile(name)
}

// goModules reads go.sum. The h1: hash of a module is in-toto's dirHash, in base64 rather than hex.
func goModules(data []byte) []attest.ResourceDescriptor {
	var out []attest.ResourceDescriptor
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) != 3 || strings.HasSuffix(f[1], "/go.mod") {
			continue
		}
		sum, ok := strings.CutPrefix(f[2], "h1:")
		raw, err := base64.StdEncoding.DecodeString(sum)
		if !ok || err != nil || len(raw) != 32 {
			continue
		}
		out = append(out, attest.ResourceDescriptor{URI: "pkg:golang/" + f[0] + "@" + f[1], Digest: attest.DigestSet{"dirHash": hex.EncodeToString(raw)}})
	}
	return out
}

// npmPackages reads the packages of a package-lock.json with their sha512 integrity.
func npmPackages(data []byte) []attest.ResourceDescriptor {
	var lock struct {
		Packages map[string]struct {
			Version   string `json:"version"`
			Integrity string `json:"integrity"`
		} `json:"packages"`
	}
	if json.Unmarshal(data, &lock) != nil { // the file itself is listed with its digest all the same
		return nil
	}
	var out []attest.ResourceDescriptor
	for path, p := range lock.Packages {
		i := strings.LastIndex(path, "node_modules/")
		sum, ok := strings.CutPrefix(p.Integrity, "sha512-")
		raw, err := base64.StdEncoding.DecodeString(sum)
		if i < 0 || !ok || err != nil || len(raw) != 64 {
			continue
		}
		name := strings.Replace(path[i+len("node_modules/"):], "@", "%40", 1)
		out = append(out, attest.ResourceDescriptor{URI: "pkg:npm/" + name + "@" + p.Version, Digest: attest.DigestSet{"sha512": hex.EncodeToString(raw)}})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].URI < out[j].URI })
	return out
}

// baseImages reads the images that a Dockerfile starts from by digest.
func baseImages(data []byte) []attest.ResourceDescriptor {
	var out []attest.ResourceDescriptor
	for _, line := range strings.Split(string(data), "\n") {
		f := strings.Fields(line)
		if len(f) < 2 || !strings.EqualFold(f[0], "FROM") {
			continue
		}
		for _, word := range f[1:] {
			if name, d, ok := strings.Cut(word, "@"); ok {
				if digest, err := attest.ParseDigest(d); err == nil {
					out = append(out, attest.ResourceDescriptor{URI: "docker://" + name, Digest: attest.DigestSet{digest.Algorithm: digest.Hex}})
				}
			}
		}
	}
	return out
}
