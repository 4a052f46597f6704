// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/zricethezav/gitleaks/v8/detect"
)

func TestGenericRuleHasTheExpectedForm(t *testing.T) {
	rules, err := loadRules()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, ok := split(rules.config); !ok {
		t.Errorf("the rule %s has changed to %s: hold assignments against its new form, then set genericForm to %s",
			genericRule, rules.config.Rules[genericRule].Regex, form(rules.config.Rules[genericRule]))
	}
}

func onlyGeneric() *narrowed {
	n := &narrowed{}
	n.addGeneric(&detect.Detector{})
	return n
}

// Where the generic rule matches, the quick look gives all lines of the match.
func checkAssignments(t *testing.T, n *narrowed, text string) int {
	t.Helper()
	rules, err := loadRules()
	if err != nil {
		t.Fatal(err)
	}
	rule := rules.config.Rules[genericRule]
	if !generic(strings.ToLower(text)) {
		return 0
	}
	spans := n.chances(text, nil).lines
	matches := rule.Regex.FindAllStringIndex(text, -1)
	for _, m := range matches {
		if secret := rule.Regex.FindStringSubmatch(text[m[0]:m[1]])[1]; rule.Allowlists[0].RegexAllowed(secret) {
			continue
		}
		// The end of the line belongs to the match where it ends the value.
		from, to := 1+strings.Count(text[:m[0]], "\n"), 1+strings.Count(strings.TrimSuffix(text[:m[1]], "\n"), "\n")
		covered := false
		for _, s := range spans {
			covered = covered || s.from <= from && s.to >= to
		}
		if !covered {
			t.Fatalf("%q: the rule matches %q on lines %d to %d, the quick look gives %v", text, text[m[0]:m[1]], from, to, spans)
		}
	}
	return len(matches)
}

func TestAssignmentsMissNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4)) // #nosec G404 -- test data
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	n, matches := onlyGeneric(), 0
	texts := 20_000
	if testing.Short() {
		texts = 2_000
	}
	for range texts {
		var b strings.Builder
		for range 1 + r.IntN(3) {
			b.WriteString(pick("", "my", "x-", "é", "a.b", "the "))
			b.WriteString(pick("access", "Auth", "API", "api", "credential", "creds", "KEY", "\u212aey", "password", "passwd", "\u017fecret", "secret", "token", "word"))
			b.WriteString(pick("", "", "s", "_id", " of-the.x", "_aaaaaaaaaaaaaaaaaaa", " \t", ".é"))
			b.WriteString(pick("", "", "'", "\"", "\n", " \n\n", "\r\n", "'''"))
			b.WriteString(pick("=", ">", ":", "::=", ":::=", "||", "=>", "?=", ",", "|", "(", ""))
			b.WriteString(pick("", " ", "\"", "`", "\n\n\n\n\n", " = ", "\n'", "======", "(", "\v\f"))
			b.WriteString(letters(b.String(), alnum+pick("", "=", "+/", "._-"), r.IntN(30)))
			b.WriteString(pick("", "\"", "\n", ";", `\n`, " ", ")", "=", "\r\n"))
		}
		matches += checkAssignments(t, n, b.String())
	}
	if matches < texts/8 {
		t.Errorf("only %d matches: the test says little", matches)
	}
}

func FuzzAssignments(f *testing.F) {
	f.Add("my_" + "key = \"abcdefghijklmnop\"\n")
	f.Add("to" + "ken\n:\n'\n0123456789'")
	n := onlyGeneric()
	f.Fuzz(func(t *testing.T, text string) { checkAssignments(t, n, text) })
}
