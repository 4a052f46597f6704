// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"errors"
	"regexp"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Bounds on license expressions; past them the text counts as not readable.
const (
	maxExpression   = 4 << 10 // bytes
	maxNesting      = 32      // parentheses
	maxAlternatives = 256
)

var (
	errExpression = errors.New("not a license expression")
	licenseID     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(DocumentRef-[A-Za-z0-9.-]+:)?[A-Za-z0-9.-]+\+?$`) })
)

// spdxAlternatives is the list of ways to fulfil a license expression, each a list of licenses that apply together, or null if the text is not an expression.
func spdxAlternatives(text ast.Value) *ast.Term {
	ways, err := alternatives(str(text))
	if err != nil {
		return ast.NullTerm()
	}
	out := make([]*ast.Term, len(ways))
	for i, w := range ways {
		out[i] = term(w)
	}
	return ast.ArrayTerm(out...)
}

// alternatives reads an SPDX license expression (SPDX 2.3, annex D: WITH binds closest, then AND, then OR) as a disjunction
// of conjunctions. An exception stays with its license: "GPL-2.0-only WITH Classpath-exception-2.0" is one entry.
func alternatives(text string) ([][]string, error) {
	if len(text) > maxExpression {
		return nil, errExpression
	}
	p := &expression{words: strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(text))}
	ways, err := p.or(0)
	if err != nil {
		return nil, err
	}
	if len(p.words) > 0 {
		return nil, errExpression
	}
	return ways, nil
}

type expression struct{ words []string }

// take consumes the next word if it is one of the operators, which are read in upper or lower case as SPDX 3 allows.
func (p *expression) take(word string) bool {
	if len(p.words) == 0 || (p.words[0] != word && p.words[0] != strings.ToLower(word)) {
		return false
	}
	p.words = p.words[1:]
	return true
}

func (p *expression) or(depth int) ([][]string, error) {
	ways, err := p.and(depth)
	for err == nil && p.take("OR") {
		var more [][]string
		if more, err = p.and(depth); err == nil {
			ways = append(ways, more...)
		}
	}
	if err == nil && len(ways) > maxAlternatives {
		err = errExpression
	}
	return ways, err
}

func (p *expression) and(depth int) ([][]string, error) {
	ways, err := p.simple(depth)
	for err == nil && p.take("AND") {
		var more [][]string
		if more, err = p.simple(depth); err == nil {
			ways, err = product(ways, more)
		}
	}
	return ways, err
}

func product(a, b [][]string) ([][]string, error) {
	if len(a)*len(b) > maxAlternatives {
		return nil, errExpression
	}
	out := make([][]string, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			out = append(out, append(append(make([]string, 0, len(x)+len(y)), x...), y...))
		}
	}
	return out, nil
}

func (p *expression) simple(depth int) ([][]string, error) {
	if depth > maxNesting {
		return nil, errExpression
	}
	if p.take("(") {
		ways, err := p.or(depth + 1)
		if err == nil && !p.take(")") {
			err = errExpression
		}
		return ways, err
	}
	id, err := p.id()
	if err != nil {
		return nil, err
	}
	if p.take("WITH") {
		exception, err := p.id()
		if err != nil {
			return nil, err
		}
		id += " WITH " + exception
	}
	return [][]string{{id}}, nil
}

func (p *expression) id() (string, error) {
	if len(p.words) == 0 || !licenseID().MatchString(p.words[0]) {
		return "", errExpression
	}
	id := p.words[0]
	switch strings.ToUpper(id) {
	case "AND", "OR", "WITH":
		return "", errExpression
	}
	p.words = p.words[1:]
	return id, nil
}
