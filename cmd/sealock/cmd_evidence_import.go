// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/foreign"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report"
)

type importOptions struct {
	*options
	subjects  []string
	keepGoing bool
}

func evidenceImportCommand(opt *options) *cobra.Command {
	im := &importOptions{options: opt}
	cmd := &cobra.Command{
		Use:   "import FILE…",
		Short: "Store evidence that other tools wrote",
		Long: `Read evidence from files (- is standard input), verify it with the policy's keys, and store it as Sigstore bundles v0.3 under the artifacts that it
is about. Known are bundles, DSSE envelopes and JSON lines of both (*.intoto.jsonl, 'gh attestation download', 'cosign download attestation'),
the lists of 'gh attestation verify --format json' and of GitHub's API, and witness collections.

If anything does not verify, nothing is stored and the exit code is 1; with --keep-going what does verify is stored. Lines of no known form are
reported and ignored. What is stored already is left as it is.`,
		Example: "  sealock evidence import shop.intoto.jsonl --subject oci-layout:out/shop\n  cosign download attestation IMAGE | sealock evidence import -",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			return im.run(ctx, args)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&im.subjects, "subject", nil, "everything must be about this artifact, or another that is named like this; may be repeated")
	f.BoolVar(&im.keepGoing, "keep-going", false, "store what verifies although something else does not")
	return cmd
}

// imported is the outcome for one thing in a file.
type imported struct {
	Place     string `json:"place"`
	Format    string `json:"format,omitempty"`
	Status    string `json:"status"` // stored, present, failed, ignored, or left (sound, but something else was not)
	Statement string `json:"statement,omitempty"`
	What      string `json:"what,omitempty"`
	Detail    string `json:"detail,omitempty"`
	Type      string `json:"predicateType,omitempty"`
	Signer    string `json:"signer,omitempty"`
	Code      string `json:"code,omitempty"`
	Why       string `json:"why,omitempty"`

	evidence attest.Evidence
}

// The outcomes.
const (
	importStored  = "stored"
	importPresent = "present"
	importFailed  = "failed"
	importIgnored = "ignored"
	importLeft    = "left"
)

func (im *importOptions) run(ctx context.Context, files []string) error {
	a, err := im.open(ctx, false, false, im.subjects...)
	if err != nil {
		return err
	}
	auth, err := a.policyAuthenticator(a.gate.Policy)
	if err != nil {
		return err
	}
	var about []attest.Subject
	if len(im.subjects) > 0 {
		reqs, err := a.requests(ctx, im.subjects)
		if err != nil {
			return err
		}
		for _, req := range reqs {
			about = append(about, subjects(req)...)
		}
	}
	var all []imported
	for _, file := range files {
		items, err := im.read(file)
		if err != nil {
			return err
		}
		for _, i := range items {
			found, err := a.judge(ctx, auth, i, about)
			if err != nil {
				return err
			}
			all = append(all, found...)
		}
	}
	sound, failed := count(all, ""), count(all, importFailed)
	if sound > 0 && (failed == 0 || im.keepGoing) {
		if err := a.storeAll(ctx, all); err != nil {
			return err
		}
	}
	if err := a.printImported(all); err != nil {
		return err
	}
	switch {
	case failed > 0 && im.keepGoing:
		return refusef("%d of %d do not count as evidence; the others are stored", failed, failed+sound)
	case failed > 0:
		return refusef("%d of %d do not count as evidence; nothing was stored\nhint: leave them out, add their signers to the policy, or store the others with --keep-going", failed, failed+sound)
	case sound == 0:
		return refusef("no evidence is in what was given; nothing was stored\nhint: known are Sigstore bundles, DSSE envelopes, and lines or lists of them")
	}
	return nil
}

func (im *importOptions) read(file string) ([]foreign.Item, error) {
	if file == "-" {
		return foreign.Read(im.stdin, "standard input")
	}
	f, err := os.Open(im.path(file))
	if err != nil {
		return nil, usageError{fmt.Errorf("reading evidence: %w", err)}
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.IsDir() {
		return nil, usagef("%s is no file that can be read\nhint: name the files in it", file)
	}
	return foreign.Read(f, file)
}

// judge verifies one thing found in a file, and gives an outcome for each signer: with Status empty if it may be stored.
func (a *app) judge(ctx context.Context, auth *sigstore.Authenticator, i foreign.Item, about []attest.Subject) ([]imported, error) {
	out := imported{Place: i.Place, Format: i.Format}
	fail := func(err error) ([]imported, error) {
		if attest.RejectCode(err) == "" {
			return nil, fmt.Errorf("verifying %s: %w", i.Place, err)
		}
		out.Status, out.Code, out.Why = importFailed, attest.RejectCode(err), err.Error()
		if i.Unknown {
			out.Status = importIgnored
		}
		return []imported{out}, nil
	}
	if i.Err != nil {
		return fail(i.Err)
	}
	bundles, err := auth.Bundles(i.Raw)
	if err != nil {
		if u, inspectErr := sigstore.Inspect(i.Raw); inspectErr == nil {
			out.Signer = u.Signer
		}
		return fail(err)
	}
	var all []imported
	for _, b := range bundles {
		e, err := a.gate.Verifier.Verify(ctx, b)
		if err != nil {
			return fail(err)
		}
		st := e.Statement()
		out.evidence, out.Statement, out.Type, out.Signer = e, e.ID().String(), st.PredicateType, a.gate.Policy.NameOf(e.Signer())
		out.What, out.Detail = predicate.Describe(st)
		switch {
		case len(distinct(st.Subject)) == 0:
			return fail(&attest.Reject{Code: attest.CodeWeakDigest, Detail: "no subject has a strong digest, so nobody could tell what it is about"})
		case len(about) > 0 && !aboutAny(st, about):
			return fail(&attest.Reject{Code: gate.CodeEvidenceSubject, Detail: fmt.Sprintf("it is about %s, expected %s", st.Subject[0], about[0])})
		}
		all = append(all, out)
	}
	return all, nil
}

// storeAll stores what may be stored, unless it is there.
func (a *app) storeAll(ctx context.Context, all []imported) error {
	for i := range all {
		if all[i].Status != "" {
			continue
		}
		there, err := holds(ctx, a.gate.Store, all[i].evidence)
		if err != nil {
			return err
		}
		if there {
			all[i].Status = importPresent
			continue
		}
		all[i].Status = importStored
		if err := a.gate.Store.Put(ctx, all[i].evidence); err != nil {
			return fmt.Errorf("storing %s of %s: %w\nhint: run it again; what is stored already is left as it is", all[i].evidence.ID().Short(), all[i].Place, err)
		}
	}
	return nil
}

// holds reports whether a store gives this very bundle for every artifact that it is about.
func holds(ctx context.Context, store attest.Store, e attest.Evidence) (bool, error) {
	for _, s := range distinct(e.Statement().Subject) {
		d := s.Digest.Primary()
		list, err := store.List(ctx, d)
		if err != nil {
			return false, fmt.Errorf("listing evidence about %s: %w", d.Short(), err)
		}
		if !slices.ContainsFunc(list, func(x attest.Stored) bool { return x.Err == nil && bytes.Equal(x.Bundle, e.Bundle()) }) {
			return false, nil
		}
	}
	c, ok := store.(attest.Confirmer)
	return !ok || c.Confirm(ctx, e) == nil, nil
}

func count(all []imported, status string) int {
	n := 0
	for _, i := range all {
		if i.Status == status || status == "" && i.Status != importFailed && i.Status != importIgnored {
			n++
		}
	}
	return n
}

// printImported writes the outcome for everything that was found.
func (a *app) printImported(all []imported) error {
	all = slices.Clone(all)
	for i := range all {
		if all[i].Status == "" {
			all[i].Status = importLeft
		}
	}
	return a.eachOutput(func(w io.Writer, format string) error {
		for _, i := range all {
			if format == "json" {
				b, err := attest.EncodeJSON(i)
				if err != nil {
					return err
				}
				if _, err := fmt.Fprintf(w, "%s\n", b); err != nil {
					return err
				}
				continue
			}
			line := fmt.Sprintf("%-8s %s  %s", i.Status, i.Place, i.Code+": "+i.Why)
			if i.Code == "" {
				line = fmt.Sprintf("%-8s %s  %s  %s, signed by %s", i.Status, i.Place, shortID(i.Statement), what(i.What, i.Detail, i.Type), i.Signer)
			} else if i.Signer != "" {
				line += "  (it says: by " + i.Signer + ")"
			}
			if _, err := fmt.Fprintln(w, report.Clean(line)); err != nil {
				return err
			}
		}
		return nil
	})
}
