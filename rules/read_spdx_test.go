// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

const spdxDocument = `{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"shop","packages":[
	{"SPDXID":"SPDXRef-root","name":"shop","versionInfo":"sha256:aa","primaryPackagePurpose":"CONTAINER","checksums":[{"algorithm":"SHA256","checksumValue":"AA"}]},
	{"SPDXID":"SPDXRef-a","name":"a","versionInfo":"1","licenseConcluded":"NOASSERTION","licenseDeclared":"MIT","externalRefs":[{"referenceCategory":"SECURITY","referenceType":"cpe23Type","referenceLocator":"cpe:x"},
		{"referenceCategory":"PACKAGE-MANAGER","referenceType":"purl","referenceLocator":"pkg:npm/a@1"}]},
	{"SPDXID":"SPDXRef-b","name":"b","versionInfo":"2","licenseConcluded":"Apache-2.0","licenseDeclared":"MIT"},
	{"SPDXID":"SPDXRef-c","name":"c","licenseConcluded":"NONE"}],
	"relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBES","relatedSpdxElement":"SPDXRef-root"},{"spdxElementId":"SPDXRef-root","relationshipType":"CONTAINS","relatedSpdxElement":"SPDXRef-a"}]}`

func readSBOM(t *testing.T, document string) ast.Value {
	t.Helper()
	v, err := ast.ValueFromReader(strings.NewReader(`{"kind":"sbom","predicateType":"https://spdx.dev/Document","predicate":` + document + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return read(v).Value
}

// SPDX says the same as CycloneDX, in other words.
func TestSPDX(t *testing.T) {
	got := readSBOM(t, spdxDocument)
	for name, want := range map[string]string{
		"problems": `[]`, "components": `3`, "root": `{"sha256": ["aa"]}`, "packages": `{"a 1", "b 2", "c ", "pkg:npm/a@1", "shop sha256:aa"}`,
	} {
		if found := get(got, name); found == nil || found.String() != want {
			t.Errorf("%s: %v, expected %s", name, found, want)
		}
	}
	for license, of := range map[string]string{"MIT": "a", "Apache-2.0": "b"} {
		list, _ := items(get(got, "licenses", license))
		if len(list) != 1 || str(get(list[0], "name")) == "" {
			t.Errorf("license %s: %v, expected of %s", license, list, of)
		}
	}
	if list, _ := items(get(got, "licenses", "")); len(list) != 2 { // the root says nothing either
		t.Errorf("without a license: %v", list)
	}
}

// C-16: what the document itself says not to know of the root's parts is told; that files were not analyzed, or licenses not looked up, is another matter.
func TestC16_SPDXThatIsIncomplete(t *testing.T) {
	more := func(from, kind, to string) string {
		return strings.Replace(spdxDocument, `"relationships":[`, `"relationships":[{"spdxElementId":"`+from+`","relationshipType":"`+kind+`","relatedSpdxElement":"`+to+`"},`, 1)
	}
	relation := func(from, completeness string) string {
		return strings.Replace(spdx3Sample, `{"type":"Relationship","spdxId":"urn:r1"`, `{"type":"Relationship","spdxId":"urn:r0","relationshipType":"contains","from":"`+from+`","to":["urn:a"],"completeness":"`+completeness+`"},{"type":"Relationship","spdxId":"urn:r1"`, 1)
	}
	for name, c := range map[string]struct{ document, want string }{
		"2: nothing said":                 {spdxDocument, `[]`},
		"2: files not analyzed":           {strings.Replace(spdxDocument, `"name":"a"`, `"name":"a","filesAnalyzed":false`, 1), `[]`},
		"2: depends on nobody knows what": {more("SPDXRef-root", "DEPENDS_ON", "NOASSERTION"), `["unknown"]`},
		"2: holds nobody knows what":      {more("SPDXRef-root", "CONTAINS", "NOASSERTION"), `["unknown"]`},
		"2: the document does":            {more("SPDXRef-DOCUMENT", "CONTAINS", "NOASSERTION"), `["unknown"]`},
		"2: holds nothing more":           {more("SPDXRef-root", "CONTAINS", "NONE"), `[]`},
		"2: a part of it":                 {more("SPDXRef-a", "DEPENDS_ON", "NOASSERTION"), `[]`},
		"3: nothing said":                 {spdx3Sample, `[]`},
		"3: complete":                     {relation("urn:root", "complete"), `[]`},
		"3: no assertion":                 {relation("urn:root", "noAssertion"), `[]`},
		"3: incomplete":                   {relation("urn:root", "incomplete"), `["incomplete"]`},
		"3: a part of it":                 {relation("urn:a", "incomplete"), `[]`},
	} {
		if found := get(readSBOM(t, c.document), "gaps"); found == nil || found.String() != c.want {
			t.Errorf("%s: %v, expected %s", name, found, c.want)
		}
	}
}

func TestSPDXThatCantBeJudged(t *testing.T) {
	for name, c := range map[string]struct{ old, new string }{
		"version":              {"SPDX-2.3", "SPDX-4.0"},
		"packages are no list": {`"packages":[`, `"packages":"x","more":[`},
		"a package is no text": {`{"SPDXID":"SPDXRef-b","name":"b"`, `{"SPDXID":"SPDXRef-b","name":7`},
	} {
		if problems, _ := items(get(readSBOM(t, strings.Replace(spdxDocument, c.old, c.new, 1)), "problems")); len(problems) == 0 {
			t.Errorf("%s: no problem", name)
		}
	}
	for name, c := range map[string]struct{ old, new string }{
		"another root":             {`"DESCRIBES","relatedSpdxElement":"SPDXRef-root"`, `"DESCRIBES","relatedSpdxElement":"SPDXRef-a"`},
		"two roots":                {`"relationships":[`, `"documentDescribes":["SPDXRef-a"],"relationships":[`},
		"no root":                  {`"DESCRIBES"`, `"OTHER"`},
		"a digest of another kind": {`"SHA256"`, `"SHA1"`},
	} {
		if root := get(readSBOM(t, strings.Replace(spdxDocument, c.old, c.new, 1)), "root"); root.String() != "{}" {
			t.Errorf("%s: root %v", name, root)
		}
	}
	if empty := readSBOM(t, `{"spdxVersion":"SPDX-2.3"}`); get(empty, "components").String() != "0" {
		t.Errorf("an empty document: %v", empty)
	}
	both := readSBOM(t, `{"bomFormat":"CycloneDX","specVersion":"1.6","spdxVersion":"SPDX-2.3","packages":[{"name":"hidden"}],"components":[{"name":"seen","version":"1"}]}`)
	if strings.Contains(get(both, "packages").String(), "hidden") {
		t.Errorf("a document of both kinds: %v", both)
	}
}
