// SPDX-License-Identifier: Apache-2.0

// Package sarif has the form in which findings are handed to code scanning services. It writes; scanners/imports reads what others write.
package sarif

import (
	"fmt"
	"io"
	"slices"

	"github.com/sealock-dev/sealock/attest"
)

// The part of SARIF 2.1.0 that is written (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).
type (
	// Log is a document.
	Log struct {
		Schema  string `json:"$schema"`
		Version string `json:"version"`
		Runs    []Run  `json:"runs"`
	}
	// Run is what one tool found about one thing.
	Run struct {
		Tool        Tool           `json:"tool"`
		Invocations []Invocation   `json:"invocations"`
		Results     []Result       `json:"results"`
		Properties  map[string]any `json:"properties,omitempty"`
	}
	// Tool holds the driver.
	Tool struct {
		Driver Driver `json:"driver"`
	}
	// Driver is the tool, with the rules that results point to.
	Driver struct {
		Name           string `json:"name"`
		Version        string `json:"version,omitempty"`
		InformationURI string `json:"informationUri,omitempty"`
		Rules          []Rule `json:"rules"`
	}
	// Rule is what results of one kind have in common.
	Rule struct {
		ID               string         `json:"id"`
		ShortDescription *Text          `json:"shortDescription,omitempty"`
		FullDescription  *Text          `json:"fullDescription,omitempty"`
		HelpURI          string         `json:"helpUri,omitempty"`
		Properties       map[string]any `json:"properties,omitempty"`
	}
	// Invocation says whether the tool came to its end, and when.
	Invocation struct {
		ExecutionSuccessful bool   `json:"executionSuccessful"`
		StartTimeUTC        string `json:"startTimeUtc,omitempty"`
		EndTimeUTC          string `json:"endTimeUtc,omitempty"`
	}
	// Result is one finding. RuleIndex points into the rules of the driver.
	Result struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      Text              `json:"message"`
		Locations    []Location        `json:"locations,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints,omitempty"`
		Baseline     string            `json:"baselineState,omitempty"`
		Suppressions []Suppression     `json:"suppressions,omitempty"`
		Properties   map[string]any    `json:"properties,omitempty"`
	}
	// Text is a plain text.
	Text struct {
		Text string `json:"text"`
	}
	// Location is a place in a file, or a thing by its name.
	Location struct {
		Physical *Physical `json:"physicalLocation,omitempty"`
		Logical  []Logical `json:"logicalLocations,omitempty"`
	}
	// Physical is a place in a file.
	Physical struct {
		Artifact Artifact `json:"artifactLocation"`
		Region   *Region  `json:"region,omitempty"`
	}
	// Artifact names a file by a relative URI.
	Artifact struct {
		URI string `json:"uri"`
	}
	// Region is a part of a file; lines and columns count from 1.
	Region struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
	}
	// Logical names a thing, such as a resource.
	Logical struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
		Kind               string `json:"kind,omitempty"`
	}
	// Suppression says that a result was accepted.
	Suppression struct {
		Kind          string `json:"kind"`
		Justification string `json:"justification,omitempty"`
	}
)

// ProjectURI is where a run says that sealock is at home.
const ProjectURI = "https://github.com/sealock-dev/sealock"

const schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// Write writes runs as one log.
func Write(w io.Writer, runs []Run) error {
	b, err := attest.EncodeJSON(Log{Schema: schema, Version: "2.1.0", Runs: append([]Run{}, runs...)})
	if err != nil {
		return fmt.Errorf("writing SARIF: %w", err)
	}
	_, err = fmt.Fprintf(w, "%s\n", b)
	return err
}

// NewRun is a run of a tool that came to its end and found nothing.
func NewRun(name, version, uri string) Run {
	return Run{Tool: Tool{Driver{Name: name, Version: version, InformationURI: uri, Rules: []Rule{}}}, Invocations: []Invocation{{ExecutionSuccessful: true}}, Results: []Result{}}
}

// Add keeps a result, and its rule if that is new.
func (r *Run) Add(res Result, rule Rule) {
	rules := &r.Tool.Driver.Rules
	rule.ID = res.RuleID
	if res.RuleIndex = slices.IndexFunc(*rules, func(x Rule) bool { return x.ID == rule.ID }); res.RuleIndex < 0 {
		res.RuleIndex, *rules = len(*rules), append(*rules, rule)
	}
	r.Results = append(r.Results, res)
}
