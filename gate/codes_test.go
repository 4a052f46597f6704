// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"context"
	"encoding/base64"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
)

// rejected are entries of a store that are no evidence, with the code that says so.
var rejected = []struct {
	name, code string
	make       func(t testing.TB, w *world) []byte
}{
	{"T-06 garbage", attest.CodeMalformedBundle, func(testing.TB, *world) []byte { return []byte("garbage") }},
	{"V-33 deep", attest.CodeLimit, func(testing.TB, *world) []byte { return []byte(strings.Repeat("[", 1000)) }},
	{"V-25 signed, no statement", attest.CodeMalformedStatement, raw(attest.PayloadInToto, func(*world) string { return "{}" })},
	{"V-20 signed as another type", attest.CodePayloadType, raw("text/plain", soundStatement)},
	{"V-40 signed, about nothing", attest.CodeNoSubject, raw(attest.PayloadInToto, func(w *world) string {
		return `{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"p","predicate":{}}`
	})},
	{"V-34 signed, subject by name only", attest.CodeSubjectNoDigest, raw(attest.PayloadInToto, func(w *world) string {
		return `{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"shop"}],"predicateType":"p","predicate":{}}`
	})},
	{"signed by a stranger", attest.CodeSignatureInvalid, func(t testing.TB, w *world) []byte {
		return testKeys()["stranger"].Resign(t, w.item("build").bundle)
	}},
	{"V-18 two signatures", attest.CodeSignatureCount, func(t testing.TB, w *world) []byte {
		return attesttest.Raw(t, attest.PayloadInToto, []byte(soundStatement(w)), testKeys()["build-job"], testKeys()["build-job"]).JSON(t)
	}},
	{"signed with a certificate", attest.CodeUnsupported, func(t testing.TB, w *world) []byte {
		b := attesttest.Raw(t, attest.PayloadInToto, []byte(soundStatement(w)), testKeys()["build-job"])
		b.Material = map[string]any{"certificate": map[string]any{"rawBytes": base64.StdEncoding.EncodeToString([]byte{0x30, 0})}}
		return b.JSON(t)
	}},
}

func raw(payloadType string, payload func(*world) string) func(testing.TB, *world) []byte {
	return func(t testing.TB, w *world) []byte {
		return attesttest.Raw(t, payloadType, []byte(payload(w)), testKeys()["build-job"]).JSON(t)
	}
}

func soundStatement(w *world) string {
	return string(attesttest.Payload(w.t, w.item("build").bundle))
}

// What is no evidence is reported with its code and changes nothing else.
func TestRejectedEntries(t *testing.T) {
	for _, c := range rejected {
		t.Run(c.name, func(t *testing.T) {
			w := bare(t)
			sound := w.check(enter("dev"))
			s := w.store()
			s.PutRaw(w.image.Digest.Primary(), "extra", c.make(t, w))
			d := w.gate(w.load(), s).Check(t.Context(), w.fill(enter("dev")))
			wantAllowed(t, d)
			if inputs(d) != inputs(sound) || len(d.Warnings) != 1 || d.Warnings[0].Code != CodeRejected || !strings.Contains(d.Warnings[0].Message, "/extra is no evidence ("+c.code+")") {
				t.Errorf("warnings:%s", explain(d))
			}
		})
	}
}

// notShown are the codes that no refusal of this package shows, and why.
var notShown = map[string]string{
	attest.CodeKeyPolicy:  "keys are judged when a policy is loaded: TestV60_KeysOfThePolicy, and attest/sigstore",
	attest.CodeIncomplete: "TestConfirmation",
	CodeNoEvidence:        "TestConcludeAllowsOnlyWithAllChecks",
	CodePolicyLocalKeys:   "TestLocalKeys",
	CodeNotPromoter:       "TestPromotionIsMadeOfAllowedDecisionsOnly",
	CodeStore:             "TestT13_StoreThatCannotBeRead",
	CodeTimeout:           "TestContextsThatEnd",
	CodeRejected:          "TestRejectedEntries",
	CodeExpiredWaiver:     "TestWaivers",
	CodeUnusedWaiver:      "TestWaiversAreReviewed",
	CodeEarlyWaiver:       "TestWaiversAreReviewed",
	CodeBreakGlass:        "admission: TestBreakGlass",
	CodeBreakGlassScope:   "admission: TestBreakGlassThatDoesNotCount",
	CodeBreakGlassExpired: "admission: TestBreakGlassThatDoesNotCount",
	CodeVendor:            "TestJudgeVendor",
	CodeVendorSignature:   "TestJudgeVendor",
	CodeLedger:            "TestUnrecordedIsUndecided",
	CodeRollback:          "TestC22_OlderReleaseUnderANewerName",
	CodeBaselined:         "TestBaseline",
	CodePolicyIntegrity:   "TestP10_PolicyIsWhatWasSigned",
	CodeBaselineOver:      "TestBaseline",
	CodeBaselineGone:      "TestBaseline",
	CodeVEXUnreadable:     "TestP22_VEXAbuse",
	CodeVEXProduct:        "TestP22_VEXAbuse",
	CodeVEXJustification:  "TestP22_VEXAbuse",
	CodeVEXStatus:         "TestP22_VEXAbuse",
	CodeVEXStale:          "TestP22_VEXAbuse",
	CodeVEXContradicted:   "TestVEXThatContradicts",
	CodeClaim:             "TestV45_EachClaimDecides",
	CodeUnlogged:          "TestDegradedEvidence",
	CodeDegraded:          "TestDegradedEvidence",
	CodeBuilderID:         "TestC24_BuilderOfAnother",
}

func TestEveryCodeIsShown(t *testing.T) {
	shown := map[string]bool{}
	for _, r := range refusals {
		shown[r.code] = true
	}
	for _, r := range rejected {
		shown[r.code] = true
	}
	known := map[string]bool{}
	for _, c := range Codes() {
		if known[c.Code] {
			t.Errorf("%s is documented twice", c.Code)
		}
		known[c.Code] = true
		if c.Meaning == "" || c.Fix == "" {
			t.Errorf("%s says too little", c.Code)
		}
		if !shown[c.Code] && notShown[c.Code] == "" {
			t.Errorf("no test shows %s", c.Code)
		}
		if shown[c.Code] && notShown[c.Code] != "" {
			t.Errorf("%s is shown after all", c.Code)
		}
	}
	ruleCodes := map[string]bool{"VULNERABILITY": true, "TOOL_NOT_TRUSTED": true, "SECRET_FOUND": true, "MATERIAL_MISMATCH": true, "PROVENANCE_BUILDER": true, "SBOM_EMPTY": true, "SBOM_ROOT_MISMATCH": true}
	for code := range shown {
		if !known[code] && !ruleCodes[code] {
			t.Errorf("%s is given and documented nowhere", code)
		}
	}
}

// V-62, P-15: flags switch nothing off here; they are written into the decision.
func TestV62_FlagsDoNotTouchSignatures(t *testing.T) {
	for _, flag := range []string{"--insecure-ignore-tlog", "--insecure-skip-tls-verify", "--insecure-policy-unsigned"} {
		req := enter("dev")
		req.Insecure = []string{flag}
		w := bare(t)
		d := w.check(req)
		wantAllowed(t, d)
		if !strings.Contains(string(encoded(t, d)), `"insecure":["`+flag+`"]`) {
			t.Errorf("%s is not in the decision", flag)
		}
		it := w.item("build")
		at := strings.Index(string(it.bundle), `"sig":"`) + 20
		it.bundle = attesttest.Flip(it.bundle, at)
		wantNot(t, w.check(req), Refused, CodeStageMissing)
	}
}

// V-69: what a store says about an entry decides nothing.
func TestV69_NamesDecideNothing(t *testing.T) {
	w := bare(t)
	s := attesttest.NewStore()
	for i, it := range w.items {
		for _, sub := range it.subjects {
			s.PutRaw(sub.Digest.Primary(), []string{"scan.vulns", "../../etc/passwd", "build.sbom\x00", "receipt:build", "", " "}[i%6]+string(rune('a'+i)), it.bundle)
		}
	}
	plain := struct{ attest.Store }{s} // without Confirm, which is about names
	d := w.gate(w.load(), plain).Check(t.Context(), w.fill(enter("dev")))
	wantAllowed(t, d)
	if inputs(d) != inputs(w.check(enter("dev"))) {
		t.Error("other grounds under other names")
	}
}

// turning is a store that gives each bundle once and garbage from then on.
type turning struct {
	attest.Store
	asked atomic.Int64
}

func (s *turning) List(ctx context.Context, d attest.Digest) ([]attest.Stored, error) {
	out, err := s.Store.List(ctx, d)
	for i := range out {
		out[i].Bundle = append([]byte(nil), out[i].Bundle...)
	}
	s.asked.Add(1)
	return out, err
}

// V-23: every artifact is asked for once, so there is no second copy that could differ from what was verified.
func TestV23_EachArtifactIsReadOnce(t *testing.T) {
	w := prodWorld(t)
	s := &turning{Store: w.store()}
	wantAllowed(t, w.gate(w.load(), s).Check(t.Context(), w.fill(enter("prod"))))
	if n := s.asked.Load(); n != 2 {
		t.Errorf("the store was asked %d times about an image and its source", n)
	}
}

// Other products of a run are looked up only where evidence is about them.
func TestOtherProductsAreLookedUpWhenNeeded(t *testing.T) {
	for name, c := range map[string]struct {
		w    *world
		want int64
	}{
		"two products, evidence about each": {twoProducts(t), 3},
		"an index, asked for by its digest": {indexWorld(t), 4},
	} {
		s := &turning{Store: c.w.store()}
		d := c.w.gate(c.w.load(), s).Check(t.Context(), c.w.fill(Request{Stage: "build", Question: Enter}))
		if n := s.asked.Load(); n != c.want {
			t.Errorf("%s: the store was asked %d times, expected %d:%s", name, n, c.want, explain(d))
		}
	}
}

// V-31: numbers reach the rules with all their digits.
func TestV31_NumbersReachTheRules(t *testing.T) {
	w := newWorld(t)
	w.mod("build", func(r *run) {
		doc := attesttest.SBOM(w.image, "pkg:npm/a@1.0.0")
		doc["serial"] = 9007199254740993
		r.evidence[1].doc = doc
	}).chain()
	w.file("own.rego", ownRule(`some e in input.evidence; e.kind == "sbom"; e.predicate.serial == 9007199254740993`))
	wantNot(t, w.check(enter("dev")), Refused, "OWN")
	w.file("own.rego", ownRule(`some e in input.evidence; e.kind == "sbom"; e.predicate.serial == 9007199254740992`))
	wantAllowed(t, w.check(enter("dev")))
}
