// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"context"
	"fmt"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Document is an input document for several evaluations, as with the parameters of several environments: it is converted once, and each piece of
// evidence is read once. It is safe for concurrent use.
type Document struct {
	value ast.Value
	reads map[ast.Value]func() *ast.Term // evidence.read of each piece of evidence, by identity
}

// Document converts v for Input.Document.
func (s *Set) Document(v any) (doc *Document, err error) {
	defer recovered(&err, "reading the input document")
	term, err := newSharing().term(v)
	if err != nil {
		return nil, &Error{Code: CodeInput, Message: "evaluating the rules: reading the input document: " + err.Error(), cause: err}
	}
	value := term.Value
	if s.gate {
		if err := checkDocument(value); err != nil {
			return nil, err
		}
	}
	doc = &Document{value: value, reads: make(map[ast.Value]func() *ast.Term)}
	if evidence, ok := get(value, "evidence").(*ast.Array); ok {
		evidence.Foreach(func(e *ast.Term) {
			if _, ok := e.Value.(ast.Object); ok { // others can't be told apart by identity
				doc.reads[e.Value] = sync.OnceValue(func() *ast.Term { return read(e.Value) })
			}
		})
	}
	return doc, nil
}

// documentKey is under what the document is in the context of its evaluation.
type documentKey struct{}

// readOnce is evidence.read of a value that is, as a rule, one of the document's.
func readOnce(ctx context.Context, v ast.Value) *ast.Term {
	if _, ok := v.(ast.Object); ok {
		if doc, ok := ctx.Value(documentKey{}).(*Document); ok && doc.reads[v] != nil {
			return doc.reads[v]()
		}
	}
	return read(v)
}

// checkDocument checks the parts of the gate's input document that the gate itself writes. The embedded rules rely on them: a name that is missing here
// would make a rule silent, not make it refuse. Predicates are foreign; the rules look at those.
func checkDocument(doc ast.Value) error {
	obj, ok := doc.(ast.Object)
	if !ok {
		return inputError("the document", "an object")
	}
	for _, name := range []string{"question", "environment", "at"} {
		if !isText(obj, name) {
			return inputError(name, "text")
		}
	}
	subject := obj.Get(ast.StringTerm("subject"))
	if subject == nil || !isArtifact(subject) {
		return inputError("subject", "{name, digest}")
	}
	leaves, err := list(obj, "leaves", "the document")
	if err != nil {
		return err
	}
	if len(leaves) == 0 {
		return inputError("leaves", "at least the subject itself")
	}
	if err := artifacts(leaves, "leaves"); err != nil {
		return err
	}
	stages, err := list(obj, "stages", "the document")
	if err != nil {
		return err
	}
	for i, s := range stages {
		if err := checkItem(s, fmt.Sprintf("stages[%d]", i), []string{"name", "startedOn", "finishedOn"}, "materials"); err != nil {
			return err
		}
	}
	evidence, err := list(obj, "evidence", "the document")
	if err != nil {
		return err
	}
	for i, e := range evidence {
		if err := checkItem(e, fmt.Sprintf("evidence[%d]", i), []string{"kind", "predicateType", "stage", "digest"}, "subjects"); err != nil {
			return err
		}
		obj := e.Value.(ast.Object) // as checkItem found
		if when := obj.Get(ast.StringTerm("time")); !isText(obj, "time") && (when == nil || when.Value.Compare(ast.NullValue) != 0) {
			return inputError(fmt.Sprintf("evidence[%d].time", i), "text, or null where there is no time at all")
		}
		if obj.Get(ast.StringTerm("predicate")) == nil {
			return inputError(fmt.Sprintf("evidence[%d].predicate", i), "a predicate")
		}
	}
	return nil
}

// checkItem checks one stage or piece of evidence: texts, and one list of artifacts.
func checkItem(t *ast.Term, where string, texts []string, artifactList string) error {
	obj, ok := t.Value.(ast.Object)
	if !ok {
		return inputError(where, "an object")
	}
	for _, name := range texts {
		if !isText(obj, name) {
			return inputError(where+"."+name, "text")
		}
	}
	items, err := list(obj, artifactList, where)
	if err != nil {
		return err
	}
	return artifacts(items, where+"."+artifactList)
}

func artifacts(items []*ast.Term, where string) error {
	for i, t := range items {
		if !isArtifact(t) {
			return inputError(fmt.Sprintf("%s[%d]", where, i), "{name, digest}")
		}
	}
	return nil
}

func isArtifact(t *ast.Term) bool {
	obj, ok := t.Value.(ast.Object)
	if !ok || !isText(obj, "name") {
		return false
	}
	digest := obj.Get(ast.StringTerm("digest"))
	if digest == nil {
		return false
	}
	set, ok := digest.Value.(ast.Object)
	if !ok {
		return false
	}
	return set.Iter(func(_, v *ast.Term) error {
		if _, ok := v.Value.(ast.String); !ok {
			return inputError("digest", "text")
		}
		return nil
	}) == nil
}

func isText(obj ast.Object, name string) bool {
	t := obj.Get(ast.StringTerm(name))
	if t == nil {
		return false
	}
	_, ok := t.Value.(ast.String)
	return ok
}

func list(obj ast.Object, name, where string) ([]*ast.Term, error) {
	t := obj.Get(ast.StringTerm(name))
	if t != nil {
		if a, ok := t.Value.(*ast.Array); ok {
			out := make([]*ast.Term, 0, a.Len())
			a.Foreach(func(e *ast.Term) { out = append(out, e) })
			return out, nil
		}
	}
	return nil, inputError(where+"."+name, "a list")
}

func inputError(what, expected string) error {
	return &Error{Code: CodeInput, Message: fmt.Sprintf("input document: %s: expected %s", what, expected)}
}
