// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/util"
)

// Of sealock's modules a policy's rules are compiled with those that they may mean, directly or not.
func TestReach(t *testing.T) {
	own, err := embedded(true, false)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]string, 0, len(own))
	for _, m := range own {
		all = append(all, strings.TrimPrefix(m.Path, builtinPrefix))
	}
	slices.Sort(all)
	for name, c := range map[string]struct {
		source string
		want   []string
	}{
		"nothing":            {`refuse contains "x" if input.lib.times`, nil},
		"a function":         {`refuse contains "x" if data.sealock.lib.same(input.a, input.b)`, []string{"lib/lib.rego"}},
		"an import":          {"import data.sealock.lib\n\nrefuse contains \"x\" if lib.same(input.a, input.b)", []string{"lib/lib.rego"}},
		"an import by alias": {"import data.sealock.lib as l\n\nrefuse contains \"x\" if l.same(input.a, input.b)", []string{"lib/lib.rego"}},
		"an import's part":   {"import data.sealock.lib.levels.rank\n\nrefuse contains \"x\" if rank.high > 7", []string{"lib/levels.rego", "lib/lib.rego"}},
		"an import as a value": {"import data.sealock.lib\n\nrefuse contains \"x\" if object.get(lib, \"levels\", 1) == 2",
			[]string{"lib/findings.rego", "lib/levels.rego", "lib/lib.rego", "lib/times.rego"}},
		"what a library needs": {`refuse contains "x" if data.sealock.lib.findings.advice.secrets == ""`,
			[]string{"lib/findings.rego", "lib/levels.rego", "lib/lib.rego"}},
		"a rule of the gate": {`refuse contains "x" if count(data.sealock.gate.test.refuse) > 9`, []string{"gate/test/test.rego", "lib/lib.rego"}},
		"a name that is known later": {`refuse contains "x" if {
			some name in ["a"]
			data.sealock.gate[name].refuse == 1
		}`, all},
		"inside brackets": {`refuse contains "x" if input[data.sealock.lib.levels.words[0]]`, []string{"lib/levels.rego", "lib/lib.rego"}},
		"no such thing":   {`refuse contains "x" if data.sealock.library.same(1, 2)`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			c2 := newCompilation(capabilities(), gateDecisions)
			if err := c2.load(nil, []Module{module("p.rego", "package policy.p\n\n"+c.source)}); err != nil {
				t.Fatal(err)
			}
			if err := c2.reach(own); err != nil {
				t.Fatal(err)
			}
			delete(c2.modules, "p.rego")
			var got []string
			for _, p := range util.KeysSorted(c2.modules) {
				got = append(got, strings.TrimPrefix(p, builtinPrefix))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("found %q, expected %q", got, c.want)
			}
		})
	}
	for _, m := range own {
		if path := packageOf(m); len(path) < 2 || path[0] != "sealock" {
			t.Errorf("%s: package %q", m.Path, path)
		}
	}
}
