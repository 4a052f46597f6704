// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

const witnessCollection = "https://witness.testifysec.com/attestation-collection/v0.1"

// collectionOf is a step of witness with attestations by type.
func collectionOf(pairs ...any) map[string]any {
	list := []any{map[string]any{"type": "https://witness.dev/attestations/command-run/v0.1", "attestation": map[string]any{"cmd": []string{"make"}}}}
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, map[string]any{"type": pairs[i], "attestation": pairs[i+1]})
	}
	return map[string]any{"name": "build", "attestations": list}
}

// foreignWorld asks for an SBOM by the auditor, who is an outsider to all stages.
func foreignWorld(t testing.TB) *world {
	return newWorld(t).policyText("artifacts:", "attached: [{type: sbom, signedBy: [auditor]}]\nartifacts:").chain()
}

func spdxOf(about attest.Subject) map[string]any {
	return map[string]any{"spdxVersion": "SPDX-2.3", "creationInfo": map[string]any{"created": "2026-11-22T10:00:00Z"}, "documentDescribes": []string{"SPDXRef-root"}, "packages": []any{
		map[string]any{"SPDXID": "SPDXRef-root", "name": about.Name, "checksums": []any{map[string]any{"algorithm": "SHA256", "checksumValue": about.Digest["sha256"]}}},
		map[string]any{"SPDXID": "SPDXRef-a", "name": "a", "versionInfo": "1.0.0", "licenseDeclared": "MIT"}}}
}

// What other tools write counts under the policy's own kinds, with the signature that it has, and only with that.
func TestForeignEvidence(t *testing.T) {
	for _, c := range []struct {
		name, by, typ string
		doc           func(w *world) any
		verdict       Verdict
		code          string
	}{
		{"CycloneDX with a version in its type", "auditor", "https://cyclonedx.org/bom/v1.6", func(w *world) any { return attesttest.SBOM(w.image, "pkg:npm/a@1.0.0") }, Allowed, ""},
		{"SPDX", "auditor", predicate.TypeSPDX, func(w *world) any { return spdxOf(w.image) }, Allowed, ""},
		{"SPDX of another image", "auditor", predicate.TypeSPDX, func(w *world) any { return spdxOf(w.source) }, Refused, "SBOM_ROOT_MISMATCH"},
		{"witness collection", "auditor", witnessCollection, func(w *world) any {
			return collectionOf("https://witness.dev/attestations/sbom/v0.1", attesttest.SBOM(w.image, "pkg:npm/a@1.0.0"))
		}, Allowed, ""},
		{"witness collection with SPDX", "auditor", witnessCollection, func(w *world) any {
			return collectionOf("https://witness.dev/attestations/sbom/v0.1", spdxOf(w.image))
		}, Allowed, ""},
		{"witness collection without an SBOM", "auditor", witnessCollection, func(*world) any { return collectionOf() }, Refused, CodeEvidenceMissing},
		{"witness collection of another signer", "outsider", witnessCollection, func(w *world) any {
			return collectionOf("https://witness.dev/attestations/sbom/v0.1", attesttest.SBOM(w.image, "pkg:npm/a@1.0.0"))
		}, Refused, CodeEvidenceMissing},
		{"V-26 a near collection", "auditor", witnessCollection + "/", func(w *world) any {
			return collectionOf("https://witness.dev/attestations/sbom/v0.1", attesttest.SBOM(w.image, "pkg:npm/a@1.0.0"))
		}, Refused, CodeEvidenceMissing},
		{"V-26 an SBOM of an unknown version", "auditor", "https://cyclonedx.org/bom/v9.9", func(w *world) any { return attesttest.SBOM(w.image) }, Refused, CodeEvidenceMissing},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := foreignWorld(t)
			id := w.sign("attached", c.by, c.typ, c.doc(w), []attest.Subject{w.image}, false)
			d := w.check(enter("dev"))
			if c.verdict != Allowed {
				wantNot(t, d, c.verdict, c.code)
				return
			}
			wantAllowed(t, d)
			for _, in := range d.Inputs {
				if in.Digest == id.String() && !in.Linked {
					return
				}
			}
			t.Errorf("the decision does not name %s, which was signed: %+v", id, d.Inputs)
		})
	}
}

// A promotion, an approval or a receipt in a collection is none.
func TestV24_CollectionsCarryNoDecisions(t *testing.T) {
	w := newWorld(t).chain()
	w.sign("collection", "build-job", witnessCollection, collectionOf(predicate.TypeVSA, w.promotion("dev")), []attest.Subject{w.image}, false)
	wantNot(t, w.check(enter("staging")), Refused, CodePromotionMissing)
}

// A collection that can't be read is told of, and takes nothing from the rest.
func TestUnreadableCollections(t *testing.T) {
	w := newWorld(t).chain()
	w.sign("collection", "auditor", witnessCollection, json.RawMessage(`{"attestations":[null]}`), []attest.Subject{w.image}, false)
	d := w.check(enter("dev"))
	wantAllowed(t, d)
	for _, r := range d.Warnings {
		if r.Code == CodeRejected && strings.Contains(r.Message, "is null") {
			return
		}
	}
	t.Errorf("no word of it: %+v", d.Warnings)
}

// Provenance in witness's own spelling is provenance, and a revoked statement is revoked with all that it carries.
func TestWitnessProvenance(t *testing.T) {
	w := newWorld(t).policyText("artifacts:", "attached: [{type: provenance, signedBy: [auditor]}]\nartifacts:").chain()
	doc := map[string]any{"build_definition": map[string]any{"build_type": "b", "external_parameters": map[string]any{"command": "make"}, "resolved_dependencies": []any{}},
		"run_details": map[string]any{"builder": map[string]any{"id": "https://example.com/builder"}, "metadata": map[string]any{"finished_on": map[string]any{"seconds": w.at.Add(-time.Hour).Unix()}}}}
	id := w.sign("attached", "auditor", witnessCollection, collectionOf("https://slsa.dev/provenance/v1.0", doc), []attest.Subject{w.image}, false)
	d := w.check(enter("dev"))
	for _, r := range d.Reasons {
		if r.Code == CodeEvidenceMissing || r.Code == "EVIDENCE_MALFORMED" {
			t.Errorf("%s: %s (%s, %s)", r.Code, r.Message, r.Expected, r.Found)
		}
	}
	w.file("revoked.yaml", "apiVersion: sealock/v1\nkind: Revocations\nrevoked:\n  - {statement: \""+id.String()+"\", reason: wrong}\n")
	wantNot(t, w.check(enter("dev")), Refused, CodeRevoked)
}

// Where a tool attaches both forms of an SBOM, CycloneDX is the one that is judged, whichever statement has the greater id.
func TestB13_TwoFormsOfOneSBOM(t *testing.T) {
	for i := range 8 {
		w := foreignWorld(t)
		broken := spdxOf(w.source)
		broken["comment"] = i
		doc := attesttest.SBOM(w.image, "pkg:npm/a@1.0.0")
		doc["metadata"].(map[string]any)["timestamp"] = "2026-11-22T10:00:00Z"
		w.sign("spdx", "auditor", predicate.TypeSPDX, broken, []attest.Subject{w.image}, false)
		w.sign("cyclonedx", "auditor", predicate.TypeCycloneDX, doc, []attest.Subject{w.image}, false)
		wantAllowed(t, w.check(enter("dev")))
	}
}
