// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/oci"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/gate"
)

// The states of an entry.
const (
	entryVerified   = "verified"
	entryUnverified = "unverified" // no policy, so nobody to trust
	entryRejected   = "rejected"
)

// entry is one thing that a store holds about a subject.
type entry struct {
	Subject       string     `json:"subject"`             // digest that it was listed under
	About         string     `json:"about,omitempty"`     // name of that artifact
	Statement     string     `json:"statement,omitempty"` // sha256:… of its bytes
	Bundle        string     `json:"bundle,omitempty"`    // sha256:… of the bundle's
	Status        string     `json:"status"`              // verified, unverified, or rejected
	What          string     `json:"what,omitempty"`
	Detail        string     `json:"detail,omitempty"`
	PredicateType string     `json:"predicateType,omitempty"`
	Signer        string     `json:"signer,omitempty"` // as the policy calls it; of what was not verified, who is said to have signed
	Time          *entryTime `json:"time,omitempty"`
	Place         string     `json:"place"`
	Code          string     `json:"code,omitempty"`
	Why           string     `json:"why,omitempty"`
}

type entryTime struct {
	Value  string `json:"value"`
	Source string `json:"source"` // tsa, log, or claimed
}

// listing is everything about one subject.
type listing struct {
	Schema  string         `json:"schema"`
	Subject attest.Subject `json:"subject"`
	Store   string         `json:"store"`
	Entries []entry        `json:"entries"`
}

const listingSchema = "sealock/evidence/v1"

func evidenceListCommand(opt *options) *cobra.Command {
	var types []string
	var chain bool
	cmd := &cobra.Command{
		Use:   "ls [SUBJECT…]",
		Short: "List what the store holds about an artifact: evidence, and what is none",
		Long: `List every entry of the store about an artifact and its platforms, verified with the policy's keys: who signed what, when, and for what is no
evidence, why not. Without a policy nothing can be verified; entries are then shown with what they say of themselves. Without a subject, the
pipeline's own products are meant.`,
		Example: "  sealock evidence ls oci-layout:out/shop\n  sealock evidence ls --chain -o json",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkTypes(types); err != nil {
				return err
			}
			ctx, cancel := opt.context(cmd)
			defer cancel()
			a, err := opt.openAnyway(ctx, args)
			if err != nil {
				return err
			}
			return a.listEvidence(ctx, args, types, chain)
		},
	}
	cmd.Flags().StringArrayVar(&types, "type", nil, "only this predicate type or kind, for example sbom or receipt; may be repeated")
	cmd.Flags().BoolVar(&chain, "chain", false, "also about everything that the artifact was made from")
	return cmd
}

func (a *app) listEvidence(ctx context.Context, refs, types []string, chain bool) error {
	if chain && a.gate == nil {
		return usagef("--chain needs a policy: only verified receipts say what an artifact was made from\nhint: name one with --policy")
	}
	reqs, err := a.requests(ctx, refs)
	if err != nil {
		return err
	}
	store := attest.Store(nil)
	if a.gate != nil {
		store = a.gate.Store
	} else if store, err = a.openStore(a.storeName); err != nil {
		return err
	}
	var out []listing
	for _, req := range reqs {
		targets := distinct(subjects(req))
		if chain {
			found, _, gatherErr := a.gate.Gather(ctx, req)
			if gatherErr != nil {
				return fmt.Errorf("reading the store: %w", gatherErr)
			}
			targets = reached(req, found)
		}
		l := listing{Schema: listingSchema, Subject: req.Subject, Store: a.storeName, Entries: []entry{}}
		if l.Entries, err = a.entries(ctx, store, targets); err != nil {
			return err
		}
		l.Entries = slices.DeleteFunc(l.Entries, func(e entry) bool { return len(types) > 0 && !e.is(types) })
		out = append(out, l)
	}
	return a.printListings(out)
}

// distinct are the artifacts that a store can be asked about, each once.
func distinct(all []attest.Subject) []attest.Subject {
	var out []attest.Subject
	seen := map[attest.Digest]bool{}
	for _, s := range all {
		if d := s.Digest.Primary(); d.Validate() == nil && !seen[d] {
			seen[d] = true
			out = append(out, s)
		}
	}
	return out
}

// reached are a subject, everything that evidence about it is about, and what it was made from.
func reached(req gate.Request, found []attest.Evidence) []attest.Subject {
	all := subjects(req)
	for _, e := range found {
		st := e.Statement()
		all = append(all, st.Subject...)
		var link predicate.Link
		if st.PredicateType != predicate.TypeLink || predicate.Decode(st, &link) != nil {
			continue
		}
		for _, m := range link.Materials {
			if !strings.HasPrefix(m.Name, predicate.ReceiptPrefix) {
				all = append(all, attest.Subject{Name: m.Name, Digest: m.Digest})
			}
		}
	}
	return distinct(all)
}

// entries lists what a store has about artifacts, each bundle once, evidence first and then by what it is and when it was made.
func (a *app) entries(ctx context.Context, store attest.Store, targets []attest.Subject) ([]entry, error) {
	out := []entry{}
	seen := map[string]bool{}
	for _, target := range targets {
		d := target.Digest.Primary()
		from := len(out)
		list, err := store.List(ctx, d)
		if err != nil {
			return nil, fmt.Errorf("listing evidence about %s: %w", d.Short(), err)
		}
		for _, s := range list {
			key := s.Name
			if s.Err == nil {
				key = attest.SHA256(s.Bundle).String()
			}
			if seen[key] {
				continue
			}
			seen[key] = true
			e, err := a.entry(ctx, store, s)
			if err != nil {
				return nil, err
			}
			out = append(out, e)
		}
		more, err := others(ctx, store, d, seen)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
		for i := from; i < len(out); i++ {
			out[i].Subject, out[i].About = d.String(), target.Name
		}
	}
	slices.SortStableFunc(out, func(x, y entry) int {
		return strings.Compare(x.order(), y.order())
	})
	return out, nil
}

// describer is a store that can tell what else lies beside an artifact.
type describer interface {
	Describe(ctx context.Context, d attest.Digest) ([]oci.Entry, error)
}

// others are the things in a store that it does not list as candidates: signatures of cosign, what BuildKit attached, what is gone.
func others(ctx context.Context, store attest.Store, d attest.Digest, seen map[string]bool) ([]entry, error) {
	s, ok := store.(describer)
	if !ok {
		return nil, nil
	}
	found, err := s.Describe(ctx, d)
	if err != nil {
		return nil, err
	}
	var out []entry
	for _, f := range found {
		switch f.Kind {
		case oci.Bundle, oci.Envelope, oci.Foreign, oci.Malformed, oci.List, oci.Anchor: // listed above, or the store's own
			continue
		case oci.Signature, oci.Unsigned, oci.Gone, oci.Other:
		}
		e := entry{Status: entryRejected, Place: f.Where + " " + f.Digest.Short(), PredicateType: f.PredicateType, Code: strings.ToUpper(string(f.Kind)), Why: f.Detail}
		if e.PredicateType == "" {
			e.PredicateType = f.ArtifactType
		}
		if key := e.Place + f.Content.String(); !seen[key] {
			seen[key] = true
			out = append(out, e)
		}
	}
	return out, nil
}

func (e entry) order() string {
	rank := map[string]string{entryVerified: "0", entryUnverified: "1", entryRejected: "2"}[e.Status]
	at := ""
	if e.Time != nil {
		at = e.Time.Value
	}
	return strings.Join([]string{rank, e.What, e.Detail, at, e.Statement, e.Bundle, e.Place}, "\x00")
}

func (e entry) is(types []string) bool {
	return slices.ContainsFunc(types, func(t string) bool { return t == e.PredicateType || t == e.What || t == e.What+":"+e.Detail })
}

// entry says what one stored thing is.
func (a *app) entry(ctx context.Context, store attest.Store, s attest.Stored) (entry, error) {
	if s.Err != nil {
		return entry{Status: entryRejected, Place: s.Name, Code: attest.RejectCode(s.Err), Why: s.Err.Error()}, nil //nolint:nilerr // it is told in the entry
	}
	if a.gate == nil {
		return claimed(s, entryUnverified, nil), nil
	}
	e, err := a.gate.Verifier.Verify(ctx, s.Bundle)
	if c, ok := store.(attest.Confirmer); ok && err == nil {
		err = c.Confirm(ctx, e)
	}
	if err != nil {
		if attest.RejectCode(err) == "" {
			return entry{}, fmt.Errorf("verifying %s: %w", s.Name, err)
		}
		return claimed(s, entryRejected, err), nil
	}
	out := entry{Status: entryVerified, Statement: e.ID().String(), Bundle: e.BundleID().String(), Signer: a.gate.Policy.NameOf(e.Signer()), Place: s.Name}
	out.describe(e.Statement())
	if t, src := e.Time(); !t.IsZero() {
		out.Time = &entryTime{predicate.Time(t), string(src)}
	}
	return out, nil
}

// claimed is what an entry says of itself.
func claimed(s attest.Stored, status string, why error) entry {
	out := entry{Status: status, Bundle: attest.SHA256(s.Bundle).String(), Place: s.Name}
	u, err := sigstore.Inspect(s.Bundle)
	if err != nil && why == nil {
		why, out.Status = err, entryRejected
	}
	if why != nil {
		out.Code, out.Why = attest.RejectCode(why), why.Error()
	}
	if err != nil {
		return out
	}
	out.Signer = u.Signer
	if u.PayloadType == attest.PayloadInToto {
		out.Statement = attest.SHA256(u.Payload).String()
		if st, err := attest.DecodeStatement(u.Payload); err == nil {
			out.describe(st)
		}
	}
	return out
}

func (e *entry) describe(st attest.Statement) {
	e.PredicateType = st.PredicateType
	e.What, e.Detail = predicate.Describe(st)
	if t := predicate.TimeOf(st); t != "" {
		e.Time = &entryTime{t, string(attest.Claimed)}
	}
}
