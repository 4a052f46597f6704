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
		"allow by default":      {"default allow := true\n\nallow if input.owner", LintAllowByDefault},
		"refuse by default":     {"default allow := false\n\nallow if input.owner", ""},
		"no default":            {"allow if input.owner", LintNoDefault},
		"P-20 versions as text": {"refuse contains \"old\" if input.tool.version < \"1.9.0\"", LintCompareText},
		"versions compared":     {"refuse contains \"old\" if semver.compare(object.get(input, [\"tool\", \"version\"], \"0.0.0\"), \"1.9.0\") < 0", ""},
		"times as text":         {"refuse contains \"old\" if input.metadata.scanFinishedOn < input.at", LintCompareText},
		"severity as text":      {"refuse contains \"bad\" if {\n\tsome f in input.findings\n\tf.severity >= data.params.x.severity\n}", LintCompareText},
		"numbers":               {"refuse contains \"many\" if count(input.findings) > 3", ""},
		"every of nothing":      {"default allow := false\n\nallow if {\n\tevery s in input.stages {\n\t\ts.name != \"\"\n\t}\n}", LintEveryEmpty},
		"every of something":    {"default allow := false\n\nallow if {\n\tcount(input.stages) > 0\n\tevery s in input.stages {\n\t\ts.name != \"\"\n\t}\n}", ""},
		"negated and missing":   {"refuse contains \"outside\" if not startswith(input.subject.registry, \"ghcr.io/acme/\")", LintNegatedMissing},
		"negated and there":     {"refuse contains \"outside\" if not startswith(object.get(input, [\"subject\", \"registry\"], \"\"), \"ghcr.io/acme/\")", ""},
		"raw predicate":         {"refuse contains \"who\" if {\n\tsome e in input.evidence\n\te.predicate.builder.id != \"good\"\n}", LintRawPredicate},
		"read evidence":         {"import data.sealock.lib\n\nrefuse contains \"who\" if {\n\tsome d in lib.read(\"provenance\")\n\td.builder != \"good\"\n}", ""},
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
