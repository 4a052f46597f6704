// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"strings"
	"testing"
)

const spdx3Sample = `{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[
	{"type":"CreationInfo","@id":"_:c","specVersion":"3.0.1"},
	{"type":"SpdxDocument","spdxId":"urn:doc","rootElement":["urn:bom"]},
	{"type":"software_Sbom","spdxId":"urn:bom","rootElement":["urn:root"]},
	{"type":"software_Package","spdxId":"urn:root","name":"shop","software_packageVersion":"sha256:aa","software_primaryPurpose":"container","verifiedUsing":[{"type":"Hash","algorithm":"sha256","hashValue":"AA"}]},
	{"type":"software_Package","spdxId":"urn:a","name":"a","software_packageVersion":"1","software_packageUrl":"pkg:npm/a@1"},
	{"type":"software_Package","spdxId":"urn:b","name":"b","software_packageVersion":"2","externalIdentifier":[{"type":"ExternalIdentifier","externalIdentifierType":"packageUrl","identifier":"pkg:npm/b@2"}]},
	{"type":"ai_AIPackage","spdxId":"urn:c","name":"c"},
	{"type":"software_File","spdxId":"urn:f","name":"f"},
	{"type":"simplelicensing_LicenseExpression","spdxId":"urn:mit","simplelicensing_licenseExpression":"MIT"},
	{"type":"simplelicensing_LicenseExpression","spdxId":"urn:none","simplelicensing_licenseExpression":"NOASSERTION"},
	{"type":"expandedlicensing_DisjunctiveLicenseSet","spdxId":"urn:set","expandedlicensing_member":["urn:mit","https://spdx.org/licenses/ISC"]},
	{"type":"Relationship","spdxId":"urn:r1","from":"urn:a","relationshipType":"hasDeclaredLicense","to":["urn:mit"]},
	{"type":"Relationship","spdxId":"urn:r2","from":"urn:a","relationshipType":"hasConcludedLicense","to":["urn:none"]},
	{"type":"Relationship","spdxId":"urn:r3","from":"urn:b","relationshipType":"hasConcludedLicense","to":["urn:set"]}]}`

// SPDX 3 says the same as CycloneDX, in yet other words.
func TestSPDX3(t *testing.T) {
	got := readSBOM(t, spdx3Sample)
	for name, want := range map[string]string{
		"problems": `[]`, "components": `3`, "root": `{"sha256": ["aa"]}`, "packages": `{"a 1", "b 2", "c ", "pkg:npm/a@1", "pkg:npm/b@2", "shop sha256:aa"}`,
	} {
		if found := get(got, name); found == nil || found.String() != want {
			t.Errorf("%s: %v, expected %s", name, found, want)
		}
	}
	for _, license := range []string{"MIT", "(MIT OR ISC)"} {
		if list, _ := items(get(got, "licenses", license)); len(list) != 1 {
			t.Errorf("license %s: %v", license, get(got, "licenses"))
		}
	}
}

// B-02: what is not in the one form that the specification gives is a problem, and nothing goes round for ever.
func TestB02_SPDX3ThatCantBeJudged(t *testing.T) {
	for name, c := range map[string]struct{ old, new string }{
		"another context":     {"3.0.1/spdx-context", "4.0/spdx-context"},
		"a context more":      {`"https://spdx.org/rdf/3.0.1/spdx-context.jsonld"`, `["https://spdx.org/rdf/3.0.1/spdx-context.jsonld", {"hidden": "software_Package"}]`},
		"no list of elements": {`"@graph":[`, `"@graph":"x","more":[`},
		"a type in long form": {`"type":"ai_AIPackage"`, `"type":"https://spdx.org/rdf/3.0.1/terms/AI/AIPackage"`},
		"a type of JSON-LD":   {`{"type":"ai_AIPackage"`, `{"@type":"ai_AIPackage","type":"x"`},
		"an id twice":         {`"spdxId":"urn:b"`, `"spdxId":"urn:a"`},
		"a package no name":   {`"name":"b"`, `"name":7`},
	} {
		if problems, _ := items(get(readSBOM(t, strings.Replace(spdx3Sample, c.old, c.new, 1)), "problems")); len(problems) == 0 {
			t.Errorf("%s: no problem", name)
		}
	}
	for name, c := range map[string]struct{ old, new string }{
		"two roots":              {`"rootElement":["urn:root"]`, `"rootElement":["urn:root","urn:a"]`},
		"roots in a circle":      {`"rootElement":["urn:root"]`, `"rootElement":["urn:bom","urn:doc"]`},
		"a root that is a file":  {`"rootElement":["urn:root"]`, `"rootElement":["urn:f"]`},
		"a digest not of sha256": {`"algorithm":"sha256"`, `"algorithm":"md5"`},
	} {
		if root := get(readSBOM(t, strings.Replace(spdx3Sample, c.old, c.new, 1)), "root"); root.String() != "{}" {
			t.Errorf("%s: root %v", name, root)
		}
	}
	circle := strings.Replace(spdx3Sample, `["urn:mit","https://spdx.org/licenses/ISC"]`, `["urn:set","urn:set"]`, 1)
	if list, _ := items(get(readSBOM(t, circle), "licenses", "")); len(list) == 0 {
		t.Error("licenses in a circle say something")
	}
}

// B-09: many packages take time in proportion.
func TestB09_SPDX3ManyPackages(t *testing.T) {
	var b strings.Builder
	for i := range 20000 {
		fmt.Fprintf(&b, `{"type":"software_Package","spdxId":"urn:p%d","name":"p%d"},`, i, i)
	}
	got := readSBOM(t, strings.Replace(spdx3Sample, `{"type":"software_File"`, b.String()+`{"type":"software_File"`, 1))
	if n := get(got, "components"); n.String() != "20003" {
		t.Errorf("%v components", n)
	}
}
