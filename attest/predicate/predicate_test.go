// SPDX-License-Identifier: Apache-2.0

package predicate_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

func TestKindsAndTypes(t *testing.T) {
	if len(predicate.Kinds) != len(predicate.Types) {
		t.Errorf("%d kinds, %d with types", len(predicate.Kinds), len(predicate.Types))
	}
	for _, k := range predicate.Kinds {
		if len(predicate.Types[k]) == 0 {
			t.Errorf("%s has no predicate type", k)
		}
	}
	for k := range predicate.AboutArtifact {
		if predicate.Types[k] == nil {
			t.Errorf("%q is about the artifact and no kind", k)
		}
	}
}

// Every predicate comes back as it was written.
func TestRoundTrips(t *testing.T) {
	sub := attest.Subject{Name: "a", Digest: attest.DigestSet{"sha256": attest.SHA256([]byte("a")).Hex}}
	at := predicate.Time(time.Date(2026, 11, 22, 12, 0, 0, 5, time.FixedZone("x", 3600)))
	if at != "2026-11-22T11:00:00Z" {
		t.Errorf("time %s", at)
	}
	for typ, v := range map[string]any{
		predicate.TypeLink: &predicate.Link{Name: "build", Command: []string{"make"}, Materials: []attest.ResourceDescriptor{{Name: "m", Digest: sub.Digest, MediaType: "x"}},
			Byproducts: predicate.Byproducts{ExitCode: 3, Evidence: []predicate.EvidenceRef{{Name: "sbom", PredicateType: "t", Digest: sub.Digest}}}, Environment: predicate.Environment{Run: "r", StartedOn: at, FinishedOn: at}},
		predicate.TypeVulns: &predicate.Vulns{Scanner: predicate.VulnScanner{URI: "u", Version: "1", DB: predicate.VulnDB{LastUpdate: at, Packages: 7}, Result: []predicate.VulnResult{{ID: "CVE-1",
			Severity: []predicate.Severity{{Method: "sealock", Score: "high"}}, Annotations: []predicate.VulnAnnotation{{PURL: "pkg:npm/a@1", FixedIn: []string{"2"}, Aliases: []string{}, EPSS: 0.5, KEV: true}}}}},
			Metadata: predicate.ScanMetadata{ScanStartedOn: at, ScanFinishedOn: at}},
		predicate.TypeFindings: &predicate.Findings{Category: "secrets", Complete: true, Findings: []predicate.Finding{{Rule: "r", Line: 3}}, Suppressed: []predicate.Suppressed{}, Skipped: []string{}},
		predicate.TypeVSA: &predicate.VSA{Verifier: predicate.VSAVerifier{ID: predicate.VerifierID}, Policy: predicate.VSAPolicy{Name: "n", Digest: sub.Digest}, VerifiedLevels: []string{"l"},
			InputAttestations: []predicate.InputAttestation{{Digest: sub.Digest}}},
		predicate.TypeSVR: &predicate.SVR{Verifier: predicate.SVRVerifier{ID: "v"}, Properties: []string{"p"}, Expires: at},
	} {
		payload, err := attest.EncodeStatement(typ, v, sub)
		if err != nil {
			t.Fatal(err)
		}
		st, err := attest.DecodeStatement(payload)
		if err != nil {
			t.Fatal(err)
		}
		back := reflect.New(reflect.TypeOf(v).Elem()).Interface()
		if err := predicate.Decode(st, back); err != nil || !reflect.DeepEqual(v, back) {
			t.Errorf("%s: %+v came back as %+v (%v)", typ, v, back, err)
		}
	}
}

func TestDecodeIsStrictAboutJSONAndLenientAboutFields(t *testing.T) {
	decode := func(s string) (predicate.Link, error) {
		var l predicate.Link
		return l, predicate.Decode(attest.Statement{Predicate: json.RawMessage(s)}, &l)
	}
	if _, err := decode(`{"name":"build","future":{"a":[1]},"byproducts":{"exitCode":0,"stdout":"x"}}`); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{`{"name":"a","name":"b"}`, `{"name":1}`, `[]`, `{"byproducts":{"exitCode":1.5}}`, `{"byproducts":{"exitCode":"0"}}`, `{"materials":{}}`, `{"byproducts":{"exitCode":99999999999999999999}}`, ``, `{}{}`} {
		if l, err := decode(bad); err == nil {
			t.Errorf("%s was read as %+v", bad, l)
		}
	}
	var l predicate.Link
	if err := predicate.Decode(attest.Statement{Predicate: json.RawMessage(`{"Name":"build","BYPRODUCTS":{"exitCode":7}}`)}, &l); err != nil || l.Name != "" || l.Byproducts.ExitCode != 0 {
		t.Errorf("names in other case were read: %+v, %v", l, err)
	}
}
