// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// The part of SARIF 2.1.0 that is read (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).
type (
	sarifLog struct {
		Schema     string       `json:"$schema"`
		Version    string       `json:"version"`
		Runs       *[]sarifRun  `json:"runs"`
		Properties []sarifProps `json:"inlineExternalProperties"`
	}
	sarifProps struct {
		Results     []sarifResult     `json:"results"`
		Invocations []sarifInvocation `json:"invocations"`
	}
	sarifRun struct {
		Tool struct {
			Driver     sarifComponent   `json:"driver"`
			Extensions []sarifComponent `json:"extensions"`
		} `json:"tool"`
		Invocations []sarifInvocation     `json:"invocations"`
		Results     *[]sarifResult        `json:"results"`
		Artifacts   []sarifArtifact       `json:"artifacts"`
		Bases       map[string]sarifPlace `json:"originalUriBaseIds"`
		External    map[string]any        `json:"externalPropertyFileReferences"`
		Conversion  struct {
			Invocation *sarifInvocation `json:"invocation"`
		} `json:"conversion"`
	}
	sarifComponent struct {
		Name            string      `json:"name"`
		Version         string      `json:"version"`
		SemanticVersion string      `json:"semanticVersion"`
		FileVersion     string      `json:"dottedQuadFileVersion"`
		Rules           []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID       string               `json:"id"`
		Name     string               `json:"name"`
		Short    sarifText            `json:"shortDescription"`
		Full     sarifText            `json:"fullDescription"`
		Messages map[string]sarifText `json:"messageStrings"`
		Default  struct {
			Level *string `json:"level"`
		} `json:"defaultConfiguration"`
		HelpURI       string    `json:"helpUri"`
		Help          sarifText `json:"help"`
		Relationships []struct {
			Target sarifReference `json:"target"`
		} `json:"relationships"`
		Properties map[string]any `json:"properties"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifInvocation struct {
		Successful *bool               `json:"executionSuccessful"`
		Signal     string              `json:"exitSignalName"`
		Signalled  int                 `json:"exitSignalNumber"`
		ExitCode   int                 `json:"exitCode"`
		NotStarted string              `json:"processStartFailureMessage"`
		Started    string              `json:"startTimeUtc"`
		Ended      string              `json:"endTimeUtc"`
		Execution  []sarifNotification `json:"toolExecutionNotifications"`
		Setup      []sarifNotification `json:"toolConfigurationNotifications"`
	}
	sarifNotification struct {
		Level   string       `json:"level"`
		Message sarifMessage `json:"message"`
	}
	sarifResult struct {
		RuleID       string           `json:"ruleId"`
		RuleIndex    *int             `json:"ruleIndex"`
		Rule         sarifReference   `json:"rule"`
		Kind         string           `json:"kind"`
		Level        *string          `json:"level"`
		Message      sarifMessage     `json:"message"`
		Locations    []sarifSpot      `json:"locations"`
		Taxa         []sarifReference `json:"taxa"`
		Baseline     string           `json:"baselineState"`
		Suppressions []sarifExcuse    `json:"suppressions"`
		Properties   map[string]any   `json:"properties"`
	}
	sarifReference struct {
		ID        string `json:"id"`
		Index     *int   `json:"index"`
		Component struct {
			Name  string `json:"name"`
			Index *int   `json:"index"`
		} `json:"toolComponent"`
	}
	sarifMessage struct {
		Text      string   `json:"text"`
		ID        string   `json:"id"`
		Arguments []string `json:"arguments"`
	}
	sarifSpot struct {
		Physical struct {
			Artifact sarifPlace `json:"artifactLocation"`
			Region   struct {
				StartLine   int `json:"startLine"`
				StartColumn int `json:"startColumn"`
				EndLine     int `json:"endLine"`
			} `json:"region"`
		} `json:"physicalLocation"`
	}
	sarifPlace struct {
		URI   string `json:"uri"`
		Base  string `json:"uriBaseId"`
		Index *int   `json:"index"`
	}
	sarifArtifact struct {
		Location sarifPlace `json:"location"`
	}
	sarifExcuse struct {
		Kind          string `json:"kind"`
		Status        string `json:"status"`
		Justification string `json:"justification"`
	}
)

// Options of SARIF.
type Options struct {
	Category string // sast, dast, config or secrets
	Dir      string // the folder that paths in the report are below; "" where it is not at hand
}

// SARIF reads a report: one Findings for each run in it.
func SARIF(rep Report, opt Options) ([]predicate.Findings, error) {
	if !slices.Contains([]string{predicate.KindSAST, predicate.KindDAST, predicate.KindConfig, predicate.KindSecrets}, opt.Category) {
		return nil, fmt.Errorf("category %q: expected sast, dast, config or secrets", opt.Category)
	}
	if err := rep.bounded(); err != nil {
		return nil, err
	}
	var log sarifLog
	if err := attest.DecodeJSON(bytes.TrimPrefix(rep.Data, []byte("\ufeff")), &log); err != nil {
		return nil, &Error{Code: CodeInvalid, File: rep.Name, Detail: "it is not whole, or no SARIF", Cause: err}
	}
	switch {
	case log.Version != "2.1.0":
		return nil, rep.errorf(CodeInvalid, "", "its version is %.40q, expected SARIF 2.1.0", log.Version)
	case log.Schema != "" && (!strings.Contains(strings.ToLower(log.Schema), "sarif") || !strings.Contains(log.Schema, "2.1.0")):
		return nil, rep.errorf(CodeInvalid, "", "its $schema is %.120q, expected that of SARIF 2.1.0", log.Schema)
	case log.Runs == nil || len(*log.Runs) == 0:
		return nil, rep.errorf(CodeIncomplete, "see whether the tool ran", "it has no run")
	case len(*log.Runs) > MaxRuns:
		return nil, rep.errorf(CodeLimit, "", "it has %d runs, limit %d", len(*log.Runs), MaxRuns)
	}
	for _, p := range log.Properties {
		if len(p.Results) > 0 || len(p.Invocations) > 0 {
			return nil, rep.errorf(CodeInvalid, "have the tool write them into its run", "it has results or invocations outside its runs")
		}
	}
	var out []predicate.Findings
	for i := range *log.Runs {
		r := &sarifReader{rep: rep, opt: opt, run: &(*log.Runs)[i], where: fmt.Sprintf("runs[%d]", i)}
		f, err := r.read()
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// sarifReader reads one run.
type sarifReader struct {
	rep   Report
	opt   Options
	run   *sarifRun
	where string
	out   predicate.Findings
	other map[string]int // results that are no findings, by what they are
}

func (r *sarifReader) read() (predicate.Findings, error) {
	if err := r.whole(); err != nil {
		return predicate.Findings{}, err
	}
	tool := r.run.Tool.Driver
	digest, err := r.rulesDigest()
	if err != nil {
		return predicate.Findings{}, err
	}
	scanner := predicate.FindingScanner{Name: tool.Name, Version: firstText(tool.SemanticVersion, tool.Version, tool.FileVersion), RulesDigest: digest}
	r.other = map[string]int{}
	r.out = predicate.Findings{Category: r.opt.Category, Scanner: scanner, Tools: []predicate.Tool{{FindingScanner: scanner, Report: attest.SHA256(r.rep.Data).String()}},
		Scope: predicate.Scope{Files: len(r.run.Artifacts)}, Complete: true, Findings: []predicate.Finding{}, Suppressed: []predicate.Suppressed{}, Skipped: []string{}}
	if err := r.times(); err != nil {
		return predicate.Findings{}, err
	}
	if len(r.run.Invocations) == 0 {
		r.note("the report of %s does not say how its run ended", tool.Name)
	}
	used := map[string]bool{}
	for i, res := range *r.run.Results {
		if err := r.result(res, fmt.Sprintf("%s.results[%d]", r.where, i), used); err != nil {
			return predicate.Findings{}, err
		}
	}
	for _, what := range sortedKeys(r.other) {
		r.note("%s: %d results are no findings: %s", tool.Name, r.other[what], what)
	}
	r.out.Rules = sortRules(r.out.Rules)
	fingerprint(&r.out, r.opt)
	return r.out, nil
}

func (r *sarifReader) note(format string, args ...any) {
	r.out.Notes = append(r.out.Notes, fmt.Sprintf(format, args...))
}

// whole refuses a run that does not say that it is complete.
func (r *sarifReader) whole() error {
	run, tool := r.run, r.run.Tool.Driver
	switch {
	case strings.TrimSpace(tool.Name) == "":
		return r.rep.errorf(CodeInvalid, "", "%s names no tool", r.where)
	case firstText(tool.SemanticVersion, tool.Version, tool.FileVersion) == "":
		return r.rep.errorf(CodeInvalid, "have the tool write its version (tool.driver.version)", "%s does not say which version of %.60s ran", r.where, tool.Name)
	case run.External["results"] != nil || run.External["invocations"] != nil:
		return r.rep.errorf(CodeIncomplete, "have the tool write them into the report", "%s has results or invocations in other files", r.where)
	case run.Results == nil:
		return r.rep.errorf(CodeIncomplete, "no results at all is a run that did not complete; nothing found is an empty list", "%s of %.60s has no results", r.where, tool.Name)
	case len(*run.Results) > MaxResults:
		return r.rep.errorf(CodeLimit, "", "%s has %d results, limit %d", r.where, len(*run.Results), MaxResults)
	}
	for i, in := range run.Invocations {
		if err := r.ended(in, fmt.Sprintf("%s.invocations[%d]", r.where, i)); err != nil {
			return err
		}
	}
	if in := run.Conversion.Invocation; in != nil {
		return r.ended(*in, r.where+".conversion.invocation")
	}
	return nil
}

// Exit codes by which a shell says that a signal ended a program: 128 and the signal's number.
const (
	firstSignalCode = 129
	lastSignalCode  = 128 + 31
)

// ended refuses an invocation that does not say that it came to its end.
func (r *sarifReader) ended(in sarifInvocation, at string) error {
	tool := r.run.Tool.Driver.Name
	switch {
	case in.Successful == nil:
		return r.rep.errorf(CodeIncomplete, "", "%s does not say whether it was successful", at)
	case !*in.Successful:
		return r.rep.errorf(CodeIncomplete, "run the tool again until it succeeds", "%s: %.60s says that it failed", at, tool)
	case in.Signal != "" || in.Signalled != 0 || (in.ExitCode >= firstSignalCode && in.ExitCode <= lastSignalCode):
		return r.rep.errorf(CodeIncomplete, "", "%s: %.60s was ended by a signal", at, tool)
	case in.NotStarted != "":
		return r.rep.errorf(CodeIncomplete, "", "%s: %.60s did not start", at, tool)
	}
	for _, n := range slices.Concat(in.Execution, in.Setup) {
		if n.Level == "error" {
			return r.rep.errorf(CodeIncomplete, "mend what kept it from looking at everything", "%s: %.60s reports an error: %s", at, tool, shorten(withoutCredentials(n.Message.Text), 300))
		}
	}
	return nil
}

// times are those of the run, else the time at which the report was written.
func (r *sarifReader) times() error {
	started, ended := time.Time{}, time.Time{}
	for i, in := range r.run.Invocations {
		for _, x := range []struct {
			text string
			set  func(time.Time)
		}{{in.Started, func(t time.Time) {
			if started.IsZero() || t.Before(started) {
				started = t
			}
		}}, {in.Ended, func(t time.Time) {
			if t.After(ended) {
				ended = t
			}
		}}} {
			if x.text == "" {
				continue
			}
			t, err := time.Parse(time.RFC3339, x.text)
			if err != nil {
				return r.rep.errorf(CodeInvalid, "", "%s.invocations[%d]: time %.40q is not RFC 3339", r.where, i, x.text)
			}
			x.set(t)
		}
	}
	if ended.IsZero() {
		ended = r.rep.Modified
	}
	if started.IsZero() {
		started = ended
	}
	r.out.StartedOn, r.out.FinishedOn = predicate.Time(started), predicate.Time(ended)
	return nil
}

// rulesDigest names the rules that the report describes, in any order.
func (r *sarifReader) rulesDigest() (string, error) {
	var lines []string
	for _, c := range append([]sarifComponent{r.run.Tool.Driver}, r.run.Tool.Extensions...) {
		for _, rule := range c.Rules {
			text, err := attest.EncodeJSON(rule)
			if err != nil {
				return "", r.rep.errorf(CodeInvalid, "", "%s: rule %.60q can't be read", r.where, rule.ID)
			}
			lines = append(lines, c.Name+"\x00"+firstText(c.SemanticVersion, c.Version)+"\x00"+string(text))
		}
	}
	slices.Sort(lines)
	return attest.SHA256([]byte(strings.Join(lines, "\n"))).String(), nil
}
