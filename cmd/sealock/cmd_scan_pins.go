// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"cmp"
	"fmt"
	"os"

	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/scanners/pins"
)

// mayCheckPins says what --check-pins does not go with.
func (a *worker) mayCheckPins(want stage.Want) error {
	switch {
	case !want.Config:
		return usagef("--check-pins is about configuration: give it with a tree, and without --only or with --only config")
	case a.offline:
		return usagef("--check-pins asks the repositories of actions, and --offline opens no connection: leave one of them out")
	}
	return nil
}

// pinAsker asks the server that runs this workflow, or github.com, where pinned actions come from.
func (a *worker) pinAsker(res *subject.Resolved) (*pins.Asker, error) {
	git, err := subject.FindGit(a.environ, a.path("."), a.path(res.Ref.Path))
	if err != nil {
		return nil, err
	}
	return &pins.Asker{Server: cmp.Or(a.getenv("GITHUB_SERVER_URL"), "https://github.com"), Git: git, Env: a.environ, TempDir: os.TempDir()}, nil
}

// unverified is the error of a scan that could not ask about all pins.
func unverified(results []scanResult) error {
	n := 0
	for _, r := range results {
		n += r.unverifiedPins
	}
	if n == 0 {
		return nil
	}
	return fmt.Errorf("asking where pinned actions come from: %s could not be verified\nhint: the findings %s say why", plural(n, "pin"), pins.RuleUnverified)
}
