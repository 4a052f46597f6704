// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
)

// Bounds on a path.
const (
	maxPath     = 512 // bytes of its text
	maxSegments = 32
)

// everyItem is the segment [*]: each item of a list. everyKey is .*: each value of a mapping.
const (
	everyItem = "[*]"
	everyKey  = "*"
)

// Path leads to values in an object: names with dots between them, [*] for each item of a list, * for each value of a mapping. A name that holds
// a dot or a bracket is written ['…'].
type Path struct {
	text     string
	segments []string
}

// ParsePath reads a path such as spec.steps[*].image.
func ParsePath(s string) (Path, error) {
	p := Path{text: s}
	if s == "" || len(s) > maxPath {
		return p, fmt.Errorf("a path has 1 to %d bytes, this one %d", maxPath, len(s))
	}
	for rest := s; rest != ""; {
		var segment string
		switch {
		case strings.HasPrefix(rest, everyItem):
			segment, rest = everyItem, rest[len(everyItem):]
		case strings.HasPrefix(rest, "['"):
			name, after, ok := strings.Cut(rest[2:], "']")
			if !ok || name == "" {
				return p, fmt.Errorf("path %q: expected a name and '] after ['", s)
			}
			segment, rest = name, after
		default:
			end := strings.IndexAny(rest, ".[")
			if end < 0 {
				end = len(rest)
			}
			segment, rest = rest[:end], rest[end:]
		}
		if segment == "" || segment != everyItem && strings.ContainsAny(segment, "'\"]$?@ ") {
			return p, fmt.Errorf("path %q: expected names with dots between them, [*] or ['…']", s)
		}
		p.segments = append(p.segments, segment)
		if next, ok := strings.CutPrefix(rest, "."); ok {
			if rest = next; rest == "" {
				return p, fmt.Errorf("path %q: ends in a dot", s)
			}
		} else if rest != "" && rest[0] != '[' {
			return p, fmt.Errorf("path %q: expected a dot before %q", s, rest)
		}
	}
	if len(p.segments) > maxSegments {
		return p, fmt.Errorf("path %q: has %d parts, limit %d", s, len(p.segments), maxSegments)
	}
	return p, nil
}

func (p Path) String() string { return p.text }

// found is one value in an object, and where it stands.
type found struct {
	at    string
	value any
}

// find gives the values that the path leads to. Where a name is missing there are none; where something stands that the path can't pass, it is an error.
func (p Path) find(doc any) ([]found, error) {
	here := []found{{"", doc}}
	for _, segment := range p.segments {
		var next []found
		for _, f := range here {
			values, err := step(f, segment)
			if err != nil {
				return nil, err
			}
			if next = append(next, values...); len(next) > maxImages {
				return nil, fmt.Errorf("path %s leads to more than %d values", p, maxImages)
			}
		}
		here = next
	}
	return here, nil
}

func step(f found, segment string) ([]found, error) {
	switch v := f.value.(type) {
	case nil:
		return nil, nil
	case []any:
		if segment != everyItem {
			return nil, fmt.Errorf("%s is a list, expected a mapping with %q", f.at, segment)
		}
		var out []found
		for i, item := range v {
			out = append(out, found{fmt.Sprintf("%s[%d]", f.at, i), item})
		}
		return out, nil
	case map[string]any:
		if segment == everyItem {
			return nil, fmt.Errorf("%s is a mapping, expected a list", f.at)
		}
		dot := "."
		if f.at == "" {
			dot = ""
		}
		if segment != everyKey {
			if value, ok := v[segment]; ok {
				return []found{{f.at + dot + segment, value}}, nil
			}
			return nil, nil
		}
		var out []found
		for _, key := range slices.Sorted(maps.Keys(v)) {
			out = append(out, found{f.at + dot + clean(key, 63), v[key]})
		}
		return out, nil
	}
	return nil, fmt.Errorf("%s is no list and no mapping", f.at)
}

// custom reads a kind that the configuration describes. What looks like containers where no path leads is a reason to refuse: the
// description is older than the kind.
func (o *object) custom(k Kind, raw jsontext.Value) *gate.Reason {
	kind := GroupKind{Group: k.Group, Kind: k.Kind}
	if k.None {
		return nil
	}
	doc, err := attest.DecodeAny(raw)
	if err != nil {
		return malformed(kind, err)
	}
	covered := map[string]bool{}
	for _, p := range k.images {
		values, err := p.find(doc)
		if err != nil {
			return malformed(kind, err)
		}
		for _, v := range values {
			text, ok := v.value.(string)
			if !ok {
				return malformed(kind, fmt.Errorf("%s is no text", v.at))
			}
			covered[v.at] = true
			if r := o.add(v.at, text, pull{}); r != nil {
				return r
			}
		}
	}
	for _, p := range k.podSpecs {
		values, err := p.find(doc)
		if err != nil {
			return malformed(kind, err)
		}
		for _, v := range values {
			if r := o.podWithin(kind, v); r != nil {
				return r
			}
			covered[v.at] = true
		}
	}
	if at := uncovered(doc, "", covered); at != "" {
		return &gate.Reason{Code: CodeUnknownKind, Message: fmt.Sprintf("the %s has containers at %s, where no path of the configuration leads", kind, at), Fix: "add the path under kinds in the admission configuration"}
	}
	if len(o.images) == 0 && !k.MayBeEmpty {
		return &gate.Reason{Code: CodeNoImage, Message: fmt.Sprintf("no path of the configuration leads to an image in the %s", kind), Fix: "correct the paths, or set mayBeEmpty"}
	}
	return nil
}

func (o *object) podWithin(kind GroupKind, v found) *gate.Reason {
	if _, ok := v.value.(map[string]any); !ok {
		return malformed(kind, errors.New(v.at+" is no specification of a pod"))
	}
	raw, err := json.Marshal(v.value)
	var spec podSpec
	if err == nil {
		err = attest.DecodeJSON(raw, &spec)
	}
	if err != nil {
		return malformed(kind, err)
	}
	return o.spec(kind, v.at, &spec)
}

// uncovered finds a list of containers that no path led to, or "".
func uncovered(v any, at string, covered map[string]bool) string {
	if covered[at] {
		return ""
	}
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			if found := uncovered(item, fmt.Sprintf("%s[%d]", at, i), covered); found != "" {
				return found
			}
		}
	case map[string]any:
		for key, value := range v {
			below := strings.TrimPrefix(at+"."+key, ".")
			if items, ok := value.([]any); ok && strings.HasSuffix(strings.ToLower(key), "containers") {
				for i, item := range items {
					c, _ := item.(map[string]any)
					if _, named := c["image"].(string); named && !covered[fmt.Sprintf("%s[%d].image", below, i)] && !covered[below] {
						return below
					}
				}
				continue
			}
			if found := uncovered(value, below, covered); found != "" {
				return found
			}
		}
	}
	return ""
}
