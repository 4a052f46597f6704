// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore/keyless"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/promotion"
	"github.com/sealock-dev/sealock/gate/report"
	"github.com/sealock-dev/sealock/rules"
)

// The exit codes, the same for every command and format.
const (
	exitAllowed   = 0
	exitRefused   = 1
	exitUndecided = 2
	exitUsage     = 3
	exitCommand   = 4
)

// verdictError carries a decision's outcome to the exit code. The decision itself has been printed.
type verdictError struct{ verdict gate.Verdict }

func (e verdictError) Error() string { return e.verdict.String() }

// usageError is a mistake on the command line or in a configuration file.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exitCode is the one place that maps outcomes to exit codes.
func exitCode(err error) int {
	var verdict verdictError
	var usage usageError
	var command *stage.CommandError
	var refused *stage.RefusedError
	var config *gate.ConfigError
	var rule *rules.Error
	var incomplete *stage.IncompleteError
	var token *keyless.TokenError
	switch {
	case err == nil:
		return exitAllowed
	case errors.As(err, &verdict):
		return verdictCode(verdict.verdict)
	case errors.As(err, &refused):
		return verdictCode(refused.Decision.Verdict)
	case errors.As(err, &command):
		return exitCommand
	case errors.As(err, &usage), errors.As(err, &token), errors.As(err, &config), errors.As(err, &rule), errors.Is(err, stage.ErrNoPipeline), attest.RejectCode(err) == attest.CodeKeyPolicy:
		return exitUsage
	case slices.Contains(refusals, attest.RejectCode(err)):
		return exitRefused
	case errors.As(err, &incomplete):
		return exitUndecided
	}
	return subjectCode(err)
}

// refusals are the codes of errors that say no: nothing was left to find out.
var refusals = []string{gate.CodeNotPromoter, gate.CodeSigner, gate.CodeSelfApproval, gate.CodePolicyIntegrity, gate.CodePolicyExpired, gate.CodePolicyRollback, promotion.CodePack}

func verdictCode(v gate.Verdict) int {
	switch v {
	case gate.Allowed:
		return exitAllowed
	case gate.Undecided:
		return exitUndecided
	case gate.Refused:
	}
	return exitRefused
}

// subjectCode tells what is wrong with a subject: refused for what it is, a mistake in naming it, or unknown.
func subjectCode(err error) int {
	switch subject.CodeOf(err) {
	case subject.DirtyTree, subject.AmbiguousManifest, subject.Changed, subject.TagMoved, stage.InputChanged:
		return exitRefused
	case subject.NotFound, subject.Unsupported, subject.Malformed:
		return exitUsage
	}
	return exitUndecided
}

// reasonOf makes an error that refuses, or leaves undecided, the reason of a decision.
func reasonOf(err error) gate.Reason {
	message, fix, _ := strings.Cut(stage.WithoutCredentials(err.Error()), "\nhint: ")
	r := gate.Reason{Code: string(subject.CodeOf(err)), Message: message, Fix: fix}
	var incomplete *stage.IncompleteError
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		r.Code, r.Fix = gate.CodeTimeout, "try again, or raise --timeout"
	case r.Code != "":
	case ownCode(err) != "":
		r.Code = ownCode(err)
	case attest.RejectCode(err) != "":
		r.Code = attest.RejectCode(err)
	case errors.As(err, &incomplete):
		r.Code = codeScanIncomplete
	default:
		r.Code = gate.CodeStore
	}
	return r
}

// codeScanIncomplete is also a code of the rules: they say it of evidence, the program of a stage that made none.
const codeScanIncomplete = "SCAN_INCOMPLETE"

// ownCode is the code of an error that has one: what went wrong with a registry, or with a server that signing needs.
func ownCode(err error) string {
	var e interface{ ReasonCode() string }
	if !errors.As(err, &e) {
		return ""
	}
	return e.ReasonCode()
}

// printError writes "error:" and "hint:" lines. The text may hold names from outside.
func printError(w io.Writer, err error) {
	var verdict verdictError
	if errors.As(err, &verdict) && err.Error() == verdict.Error() { // nothing else: the decision has been printed
		return
	}
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted; what was stored before is as it was")
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("%w\nhint: time ran out: try again, or raise --timeout", err)
	}
	code := string(subject.CodeOf(err))
	if code == "" {
		code = attest.RejectCode(err)
	}
	if code == "" {
		code = ownCode(err)
	}
	first := true
	for _, line := range strings.Split(err.Error(), "\n") {
		if line == "" {
			continue
		}
		if first {
			if code != "" { // what 'sealock explain' takes
				line += " (" + code + ")"
			}
			line = "error: " + line
			first = false
		} else if !strings.HasPrefix(line, "hint: ") {
			line = "  " + line
		}
		fmt.Fprintln(w, report.Clean(stage.WithoutCredentials(line)))
	}
}
