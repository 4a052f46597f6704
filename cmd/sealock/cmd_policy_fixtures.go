// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/dir"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
)

// Bounds of what a policy's tests may be.
const (
	maxFixtures = 1000
	maxFixture  = 1 << 20 // bytes of one file
)

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
	files, err := fixtureFiles(filepath.Join(folder, "tests"))
	if err != nil || len(files) == 0 {
		return nil, err
	}
	if len(absent) > 0 {
		return nil, usagef("the fixtures need the policy's keys, and this machine lacks the local keys %s\nhint: put the public keys of a policy that is tested into its keys folder", strings.Join(absent, ", "))
	}
	auth, err := o.policyAuthenticator(p)
	if err != nil {
		return nil, err
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

// fixtureFiles lists the fixtures in a folder, if it is there.
func fixtureFiles(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".yaml") && e.Type().IsRegular() {
			out = append(out, filepath.Join(folder, e.Name()))
		}
	}
	if len(out) > maxFixtures {
		return nil, usagef("%s holds %d fixtures, limit %d", folder, len(out), maxFixtures)
	}
	return out, err
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
