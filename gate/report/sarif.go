// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
)

// The part of SARIF 2.1.0 that is written (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		Results     []sarifResult     `json:"results"`
		Properties  map[string]any    `json:"properties,omitempty"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri,omitempty"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string         `json:"id"`
		ShortDescription *sarifText     `json:"shortDescription,omitempty"`
		FullDescription  *sarifText     `json:"fullDescription,omitempty"`
		HelpURI          string         `json:"helpUri,omitempty"`
		Properties       map[string]any `json:"properties,omitempty"`
	}
	sarifInvocation struct {
		ExecutionSuccessful bool   `json:"executionSuccessful"`
		StartTimeUTC        string `json:"startTimeUtc,omitempty"`
		EndTimeUTC          string `json:"endTimeUtc,omitempty"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints,omitempty"`
		Baseline     string            `json:"baselineState,omitempty"`
		Suppressions []sarifSuppressed `json:"suppressions,omitempty"`
		Properties   map[string]any    `json:"properties,omitempty"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifLocation struct {
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
	}
	sarifLogical struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
	}
	sarifSuppressed struct {
		Kind          string `json:"kind"`
		Justification string `json:"justification,omitempty"`
	}
)

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	projectURI  = "https://github.com/sealock-dev/sealock"
)

// Scan is what one scan of a subject found. What was not looked for is nil.
type Scan struct {
	Subject  attest.Subject
	Vulns    *predicate.Vulns
	Findings []*predicate.Findings
}

// ScanSARIF writes scans as one SARIF log, a run for each tool and subject. A scan judges nothing, so the levels are those of the findings.
func ScanSARIF(w io.Writer, scans []Scan) error {
	log := newLog()
	for _, s := range scans {
		if s.Vulns != nil {
			log.Runs = append(log.Runs, vulnsRun(s.Subject, *s.Vulns))
		}
		for _, f := range s.Findings {
			log.Runs = append(log.Runs, findingsRun(s.Subject, *f))
		}
	}
	return log.write(w)
}

// SARIF writes decisions as one SARIF log, a run for each: a result for each reason, warning and waived reason. The verdict is in the run's properties.
func SARIF(w io.Writer, decisions []gate.Decision) error {
	log := newLog()
	for _, d := range decisions {
		log.Runs = append(log.Runs, decisionRun(d))
	}
	return log.write(w)
}

func decisionRun(d gate.Decision) sarifRun {
	run := newRun("sealock", d.Evaluator.Version, projectURI)
	run.Properties = map[string]any{"verdict": d.Verdict, "decision": d.ID, "subject": d.Subject.Name, "environment": d.Environment, "question": d.Question}
	run.Invocations[0].EndTimeUTC = d.At
	for _, r := range d.Reasons {
		run.add(reasonResult(r, "error"), sarifRule{})
	}
	for _, r := range d.Warnings {
		run.add(reasonResult(r, "warning"), sarifRule{})
	}
	for _, x := range d.Waived {
		res := reasonResult(x.Reason, "note")
		res.Suppressions = []sarifSuppressed{{Kind: "external", Justification: cmp.Or(x.Waiver.Reason, x.Why())}}
		run.add(res, sarifRule{})
	}
	return run
}

func newLog() *sarifLog { return &sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{}} }

func (l *sarifLog) write(w io.Writer) error {
	b, err := attest.EncodeJSON(l)
	if err != nil {
		return fmt.Errorf("writing SARIF: %w", err)
	}
	_, err = fmt.Fprintf(w, "%s\n", b)
	return err
}

func newRun(name, version, uri string) sarifRun {
	return sarifRun{Tool: sarifTool{sarifDriver{Name: name, Version: version, InformationURI: uri, Rules: []sarifRule{}}},
		Invocations: []sarifInvocation{{ExecutionSuccessful: true}}, Results: []sarifResult{}}
}

// add keeps a result, and its rule if that is new.
func (r *sarifRun) add(res sarifResult, rule sarifRule) {
	rules := &r.Tool.Driver.Rules
	rule.ID = res.RuleID
	if res.RuleIndex = slices.IndexFunc(*rules, func(x sarifRule) bool { return x.ID == rule.ID }); res.RuleIndex < 0 {
		res.RuleIndex, *rules = len(*rules), append(*rules, rule)
	}
	r.Results = append(r.Results, res)
}

func reasonResult(r gate.Reason, level string) sarifResult {
	text := r.Message
	for _, part := range []struct{ name, value string }{{"expected", r.Expected}, {"found", r.Found}, {"fix", r.Fix}} {
		if part.value != "" {
			text += "\n" + part.name + ": " + part.value
		}
	}
	res := sarifResult{RuleID: r.Code, Level: level, Message: sarifText{text}, Properties: map[string]any{}}
	for name, value := range map[string]string{"stage": r.Stage, "rule": r.Rule} {
		if value != "" {
			res.Properties[name] = value
		}
	}
	if r.Key != nil && r.Key.Path != "" {
		res.Locations = []sarifLocation{{Physical: &sarifPhysical{Artifact: sarifArtifact{fileURI(r.Key.Path)}}}}
	}
	return res
}

func findingsRun(subject attest.Subject, f predicate.Findings) sarifRun {
	run := newRun(f.Scanner.Name, f.Scanner.Version, "")
	run.Properties = map[string]any{"subject": subject.String(), "category": f.Category, "rulesDigest": f.Scanner.RulesDigest, "suppressionsIgnored": len(f.Suppressed)}
	run.Invocations[0] = sarifInvocation{ExecutionSuccessful: f.Complete, StartTimeUTC: f.StartedOn, EndTimeUTC: f.FinishedOn}
	about := make(map[string]predicate.FindingRule, len(f.Rules))
	for _, r := range f.Rules {
		about[r.ID] = r
	}
	for _, x := range f.Findings {
		rule := sarifRule{}
		if r, known := about[x.Rule]; known {
			rule.ShortDescription, rule.Properties = &sarifText{r.Title}, map[string]any{"security-severity": cvss(r.Severity)}
			if r.Description != "" {
				rule.FullDescription = &sarifText{r.Description}
			}
			if len(r.References) > 0 {
				rule.HelpURI = r.References[0]
			}
		}
		run.add(findingResult(x), rule)
	}
	return run
}

func findingResult(x predicate.Finding) sarifResult {
	text := x.Message
	if x.Fix != "" {
		text += "\nfix: " + x.Fix
	}
	res := sarifResult{RuleID: x.Rule, Level: sarifLevel(x.Severity), Message: sarifText{text}, Properties: map[string]any{"severity": x.Severity}}
	if x.Baseline {
		res.Baseline = "unchanged"
	}
	if x.Fingerprint != "" {
		res.Fingerprints = map[string]string{"sealock/v1": x.Fingerprint}
	}
	loc := sarifLocation{}
	if x.Path != "" {
		loc.Physical = &sarifPhysical{Artifact: sarifArtifact{fileURI(x.Path)}}
		if x.Line > 0 {
			loc.Physical.Region = &sarifRegion{StartLine: x.Line, StartColumn: max(x.Column, 0)}
			if x.EndLine > x.Line {
				loc.Physical.Region.EndLine = x.EndLine
			}
		}
	}
	if x.Resource != "" {
		loc.Logical = []sarifLogical{{x.Resource}}
	}
	if loc.Physical != nil || loc.Logical != nil {
		res.Locations = []sarifLocation{loc}
	}
	if x.Commit != "" {
		res.Properties["commit"] = x.Commit
	}
	return res
}

func vulnsRun(subject attest.Subject, v predicate.Vulns) sarifRun {
	run := newRun("grype", v.Scanner.Version, v.Scanner.URI)
	run.Properties = map[string]any{"subject": subject.String(), "dataBuilt": v.Scanner.DB.Built, "dataDigest": v.Scanner.DB.Digest}
	run.Invocations[0].StartTimeUTC, run.Invocations[0].EndTimeUTC = v.Metadata.ScanStartedOn, v.Metadata.ScanFinishedOn
	for _, r := range v.Scanner.Result {
		severity := "unknown"
		for _, s := range r.Severity {
			if s.Method == "sealock" {
				severity = s.Score
			}
		}
		for _, a := range r.Annotations {
			text := fmt.Sprintf("%s %s has %s", a.Name, a.Version, r.ID)
			if len(a.FixedIn) > 0 {
				text += "\nfix: update to " + strings.Join(a.FixedIn, " or ")
			}
			res := sarifResult{RuleID: r.ID, Level: sarifLevel(severity), Message: sarifText{text},
				Fingerprints: map[string]string{"sealock/v1": r.ID + " " + a.PURL}, Properties: map[string]any{"severity": severity, "purl": a.PURL, "kev": a.KEV, "epss": a.EPSS}}
			if a.Baseline {
				res.Baseline = "unchanged"
			}
			for _, file := range a.Locations {
				res.Locations = append(res.Locations, sarifLocation{Physical: &sarifPhysical{Artifact: sarifArtifact{fileURI(strings.TrimPrefix(file, "/"))}}})
			}
			run.add(res, sarifRule{Properties: map[string]any{"security-severity": cvss(severity)}})
		}
	}
	return run
}

// sarifLevel maps a severity to SARIF's three levels; what is not known counts as bad.
func sarifLevel(severity string) string {
	switch severity {
	case "medium":
		return "warning"
	case "low", "negligible":
		return "note"
	}
	return "error"
}

// cvss is a score in the middle of a severity's band (https://nvd.nist.gov/vuln-metrics/cvss), by which code scanning services sort.
func cvss(severity string) string {
	return cmp.Or(map[string]string{"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0", "negligible": "0.1"}[severity], "8.0")
}

// fileURI escapes a path below the root as a relative URI.
func fileURI(path string) string { return (&url.URL{Path: path}).String() }
