// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"fmt"
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/detect"
)

// sampler writes texts that an expression matches, as far as assertions let it.
type sampler struct {
	*rand.Rand
	b strings.Builder
}

func (s *sampler) write(re *syntax.Regexp) {
	switch re.Op { //nolint:exhaustive // the rest matches no text
	case syntax.OpLiteral:
		for _, c := range re.Rune {
			if re.Flags&syntax.FoldCase != 0 {
				for range s.IntN(3) {
					c = unicode.SimpleFold(c)
				}
			}
			s.b.WriteRune(c)
		}
	case syntax.OpCharClass:
		i := 2 * s.IntN(len(re.Rune)/2)
		c := re.Rune[i] + rune(s.IntN(int(min(re.Rune[i+1], utf8.MaxRune-1)-re.Rune[i])+1))
		s.b.WriteRune(c)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		s.b.WriteRune(rune(' ' + s.IntN(300)))
	case syntax.OpAlternate:
		s.write(re.Sub[s.IntN(len(re.Sub))])
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			s.write(sub)
		}
	case syntax.OpQuest:
		s.repeat(re.Sub[0], s.IntN(2))
	case syntax.OpStar, syntax.OpPlus:
		s.repeat(re.Sub[0], 1+s.IntN(4))
	case syntax.OpRepeat:
		most := re.Max
		if most < 0 {
			most = re.Min + 20
		}
		s.repeat(re.Sub[0], re.Min+s.IntN(most-re.Min+1))
	}
}

func (s *sampler) repeat(re *syntax.Regexp, times int) {
	for range times {
		s.write(re)
	}
}

// sample is a match in the middle of something.
func (s *sampler) sample(re *syntax.Regexp) string {
	around := []string{"", "\n", " ", "\"", "'", "x = ", "é", "\xff", "a", "-", ";", "\r\n", strings.Repeat("text ", 60), "kind: Secret\ndata:\n"}
	s.b.Reset()
	s.b.WriteString(around[s.IntN(len(around))] + around[s.IntN(len(around))])
	s.write(re)
	s.b.WriteString(around[s.IntN(len(around))] + around[s.IntN(len(around))])
	return s.b.String()
}

// narrowedRules is the built-in rules one by one, those without a necessary beginning left out.
func narrowedRules(t testing.TB) map[string]*narrowed {
	t.Helper()
	rules, err := loadRules()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*narrowed{}
	for id, r := range rules.config.Rules {
		if _, n := narrow(with(rules.config, r), nothing); len(n.rules) == 1 && n.rules[0].necessary != nil {
			out[id] = n
		}
	}
	return out
}

func nothing(config.Config) *detect.Detector { return &detect.Detector{} }

// Nearly all rules are narrowed down. One that no longer is costs time, not findings.
func TestMostRulesAreNarrowed(t *testing.T) {
	if n := len(narrowedRules(t)); n < 210 {
		t.Errorf("only %d rules are narrowed down", n)
	}
}

// checkNarrowed fails if the rule matches, gitleaks would try it, and it is left out.
func checkNarrowed(t *testing.T, id string, n *narrowed, text string) bool {
	t.Helper()
	rules, err := loadRules()
	if err != nil {
		t.Fatal(err)
	}
	r := rules.config.Rules[id]
	if !r.Regex.MatchString(text) || !slices.ContainsFunc(r.Keywords, func(k string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(k)) }) {
		return false
	}
	if len(n.chances(text, nil).rules) == 0 {
		t.Fatalf("%s matches %q and is left out: words %q, %d before, %d long", id, text, n.rules[0].words, n.rules[0].before, n.rules[0].length)
	}
	return true
}

func TestNarrowingMissesNothing(t *testing.T) {
	rules, err := loadRules()
	if err != nil {
		t.Fatal(err)
	}
	s := &sampler{Rand: rand.New(rand.NewPCG(5, 6))} // #nosec G404 -- test data
	for id, n := range narrowedRules(t) {
		re, err := syntax.Parse(rules.config.Rules[id].Regex.String(), syntax.Perl)
		if err != nil {
			t.Fatal(err)
		}
		matches := 0
		for range 60 {
			if checkNarrowed(t, id, n, s.sample(re)+" "+rules.config.Rules[id].Keywords[0]) {
				matches++
			}
		}
		if matches == 0 {
			t.Errorf("%s: no sample matched", id)
		}
	}
}

func TestDerive(t *testing.T) {
	for expression, want := range map[string]string{
		`\b(ey[a-z]{17,}\.ey)`:                  "[ey] 0 19",
		`(?i)[\w.-]{0,50}?(?:twitter)[0-9]{3}`:  "[twitter] 0 10",
		`(?i)x[\w.-]{0,50}?(?:twitter)[0-9]{3}`: "[twitter] 151 161", // ignoring case, a character of the class has 3 bytes at most
		`[0-9]{8}secret[0-9]{8}`:                "[secret] 8 22",
		`(?:abc|defg)x`:                         "[abc defg] 0 5",
		`xy(?s:.){1,1000}`:                      "[xy] 0 6",
		`[a-z]{0,9}(?:api)?(?:access|token)`:    "[access token] 3 9",
		`a+`:                                    "",
		`.*token`:                               "",
		`(?:token)?x`:                           "",
		`(?:token|[a-z]{5})x`:                   "",
		`tokén`:                                 "",
		`[0-9]x`:                                "",
		`secret[a-z]{500}`:                      "[secret] 0 6",
	} {
		found := ""
		if n := derive(expression); n != nil {
			found = fmt.Sprint(n.words, n.before, n.length)
		}
		if found != want {
			t.Errorf("%s: expected %q, found %q", expression, want, found)
		}
	}
}

func FuzzNarrowing(f *testing.F) {
	f.Add("jwt", " ey"+strings.Repeat("a", 20)+".ey"+strings.Repeat("b", 20)+". ")
	f.Add("linear-client-secret", "linear = \""+strings.Repeat("0", 32)+"\"")
	all := narrowedRules(f)
	f.Fuzz(func(t *testing.T, id, text string) {
		if n := all[id]; n != nil {
			checkNarrowed(t, id, n, text)
		}
	})
}
