// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/open-policy-agent/opa/v1/ast"
)

// reader collects what can't be read while it goes through one predicate.
type reader struct {
	problems []*ast.Term
	keys     map[string]*ast.Term
}

// read brings a piece of evidence to the form that rules judge. evidence.read(e) never fails: every field of what it gives is there and has its type,
// and what can't be read is listed under problems, or counts as the worst. Rego alone could do it too, thirty times slower; and a name that
// is missing makes a rule silent, which is the wrong way round for a gate.
//
// All kinds have kind, stage, predicateType, digest, subjects (as in the input), problems: [{where, expected, found}] and times: {started, finished,
// updated, built} as far as the kind has them, and signed: each {ns, text}, with ns null where there is no valid time. Then
//
//	vulns            findings: [{id, purl, name, version, package, level, unknown, kev, epss, fixState, fixedIn, published, day, aliases}], packages: {…};
//	                 and of the findings byLevel: {level: […]}, unrated: those with unknown, exploited: those with kev
//	sbom             components (how many beyond the root), root: {algorithm: [hex…]}, packages: {…}, licenses: {text: [{name, purl}]},
//	                 gaps: [what it says of its own completeness, if less than complete…]
//	secrets, config, sast, dast  complete, found, findings: [{rule, severity, level, message, path, place, fingerprint, fingerprints}],
//	                 suppressed: [{path, place, kind}], tools: [name…], imported: whether those are others whose reports were imported
//	provenance       builder, parameters: {…}, sources: [uri…], dependencies: [{names: [uri…], digest: {…}}]
//	test             result, failed: [name…]
//
// Levels run from 0 (negligible) to 4 (critical); -1 is no rating. Packages are canonical purls, or name and version where there is none.
func read(e ast.Value) *ast.Term {
	r := &reader{keys: make(map[string]*ast.Term)}
	p := get(e, "predicate")
	kind := str(get(e, "kind"))
	var fields []any
	switch kind {
	case "vulns":
		fields = r.vulns(p, str(get(e, "predicateType")))
	case "sbom":
		fields = r.sbom(p)
	case "secrets", "config", "sast", "dast":
		fields = r.findings(p, kind)
	case "provenance":
		fields = r.provenance(p, str(get(e, "predicateType")))
	case "test":
		fields = r.test(p)
	default:
		fields = []any{"times", r.object()}
	}
	subjects := get(e, "subjects")
	if subjects == nil {
		subjects = ast.NewArray()
	}
	return r.object(append(fields, "kind", kind, "stage", str(get(e, "stage")), "predicateType", str(get(e, "predicateType")), "digest", str(get(e, "digest")),
		"subjects", subjects, "signed", r.time(get(e, "time")), "problems", ast.NewArray(r.problems...))...)
}

func (r *reader) problem(where, expected string, found ast.Value) {
	r.problems = append(r.problems, r.object("where", where, "expected", expected, "found", display(found)))
}

// object builds an object from names and values.
func (r *reader) object(kv ...any) *ast.Term {
	items := make([][2]*ast.Term, 0, len(kv)/2)
	for i := 0; i+1 < len(kv); i += 2 {
		name, _ := kv[i].(string)
		key := r.keys[name]
		if key == nil {
			key = ast.StringTerm(name)
			r.keys[name] = key
		}
		items = append(items, [2]*ast.Term{key, term(kv[i+1])})
	}
	return ast.NewTerm(ast.NewObject(items...))
}

func term(v any) *ast.Term {
	switch x := v.(type) {
	case *ast.Term:
		return x
	case ast.Value:
		return ast.NewTerm(x)
	case string:
		return ast.StringTerm(x)
	case bool:
		return ast.BooleanTerm(x)
	case int:
		return ast.IntNumberTerm(x)
	case []string:
		terms := make([]*ast.Term, len(x))
		for i, s := range x {
			terms[i] = ast.StringTerm(s)
		}
		return ast.ArrayTerm(terms...)
	case []*ast.Term:
		return ast.ArrayTerm(x...)
	}
	return ast.NullTerm()
}

// get is the value at a path of names, nil if there is none.
func get(v ast.Value, names ...string) ast.Value {
	for _, n := range names {
		o, ok := v.(ast.Object)
		if !ok {
			return nil
		}
		t := o.Get(ast.StringTerm(n))
		if t == nil {
			return nil
		}
		v = t.Value
	}
	return v
}

// str is text, or "" for anything else.
func str(v ast.Value) string {
	s, _ := v.(ast.String)
	return string(s)
}

func isString(v ast.Value) bool {
	_, ok := v.(ast.String)
	return ok
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// items is the elements of a list; ok is false if v is none.
func items(v ast.Value) (out []ast.Value, ok bool) {
	a, ok := v.(*ast.Array)
	if !ok {
		return nil, false
	}
	out = make([]ast.Value, 0, a.Len())
	a.Foreach(func(t *ast.Term) { out = append(out, t.Value) })
	return out, true
}

// textItems is the texts of a list; null stands for an empty list. ok is false if v is neither or holds anything but text.
func textItems(v ast.Value) (out []string, ok bool) {
	if _, none := v.(ast.Null); none {
		return nil, true
	}
	values, ok := items(v)
	for _, x := range values {
		if !isString(x) {
			ok = false
			continue
		}
		out = append(out, str(x))
	}
	return out, ok
}

func boolean(v ast.Value) (value, ok bool) {
	b, ok := v.(ast.Boolean)
	return bool(b), ok
}

func float(v ast.Value) (float64, bool) {
	n, ok := v.(ast.Number)
	if !ok {
		return 0, false
	}
	return n.Float64()
}

var timeForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(19|20|21)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$`)
})

// parseTime reads RFC 3339 of the years 1900 to 2199, which is what nanoseconds in 64 bits hold.
func parseTime(v ast.Value) (time.Time, bool) {
	s := str(v)
	if !timeForm().MatchString(s) {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	return t, err == nil
}

// time is {ns, text} of a time; ns is null if it is not a valid one.
func (r *reader) time(v ast.Value) *ast.Term {
	if t, ok := parseTime(v); ok {
		return r.object("ns", ns(t), "text", str(v))
	}
	return r.object("ns", nil, "text", display(v))
}

// receiptTimes is {started, finished} of a stage of the input.
func receiptTimes(stage ast.Value) *ast.Term {
	r := &reader{keys: make(map[string]*ast.Term)}
	return r.object("started", r.time(get(stage, "startedOn")), "finished", r.time(get(stage, "finishedOn")))
}

func ns(t time.Time) *ast.Term {
	return ast.NumberTerm(json.Number(strconv.FormatInt(t.UnixNano(), 10)))
}

// maxShown is how many characters of a foreign value a message quotes.
const maxShown = 200

// display is a foreign value for a message.
func display(v ast.Value) string {
	var s string
	switch x := v.(type) {
	case nil, ast.Null:
		return "nothing"
	case ast.String:
		s = string(x)
	default:
		s = x.String()
	}
	return shorten(s)
}

func shorten(s string) string {
	if utf8.RuneCountInString(s) <= maxShown {
		return s
	}
	return string([]rune(s)[:maxShown]) + "…"
}
