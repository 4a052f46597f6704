// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"errors"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest/predicate"
)

const spdx3BOM = `{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[
	{"type":"CreationInfo","@id":"_:c","specVersion":"3.0.1","createdBy":["urn:me"]},{"type":"Person","spdxId":"urn:me","name":"alice"},
	{"type":"SpdxDocument","spdxId":"urn:doc","rootElement":["urn:bom"],"import":[{"type":"ExternalMap","externalSpdxId":"urn:far"}]},
	{"type":"software_Sbom","spdxId":"urn:bom","rootElement":["urn:root"]},
	{"type":"software_Package","spdxId":"urn:root","name":"shop","verifiedUsing":[{"type":"Hash","algorithm":"sha256","hashValue":"E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855"}]},
	{"type":"software_Package","spdxId":"urn:a","name":"a"},
	{"type":"Relationship","spdxId":"urn:r","from":"urn:root","relationshipType":"contains","to":["urn:a","urn:far"]},
	{"type":"Relationship","spdxId":"urn:s","from":"urn:a","relationshipType":"hasDeclaredLicense","to":["https://spdx.org/licenses/MIT"]}]}`

func TestSPDX3(t *testing.T) {
	for _, text := range []string{spdx3BOM, strings.Replace(spdx3BOM, "3.0.1/spdx", "3.0.0/spdx", 1), strings.Replace(spdx3BOM, `"rootElement":["urn:root"]`, `"rootElement":["urn:doc","urn:bom","urn:root"]`, 1)} {
		s, err := ReadSBOM(Report{"bom.spdx.json", []byte(text), written})
		if err != nil {
			t.Fatal(err)
		}
		if s.Type != predicate.TypeSPDX || string(s.Document) != text || s.Digests["sha256"] != "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" {
			t.Errorf("%s of %v", s.Type, s.Digests)
		}
	}
}

func TestB02_SPDX3(t *testing.T) {
	for name, c := range map[string]struct{ old, new string }{
		"another context":               {"3.0.1/spdx-context", "2.0/spdx-context"},
		"a context more":                {`"https://spdx.org/rdf/3.0.1/spdx-context.jsonld"`, `["https://spdx.org/rdf/3.0.1/spdx-context.jsonld", {"x": "y"}]`},
		"no document":                   {`"SpdxDocument"`, `"Bundle"`},
		"two documents":                 {`{"type":"software_Sbom"`, `{"type":"SpdxDocument","spdxId":"urn:doc2"},{"type":"software_Sbom"`},
		"an id twice":                   {`"spdxId":"urn:a"`, `"spdxId":"urn:root"`},
		"no id":                         {`"spdxId":"urn:a",`, ``},
		"no type":                       {`{"type":"software_Package","spdxId":"urn:a"`, `{"spdxId":"urn:a"`},
		"a type in long form":           {`{"type":"software_Package","spdxId":"urn:a"`, `{"type":"https://spdx.org/rdf/3.0.1/terms/Software/Package","spdxId":"urn:a"`},
		"a type of JSON-LD":             {`{"type":"software_Package","spdxId":"urn:a"`, `{"type":"software_Package","@type":"x","spdxId":"urn:a"`},
		"a package without a name":      {`,"name":"a"`, ``},
		"a relationship to nothing":     {`"urn:a","urn:far"`, `"urn:a","urn:farther"`},
		"a relationship from nothing":   {`"from":"urn:root"`, `"from":"urn:nobody"`},
		"a root that is nothing":        {`"rootElement":["urn:root"]`, `"rootElement":["urn:nobody"]`},
		"a relationship without a kind": {`"relationshipType":"contains",`, ``},
		"elements that are no list":     {`"@graph":[`, `"@graph":"x","more":[`},
	} {
		text := strings.Replace(spdx3BOM, c.old, c.new, 1)
		if text == spdx3BOM {
			t.Fatalf("%s: nothing changed", name)
		}
		_, err := ReadSBOM(Report{"bom.json", []byte(text), written})
		var e *Error
		if !errors.As(err, &e) || e.Code != CodeInvalid {
			t.Errorf("%s: %v, expected %s", name, err, CodeInvalid)
		}
	}
}
