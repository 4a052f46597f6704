// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// reportFlags name reports of other tools that 'sealock attest' signs.
type reportFlags struct {
	sarif, junit, sbom []string
	category, vex      string
}

func (r *reportFlags) register(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&r.sarif, "sarif", nil, "SARIF report of another tool; may be repeated")
	f.StringVar(&r.category, "category", predicate.KindSAST, "what the SARIF reports are about: sast, dast, config or secrets")
	f.StringArrayVar(&r.junit, "junit", nil, "JUnit report of tests; may be repeated")
	f.StringArrayVar(&r.sbom, "sbom", nil, "CycloneDX or SPDX bill of materials, JSON; may be repeated")
	f.StringVar(&r.vex, "vex", "", "VEX document: OpenVEX, CycloneDX or CSAF 2.0")
}

// given counts the kinds of reports that were named.
func (r *reportFlags) given() int {
	n := 0
	for _, has := range []bool{len(r.sarif) > 0, len(r.junit) > 0, len(r.sbom) > 0, r.vex != ""} {
		if has {
			n++
		}
	}
	return n
}

// toSign is a statement that is still to be signed.
type toSign struct {
	predicateType string
	document      any
	subjects      []attest.Subject
}

// readVEX reads a VEX document as it is. One in which nothing could ever count is a mistake; what else does not count is told.
func (o *options) readVEX(file string, subjects []attest.Subject) (toSign, error) {
	data, err := o.readReport(file, attest.MaxPayload)
	if err != nil {
		return toSign{}, err
	}
	typ, err := predicate.VEXType(data)
	if err != nil {
		return toSign{}, usageError{fmt.Errorf("VEX document %s: %w", file, err)}
	}
	vex, err := predicate.DecodeVEX(attest.Statement{PredicateType: typ, Predicate: data})
	if err != nil {
		return toSign{}, usageError{fmt.Errorf("VEX document %s: %w", file, err)}
	}
	for _, x := range vex.Ignored {
		o.say("%s: %s does not count: %s", file, x.Where, x.Why)
	}
	if len(vex.Statements) == 0 {
		return toSign{}, usagef("VEX document %s: nothing in it could count", file)
	}
	o.say("%s: %s with %d statements", file, vex.Format, len(vex.Statements))
	return toSign{typ, json.RawMessage(data), subjects}, nil
}

// readReport reads a file that somebody names on the command line, up to a bound.
//
//nolint:unparam // the bounds of reports and payloads are two that happen to be equal
func (o *options) readReport(file string, limit int) ([]byte, error) {
	f, err := os.Open(o.path(file))
	if err != nil {
		return nil, usageError{fmt.Errorf("reading report: %w", err)}
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("reading report %s: %w", file, err)
	}
	if len(data) > limit {
		return nil, usagef("report %s has more than %d bytes", file, limit)
	}
	return data, nil
}
