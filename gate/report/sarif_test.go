// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report/sarif"
)

func decodeLog(t *testing.T, data []byte) sarif.Log {
	t.Helper()
	var log sarif.Log
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&log); err != nil || d.More() {
		t.Fatalf("not one SARIF document: %v\n%s", err, data)
	}
	for _, run := range log.Runs {
		for _, r := range run.Results {
			if r.RuleIndex >= len(run.Tool.Driver.Rules) || run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
				t.Errorf("result of %s points to rule %d", r.RuleID, r.RuleIndex)
			}
		}
	}
	return log
}

func TestScanSARIF(t *testing.T) {
	f := &predicate.Findings{
		Category: "config", Complete: true, Scanner: predicate.FindingScanner{Name: "sealock", Version: "1"},
		Rules: []predicate.FindingRule{{ID: "workload.privileged", Title: "Containers are not privileged", Description: "why", Severity: "critical", References: []string{"https://example.com"}}},
		Findings: []predicate.Finding{
			{Rule: "workload.privileged", Severity: "critical", Message: "container \"a\" is privileged", Path: "deploy/a b:c.yaml", Line: 7, Column: 3, EndLine: 9, Resource: "Pod default/a", Fix: "leave it out", Fingerprint: "aa"},
			{Rule: "workload.privileged", Severity: "medium", Message: "again", Path: "x:y.yaml"},
			{Rule: "other", Severity: "odd", Message: "no place"},
		},
	}
	v := &predicate.Vulns{Scanner: predicate.VulnScanner{Result: []predicate.VulnResult{{ID: "CVE-1", Severity: []predicate.Severity{{Method: "sealock", Score: "low"}},
		Annotations: []predicate.VulnAnnotation{{PURL: "pkg:npm/a@1", Name: "a", Version: "1", FixedIn: []string{"2"}, Locations: []string{"/package-lock.json"}}}}}}}
	var b bytes.Buffer
	if err := ScanSARIF(&b, []Scan{{Subject: attest.Subject{Name: "s"}, Vulns: v, Findings: []*predicate.Findings{f}}}); err != nil {
		t.Fatal(err)
	}
	log := decodeLog(t, b.Bytes())
	if len(log.Runs) != 2 || len(log.Runs[0].Results) != 1 || len(log.Runs[1].Results) != 3 || len(log.Runs[1].Tool.Driver.Rules) != 2 {
		t.Fatalf("found %s", b.Bytes())
	}
	if r := log.Runs[0].Results[0]; r.Level != "note" || r.Locations[0].Physical.Artifact.URI != "package-lock.json" {
		t.Errorf("found %+v", r)
	}
	r := log.Runs[1].Results
	if loc := r[0].Locations[0]; r[0].Level != "error" || loc.Physical.Artifact.URI != "deploy/a%20b:c.yaml" || loc.Physical.Region.StartLine != 7 || loc.Physical.Region.EndLine != 9 || loc.Logical[0].FullyQualifiedName != "Pod default/a" {
		t.Errorf("found %+v", loc)
	}
	if r[1].Level != "warning" || r[1].Locations[0].Physical.Artifact.URI != "./x:y.yaml" || r[1].Locations[0].Physical.Region != nil {
		t.Errorf("found %+v", r[1])
	}
	if r[2].Level != "error" || r[2].Locations != nil { // a severity that is not known counts as bad
		t.Errorf("found %+v", r[2])
	}
}

// O-14: the verdict, and how many reasons there are, is the same in JSON and SARIF.
func TestO14_SARIFSaysWhatJSONSays(t *testing.T) {
	d := gate.Decision{Verdict: gate.Refused, ID: "sha256:1", At: "2026-01-01T00:00:00Z",
		Reasons:  []gate.Reason{{Code: "CONFIG_FINDING", Message: "a", Expected: "b", Found: "c", Fix: "d", Key: &gate.WaiverScope{Path: "a.yaml"}}, {Code: "DB_STALE", Message: "old"}},
		Warnings: []gate.Reason{{Code: "DEGRADED", Message: "w"}},
		Waived:   []gate.Waived{{Reason: gate.Reason{Code: "VULNERABILITY", Message: "v"}, Waiver: gate.Waiver{Reason: "not reachable"}}}}
	var b bytes.Buffer
	if err := Write(&b, "sarif", []gate.Decision{d, {}}, Options{}); err != nil {
		t.Fatal(err)
	}
	log := decodeLog(t, b.Bytes())
	if len(log.Runs) != 2 || log.Runs[0].Properties["verdict"] != "refused" || log.Runs[1].Properties["verdict"] != "refused" { // the zero decision refuses
		t.Fatalf("found %s", b.Bytes())
	}
	levels := map[string]int{}
	for _, r := range log.Runs[0].Results {
		levels[r.Level]++
	}
	if levels["error"] != 1+len(d.Reasons) || levels["warning"] != len(d.Warnings) || levels["note"] != len(d.Waived) {
		t.Errorf("found %v", levels)
	}
	if r := log.Runs[0].Results[4]; len(r.Suppressions) != 1 || !strings.HasSuffix(r.Suppressions[0].Justification, ": not reachable") {
		t.Errorf("found %+v", r)
	}
}
