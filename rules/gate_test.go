// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestAllowed(t *testing.T) {
	if r := eval(t, builtins(t), allowed(t), nil); len(r) != 0 {
		t.Fatalf("expected no results, found %+v", r)
	}
}

// gateCases each change one thing in the allowed document. THREATS.md ids stand in the names where one applies.
var gateCases = []struct {
	name, kind, path string
	value            any
	params           string // JSON
	want             string // codes, sorted by rule; ~ means a warning
}{
	{"high severity", "vulns", "scanner.result.0.severity.0.score", "high", ``, "VULNERABILITY"},
	{"threshold", "vulns", "scanner.result.0.severity.0.score", "medium", `{"vulnerabilities": {"refuse": "medium"}}`, "VULNERABILITY"},
	{"a score is worse than the word", "vulns", "scanner.result.0.severity.1.score", "7.5", ``, "VULNERABILITY"},
	{"a score of CVSS v2, which has no critical", "vulns", "scanner.result.0.severity.1", map[string]any{"method": "2.0", "score": "10.0"}, `{"vulnerabilities": {"refuse": "critical"}}`, ""},
	{"P-21 CRITICAL with a space", "vulns", "scanner.result.0.severity.0.score", "CRITICAL ", ``, "VULNERABILITY"},
	{"P-21 crit", "vulns", "scanner.result.0.severity.0.score", "crit", ``, "VULNERABILITY"},
	{"P-21 null score", "vulns", "scanner.result.0.severity.0.score", nil, ``, "VULNERABILITY"},
	{"P-21 null severity", "vulns", "scanner.result.0.severity", nil, ``, "VULNERABILITY"},
	{"P-21 no severity", "vulns", "scanner.result.0.severity", remove{}, ``, "VULNERABILITY"},
	{"P-21 empty severity", "vulns", "scanner.result.0.severity", []any{}, ``, "VULNERABILITY"},
	{"P-21 unknown", "vulns", "scanner.result.0.severity.0.score", "unknown", ``, "VULNERABILITY"},
	{"P-21 unknown counts as low", "vulns", "scanner.result.0.severity.0.score", "UNKNOWN", `{"vulnerabilities": {"unknown": "low"}}`, ""},
	{"P-21 unknown is ignored", "vulns", "scanner.result.1.severity.0.score", "unknown", `{"vulnerabilities": {"unknown": "ignore", "refuse": "negligible"}}`, "VULNERABILITY"},
	{"P-21 ignoring unknown does not ignore what is missing", "vulns", "scanner.result.1.severity", remove{}, `{"vulnerabilities": {"unknown": "ignore"}}`, "VULNERABILITY"},
	{"P-20 scores are numbers, not text", "vulns", "scanner.result.0.severity.1.score", "10.0", ``, "VULNERABILITY"},
	{"exploited", "vulns", "scanner.result.1.annotations.0.kev", true, ``, "VULNERABILITY_EXPLOITED"},
	{"exploited, switched off", "vulns", "scanner.result.1.annotations.0.kev", true, `{"vulnerabilities": {"refuseExploited": false}}`, ""},
	{"kev is text", "vulns", "scanner.result.1.annotations.0.kev", "true", ``, "EVIDENCE_MALFORMED"},
	{"no kev", "vulns", "scanner.result.1.annotations.0.kev", remove{}, ``, "EVIDENCE_MALFORMED"},
	{"epss", "vulns", "scanner.result.1.annotations.0.epss", 0.2, `{"vulnerabilities": {"epss": 0.2}}`, "VULNERABILITY"},
	{"epss below", "vulns", "scanner.result.1.annotations.0.epss", 0.19, `{"vulnerabilities": {"epss": 0.2}}`, ""},
	{"epss is text", "vulns", "scanner.result.1.annotations.0.epss", "0.9", `{"vulnerabilities": {"epss": 0.2}}`, "EVIDENCE_MALFORMED"},
	{"epss above 1", "vulns", "scanner.result.1.annotations.0.epss", 2.0, ``, "EVIDENCE_MALFORMED"},
	{"published is no time", "vulns", "scanner.result.1.annotations.0.published", "soon", ``, "EVIDENCE_MALFORMED"},
	{"published on February 30", "vulns", "scanner.result.1.annotations.0.published", "2026-02-30T00:00:00Z", ``, "EVIDENCE_MALFORMED"},
	{"two annotations", "vulns", "scanner.result.1.annotations", []any{map[string]any{}, map[string]any{}}, ``, "EVIDENCE_MALFORMED,SBOM_MISSES_PACKAGE"},
	{"no annotation", "vulns", "scanner.result.1.annotations", remove{}, ``, "EVIDENCE_MALFORMED"},
	{"result is null", "vulns", "scanner.result", nil, ``, "EVIDENCE_MALFORMED"},
	{"result is an object", "vulns", "scanner.result", map[string]any{}, ``, "EVIDENCE_MALFORMED"},
	{"no scanner", "vulns", "scanner", remove{}, `{"freshness": {"data": "none"}}`, "EVIDENCE_MALFORMED"},
	{"result without id", "vulns", "scanner.result.0.id", remove{}, ``, "EVIDENCE_MALFORMED"},
	{"grace at the level", "vulns", "scanner.result.0.annotations.0.published", "2026-11-20T00:00:00Z", `{"vulnerabilities": {"refuse": "medium", "grace": "7d"}}`, "~VULNERABILITY"},
	{"grace is over", "vulns", "scanner.result.0.annotations.0.published", "2026-11-14T00:00:00Z", `{"vulnerabilities": {"refuse": "medium", "grace": "7d"}}`, "VULNERABILITY"},
	{"no grace above the level", "vulns", "scanner.result.0.annotations.0.published", "2026-11-20T00:00:00Z", `{"vulnerabilities": {"refuse": "low", "grace": "7d"}}`, "VULNERABILITY"},
	{"no grace before publication", "vulns", "scanner.result.0.annotations.0.published", "2027-11-20T00:00:00Z", `{"vulnerabilities": {"refuse": "medium", "grace": "7d"}}`, "VULNERABILITY"},
	{"no grace without publication", "vulns", "scanner.result.0.annotations.0.published", remove{}, `{"vulnerabilities": {"refuse": "medium", "grace": "7d"}}`, "VULNERABILITY"},
	{"only what can be fixed", "vulns", "scanner.result.1.severity.0.score", "high", `{"vulnerabilities": {"onlyFixable": true}}`, "~VULNERABILITY"},
	{"unknown fix state is no excuse", "vulns", "scanner.result.1.annotations.0.fixState", "unknown", `{"vulnerabilities": {"onlyFixable": true, "refuse": "low"}}`, "VULNERABILITY"},

	{"B-14 SPDX under the CycloneDX type", "sbom", "bomFormat", remove{}, ``, "SBOM_INVALID"},
	{"B-14 format is a number", "sbom", "bomFormat", 1.0, ``, "SBOM_INVALID"},
	{"B-14 no version", "sbom", "specVersion", nil, ``, "SBOM_INVALID"},
	{"components are an object", "sbom", "components", map[string]any{}, ``, "SBOM_EMPTY,SBOM_INVALID,SBOM_MISSES_PACKAGE"},
	{"component is text", "sbom", "components.0", "left-pad", ``, "SBOM_INVALID,SBOM_MISSES_PACKAGE"},
	{"C-16 no components", "sbom", "components", []any{}, ``, "SBOM_EMPTY,SBOM_MISSES_PACKAGE"},
	{"C-16 left out", "sbom", "components", remove{}, `{"sbom": {"allowEmpty": true}}`, "SBOM_MISSES_PACKAGE"},
	{"C-16 only the root", "sbom", "components", []any{map[string]any{"bom-ref": "root", "name": "shop"}}, ``, "SBOM_EMPTY,SBOM_MISSES_PACKAGE"},
	{"C-16 incomplete by its own words", "sbom", "compositions", []any{map[string]any{"aggregate": "incomplete", "assemblies": []any{"root"}}}, ``, "SBOM_INCOMPLETE"},
	{"C-16 only its own parts", "sbom", "compositions", []any{map[string]any{"aggregate": "incomplete_first_party_only", "dependencies": []any{"root"}}}, ``, "SBOM_INCOMPLETE"},
	{"C-16 nobody knows", "sbom", "compositions", []any{map[string]any{"aggregate": "unknown"}}, ``, "SBOM_INCOMPLETE"},
	{"C-16 in words of a later version", "sbom", "compositions", []any{map[string]any{"aggregate": "mostly"}}, ``, "SBOM_INCOMPLETE"},
	{"C-16 incomplete, told", "sbom", "compositions", []any{map[string]any{"aggregate": "unknown"}}, `{"sbom": {"incomplete": "warn"}}`, "~SBOM_INCOMPLETE"},
	{"C-16 incomplete, accepted", "sbom", "compositions", []any{map[string]any{"aggregate": "unknown"}}, `{"sbom": {"incomplete": "ignore"}}`, ""},
	{"C-16 complete", "sbom", "compositions", []any{map[string]any{"aggregate": "complete", "assemblies": []any{"root"}}, map[string]any{"aggregate": "not_specified"}}, ``, ""},
	{"C-16 what a part needs is", "sbom", "compositions", []any{map[string]any{"aggregate": "incomplete", "dependencies": []any{"p1"}}}, ``, ""},
	{"C-16 a part is incomplete", "sbom", "compositions", []any{map[string]any{"aggregate": "incomplete", "assemblies": []any{"p1"}}}, ``, ""},
	{"C-16 compositions are an object", "sbom", "compositions", map[string]any{}, ``, "SBOM_INVALID"},
	{"C-16 no aggregate", "sbom", "compositions", []any{map[string]any{"assemblies": []any{"root"}}}, ``, "SBOM_INVALID"},
	{"C-16 about a list of no texts", "sbom", "compositions", []any{map[string]any{"aggregate": "incomplete", "assemblies": []any{1.0}}}, ``, "SBOM_INCOMPLETE"},
	{"root of another artifact", "sbom", "metadata.component.properties.0.value", strings.Repeat("0", 64), ``, "SBOM_ROOT_MISMATCH"},
	{"root without digest", "sbom", "metadata.component.properties", remove{}, ``, "SBOM_ROOT_MISMATCH"},
	{"root without digest, accepted", "sbom", "metadata.component.properties", remove{}, `{"sbom": {"root": false}}`, ""},
	{"root by hash", "sbom", "metadata.component", map[string]any{"hashes": []any{map[string]any{"alg": "SHA-256", "content": strings.Repeat("A", 64)}}}, ``, ""},
	{"root with two digests", "sbom", "metadata.component.hashes", []any{map[string]any{"alg": "SHA-256", "content": strings.Repeat("0", 64)}}, ``, "SBOM_ROOT_MISMATCH"},
	{"root by a weak digest", "sbom", "metadata.component", map[string]any{"hashes": []any{map[string]any{"alg": "SHA-1", "content": strings.Repeat("a", 40)}}}, ``, "SBOM_ROOT_MISMATCH"},
	{"package the scan saw", "sbom", "components.1", map[string]any{"name": "other"}, ``, "SBOM_MISSES_PACKAGE"},
	{"B-03 same package, other spelling", "sbom", "components.0.purl", "pkg:NPM/left%2Dpad@1.3.0?b=&", ``, ""},
	{"B-03 slash in the name", "sbom", "components.1.purl", "pkg:golang/example.com%2Fyaml@v1.2.0", ``, "SBOM_MISSES_PACKAGE"},
	{"B-03 dots in the namespace", "sbom", "components.1.purl", "pkg:golang/x/../example.com/yaml@v1.2.0", ``, "SBOM_MISSES_PACKAGE"},

	{"secret", "secrets", "findings", []any{finding("low")}, ``, "SECRET_FOUND"},
	{"secret below the level", "secrets", "findings", []any{finding("low")}, `{"secrets": {"refuse": "high"}}`, ""},
	{"secret of unknown severity", "secrets", "findings", []any{finding("unknown")}, `{"secrets": {"refuse": "critical"}}`, "SECRET_FOUND"},
	{"findings null", "secrets", "findings", nil, ``, "EVIDENCE_MALFORMED"},
	{"no findings", "secrets", "findings", remove{}, ``, "EVIDENCE_MALFORMED"},
	{"suppressed", "secrets", "suppressed", []any{map[string]any{"path": "a.go", "kind": "gitleaks:allow"}}, ``, "~SUPPRESSION_FOUND"},
	{"suppressed refused", "secrets", "suppressed", []any{map[string]any{"path": "a.go", "kind": "gitleaks:allow"}}, `{"secrets": {"suppressed": "refuse"}}`, "SUPPRESSION_FOUND"},
	{"no suppressed", "secrets", "suppressed", remove{}, ``, "EVIDENCE_MALFORMED"},
	{"not complete", "secrets", "complete", false, ``, "SCAN_INCOMPLETE"},
	{"complete is text", "secrets", "complete", "true", ``, "SCAN_INCOMPLETE"},
	{"complete is missing", "config", "complete", remove{}, ``, "SCAN_INCOMPLETE"},
	{"other category", "config", "category", "secrets", ``, "EVIDENCE_MALFORMED"},
	{"config high", "config", "findings", []any{finding("high")}, ``, "CONFIG_FINDING"},
	{"config medium", "config", "findings", []any{finding("medium")}, ``, ""},
	{"finding is text", "config", "findings", []any{"x"}, ``, "EVIDENCE_MALFORMED"},

	{"S-24 a report in place of the scan", "secrets", "tools", []any{map[string]any{"name": "finder"}}, ``, "TOOL_NOT_ALLOWED"},
	{"S-24 a report under our own name", "secrets", "tools", []any{map[string]any{"name": "sealock"}}, ``, "TOOL_NOT_ALLOWED"},
	{"S-24 a report of nobody", "config", "tools", []any{map[string]any{}}, ``, "TOOL_NOT_ALLOWED"},
	{"S-24 tools are text", "config", "tools", "finder", ``, "TOOL_NOT_ALLOWED"},
	{"S-24 another tool is listed", "config", "tools", []any{map[string]any{"name": "finder"}}, `{"config": {"tools": ["Finder"]}}`, "TOOL_NOT_ALLOWED"},
	{"S-24 the tool is listed", "config", "tools", []any{map[string]any{"name": "finder"}, map[string]any{"name": "other"}}, `{"config": {"tools": ["finder"]}}`, ""},
	{"S-24 no report", "config", "tools", []any{}, ``, ""},

	{"tests failed", "test", "result", "FAILED", ``, "TEST_FAILED"},
	{"tests missing", "test", "result", remove{}, ``, "TEST_FAILED"},
	{"tests warned", "test", "result", "WARNED", ``, "~TEST_FAILED"},
	{"failures named", "test", "failedTests", []any{"x"}, ``, "TEST_FAILED"},

	{"C-24 other builder", "provenance", "runDetails.builder.id", "https://evil.example", `{"provenance": {"builders": ["https://example.com/builder"]}}`, "PROVENANCE_BUILDER"},
	{"C-24 builder with a suffix", "provenance", "runDetails.builder.id", "https://example.com/builder/", `{"provenance": {"builders": ["https://example.com/builder"]}}`, "PROVENANCE_BUILDER"},
	{"builder missing", "provenance", "runDetails.builder", remove{}, ``, "EVIDENCE_MALFORMED"},
	{"source listed", "provenance", "buildDefinition.externalParameters.source", "git+https://example.com/acme/shop@refs/heads/main", `{"provenance": {"sources": ["https://example.com/acme/shop"]}}`, ""},
	{"source by its dependency", "provenance", "buildDefinition.buildType", "x", `{"provenance": {"sources": ["https://example.com/acme/shop"]}}`, ""},
	{"source not listed", "provenance", "buildDefinition.externalParameters.source", "https://example.com/evil/shop", `{"provenance": {"sources": ["https://example.com/acme/shop"]}}`, "PROVENANCE_SOURCE"},
	{"source with a longer name", "provenance", "buildDefinition.externalParameters.source", "https://example.com/acme/shop2", `{"provenance": {"sources": ["https://example.com/acme/shop"]}}`, "PROVENANCE_SOURCE"},
	{"no source", "provenance", "buildDefinition.resolvedDependencies", []any{}, `{"provenance": {"sources": ["https://example.com/acme/shop"]}}`, "PROVENANCE_SOURCE"},
	{"C-21 accepted parameter", "provenance", "buildDefinition.externalParameters.target", "image", `{"provenance": {"parameters": {"target": ["image", "test"]}}}`, ""},
	{"C-21 other value", "provenance", "buildDefinition.externalParameters.target", "shell", `{"provenance": {"parameters": {"target": "image"}}}`, "PARAMETERS"},
	{"C-21 unknown parameter", "provenance", "buildDefinition.externalParameters.debug", false, `{"provenance": {"parameters": {"target": "image"}}}`, "PARAMETERS"},
	{"C-21 missing parameter", "provenance", "buildDefinition.externalParameters", map[string]any{}, `{"provenance": {"parameters": {"target": "image"}}}`, "PARAMETERS"},
	{"C-21 no parameters", "provenance", "buildDefinition.externalParameters", remove{}, ``, "EVIDENCE_MALFORMED"},
	{"C-14 other commit", "provenance", "buildDefinition.resolvedDependencies.0.digest.gitCommit", strings.Repeat("c", 40), ``, "MATERIAL_MISMATCH"},
	{"dependency without digest", "provenance", "buildDefinition.resolvedDependencies.0.digest", remove{}, ``, "MATERIAL_MISMATCH"},
	{"digest is text", "provenance", "buildDefinition.resolvedDependencies.0.digest", "cc", ``, "EVIDENCE_MALFORMED"},
	{"dependencies null", "provenance", "buildDefinition.resolvedDependencies", nil, ``, "EVIDENCE_MALFORMED"},
	{"C-05 finished before started", "provenance", "runDetails.metadata.finishedOn", "2026-11-22T00:01:00Z", ``, "TIME_INCONSISTENT"},
	{"C-05 build in the future", "provenance", "runDetails.metadata.finishedOn", "2099-11-22T00:01:00Z", ``, "TIME_INCONSISTENT"},
	{"build time malformed", "provenance", "runDetails.metadata.startedOn", "yesterday", ``, "EVIDENCE_MALFORMED"},

	{"C-05 scan in 2099", "vulns", "metadata.scanFinishedOn", "2099-01-01T00:00:00Z", ``, "TIME_INCONSISTENT"},
	{"C-05 scan finished before it started", "vulns", "metadata.scanFinishedOn", "2026-11-22T00:05:59Z", ``, "TIME_INCONSISTENT"},
	{"C-05 data newer than the scan", "vulns", "scanner.db.lastUpdate", "2026-11-22T00:30:00Z", ``, "TIME_INCONSISTENT"},
	{"C-05 secrets", "secrets", "finishedOn", "2026-11-21T00:00:00Z", ``, "TIME_INCONSISTENT"},
	{"scan time missing", "vulns", "metadata.scanFinishedOn", remove{}, ``, "EVIDENCE_MALFORMED"},
	{"scan time is a number", "vulns", "metadata.scanStartedOn", 5.0, ``, "EVIDENCE_MALFORMED"},
	{"scan time year 9999", "vulns", "metadata.scanFinishedOn", "9999-01-01T00:00:00Z", ``, "EVIDENCE_MALFORMED"},
	{"data too old", "vulns", "scanner.db.lastUpdate", "2026-11-16T00:00:00Z", ``, "DB_STALE"},
	{"data age switched off", "vulns", "scanner.db.lastUpdate", "2020-11-16T00:00:00Z", `{"freshness": {"data": "none"}}`, ""},
	{"data date missing", "vulns", "scanner.db.lastUpdate", remove{}, ``, "EVIDENCE_MALFORMED"},
	{"data date null", "vulns", "scanner.db.lastUpdate", nil, ``, "EVIDENCE_MALFORMED"},
	{"database built too long ago", "vulns", "scanner.db.built", "2026-11-01T00:00:00Z", `{"freshness": {"built": "2d"}}`, "DB_STALE"},
	{"evidence too old", "vulns", "metadata.scanStartedOn", "2026-11-22T00:06:00Z", `{"freshness": {"evidence": {"vulns": "30m"}}}`, "EVIDENCE_STALE"},
	{"evidence young enough", "vulns", "metadata.scanStartedOn", "2026-11-22T00:06:00Z", `{"freshness": {"evidence": {"vulns": "1h"}}}`, ""},

	{"license allowed", "sbom", "components.0.licenses.0.license.id", "MIT", `{"licenses": {"allow": ["mit", "Apache-2.0"]}}`, ""},
	{"license not allowed", "sbom", "components.0.licenses.0.license.id", "BSD-3-Clause", `{"licenses": {"allow": ["MIT", "Apache-2.0"]}}`, "LICENSE_NOT_ALLOWED"},
	{"license denied", "sbom", "components.0.licenses.0.license.id", "GPL-3.0-only", `{"licenses": {"deny": ["GPL-3.0-only"]}}`, "LICENSE_NOT_ALLOWED"},
	{"both of two", "sbom", "components.0.licenses.0", map[string]any{"expression": "MIT AND GPL-3.0-only"}, `{"licenses": {"allow": ["MIT", "Apache-2.0"]}}`, "LICENSE_NOT_ALLOWED"},
	{"parentheses", "sbom", "components.0.licenses.0", map[string]any{"expression": "(GPL-3.0-only AND ISC) OR (MIT AND Apache-2.0)"}, `{"licenses": {"allow": ["MIT", "Apache-2.0"]}}`, ""},
	{"exception of an allowed license", "sbom", "components.0.licenses.0", map[string]any{"expression": "Apache-2.0 WITH LLVM-exception"}, `{"licenses": {"allow": ["MIT", "Apache-2.0"]}}`, ""},
	{"exception of a denied license", "sbom", "components.0.licenses.0", map[string]any{"expression": "GPL-2.0-only WITH Classpath-exception-2.0"}, `{"licenses": {"deny": ["GPL-2.0-only"]}}`, "LICENSE_NOT_ALLOWED"},
	{"exception that is allowed", "sbom", "components.0.licenses.0", map[string]any{"expression": "GPL-2.0-only WITH Classpath-exception-2.0"}, `{"licenses": {"deny": ["GPL-2.0-only"], "allow": ["MIT", "Apache-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"]}}`, ""},
	{"no license", "sbom", "components.0.licenses", remove{}, `{"licenses": {"allow": ["Apache-2.0"]}}`, "~LICENSE_UNKNOWN"},
	{"no license, refused", "sbom", "components.0.licenses", remove{}, `{"licenses": {"allow": ["Apache-2.0"], "unknown": "refuse"}}`, "LICENSE_UNKNOWN"},
	{"unreadable license", "sbom", "components.0.licenses.0", map[string]any{"license": map[string]any{"name": "see (LICENSE"}}, `{"licenses": {"deny": ["GPL-3.0-only"]}}`, "~LICENSE_UNKNOWN"},
	{"unreadable license that is listed", "sbom", "components.0.licenses.0", map[string]any{"license": map[string]any{"name": "see (LICENSE"}}, `{"licenses": {"allow": ["See (LICENSE", "Apache-2.0"]}}`, ""},
	{"NOASSERTION", "sbom", "components.0.licenses.0.license.id", "NOASSERTION", `{"licenses": {"deny": ["GPL-3.0-only"]}}`, "~LICENSE_UNKNOWN"},
}

func finding(severity string) map[string]any {
	return map[string]any{"rule": "generic", "severity": severity, "message": "found", "path": "main.go", "line": 3.0, "fingerprint": "ab"}
}

func TestGateRules(t *testing.T) {
	s := builtins(t)
	for _, c := range gateCases {
		t.Run(c.name, func(t *testing.T) {
			doc := allowed(t)
			set(t, predicateOf(t, doc, c.kind), c.path, c.value)
			results := eval(t, s, doc, paramsOf(t, c.params))
			got := codes(results)
			slices.Sort(got)
			if strings.Join(got, ",") != c.want {
				t.Errorf("expected %q, found %+v", c.want, results)
			}
			for _, r := range results {
				if r.Message == "" || r.Evidence == "" || r.Fix == "" || strings.Contains(r.Message+r.Fix+r.Found, "%!") {
					t.Errorf("a reason that helps nobody: %+v", r)
				}
			}
		})
	}
}

func paramsOf(t testing.TB, text string) settings {
	t.Helper()
	if text == "" {
		return nil
	}
	var p settings
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatal(err)
	}
	return p
}
