// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"encoding/base64"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
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

// Where the generic rule matches, the quick look gives all lines of the match.
func checkAssignments(t *testing.T, text string) int {
	t.Helper()
	rules, err := loadRules()
	if err != nil {
		t.Fatal(err)
	}
	ends := lineEnds(text)
	spans := assignments(text, ends)
	matches := rules.config.Rules[genericRule].Regex.FindAllStringIndex(text, -1)
	for _, m := range matches {
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
	matches := 0
	for range 20_000 {
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
		matches += checkAssignments(t, b.String())
	}
	if matches < 2500 {
		t.Errorf("only %d matches: the test says little", matches)
	}
}

func FuzzAssignments(f *testing.F) {
	f.Add("my_" + "key = \"abcdefghijklmnop\"\n")
	f.Add("to" + "ken\n:\n'\n0123456789'")
	f.Fuzz(func(t *testing.T, text string) { checkAssignments(t, text) })
}

// With the shortcuts and without them, the findings are the same.
func TestShortcutsChangeNothing(t *testing.T) {
	token := githubToken("both")
	files := tree{
		"specific.env":  "API_" + "TOKEN=" + token + "\nsecret = \"" + letters("s", lower+digits, 30) + "\"\n",
		"encoded.yaml":  "data:\n  key: " + base64.StdEncoding.EncodeToString([]byte("api_"+"key = \""+letters("e", lower+digits, 32)+"\"")) + "\n",
		"multi.txt":     "to" + "ken\n=\n\n'" + letters("m", lower+digits, 30) + "'\n",
		"key.pem":       privateKey("both"),
		"quick_test.go": "func checkAssignments(t *testing.T, key, token string) (access auth)\n",
	}
	fast := scanTree(t, files)
	slow, err := run(t.Context(), options(), func(s *scan) error {
		s.generic, s.narrowed, s.plain, s.plainReads = nil, nil, newDetector(s.ctx, s.rules.config, decodeDepth), true
		return files.Walk(s.ctx, s.file)
	})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(fast.Findings, slow.Findings) || len(fast.Findings) < 5 {
		t.Errorf("with shortcuts %+v\nwithout %+v", fast.Findings, slow.Findings)
	}
}
