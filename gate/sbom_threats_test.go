// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"slices"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// Names, versions and licences of packages that mean something to a terminal, a CI service or a reader's eye stay what they are, and change nothing.
func TestB04_HostileComponents(t *testing.T) {
	for _, name := range []string{"a\x1b[31mb", "a\r\nb", "::add-mask::a", "[a](javascript:b)", "<script>a</script>", "a\u202eb", strings.Repeat("long", 1<<18)} {
		w := newWorld(t).mod("build", func(r *run) {
			doc := attesttest.SBOM(r.subjects[0], "pkg:npm/left-pad@1.0.0")
			doc["components"] = append(doc["components"].([]any), map[string]any{"bom-ref": "x", "type": "library", "name": name, "version": name, "licenses": []any{map[string]any{"license": map[string]any{"name": name}}}})
			r.evidence[1].doc = doc
		}).chain()
		d := w.check(enter("dev"))
		wantAllowed(t, d)
		if b, err := d.JSON(); err != nil || len(b) > 1<<20 || slices.ContainsFunc(b, func(c byte) bool { return c < ' ' }) {
			t.Errorf("%.20q: %v, %d bytes of JSON", name, err, len(b))
		}
	}
}

// A signature inside of an SBOM, by whomever, is part of a document that counts by the envelope around it and by nothing else.
func TestB07_SignatureInsideOfAnSBOM(t *testing.T) {
	for by, want := range map[string]Verdict{"auditor": Allowed, "outsider": Refused} {
		w := foreignWorld(t)
		doc := attesttest.SBOM(w.image, "pkg:npm/a@1.0.0")
		doc["signature"] = map[string]any{"algorithm": "ES256", "publicKey": map[string]any{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, "value": "AAAA"}
		w.sign("attached", by, predicate.TypeCycloneDX, doc, []attest.Subject{w.image}, false)
		if want == Allowed {
			wantAllowed(t, w.check(enter("dev")))
		} else {
			wantNot(t, w.check(enter("dev")), Refused, CodeEvidenceMissing)
		}
	}
}

// A bill of materials beyond the bounds is evidence that can't be read, so what asks for it refuses.
func TestB09_BeyondTheBounds(t *testing.T) {
	subject := `{"name":"a","digest":{"sha256":"` + strings.Repeat("a", 64) + `"}}`
	statement := func(components string) []byte {
		return []byte(`{"_type":"https://in-toto.io/Statement/v1","subject":[` + subject + `],"predicateType":"` + predicate.TypeCycloneDX + `","predicate":{"bomFormat":"CycloneDX","components":` + components + `}}`)
	}
	for name, c := range map[string]struct {
		components string
		whole      bool
	}{
		"sound":               {`[{"name":"a"}]`, true},
		"more than the bytes": {`[{"name":"` + strings.Repeat("a", attest.MaxPayload) + `"}]`, false},
		"a million deep":      {strings.Repeat(`[{"components":`, 1_000_000) + "[]" + strings.Repeat("}]", 1_000_000), false},
		"millions of values":  {"[" + strings.Repeat(`{},`, 20_000_000) + "{}]", false},
	} {
		if _, err := attest.DecodeStatement(statement(c.components)); (err == nil) != c.whole {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A finding that has no fix counts like any other. Only the policy can soften that, and then it is seen all the same.
func TestS25_WithoutAFixItCountsToo(t *testing.T) {
	for _, state := range []string{"not-fixed", "wont-fix", "unknown", "fixed"} {
		for rule, refused := range map[string]bool{"vulnerabilities: {refuse: high}": true, "vulnerabilities: {refuse: high, onlyFixable: true}": state == "fixed" || state == "unknown"} {
			w := newWorld(t).policyText("vulnerabilities: {refuse: high}", rule).mod("scan", func(r *run) {
				v := attesttest.Vulnerability("CVE-2026-1", "critical", "pkg:npm/left-pad@1.0.0")
				v.Annotations[0].FixState, v.Annotations[0].FixedIn = state, []string{}
				r.evidence[0].doc = attesttest.Vulns(r.finished, v)
			}).chain().promote("dev", "build-job")
			d := w.check(enter("staging"))
			seen := func(list []Reason) bool {
				return slices.ContainsFunc(list, func(r Reason) bool { return strings.HasPrefix(r.Code, "VULNERABILITY") })
			}
			if seen(d.Reasons) != refused || seen(d.Warnings) == refused {
				t.Errorf("%s, %s: refused %v, warned %v, expected refused %v: %+v", state, rule, seen(d.Reasons), seen(d.Warnings), refused, d.Reasons)
			}
		}
	}
}
