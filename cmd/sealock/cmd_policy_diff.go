// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/gate"
)

// maxSubjectList bounds a file with subjects.
const maxSubjectList = 16 << 20

// policyDiff is what another policy would change.
type policyDiff struct {
	Old     policyName `json:"old"`
	New     policyName `json:"new"`
	Asked   int        `json:"asked"` // decisions compared
	Refused int        `json:"newlyRefused"`
	Allowed int        `json:"newlyAllowed"`
	Changes []change   `json:"changes"`
}

type policyName struct {
	Name    string `json:"name"`
	Version int    `json:"version"`
	Digest  string `json:"digest"`
}

// change is one decision that comes out otherwise: with another verdict, or for other reasons.
type change struct {
	Subject     string        `json:"subject"`
	Environment string        `json:"environment"`
	Old         gate.Verdict  `json:"old"`
	New         gate.Verdict  `json:"new"`
	Added       []gate.Reason `json:"added"`   // reasons against it that are new
	Removed     []gate.Reason `json:"removed"` // and those that are gone
}

func policyDiffCommand(opt *options) *cobra.Command {
	var list string
	cmd := &cobra.Command{Use: "diff OLD NEW [SUBJECT…]", Short: "Show which decisions another policy would change, and why", Args: cobra.MinimumNArgs(2),
		Long: `Decide about the same stored evidence under two policies, and show what comes out otherwise: what would newly be refused or allowed, and for which
reasons. Each subject is asked about for every environment that both policies know, or for --env. Without a subject, the pipeline's own
products are meant; --subjects reads one a line from a file. Nothing is stored. Exits 0 whatever is found: this is a forecast, not a decision.`,
		Example: "  sealock policy diff policy ../stricter\n  sealock policy diff policy ../stricter --env prod --subjects images.txt -o json",
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			refs := args[2:]
			if list != "" {
				more, err := opt.subjectList(list)
				if err != nil {
					return err
				}
				refs = append(slices.Clone(refs), more...)
			}
			diff, err := opt.diffPolicies(ctx, args[0], args[1], refs)
			if err != nil {
				return err
			}
			return opt.renderValue(diff, diff.text)
		}}
	opt.environmentFlag(cmd, "only for this environment")
	cmd.Flags().StringVar(&list, "subjects", "", "file with subjects, one a line; what follows # is a comment")
	return cmd
}

// subjectList reads references, one a line.
func (o *options) subjectList(file string) ([]string, error) {
	data, err := o.readFile(file, maxSubjectList, "list of subjects")
	if err != nil {
		return nil, err
	}
	var out []string
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		line, _, _ := strings.Cut(s.Text(), "#")
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	if len(out) == 0 {
		return nil, usagef("%s names no subject: expected one a line, for example registry.acme.io/shop@sha256:…", file)
	}
	return out, nil
}

func (o *options) diffPolicies(ctx context.Context, from, to string, refs []string) (policyDiff, error) {
	o.policy = from
	a, err := o.open(ctx, false, false, refs...)
	if err != nil {
		return policyDiff{}, err
	}
	before := a.gate
	after, err := a.gateOf(ctx, to)
	if err != nil {
		return policyDiff{}, err
	}
	if len(refs) == 0 {
		refs = a.productRefs()
	}
	environments, err := a.common(before.Policy, after.Policy)
	switch {
	case err != nil:
		return policyDiff{}, err
	case len(refs) == 0:
		return policyDiff{}, usagef("no subject: name what to decide about, for example oci-layout:out/app, or --subjects FILE")
	}
	diff := policyDiff{Old: nameOf(before.Policy), New: nameOf(after.Policy), Changes: []change{}}
	for _, ref := range refs {
		res, err := a.resolve(ctx, ref)
		if err != nil {
			return diff, err
		}
		for _, env := range environments {
			req := a.request(res, env, gate.Enter)
			diff.add(ref, before.Check(ctx, req), after.Check(ctx, req))
		}
	}
	return diff, nil
}

// common is the environments to ask about, in the order of the new policy.
func (a *app) common(before, after *gate.Policy) ([]string, error) {
	both := slices.DeleteFunc(after.EnvironmentOrder(), func(env string) bool { _, ok := before.Environments[env]; return !ok })
	if a.env != "" {
		both = slices.DeleteFunc(both, func(env string) bool { return env != a.env })
	}
	if len(both) == 0 {
		return nil, usagef("the two policies have no environment in common to ask about: the old one knows %s, the new one %s",
			strings.Join(before.EnvironmentOrder(), ", "), strings.Join(after.EnvironmentOrder(), ", "))
	}
	return both, nil
}

func nameOf(p *gate.Policy) policyName { return policyName{p.Name, p.Version, p.Digest.String()} }

// add compares two decisions about the same thing.
func (x *policyDiff) add(ref string, before, after gate.Decision) {
	x.Asked++
	c := change{Subject: ref, Environment: after.Environment, Old: before.Verdict, New: after.Verdict,
		Added: beyond(after.Reasons, before.Reasons), Removed: beyond(before.Reasons, after.Reasons)}
	if c.Old == c.New && len(c.Added) == 0 && len(c.Removed) == 0 {
		return
	}
	switch {
	case c.Old == gate.Allowed && c.New != gate.Allowed:
		x.Refused++
	case c.Old != gate.Allowed && c.New == gate.Allowed:
		x.Allowed++
	}
	x.Changes = append(x.Changes, c)
}

// beyond is the reasons in a that are not in b.
func beyond(a, b []gate.Reason) []gate.Reason {
	out := []gate.Reason{}
	for _, r := range a {
		if !slices.ContainsFunc(b, func(s gate.Reason) bool {
			return s.Code == r.Code && s.Stage == r.Stage && s.Rule == r.Rule && s.Message == r.Message
		}) {
			out = append(out, r)
		}
	}
	return out
}

func (x policyDiff) text(line func(string, ...any)) {
	line("%s version %d → %s version %d: of %d decisions, %d would newly be refused, %d newly allowed", x.Old.Name, x.Old.Version, x.New.Name, x.New.Version, x.Asked, x.Refused, x.Allowed)
	for _, c := range x.Changes {
		line("  %s in %s: %s → %s", c.Subject, c.Environment, c.Old, c.New)
		for _, r := range c.Added {
			line("    because %s  %s", r.Code, r.Message)
			if r.Expected != "" || r.Found != "" {
				line("      expected %s, found %s", r.Expected, r.Found)
			}
		}
		for _, r := range c.Removed {
			line("    no longer %s  %s", r.Code, r.Message)
		}
	}
	if len(x.Changes) == 0 {
		line("  nothing changes")
	}
}
