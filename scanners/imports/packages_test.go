// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"slices"
	"strings"
	"testing"
)

const nestedXML = `<?xml version="1.0" encoding="UTF-8"?>
<!-- written by a tool -->
<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"><components><component type="application"><name>x</name><components>
<component type="library"><name>a</name><version>1</version><purl>pkg:npm/a@1</purl></component></components></component></components></bom>`

var spdx3Purls = strings.NewReplacer(
	`"spdxId":"urn:a","name":"a"`, `"spdxId":"urn:a","name":"a","software_packageUrl":"pkg:npm/a@1"`,
	`"spdxId":"urn:root","name":"shop"`, `"spdxId":"urn:root","name":"shop","externalIdentifier":[{"externalIdentifierType":"cpe23","identifier":"cpe:2.3:a:x"},{"externalIdentifierType":"packageUrl","identifier":"pkg:npm/shop@2"}]`,
).Replace(spdx3BOM)

func TestPackages(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"CycloneDX in JSON": {`{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"type": "application", "name": "x", "components": [{"type": "library", "name": "a", "purl": "pkg:npm/a@1"}]}]}`, []string{"pkg:npm/a@1"}},
		"CycloneDX in XML":  {nestedXML, []string{"pkg:npm/a@1"}},
		"SPDX 2.3":          {`{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "documentNamespace": "x", "packages": [{"SPDXID": "a", "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:npm/a@1"}, {"referenceType": "cpe23Type", "referenceLocator": "cpe:x"}]}]}`, []string{"pkg:npm/a@1"}},
		"SPDX 3.0":          {spdx3Purls, []string{"pkg:npm/a@1", "pkg:npm/shop@2"}},
	} {
		for _, text := range []string{c.text, "\ufeff \n" + c.text + "\n"} {
			if !IsSBOM([]byte(text)) {
				t.Errorf("%s is not recognised", name)
			}
			s, err := ReadSBOM(Report{"bom", []byte(text), written})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got, err := s.Packages()
			if slices.Sort(got); err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, %v", name, got, err)
			}
		}
	}
}

// What says that it is a bill of materials is read as one, and refused with the reason; all else is something else.
func TestIsSBOM(t *testing.T) {
	for text, want := range map[string]bool{
		`{"bomFormat": "CycloneDX", "specVersion": "9"}`:                                                           true,
		`{"@context": "https://spdx.org/rdf/4.0/spdx-context.jsonld"}`:                                             true,
		`{"@context": ["https://spdx.org/rdf/3.0.1/spdx-context.jsonld", {}]}`:                                     true,
		`<bom xmlns="http://cyclonedx.org/schema/bom/9.9">`:                                                        true,
		`<?xml version="1.0" encoding="ISO-8859-1"?><c:bom xmlns:c="http://cyclonedx.org/schema/bom/1.5"></c:bom>`: true,
		`<!DOCTYPE x []><bom xmlns="http://cyclonedx.org/schema/bom/1.5"/>`:                                        true,
		`{"@context": "https://openvex.dev/ns/v0.2.0"}`:                                                            false,
		`<bom/>`: false,
		`<testsuites xmlns:x="http://cyclonedx.org/schema/bom/1.5"><bom xmlns="http://cyclonedx.org/schema/bom/1.5"/></testsuites>`: false,
		`<!-- only a comment -->`:      false,
		`<bom xmlns="http://cyclonedx`: false,
		`[]`:                           false, ``: false, `main`: false, `{"bomFormat": 1}`: false,
	} {
		if got := IsSBOM([]byte(text)); got != want {
			t.Errorf("%.80s: %t", text, got)
		}
	}
}
