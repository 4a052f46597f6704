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
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/cmd/stage"
)

type attestOptions struct {
	*options
	record, kind, predicate, statement, as string
	reports                                reportFlags
}

func attestCommand(opt *options) *cobra.Command {
	at := &attestOptions{options: opt}
	cmd := &cobra.Command{
		Use:   "attest --record FILE | SUBJECT --type TYPE --predicate FILE | SUBJECT --sarif|--junit|--sbom|--vex FILE | SUBJECT --statement DIGEST",
		Short: "Sign and store: the work of another job, a predicate, or a further signature",
		Long: `With --record, finish a stage whose work was done by "sealock run STAGE --record FILE" in another job: inputs and products are hashed again,
scanned, signed and stored here; nothing of the tree is run.

With --predicate, sign a statement about a subject with a predicate from a file. Such evidence is bound to the subject by its digest only; a
policy asks for it under "attached".

With --sarif, --junit or --sbom, sign what another tool reported about a subject. The report must say itself that it is whole; findings are brought to
one form, and a bill of materials must be of this very subject. It is attached, too; a stage imports reports of its own by "imports" in sealock.yaml.

With --vex, sign a VEX document: which known vulnerabilities do no harm in the subject, and why. It counts if the policy lists the signer under "vex".

With --statement, add a signature of your own to a statement that is stored already, where the policy asks for several signers.`,
		Example: `  sealock attest --record build.json
  sealock attest oci-layout:out/shop --type test --predicate results.json --as qa
  sealock attest git:HEAD --sarif semgrep.sarif --as scanner
  sealock attest oci-layout:out/shop --vex shop.openvex.json --as security
  sealock attest oci-layout:out/shop --statement sha256:… --key second.key`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			switch {
			case at.record != "" && len(args) == 0 && at.predicate == "" && at.statement == "" && at.reports.given() == 0:
				return at.finish(ctx)
			case at.record == "" && len(args) == 1 && at.ways() == 1:
				return at.sign(ctx, args[0])
			}
			return usagef("expected --record FILE, or a subject with one of: --type and --predicate, --sarif, --junit, --sbom, --vex, --statement")
		},
	}
	f := cmd.Flags()
	f.StringVar(&at.record, "record", "", "record of the work, from the other job")
	f.StringVar(&at.kind, "type", "", "predicate type: a URI, or a kind of evidence such as sbom, vulns, provenance, test")
	f.StringVar(&at.predicate, "predicate", "", "file with the predicate, JSON")
	f.StringVar(&at.statement, "statement", "", "digest of a stored statement to sign as well")
	at.reports.register(cmd)
	f.StringVar(&at.as, "as", "", "identity of the policy whose local key signs")
	return cmd
}

// ways counts the ways in which it was said what to sign.
func (at *attestOptions) ways() int {
	n := at.reports.given()
	if at.predicate != "" && at.kind != "" {
		n++
	}
	if at.statement != "" {
		n++
	}
	return n
}

// sign makes evidence about a subject and stores it.
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
	made, err := at.evidence(ctx, a, res, signer)
	if err != nil {
		return err
	}
	for _, e := range made {
		if err := a.gate.Store.Put(ctx, e); err != nil {
			return fmt.Errorf("storing evidence: %w", err)
		}
	}
	a.publish(ctx, res)
	for _, e := range made {
		if _, err := fmt.Fprintf(a.stdout, "%s signed by %s\n", e.ID(), a.gate.Policy.NameOf(signer.Identity())); err != nil {
			return err
		}
	}
	return nil
}

// evidence signs what was asked for.
func (at *attestOptions) evidence(ctx context.Context, a *app, res *subject.Resolved, signer attest.Signer) ([]attest.Evidence, error) {
	var unsigned []toSign
	switch {
	case at.statement != "":
		found, _, err := a.gate.Gather(ctx, stage.Request(res))
		if err != nil {
			return nil, fmt.Errorf("reading the store: %w", err)
		}
		e, err := a.countersign(ctx, found, at.statement, signer)
		return []attest.Evidence{e}, err
	case at.predicate != "":
		e, err := a.signPredicate(ctx, at.kind, at.predicate, signer, res.Subjects())
		return []attest.Evidence{e}, err
	case at.reports.vex != "":
		vex, err := a.readVEX(at.reports.vex, res.Subjects())
		if err != nil {
			return nil, err
		}
		unsigned = append(unsigned, vex)
	default:
		var err error
		if unsigned, err = a.importReports(at.reports, res); err != nil {
			return nil, err
		}
	}
	var out []attest.Evidence
	for _, u := range unsigned {
		e, err := stage.Sign(ctx, a.gate.Verifier, signer, u.predicateType, u.document, u.subjects...)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
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
