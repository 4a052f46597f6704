// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report"
)

// promoteOptions are the flags of promote and rollback.
type promoteOptions struct {
	*options
	dest, destStore, pack, reason string
	dryRun, whole                 bool
}

func promoteCommand(opt *options) *cobra.Command {
	p := &promoteOptions{options: opt}
	cmd := &cobra.Command{
		Use:   "promote SUBJECT --to ENV [--dest HOST/REPOSITORY:TAG]",
		Short: "Verify an artifact for an environment, sign the promotion, and move it where the environment takes it from",
		Long: `Verify that an artifact may enter an environment, sign the decision as a verification summary with every input listed, and store it.

With --dest, the artifact and all the evidence behind it are copied to where the environment takes them from: a tag of a registry, oci-layout:FOLDER, or
file:PATH. There everything is read again and decided again by what lies there alone; then the summary is signed and stored; the tag is moved last. A
failure leaves the tag as it was, and promoting again goes on where it broke off. Nothing that is there is sent again. An older release than
the one that the destination holds is refused, unless the policy allows it (rollback: allow): 'sealock rollback' does it on the record.

With --from-pack, artifact, evidence and policy come from a file that 'sealock pack' made.`,
		Example: `  sealock promote oci-layout:out/shop --to staging
  sealock promote registry.acme.io/dev/shop:1.4 --to prod --dest registry.acme.io/prod/shop:1.4
  sealock promote --from-pack shop.pack.tar --to prod --dest registry.internal/shop:1.4 --policy-key policy.pub`,
		Args: cobra.MaximumNArgs(1),
		RunE: p.run,
	}
	p.flags(cmd)
	cmd.Flags().BoolVar(&p.dryRun, "dry-run", false, "decide, and say what would be copied; sign and write nothing")
	cmd.Flags().StringVar(&p.pack, "from-pack", "", "file that 'sealock pack' made, instead of a subject")
	return cmd
}

func (p *promoteOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&p.env, "to", "", "environment to promote to")
	f.StringVar(&p.dest, "dest", "", "where the environment takes it from: HOST/REPOSITORY:TAG, oci-layout:FOLDER, or file:PATH")
	f.StringVar(&p.destStore, "dest-store", "", "evidence there, for a folder or file (default: "+defaultStore+" in the folder around it)")
	f.BoolVar(&p.whole, "read-whole", false, "read back every byte of the artifact; without it, large layers are asked for only")
}

func (p *promoteOptions) run(cmd *cobra.Command, args []string) error {
	ctx, cancel := p.context(cmd)
	defer cancel()
	if p.pack != "" {
		return p.runPack(ctx, args)
	}
	a, err := p.open(ctx, false, false, args...)
	if err != nil {
		return err
	}
	if p.dest != "" {
		return p.transact(ctx, a, args, false)
	}
	if p.reason != "" || p.destStore != "" || p.whole {
		return usagef("nothing to copy to: give --dest HOST/REPOSITORY:TAG")
	}
	return a.runPromote(ctx, args, p.dryRun)
}

// toPromote is the one subject that is meant.
func (a *app) toPromote(refs []string) (string, error) {
	if a.env == "" {
		return "", usagef("no environment: give --to, one of %s", strings.Join(a.gate.Policy.EnvironmentOrder(), ", "))
	}
	if len(refs) == 0 {
		refs = a.productRefs()
	}
	if len(refs) != 1 {
		return "", usagef("expected one subject to promote, for example oci-layout:out/app")
	}
	return refs[0], nil
}

func (a *app) runPromote(ctx context.Context, refs []string, dryRun bool) error {
	ref, err := a.toPromote(refs)
	if err != nil {
		return err
	}
	d, res, err := a.decideOne(ctx, ref, a.env, gate.Enter)
	if err != nil {
		return err
	}
	if d.Verdict == gate.Allowed && !dryRun {
		signer, err := a.signAs("promote to "+a.env, a.gate.Policy.Environments[a.env].PromotedBy)
		if err != nil {
			return err
		}
		e, err := a.promote(ctx, d, res.Leaves(), signer)
		if err != nil {
			return a.failed(a.request(res, a.env, gate.Enter), err)
		}
		a.publish(ctx, res)
		a.say("promoted to %s: %.19s signed by %s", a.env, e.ID().String(), a.gate.Policy.NameOf(signer.Identity()))
	}
	return a.conclude([]gate.Decision{d}, []string{ref})
}

// promote signs and stores the VSA of an allowed decision.
func (a *app) promote(ctx context.Context, d gate.Decision, leaves []attest.Subject, signer attest.Signer) (attest.Evidence, error) {
	if len(leaves) == 1 && leaves[0].Digest.Matches(d.Subject.Digest) {
		leaves = nil
	}
	if err := stage.Unlock(ctx, signer); err != nil {
		return attest.Evidence{}, fmt.Errorf("signing the promotion to %s: %w", d.Environment, err)
	}
	v, subjects, err := a.gate.Policy.Promotion(d, leaves, signer.Identity())
	if err != nil {
		return attest.Evidence{}, err
	}
	e, err := stage.Sign(ctx, a.gate.Verifier, signer, predicate.TypeVSA, v, subjects...)
	if err != nil {
		return attest.Evidence{}, fmt.Errorf("signing the promotion to %s: %w", d.Environment, err)
	}
	if err := a.gate.Store.Put(ctx, e); err != nil {
		return attest.Evidence{}, fmt.Errorf("storing the promotion to %s: %w", d.Environment, err)
	}
	if err := a.recordPromotion(ctx, d, e); err != nil {
		return attest.Evidence{}, err
	}
	return e, nil
}

func approveCommand(opt *options) *cobra.Command {
	var reason, as string
	cmd := &cobra.Command{
		Use:   "approve SUBJECT --env ENV --reason TEXT",
		Short: "Sign an approval of an artifact for an environment",
		Long: `Sign an approval. It is bound to the artifact, the environment, the policy and the build that made the artifact; it expires as the policy
says; and it counts once a person.`,
		Example: `  sealock approve oci-layout:out/shop --env prod --as alice --reason "release 1.4"`,
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			a, err := opt.open(ctx, false, false, args...)
			if err != nil {
				return err
			}
			return a.approve(ctx, args, reason, as)
		},
	}
	opt.environmentFlag(cmd, "environment to approve for")
	cmd.Flags().StringVar(&reason, "reason", "", "why; kept in the approval")
	cmd.Flags().StringVar(&as, "as", "", "identity of the policy whose local key signs")
	return cmd
}

func (a *app) approve(ctx context.Context, refs []string, reason, as string) error {
	env, ok := a.gate.Policy.Environments[a.env]
	switch {
	case !ok:
		return usagef("environment %q: expected --env with one of %s", a.env, strings.Join(a.gate.Policy.EnvironmentOrder(), ", "))
	case env.Approvals == nil:
		return usagef("environment %q asks for no approval", a.env)
	case strings.TrimSpace(reason) == "" || len(reason) > 4096:
		return usagef("an approval needs a reason: --reason \"…\" (at most 4096 bytes)")
	}
	if len(refs) == 0 {
		refs = a.productRefs()
	}
	if len(refs) != 1 {
		return usagef("expected one subject to approve, for example oci-layout:out/app")
	}
	who := []string{env.Approvals.By}
	if as != "" {
		if _, ok := a.gate.Policy.Identities[as]; !ok {
			return usagef("the policy knows no identity %q; %s may approve", as, strings.Join(a.gate.Policy.Expand(who), ", "))
		}
		who = []string{as}
	}
	signer, err := a.signAs("approve for "+a.env, who)
	if err != nil {
		return err
	}
	res, err := a.resolve(ctx, refs[0])
	if err != nil {
		return err
	}
	req := a.request(res, a.env, gate.Enter)
	d := a.gate.Check(ctx, req)
	receipt := a.gate.Policy.ProductReceipt(d)
	if receipt == "" {
		return errors.Join(a.render([]gate.Decision{d}, refs[0]), usagef("there is no sound receipt of the stage that makes %s, so there is nothing to approve yet\nhint: run the stages first: sealock run --all", refs[0]))
	}
	if err := stage.Unlock(ctx, signer); err != nil {
		return a.failed(req, fmt.Errorf("signing the approval: %w", err))
	}
	p, err := a.gate.Policy.Approval(req, receipt, reason, signer.Identity())
	if err != nil {
		return a.failed(req, err)
	}
	e, err := stage.Sign(ctx, a.gate.Verifier, signer, predicate.TypeSVR, p, res.Subjects()...)
	if err != nil {
		return a.failed(req, fmt.Errorf("signing the approval: %w", err))
	}
	if err := a.gate.Store.Put(ctx, e); err != nil {
		return fmt.Errorf("storing the approval: %w", err)
	}
	a.publish(ctx, res)
	a.say("approved %s for %s by %s until %s", res.Subject, a.env, a.gate.Policy.NameOf(signer.Identity()), p.Expires)
	after := a.gate.Check(ctx, a.request(res, a.env, gate.Enter))
	if err := a.render([]gate.Decision{after}, refs[0]); err != nil {
		return err
	}
	if after.Verdict == gate.Allowed {
		a.say("next: sealock promote%s %s --to %s", a.folderFlag(), report.Word(refs[0]), report.Word(a.env))
	}
	return nil
}

func revokeCommand(opt *options) *cobra.Command {
	var r gate.Revocation
	var from string
	cmd := &cobra.Command{
		Use:   "revoke --subject DIGEST | --statement DIGEST | --identity NAME | --serial HEX",
		Short: "Take trust back: write an entry into revoked.yaml of the policy",
		Long: `Write an entry into revoked.yaml of the policy folder. What it names no longer counts: an artifact, one statement, or everything that an
identity or a certificate signed (with --from: from then on, as far as somebody else vouches for the time).`,
		Example: `  sealock revoke --statement sha256:… --reason "scan ran with old data"`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if from != "" {
				t, err := time.Parse(time.RFC3339, from)
				if err != nil {
					return usagef("--from %q: expected a time such as 2027-01-31T00:00:00Z", from)
				}
				r.From = t
			}
			if r.Reason == "" {
				return usagef("a revocation needs a reason: --reason \"…\"")
			}
			a, err := opt.open(cmd.Context(), false, false)
			if err != nil {
				return err
			}
			return a.revoke(r)
		},
	}
	f := cmd.Flags()
	f.StringVar(&r.Subject, "subject", "", "digest of an artifact")
	f.StringVar(&r.Statement, "statement", "", "digest of a statement, as a decision's inputs name it")
	f.StringVar(&r.Identity, "identity", "", "identity of the policy, or digest of a key")
	f.StringVar(&r.Serial, "serial", "", "serial number of a certificate")
	f.StringVar(&from, "from", "", "time from which an identity or serial no longer counts")
	f.StringVar(&r.Reason, "reason", "", "why")
	return cmd
}

// revoke appends to revoked.yaml, checks that the whole still reads, and replaces the file at once.
func (a *app) revoke(r gate.Revocation) error {
	file, data, err := a.policyFile("revoked.yaml")
	if err != nil {
		return err
	}
	if data == nil {
		data = []byte("apiVersion: sealock/v1\nkind: Revocations\nrevoked:\n")
	}
	if len(data) > 0 && data[len(data)-1] != '\n' {
		data = append(data, '\n')
	}
	data = append(data, r.YAML()...)
	if _, err := gate.ParseRevocations(file, data, a.gate.Policy); err != nil {
		return usageError{err}
	}
	if err := a.writePolicyFile(file, data); err != nil {
		return err
	}
	a.say("wrote %s; raise the policy's version and roll it out", file)
	return nil
}
