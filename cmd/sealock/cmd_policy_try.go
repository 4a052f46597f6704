// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/rules"
)

// check is one thing that policy test looked at.
type check struct {
	Kind   string `json:"kind"` // rego, fixture, or roles
	Name   string `json:"name"`
	Status string `json:"status"` // ok, failed, warn, or skipped
	Detail string `json:"detail,omitempty"`
}

const (
	statusOK      = "ok"
	statusFailed  = "failed"
	statusWarn    = "warn"
	statusSkipped = "skipped"
)

func policyTestCommand(opt *options) *cobra.Command {
	return &cobra.Command{Use: "test", Short: "Run a policy's own tests, and look at who shares an identity", Args: cobra.NoArgs,
		Long: `Load the policy, run its *_test.rego files, then the fixtures in its tests folder, and say who could speak for several roles. A fixture is a
YAML file that names a subject, a folder with evidence (a store), and the verdict that is expected:

  name: built, but not scanned
  subject: sha256:…                # or {sha256: …}, or a reference such as oci-layout:../image
  leaves: [sha256:…]               # the platforms, if the subject is an index given by its digest
  evidence: evidence/built         # both relative to the file
  env: staging
  question: enter                  # or stay; enter if it is left out
  at: 2026-11-22T00:00:00Z
  expect: {verdict: refused, codes: [STAGE_MISSING]}

Codes are all the reason codes that the decision must have, no more and no fewer. Fixtures are judged as if the policy were signed and came
from outside. Exits 0 if everything passes, 1 if a test fails, 3 if the policy can't be loaded.`,
		Example: "  sealock policy test --policy ./policy",
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			return opt.testPolicy(ctx)
		}}
}

func (o *options) testPolicy(ctx context.Context) error {
	p, absent, err := o.readPolicy(ctx, gate.Origin{Signed: true})
	if err != nil {
		return err
	}
	folder := o.path(p.URI)
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		return usagef("policy %s: tests run on a policy's folder\nhint: unpack the policy and name the folder with --policy", p.URI)
	}
	checks, err := o.regoTests(ctx, p, folder)
	if err != nil {
		return err
	}
	fixtures, err := o.fixtureTests(ctx, p, folder, absent)
	if err != nil {
		return err
	}
	checks = append(append(checks, fixtures...), roleChecks(p)...)
	failed := slices.ContainsFunc(checks, func(c check) bool { return c.Status == statusFailed })
	if err := o.renderChecks(p, checks); err != nil {
		return err
	}
	if failed {
		return verdictError{gate.Refused}
	}
	return nil
}

// regoTests runs the policy's own *_test.rego files. The modules are held against the digests of the policy that was loaded.
func (o *options) regoTests(ctx context.Context, p *gate.Policy, folder string) ([]check, error) {
	var modules []rules.Module
	tests := false
	for _, name := range sorted(p.Files) {
		if !strings.HasSuffix(name, ".rego") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
		if err != nil {
			return nil, fmt.Errorf("reading rules of the policy: %w", err)
		}
		if attest.SHA256(data) != p.Files[name] {
			return nil, usagef("%s changed while it was read", name)
		}
		tests = tests || strings.HasSuffix(name, "_test.rego")
		modules = append(modules, rules.Module{Path: path.Join(filepath.ToSlash(p.URI), name), Source: data})
	}
	if !tests {
		return nil, nil
	}
	results, err := rules.Test(ctx, modules, nil)
	if err != nil {
		return nil, err
	}
	var out []check
	for _, r := range results {
		c := check{Kind: "rego", Name: strings.TrimPrefix(r.Package, "data.") + "." + r.Name, Status: statusOK}
		switch {
		case r.Failed:
			c.Status, c.Detail = statusFailed, fmt.Sprintf("%s:%d: not true: %s", r.Path, r.Line, r.FailedAt)
			if r.Error != "" {
				c.Detail = r.Error
			}
		case r.Skipped:
			c.Status = statusSkipped
		}
		out = append(out, c)
	}
	return out, nil
}

// roleChecks says who may speak for several roles. Where two identities that the policy names apart could be one signer, it claims a separation that it
// does not have, which is a failure; so is any sharing where an environment is protected, since the gate refuses that.
func roleChecks(p *gate.Policy) []check {
	protected := false
	for _, e := range p.Environments {
		protected = protected || e.Protected
	}
	shared := p.Shared()
	if len(shared) == 0 {
		return []check{{Kind: "roles", Name: "every signer speaks for one role", Status: statusOK}}
	}
	var out []check
	for _, s := range shared {
		c := check{Kind: "roles", Name: s.String(), Status: statusWarn, Detail: "one signer speaks for several roles and can do all of them; give each role an identity of its own"}
		if protected {
			c.Status = statusFailed
		}
		if s.Apart {
			c.Status, c.Detail = statusFailed, "the policy names them apart, and one key or certificate could be all of them: give each another key, another workflow file (on GitLab another project or deployment environment), or a claim that differs"
		}
		out = append(out, c)
	}
	return out
}

// testReport is the JSON form of a test of a policy.
type testReport struct {
	Policy string  `json:"policy"`
	Passed bool    `json:"passed"`
	Checks []check `json:"checks"`
}

func (o *options) renderChecks(p *gate.Policy, checks []check) error {
	count := map[string]int{}
	for _, c := range checks {
		count[c.Status]++
	}
	r := testReport{fmt.Sprintf("%s version %d", p.Name, p.Version), count[statusFailed] == 0, checks}
	return o.renderValue(r, func(line func(string, ...any)) {
		for _, c := range checks {
			if c.Status == statusOK && c.Kind == "rego" && !o.verbose {
				continue
			}
			line("%-8s %-8s %s", c.Status, c.Kind, c.Name)
			if c.Detail != "" {
				line("         %s", c.Detail)
			}
		}
		line("policy %s: %d ok, %d failed, %d warnings, %d skipped", r.Policy, count[statusOK], count[statusFailed], count[statusWarn], count[statusSkipped])
	})
}
