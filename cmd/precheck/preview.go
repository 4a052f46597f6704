// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
)

// runName is the run that every receipt of a preview names.
const runName = "preview"

// scanned is what is known of the tree that a preview is about.
type scanned struct {
	secrets, config predicate.Findings
	packages        packageResult
}

// preview makes the chain that a pipeline would make of a tree, as far as it can be known before, and asks the gate about it.
type preview struct {
	c        *checker
	policy   *gate.Policy
	found    scanned
	keys     *standIns
	store    shelf
	gate     *gate.Preview
	at       time.Time
	receipts map[string]attest.Digest    // ids, by stage
	taken    map[string]gate.Taken       // stages of which the store has evidence
	real     map[string][]attest.Subject // what these are about, by reference
	assumed  []gate.Skip
}

// newPreview takes what the store has about a commit.
func (c *checker) newPreview(ctx context.Context, found scanned, tip string) (*preview, error) {
	keys, err := newStandIns(c.opt.Policy)
	if err != nil {
		return nil, err
	}
	v := &preview{c: c, policy: c.opt.Policy, found: found, keys: keys, store: shelf{}, at: c.opt.Now().UTC(), receipts: map[string]attest.Digest{}, real: map[string][]attest.Subject{}}
	if v.gate, err = gate.NewPreview(v.policy, keys.ids, keys.verifier, v.store, c.opt.Version); err != nil {
		return nil, err
	}
	v.taken = c.take(ctx, v.gate, tip)
	return v, nil
}

// decide previews the decision about every environment. At is what the time will be.
func (c *checker) decide(ctx context.Context, w *work, name string) error {
	v, err := c.newPreview(ctx, w.found, w.tip)
	if err != nil {
		return err
	}
	p, set := c.opt.Policy, map[string]bool{}
	for stage := range p.Stages {
		set[stage] = true
	}
	for _, stage := range p.StageOrder(set) {
		made, err := v.stage(ctx, stage)
		if err != nil {
			return fmt.Errorf("assuming stage %q: %w", stage, err)
		}
		w.out.Stages = append(w.out.Stages, made)
	}
	v.assume("signatures", "keys made for this preview stand for the identities of the policy in all that is assumed")
	if slices.ContainsFunc(sorted(p.Artifacts), func(kind string) bool { return v.taken[p.Artifacts[kind].Product].Subjects == nil }) {
		v.assume("products", "they are not built yet; their packages are taken to be those of the manifests in the tree")
	}
	if c.opt.Data != nil {
		v.assume("age of vulnerability data", "the gate's data is taken to be current; what is here is of "+c.report.Data.Updated)
	}
	for _, env := range c.opt.Environments {
		for _, kind := range sorted(p.Artifacts) {
			d, err := v.ask(ctx, env, kind, name)
			if err != nil {
				return err
			}
			w.out.Decisions = append(w.out.Decisions, d)
		}
	}
	return nil
}

// stage takes one stage as it is, or stands in for it.
func (v *preview) stage(ctx context.Context, name string) (Stage, error) {
	t, there := v.taken[name]
	if !there {
		return Stage{Name: name, From: Assumed}, v.run(ctx, name)
	}
	made := Stage{Name: name, From: Taken, Receipt: t.Receipt.String()}
	v.receipts[name] = t.Receipt
	for _, ref := range v.references(name) {
		if v.real[ref] == nil {
			v.real[ref] = t.Subjects
		}
	}
	what := gate.Skip{What: "taken from the store: stage " + name, Why: "receipt " + made.Receipt + " by " + t.Signer}
	if t.Problem != nil {
		made.From, made.Why = Refused, t.Problem.Code+": "+t.Problem.Message
		what = gate.Skip{What: "refused in the store: stage " + name, Why: made.Why}
	}
	v.assumed = append(v.assumed, what)
	return made, nil
}

func (v *preview) assume(what, why string) {
	if s := (gate.Skip{What: "assumed: " + what, Why: why}); !slices.Contains(v.assumed, s) {
		v.assumed = append(v.assumed, s)
	}
}

// put signs a statement by several and stores it.
func (v *preview) put(ctx context.Context, signers []attest.Signer, predicateType string, pred any, about ...attest.Subject) (attest.Evidence, error) {
	if len(signers) == 0 {
		return attest.Evidence{}, fmt.Errorf("the policy names nobody who could sign it")
	}
	var made attest.Evidence
	for _, s := range signers {
		var err error
		if made, err = stage.Sign(ctx, v.keys.verifier, s, predicateType, pred, about...); err != nil {
			return made, err
		}
		if err = v.store.Put(ctx, made); err != nil {
			return made, err
		}
	}
	return made, nil
}

// run makes the evidence and the receipt of one stage.
func (v *preview) run(ctx context.Context, name string) error {
	s := v.policy.Stages[name]
	signers := v.keys.choose(v.policy, v.gate, s.SignedBy, max(s.Threshold, s.Builders.Threshold, 1))
	about := v.subjects(name)
	link := predicate.Link{Name: name, Command: []string{}, Materials: []attest.ResourceDescriptor{}, Byproducts: predicate.Byproducts{Evidence: []predicate.EvidenceRef{}},
		Environment: predicate.Environment{Run: runName, StartedOn: predicate.Instant(v.at), FinishedOn: predicate.Instant(v.at), Sealock: v.c.opt.Version}}
	for _, a := range s.After {
		if id := v.receipts[a.Stage]; !id.IsZero() { // what can't be read has none
			link.Materials = append(link.Materials, attest.ResourceDescriptor{Name: predicate.ReceiptPrefix + a.Stage, Digest: attest.DigestSet{"sha256": id.Hex}, MediaType: attest.PayloadInToto})
		}
		for _, m := range v.subjects(a.Stage) {
			link.Materials = append(link.Materials, attest.ResourceDescriptor{Name: m.Name, Digest: m.Digest})
		}
	}
	for _, kind := range v.kinds(name) {
		for _, part := range v.parts(kind, about) {
			typ, pred := v.evidence(name, kind, signers[0].Identity(), part[0])
			e, err := v.put(ctx, signers, typ, pred, part...)
			if err != nil {
				return fmt.Errorf("evidence %q: %w", kind, err)
			}
			link.Byproducts.Evidence = append(link.Byproducts.Evidence, predicate.EvidenceRef{Name: kind, PredicateType: typ, Digest: attest.DigestSet{"sha256": e.ID().Hex}})
		}
	}
	receipt, err := v.put(ctx, signers, predicate.TypeLink, link, about...)
	v.receipts[name] = receipt.ID()
	v.assume("stage "+name, "it is taken to run and succeed")
	return err
}

// parts are what statements of one kind are about: an SBOM describes one artifact, all else may be about several.
func (v *preview) parts(kind string, about []attest.Subject) [][]attest.Subject {
	if kind != predicate.KindSBOM {
		return [][]attest.Subject{about}
	}
	var out [][]attest.Subject
	for _, s := range about {
		out = append(out, []attest.Subject{s})
	}
	return out
}

// kinds are those of the evidence that a stage makes: what the policy asks for, and what the pipeline makes besides.
func (v *preview) kinds(name string) []string {
	kinds := slices.Clone(v.policy.Stages[name].Evidence)
	if v.c.opt.Pipeline != nil {
		made := v.c.opt.Pipeline.Stages[name]
		kinds = append(kinds, made.Evidence...)
		kinds = append(kinds, sorted(made.Imports)...)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// references are what a stage is about: as the pipeline says, else what the stages before are about.
func (v *preview) references(name string) []string {
	if p := v.c.opt.Pipeline; p != nil && len(p.Stages[name].Subjects) > 0 {
		return p.Stages[name].Subjects
	}
	for _, a := range v.policy.Stages[name].After {
		return v.references(a.Stage)
	}
	return []string{"git:HEAD"}
}

// subjects are those that a receipt of the store names, else stand-ins: no artifact has their digests. Those with packages have that of the folder of
// manifests, because the SBOM says so.
func (v *preview) subjects(name string) []attest.Subject {
	if own := v.taken[name].Subjects; len(own) > 0 {
		return own
	}
	var out []attest.Subject
	for _, ref := range v.references(name) {
		if real := v.real[ref]; len(real) > 0 {
			out = append(out, real...)
			continue
		}
		s := attest.Subject{Name: ref, Digest: v.found.packages.Subject.Digest}
		if !v.listed(ref) {
			sum := sha256.Sum256([]byte("sealock preview of " + ref))
			s.Digest = attest.DigestSet{"sha256": hex.EncodeToString(sum[:])}
		}
		out = append(out, s)
	}
	return out
}

// listed reports whether any stage makes an SBOM of a reference, or looks for vulnerabilities in it.
func (v *preview) listed(ref string) bool {
	for _, name := range sorted(v.policy.Stages) {
		kinds := v.kinds(name)
		if (slices.Contains(kinds, predicate.KindSBOM) || slices.Contains(kinds, predicate.KindVulns)) && slices.Contains(v.references(name), ref) {
			return true
		}
	}
	return false
}

// ask asks the gate about the product of one kind of artifact. What is done by people, or later, is assumed.
func (v *preview) ask(ctx context.Context, env, kind, name string) (gate.Decision, error) {
	product := v.policy.Artifacts[kind].Product
	about, leaves := v.product(product)
	req := gate.Request{Subject: about, Leaves: leaves, Environment: env, Question: gate.Enter, At: v.at, MinVersion: v.c.opt.MinVersion, Preview: true, Insecure: v.c.opt.Insecure}
	if err := v.entry(ctx, req, product); err != nil {
		return gate.Decision{}, err
	}
	for _, a := range v.policy.Attached {
		if err := v.attached(ctx, a, append([]attest.Subject{about}, leaves...)); err != nil {
			return gate.Decision{}, err
		}
	}
	req.Subject.Name, req.Skipped = name, v.assumed
	d := v.gate.Check(ctx, req)
	if d.Verdict == gate.Allowed && v.c.opt.Data == nil && v.needsData(env, kind) {
		return v.policy.Failed(req, v.c.opt.Version, true, gate.Reason{Code: "SCAN_INCOMPLETE", Message: "vulnerabilities were not looked for: there is no vulnerability data here",
			Fix: "sealock db update, or name the data with --db"}), nil
	}
	return d, nil
}

// product is what a stage makes, with its platforms if it is an index. Of several products of one run it is not known whose platforms follow which.
func (v *preview) product(name string) (attest.Subject, []attest.Subject) {
	all := v.subjects(name)
	if len(v.references(name)) > 1 || len(all) == 1 {
		return all[0], nil
	}
	return all[0], all[1:]
}

// entry assumes the promotion to the environment before, and the approvals.
func (v *preview) entry(ctx context.Context, req gate.Request, product string) error {
	env := v.policy.Environments[req.Environment]
	if from := env.From; from != "" {
		v.assume("promotion to "+from, "it is taken to come before")
		vsa := predicate.VSA{Verifier: predicate.VSAVerifier{ID: predicate.VerifierID}, TimeVerified: predicate.Time(v.at), ResourceURI: req.Subject.Name + "@" + req.Subject.Digest.Primary().String(),
			Policy:            predicate.VSAPolicy{URI: v.policy.URI, Digest: attest.DigestSet{v.policy.Digest.Algorithm: v.policy.Digest.Hex}, Name: v.policy.Name},
			InputAttestations: []predicate.InputAttestation{}, VerificationResult: "PASSED", VerifiedLevels: []string{predicate.EnvironmentLevel + from}}
		by := v.keys.choose(v.policy, v.gate, v.policy.Environments[from].PromotedBy, 1)
		if _, err := v.put(ctx, by, predicate.TypeVSA, vsa, req.Subject); err != nil {
			return fmt.Errorf("assuming the promotion to %s: %w", from, err)
		}
	}
	rule := env.Approvals
	if rule == nil {
		return nil
	}
	v.assume("approvals for "+req.Environment, fmt.Sprintf("%d of %s are taken to be given", rule.Threshold, rule.By))
	given := 0
	for _, signer := range v.keys.choose(v.policy, v.gate, []string{rule.By}, len(v.policy.Identities)) {
		svr, err := v.gate.Approval(req, v.receipts[product].String(), "assumed", signer.Identity())
		if err != nil || given == rule.Threshold {
			continue // not this one
		}
		given++
		if _, err := v.put(ctx, []attest.Signer{signer}, predicate.TypeSVR, svr, req.Subject); err != nil {
			return fmt.Errorf("assuming an approval for %s: %w", req.Environment, err)
		}
	}
	return nil
}

// attached assumes evidence that others bring.
func (v *preview) attached(ctx context.Context, a gate.Attached, about []attest.Subject) error {
	typ, pred := a.Type, any(json.RawMessage(`{}`))
	by := v.keys.choose(v.policy, v.gate, a.SignedBy, 1)
	if len(by) > 0 && predicate.Types[a.Type] != nil {
		typ, pred = v.evidence("", a.Type, by[0].Identity(), about[0])
	}
	v.assume("evidence "+a.Type+" by "+strings.Join(a.SignedBy, ", "), "it is taken to be there")
	if _, err := v.put(ctx, by, typ, pred, about...); err != nil {
		return fmt.Errorf("assuming evidence %s: %w", a.Type, err)
	}
	return nil
}

// needsData reports whether a stage that is yet to run, on the way to an environment, looks for vulnerabilities.
func (v *preview) needsData(env, kind string) bool {
	return slices.ContainsFunc(v.policy.RequiredStages(env, kind), func(s string) bool {
		_, there := v.taken[s]
		return !there && slices.Contains(v.policy.Stages[s].Evidence, predicate.KindVulns)
	})
}
