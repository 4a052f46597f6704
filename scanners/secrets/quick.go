// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/zricethezav/gitleaks/v8/config"
)

// Four fifths of gitleaks' time on source code go into one rule, generic-api-key: a word such as "key" or "token", an operator, a value. So that rule is
// given only the lines where assignments sees these three. assignments must never say no where the rule matches; it was written for the rule's
// form as it is now, which genericForm pins. With another form the rule sees all text, as the others do.
const (
	genericRule    = "generic-api-key"
	genericLetters = `^[a-zA-Z_.-]+$` // one of its allow-lists lets such values pass
	genericForm    = "7495022a38032a23021a467d3489c2092ffc4d38de187712c81413ef3cdbf7fa"
)

// split takes the generic rule out of the rules. It reports false if that rule has another form than expected.
func split(all config.Config) (others, only config.Config, ok bool) {
	rule, found := all.Rules[genericRule]
	if !found || rule.Regex == nil || rule.Path != nil || form(rule) != genericForm || !slices.ContainsFunc(rule.Allowlists, allowsLetters) ||
		!slices.Equal(slices.Sorted(slices.Values(rule.Keywords)), slices.Sorted(slices.Values(genericWords()))) {
		return all, all, false
	}
	others = all
	others.Rules = maps.Clone(all.Rules)
	delete(others.Rules, genericRule)
	rule.Keywords = nil // they need not be in the lines that the rule is given
	return others, with(all, rule), true
}

// allowsLetters holds for an allow-list that lets every secret of genericLetters pass.
func allowsLetters(a *config.Allowlist) bool {
	return a.MatchCondition == config.AllowlistMatchOr && a.RegexTarget == "" &&
		slices.ContainsFunc(a.Regexes, func(re *regexp.Regexp) bool { return re.String() == genericLetters })
}

func form(r config.Rule) string {
	sum := sha256.Sum256([]byte(r.Regex.String()))
	return hex.EncodeToString(sum[:])
}

// assignments lists the lines, from 1, on which the generic rule may find something: where one of its words, which are at the given offsets, is followed
// by an operator and a value. Adjoining lines are listed together, so that no match of the rule lies half in them. With all, values that the rule's
// allow-list lets pass are listed too.
func assignments(text string, words []int, all bool) []span {
	var out []span
	wanted := true // there is a reason to keep the last span
	line, start := 1, 0
	for _, at := range words {
		value, end := assigned(text, at+genericWord(text[at:]))
		if end < 0 {
			continue
		}
		line, start = line+strings.Count(text[start:at], "\n"), at
		found := all || secretValue(text[value:end])
		s := span{line, line + strings.Count(text[at:end], "\n")}
		if n := len(out); n > 0 && s.from <= out[n-1].to+1 {
			out[n-1].to, wanted = max(out[n-1].to, s.to), wanted || found
			continue
		}
		if !wanted {
			out = out[:len(out)-1]
		}
		out, wanted = append(out, s), found
	}
	if !wanted {
		out = out[:len(out)-1]
	}
	return out
}

// genericWords are what the rule looks for, in lower case, and its keywords.
func genericWords() []string {
	return []string{"access", "api", "auth", "key", "credential", "creds", "passwd", "password", "secret", "token"}
}

// generic reports whether gitleaks would try the rule on text in lower case.
func generic(low string) bool {
	return slices.ContainsFunc(genericWords(), func(w string) bool { return strings.Contains(low, w) })
}

// genericWord is the length of the word that s begins with.
func genericWord(s string) int {
	for _, w := range genericWords() {
		if beginsWith(s, w) {
			return len(w)
		}
	}
	return 0
}

// assigned finds the value that something after the word may be given: where it begins, at the earliest, and its end, or -1. What may stand between is
// bounded: up to 23 characters before the operator, up to 4 of the operator, up to 5 quotes and spaces; the value has at least 10, and a quote, a space, a
// semicolon or an escaped newline after it.
func assigned(text string, at int) (value, end int) {
	const before, between, least = 23, 4 + 5, 10
	op := at
	for op < len(text) && (gap(text[op]) || text[op] == '.' || text[op] == '-' || text[op] == '\'' || text[op] == '"') {
		if op++; op-at > before {
			return 0, -1
		}
	}
	if op == len(text) || !operator(text[op]) {
		return 0, -1
	}
	for i := op + 1; i < len(text) && i-op <= between+least; i++ {
		value = i
		for i < len(text) && valueByte(text[i]) {
			i++
		}
		if i-value >= least && closes(text[i:]) {
			return value, i
		}
		if i-value >= least || i == len(text) || i-op > between || !operator(text[i]) && !quote(text[i]) && !space(text[i]) {
			break
		}
	}
	return 0, -1
}

// closes holds for what may follow a value.
func closes(s string) bool {
	if s == "" || quote(s[0]) || space(s[0]) || s[0] == ';' {
		return true
	}
	return len(s) > 1 && s[0] == '\\' && (s[1]|0x20 == 'n' || s[1]|0x20 == 'r')
}

// secretValue reports whether genericLetters does not let pass all parts of the value.
func secretValue(value string) bool {
	return strings.ContainsAny(value, "0123456789=+/")
}

func operator(c byte) bool { return strings.IndexByte("=>:|?,", c) >= 0 }

func quote(c byte) bool { return c == '`' || c == '\'' || c == '"' }

func space(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func gap(c byte) bool {
	return space(c) || c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

func valueByte(c byte) bool { return wordByte(c) || c == '.' || c == '=' }
