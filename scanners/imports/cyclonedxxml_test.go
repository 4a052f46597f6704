// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest/predicate"
)

const xmlBOM = `<?xml version="1.0" encoding="UTF-8"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.6" serialNumber="urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79" version="1">
  <metadata><component type="container" bom-ref="shop"><name>shop</name><version>1</version>
    <hashes><hash alg="SHA-256">e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855</hash></hashes></component></metadata>
  <components>
    <component type="library" bom-ref="a"><name>a</name><version>1.0</version><licenses><expression>MIT OR ISC</expression></licenses><purl>pkg:npm/a@1.0</purl>
      <components><component type="library"><name>inner</name></component></components></component>
    <component type="library"><name>b</name><licenses><license><id>MIT</id></license><license><name>ours</name></license></licenses></component>
  </components>
  <dependencies><dependency ref="a"><dependency ref="shop"/></dependency></dependencies>
</bom>`

func readXML(text string) (SBOM, error) { return ReadSBOM(Report{"bom.xml", []byte(text), written}) }

func TestCycloneDX_XML(t *testing.T) {
	for _, version := range []string{"1.2", "1.3", "1.4", "1.5", "1.6", "1.7"} {
		s, err := readXML(strings.Replace(xmlBOM, "bom/1.6", "bom/"+version, 1))
		if err != nil {
			t.Fatalf("%s: %v", version, err)
		}
		if s.Type != predicate.TypeCycloneDX || s.Digests["sha256"] != "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" {
			t.Errorf("%s: %s of %v", version, s.Type, s.Digests)
		}
		var d struct {
			BOMFormat    string
			SpecVersion  string
			SerialNumber string
			Components   []struct {
				Name, Version, PURL string
				Licenses            []any
				Components          []struct{ Name string }
			}
			Dependencies []struct{ Ref string }
		}
		if err := json.Unmarshal(s.Document, &d); err != nil {
			t.Fatal(err)
		}
		if d.BOMFormat != "CycloneDX" || d.SpecVersion != version || d.SerialNumber == "" || len(d.Components) != 2 || len(d.Dependencies) != 1 {
			t.Fatalf("%s: %s", version, s.Document)
		}
		a := d.Components[0]
		if a.Name != "a" || a.Version != "1.0" || a.PURL != "pkg:npm/a@1.0" || len(a.Licenses) != 1 || len(a.Components) != 1 || len(d.Components[1].Licenses) != 2 {
			t.Errorf("%s: %s", version, s.Document)
		}
	}
	again, _ := readXML(xmlBOM)
	if s, err := readXML(xmlBOM); err != nil || string(s.Document) != string(again.Document) {
		t.Error("not the same twice")
	}
	prefixed := strings.NewReplacer("<?", "<?", "</", "</c:", "<", "<c:", "xmlns=", "xmlns:c=").Replace(xmlBOM)
	if s, err := readXML(prefixed); err != nil || string(s.Document) != string(again.Document) {
		t.Errorf("with a prefix: %v\n%s", err, prefixed)
	}
}

// What stands in other namespaces, signatures too, is neither trusted nor read (B-07).
func TestB07_SignatureInXML(t *testing.T) {
	plain, _ := readXML(xmlBOM)
	for _, more := range []string{`<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/></Signature>`, `<x:components xmlns:x="urn:x"><x:component type="library"><x:name>hidden</x:name></x:component></x:components>`} {
		s, err := readXML(strings.Replace(xmlBOM, "</bom>", more+"</bom>", 1))
		if err != nil || string(s.Document) != string(plain.Document) {
			t.Errorf("%s: %v %s", more, err, s.Document)
		}
	}
}

// B-08: no entity is read, none is made larger, and no other encoding is.
func TestB08_XML(t *testing.T) {
	root := strings.TrimPrefix(xmlBOM, `<?xml version="1.0" encoding="UTF-8"?>`)
	for name, c := range map[string]struct{ text, code string }{
		"an external entity":   {`<!DOCTYPE bom [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + strings.Replace(root, "<name>b</name>", "<name>&x;</name>", 1), CodeInvalid},
		"entities of entities": {`<!DOCTYPE bom [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>` + strings.Replace(root, "<name>b</name>", "<name>&b;</name>", 1), CodeInvalid},
		"a document type":      {`<!DOCTYPE bom SYSTEM "http://192.0.2.1/bom.dtd">` + root, CodeInvalid},
		"an entity unknown":    {strings.Replace(root, "<name>b</name>", "<name>&b;</name>", 1), CodeInvalid},
		"another encoding":     {strings.Replace(xmlBOM, "UTF-8", "UTF-7", 1), CodeInvalid},
		"cut off":              {xmlBOM[:len(xmlBOM)-7], CodeInvalid},
		"deep":                 {strings.Replace(root, "<metadata>", strings.Repeat("<metadata>", 600), 1), CodeLimit},
		"deep elsewhere":       {strings.Replace(root, "<metadata>", strings.Repeat(`<x xmlns="urn:x">`, 600)+"<metadata>", 1), CodeLimit},
		"two roots":            {root + root, CodeInvalid},
		"another root":         {`<project xmlns="http://cyclonedx.org/schema/bom/1.6">` + strings.Repeat(" ", 50) + `</project>`, CodeInvalid},
		"no namespace":         {strings.Replace(root, ` xmlns="http://cyclonedx.org/schema/bom/1.6"`, "", 1), CodeInvalid},
		"another version":      {strings.Replace(root, "bom/1.6", "bom/1.1", 1), CodeInvalid},
		"text after it":        {root + "x", CodeInvalid},
		"nothing":              {`<?xml version="1.0"?>` + strings.Repeat(" ", 50) + "<!-- -->", CodeInvalid},
	} {
		_, err := readXML(c.text)
		var e *Error
		if !errors.As(err, &e) || e.Code != c.code {
			t.Errorf("%s: %v, expected %s", name, err, c.code)
		}
	}
}

// B-01: what the schema forbids and the decoder would let through.
func TestB01_InvalidXML(t *testing.T) {
	for name, c := range map[string]struct{ old, new string }{
		"a list misspelt":             {"<components>\n    <component type=\"library\" bom-ref", "<componets/><components>\n    <component type=\"library\" bom-ref"},
		"a name twice":                {"<name>a</name>", "<name>a</name><name>z</name>"},
		"components twice":            {"<dependencies>", "<components/><dependencies>"},
		"an aggregate twice":          {"<dependencies>", "<compositions><composition><aggregate>incomplete</aggregate><aggregate>complete</aggregate></composition></compositions><dependencies>"},
		"an attribute twice":          {`bom-ref="a"`, `bom-ref="a" bom-ref="z"`},
		"a component type":            {`type="library"`, `type="foo"`},
		"a component without a name":  {"<name>inner</name>", ""},
		"a hash":                      {"e3b0c44298fc", "zzzzc44298fc"},
		"a component out of its list": {"<dependencies>", "<component type=\"library\"><name>z</name></component><dependencies>"},
		"components in metadata":      {"<metadata>", "<metadata><components><component type=\"library\"><name>z</name></component></components>"},
		"a ref twice":                 {`bom-ref="a"`, `bom-ref="shop"`},
	} {
		text := strings.Replace(xmlBOM, c.old, c.new, 1)
		if text == xmlBOM {
			t.Fatalf("%s: nothing changed", name)
		}
		_, err := readXML(text)
		var e *Error
		if !errors.As(err, &e) || e.Code != CodeBroken {
			t.Errorf("%s: %v, expected %s", name, err, CodeBroken)
		}
	}
}
