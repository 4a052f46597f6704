// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"
)

// renderedObjects reads the manifests that came out; a copy of an object that is there is left out.
func (s *scan) renderedObjects(r rendering, p *parsed) error {
	names := make([]string, 0, len(r.out))
	total := 0
	for name, text := range r.out {
		base := path.Base(name)
		if base == "NOTES.txt" || strings.HasPrefix(base, "_") || strings.TrimSpace(text) == "" {
			continue
		}
		total += len(text)
		names = append(names, name)
	}
	if total > maxRendered {
		return fmt.Errorf("%w: %q renders to more than %d bytes", ErrLimit, names[0], maxRendered)
	}
	slices.Sort(names)
	for _, name := range names {
		f := file{path: r.sources[name], data: []byte(r.out[name])}
		docs, parts := parseYAML(f)
		back := newBacktrack(f.data, r.text[name])
		for _, b := range parts {
			b.Line = back.line(b.Line, 1)
			b.Message = "what the template renders to is " + b.Message
			p.problems = append(p.problems, b.Problem)
		}
		problems, err := decodeAll(f, docs, yaml11, s.limits)
		if err != nil {
			return err
		}
		objects, more := objectsOf(f, docs, fromHelm)
		for _, problem := range append(problems, more...) {
			problem.Line, problem.Column = back.line(problem.Line, 1), 0
			p.problems = append(p.problems, problem)
		}
		for _, o := range objects {
			o.locate = rendered{doc: o.locate, back: back}
			if !isTestHook(o) && !hasObject(p.objects, o) {
				p.objects = append(p.objects, o)
			}
		}
	}
	return nil
}

// isTestHook is for pods that helm test runs and nothing else.
func isTestHook(o object) bool {
	hooks := textOr(mapping(mapping(o.value["metadata"])["annotations"])["helm.sh/hook"], "")
	return hooks != "" && !slices.ContainsFunc(strings.Split(hooks, ","), func(h string) bool {
		h = strings.TrimSpace(h)
		return h != "test" && h != "test-success" && h != "test-failure"
	})
}

// hasObject reports whether an equal object from the same file is there.
func hasObject(objects []object, o object) bool {
	return slices.ContainsFunc(objects, func(x object) bool {
		return x.file == o.file && x.kind == o.kind && reflect.DeepEqual(x.value, o.value)
	})
}
