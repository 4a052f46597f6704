// SPDX-License-Identifier: Apache-2.0

package predicate_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

const (
	cosignCustom = "https://cosign.sigstore.dev/attestation/v1"
	cdxDocument  = `{"bomFormat":"CycloneDX","specVersion":"1.6","components":[]}`
	spdx2Text    = `{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","packages":[]}`
	spdx3Text    = `{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[{"type":"SpdxDocument","spdxId":"urn:doc"}]}`
)

// cosignFile is a statement as 'cosign attest --predicate FILE' writes it: the file is a text in it.
func cosignFile(t *testing.T, file string) attest.Statement {
	t.Helper()
	text, err := json.Marshal(map[string]string{"Data": file, "Timestamp": "2026-11-01T10:00:00Z"})
	if err != nil {
		t.Fatal(err)
	}
	return read(t, attest.StatementV01, image, cosignCustom, string(text))
}

func TestUnwrapBillsOfMaterials(t *testing.T) {
	for _, c := range []struct{ name, document, want string }{
		{"CycloneDX", cdxDocument, predicate.TypeCycloneDX},
		{"SPDX 2", spdx2Text, predicate.TypeSPDX},
		{"SPDX 3", spdx3Text, predicate.TypeSPDX},
		{"SPDX of an unknown version", `{"spdxVersion":"SPDX-4.0"}`, ""},
		{"SPDX of an unknown context", `{"@context":"https://spdx.org/rdf/4.0/spdx-context.jsonld","@graph":[]}`, ""},
		{"a context more", `{"@context":["https://spdx.org/rdf/3.0.1/spdx-context.jsonld",{}],"@graph":[]}`, ""},
		{"OpenVEX", `{"@context":"https://openvex.dev/ns/v0.2.0","statements":[]}`, ""},
		{"V-26 two forms at once", `{"bomFormat":"CycloneDX","spdxVersion":"SPDX-2.3"}`, ""},
		{"V-26 another form than it says", `{"bomFormat":"other","spdxVersion":"SPDX-2.3","@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld"}`, ""},
	} {
		for wrapped, st := range map[string]attest.Statement{
			"witness": collection(t, witnessType, `{"type":"https://witness.dev/attestations/sbom/v0.1","attestation":`+c.document+`}`),
			"cosign":  cosignFile(t, "\ufeff"+c.document+"\n"),
		} {
			parts, err := predicate.Unwrap(st)
			if err != nil || (len(parts) == 1) != (c.want != "") {
				t.Errorf("%s of %s: %d parts, %v", c.name, wrapped, len(parts), err)
				continue
			}
			if c.want == "" {
				continue
			}
			if p := parts[0]; p.PredicateType != c.want || string(p.Predicate) != c.document || fmt.Sprint(p.Subject) != fmt.Sprint(st.Subject) || predicate.KindOf(p) != predicate.KindSBOM {
				t.Errorf("%s of %s: %s %s", c.name, wrapped, p.PredicateType, p.Predicate)
			}
			if word, detail := predicate.Describe(st); word != "collection" || detail != "sbom" {
				t.Errorf("%s of %s is called %q %q", c.name, wrapped, word, detail)
			}
		}
	}
}

// What else cosign attested as a file is no evidence, and nothing in it can make it some.
func TestV24_CosignsFiles(t *testing.T) {
	for name, c := range map[string]struct {
		st   attest.Statement
		code string
	}{
		"text":                       {cosignFile(t, "all is well"), ""},
		"nothing":                    {cosignFile(t, ""), ""},
		"a promotion":                {cosignFile(t, `{"verifier":{"id":"`+predicate.VerifierID+`"},"verificationResult":"PASSED"}`), ""},
		"names twice":                {cosignFile(t, `{"bomFormat":"x","bomFormat":"CycloneDX"}`), ""},
		"two documents":              {cosignFile(t, cdxDocument+cdxDocument), ""},
		"an object in place of text": {read(t, attest.StatementV01, image, cosignCustom, `{"Data":`+cdxDocument+`}`), ""},
		"data under another name":    {read(t, attest.StatementV01, image, cosignCustom, `{"data":"{\"bomFormat\":\"CycloneDX\"}"}`), ""},
		"another type":               {read(t, attest.StatementV01, image, cosignCustom+"/", `{"Data":"{\"bomFormat\":\"CycloneDX\"}"}`), ""},
		"no object":                  {read(t, attest.StatementV01, image, cosignCustom, `[]`), attest.CodeMalformedStatement},
		"CycloneDX in XML":           {cosignFile(t, `<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.6"/>`), attest.CodeMalformedStatement},
		"XML of another kind":        {cosignFile(t, `<testsuites/>`), ""},
	} {
		parts, err := predicate.Unwrap(c.st)
		if len(parts) != 0 || attest.RejectCode(err) != c.code || (err != nil) != (c.code != "") {
			t.Errorf("%s: %d parts, %v", name, len(parts), err)
		}
		if word, _ := predicate.Describe(c.st); word != "" {
			t.Errorf("%s is called %q", name, word)
		}
	}
}
