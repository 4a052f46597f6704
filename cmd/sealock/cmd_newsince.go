// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/scanners/imports"
)

// newSince marks what was there before, in a scan that is done: before is a Git revision, which is scanned alike, or a file with a bill of materials, whose packages had
// their vulnerabilities already. A file must be named as one, or a tree could bring a file with the name of a branch.
func (a *worker) newSince(ctx context.Context, before string, want stage.Want, found []stage.Report) error {
	before, isFile := strings.CutPrefix(before, "file:")
	if isFile = isFile || slices.Contains([]string{".json", ".xml"}, filepath.Ext(before)); isFile {
		data, err := a.readReport(before, imports.MaxReport)
		switch {
		case err != nil:
			return err
		case !imports.IsSBOM(data):
			return usagef("--new-since %s: it is no bill of materials that can be read\nhint: name one in CycloneDX or SPDX, or a Git revision", before)
		case !want.Vulns:
			return usagef("--new-since %s: a bill of materials says nothing about secrets and configuration\nhint: name a Git revision", before)
		}
		n, err := stage.MarkKnownPackages(found, imports.Report{Name: before, Data: data, Modified: time.Time{}})
		if err != nil {
			return usageError{err}
		}
		a.say("%d findings were there in %s already", n, before)
		return nil
	}
	old, err := a.scan(ctx, "git:"+before, want)
	if err != nil {
		return err
	}
	a.say("%d findings were there in %s already", stage.MarkKnown(found, old), before)
	return nil
}
