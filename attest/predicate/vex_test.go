// SPDX-License-Identifier: Apache-2.0

package predicate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
)

const openSample = `{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.com/vex/1", "author": "Example", "timestamp": "2026-11-01T00:00:00Z", "version": 1, "statements": [
 {"vulnerability": {"@id": "https://nvd.nist.gov/vuln/detail/CVE-2026-1", "name": "CVE-2026-1", "aliases": ["GHSA-1111-2222-3333"]}, "timestamp": "2026-11-02T00:00:00+02:00",
  "products": [{"@id": "pkg:oci/shop@sha256:HEX", "subcomponents": [{"@id": "pkg:npm/a@1.0.0"}]}], "status": "not_affected", "justification": "component_not_present", "impact_statement": "left out"}]}`

const cdxSample = `{"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"timestamp": "2026-11-01T00:00:00Z", "authors": [{"name": "Example"}], "component": {"bom-ref": "shop", "name": "shop", "hashes": [{"alg": "SHA-256", "content": "HEX"}]}},
 "components": [{"bom-ref": "a", "name": "a", "purl": "pkg:npm/a@1.0.0", "components": [{"bom-ref": "b", "name": "b", "purl": "pkg:npm/b@1.0.0"}]}],
 "vulnerabilities": [{"id": "CVE-2026-1", "references": [{"id": "GHSA-1111-2222-3333"}], "analysis": {"state": "not_affected", "justification": "code_not_reachable", "detail": "left out", "lastUpdated": "2026-11-02T00:00:00Z"},
  "affects": [{"ref": "shop"}, {"ref": "b"}]}]}`

const csafSample = `{"document": {"category": "csaf_vex", "csaf_version": "2.0", "publisher": {"name": "Example"}, "tracking": {"status": "final", "current_release_date": "2026-11-02T00:00:00.000Z"}},
 "product_tree": {"branches": [{"branches": [{"product": {"product_id": "A", "name": "a", "product_identification_helper": {"purl": "pkg:npm/a@1.0.0"}}}]}],
  "full_product_names": [{"product_id": "SHOP", "name": "shop", "product_identification_helper": {"hashes": [{"filename": "shop", "file_hashes": [{"algorithm": "sha256", "value": "HEX"}]}]}}],
  "relationships": [{"category": "default_component_of", "product_reference": "A", "relates_to_product_reference": "SHOP", "full_product_name": {"product_id": "A-IN-SHOP", "name": "a in shop"}}],
  "product_groups": [{"group_id": "ALL", "product_ids": ["A", "A-IN-SHOP"]}]},
 "vulnerabilities": [{"cve": "CVE-2026-1", "ids": [{"system_name": "GitHub", "text": "GHSA-1111-2222-3333"}], "product_status": {"known_not_affected": ["A-IN-SHOP"], "known_affected": ["A"]},
  "flags": [{"label": "vulnerable_code_not_present", "group_ids": ["ALL"]}], "threats": [{"category": "impact", "details": "left out", "product_ids": ["A-IN-SHOP"]}]}]}`

var hexDigest = strings.Repeat("ab", 32)

func decodeVEX(typ, text string) (VEX, error) {
	return DecodeVEX(attest.Statement{PredicateType: typ, Predicate: []byte(strings.ReplaceAll(text, "HEX", hexDigest))})
}

// The three formats come to one form.
func TestDecodeVEX(t *testing.T) {
	digest := attest.Digest{Algorithm: "sha256", Hex: hexDigest}
	for name, c := range map[string]struct {
		typ, text string
		products  []VEXProduct
		time      string
	}{
		"OpenVEX":   {TypeVEX + "/v0.2.0", openSample, []VEXProduct{{Name: "pkg:oci/shop@sha256:" + hexDigest, Digests: []attest.Digest{digest, digest}, Packages: []VEXPackage{{"pkg:npm/a@1.0.0", "pkg:npm/a@1.0.0"}}}}, "2026-11-01T22:00:00Z"},
		"CycloneDX": {TypeVEXCycloneDX, cdxSample, []VEXProduct{{Name: "shop", Digests: []attest.Digest{digest}}, {Name: "pkg:npm/b@1.0.0", PURL: "pkg:npm/b@1.0.0"}}, "2026-11-02T00:00:00Z"},
		"CSAF":      {TypeVEXCSAF, csafSample, []VEXProduct{{Name: "a in shop", Digests: []attest.Digest{digest}, Packages: []VEXPackage{{"a", "pkg:npm/a@1.0.0"}}}}, "2026-11-02T00:00:00Z"},
	} {
		v, err := decodeVEX(c.typ, c.text)
		if err != nil || v.Format != name || v.Author != "Example" || len(v.Ignored) != 0 || len(v.Statements) == 0 {
			t.Errorf("%s: %v, %+v", name, err, v)
			continue
		}
		s := v.Statements[0]
		for i := range s.Products {
			s.Products[i].Digests = slices.Compact(s.Products[i].Digests)
		}
		for i := range c.products {
			c.products[i].Digests = slices.Compact(c.products[i].Digests)
		}
		if fmt.Sprint(s.Products) != fmt.Sprint(c.products) || Time(s.Time) != c.time || s.Status != VEXNotAffected || s.Justification == "" || s.Detail != "left out" ||
			!slices.Equal(s.Vulnerabilities, []string{"CVE-2026-1", "GHSA-1111-2222-3333"}) {
			t.Errorf("%s: %+v", name, s)
		}
	}
	first := `{"@context": "https://openvex.dev/ns", "author": "Example", "timestamp": "2023-01-16T19:07:16Z", "version": "1", "statements": [{"vulnerability": "CVE-2026-1", "products": ["pkg:apk/wolfi/git@2.39.0-r1"], "status": "fixed"}]}`
	if v, err := decodeVEX(TypeVEX, first); err != nil || len(v.Statements) != 1 || v.Statements[0].Products[0].PURL != "pkg:apk/wolfi/git@2.39.0-r1" || v.Statements[0].Status != VEXFixed {
		t.Errorf("OpenVEX 0.0.1: %v, %+v", err, v)
	}
	if v, err := decodeVEX(TypeVEXCSAF, csafSample); err != nil || len(v.Statements) != 2 || v.Statements[1].Status != VEXAffected || v.Statements[1].Products[0].PURL != "pkg:npm/a@1.0.0" {
		t.Errorf("CSAF: what is affected: %v, %+v", err, v.Statements)
	}
	aliases := strings.Replace(csafSample, `"GHSA-1111-2222-3333"`, `"https://bugs.example.com/show_bug.cgi?id=1"`, 1)
	if v, err := decodeVEX(TypeVEXCSAF, aliases); err != nil || len(v.Statements) != 2 || !slices.Equal(v.Statements[0].Vulnerabilities, []string{"CVE-2026-1"}) {
		t.Errorf("an alias that is none: %v, %+v", err, v)
	}
	for state, want := range map[string]string{"resolved": VEXFixed, "resolved_with_pedigree": VEXFixed, "exploitable": VEXAffected, "in_triage": VEXUnderInvestigation, "false_positive": VEXNotAffected} {
		if v, err := decodeVEX(TypeVEXCycloneDX, strings.Replace(cdxSample, `"not_affected"`, `"`+state+`"`, 1)); err != nil || len(v.Statements) != 1 || v.Statements[0].Status != want {
			t.Errorf("%s: %v, %+v", state, err, v)
		}
	}
}

// P-22: what in a document says nothing, and what kind of thing is missing.
func TestP22_VEXThatSaysNothing(t *testing.T) {
	for name, c := range map[string]struct{ typ, text, old, new, missing string }{
		"CycloneDX without justification":     {TypeVEXCycloneDX, cdxSample, `"justification": "code_not_reachable", `, "", "justification"},
		"CycloneDX false positive, no reason": {TypeVEXCycloneDX, cdxSample, `"not_affected", "justification": "code_not_reachable"`, `"false_positive"`, "justification"},
		"CycloneDX without analysis":          {TypeVEXCycloneDX, cdxSample, `"analysis"`, `"analysed"`, "form"},
		"CycloneDX state of its own":          {TypeVEXCycloneDX, cdxSample, `"not_affected"`, `"harmless"`, "form"},
		"CycloneDX link to another document":  {TypeVEXCycloneDX, cdxSample, `[{"ref": "shop"}, {"ref": "b"}]`, `[{"ref": "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#shop"}]`, "product"},
		"CycloneDX versions by range":         {TypeVEXCycloneDX, cdxSample, `[{"ref": "shop"}, {"ref": "b"}]`, `[{"ref": "a", "versions": [{"range": "vers:npm/*"}]}]`, "product"},
		"CycloneDX ref that stands twice":     {TypeVEXCycloneDX, cdxSample, `"bom-ref": "b"`, `"bom-ref": "shop"`, "product"},
		"CSAF without a flag":                 {TypeVEXCSAF, csafSample, `"flags"`, `"flag"`, "justification"},
		"CSAF flag about another product":     {TypeVEXCSAF, csafSample, `["A", "A-IN-SHOP"]`, `["A"]`, "justification"},
		"CSAF product that is not there":      {TypeVEXCSAF, csafSample, `"known_not_affected": ["A-IN-SHOP"]`, `"known_not_affected": ["B"]`, "product"},
		"CSAF product that stands twice":      {TypeVEXCSAF, csafSample, `"product_id": "SHOP"`, `"product_id": "A-IN-SHOP"`, "product"},
		"OpenVEX without a vulnerability":     {TypeVEX, openSample, `"name": "CVE-2026-1"`, `"name": "*"`, "form"},
		"OpenVEX without a product":           {TypeVEX, openSample, `"products"`, `"product"`, "product"},
	} {
		if !strings.Contains(c.text, c.old) {
			t.Fatalf("%s: the document does not hold %q", name, c.old)
		}
		v, err := decodeVEX(c.typ, strings.Replace(c.text, c.old, c.new, 1))
		if err != nil || !slices.ContainsFunc(v.Ignored, func(x VEXIgnored) bool { return x.Missing == c.missing && x.Why != "" }) {
			t.Errorf("%s: %v, ignored %+v", name, err, v.Ignored)
		}
		if slices.ContainsFunc(v.Statements, func(s VEXStatement) bool { return s.Status == VEXNotAffected && len(s.Products) > 1 }) {
			t.Errorf("%s: it counts all the same: %+v", name, v.Statements)
		}
	}
}

func TestVEXThatCannotBeRead(t *testing.T) {
	deep := strings.Repeat(`{"branches": [`, 100) + strings.Repeat("]}", 100)
	for name, c := range map[string]struct{ typ, text, code string }{
		"no JSON":                  {TypeVEX, `{`, attest.CodeMalformedStatement},
		"a member twice":           {TypeVEX, strings.Replace(openSample, `"version": 1`, `"version": 1, "author": "x"`, 1), attest.CodeMalformedStatement},
		"another version":          {TypeVEX, strings.Replace(openSample, "v0.2.0", "v0.3.0", 1), attest.CodeMalformedStatement},
		"no author":                {TypeVEX, strings.Replace(openSample, `"author": "Example", `, "", 1), attest.CodeMalformedStatement},
		"type confusion":           {TypeVEX, cdxSample, attest.CodeMalformedStatement},
		"type confusion, back":     {TypeVEXCycloneDX, openSample, attest.CodeMalformedStatement},
		"CSAF of another kind":     {TypeVEXCSAF, strings.Replace(csafSample, "csaf_vex", "csaf_security_advisory", 1), attest.CodeMalformedStatement},
		"CSAF of another version":  {TypeVEXCSAF, strings.Replace(csafSample, `"2.0"`, `"3.0"`, 1), attest.CodeMalformedStatement},
		"CSAF draft":               {TypeVEXCSAF, strings.Replace(csafSample, `"final"`, `"draft"`, 1), attest.CodeMalformedStatement},
		"CSAF too deep":            {TypeVEXCSAF, strings.Replace(csafSample, `"branches": [`, `"branches": [`+deep+`, `, 1), attest.CodeMalformedStatement},
		"B-11 a bill of materials": {TypeCycloneDX, cdxSample, attest.CodeMalformedStatement},
		"too many":                 {TypeVEXCSAF, strings.Replace(csafSample, `["A-IN-SHOP"]`, `["A-IN-SHOP"`+strings.Repeat(`, "A"`, maxVEXStatements)+`]`, 1), attest.CodeLimit},
	} {
		v, err := decodeVEX(c.typ, c.text)
		var r *attest.Reject
		if !errors.As(err, &r) || r.Code != c.code || len(v.Statements) != 0 {
			t.Errorf("%s: %v, expected %s", name, err, c.code)
		}
	}
}

func TestVEXType(t *testing.T) {
	for text, want := range map[string]string{openSample: TypeVEX, cdxSample: TypeVEXCycloneDX, csafSample: TypeVEXCSAF} {
		if got, err := VEXType([]byte(text)); err != nil || got != want {
			t.Errorf("%s: %v", got, err)
		}
	}
	for _, text := range []string{"", "[]", "{}", `{"@context": ["https://openvex.dev/ns"]}`, `{"spdxVersion": "SPDX-2.3"}`} {
		if got, err := VEXType([]byte(text)); err == nil {
			t.Errorf("%s is taken for %s", text, got)
		}
	}
	for typ, want := range map[string]bool{TypeVEX: true, TypeVEX + "/v0.2.0": true, TypeVEX + "x": false, TypeCycloneDX: false, TypeVEXCSAF: true} {
		if IsVEX(typ) != want {
			t.Errorf("%s: expected %v", typ, want)
		}
	}
}

// Whatever is read, what hides something has a justification, a product, a time and a name.
func FuzzDecodeVEX(f *testing.F) {
	for _, text := range []string{openSample, cdxSample, csafSample} {
		f.Add([]byte(strings.ReplaceAll(text, "HEX", hexDigest)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, typ := range []string{TypeVEX, TypeVEXCycloneDX, TypeVEXCSAF} {
			v, err := DecodeVEX(attest.Statement{PredicateType: typ, Predicate: data})
			if err != nil {
				continue
			}
			for _, s := range v.Statements {
				if len(s.Vulnerabilities) == 0 || len(s.Products) == 0 || s.Time.IsZero() && Time(s.Time) != "0001-01-01T00:00:00Z" || s.Status == VEXNotAffected && s.Justification == "" || !slices.Contains(vexStatuses, s.Status) {
					t.Errorf("%+v", s)
				}
			}
		}
	})
}

// P-22: each format says which document it is, and of when this version of it is.
func TestP22_VEXSaysItsVersion(t *testing.T) {
	for name, c := range map[string]struct{ typ, text, id, issued string }{
		"OpenVEX":          {TypeVEX, `{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "urn:1", "author": "a", "timestamp": "2026-11-01T00:00:00Z", "last_updated": "2026-11-02T00:00:00Z"}`, "urn:1", "2026-11-02T00:00:00Z"},
		"CycloneDX":        {TypeVEXCycloneDX, `{"bomFormat": "CycloneDX", "serialNumber": "urn:uuid:1", "metadata": {"timestamp": "2026-11-02T00:00:00Z"}}`, "urn:uuid:1", "2026-11-02T00:00:00Z"},
		"CSAF":             {TypeVEXCSAF, `{"document": {"category": "csaf_vex", "csaf_version": "2.0", "publisher": {"namespace": "https://a"}, "tracking": {"id": "1", "status": "final", "current_release_date": "2026-11-02T00:00:00Z"}}}`, "https://a\x001", "2026-11-02T00:00:00Z"},
		"no id":            {TypeVEXCSAF, `{"document": {"category": "csaf_vex", "csaf_version": "2.0", "tracking": {"status": "final", "current_release_date": "2026-11-02T00:00:00Z"}}}`, "", "0001-01-01T00:00:00Z"},
		"no readable time": {TypeVEXCycloneDX, `{"bomFormat": "CycloneDX", "serialNumber": "urn:uuid:1", "metadata": {"timestamp": "soon"}}`, "", "0001-01-01T00:00:00Z"},
	} {
		v, err := decodeVEX(c.typ, c.text)
		if err != nil || v.ID != c.id || Time(v.Issued) != c.issued {
			t.Errorf("%s: %v, %q of %s", name, err, v.ID, Time(v.Issued))
		}
	}
}
