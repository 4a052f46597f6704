// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Rule is one package that decides something, as its METADATA describes it.
type Rule struct {
	ID          string         // the name that policies use
	Title       string         // one line: what holds where the rule has nothing to say
	Description string         // why it matters
	Severity    string         // how much a violation matters: critical, high, medium, low, negligible
	Remediation string         // what to do about a violation
	References  []Reference    // where to read on
	ZeroTrust   []string       // ids of the requirements (DESIGN.md §9) it serves
	Package     string         // data.…
	Builtin     bool           // embedded in sealock
	Parameters  map[string]any // defaults, as they stand in METADATA
	Accepts     []Parameter    // sorted by name
	Kinds       []string       // kinds of evidence it reads

	path      []string // segments of the package below data
	decisions []string // those of refuse, warn, allow that it defines
	file      string
	line      int
}

// Reference is where to read on.
type Reference struct{ URL, About string }

// Parameter is one setting of a rule.
type Parameter struct {
	Name    string
	Type    string // see the package's documentation
	Default any    // nil: none
	About   string
	Values  []string // enum
	Keys    []string // durations: the names allowed; none means any
	Min     *float64 // number
	Max     *float64 // number
}

var (
	ruleID        = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*$`) })
	parameterName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][A-Za-z0-9_]*$`) })
)

// describe reads the METADATA of a package into a rule. Without any, the id comes from the package's path and there are no parameters.
func describe(m *ast.Module, path []string, builtin bool) (*Rule, error) {
	loc := m.Package.Location
	r := &Rule{ID: idOf(path), Package: m.Package.Path.String(), Builtin: builtin, path: path, file: loc.File, line: loc.Row}
	for _, a := range m.Annotations {
		if a.Scope != "package" {
			continue
		}
		r.Title, r.Description = a.Title, a.Description
		for _, ref := range a.RelatedResources {
			r.References = append(r.References, Reference{ref.Ref.String(), ref.Description})
		}
		if err := r.custom(a.Custom); err != nil {
			return nil, &Error{Code: CodeMetadata, Path: loc.File, Line: a.Loc().Row, Column: a.Loc().Col, Message: "METADATA: " + err.Error()}
		}
	}
	if !ruleID().MatchString(r.ID) {
		return nil, &Error{Code: CodeMetadata, Path: loc.File, Line: loc.Row, Column: loc.Col,
			Message: fmt.Sprintf("%q can't be a rule id: expected lower-case words, digits, - and _, with dots between", r.ID),
			Hint:    "rename the package, or set custom.id in its METADATA"}
	}
	r.Parameters = make(map[string]any)
	for _, p := range r.Accepts {
		if p.Default != nil {
			r.Parameters[p.Name] = p.Default
		}
	}
	return r, nil
}

// idOf is the id that a package has by its path alone.
func idOf(path []string) string {
	if len(path) > 1 && path[0] == "policy" {
		path = path[1:]
	}
	return strings.Join(path, ".")
}

func (r *Rule) custom(c map[string]any) error {
	for _, key := range sortedKeys(c) {
		v := c[key]
		var err error
		switch key {
		case "id":
			r.ID, err = text(v)
		case "severity":
			if r.Severity, err = text(v); err == nil && !slices.Contains(levels, r.Severity) {
				err = fmt.Errorf("%q: expected one of %s", r.Severity, strings.Join(levels, ", "))
			}
		case "remediation":
			r.Remediation, err = text(v)
		case "kinds":
			r.Kinds, err = texts(v)
		case "zeroTrust":
			r.ZeroTrust, err = texts(v)
		case "parameters":
			r.Accepts, err = parameters(v)
		default:
			err = fmt.Errorf("unknown key%s", suggest(key, []string{"id", "severity", "remediation", "kinds", "zeroTrust", "parameters"}))
		}
		if err != nil {
			return fmt.Errorf("custom.%s: %w", key, err)
		}
	}
	return nil
}

// parameters reads the declarations of custom.parameters.
func parameters(v any) ([]Parameter, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("expected a map of name to {type, default, about}, found %s", typeName(v))
	}
	var out []Parameter
	for _, name := range sortedKeys(m) {
		if !parameterName().MatchString(name) || slices.Contains(generalNames, name) || slices.Contains(findingNames, name) {
			return nil, fmt.Errorf("%s: not a usable name of a parameter", name)
		}
		spec, ok := m[name].(map[string]any)
		if !ok {
			return nil, fmt.Errorf("%s: expected {type, default, about}, found %s", name, typeName(m[name]))
		}
		p, err := parameter(name, spec)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, p)
	}
	return out, nil
}

func parameter(name string, spec map[string]any) (Parameter, error) {
	p := Parameter{Name: name}
	for _, key := range sortedKeys(spec) {
		v := spec[key]
		var err error
		switch key {
		case "type":
			p.Type, err = text(v)
		case "about":
			p.About, err = text(v)
		case "default":
			p.Default = v
		case "values":
			p.Values, err = texts(v)
		case "keys":
			p.Keys, err = texts(v)
		case "min", "max":
			f, isNumber := number(v)
			if !isNumber {
				err = fmt.Errorf("expected a number, found %s", typeName(v))
			}
			if key == "min" {
				p.Min = &f
			} else {
				p.Max = &f
			}
		default:
			err = fmt.Errorf("unknown key%s", suggest(key, []string{"type", "default", "about", "values", "keys", "min", "max"}))
		}
		if err != nil {
			return p, fmt.Errorf("%s: %w", key, err)
		}
	}
	if _, known := converters[p.Type]; !known {
		return p, fmt.Errorf("type %q: expected one of %s", p.Type, strings.Join(sortedKeys(converters), ", "))
	}
	if p.Default != nil {
		if _, err := p.convert(p.Default); err != nil {
			return p, fmt.Errorf("default: %w", err)
		}
	}
	return p, nil
}

func text(v any) (string, error) {
	s, ok := v.(string)
	if !ok || s == "" {
		return "", fmt.Errorf("expected text, found %s", typeName(v))
	}
	return s, nil
}

func texts(v any) ([]string, error) {
	var out []string
	switch l := v.(type) {
	case []string:
		out = l
	case []any:
		for _, e := range l {
			s, err := text(e)
			if err != nil {
				return nil, err
			}
			out = append(out, s)
		}
	default:
		return nil, fmt.Errorf("expected a list, found %s", typeName(v))
	}
	return out, nil
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
