// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
)

func evidenceCommand(opt *options) *cobra.Command {
	cmd := &cobra.Command{Use: "evidence", Short: "List, read, copy, import and export signed evidence", Args: cobra.NoArgs,
		Long: `Look at what a store holds about an artifact, and exchange it with other tools. What these commands hand on was verified with the policy's keys
first; only ls also shows what is no evidence, and why.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_ = cmd.Help()
			return usagef("expected ls, get, copy, import or export")
		}}
	cmd.AddCommand(evidenceListCommand(opt), evidenceGetCommand(opt), evidenceExportCommand(opt), evidenceImportCommand(opt), evidenceCopyCommand(opt))
	return cmd
}

// refusedError is a refusal that no decision tells of.
type refusedError struct{ text string }

func (e refusedError) Error() string { return e.text }
func (e refusedError) Unwrap() error { return verdictError{gate.Refused} }

func refusef(format string, args ...any) error { return refusedError{fmt.Sprintf(format, args...)} }

// requests resolves the subjects on the command line, by default the pipeline's own products.
func (a *app) requests(ctx context.Context, refs []string) ([]gate.Request, error) {
	if len(refs) == 0 && a.gate != nil {
		refs = a.productRefs()
	}
	if len(refs) == 0 {
		return nil, usagef("no subject: name what the evidence is about, for example oci-layout:out/app or git:HEAD")
	}
	var out []gate.Request
	for _, ref := range refs {
		res, err := a.resolve(ctx, ref)
		if err != nil {
			return nil, err
		}
		out = append(out, stage.Request(res))
	}
	return out, nil
}

// subjects are the artifact and, for an index, its platforms.
func subjects(req gate.Request) []attest.Subject {
	return append([]attest.Subject{req.Subject}, req.Leaves...)
}

// aboutAny reports whether a statement is about one of the artifacts.
func aboutAny(st attest.Statement, all []attest.Subject) bool {
	return slices.ContainsFunc(all, func(s attest.Subject) bool { return st.About(s.Digest) })
}

// gatherAll verifies what a store has about subjects and everything that they were made from, each bundle once, in order of statement. Bare
// envelopes are given as the bundles that are stored in their place.
func (a *app) gatherAll(ctx context.Context, store attest.Store, reqs []gate.Request) ([]attest.Evidence, []gate.Rejection, error) {
	auth, err := a.policyAuthenticator(a.gate.Policy)
	if err != nil {
		return nil, nil, err
	}
	g := *a.gate
	g.Store = store
	seen := map[attest.Digest]bool{}
	var out []attest.Evidence
	var rejected []gate.Rejection
	for _, req := range reqs {
		found, bad, err := g.Gather(ctx, req)
		if err != nil {
			return nil, nil, fmt.Errorf("reading the store: %w", err)
		}
		for _, e := range found {
			stored, err := a.asStored(ctx, auth, e)
			if err != nil {
				return nil, nil, err
			}
			for _, e := range stored {
				if !seen[e.BundleID()] {
					seen[e.BundleID()] = true
					out = append(out, e)
				}
			}
		}
		for _, r := range bad {
			if !slices.Contains(rejected, r) {
				rejected = append(rejected, r)
			}
		}
	}
	slices.SortFunc(out, func(a, b attest.Evidence) int {
		return strings.Compare(a.ID().Hex+a.BundleID().Hex, b.ID().Hex+b.BundleID().Hex)
	})
	return out, rejected, nil
}

// asStored gives the evidence itself if it lies in a bundle of today, else what is stored for it: one bundle for each signer.
func (a *app) asStored(ctx context.Context, auth *sigstore.Authenticator, e attest.Evidence) ([]attest.Evidence, error) {
	bundles, err := auth.Bundles(e.Bundle())
	if err != nil {
		return nil, fmt.Errorf("reading the bundle of %s: %w", e.ID().Short(), err)
	}
	var out []attest.Evidence
	for _, b := range bundles {
		if bytes.Equal(b, e.Bundle()) {
			return []attest.Evidence{e}, nil
		}
		again, err := a.gate.Verifier.Verify(ctx, b)
		if err != nil {
			return nil, fmt.Errorf("verifying %s in its new form: %w", e.ID().Short(), err)
		}
		out = append(out, again)
	}
	return out, nil
}

// wanted selects evidence by what it is about, unless the chain is asked for, and by type, unless none is.
func wanted(found []attest.Evidence, reqs []gate.Request, types []string, chain bool) []attest.Evidence {
	var about []attest.Subject
	for _, req := range reqs {
		about = append(about, subjects(req)...)
	}
	return slices.DeleteFunc(slices.Clone(found), func(e attest.Evidence) bool {
		return !chain && !aboutAny(e.Statement(), about) || len(types) > 0 && !hasType(e.Statement(), types)
	})
}

// hasType reports whether a statement, or one that it carries, is of a type: a predicate type, a word of 'evidence ls', or a word and what of
// (receipt:build).
func hasType(st attest.Statement, types []string) bool {
	all := []attest.Statement{st}
	if parts, err := predicate.Unwrap(st); err == nil {
		all = append(all, parts...)
	}
	return slices.ContainsFunc(all, func(s attest.Statement) bool {
		word, detail := predicate.Describe(s)
		return slices.ContainsFunc(types, func(t string) bool { return t == s.PredicateType || t == word || t == word+":"+detail })
	})
}

// what names a statement for people.
func what(word, detail, predicateType string) string {
	switch {
	case word == "":
		return predicateType
	case detail == "":
		return word
	}
	return word + " (" + detail + ")"
}

// checkTypes refuses a type that nothing can have.
func checkTypes(types []string) error {
	words := append(slices.Clone(predicate.Kinds), "receipt", "promotion", "approval", "verification", "vex", "link", "collection", "signature")
	for _, t := range types {
		word, _, _ := strings.Cut(t, ":")
		if !strings.Contains(t, "://") && !slices.Contains(words, word) {
			return usagef("--type %q: expected a URI, or one of %s", t, strings.Join(words, ", "))
		}
	}
	return nil
}
