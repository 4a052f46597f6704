// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

const vendorStage = "stages:\n  import: {signedBy: [build-job], evidence: [sbom], vendors: [{repositories: [\"quay.io/acme/*\"], signedBy: [alice]}, {repositories: [\"quay.io/free/*\"], unsigned: true}]}\n"

func vendorWorld(t *testing.T) *world { return newWorld(t).policyText("stages:\n", vendorStage) }

func TestVendorsInThePolicy(t *testing.T) {
	const good = `vendors: [{repositories: ["quay.io/acme/*"], signedBy: [alice]}, {repositories: ["quay.io/free/*"], unsigned: true}]`
	for text, want := range map[string]string{
		good:          "",
		`vendors: []`: "import.vendors",
		`vendors: [{repositories: [], signedBy: [alice]}]`:                          "vendors[0].repositories",
		`vendors: [{repositories: ["[" ], signedBy: [alice]}]`:                      "repositories[0]",
		`vendors: [{repositories: ["quay.io/a"]}]`:                                  "unsigned: true",
		`vendors: [{repositories: ["quay.io/a"], signedBy: []}]`:                    "unsigned: true",
		`vendors: [{repositories: ["quay.io/a"], signedBy: [alice], unsigned: on}]`: "vendors[0]",
		`vendors: [{repositories: ["quay.io/a"], signedBy: [nobody]}]`:              "unknown identity",
		good + `, after: [source]`:                                                  "import.after",
	} {
		_, err := vendorWorld(t).policyText(good, text).parse()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, expected %q", text, err, want)
		}
	}
	found := false
	for _, r := range vendorWorld(t).load().Roles() {
		found = found || r.Name == "vendor of quay.io/acme/*"
	}
	if !found {
		t.Error("a vendor is no role")
	}
}

// Only the vendor of the very repository, by what says that the image is the vendor's own, lets it in.
func TestJudgeVendor(t *testing.T) {
	w := vendorWorld(t)
	p := w.load()
	w.sign("signature", "alice", predicate.TypeCosignSign, struct{}{}, []attest.Subject{w.image}, false)
	w.sign("strange", "bob", predicate.TypeCosignSign, struct{}{}, []attest.Subject{w.image}, false)
	w.sign("report", "alice", predicate.TypeVulns, struct{}{}, []attest.Subject{w.image}, false)
	w.sign("other", "alice", predicate.TypeCosignSign, struct{}{}, []attest.Subject{{Name: "x", Digest: attest.DigestSet{"sha256": attest.SHA256([]byte("x")).Hex}}}, false)
	for _, c := range []struct{ repository, evidence, want string }{
		{"quay.io/acme/app", "signature", ""},
		{"quay.io/acme/app", "strange", CodeVendorSignature},
		{"quay.io/acme/app", "report", CodeVendorSignature},
		{"quay.io/acme/app", "other", CodeVendorSignature},
		{"quay.io/acme/app", "", CodeVendorSignature},
		{"quay.io/acme/app/deep", "signature", CodeVendor},
		{"quay.io.evil.test/acme/app", "signature", CodeVendor},
		{"", "signature", CodeVendor},
		{"quay.io/free/app", "", ""},
	} {
		var evidence []attest.Evidence
		if c.evidence != "" {
			e, err := w.gate(p, w.store()).Verifier.Verify(t.Context(), w.item(c.evidence).bundle)
			if err != nil {
				t.Fatal(err)
			}
			evidence = append(evidence, e)
		}
		req := w.fill(enter("dev"))
		req.Stage, req.Repository = "import", c.repository
		signed, r := p.JudgeVendor(req, evidence)
		switch {
		case c.want == "" && (r != nil || c.evidence != "" && (signed == nil || signed.By != "alice" || signed.Statement != evidence[0].ID())):
			t.Errorf("%+v: %+v, %+v", c, signed, r)
		case c.want != "" && (r == nil || r.Code != c.want || signed != nil):
			t.Errorf("%+v: %+v, %+v", c, signed, r)
		}
		req.Stage = "build" // a stage that names no vendor takes in nobody's
		if _, r := p.JudgeVendor(req, evidence); r == nil || r.Code != CodeVendor {
			t.Errorf("%+v: %+v", c, r)
		}
	}
}
