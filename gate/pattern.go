// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// pattern is a subjectPattern: text that must match exactly, with * for one or more characters of one segment. Segments end at / and @, so that
// neither a repository, nor a workflow, nor a branch can be widened by a name that holds a separator.
type pattern struct {
	text string
	re   *regexp.Regexp
}

// outsideWildcard are the characters that * never stands for: separators, what has a meaning of its own in a URL, spaces and invisible characters.
const outsideWildcard = `/@?#%:\\\pC\pZ\x{FFFD}`

// parsePattern compiles a pattern. It refuses what is written for another language of patterns, and what would match strangers: the scheme, the host and,
// of an http URL, the first segment of the path (the owner, on a host that many share), or the domain of a mail address, must stand there as they are.
func parsePattern(text string) (*pattern, error) {
	if i := strings.IndexAny(text, `?[]{}()|^$\`); i >= 0 {
		return nil, fmt.Errorf("%q has no meaning in a pattern: only * stands for something else, one or more characters up to the next / or @", text[i])
	}
	if !strings.Contains(text, "*") {
		return nil, errors.New("holds no *: an exact subject is written as subject")
	}
	if strings.Contains(text, "**") {
		return nil, errors.New("** crosses no separator: write one * for each segment")
	}
	if strings.Contains(fixedPart(text), "*") {
		return nil, errors.New("would match strangers: host and owner of a URL, and the domain of a mail address, must be written out")
	}
	parts := strings.Split(text, "*")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	re, err := regexp.Compile(`\A` + strings.Join(parts, `[^`+outsideWildcard+`]+`) + `\z`)
	if err != nil {
		return nil, err
	}
	return &pattern{text, re}, nil
}

// fixedPart is the part of a pattern that says whose subjects are meant; "*" where the form is not known.
func fixedPart(text string) string {
	scheme, rest, isURL := strings.Cut(text, "://")
	if !isURL {
		if at := strings.LastIndex(text, "@"); at > 0 && at < len(text)-1 {
			return text[at:]
		}
		return "*"
	}
	host, path, hasPath := strings.Cut(rest, "/")
	if scheme == "" || host == "" || !hasPath {
		return "*"
	}
	if scheme != "https" && scheme != "http" { // the authority of spiffe://, say, is nobody else's
		return scheme + host
	}
	owner, _, deeper := strings.Cut(path, "/")
	if owner == "" || !deeper {
		return "*"
	}
	return scheme + host + owner
}

func (p *pattern) matches(subject string) bool { return p.re.MatchString(subject) }

// overlaps reports whether one subject could match both of two patterns; either may hold no * and is then exact.
func overlaps(a, b string) bool {
	x, y := []rune(a), []rune(b)
	type state struct{ i, j int }
	seen, todo := map[state]bool{}, []state{{}}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[s] {
			continue
		}
		seen[s] = true
		switch {
		case s.i == len(x) && s.j == len(y):
			return true
		case s.i == len(x) || s.j == len(y):
			continue
		}
		wildX, wildY := x[s.i] == '*', y[s.j] == '*'
		switch {
		case !wildX && !wildY && x[s.i] != y[s.j], wildX && !wildY && outside(y[s.j]), wildY && !wildX && outside(x[s.i]):
			continue
		}
		todo = append(todo, state{s.i + 1, s.j + 1}) // both take one character; a * may take more
		if wildX {
			todo = append(todo, state{s.i, s.j + 1})
		}
		if wildY {
			todo = append(todo, state{s.i + 1, s.j})
		}
	}
	return false
}

// outside says the same as outsideWildcard.
func outside(r rune) bool {
	return strings.ContainsRune(`/@?#%:\`, r) || unicode.Is(unicode.C, r) || unicode.Is(unicode.Z, r) || r == unicode.ReplacementChar
}
