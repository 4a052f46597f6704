// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/zricethezav/gitleaks/v8/config"
)

// Four fifths of gitleaks' time on source code go into one rule, generic-api-key: a word such as "key" or "token", an operator, a value. So that rule is
// given only the lines where assignments sees these three. assignments must never say no where the rule matches; it was written for the rule's
// form as it is now, which genericForm pins. With another form the rule sees all text, as the others do.
const (
	genericRule = "generic-api-key"
	genericForm = "7495022a38032a23021a467d3489c2092ffc4d38de187712c81413ef3cdbf7fa"
)

// split takes the generic rule out of the rules. It reports false if that rule has another form than expected.
func split(all config.Config) (others, generic config.Config, ok bool) {
	rule, found := all.Rules[genericRule]
	if !found || rule.Regex == nil || rule.Path != nil || form(rule) != genericForm {
		return all, all, false
	}
	others, generic = all, all
	others.Rules, others.Keywords = map[string]config.Rule{}, map[string]struct{}{}
	for id, r := range all.Rules {
		if id == genericRule {
			continue
		}
		others.Rules[id] = r
		for _, k := range r.Keywords {
			others.Keywords[k] = struct{}{}
		}
	}
	generic.Rules, generic.Keywords = map[string]config.Rule{genericRule: rule}, map[string]struct{}{}
	for _, k := range rule.Keywords {
		generic.Keywords[k] = struct{}{}
	}
	return others, generic, true
}

func form(r config.Rule) string {
	sum := sha256.Sum256([]byte(r.Regex.String()))
	return hex.EncodeToString(sum[:])
}

// assignments lists the lines, from 1, on which a word of the generic rule is followed by an operator and a value. ends are the ends of lines.
func assignments(text string, ends []int) []span {
	// Two characters outside ASCII are a k and an s to a rule that ignores case. They are rare; such text counts as a whole.
	if strings.Contains(text, "\u212a") || strings.Contains(text, "\u017f") {
		return []span{{1, len(ends)}}
	}
	var out []span
	line := 0
	for i := 0; i < len(text); i++ {
		for line < len(ends) && i >= ends[line] {
			line++
		}
		n := genericWord(text[i:])
		if n == 0 {
			continue
		}
		end := assigned(text, i+n)
		if end < 0 {
			continue
		}
		last := line
		for last < len(ends) && end > ends[last] {
			last++
		}
		out = join(out, span{line + 1, last + 1})
	}
	return out
}

// join adds a span that begins no earlier than the last one does.
func join(spans []span, s span) []span {
	if n := len(spans); n > 0 && s.from <= spans[n-1].to+1 {
		spans[n-1].to = max(spans[n-1].to, s.to)
		return spans
	}
	return append(spans, s)
}

// genericWord is the length of the word that s begins with, or 0.
func genericWord(s string) int {
	var words []string
	switch s[0] | 0x20 {
	case 'a':
		words = []string{"access", "auth", "api"}
	case 'c':
		words = []string{"credential", "creds"}
	case 'k':
		words = []string{"key"}
	case 'p':
		words = []string{"passwd", "password"}
	case 's':
		words = []string{"secret"}
	case 't':
		words = []string{"token"}
	}
	for _, w := range words {
		if len(s) >= len(w) && strings.EqualFold(s[:len(w)], w) {
			return len(w)
		}
	}
	return 0
}

// assigned is the end of the value that something after the word may be given, or -1. What may stand between is bounded: up to 23
// characters before the operator, up to 4 of the operator, up to 5 quotes and spaces; the value has at least 10.
func assigned(text string, at int) int {
	const before, between, least = 23, 4 + 5, 10
	op := at
	for op < len(text) && (gap(text[op]) || text[op] == '.' || text[op] == '-' || text[op] == '\'' || text[op] == '"') {
		if op++; op-at > before {
			return -1
		}
	}
	if op == len(text) || !operator(text[op]) {
		return -1
	}
	run := 0
	for i := op + 1; i < len(text); i++ {
		c := text[i]
		if valueByte(c) {
			if run++; run >= least {
				for i < len(text) && valueByte(text[i]) {
					i++
				}
				return i
			}
			continue
		}
		run = 0
		if i-op > between || !operator(c) && c != '`' && c != '\'' && c != '"' && !space(c) {
			return -1
		}
	}
	return -1
}

func operator(c byte) bool { return strings.IndexByte("=>:|?,", c) >= 0 }

func space(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func gap(c byte) bool {
	return space(c) || c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

func valueByte(c byte) bool { return wordByte(c) || c == '.' || c == '=' }
