// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Scopes says which rules look at one item at a time, and what the others read of each item, so that a tree of any size can be judged file by file.
// Rules that it does not name, and those of a policy, need the whole document.
type Scopes struct {
	Each     []string `json:"each"`     // the lists of the document whose items are judged one by one, unless a view has the rule
	Together []string `json:"together"` // those whose items are judged together with the others of their module, likewise
	// Types of Terraform's resources that mean something for all modules of the tree, such as a setting of the account.
	Everywhere []string `json:"everywhere"`
	Views      []View   `json:"views"` // rules that look at several items at once
}

// View is rules that look at several items at once, and all that they read of them.
type View struct {
	Name  string    `json:"name"`
	List  string    `json:"list"`  // of the document: kubernetes, which need not be said, or terraform
	Rules []string  `json:"rules"` // ids
	Reads []Reading `json:"reads"` // the first that means an object holds for it; what none means is not read
}

// Reading is what rules read of objects of some kinds, beside their id, kind, group, name, namespace and origin, or of resources of some types, beside all but
// their values. Paths have dots between names. A last name that begins with ~ is an expression for the names there; "*" is everything.
type Reading struct {
	Kinds       []string `json:"kinds"`       // or types, or patterns of these; none: all
	Pods        bool     `json:"pods"`        // only what has a pod
	Labels      bool     `json:"labels"`      // the object's own
	Object      []string `json:"object"`      // of the object, or of the resource's values
	PodLabels   bool     `json:"podLabels"`   // of the pod
	Annotations bool     `json:"annotations"` // of the pod
	Spec        []string `json:"spec"`        // of the pod's spec
	Container   []string `json:"container"`   // of each container; none: no containers
	Given       bool     `json:"given"`       // only objects that have something at one of the paths below Object

	object, spec, container []trail
	patterns                []string // of Kinds
}

// trail is a path of a Reading.
type trail struct {
	names []string
	keys  *regexp.Regexp // for the names at its end
}

// The parts of the rules beside those of views.
const (
	PartEach  = "each"  // rules that look at one item at a time, or at one module
	PartGraph = "graph" // rules that read the graph of flows
	PartWhole = "whole" // rules that may read everything
)

// ParseScopes reads Scopes.
func ParseScopes(data []byte) (*Scopes, error) {
	var s Scopes
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return nil, fmt.Errorf("reading what rules read: %w", err)
	}
	for v := range s.Views {
		s.Views[v].List = cmp.Or(s.Views[v].List, "kubernetes")
		for r := range s.Views[v].Reads {
			if err := s.Views[v].Reads[r].parse(); err != nil {
				return nil, fmt.Errorf("reading what the rules of %s read: %w", s.Views[v].Name, err)
			}
		}
	}
	return &s, nil
}

func (r *Reading) parse() error {
	for _, k := range r.Kinds {
		if _, err := path.Match(k, ""); err != nil {
			return fmt.Errorf("the pattern %q: %w", k, err)
		}
		if strings.Contains(k, "*") {
			r.patterns = append(r.patterns, k)
		}
	}
	for _, list := range []struct {
		from []string
		to   *[]trail
	}{{r.Object, &r.object}, {r.Spec, &r.spec}, {r.Container, &r.container}} {
		for _, text := range list.from {
			p := trail{}
			if head, expression, found := strings.Cut(text, "~"); found {
				keys, err := regexp.Compile(expression)
				if err != nil {
					return err
				}
				text, p.keys = strings.TrimSuffix(head, "."), keys
			}
			p.names = strings.Split(text, ".")
			*list.to = append(*list.to, p)
		}
	}
	return nil
}

// part is the name of the part that a rule belongs to.
func (s *Scopes) part(r *Rule) string {
	if s == nil || !r.Builtin {
		return PartWhole
	}
	for _, v := range s.Views {
		if slices.Contains(v.Rules, r.ID) {
			return v.Name
		}
	}
	switch {
	case slices.Contains(r.Kinds, "graph"):
		return PartGraph
	case len(r.Kinds) > 0 && !slices.ContainsFunc(r.Kinds, func(k string) bool { return !slices.Contains(s.Each, k) && !slices.Contains(s.Together, k) }):
		return PartEach
	}
	return PartWhole
}

// Of is what the rules of a view read of an item of its list; nil if they don't read it.
func (v *View) Of(item map[string]any) map[string]any {
	kind, _ := item["kind"].(string)
	if v.List != "kubernetes" {
		kind, _ = item["type"].(string)
	}
	pod, _ := item["pod"].(map[string]any)
	for i := range v.Reads {
		if r := &v.Reads[i]; r.means(kind) && (!r.Pods || pod != nil) {
			if v.List == "kubernetes" {
				return r.of(item, pod)
			}
			return r.ofResource(item)
		}
	}
	return nil
}

func (r *Reading) means(kind string) bool {
	return len(r.Kinds) == 0 || slices.Contains(r.Kinds, kind) || slices.ContainsFunc(r.patterns, func(p string) bool {
		matches, _ := path.Match(p, kind) //nolint:errcheck // parse has tried them
		return matches
	})
}

// ofResource is what is read of a resource. Its policies are not.
func (r *Reading) ofResource(item map[string]any) map[string]any {
	out := map[string]any{"policies": []any{}}
	for _, name := range []string{"id", "mode", "type", "name", "address", "module", "source", "refs"} {
		out[name] = item[name]
	}
	values, _ := item["values"].(map[string]any)
	out["values"] = pick(values, r.object)
	return out
}

func (r *Reading) of(item, pod map[string]any) map[string]any {
	out := map[string]any{"pod": nil}
	for _, name := range []string{"id", "kind", "group", "name", "namespace", "origin"} {
		out[name] = item[name]
	}
	if r.Labels {
		out["labels"] = item["labels"]
	}
	object, _ := item["object"].(map[string]any)
	kept := pick(object, r.object)
	if r.Given && len(kept) == 0 {
		return nil
	}
	if out["object"] = kept; pod == nil {
		return out
	}
	spec, _ := pod["spec"].(map[string]any)
	some := map[string]any{"path": pod["path"], "spec": pick(spec, r.spec), "labels": map[string]any{}, "annotations": map[string]any{}, "containers": []any{}}
	if r.PodLabels {
		some["labels"] = pod["labels"]
	}
	if r.Annotations {
		some["annotations"] = pod["annotations"]
	}
	containers, _ := pod["containers"].([]any)
	if len(r.container) > 0 {
		list := make([]any, len(containers))
		for i, c := range containers {
			list[i] = ofContainer(c, r.container)
		}
		some["containers"] = list
	}
	out["pod"] = some
	return out
}

func ofContainer(v any, paths []trail) map[string]any {
	c, _ := v.(map[string]any)
	spec, _ := c["spec"].(map[string]any)
	return map[string]any{"name": c["name"], "kind": c["kind"], "path": c["path"], "spec": pick(spec, paths)}
}

// pick is what of an object stands at the paths. Nothing is copied but the objects on the way.
func pick(from map[string]any, paths []trail) map[string]any {
	out := map[string]any{}
	for _, p := range paths {
		if len(p.names) == 1 && p.names[0] == "*" {
			return from
		}
		p.into(out, from, p.names)
	}
	return out
}

func (p trail) into(to, from map[string]any, names []string) {
	v, there := from[names[0]]
	if !there {
		return
	}
	below, isObject := v.(map[string]any)
	switch {
	case !isObject, len(names) == 1 && p.keys == nil:
		to[names[0]] = v // a value of another type stops there too
	case len(names) == 1:
		some := map[string]any{}
		for k, e := range below {
			if p.keys.MatchString(k) {
				some[k] = e
			}
		}
		if len(some) > 0 {
			to[names[0]] = some
		}
	default:
		next, _ := to[names[0]].(map[string]any)
		if next == nil {
			next = map[string]any{}
		}
		p.into(next, below, names[1:])
		if to[names[0]] = next; len(next) == 0 {
			delete(to, names[0])
		}
	}
}
