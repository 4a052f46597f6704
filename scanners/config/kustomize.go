// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// maxKustomizeLoads bounds the files that one kustomization reads, counted as often as bases are read again.
const maxKustomizeLoads = 20_000

// builtObjects is what kustomizations give, and the manifests that are judged in this form and in no other.
type builtObjects struct {
	parsed
	consumed map[objectID]bool
}

// objectID is one of the objects of a file.
type objectID struct {
	file  string
	index int
}

// kustomize builds every kustomization that no other one refers to. What is in no build is judged as it is written.
func (s *scan) kustomize(ctx context.Context) (builtObjects, error) {
	out := builtObjects{consumed: map[objectID]bool{}}
	if len(s.tree.kustom) == 0 {
		return out, nil
	}
	g := newKustomizations(s)
	for _, dir := range s.tree.kustom {
		if _, err := g.load(dir); err != nil {
			return out, err
		}
	}
	if err := g.parse(ctx); err != nil {
		return out, err
	}
	for _, dir := range s.tree.kustom {
		if err := g.build(ctx, g.all[dir], &out); err != nil {
			return out, err
		}
	}
	if err := g.fragments(ctx, &out); err != nil {
		return out, err
	}
	for _, dir := range s.tree.kustom {
		out.problems = append(out.problems, g.all[dir].problems...)
		out.skipped = append(out.skipped, g.all[dir].skipped...)
	}
	return out, nil
}

// kustomizations are the kustomizations of a tree, by folder.
type kustomizations struct {
	scan   *scan
	all    map[string]*kustomization
	parsed map[string]*parsed // files that were read as manifests
	jobs   map[string]int     // of files
}

// kustomization is one of them, brought to a form that refers to nothing outside of the tree.
type kustomization struct {
	dir, file string
	root      yamlDocument
	spec      types.Kustomization
	files     []string // of the tree
	resources []string // those of them that hold manifests
	absentees []string // files that generators read and the tree does not have; they are empty for the build
	patches   []patch
	bases     []*kustomization
	referred  bool // by another one
	broken    bool // can't be built
	loads     int  // files read to build it
	problems  []Problem
	skipped   []skip
}

// patch is a file with patches.
type patch struct {
	path   string
	target *types.Selector
}

func newKustomizations(s *scan) *kustomizations {
	g := &kustomizations{scan: s, all: map[string]*kustomization{}, parsed: map[string]*parsed{}, jobs: map[string]int{}}
	for n, j := range s.jobs {
		if j.path != "" {
			g.jobs[j.path] = n
		}
	}
	return g
}

// parse reads the files that kustomizations name, side by side.
func (g *kustomizations) parse(ctx context.Context) error {
	named := map[int]bool{}
	for _, k := range g.all {
		for _, p := range k.files {
			if n, there := g.jobs[p]; there {
				named[n] = true
			}
		}
	}
	numbers := slices.Sorted(maps.Keys(named))
	results, err := g.scan.parse(ctx, numbers)
	if err != nil {
		return err
	}
	for i, r := range results {
		if g.scan.ready[numbers[i]] = r; r.docs != nil {
			g.parsed[r.file.path] = &r
		}
	}
	return nil
}

func (k *kustomization) problem(n *yaml.Node, format string, args ...any) {
	p := Problem{File: k.file, Line: 1, Message: fmt.Sprintf(format, args...)}
	if n != nil {
		p.Line, p.Column = n.Line, n.Column
	}
	k.problems = append(k.problems, p)
}

// load reads the kustomization in a folder and those it refers to. The error wraps ErrLimit.
func (g *kustomizations) load(dir string) (*kustomization, error) {
	if k := g.all[dir]; k != nil {
		return k, nil
	}
	k := &kustomization{dir: dir, broken: true}
	g.all[dir] = k
	for _, name := range []string{"kustomization.yaml", "kustomization.yml", "Kustomization"} {
		f, there, err := g.scan.tree.read(path.Join(dir, name))
		if err != nil {
			return k, err
		}
		if !there {
			continue
		}
		if k.file != "" {
			k.problem(nil, "the folder has another kustomization, %s", name)
			return k, nil
		}
		k.file = f.path
		docs, bad, err := readYAML(f, yaml11, g.scan.limits)
		if err != nil {
			return k, err
		}
		k.problems = append(k.problems, bad...)
		if len(docs) != 1 || len(bad) > 0 {
			k.problem(nil, "a kustomization is one YAML document")
			return k, nil
		}
		k.root = docs[0]
		if err := k.spec.Unmarshal(f.data); err != nil {
			k.problem(k.root.root, "%v", err)
			return k, nil
		}
	}
	if k.file == "" {
		k.file = path.Join(dir, "kustomization.yaml")
		return k, nil
	}
	k.broken = false
	return k, g.resolve(k)
}

// build runs kustomize over a file system that holds the files of one kustomization and nothing else.
func (g *kustomizations) build(ctx context.Context, k *kustomization, out *builtObjects) error {
	if k.referred || k.spec.Kind == types.ComponentKind {
		return nil
	}
	closure := k.closure(map[*kustomization]bool{})
	if slices.ContainsFunc(closure, func(c *kustomization) bool { return c.broken }) {
		return nil
	}
	if odd := firstOdd(closure); odd != "" {
		k.problem(nil, "the kustomization can't be built: kustomize takes no file of the name %q; use letters, digits, dots, dashes and underscores", odd)
		return nil
	}
	fsys := filesys.MakeFsInMemory()
	definitions, err := g.changesDefinitions(closure)
	if err != nil {
		return err
	}
	for _, c := range closure {
		if err := g.fill(fsys, c, c == k, definitions); err != nil {
			return err
		}
	}
	var built resmap.ResMap
	err = watched(ctx, fmt.Sprintf("building the kustomization %q", k.dir), func() (err error) {
		opt := krusty.MakeDefaultOptions()
		opt.LoadRestrictions = types.LoadRestrictionsNone // of the file system in memory, which has only files of the tree
		built, err = krusty.MakeKustomizer(opt).Run(fsys, path.Join("/", k.dir))
		return err
	})
	if errors.Is(err, ErrLimit) || ctx.Err() != nil {
		return err
	}
	if err != nil {
		if !slices.ContainsFunc(closure, func(c *kustomization) bool { return len(c.problems) > 0 }) { // else it is for want of what is missing
			k.problem(nil, "the kustomization can't be built: %s", firstLine(err))
		}
		return nil
	}
	return g.objects(ctx, k, closure, built, out)
}

// fragments takes out the patches that no API server would take by themselves, also where the kustomization was not built.
func (g *kustomizations) fragments(ctx context.Context, out *builtObjects) error {
	for _, k := range g.all {
		for _, p := range k.patches {
			objects, err := g.manifests(ctx, p.path)
			if err != nil {
				return err
			}
			for n, o := range objects {
				if o.isFragment() {
					out.consumed[objectID{p.path, n}] = true
				}
			}
		}
	}
	return nil
}

// ordinary is what kustomize's file system in memory takes.
var ordinary = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_./-]+$`) })

// takes reports whether a file system in memory can have a path.
func takes(p string) bool { return ordinary().MatchString(p) && !strings.Contains(p, "..") }

// firstOdd is the first path of the kustomizations that the file system can't have, or "".
func firstOdd(all []*kustomization) string {
	for _, k := range all {
		for _, p := range append([]string{k.file}, k.files...) {
			if !takes(p) {
				return p
			}
		}
	}
	return ""
}

// closure is a kustomization and all that it refers to.
func (k *kustomization) closure(seen map[*kustomization]bool) []*kustomization {
	if seen[k] {
		return nil
	}
	seen[k] = true
	out := []*kustomization{k}
	for _, b := range k.bases {
		out = append(out, b.closure(seen)...)
	}
	return out
}

// definition is the line by which custom resource definitions are known.
var definition = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)^kind:[ \t]*["']?CustomResourceDefinition`) })

// changesDefinitions reports whether kustomizations or their patches speak of custom resource definitions.
func (g *kustomizations) changesDefinitions(all []*kustomization) (bool, error) {
	for _, k := range all {
		paths := []string{k.file}
		for _, p := range k.patches {
			paths = append(paths, p.path)
		}
		for _, p := range paths {
			f, _, err := g.scan.tree.read(p)
			if err != nil || bytes.Contains(f.data, []byte("CustomResourceDefinition")) {
				return true, err
			}
		}
	}
	return false, nil
}

// withoutDefinitions takes custom resource definitions out of a file: they are large, kustomize takes seconds for them, and nothing changes them.
// They are judged as they are written.
func withoutDefinitions(data []byte) []byte {
	if !definition().Match(data) {
		return data
	}
	var out []byte
	for _, p := range separate(data) {
		if !definition().Match(p.data) {
			out = append(out, p.data...)
		}
	}
	return out
}

// fill writes the files of a kustomization. The root one is told to say where each object comes from.
func (g *kustomizations) fill(fsys filesys.FileSystem, k *kustomization, root, definitions bool) error {
	spec := k.spec
	spec.BuildMetadata = nil
	if root {
		spec.BuildMetadata = []string{types.OriginAnnotations}
	}
	text, err := json.Marshal(spec)
	if err != nil {
		return fmt.Errorf("writing the kustomization %q again: %w", k.file, err)
	}
	if err := fsys.WriteFile("/"+k.file, text); err != nil {
		return fmt.Errorf("writing the kustomization %q again: %w", k.file, err)
	}
	for _, p := range k.absentees {
		if err := fsys.WriteFile("/"+p, nil); err != nil {
			return fmt.Errorf("standing in for %q: %w", p, err)
		}
	}
	for _, p := range k.files {
		f, _, err := g.scan.tree.read(p)
		if err != nil {
			return err
		}
		if slices.Contains(k.resources, p) && !definitions {
			f.data = withoutDefinitions(f.data)
		}
		if err := fsys.WriteFile("/"+p, f.data); err != nil {
			return fmt.Errorf("reading %q for the kustomization %q: %w", p, k.file, err)
		}
	}
	return nil
}
