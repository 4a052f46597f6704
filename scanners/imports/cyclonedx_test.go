// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"strings"
	"testing"
)

const validBOM = `{"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", "version": 1,
 "metadata": {"timestamp": "2026-11-22T10:00:00Z", "component": {"type": "application", "bom-ref": "shop", "name": "shop"}, "licenses": [{"license": {"name": "ours"}}]},
 "components": [{"type": "library", "bom-ref": "a", "name": "a", "version": "1.0", "scope": "required", "hashes": [{"alg": "SHA-1", "content": "0123456789012345678901234567890123456789"}],
   "licenses": [{"license": {"id": "MIT", "text": {"encoding": "base64", "content": "eA=="}}}], "properties": [{"name": "p", "value": "v"}], "swid": {"tagId": "t", "name": "a"},
   "pedigree": {"patches": [{"type": "backport", "resolves": [{"type": "security"}]}]}, "components": [{"type": "file", "name": "inner"}]}],
 "services": [{"bom-ref": "s", "name": "s", "data": [{"flow": "inbound", "classification": "public"}]}],
 "dependencies": [{"ref": "shop", "dependsOn": ["a"]}]}`

// B-01: what CycloneDX's schema forbids, kind by kind as in its own test suite, is named with its path.
func TestB01_InvalidCycloneDX(t *testing.T) {
	if wrong, err := invalidCycloneDX([]byte(validBOM)); wrong != "" || err != nil {
		t.Fatalf("a valid document: %s, %v", wrong, err)
	}
	for name, c := range map[string]struct{ old, new, path string }{
		"serial number":             {"urn:uuid:3e671687", "urn:uuid:zz671687", "serialNumber "},
		"version of the document":   {`"version": 1,`, `"version": 0,`, "version "},
		"version that is text":      {`"version": 1,`, `"version": "1",`, "version "},
		"unknown member":            {`"services"`, `"service"`, "service "},
		"time":                      {"2026-11-22T10:00:00Z", "yesterday", "metadata.timestamp "},
		"root without a name":       {`, "name": "shop"`, "", "metadata.component.name "},
		"metadata license":          {`{"name": "ours"}`, `{}`, "metadata.licenses[0].license "},
		"component type":            {`"type": "library"`, `"type": "foo"`, "components[0].type "},
		"missing component type":    {`"type": "library", `, "", "components[0].type "},
		"empty component":           {`"name": "a", "version"`, `"version"`, "components[0].name "},
		"nested component":          {`"name": "inner"`, `"name": ""`, "components[0].components[0].name "},
		"component ref":             {`"bom-ref": "a"`, `"bom-ref": "shop"`, "components[0].bom-ref "},
		"empty ref":                 {`"bom-ref": "a"`, `"bom-ref": ""`, "components[0].bom-ref "},
		"ref of a service":          {`"bom-ref": "s"`, `"bom-ref": "a"`, "services[0].bom-ref "},
		"scope":                     {`"required"`, `"foo"`, "components[0].scope "},
		"version and range":         {`"version": "1.0"`, `"version": "1.0", "versionRange": "vers:npm/1"`, "components[0].versionRange "},
		"hash algorithm":            {`"SHA-1"`, `"FOO"`, "components[0].hashes[0].alg "},
		"hash of another length":    {`"SHA-1"`, `"SHA-256"`, "components[0].hashes[0].content "},
		"hash that is no number":    {"0123456789012345678901234567890123456789", "x123456789012345678901234567890123456789", "components[0].hashes[0].content "},
		"license choice":            {`{"license": {"id": "MIT"`, `{"expression": "MIT", "license": {"id": "MIT"`, "components[0].licenses[0] "},
		"license id and name":       {`{"id": "MIT"`, `{"name": "MIT", "id": "MIT"`, "components[0].licenses[0].license "},
		"license beside expression": {`[{"license": {"id": "MIT"`, `[{"expression": "MIT OR ISC"}, {"license": {"id": "MIT"`, "components[0].licenses "},
		"two expressions":           {`[{"license": {"name": "ours"}}]`, `[{"expression": "MIT"}, {"expression": "ISC"}]`, "metadata.licenses "},
		"license encoding":          {`"base64"`, `"hex"`, "components[0].licenses[0].license.text.encoding "},
		"property without a name":   {`"name": "p", `, "", "components[0].properties[0].name "},
		"property that is a number": {`"value": "v"`, `"value": 1`, "components[0].properties[0].value "},
		"swid":                      {`"tagId": "t", `, "", "components[0].swid.tagId "},
		"patch type":                {`"backport"`, `"foo"`, "components[0].pedigree.patches[0].type "},
		"issue type":                {`{"type": "security"}`, `{"type": "foo"}`, "components[0].pedigree.patches[0].resolves[0].type "},
		"service data":              {`"inbound"`, `"bar"`, "services[0].data[0].flow "},
		"dependency without a ref":  {`"ref": "shop", `, "", "dependencies[0].ref "},
		"dependency twice":          {`["a"]`, `["a", "a"]`, "dependencies[0].dependsOn[1] "},
		"components that are one":   {`"components": [{"type": "file", "name": "inner"}]`, `"components": {}`, "components[0].components "},
		"component that is text":    {`[{"type": "file", "name": "inner"}]`, `["inner"]`, "components[0].components[0] "},
	} {
		if !strings.Contains(validBOM, c.old) {
			t.Fatalf("%s: the document does not hold %q", name, c.old)
		}
		text := strings.Replace(validBOM, c.old, c.new, 1)
		if wrong, err := invalidCycloneDX([]byte(text)); err != nil || !strings.HasPrefix(wrong, c.path) {
			t.Errorf("%s: %q, %v, expected %s", name, wrong, err, c.path)
		}
		if _, err := ReadSBOM(Report{"bom.json", []byte(text), written}); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	for _, text := range []string{
		strings.NewReplacer(`"1.6"`, `"1.7"`, `[{"license": {"id": "MIT"`, `[{"expression": "MIT OR ISC"}, {"license": {"id": "MIT"`).Replace(validBOM),
		strings.Replace(validBOM, `"version": "1.0"`, `"isExternal": true, "versionRange": "vers:npm/1"`, 1),
	} {
		if wrong, err := invalidCycloneDX([]byte(text)); wrong != "" || err != nil {
			t.Errorf("a valid document: %s, %v", wrong, err)
		}
	}
}
