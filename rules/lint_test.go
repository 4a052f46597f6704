// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"slices"
	"strings"
	"testing"
)

// Each kind of rule that fails open is found, and the same rule written soundly is not.
func TestLint(t *testing.T) {
	for name, c := range map[string]struct{ source, want string }{
		"allow by default":                  {"default allow := true\n\nallow if input.owner", LintAllowByDefault},
		"refuse by default":                 {"default allow := false\n\nallow if input.owner", ""},
		"no default":                        {"allow if input.owner", LintNoDefault},
		"P-20 versions as text":             {"refuse contains \"old\" if input.policy.version < \"1.9.0\"", LintCompareText},
		"versions compared":                 {"refuse contains \"old\" if semver.compare(object.get(input, [\"tool\", \"version\"], \"0.0.0\"), \"1.9.0\") < 0", ""},
		"times as text":                     {"refuse contains \"old\" if {\n\tsome s in input.stages\n\ts.finishedOn < input.at\n}", LintCompareText},
		"severity as text":                  {"refuse contains \"bad\" if {\n\tsome f in input.stages\n\tobject.get(f, \"severity\", \"\") >= \"high\"\n}", LintCompareText},
		"numbers":                           {"refuse contains \"many\" if count(input.stages) > 3", ""},
		"every of nothing":                  {"default allow := false\n\nallow if {\n\tevery s in input.stages {\n\t\ts.name != \"\"\n\t}\n}", LintEveryEmpty},
		"every of something":                {"default allow := false\n\nallow if {\n\tcount(input.stages) > 0\n\tevery s in input.stages {\n\t\ts.name != \"\"\n\t}\n}", ""},
		"negated and missing":               {"refuse contains \"outside\" if not startswith(input.subject.registry, \"ghcr.io/acme/\")", LintNegatedMissing},
		"negated and there":                 {"refuse contains \"outside\" if not startswith(object.get(input, [\"subject\", \"registry\"], \"\"), \"ghcr.io/acme/\")", ""},
		"raw predicate":                     {"refuse contains \"who\" if {\n\tsome e in input.evidence\n\te.predicate.builder.id != \"good\"\n}", LintRawPredicate},
		"read evidence":                     {"import data.sealock.lib\n\nrefuse contains \"who\" if {\n\tsome d in lib.read(\"provenance\")\n\td.builder != \"good\"\n}", ""},
		"P-20 a time":                       {"refuse contains \"x\" if {\n\tsome s in input.stages\n\ts.time < input.at\n}", LintCompareText},
		"P-20 by sorting":                   {"refuse contains \"x\" if max({s.finishedOn | some s in input.stages}) == input.at", LintCompareText},
		"P-20 in a function":                {"older(a, b) if a < b\n\nrefuse contains \"x\" if {\n\tsome s in input.stages\n\tolder(s.finishedOn, input.at)\n}", LintCompareText},
		"P-20 in lower case":                {"refuse contains \"x\" if {\n\tsome s in input.stages\n\tlower(object.get(s, \"severity\", \"\")) >= lower(\"HIGH\")\n}", LintCompareText},
		"P-21 one spelling":                 {"refuse contains \"x\" if {\n\tsome e in input.evidence\n\tsome f in object.get(e, [\"predicate\", \"findings\"], [])\n\tf.severity in {\"critical\", \"high\"}\n}", LintCompareText + " " + LintRawPredicate},
		"a predicate by another name":       {"refuse contains \"x\" if {\n\tsome e in input.evidence\n\tp := e.predicate\n\tp.builder.id != \"good\"\n}", LintRawPredicate},
		"a predicate by a pattern":          {"refuse contains \"x\" if {\n\tsome {\"predicate\": p} in input.evidence\n\tp.builder.id != \"good\"\n}", LintRawPredicate},
		"a predicate in a function":         {"refuse contains \"x\" if {\n\tsome e in input.evidence\n\tbad(e.predicate)\n}\n\nbad(p) if p.builder.id != \"good\"", LintRawPredicate},
		"a predicate in a helper":           {"bad contains e.digest if {\n\tsome e in input.evidence\n\te.predicate.builder.id != \"good\"\n}\n\nrefuse contains x if some x in bad", LintRawPredicate},
		"a predicate in a call":             {"refuse contains \"x\" if {\n\tsome e in input.evidence\n\tcount(e.predicate.tests) < 3\n}", LintRawPredicate},
		"a predicate in the reason":         {"refuse contains sprintf(\"%s\", [e.predicate.builder.id]) if some e in input.evidence", LintRawPredicate},
		"a default that is not deep":        {"refuse contains \"x\" if {\n\tsome e in input.evidence\n\tp := object.get(e, \"predicate\", {})\n\tp.builder.id != \"good\"\n}", LintRawPredicate},
		"a default that is":                 {"refuse contains \"x\" if {\n\tsome e in input.evidence\n\tp := object.get(e, [\"predicate\", \"builder\", \"id\"], \"\")\n\tp != \"good\"\n}", ""},
		"a claim":                           {"refuse contains \"x\" if {\n\tsome s in input.stages\n\ts.claims.ref != \"refs/heads/main\"\n}", LintRawPredicate},
		"a field that input does not have":  {"refuse contains \"x\" if {\n\tr := input.subject.registry\n\tnot startswith(r, \"ghcr.io/\")\n}", LintRawPredicate},
		"what is there":                     {"refuse contains \"x\" if {\n\tsome s in input.stages\n\tsome m in s.materials\n\tnot startswith(m.uri, \"git+https://\")\n}", ""},
		"an else that answers":              {"id(e) := e.predicate.builder.id if {\n\te.predicate.builder.id != \"\"\n} else := \"unknown\"\n\nrefuse contains \"x\" if {\n\tsome e in input.evidence\n\tid(e) != \"good\"\n}", ""},
		"allowed for want of a fault":       {"default allow := false\n\nbad if {\n\tsome e in input.evidence\n\te.predicate.builder.id != \"good\"\n}\n\nallow if not bad", LintRawPredicate},
		"allowed for want of faults":        {"default allow := false\n\nbad contains f if {\n\tsome e in input.evidence\n\tsome f in e.predicate.findings\n}\n\nallow if count(bad) == 0", LintRawPredicate},
		"allowed by an empty comprehension": {"default allow := false\n\nallow if count([f | some e in input.evidence; some f in e.predicate.findings]) == 0", LintRawPredicate},
		"allowed by what is there":          {"default allow := false\n\nallow if {\n\tsome e in input.evidence\n\te.predicate.builder.id == \"good\"\n}", ""},
		"allowed otherwise":                 {"default allow := false\n\nallow := false if {\n\tinput.environment == \"prod\"\n} else := true", LintAllowByDefault},
		"a helper that is true by default":  {"default good(_) := true\n\ngood(e) := false if e.predicate.bad\n\nrefuse contains \"x\" if {\n\tsome e in input.evidence\n\tnot good(e)\n}", LintAllowByDefault},
		"every, and none":                   {"default allow := false\n\nallow if {\n\tcount(input.stages) >= 0\n\tevery s in input.stages {\n\t\ts.name != \"\"\n\t}\n}", LintEveryEmpty},
		"every, and some":                   {"default allow := false\n\nallow if {\n\t0 < count(input.stages)\n\tevery s in input.stages {\n\t\ts.name != \"\"\n\t}\n}", ""},
		"a refusal of another name":         {"refuse contains \"x\" if input.environment == \"x\"\n\ndeny contains \"y\" if input.environment == \"y\"", LintIgnored},
		"a helper of warnings":              {"warn contains x if some x in deny\n\ndeny contains \"y\" if input.environment == \"y\"", ""},
		"a helper of that name":             {"refuse contains x if some x in deny\n\ndeny contains \"y\" if input.environment == \"y\"", ""},
		"P-19 a pattern without ends":       {"refuse contains \"x\" if not regex.match(\"ghcr.io/acme/.*\", input.subject.name)", LintLooseMatch},
		"P-19 alternatives without ends":    {"refuse contains \"x\" if not regex.match(\"^ghcr.io/a|ghcr.io/b$\", input.subject.name)", LintLooseMatch},
		"P-19 a pattern with ends":          {"refuse contains \"x\" if not regex.match(`^(ghcr\\.io/a|ghcr\\.io/b)$`, input.subject.name)", ""},
		"P-19 the beginning of a host":      {"refuse contains \"x\" if not startswith(input.subject.name, \"registry.acme.io\")", LintLooseMatch},
		"P-19 a pattern of what is refused": {"refuse contains \"x\" if regex.match(\"evil\", input.subject.name)", ""},
	} {
		t.Run(name, func(t *testing.T) {
			doubts, err := Lint([]Module{module("a.rego", "package policy.a\n\n"+c.source+"\n")})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range doubts {
				got = append(got, d.Check)
				if d.Line < 3 || d.Column < 1 || d.Hint == "" || d.Message == "" {
					t.Errorf("says too little: %+v", d)
				}
			}
			if want := strings.Fields(c.want); !slices.Equal(slices.Compact(got), want) {
				t.Errorf("found %v, expected %v", got, want)
			}
		})
	}
	if _, err := Lint([]Module{module("a.rego", "package a\n\nx {")}); err == nil {
		t.Error("what is no Rego is accepted")
	}
}

// The embedded rules hold to what is asked of others.
func TestLintOwn(t *testing.T) {
	own, err := embedded(true, false)
	if err != nil {
		t.Fatal(err)
	}
	doubts, err := Lint(own)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range doubts {
		licenses := d.Check == LintEveryEmpty && strings.Contains(d.Path, "licenses") // an expression has at least one alternative of at least one license
		if d.Check != LintNegatedMissing && !licenses {                               // TestNoNegatedCallOnMissingFields knows what is always there
			t.Errorf("%s:%d: %s: %s", d.Path, d.Line, d.Check, d.Message)
		}
	}
}
