// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// places lists the dotted path of every member of an object and every scalar of a list below v.
func places(v any, at string) []string {
	var out []string
	switch x := v.(type) {
	case map[string]any:
		for _, k := range sortedKeys(x) {
			if strings.Contains(k, ".") {
				continue
			}
			out = append(append(out, at+k), places(x[k], at+k+".")...)
		}
	case []any:
		for i, e := range x {
			out = append(out, places(e, fmt.Sprintf("%s%d.", at, i))...)
		}
	}
	return out
}

// optional names the cases whose refusal rests on a field that its standard lets a producer leave out, with the fields.
var optional = map[string][]string{
	"C-05 finished before started": {"runDetails.metadata", "runDetails.metadata.finishedOn", "runDetails.metadata.startedOn"},
	"C-05 build in the future":     {"runDetails.metadata", "runDetails.metadata.finishedOn"},
	"build time malformed":         {"runDetails.metadata", "runDetails.metadata.startedOn"},
	"failures named":               {"failedTests"},
	"source not listed":            {"buildDefinition.externalParameters.source"},
	"source with a longer name":    {"buildDefinition.externalParameters.source"},
	"C-21 unknown parameter":       {"buildDefinition.externalParameters.debug"},
	"root with two digests":        {"metadata.component.hashes", "metadata.component.hashes.0.alg", "metadata.component.hashes.0.content"},
	"published is no time":         {"scanner.result.1.annotations.0.published"},
	"published on February 30":     {"scanner.result.1.annotations.0.published"},
	// Where no other tool is named, the scan is our own.
	"S-24 a report in place of the scan": {"tools", "tools.0"},
	"S-24 a report under our own name":   {"tools", "tools.0"},
	"S-24 a report of nobody":            {"tools", "tools.0"},
	"S-24 tools are text":                {"tools"},
	"S-24 another tool is listed":        {"tools", "tools.0"},
	// An SBOM does not have to say whether it is complete.
	"C-16 incomplete by its own words": {"compositions"},
	"C-16 only its own parts":          {"compositions"},
	"C-16 nobody knows":                {"compositions"},
	"C-16 in words of a later version": {"compositions"},
	"C-16 compositions are an object":  {"compositions"},
	"C-16 no aggregate":                {"compositions"},
	"C-16 about a list of no texts":    {"compositions"},
	// Nor does it have to give a license; what that leads to is the parameter unknown, which warns here.
	"license not allowed":           {"components.0.licenses", "components.0.licenses.0.license", "components.0.licenses.0.license.id", "components.0.type"},
	"license denied":                {"components.0.licenses", "components.0.licenses.0.license", "components.0.licenses.0.license.id"},
	"both of two":                   {"components.0.licenses", "components.0.licenses.0.expression"},
	"exception of a denied license": {"components.0.licenses", "components.0.licenses.0.expression"},
}

// only keeps the evidence of a kind, and of the two that are held against each other.
func only(doc map[string]any, kind string) map[string]any {
	together := func(k any) bool { return k == "sbom" || k == "vulns" }
	doc["evidence"] = slices.DeleteFunc(doc["evidence"].([]any), func(e any) bool {
		k := e.(map[string]any)["kind"]
		return k != kind && (!together(k) || !together(kind))
	})
	return doc
}

// Whatever is refused stays refused (or becomes an error) when any field of the predicate is taken away, is null or has another type.
func TestRefusalsAreMonotone(t *testing.T) {
	s := builtins(t)
	others := []any{nil, 7.0, []any{7.0}} // in turn, to keep the number of evaluations down
	n := 0
	for _, c := range gateCases {
		if c.want == "" || strings.HasPrefix(c.want, "~") {
			continue
		}
		base := allowed(t)
		set(t, predicateOf(t, base, c.kind), c.path, c.value)
		for i, place := range places(predicateOf(t, base, c.kind), "") {
			for _, value := range []any{remove{}, others[i%len(others)]} {
				how := fmt.Sprintf("%T %v", value, value)
				doc := only(allowed(t), c.kind)
				set(t, predicateOf(t, doc, c.kind), c.path, c.value)
				set(t, predicateOf(t, doc, c.kind), place, value)
				n++
				results, err := s.Eval(t.Context(), Input{Document: doc, Params: paramsOf(t, c.params), At: evaluatedAt})
				if err != nil {
					var e *Error
					if !errors.As(err, &e) {
						t.Fatalf("%s, %s %s: an error without a code: %v", c.name, place, how, err)
					}
					t.Errorf("%s, %s %s: evidence alone made evaluation fail: %v", c.name, place, how, err)
					continue
				}
				if !slices.ContainsFunc(results, func(r Result) bool { return !r.Warn }) && !slices.Contains(optional[c.name], place) {
					t.Errorf("%s: is allowed when %s is replaced by %s", c.name, place, how)
				}
			}
		}
	}
	t.Logf("%d mutations", n)
}

// No shape of evidence makes evaluation fail, and every reason can be read.
func TestAnyShapeOfEvidence(t *testing.T) {
	s := builtins(t)
	params := settings{
		"licenses":        {"allow": []any{"MIT"}, "unknown": "refuse"},
		"provenance":      {"builders": []any{"b"}, "sources": []any{"s"}, "parameters": map[string]any{"target": "image"}},
		"vulnerabilities": {"refuse": "negligible", "epss": 0.0, "grace": "7d", "onlyFixable": true},
		"freshness":       {"evidence": map[string]any{"vulns": "1h", "sbom": "1h"}, "built": "1d"},
	}
	values := []any{remove{}, nil, true, 7.0, "x", "", "\x1b[2J\u202e", []any{}, []any{nil}, []any{[]any{}}, map[string]any{}, map[string]any{"a": nil}}
	for _, e := range allowed(t)["evidence"].([]any) {
		kind := e.(map[string]any)["kind"].(string)
		for n, place := range places(map[string]any{"predicate": e.(map[string]any)["predicate"]}, "") {
			for i := n % 3; i < len(values); i += 3 { // each place gets a third of the values
				value := values[i]
				if place == "predicate" && value == (remove{}) {
					continue
				}
				doc := only(allowed(t), kind)
				set(t, evidenceOf(t, doc, kind), place, value)
				results, err := s.Eval(t.Context(), Input{Document: doc, Params: params, At: evaluatedAt})
				if err != nil {
					t.Errorf("%s: %s = value %d: %v", kind, place, i, err)
				}
				for _, r := range results {
					if strings.ContainsAny(r.Message+r.Found, "\x1b\u202e") || strings.Contains(r.Message+r.Found+r.Fix, "%!") {
						t.Errorf("%s: %s = value %d: unreadable: %+v", kind, place, i, r)
					}
				}
			}
		}
	}
}
