// SPDX-License-Identifier: Apache-2.0

package html

import (
	"fmt"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
)

// about is a statement that counted, with the name of what it is about.
type about struct {
	ID   string
	Name string
	st   attest.Statement
}

// counted is the evidence that the decision rests on, as far as it is at hand.
type counted struct {
	byID    map[string]attest.Statement // every input
	of      map[string][]about          // by kind of evidence; of stages only what their newest runs named
	missing int                         // inputs that are not at hand
}

// count picks the decision's inputs out of what was gathered.
func count(c Case) counted {
	out := counted{byID: map[string]attest.Statement{}, of: map[string][]about{}}
	wanted := map[string]bool{}
	for _, in := range c.Decision.Inputs {
		wanted[in.Digest] = true
	}
	for _, e := range c.Evidence {
		if id := e.ID().String(); wanted[id] {
			out.byID[id] = e.Statement()
		}
	}
	out.missing = len(wanted) - len(out.byID)
	taken := map[string]bool{}
	for _, s := range c.Decision.Stages {
		for _, e := range s.Evidence {
			out.take(c.Decision, e.Digest, taken)
		}
	}
	for _, in := range c.Decision.Inputs {
		if !in.Linked {
			out.take(c.Decision, in.Digest, taken)
		}
	}
	return out
}

// take files a statement, or those in it, under their kinds. A bill of materials in a second format says nothing new.
func (x *counted) take(d gate.Decision, id string, taken map[string]bool) {
	st, ok := x.byID[id]
	if !ok || taken[id] {
		return
	}
	taken[id] = true
	parts, err := predicate.Unwrap(st)
	if err != nil || len(parts) == 0 {
		parts = []attest.Statement{st}
	}
	for _, p := range parts {
		kind, name := predicate.KindOf(p), subjectName(d, p)
		if kind == predicate.KindSBOM && has(x.of[kind], name) {
			continue
		}
		x.of[kind] = append(x.of[kind], about{id, name, p})
	}
}

func has(list []about, name string) bool {
	for _, a := range list {
		if a.Name == name {
			return true
		}
	}
	return false
}

// subjectName is how the decision calls what a statement is about.
func subjectName(d gate.Decision, st attest.Statement) string {
	for _, s := range append([]attest.Subject{d.Subject}, d.Leaves...) {
		for _, of := range st.Subject {
			if a := s.Digest.Primary(); !a.IsZero() && a == of.Digest.Primary() {
				return s.Name
			}
		}
	}
	if len(st.Subject) == 0 {
		return "nothing"
	}
	return st.Subject[0].String()
}

// receipt is the predicate of a receipt, nil if it is not at hand.
func (x counted) receipt(id string) *predicate.Link {
	st, ok := x.byID[id]
	var link predicate.Link
	if !ok || st.PredicateType != predicate.TypeLink || predicate.Decode(st, &link) != nil {
		return nil
	}
	return &link
}

// several reports whether lists must say which artifact a row is about.
func several(lists ...[]about) bool {
	names := map[string]bool{}
	for _, l := range lists {
		for _, a := range l {
			names[a.Name] = true
		}
	}
	return len(names) > 1
}

func unreadable(a about, err error) string {
	return plain(fmt.Sprintf("The statement %s about %s can't be shown: %v", short(a.ID), a.Name, err))
}
