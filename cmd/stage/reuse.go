// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package stage

import (
	"context"
	"fmt"
	"sort"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/scanners/secrets"
)

// reuse finds out whether the stage would only repeat itself: the gate allows every product as it is now, the newest receipt about them
// was signed by this stage's identity, and it names the same command, the same materials, and evidence by the same tools, rules and data.
// Only signed evidence that verifies now counts; anything in doubt means that the stage runs.
func (r *Runner) reuse(ctx context.Context, name string, c Config, in *inputs, signer attest.Identity) (Result, bool) {
	if r.Force || len(c.Imports) > 0 && len(c.Run) == 0 { // who wrote the reports is not known, so neither is whether they would be the same
		return Result{}, false
	}
	products, err := r.products(ctx, name, c)
	if err != nil || len(products) == 0 {
		return Result{}, false
	}
	res := Result{Stage: name, Reused: true, Products: products}
	for _, p := range products {
		req := r.request(p, name)
		found, _, err := r.Gate.Gather(ctx, req)
		if err != nil {
			return Result{}, false
		}
		d := gate.Decide(ctx, r.Gate.Policy, req, found, nil, r.Gate.Version)
		receipt, ok := receiptOf(d, name, found)
		if d.Verdict != gate.Allowed || !ok || receipt.Signer().Principal() != signer.Principal() {
			return Result{}, false
		}
		if res.Receipt != "" && res.Receipt != receipt.ID().String() {
			return Result{}, false
		}
		if !r.repeats(ctx, receipt, c, in, products, found) {
			return Result{}, false
		}
		res.Receipt = receipt.ID().String()
		res.Subjects = append(res.Subjects, p.Subjects()...)
		res.Decisions = append(res.Decisions, d)
	}
	return res, true
}

func receiptOf(d gate.Decision, stage string, found []attest.Evidence) (attest.Evidence, bool) {
	for _, s := range d.Stages {
		if s.Name != stage {
			continue
		}
		for _, e := range found {
			if e.ID().String() == s.Receipt {
				return e, true
			}
		}
	}
	return attest.Evidence{}, false
}

// repeats reports whether running the stage now would write this receipt again, but for its times.
func (r *Runner) repeats(ctx context.Context, receipt attest.Evidence, c Config, in *inputs, products []*subject.Resolved, found []attest.Evidence) bool {
	var link predicate.Link
	if predicate.Decode(receipt.Statement(), &link) != nil {
		return false
	}
	if link.Environment.Sealock != r.Version || !equal(link.Command, recorded(c.Run)) || !equal(link.Byproducts.Outputs, r.leftOut()) {
		return false
	}
	if link.Environment.Run != r.RunID && r.sameRunWanted(link.Name) { // a stage that runs now could not build on it
		return false
	}
	if !sameSet(materialNames(link.Materials), materialNames(in.materials)) {
		return false
	}
	var now []string
	for _, p := range products {
		for _, s := range p.Subjects() {
			now = append(now, s.Digest.Primary().String())
		}
	}
	var then []string
	for _, s := range receipt.Statement().Subject {
		then = append(then, s.Digest.Primary().String())
	}
	return sameSet(now, then) && r.sameTools(ctx, link, c, found)
}

// sameRunWanted reports whether any stage must come after this one in the same run.
func (r *Runner) sameRunWanted(name string) bool {
	for _, s := range r.Gate.Policy.Stages {
		for _, a := range s.After {
			if a.Stage == name && a.SameRun {
				return true
			}
		}
	}
	return false
}

// sameTools compares what each piece of evidence was made with.
func (r *Runner) sameTools(ctx context.Context, link predicate.Link, c Config, found []attest.Evidence) bool {
	byID := map[string]attest.Statement{}
	for _, e := range found {
		byID[e.ID().Hex] = e.Statement()
	}
	have := map[string]bool{}
	for _, ref := range link.Byproducts.Evidence {
		st, ok := byID[ref.Digest["sha256"]]
		if !ok {
			return false
		}
		have[ref.Name] = true
		switch ref.Name {
		case predicate.KindVulns:
			var v predicate.Vulns
			if predicate.Decode(st, &v) != nil || !r.sameData(ctx, v) {
				return false
			}
		case predicate.KindConfig:
			var f predicate.Findings
			if predicate.Decode(st, &f) != nil || !r.sameConfiguration(f) {
				return false
			}
		case predicate.KindSecrets:
			var f predicate.Findings
			if predicate.Decode(st, &f) != nil || f.Scanner.RulesDigest != secrets.RulesDigest() || f.Scanner.Version != secrets.Version {
				return false
			}
		}
	}
	for _, k := range append(c.importedKinds(), c.Evidence...) {
		if !have[k] {
			return false
		}
	}
	return true
}

// sameData reports whether the vulnerability data at hand is what a scan was made with.
func (r *Runner) sameData(ctx context.Context, v predicate.Vulns) bool {
	db, err := r.OpenDB(ctx)
	if err != nil {
		return false
	}
	info := db.Info()
	return info.Digest != "" && info.Digest == v.Scanner.DB.Digest
}

func materialNames(in []attest.ResourceDescriptor) []string {
	var out []string
	for _, m := range in {
		line := m.Name
		for _, d := range m.Digest.Digests() {
			line += " " + d.String()
		}
		out = append(out, line)
	}
	return out
}

func sameSet(a, b []string) bool {
	a, b = append([]string(nil), a...), append([]string(nil), b...)
	sort.Strings(a)
	sort.Strings(b)
	return fmt.Sprint(a) == fmt.Sprint(b)
}
