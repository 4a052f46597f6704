// SPDX-License-Identifier: Apache-2.0

// Package imports reads what other tools wrote: SARIF 2.1.0 of any scanner of code, running systems, configuration or secrets, JUnit reports of tests, and
// CycloneDX (JSON or XML) or SPDX (2.2, 2.3, 3.0) bills of materials.
//
// Use: SARIF for each report, then Merge those of one category; JUnit for all reports of one stage; SBOM for a bill of materials of a certain artifact.
//
// Guarantees. A report counts only if it says itself that it is whole: of another version, cut off, of a run that failed, without results or without the name
// and version of its tool, it is an error. Nothing in it is dropped silently: what a tool suppressed is found all the same and the suppression is shown. Findings
// have paths below the root, severities on one scale, and fingerprints that are the same in every run; the same finding of two tools is one that names both.
// A message about a secret is the rule's own, since tools quote what they found. Every report is bounded.
//
// Limits. A tool that did not look, and says that it found nothing, is believed: which tools count is the policy's to say.
package imports

import (
	"fmt"
	"time"
)

// Bounds of one report.
const (
	MaxReport  = 64 << 20 // bytes
	MaxRuns    = 256
	MaxResults = 100_000
	MaxTests   = 500_000
	maxMessage = 2000 // characters of a message; more is cut, and nothing is decided by it
	maxDepth   = 64   // elements or links in each other
)

// Report is one file that another tool wrote.
type Report struct {
	Name     string
	Data     []byte
	Modified time.Time // when it was written, for reports that do not say when their tool ran
}

// Codes of an Error.
const (
	CodeInvalid    = "REPORT_INVALID"
	CodeIncomplete = "SCAN_INCOMPLETE"
	CodeLimit      = "LIMIT"
	CodeSubject    = "REPORT_SUBJECT"
	CodeBroken     = "SBOM_INVALID"
)

// Error says why a report does not count.
type Error struct {
	Code   string
	File   string
	Detail string
	Hint   string
	Cause  error
}

func (e *Error) Error() string {
	text := fmt.Sprintf("report %s: %s", e.File, e.Detail)
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	if e.Hint != "" {
		text += "\nhint: " + e.Hint
	}
	return text
}

func (e *Error) Unwrap() error { return e.Cause }

// ReasonCode is the code, for who prints it.
func (e *Error) ReasonCode() string { return e.Code }

func (r Report) errorf(code, hint, format string, args ...any) *Error {
	return &Error{Code: code, File: r.Name, Detail: fmt.Sprintf(format, args...), Hint: hint}
}

// bounded refuses what is empty or too large before it is read.
func (r Report) bounded() error {
	switch {
	case len(r.Data) == 0:
		return r.errorf(CodeIncomplete, "see whether the tool ended before it wrote its report", "it is empty")
	case len(r.Data) > MaxReport:
		return r.errorf(CodeLimit, "", "it has %d bytes, limit %d", len(r.Data), MaxReport)
	}
	return nil
}
