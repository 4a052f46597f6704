// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

const glassPolicy = "  staging: {from: dev, stages: [scan], promotedBy: [release-job], breakGlass: {by: [alice], validFor: 4h}}"

var revokedPlatform = strings.Repeat("9", 64)

func glassWorld(t *testing.T) *world {
	return newWorld(t).policyText("  staging: {from: dev, stages: [scan], promotedBy: [release-job]}", glassPolicy)
}

func TestBreakGlassInThePolicy(t *testing.T) {
	for text, want := range map[string]string{
		"breakGlass: {by: [alice], validFor: 7d}":  "",
		"breakGlass: {by: [alice]}":                "staging.breakGlass",
		"breakGlass: {validFor: 4h}":               "staging.breakGlass.by",
		"breakGlass: {by: [], validFor: 4h}":       "staging.breakGlass.by",
		"breakGlass: {by: [nobody], validFor: 4h}": "unknown identity",
		"breakGlass: {by: [alice], validFor: 8d}":  "at most 7d",
		"breakGlass: {by: [alice], validFor: 0h}":  "validFor",
	} {
		w := glassWorld(t).policyText("breakGlass: {by: [alice], validFor: 4h}", text)
		_, err := w.parse()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, expected %q", text, err, want)
		}
	}
	found := false
	for _, r := range glassWorld(t).load().Roles() {
		found = found || r.Name == "break-glass for staging"
	}
	if !found {
		t.Error("breaking the glass is no role")
	}
}

// What is signed by the way of the program is what counts; an approval, or a promotion, is none.
func TestBreakGlassStatement(t *testing.T) {
	w := glassWorld(t)
	p := w.load()
	req := w.fill(stay("staging"))
	alice, bob := attest.Identity{Key: testKeys()["alice"].ID}, attest.Identity{Key: testKeys()["bob"].ID}
	for name, c := range map[string]struct {
		env  string
		time time.Duration
		who  attest.Identity
	}{"bob": {"staging", time.Hour, bob}, "prod": {"prod", time.Hour, alice}, "nowhere": {"x", time.Hour, alice}, "too long": {"staging", 5 * time.Hour, alice}, "no time": {"staging", 0, alice}} {
		other := req
		other.Environment = c.env
		if v, err := p.BreakGlassStatement(other, "outage", c.time, c.who); err == nil {
			t.Errorf("%s: %+v", name, v)
		}
	}
	v, err := p.BreakGlassStatement(req, "outage", time.Hour, alice)
	if err != nil {
		t.Fatal(err)
	}
	w.sign("glass", "alice", predicate.TypeSVR, v, []attest.Subject{w.image}, false)
	evidence := func(names ...string) []attest.Evidence {
		var out []attest.Evidence
		for _, n := range names {
			e, err := w.gate(p, w.store()).Verifier.Verify(t.Context(), w.item(n).bundle)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, e)
		}
		return out
	}
	e, r := p.JudgeBreakGlass(req, evidence("glass"))
	if r != nil || e.By != "alice" || e.Reason != "outage" || !e.Expires.Equal(w.at.Add(time.Hour)) {
		t.Fatalf("%+v, %+v", e, r)
	}
	w.chain().approve("alice").promote("staging", "release-job")
	if e, r := p.JudgeBreakGlass(req, evidence("approval:alice", "promotion:staging")); e != nil || r == nil || r.Code != CodeBreakGlassScope {
		t.Errorf("an approval broke the glass: %+v, %+v", e, r)
	}
	late := req
	late.At = req.At.Add(2 * time.Hour)
	if e, r := p.JudgeBreakGlass(late, evidence("glass")); e != nil || r.Code != CodeBreakGlassExpired {
		t.Errorf("%+v, %+v", e, r)
	}
	p = w.file("revoked.yaml", "apiVersion: sealock/v1\nkind: Revocations\nrevoked:\n  - {subject: \"sha256:"+revokedPlatform+"\", reason: bad}\n").load()
	for code, change := range map[string]func(*Request){
		CodePolicyExpired:  func(r *Request) { r.At = p.Expires },
		CodePolicyRollback: func(r *Request) { r.MinVersion = p.Version + 1 },
		CodeRevoked: func(r *Request) {
			r.Leaves = []attest.Subject{{Name: "arm", Digest: attest.DigestSet{"sha256": revokedPlatform}}}
		},
		CodeBreakGlassExpired: func(r *Request) { r.At = r.At.Add(time.Hour) },
		CodeBreakGlassScope:   func(r *Request) { r.Subject.Digest = attest.DigestSet{"sha256": strings.Repeat("0", 64)} },
	} {
		other := req
		change(&other)
		if e, r := p.JudgeBreakGlass(other, evidence("glass")); e != nil || r.Code != code {
			t.Errorf("%s: %+v, %+v", code, e, r)
		}
	}
	last := req
	last.At = req.At.Add(time.Hour - time.Second)
	if e, r := p.JudgeBreakGlass(last, evidence("glass")); e == nil {
		t.Errorf("in its last second: %+v", r)
	}
	if d := w.gate(p, w.store()).Check(t.Context(), w.fill(enter("prod"))); d.Verdict == Allowed || !hasCode(d, CodeApprovalMissing) { // and it approves nothing
		t.Errorf("%s %+v", d.Verdict, d.Reasons)
	}
}
