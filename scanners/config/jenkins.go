// SPDX-License-Identifier: Apache-2.0

package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Bounds of Jenkinsfiles.
const (
	maxJenkinsfile = 1 << 20   // bytes
	maxGroovyWork  = 2_000_000 // tokens that are looked at for what steps and variables take in
)

// jenkins is a Jenkinsfile that is being read. What its code does is not worked out: functions of its own and libraries are not followed, a variable has
// what was assigned to it anywhere in the file.
type jenkins struct {
	work       int
	blocks     []groovyBlock
	variables  map[string][]string // what variables took in, by name
	env        map[string][]string // the same of the environment
	steps      []shellStep
	libraries  []sharedLibrary
	images     []groovyToken
	options    []groovyToken     // what docker is given to start a container
	settings   []jenkinsVariable // variables with a value that is written out
	secrets    []jenkinsVariable
	parameters []any
}

// groovyBlock is an open bracket and the call before it.
type groovyBlock struct{ bracket, call string }

// jenkinsPlaces are the places of the elements of each list, and of the expressions in them.
type jenkinsPlaces map[string][]jenkinsPlace

type jenkinsPlace struct {
	Position
	parts []Position
}

func (p jenkinsPlaces) position(path []any) Position {
	whole := Position{Line: 1, Column: 1, EndLine: 1}
	if len(path) < 2 {
		return whole
	}
	list, _ := path[0].(string)
	n, ok := path[1].(int)
	if !ok || n < 0 || n >= len(p[list]) {
		return whole
	}
	at := p[list][n]
	if len(path) > 3 {
		if k, ok := path[3].(int); ok && k >= 0 && k < len(at.parts) {
			return at.parts[k]
		}
	}
	return at.Position
}

// parseJenkins makes an item of a Jenkinsfile: the libraries it loads, the scripts it gives to shells with what Groovy puts into them, its images and
// their options, what variables of the environment are set to, and those that hold credentials.
func parseJenkins(f file, _ limits) ([]Item, []Problem, error) {
	problem := func(line int, what string) []Problem {
		return []Problem{{File: f.path, Line: line, Column: 1, Message: "reading a Jenkinsfile: " + what}}
	}
	if len(f.data) > maxJenkinsfile {
		return nil, problem(1, fmt.Sprintf("more than %d bytes", maxJenkinsfile)), nil
	}
	l := newGroovyLexer(f.data)
	tokens := l.tokens(false)
	if l.fault != "" {
		return nil, problem(l.faultLine, l.fault), nil
	}
	j := &jenkins{variables: map[string][]string{}, env: map[string][]string{}}
	j.walk(tokens)
	doc, places := j.document()
	if j.work > maxGroovyWork { // what was left out would be taken for harmless
		return nil, problem(1, "its expressions are too many or too entangled to follow"), nil
	}
	return []Item{{Kind: Jenkins, File: f.path, Resource: f.path, Doc: doc, locate: places}}, nil, nil
}

// walk looks at each token, those in strings too.
func (j *jenkins) walk(tokens []groovyToken) {
	depth := len(j.blocks)
	for i, t := range tokens {
		if j.work > maxGroovyWork {
			return
		}
		switch t.kind {
		case groovyMark:
			j.bracket(tokens, i, depth)
		case groovyName:
			j.name(tokens, i)
		case groovyString:
			j.text(t)
			for _, e := range t.inner {
				j.walk(e.tokens)
			}
		case groovyNumber, groovyLine:
		}
	}
	j.blocks = j.blocks[:depth]
}

// bracket keeps the list of open brackets.
func (j *jenkins) bracket(tokens []groovyToken, i, depth int) {
	t := tokens[i]
	switch t.text {
	case "(", "[", "{":
		j.blocks = append(j.blocks, groovyBlock{t.text, callBefore(tokens, i)})
		if len(j.blocks) > maxDepth {
			j.work += maxGroovyWork
		}
	case ")", "]", "}":
		if t.match < 0 && len(j.blocks) > depth {
			j.blocks = j.blocks[:len(j.blocks)-1]
		}
	}
}

// callBefore is the name of what a bracket belongs to: f(…), f {…} and f(…) {…}.
func callBefore(tokens []groovyToken, i int) string {
	if i > 0 && tokens[i].text == "{" && tokens[i-1].is(")") && tokens[i-1].match < 0 {
		i += tokens[i-1].match - 1
	}
	if i > 0 && tokens[i-1].kind == groovyName {
		return tokens[i-1].text
	}
	return ""
}

// inside is the name of the innermost block of this kind of bracket.
func (j *jenkins) inside(bracket string) string {
	for _, b := range slices.Backward(j.blocks) {
		if b.bracket == bracket {
			return b.call
		}
	}
	return ""
}

// tokenAt is a token, or one that is nothing.
func tokenAt(tokens []groovyToken, i int) groovyToken {
	if i < 0 || i >= len(tokens) {
		return groovyToken{kind: groovyLine}
	}
	return tokens[i]
}

// name looks at a name for what it begins.
func (j *jenkins) name(tokens []groovyToken, i int) {
	t, next := tokens[i], tokenAt(tokens, i+1)
	switch {
	case next.is("=") || next.is("+="):
		j.assignment(tokens, i)
	case isShellStep(t.text):
		j.shell(tokens, i)
	case t.text == "Library" && tokenAt(tokens, i-1).is("@"), t.text == "library" && !tokenAt(tokens, i-1).is("."),
		t.text == "lib" && j.inside("{") == "libraries":
		j.library(tokens, i)
	case t.text == "docker" || t.text == "image":
		j.image(tokens, i)
	case t.text == "args", t.text == "inside", t.text == "withRun":
		j.option(tokens, i)
	case strings.HasSuffix(strings.ToLower(t.text), "variable") && next.is(":"):
		j.binding(tokens, i)
	case next.is("("):
		j.parameter(tokens, i)
	}
}

// document is the item's fields, with their places.
func (j *jenkins) document() (map[string]any, jenkinsPlaces) {
	doc := map[string]any{"libraries": []any{}, "steps": []any{}, "images": []any{}, "options": []any{}, "environment": []any{}, "secrets": []any{},
		"parameters": append([]any{}, j.parameters...)}
	places := jenkinsPlaces{}
	add := func(list string, fields map[string]any, first groovyToken, last int, exprs []groovyExpr) {
		at := jenkinsPlace{Position: Position{Line: first.line, Column: first.column, EndLine: max(first.line, last)}}
		if exprs != nil {
			inner := []any{}
			for _, e := range exprs {
				reads := []any{}
				for _, name := range j.reads(e.tokens) {
					reads = append(reads, name)
				}
				inner = append(inner, map[string]any{"name": sourceOf(e.tokens), "reads": reads})
				at.parts = append(at.parts, Position{Line: e.line, Column: e.column, EndLine: e.line})
			}
			fields["expressions"] = inner
		}
		doc[list] = append(doc[list].([]any), fields)
		places[list] = append(places[list], at)
	}
	for _, s := range j.steps {
		text, exprs := scriptText(s.script)
		sum := sha256.Sum256([]byte(s.name.text + "\n" + text))
		add("steps", map[string]any{"id": hex.EncodeToString(sum[:8]), "step": s.name.text, "text": text, "statusDropped": s.statusDropped, "inside": s.inside},
			s.name, s.last, exprs)
	}
	for _, l := range j.libraries {
		name, version, _ := strings.Cut(l.text, "@")
		add("libraries", map[string]any{"name": name, "version": version}, l.at, l.at.endLine, append([]groovyExpr{}, l.exprs...))
	}
	for _, t := range j.images {
		add("images", map[string]any{"name": t.text}, t, t.endLine, append([]groovyExpr{}, t.inner...))
	}
	for _, t := range j.options {
		add("options", map[string]any{"text": t.text}, t, t.endLine, nil)
	}
	for _, s := range j.settings {
		add("environment", map[string]any{"name": s.name, "value": s.value}, s.at, s.at.endLine, nil)
	}
	for _, s := range j.secrets {
		add("secrets", map[string]any{"name": s.name}, s.at, s.at.line, nil)
	}
	return doc, places
}
