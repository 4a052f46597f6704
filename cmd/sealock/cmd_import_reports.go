// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"os"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/scanners/imports"
)

// importReports turns the reports that were named into statements about a subject.
func (a *app) importReports(r reportFlags, res *subject.Resolved) ([]toSign, error) {
	kind, files, subjects := predicate.KindTest, r.junit, res.Subjects()
	switch {
	case len(r.sarif) > 0:
		kind, files = r.category, r.sarif
	case len(r.sbom) > 0:
		kind, files, subjects = predicate.KindSBOM, r.sbom, res.Leaves()
	}
	if len(r.sarif) > 0 && !known(kind, []string{predicate.KindSAST, predicate.KindDAST, predicate.KindConfig, predicate.KindSecrets}) {
		return nil, usagef("--category %q: expected sast, dast, config or secrets", kind)
	}
	var reports []imports.Report
	for _, file := range files {
		data, err := a.readReport(file, imports.MaxReport)
		if err != nil {
			return nil, err
		}
		info, err := os.Stat(a.path(file))
		if err != nil {
			return nil, usageError{err}
		}
		reports = append(reports, imports.Report{Name: file, Data: data, Modified: info.ModTime()})
	}
	made, err := stage.Import(kind, a.path("."), version, reports, subjects)
	if err != nil {
		return nil, err
	}
	var out []toSign
	for _, m := range made {
		a.say("  %s", m.Summary)
		out = append(out, toSign{m.Type, m.Document, m.Subjects})
	}
	return out, nil
}
