// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/gate"
)

// The forms in which evidence is given.
const (
	formStatement = "statement"
	formPredicate = "predicate"
	formBundle    = "bundle"
	formDSSE      = "dsse"
	formJSONL     = "jsonl"
)

type getOptions struct {
	*options
	types    []string
	subjects []string
	form     string
	to       string
	chain    bool
}

func evidenceGetCommand(opt *options) *cobra.Command {
	g := &getOptions{options: opt}
	cmd := &cobra.Command{
		Use:   "get SUBJECT --type TYPE | DIGEST",
		Short: "Print one verified statement, or what is in it",
		Long: `Print one statement that verifies with the policy's keys: the newest of a type about a subject, or the one with a digest, as 'sealock evidence ls'
shows it (a part of the digest will do). A digest is looked for in the chain of the pipeline's own products, or of --subject.

--format statement is the signed bytes, predicate what they say, bundle the Sigstore bundle, dsse the bare envelope.`,
		Example: "  sealock evidence get oci-layout:out/shop --type sbom --format predicate\n  sealock evidence get sha256:0123456789ab --format dsse",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			return g.get(ctx, args[0])
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&g.types, "type", nil, "predicate type or kind, for example sbom, vulns, receipt:build")
	f.StringArrayVar(&g.subjects, "subject", nil, "look for a digest in the chain of this subject; may be repeated")
	f.StringVar(&g.form, "format", formStatement, "statement, predicate, bundle, or dsse")
	f.StringVar(&g.to, "to", "", "write to this file, not to standard output")
	return cmd
}

func (g *getOptions) get(ctx context.Context, ref string) error {
	if !known(g.form, []string{formStatement, formPredicate, formBundle, formDSSE}) {
		return usagef("--format %q: expected statement, predicate, bundle, or dsse", g.form)
	}
	if err := checkTypes(g.types); err != nil {
		return err
	}
	hex, byDigest := strings.CutPrefix(ref, "sha256:")
	switch {
	case !byDigest && len(g.types) == 0:
		return usagef("expected --type with what to get about %s\nhint: 'sealock evidence ls %s' lists what there is", ref, ref)
	case !byDigest && len(g.subjects) > 0:
		return usagef("--subject says where to look for a digest; %s is a subject itself", ref)
	case byDigest && (len(hex) < 8 || len(hex) > 64 || strings.Trim(hex, "0123456789abcdef") != ""):
		return usagef("%q: expected sha256: and 8 to 64 hex digits", ref)
	}
	refs := g.subjects
	if !byDigest {
		refs = []string{ref}
	}
	in, err := g.gather(ctx, refs)
	if err != nil {
		return err
	}
	found := wanted(in.found, in.reqs, g.types, byDigest)
	if byDigest {
		found = slices.DeleteFunc(found, func(e attest.Evidence) bool { return !strings.HasPrefix(e.ID().Hex, hex) })
	}
	if len(found) == 0 {
		return refusef("no verified statement %s is in %s (%d entries are no evidence)\nhint: 'sealock evidence ls --chain' lists what there is", strings.Join(append(slices.Clone(g.types), ref), " about "), in.storeName, len(in.rejected))
	}
	if !byDigest {
		if found, err = ofOne(found, in.reqs[0]); err != nil {
			return err
		}
	}
	e, err := newest(found)
	if err != nil {
		return err
	}
	out, err := g.content(e)
	if err != nil {
		return err
	}
	return g.write(g.to, g.to != "", func(w io.Writer) error { _, err := w.Write(append(out, '\n')); return err })
}

// gathered is what a store has about subjects.
type gathered struct {
	*app
	reqs     []gate.Request
	found    []attest.Evidence
	rejected []gate.Rejection
}

// gather opens the store and verifies what it has about subjects and all that they were made from.
func (g *getOptions) gather(ctx context.Context, refs []string) (gathered, error) {
	a, err := g.open(ctx, false, false, refs...)
	if err != nil {
		return gathered{}, err
	}
	in := gathered{app: a}
	if in.reqs, err = a.requests(ctx, refs); err != nil {
		return gathered{}, err
	}
	in.found, in.rejected, err = a.gatherAll(ctx, a.gate.Store, in.reqs)
	return in, err
}

// ofOne keeps what is about the subject itself; where nothing is, what is about its one platform that has any.
func ofOne(found []attest.Evidence, req gate.Request) ([]attest.Evidence, error) {
	var have []string
	var out []attest.Evidence
	for _, s := range subjects(req) {
		of := slices.DeleteFunc(slices.Clone(found), func(e attest.Evidence) bool { return !e.Statement().About(s.Digest) })
		if len(of) == 0 {
			continue
		}
		if s.Digest.Matches(req.Subject.Digest) {
			return of, nil
		}
		out = of
		have = append(have, "sha256:"+s.Digest["sha256"]+"  "+s.Name)
	}
	if len(have) > 1 {
		return nil, usagef("%s has %d platforms with one of their own:\n%s\nhint: name one of them by its digest", req.Subject, len(have), strings.Join(have, "\n"))
	}
	return out, nil
}

// newest is the youngest of several statements, if their times tell; of those of one time, one of the type that comes first among those of its kind.
func newest(found []attest.Evidence) (attest.Evidence, error) {
	best := slices.MaxFunc(found, compareAge)
	var ids []string
	for _, e := range found {
		if compareAge(e, best) != 0 {
			continue
		}
		st := e.Statement()
		word, detail := predicate.Describe(st)
		if id := fmt.Sprintf("%s  %s  about %s", e.ID().Short(), what(word, detail, st.PredicateType), st.Subject[0]); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if len(ids) > 1 {
		return attest.Evidence{}, usagef("%d statements match, and no time says which is the newest:\n%s\nhint: name one by its digest, or the one artifact that is meant", len(ids), strings.Join(ids, "\n"))
	}
	return best, nil
}

func compareAge(a, b attest.Evidence) int {
	if c := timeOf(a).Compare(timeOf(b)); c != 0 {
		return c
	}
	return typeRank(b.Statement()) - typeRank(a.Statement())
}

// timeOf is the trusted time of evidence, else what it claims; no time comes before all others.
func timeOf(e attest.Evidence) time.Time {
	t, _ := e.Time()
	if t.IsZero() {
		t, _ = time.Parse(time.RFC3339, predicate.TimeOf(e.Statement()))
	}
	return t
}

// typeRank is the place of a statement's type among those of its kind.
func typeRank(st attest.Statement) int {
	return slices.Index(predicate.Types[predicate.KindOf(st)], st.PredicateType)
}

// content is a piece of evidence in the form asked for.
func (g *getOptions) content(e attest.Evidence) ([]byte, error) {
	switch g.form {
	case formBundle:
		return oneLine(e.Bundle())
	case formDSSE, formJSONL:
		return sigstore.Envelope(e.Bundle())
	case formPredicate:
		return g.predicate(e.Statement()), nil
	}
	return bytes.Clone(e.Payload()), nil
}

// predicate is what a statement says; of a collection, the part of the type that was asked for.
func (g *getOptions) predicate(st attest.Statement) []byte {
	if parts, err := predicate.Unwrap(st); err == nil && !slices.Contains(g.types, st.PredicateType) {
		for _, p := range parts {
			if len(g.types) > 0 && hasType(p, g.types) {
				return bytes.Clone(p.Predicate)
			}
		}
	}
	return bytes.Clone(st.Predicate)
}
