// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package stage

import (
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/scanners/imports"
)

func found(fingerprints []string, vulnerabilities ...predicate.VulnResult) []Report {
	at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	secrets, vulns := attesttest.Findings("secrets", at), attesttest.Vulns(at, vulnerabilities...)
	for _, fp := range fingerprints {
		secrets.Findings = append(secrets.Findings, predicate.Finding{Rule: "r", Path: "a", Fingerprint: fp})
	}
	return []Report{{Secrets: &secrets, Vulns: &vulns}}
}

// Z17: what was there before is marked, what is new is not.
func TestMarkKnown(t *testing.T) {
	now := found([]string{"1", "2"}, attesttest.Vulnerability("CVE-1", "high", "pkg:npm/a@1"), attesttest.Vulnerability("CVE-2", "high", "pkg:npm/a@1"), attesttest.Vulnerability("CVE-1", "high", "pkg:npm/b@1"))
	before := found([]string{"2", "3"}, attesttest.Vulnerability("CVE-1", "low", "pkg:NPM/a@1"))
	if n := MarkKnown(now, before); n != 2 {
		t.Errorf("%d marked", n)
	}
	f, v := now[0].Secrets.Findings, now[0].Vulns.Scanner.Result
	if f[0].Baseline || !f[1].Baseline || !v[0].Annotations[0].Baseline || v[1].Annotations[0].Baseline || v[2].Annotations[0].Baseline {
		t.Errorf("found %+v, %+v", f, v)
	}
	config := found(nil)
	config[0].Config, config[0].Secrets = found([]string{"2"})[0].Secrets, nil
	config[0].Config.Category = "config"
	if MarkKnown(config, before) != 0 {
		t.Error("a finding of another scanner was taken for it")
	}
}

func TestMarkKnownPackages(t *testing.T) {
	for name, text := range map[string]string{
		"CycloneDX":        `{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"type": "application", "name": "x", "components": [{"type": "library", "name": "a", "purl": "pkg:npm/a@1"}]}]}`,
		"SPDX":             `{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "documentNamespace": "x", "packages": [{"SPDXID": "a", "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:npm/a@1"}]}]}`,
		"CycloneDX in XML": `<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"><components><component type="library"><name>a</name><version>1</version><purl>pkg:npm/a@1</purl></component></components></bom>`,
		"SPDX 3.0": `{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [{"type": "SpdxDocument", "spdxId": "urn:doc", "rootElement": ["urn:a"]},
			{"type": "software_Package", "spdxId": "urn:a", "name": "a", "software_packageUrl": "pkg:npm/a@1"}]}`,
	} {
		now := found([]string{"1"}, attesttest.Vulnerability("CVE-1", "high", "pkg:npm/a@1"), attesttest.Vulnerability("CVE-1", "high", "pkg:npm/a@2"))
		n, err := MarkKnownPackages(now, imports.Report{Name: "old.json", Data: []byte(text)})
		v := now[0].Vulns.Scanner.Result
		if err != nil || n != 1 || !v[0].Annotations[0].Baseline || v[1].Annotations[0].Baseline || now[0].Secrets.Findings[0].Baseline {
			t.Errorf("%s: %d marked, %v", name, n, err)
		}
	}
	if _, err := MarkKnownPackages(found(nil), imports.Report{Name: "x", Data: []byte(`{"bomFormat": "CycloneDX"}`)}); err == nil {
		t.Error("something else was taken for a bill of materials")
	}
}
