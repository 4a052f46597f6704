// SPDX-License-Identifier: Apache-2.0

package attesttest

import (
	"crypto/sha1" //nolint:gosec // Git's commit ids
	"encoding/hex"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// Artifact is a subject with the sha256 of some text.
func Artifact(name, content string) attest.Subject {
	return attest.Subject{Name: name, Digest: attest.DigestSet{"sha256": attest.SHA256([]byte(content)).Hex}}
}

// Source is a subject of a Git commit and its tree.
func Source(name, content string) attest.Subject {
	commit := sha1.Sum([]byte(content)) //nolint:gosec // see above
	return attest.Subject{Name: name, Digest: attest.DigestSet{"gitCommit": hex.EncodeToString(commit[:]), "gitTree256": attest.SHA256([]byte("tree " + content)).Hex}}
}

// Material names a subject as a material.
func Material(s attest.Subject) attest.ResourceDescriptor {
	return attest.ResourceDescriptor{Name: s.Name, Digest: s.Digest}
}

// Receipt names a receipt as a material.
func Receipt(stage string, id attest.Digest) attest.ResourceDescriptor {
	return attest.ResourceDescriptor{Name: predicate.ReceiptPrefix + stage, Digest: attest.DigestSet{id.Algorithm: id.Hex}, MediaType: attest.PayloadInToto}
}

// SBOM is CycloneDX about an artifact, with one component for each package URL.
func SBOM(about attest.Subject, purls ...string) map[string]any {
	properties := []any{}
	for _, d := range about.Digest.Digests() {
		properties = append(properties, map[string]any{"name": "sealock:digest:" + d.Algorithm, "value": d.Hex})
	}
	components := []any{}
	for _, p := range purls {
		components = append(components, map[string]any{"bom-ref": p, "type": "library", "name": p, "version": "1.0.0", "purl": p})
	}
	return map[string]any{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": components,
		"metadata": map[string]any{"component": map[string]any{"bom-ref": "root", "type": "container", "name": about.Name, "properties": properties}}}
}

// Vulns is a vulnerability scan that finished at a time, with data of the day before.
func Vulns(finished time.Time, results ...predicate.VulnResult) predicate.Vulns {
	if results == nil {
		results = []predicate.VulnResult{}
	}
	return predicate.Vulns{
		Scanner: predicate.VulnScanner{URI: "https://github.com/sealock-dev/sealock", Version: "1.0.0", Result: results,
			DB: predicate.VulnDB{Version: "6", LastUpdate: predicate.Time(finished.Add(-24 * time.Hour)), Built: predicate.Time(finished.Add(-20 * time.Hour)), Packages: 2}},
		Metadata: predicate.ScanMetadata{ScanStartedOn: predicate.Time(finished.Add(-time.Minute)), ScanFinishedOn: predicate.Time(finished)},
	}
}

// Vulnerability is one result of a scan.
func Vulnerability(id, severity, purl string) predicate.VulnResult {
	return predicate.VulnResult{ID: id, Severity: []predicate.Severity{{Method: "sealock", Score: severity}},
		Annotations: []predicate.VulnAnnotation{{PURL: purl, Name: purl, Version: "1.0.0", FixState: "fixed", FixedIn: []string{"2.0.0"}, Aliases: []string{}}}}
}

// Findings is a complete scan of a category that finished at a time.
func Findings(category string, finished time.Time, found ...predicate.Finding) predicate.Findings {
	if found == nil {
		found = []predicate.Finding{}
	}
	return predicate.Findings{Category: category, Complete: true, Findings: found, Suppressed: []predicate.Suppressed{}, Skipped: []string{},
		Scanner:   predicate.FindingScanner{Name: "sealock", Version: "1.0.0", RulesDigest: attest.SHA256([]byte("rules")).String()},
		Scope:     predicate.Scope{Files: 10, Bytes: 1000, Commits: 1},
		StartedOn: predicate.Time(finished.Add(-time.Minute)), FinishedOn: predicate.Time(finished)}
}

// Provenance is that of a build from materials.
func Provenance(builder, run string, finished time.Time, from ...attest.ResourceDescriptor) predicate.Provenance {
	if from == nil {
		from = []attest.ResourceDescriptor{}
	}
	return predicate.Provenance{
		BuildDefinition: predicate.BuildDefinition{BuildType: "https://example.com/build/v1", ExternalParameters: map[string]any{"target": "image"}, ResolvedDependencies: from},
		RunDetails: predicate.RunDetails{Builder: predicate.Builder{ID: builder},
			Metadata: predicate.BuildMetadata{InvocationID: run, StartedOn: predicate.Time(finished.Add(-2 * time.Minute)), FinishedOn: predicate.Time(finished)}},
	}
}

// TestResult is a run of tests with a result such as PASSED.
func TestResult(result string) map[string]any {
	return map[string]any{"result": result, "configuration": []any{}, "passedTests": []any{"a"}, "warnedTests": []any{}, "failedTests": []any{}}
}
