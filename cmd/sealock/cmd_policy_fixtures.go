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
	"time"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/dir"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/rules"
)

// Bounds of what a policy's tests may be.
const (
	maxFixtures = 1000
	maxFixture  = 1 << 20 // bytes of one file
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
		Long: `Load the policy, run its *_test.rego files, then the fixtures in its tests folder, and say which keys speak for several roles. A fixture is a
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
	p, absent, err := o.readPolicy(gate.Origin{Signed: true})
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

// fixture is one file of a policy's tests folder.
type fixture struct {
	Name     string    `yaml:"name"`
	Subject  any       `yaml:"subject"` // a digest, a map of digests, or a reference
	Leaves   []any     `yaml:"leaves"`  // digests or maps of them
	Evidence string    `yaml:"evidence"`
	Env      string    `yaml:"env"`
	Question string    `yaml:"question"`
	At       time.Time `yaml:"at"`
	Expect   expected  `yaml:"expect"`

	file   string
	places gate.Places
}

type expected struct {
	Verdict string   `yaml:"verdict"`
	Codes   []string `yaml:"codes"`
}

// fixtureTests runs every fixture. One that can't be read is a mistake in the policy, not a failed test.
func (o *options) fixtureTests(ctx context.Context, p *gate.Policy, folder string, absent []string) ([]check, error) {
	files, err := filepath.Glob(filepath.Join(escapeGlob(folder), "tests", "*.yaml"))
	if err != nil || len(files) == 0 {
		return nil, err
	}
	if len(files) > maxFixtures {
		return nil, usagef("%s holds %d fixtures, limit %d", filepath.Join(folder, "tests"), len(files), maxFixtures)
	}
	if len(absent) > 0 {
		return nil, usagef("the fixtures need the policy's keys, and this machine lacks the local keys %s\nhint: put the public keys of a policy that is tested into its keys folder", strings.Join(absent, ", "))
	}
	auth, err := sigstore.NewAuthenticator(p.Keys())
	if err != nil {
		return nil, usageError{err}
	}
	verifier, err := attest.NewVerifier(auth)
	if err != nil {
		return nil, err
	}
	var out []check
	for _, file := range files {
		f, err := readFixture(file)
		if err != nil {
			return nil, usageError{err}
		}
		req, err := o.fixtureRequest(ctx, f)
		if err != nil {
			return nil, err
		}
		store, err := dir.Open(f.path(f.Evidence))
		if err != nil {
			return nil, usageError{err}
		}
		g, err := gate.New(p, verifier, store, version)
		if err != nil {
			return nil, err
		}
		out = append(out, f.compare(g.Check(ctx, req)))
	}
	return out, nil
}

func readFixture(file string) (fixture, error) {
	f := fixture{file: file, Question: string(gate.Enter)}
	info, err := os.Stat(file)
	if err != nil {
		return f, err
	}
	if info.Size() > maxFixture {
		return f, &gate.ConfigError{File: file, Message: fmt.Sprintf("has %d bytes, limit %d", info.Size(), maxFixture)}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return f, err
	}
	if f.places, err = gate.DecodeYAML(file, data, &f); err != nil {
		return f, err
	}
	if f.Name == "" {
		f.Name = strings.TrimSuffix(filepath.Base(file), ".yaml")
	}
	return f, f.validate()
}

// validate makes sure that a fixture tests something: a refusal without its codes could come from anything.
func (f fixture) validate() error {
	var v gate.Verdict
	info, err := os.Stat(f.path(f.Evidence))
	switch {
	case f.Evidence == "" || err != nil || !info.IsDir():
		return f.places.Errorf("evidence", "name a folder of evidence, relative to this file", "expected a folder that is there, found %q", f.Evidence)
	case f.Env == "":
		return f.places.Errorf("env", "", "a fixture needs the environment that is asked about")
	case f.Question != string(gate.Enter) && f.Question != string(gate.Stay):
		return f.places.Errorf("question", "", "is %q, expected enter or stay", f.Question)
	case f.At.IsZero():
		return f.places.Errorf("at", "for example at: 2026-11-22T00:00:00Z", "a fixture needs the time to decide for")
	case v.UnmarshalText([]byte(f.Expect.Verdict)) != nil:
		return f.places.Errorf("expect.verdict", "", "is %q, expected allowed, refused or undecided", f.Expect.Verdict)
	case v == gate.Allowed && len(f.Expect.Codes) > 0:
		return f.places.Errorf("expect.codes", "", "what is allowed has no reason codes")
	case v != gate.Allowed && len(f.Expect.Codes) == 0:
		return f.places.Errorf("expect", "list the codes that the decision must have", "what is %s needs codes: any other refusal would pass too", v)
	}
	return nil
}

// path is a path of the fixture, which is relative to its file.
func (f fixture) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(filepath.Dir(f.file), p)
}

func (o *options) fixtureRequest(ctx context.Context, f fixture) (gate.Request, error) {
	var req gate.Request
	set, err := digestSet(f.Subject)
	switch ref, isText := f.Subject.(string); {
	case err == nil:
		req.Subject = attest.Subject{Name: f.Name, Digest: set}
	case isText && f.Leaves == nil:
		res, err := stage.Resolve(ctx, ref, subject.Options{Dir: filepath.Dir(f.file), Env: o.environ})
		if err != nil {
			return req, usageError{f.places.Errorf("subject", "", "%v", err)}
		}
		req = stage.Request(res)
	default:
		return req, usageError{f.places.Errorf("subject", "write sha256:…, {sha256: …}, or a reference", "%v", err)}
	}
	for i, leaf := range f.Leaves {
		set, err := digestSet(leaf)
		if err != nil {
			return req, usageError{f.places.Errorf(fmt.Sprintf("leaves[%d]", i), "", "%v", err)}
		}
		req.Leaves = append(req.Leaves, attest.Subject{Name: fmt.Sprintf("%s, platform %d", f.Name, i+1), Digest: set})
	}
	req.Environment, req.Question, req.At = f.Env, gate.Question(f.Question), f.At
	return req, nil
}

// digestSet reads algorithm:hex, or a map of algorithm to hex.
func digestSet(v any) (attest.DigestSet, error) {
	set := attest.DigestSet{}
	switch x := v.(type) {
	case string:
		d, err := attest.ParseDigest(x)
		if err != nil {
			return nil, err
		}
		set[d.Algorithm] = d.Hex
	case map[string]any:
		for alg, hex := range x {
			s, ok := hex.(string)
			d := attest.Digest{Algorithm: alg, Hex: s}
			if err := d.Validate(); !ok || err != nil {
				return nil, fmt.Errorf("digest %s: %v is no hex of that algorithm", alg, hex)
			}
			set[alg] = s
		}
	}
	if set.Primary().IsZero() {
		return nil, fmt.Errorf("expected a digest such as sha256:…")
	}
	return set, nil
}

// compare holds a decision against what was expected: the verdict and exactly the codes.
func (f fixture) compare(d gate.Decision) check {
	c := check{Kind: "fixture", Name: f.Name, Status: statusOK}
	want, got := slices.Clone(f.Expect.Codes), []string{}
	var detail []string
	for _, r := range d.Reasons {
		got = append(got, r.Code)
		detail = append(detail, r.Code+"  "+r.Message)
	}
	slices.Sort(want)
	slices.Sort(got)
	want, got = slices.Compact(want), slices.Compact(got)
	if d.Verdict.String() == f.Expect.Verdict && slices.Equal(want, got) {
		return c
	}
	c.Status = statusFailed
	c.Detail = fmt.Sprintf("expected %s; found %s", strings.Join(append([]string{f.Expect.Verdict}, want...), " "), strings.Join(append([]string{d.Verdict.String()}, got...), " "))
	if len(detail) > 0 {
		c.Detail += ": " + strings.Join(detail, "; ")
	}
	return c
}

// roleChecks says which keys speak for several roles. Where an environment is protected, the gate refuses that, so it is a failure.
func roleChecks(p *gate.Policy) []check {
	status := statusWarn
	for _, e := range p.Environments {
		if e.Protected {
			status = statusFailed
		}
	}
	shared := p.SharedRoles()
	if len(shared) == 0 {
		return []check{{Kind: "roles", Name: "every key speaks for one role", Status: statusOK}}
	}
	var out []check
	for _, s := range shared {
		out = append(out, check{Kind: "roles", Name: s, Status: status, Detail: "one key speaks for several roles: whoever holds it can do all of them; give each role a key of its own"})
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

// escapeGlob makes a path match only itself.
func escapeGlob(p string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(p)
}
