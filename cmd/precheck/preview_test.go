// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"slices"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/gate"
)

const goMod = "module example.com/shop\n\ngo 1.26\n\nrequire github.com/google/uuid v1.6.0\n"

// The preview goes through the gate with everything that is not known before assumed, and says what that is.
func TestPreview(t *testing.T) {
	c := newClone(t)
	p := policy(t)
	c.judge(p)
	head := c.commit("go.mod", goMod, "main.go", "package main\n")
	r := c.check(Scope{Kind: Push})
	wantVerdict(t, r, gate.Allowed)
	if len(r.Trees[0].Decisions) != 2 {
		t.Fatalf("%d decisions, expected one for dev and one for prod", len(r.Trees[0].Decisions))
	}
	for _, d := range r.Trees[0].Decisions {
		if !d.Preview || d.Verdict != gate.Allowed || d.Policy.Digest[p.Digest.Algorithm] != p.Digest.Hex || !strings.HasSuffix(d.Subject.Name, "@"+head[:12]) {
			t.Errorf("%s: preview %v, %s, policy %v, subject %s", d.Environment, d.Preview, d.Verdict, d.Policy, d.Subject.Name)
		}
		var assumed []string
		for _, s := range d.Skipped {
			assumed = append(assumed, s.What)
		}
		want := []string{"assumed: stage source", "assumed: stage build", "assumed: provenance", "assumed: signatures", "assumed: products"}
		if d.Environment == "prod" {
			want = append(want, "assumed: promotion to dev", "assumed: approvals for prod")
		}
		for _, w := range want {
			if !slices.Contains(assumed, w) {
				t.Errorf("%s assumes %q, expected %q among it", d.Environment, assumed, w)
			}
		}
	}
}

// What is in the tree decides, whether a commit of this push brought it or not.
func TestPreviewRefuses(t *testing.T) {
	for name, files := range map[string][]string{
		"CONFIG_FINDING": {"pod.yaml", privileged}, "SECRET_FOUND": {"config.env", "TOKEN=" + token + "\n"},
	} {
		c := newClone(t)
		c.judge(policy(t))
		base := c.commit(append(files, "go.mod", goMod)...)
		c.commit("a.txt", "a\n")
		r := c.check(Scope{Kind: Since, Since: base})
		wantVerdict(t, r, gate.Refused)
		d := r.Trees[0].Decisions[0]
		if len(r.Secrets) != 0 || len(r.Trees[0].Config) != 0 || !slices.ContainsFunc(d.Reasons, func(x gate.Reason) bool { return x.Code == name }) {
			t.Errorf("%s: new %v %v, reasons %+v", name, r.Secrets, r.Trees[0].Config, d.Reasons)
		}
	}
}

// Rules are the policy's: one that asks for another licence refuses the same tree.
func TestPreviewLicences(t *testing.T) {
	lock := `{"name": "app", "lockfileVersion": 3, "packages": {"node_modules/lodash": {"version": "4.17.21", "license": "MIT"}}}`
	for licence, want := range map[string]gate.Verdict{"MIT": gate.Allowed, "Apache-2.0": gate.Refused} {
		c := newClone(t)
		c.judge(policy(t, "  sbom: {}\n", "  sbom: {}\n  licenses: {allow: ["+licence+"]}\n"))
		c.commit("package-lock.json", lock)
		wantVerdict(t, c.check(Scope{Kind: Push}), want)
	}
}

// Without vulnerability data everything else is judged, and the decision stays open only where the policy needs the data.
func TestPreviewWithoutData(t *testing.T) {
	c := newClone(t)
	c.judge(policy(t, "evidence: [provenance, sbom]", "evidence: [provenance, sbom, vulns]"))
	c.commit("go.mod", goMod)
	r := c.check(Scope{Kind: Push})
	wantVerdict(t, r, gate.Undecided)
	if d := r.Trees[0].Decisions[0]; !d.Preview || d.Verdict != gate.Undecided || d.Reasons[0].Code != "SCAN_INCOMPLETE" {
		t.Errorf("%+v", d)
	}
	c.commit("pod.yaml", privileged)
	wantVerdict(t, c.check(Scope{Kind: Push}), gate.Refused)
}

// What other tools, people and certificates bring is assumed too.
func TestPreviewAssumesTheRest(t *testing.T) {
	for name, change := range map[string][]string{
		"other tools":  {"evidence: [secrets, config]", "evidence: [secrets, config, test, sast, dast]"},
		"attached":     {"artifacts:", "attached: [{type: sbom, signedBy: [alice]}]\nartifacts:"},
		"certificates": {"trust: none", "trust: public-good", "build-job: {key: keys/build.pub}", "build-job: {issuer: \"https://ci.example.com\", subject: \"https://git.example.com/shop//ci.yml@refs/heads/main\", builder: \"https://ci.example.com\"}"},
		"two signers":  {"signedBy: [source-job], ", "signedBy: [source-job, bob], threshold: 2, "},
		"parameters":   {"provenance: {builders", "provenance: {parameters: {target: [all, test]}, builders"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClone(t)
			c.judge(policy(t, change...))
			c.commit("go.mod", goMod)
			wantVerdict(t, c.check(Scope{Kind: Push}), gate.Allowed)
		})
	}
}

// A tree without manifests leaves the packages open.
func TestPreviewWithoutManifests(t *testing.T) {
	c := newClone(t)
	c.judge(policy(t))
	c.commit("a.txt", "a")
	r := c.check(Scope{Kind: Push})
	wantVerdict(t, r, gate.Allowed)
	if !slices.ContainsFunc(r.Trees[0].Decisions[0].Skipped, func(s gate.Skip) bool { return s.What == "assumed: packages" }) {
		t.Errorf("skipped %+v", r.Trees[0].Decisions[0].Skipped)
	}
}

// Nothing of a preview counts for anything: its statements are refused by the policy that they were made for, its decisions can't be promoted, no recorder
// gets them.
func TestPreviewCountsForNothing(t *testing.T) {
	c := newClone(t)
	p := policy(t)
	c.judge(p)
	c.commit("go.mod", goMod)
	keys, err := newStandIns(p)
	if err != nil {
		t.Fatal(err)
	}
	v := &preview{c: &checker{opt: c.opt, report: &Report{}}, policy: p, keys: keys, store: shelf{}, at: now, receipts: map[string]attest.Digest{}}
	if v.gate, err = gate.NewPreview(p, keys.ids, keys.verifier, v.store, "test"); err != nil {
		t.Fatal(err)
	}
	subject := attest.Subject{Name: "x", Digest: attest.DigestSet{"sha256": strings.Repeat("1", 64)}}
	if _, err := v.put(t.Context(), keys.choose(p, v.gate, []string{"source-job"}, 1), predicate.TypeLink, predicate.Link{Name: "source"}, subject); err != nil {
		t.Fatal(err)
	}
	auth, err := sigstore.NewAuthenticator(p.Keys())
	if err != nil {
		t.Fatal(err)
	}
	real, err := attest.NewVerifier(auth)
	if err != nil {
		t.Fatal(err)
	}
	g, err := gate.New(p, real, v.store, "test")
	if err != nil {
		t.Fatal(err)
	}
	found, rejected, err := g.Gather(t.Context(), gate.Request{Subject: subject, Environment: "dev", Question: gate.Enter, At: now})
	if err != nil || len(found) != 0 || len(rejected) != 1 {
		t.Errorf("the policy's verifier takes %d statements of a preview and rejects %d, %v", len(found), len(rejected), err)
	}
	r := c.check(Scope{Kind: Push})
	for _, d := range r.Trees[0].Decisions {
		if _, _, err := p.Promotion(d, nil, attest.Identity{Key: attesttest.NewKey(t, sigstore.Ed25519).ID}); err == nil {
			t.Error("a preview can be promoted")
		}
	}
}
