// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/dir"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

// noon is the time that these tests run at.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// callSealock runs the program in this process, with an environment of its own.
func callSealock(t *testing.T, environ []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	h := &host{environ: append(slices.Clone(environ), "HOME="+t.TempDir(), "PATH="+os.Getenv("PATH")), stdin: strings.NewReader(""), stdout: &out, stderr: &errs,
		now: func() time.Time { return noon }}
	code = run(h, args)
	return out.String(), errs.String(), code
}

func writeText(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// project is a folder with a pipeline, a policy of one stage, and that stage's evidence about an artifact.
type project struct {
	dir     string
	build   attesttest.Key
	release attesttest.Key
	subject attest.Subject
}

const projectPolicy = `apiVersion: sealock/v1
kind: Policy
name: app
version: 3
expires: 2027-06-30T00:00:00Z
trust: none
identities:
  build: {key: keys/build.pub}
  release: {key: keys/release.pub}
stages:
  build: {signedBy: [build], evidence: [sbom]}
artifacts:
  app: {product: build}
environments:
  dev: {stages: [build], promotedBy: [release]}
  prod: {from: dev, promotedBy: [release], approvals: {by: release, threshold: 1, validFor: 24h}}
rules: {sbom: {}, vulnerabilities: {refuse: medium}}
environmentRules: {prod: {vulnerabilities: {refuse: low}}}
`

func newProject(t *testing.T) *project {
	t.Helper()
	p := &project{dir: t.TempDir(), build: attesttest.NewKey(t, sigstore.ECDSAP256), release: attesttest.NewKey(t, sigstore.Ed25519), subject: attesttest.Artifact("app", "app 1")}
	writeText(t, filepath.Join(p.dir, "sealock.yaml"), "apiVersion: sealock/v1\nkind: Pipeline\nname: app\npolicy: policy\nstages:\n  build: {subjects: ['file:app'], evidence: [sbom]}\n")
	writeText(t, filepath.Join(p.dir, "policy", "policy.yaml"), projectPolicy)
	writeText(t, filepath.Join(p.dir, "policy", "keys", "build.pub"), string(p.build.PEM))
	writeText(t, filepath.Join(p.dir, "policy", "keys", "release.pub"), string(p.release.PEM))
	p.evidence(t, filepath.Join(p.dir, "policy", "tests", "built"), noon)
	return p
}

// evidence writes a store with a sound run of the stage, finished at a time.
func (p *project) evidence(t *testing.T, folder string, finished time.Time) {
	t.Helper()
	store, err := dir.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	put := func(bundle []byte) attest.Evidence {
		e := attesttest.Verify(t, bundle, p.build)
		if err := store.Put(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		return e
	}
	sbom := put(p.build.Attest(t, predicate.TypeCycloneDX, attesttest.SBOM(p.subject, "pkg:npm/left-pad@1.3.0"), p.subject))
	put(p.build.Attest(t, predicate.TypeLink, predicate.Link{Name: "build", Command: []string{"make"}, Materials: []attest.ResourceDescriptor{},
		Byproducts:  predicate.Byproducts{Evidence: []predicate.EvidenceRef{{Name: "sbom", PredicateType: predicate.TypeCycloneDX, Digest: attest.DigestSet{"sha256": sbom.ID().Hex}}}},
		Environment: predicate.Environment{StartedOn: predicate.Time(finished.Add(-time.Minute)), FinishedOn: predicate.Time(finished), Sealock: "test"}}, p.subject))
}

// fixture adds a fixture to the policy; what is given replaces lines of a sound one.
func (p *project) fixture(t *testing.T, name string, replace ...string) {
	t.Helper()
	text := "subject: {sha256: " + p.subject.Digest["sha256"] + "}\nevidence: built\nenv: dev\nat: 2026-11-22T13:00:00Z\nexpect: {verdict: allowed}\n"
	writeText(t, filepath.Join(p.dir, "policy", "tests", name+".yaml"), strings.NewReplacer(replace...).Replace(text))
}

func TestPolicyTest(t *testing.T) {
	const prod = "expect: {verdict: refused, codes: [APPROVAL_MISSING, PROMOTION_MISSING]}"
	cases := []struct {
		name    string
		replace []string
		code    int
		says    string
	}{
		{"allowed", nil, exitAllowed, "ok       fixture"},
		{"a digest as text", []string{"{sha256: ", "'sha256:", "}\nevidence", "'\nevidence"}, exitAllowed, "ok       fixture"},
		{"refused as expected", []string{"env: dev", "env: prod", "expect: {verdict: allowed}", prod}, exitAllowed, "ok       fixture"},
		{"other verdict", []string{"env: dev", "env: prod"}, exitRefused, "expected allowed; found refused APPROVAL_MISSING PROMOTION_MISSING"},
		{"a code less", []string{"env: dev", "env: prod", "expect: {verdict: allowed}", "expect: {verdict: refused, codes: [APPROVAL_MISSING]}"}, exitRefused, "failed   fixture"},
		{"policy expired by then", []string{"2026-11-22T13", "2028-11-22T13"}, exitRefused, "POLICY_EXPIRED"},
		{"one more digest", []string{"{sha256: ", "{sha512: '" + strings.Repeat("0", 128) + "', sha256: "}, exitAllowed, "ok       fixture"},
		{"another artifact", []string{"{sha256: ", "{sha256: '" + strings.Repeat("0", 64) + "'} # "}, exitRefused, "expected allowed; found refused"},
		{"a refusal without codes", []string{"verdict: allowed", "verdict: refused"}, exitUsage, "needs codes"},
		{"codes of what is allowed", []string{"allowed}", "allowed, codes: [X]}"}, exitUsage, "has no reason codes"},
		{"unknown verdict", []string{"verdict: allowed", "verdict: fine"}, exitUsage, "expected allowed, refused or undecided"},
		{"unknown key", []string{"env: dev", "env: dev\nenvironment: dev"}, exitUsage, "unknown key"},
		{"no evidence folder", []string{"evidence: built", "evidence: elsewhere"}, exitUsage, "expected a folder that is there"},
		{"no time", []string{"at: 2026-11-22T13:00:00Z\n", ""}, exitUsage, "time to decide for"},
		{"weak digest", []string{"{sha256: ", "'md5:" + strings.Repeat("0", 32) + "' #"}, exitUsage, "subject"},
		{"unknown environment", []string{"env: dev", "env: moon"}, exitRefused, "UNKNOWN_ENVIRONMENT"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := newProject(t)
			p.fixture(t, "case", c.replace...)
			out, stderr, code := callSealock(t, nil, "policy", "test", "-C", p.dir)
			if code != c.code || !strings.Contains(out+stderr, c.says) {
				t.Errorf("exit %d, expected %d and %q:\n%s%s", code, c.code, c.says, out, stderr)
			}
		})
	}
}

const ownRule = `# SPDX-License-Identifier: Apache-2.0
package policy.freeze

refuse contains {"code": "FREEZE", "message": "nothing moves today"} if startswith(input.at, "2026-11-22T")
`

func TestPolicyTestRego(t *testing.T) {
	p := newProject(t)
	writeText(t, filepath.Join(p.dir, "policy", "freeze.rego"), ownRule)
	test := "# SPDX-License-Identifier: Apache-2.0\npackage policy.freeze_test\n\nimport data.policy.freeze\n\ntest_day_after if count(freeze.refuse) == 0 with input as {\"at\": \"2026-11-23T12:00:00Z\"}\n"
	writeText(t, filepath.Join(p.dir, "policy", "freeze_test.rego"), test)
	if out, stderr, code := callSealock(t, nil, "policy", "test", "-C", p.dir, "-v"); code != exitAllowed || !strings.Contains(out, "policy.freeze_test.test_day_after") {
		t.Fatalf("exit %d\n%s%s", code, out, stderr)
	}
	p.fixture(t, "frozen")
	out, stderr, code := callSealock(t, nil, "policy", "test", "-C", p.dir)
	if code != exitRefused || !strings.Contains(out, "FREEZE") {
		t.Fatalf("exit %d\n%s%s", code, out, stderr)
	}
	writeText(t, filepath.Join(p.dir, "policy", "freeze_test.rego"), strings.Replace(test, "2026-11-23", "2026-11-22", 1))
	out, _, code = callSealock(t, nil, "policy", "test", "-C", p.dir, "-o", "json")
	var report testReport
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != exitRefused || report.Passed {
		t.Fatalf("exit %d, %v\n%s", code, err, out)
	}
	writeText(t, filepath.Join(p.dir, "policy", "freeze_test.rego"), "package policy.freeze_test\n\ntest_broken if {")
	if out, stderr, code = callSealock(t, nil, "policy", "test", "-C", p.dir); code != exitUsage {
		t.Fatalf("exit %d, expected %d\n%s%s", code, exitUsage, out, stderr)
	}
}

// Who speaks for two roles is told; where an environment is protected, or where the policy names two that are one, it fails.
func TestPolicyTestSharedRoles(t *testing.T) {
	p := newProject(t)
	file := filepath.Join(p.dir, "policy", "policy.yaml")
	for _, c := range []struct {
		name     string
		replace  []string
		code     int
		expected string
	}{
		{"apart", []string{", approvals: {by: release, threshold: 1, validFor: 24h}", ""}, exitAllowed, "ok       roles    every signer speaks for one role"},
		{"one identity", []string{"promotedBy: [release]", "promotedBy: [build]"}, exitAllowed, "warn     roles    build: promotion, stage build"},
		{"one identity, protected", []string{"promotedBy: [release]", "promotedBy: [build]", "from: dev,", "from: dev, protected: true,"}, exitRefused, "failed   roles    build: promotion"},
		{"two names of one key", []string{"keys/release.pub", "keys/build.pub"}, exitRefused, "failed   roles    build, release: approval for prod, promotion, stage build"},
	} {
		writeText(t, file, strings.NewReplacer(c.replace...).Replace(projectPolicy))
		out, stderr, code := callSealock(t, nil, "policy", "test", "-C", p.dir)
		if code != c.code || !strings.Contains(out, c.expected) {
			t.Errorf("%s: exit %d, expected %d and %q\n%s%s", c.name, code, c.code, c.expected, out, stderr)
		}
	}
	writeText(t, file, "apiVersion: sealock/v1\nkind: Policy\n")
	if _, stderr, code := callSealock(t, nil, "policy", "test", "-C", p.dir); code != exitUsage {
		t.Errorf("a policy that does not load: exit %d\n%s", code, stderr)
	}
}

// V-17: two identities that one certificate could satisfy are no separation, and the policy that names them apart fails.
func TestV17_PolicyTestOfCertificates(t *testing.T) {
	p := newProject(t)
	file := filepath.Join(p.dir, "policy", "policy.yaml")
	certificates := func(release string) string {
		const build = "{issuer: https://token.actions.githubusercontent.com, subject: https://github.com/acme/app/.github/workflows/ci.yml@refs/heads/main, claims: {sourceRepositoryIdentifier: 4711, deploymentEnvironment: build}}"
		return strings.NewReplacer("trust: none", "trust: public-good", "{key: keys/build.pub}", build, "{key: keys/release.pub}", release).Replace(projectPolicy)
	}
	const same = "{issuer: https://token.actions.githubusercontent.com, subjectPattern: https://github.com/acme/app/.github/workflows/*@refs/heads/main}"
	writeText(t, file, certificates(same))
	if out, stderr, code := callSealock(t, nil, "policy", "test", "-C", p.dir); code != exitRefused || !strings.Contains(out, "failed   roles    build, release") {
		t.Errorf("exit %d\n%s%s", code, out, stderr)
	}
	if err := os.RemoveAll(filepath.Join(p.dir, "policy", "tests")); err != nil {
		t.Fatal(err)
	}
	writeText(t, file, certificates(strings.Replace(same, "main}", "main, claims: {deploymentEnvironment: release}}", 1)))
	if out, stderr, code := callSealock(t, nil, "policy", "test", "-C", p.dir); code != exitAllowed || strings.Contains(out, "build, release") {
		t.Errorf("exit %d\n%s%s", code, out, stderr)
	}
	out, stderr, code := callSealock(t, nil, "policy", "show", "-C", p.dir)
	if code != exitAllowed || !strings.Contains(out, "trust      public-good; 1 logs, 0 time stamps") || !strings.Contains(out, "deploymentEnvironment                release") {
		t.Errorf("exit %d\n%s%s", code, out, stderr)
	}
}

func TestPolicyShow(t *testing.T) {
	p := newProject(t)
	out, stderr, code := callSealock(t, nil, "policy", "show", "-C", p.dir, "--env", "prod", "-o", "json")
	var v policyView
	if err := json.Unmarshal([]byte(out), &v); err != nil || code != exitAllowed {
		t.Fatalf("exit %d, %v\n%s", code, err, stderr)
	}
	if v.Digest == "" || v.TrustRoot == "" || len(v.Environments) != 2 || v.Environments[1].Approvals == nil || v.Environments[1].Stages["app"][0] != "build" {
		t.Errorf("found %+v", v)
	}
	if v.Identities[0].Digest != p.build.ID || v.Identities[1].Digest != p.release.ID {
		t.Errorf("identities: %+v", v.Identities)
	}
	from := map[string]string{}
	for _, r := range v.Parameters {
		for _, x := range r.Parameters {
			from[r.ID+"."+x.Name+"@"+x.Environment] = x.From
		}
	}
	for key, want := range map[string]string{"vulnerabilities.refuse@": "rules", "vulnerabilities.refuse@prod": "environmentRules.prod", "vulnerabilities.unknown@": "default"} {
		if from[key] != want {
			t.Errorf("%s comes from %q, expected %q", key, from[key], want)
		}
	}
	if _, stderr, code := callSealock(t, nil, "policy", "show", "-C", p.dir, "--env", "moon"); code != exitUsage || !strings.Contains(stderr, "dev, prod") {
		t.Errorf("unknown environment: exit %d, %s", code, stderr)
	}
	if _, stderr, code := callSealock(t, nil, "policy", "show", "-C", t.TempDir()); code != exitUsage || !strings.Contains(stderr, "sealock init") {
		t.Errorf("no policy: exit %d, %s", code, stderr)
	}
}

// A policy of local keys can be looked at where they are not; nothing is made, and no digest is claimed.
func TestPolicyShowAbsentKeys(t *testing.T) {
	home := t.TempDir()
	out, stderr, code := callSealock(t, []string{"HOME=" + home}, "policy", "show", "-C", filepath.Join("..", "..", "testdata", "shop"))
	if code != exitAllowed || !strings.Contains(out, "digest     not known") {
		t.Errorf("exit %d\n%s%s", code, out, stderr)
	}
	if left, err := os.ReadDir(home); err != nil || len(left) != 0 {
		t.Errorf("something was made: %v, %v", left, err)
	}
}
