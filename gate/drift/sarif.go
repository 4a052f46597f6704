// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest"
)

// The part of SARIF 2.1.0 that is written (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		Results     []sarifResult     `json:"results"`
		Properties  map[string]any    `json:"properties"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string    `json:"id"`
		ShortDescription sarifText `json:"shortDescription"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifInvocation struct {
		ExecutionSuccessful bool   `json:"executionSuccessful"`
		EndTimeUTC          string `json:"endTimeUtc"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
		Properties   map[string]any    `json:"properties"`
	}
	sarifLocation struct {
		Logical []sarifLogical `json:"logicalLocations"`
	}
	sarifLogical struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
		Kind               string `json:"kind"`
	}
)

// SARIF writes a report as one log with one run: a result for each image that is not in order, the status as its rule.
func SARIF(w io.Writer, r Report) error {
	run := sarifRun{Results: []sarifResult{}, Invocations: []sarifInvocation{{ExecutionSuccessful: true, EndTimeUTC: r.At}},
		Properties: map[string]any{"verdict": r.Verdict, "summary": r.Summary, "policy": r.Policy}}
	run.Tool.Driver = sarifDriver{Name: "sealock drift", InformationURI: "https://github.com/sealock-dev/sealock"}
	var rules []Status
	for _, s := range Statuses() {
		if s != Verified {
			rules = append(rules, s)
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{"drift/" + string(s), sarifText{s.about()}})
		}
	}
	for _, x := range r.Results {
		if at := slices.Index(rules, x.Status); at >= 0 {
			run.Results = append(run.Results, sarifOf(x, at))
		}
	}
	return writeJSON(w, sarifLog{"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func sarifOf(x Result, rule int) sarifResult {
	codes := []string{}
	for _, r := range x.Reasons {
		codes = append(codes, r.Code)
	}
	image := cmp.Or(x.Ref, x.Image)
	where := strings.Join([]string{x.Environment, x.Namespace, x.Workload, x.Kind, x.Container}, "/")
	return sarifResult{
		RuleID: "drift/" + string(x.Status), RuleIndex: rule, Level: "error", Message: sarifText{strings.TrimSpace(reasons(x))},
		Locations:    []sarifLocation{{[]sarifLogical{{where, "resource"}}}},
		Fingerprints: map[string]string{"sealock/v1": attest.SHA256([]byte(string(x.Status) + "\x00" + where + "\x00" + image)).Hex},
		Properties:   map[string]any{"environment": x.Environment, "image": image, "imageID": x.ImageID, "count": x.Count, "codes": codes, "causes": x.Causes, "decision": x.Decision, "promotedTo": x.PromotedTo},
	}
}
