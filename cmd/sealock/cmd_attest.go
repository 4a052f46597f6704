// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/cmd/stage"
)

type attestOptions struct {
	*options
	record, kind, predicate, statement, as string
}

func attestCommand(opt *options) *cobra.Command {
	at := &attestOptions{options: opt}
	cmd := &cobra.Command{
		Use:   "attest --record FILE | SUBJECT --type TYPE --predicate FILE | SUBJECT --statement DIGEST",
		Short: "Sign and store: the work of another job, a predicate, or a further signature",
		Long: `With --record, finish a stage whose work was done by "sealock run STAGE --record FILE" in another job: inputs and products are hashed again,
scanned, signed and stored here; nothing of the tree is run.

With --predicate, sign a statement about a subject with a predicate from a file. Such evidence is bound to the subject by its digest only; a
policy asks for it under "attached".

With --statement, add a signature of your own to a statement that is stored already, where the policy asks for several signers.`,
		Example: `  sealock attest --record build.json
  sealock attest oci-layout:out/shop --type test --predicate results.json --as qa
  sealock attest oci-layout:out/shop --statement sha256:… --key second.key`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			switch {
			case at.record != "" && len(args) == 0 && at.predicate == "" && at.statement == "":
				return at.finish(ctx)
			case at.record == "" && len(args) == 1 && (at.predicate != "" && at.kind != "") != (at.statement != ""):
				return at.sign(ctx, args[0])
			}
			return usagef("expected --record FILE, or a subject with --type and --predicate, or a subject with --statement")
		},
	}
	f := cmd.Flags()
	f.StringVar(&at.record, "record", "", "record of the work, from the other job")
	f.StringVar(&at.kind, "type", "", "predicate type: a URI, or a kind of evidence such as sbom, vulns, provenance, test")
	f.StringVar(&at.predicate, "predicate", "", "file with the predicate, JSON")
	f.StringVar(&at.statement, "statement", "", "digest of a stored statement to sign as well")
	f.StringVar(&at.as, "as", "", "identity of the policy whose local key signs")
	return cmd
}

// sign makes one piece of evidence about a subject and stores it.
func (at *attestOptions) sign(ctx context.Context, ref string) error {
	a, err := at.open(ctx, false, false, ref)
	if err != nil {
		return err
	}
	res, err := a.resolve(ctx, ref)
	if err != nil {
		return err
	}
	signer, err := a.attester(at.as)
	if err != nil {
		return err
	}
	var e attest.Evidence
	if at.statement != "" {
		req := stage.Request(res)
		found, _, gatherErr := a.gate.Gather(ctx, req)
		if gatherErr != nil {
			return fmt.Errorf("reading the store: %w", gatherErr)
		}
		e, err = a.countersign(ctx, found, at.statement, signer)
	} else {
		e, err = a.signPredicate(ctx, at.kind, at.predicate, signer, res.Subjects())
	}
	if err != nil {
		return err
	}
	if err := a.gate.Store.Put(ctx, e); err != nil {
		return fmt.Errorf("storing evidence: %w", err)
	}
	a.publish(ctx, res)
	_, err = fmt.Fprintf(a.stdout, "%s signed by %s\n", e.ID(), a.gate.Policy.NameOf(signer.Identity()))
	return err
}

// attester is the signer that --key or --as names.
func (a *app) attester(as string) (attest.Signer, error) {
	if a.key == "" && as == "" {
		return nil, usagef("nobody to sign: give --key, or --as with an identity of the policy")
	}
	if _, ok := a.gate.Policy.Identities[as]; as != "" && !ok {
		return nil, usagef("the policy knows no identity %q", as)
	}
	return a.signAs("sign", []string{as})
}

func (a *app) signPredicate(ctx context.Context, kind, file string, signer attest.Signer, subjects []attest.Subject) (attest.Evidence, error) {
	predicateType := kind
	if types := predicate.Types[kind]; len(types) > 0 {
		predicateType = types[0]
	}
	if !strings.Contains(predicateType, "://") {
		return attest.Evidence{}, usagef("--type %q: expected a URI, or one of %s", kind, strings.Join(predicate.Kinds, ", "))
	}
	switch predicateType {
	case predicate.TypeLink, predicate.TypeVSA, predicate.TypeSVR, predicate.TypeSVRV02:
		return attest.Evidence{}, usagef("--type %s: receipts, promotions and approvals are signed by run, promote and approve only", predicateType)
	}
	info, err := os.Stat(a.path(file))
	if err != nil {
		return attest.Evidence{}, usageError{fmt.Errorf("reading predicate: %w", err)}
	}
	if info.Size() > attest.MaxPayload {
		return attest.Evidence{}, usagef("predicate %s has %d bytes, limit %d", file, info.Size(), attest.MaxPayload)
	}
	data, err := os.ReadFile(a.path(file))
	if err != nil {
		return attest.Evidence{}, fmt.Errorf("reading predicate: %w", err)
	}
	if err := attest.CheckJSON(data); err != nil {
		return attest.Evidence{}, usageError{fmt.Errorf("predicate %s: %w", file, err)}
	}
	return stage.Sign(ctx, a.gate.Verifier, signer, predicateType, json.RawMessage(data), subjects...)
}

// countersign signs the very bytes of a stored statement once more.
func (a *app) countersign(ctx context.Context, found []attest.Evidence, id string, signer attest.Signer) (attest.Evidence, error) {
	for _, e := range found {
		if e.ID().String() == id {
			return stage.Seal(ctx, a.gate.Verifier, signer, e.Payload())
		}
	}
	return attest.Evidence{}, usagef("no verified statement %s about this subject or anything it was made from is in the store", id)
}
