// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"
	"os"
	"time"

	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/scanners/imports"
)

// newSince marks what was there before, in a scan that is done: before is a Git revision, which is scanned alike, or a file with a bill of materials, whose packages had
// their vulnerabilities already.
func (a *worker) newSince(ctx context.Context, before string, want stage.Want, found []stage.Report) error {
	if info, err := os.Stat(a.path(before)); err == nil && info.Mode().IsRegular() {
		data, err := a.readReport(before, imports.MaxReport)
		if err != nil {
			return err
		}
		if imports.IsSBOM(data) {
			if !want.Vulns {
				return usagef("--new-since %s: a bill of materials says nothing about secrets and configuration\nhint: name a Git revision", before)
			}
			n, err := stage.MarkKnownPackages(found, imports.Report{Name: before, Data: data, Modified: time.Time{}})
			if err != nil {
				return usageError{err}
			}
			a.say("%d findings were there in %s already", n, before)
			return nil
		}
	}
	old, err := a.scan(ctx, "git:"+before, want)
	if err != nil {
		return err
	}
	a.say("%d findings were there in %s already", stage.MarkKnown(found, old), before)
	return nil
}
