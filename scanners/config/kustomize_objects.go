// SPDX-License-Identifier: Apache-2.0

package config

import (
	"context"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/resmap"
)

// objects makes objects of what was built.
func (g *kustomizations) objects(ctx context.Context, k *kustomization, closure []*kustomization, built resmap.ResMap, out *builtObjects) error {
	var patches []patchDocument
	for _, c := range closure {
		for _, p := range c.patches {
			docs, err := g.manifests(ctx, p.path)
			if err != nil {
				return err
			}
			for n, o := range docs {
				patches = append(patches, patchDocument{o, objectID{p.path, n}, p.target})
			}
		}
	}
	for _, r := range built.Resources() {
		origin, err := r.GetOrigin()
		if err != nil {
			return fmt.Errorf("reading where %s of %q comes from: %w", r.CurId(), k.file, err)
		}
		text, err := r.AsYAML()
		if err != nil {
			return fmt.Errorf("reading %s of %q: %w", r.CurId(), k.file, err)
		}
		docs, bad, err := readYAML(file{k.file, text}, yaml11, g.scan.limits)
		if err != nil {
			return err
		}
		objects, _ := objectsOf(file{path: k.file}, docs, fromKustomize)
		if len(bad) > 0 || len(objects) != 1 {
			k.problem(nil, "%s is no object after the build", r.CurId())
			continue
		}
		o := objects[0]
		dropOrigin(o.value)
		from, generated := "", ""
		if origin != nil {
			from, generated = origin.Path, origin.ConfiguredIn
		}
		for _, p := range patches {
			if p.appliesTo(o) {
				out.consumed[p.id] = true
			}
		}
		original, err := g.trace(ctx, &o, k, from, generated, patches)
		if err != nil {
			return err
		}
		if original.file != "" {
			out.consumed[original] = true
		}
		same := func(x object) bool {
			return x.file == o.file && x.kind == o.kind && reflect.DeepEqual(x.value, o.value)
		}
		if !slices.ContainsFunc(out.objects, same) {
			out.objects = append(out.objects, o)
		}
	}
	return nil
}

// dropOrigin removes the annotation that says where an object comes from.
func dropOrigin(value map[string]any) {
	meta := mapping(value["metadata"])
	annotations := mapping(meta["annotations"])
	delete(annotations, "config.kubernetes.io/origin")
	if len(annotations) == 0 {
		delete(meta, "annotations")
	}
}

// trace finds the manifest that an object was made of.
func (g *kustomizations) trace(ctx context.Context, o *object, k *kustomization, from, generated string, patches []patchDocument) (objectID, error) {
	if from == "" {
		o.file = path.Join(k.dir, generated)
		if generated == "" {
			o.file = k.file
		}
		line := 1
		if gk := g.all[path.Dir(o.file)]; gk != nil {
			line = gk.generatorLine(o.kind)
		}
		o.locate = at{Line: line, Column: 1, EndLine: line}
		return objectID{}, nil
	}
	o.file = path.Join(k.dir, from)
	candidates, err := g.manifests(ctx, o.file)
	if err != nil {
		return objectID{}, err
	}
	name := o.name()
	n := bestOriginal(candidates, o.kind, name)
	if n < 0 {
		o.locate = at{Line: 1, Column: 1, EndLine: 1}
		return objectID{}, nil
	}
	original := candidates[n]
	was := original.name()
	o.same = o.kind + " " + was
	l := built{value: o.value, original: nodeOf(original.locate)}
	for _, p := range patches {
		if p.appliesTo(*o) {
			l.patches = append(l.patches, patchNode{p.id.file, nodeOf(p.locate)})
		}
	}
	o.locate = l
	return objectID{o.file, n}, nil
}

// bestOriginal is the index of the object of a kind whose name is in the built name, the longest one, or -1.
func bestOriginal(candidates []object, kind, name string) int {
	best, length := -1, -1
	for n, c := range candidates {
		if was := c.name(); c.kind == kind && strings.Contains(name, was) && len(was) > length {
			best, length = n, len(was)
		}
	}
	return best
}

// generatorLine is where the generators of a kind begin.
func (k *kustomization) generatorLine(kind string) int {
	field := "configMapGenerator"
	if kind == "Secret" {
		field = "secretGenerator"
	}
	if k.root.root == nil {
		return 1
	}
	return positionIn(k.root.root, []any{field}).Line
}

// manifests are the objects in a file, as they were parsed or parsed now.
func (g *kustomizations) manifests(ctx context.Context, p string) ([]object, error) {
	if r := g.parsed[p]; r != nil {
		return r.objects, nil
	}
	if n, there := g.jobs[p]; there {
		r, err := g.scan.jobs[n].run(ctx)
		if err != nil {
			return nil, err
		}
		if g.scan.ready[n] = r; r.docs != nil {
			g.parsed[p] = &r
			return r.objects, nil
		}
	}
	f, there, err := g.scan.tree.read(p)
	if err != nil || !there {
		return nil, err
	}
	docs, _, err := readYAML(f, yaml11, g.scan.limits)
	if err != nil {
		return nil, err
	}
	objects, _ := objectsOf(f, docs, fromManifest)
	g.parsed[p] = &parsed{file: f, docs: docs, objects: objects}
	return objects, nil
}
