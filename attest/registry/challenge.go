// SPDX-License-Identifier: Apache-2.0

package registry

import "strings"

// challenge is how a host wants to be convinced: basic, or bearer with a realm to get tokens from.
type challenge struct {
	scheme  string
	realm   string
	service string
	scope   string
}

const maxChallenges = 16

// choose picks the challenge to answer: a token before a password, since the password then goes to fewer places.
func choose(headers []string) *challenge {
	var password *challenge
	for _, h := range headers {
		for _, c := range parseChallenges(h) {
			switch {
			case c.scheme == "bearer" && c.realm != "":
				return &c
			case c.scheme == "basic" && password == nil:
				password = &c
			}
		}
	}
	return password
}

// parseChallenges reads a WWW-Authenticate header (RFC 9110, 11.6.1): challenges and their parameters are separated by commas alike.
// What can't be read ends the list.
func parseChallenges(s string) []challenge {
	var out []challenge
	for len(out) < maxChallenges {
		s = strings.TrimLeft(s, " \t,")
		word, rest := token(s)
		if word == "" {
			return out
		}
		rest = strings.TrimLeft(rest, " \t")
		if !strings.HasPrefix(rest, "=") {
			out = append(out, challenge{scheme: strings.ToLower(word)})
			s = rest
			continue
		}
		value, rest, ok := paramValue(strings.TrimLeft(rest[1:], " \t"))
		if !ok || len(out) == 0 {
			return out
		}
		last := &out[len(out)-1]
		switch strings.ToLower(word) {
		case "realm":
			last.realm = value
		case "service":
			last.service = value
		case "scope":
			last.scope = value
		}
		s = rest
	}
	return out
}

func token(s string) (word, rest string) {
	i := strings.IndexFunc(s, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c) })
	if i < 0 {
		return s, ""
	}
	return s[:i], s[i:]
}

func paramValue(s string) (value, rest string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		i := strings.IndexAny(s, ", \t")
		if i < 0 {
			i = len(s)
		}
		return s[:i], s[i:], i > 0
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:], true
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	return "", "", false
}
