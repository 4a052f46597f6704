// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"crypto"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// token is put together so that no scanner takes this file for a leak.
var token = "gh" + "p_" + "Xq3vT9mLw2Rz8KfYb1NcHd5sJp7GaE4uVo6i"

const policyText = `apiVersion: sealock/v1
kind: Policy
name: shop
version: 1
expires: 2031-01-01T00:00:00Z
trust: none
identities:
  source-job: {key: keys/source.pub}
  build-job: {key: keys/build.pub}
  build-two: {key: keys/two.pub}
  release-job: {key: keys/release.pub}
  alice: {key: keys/alice.pub}
  bob: {key: keys/bob.pub}
stages:
  source: {signedBy: [source-job], evidence: [secrets, config]}
  build: {after: [{stage: source, sameRun: true}], signedBy: [build-job, build-two], evidence: [provenance, sbom], builders: {threshold: 2}}
artifacts:
  service: {product: build}
environments:
  dev: {stages: [source, build], promotedBy: [release-job]}
  prod: {from: dev, promotedBy: [release-job], protected: true, approvals: {by: managers, threshold: 1, validFor: 72h, notBy: [alice]}}
rules:
  secrets: {}
  config: {refuse: high}
  sbom: {}
  provenance: {builders: ["https://ci.example.com"], sources: ["git+https://git.example.com/shop"]}
`

// policy is one with keys that nobody holds.
func policy(t testing.TB, change ...string) *gate.Policy {
	t.Helper()
	return policyWith(t, nil, change...)
}

// policyWith is policy with some keys that are known.
func policyWith(t testing.TB, keys map[string][]byte, change ...string) *gate.Policy {
	t.Helper()
	files := map[string][]byte{"policy.yaml": []byte(strings.NewReplacer(append(change, "by: managers", "by: people", "identities:", "identities:\n  people: {anyOf: [alice, bob]}")...).Replace(policyText))}
	for _, name := range []string{"source", "build", "two", "release", "alice", "bob"} {
		if files["keys/"+name+".pub"] = keys[name]; keys[name] == nil {
			files["keys/"+name+".pub"] = attesttest.NewKey(t, sigstore.Ed25519).PEM
		}
	}
	root := func([]byte) (attest.Digest, error) { return attest.SHA256(nil), nil }
	p, err := gate.ParsePolicy("policy", files, gate.LoadOptions{Timeout: time.Minute, TrustRoot: root, ParseKey: func(pem []byte) (crypto.PublicKey, string, error) {
		key, err := sigstore.ParsePublicKey(pem)
		if err != nil {
			return nil, "", err
		}
		id, err := sigstore.KeyID(key)
		return key, id, err
	}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// clone is a repository for tests.
type clone struct {
	testing.TB
	dir string
	opt Options
}

func newClone(t testing.TB) *clone {
	c := &clone{t, t.TempDir(), Options{}}
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	c.opt = Options{Dir: c.dir, Env: env, Now: func() time.Time { return now }, Version: "test", TempDir: t.TempDir(), Cache: t.TempDir(), Config: stage.Configured(nil)}
	c.git("init", "-q", "-b", "main")
	return c
}

func (c *clone) git(args ...string) string {
	c.Helper()
	cmd := exec.CommandContext(c.Context(), "git", args...)
	cmd.Dir = c.dir
	cmd.Env = append(c.opt.Env[:2:2], "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_AUTHOR_NAME=alice", "GIT_AUTHOR_EMAIL=alice@example.com", "GIT_COMMITTER_NAME=alice", "GIT_COMMITTER_EMAIL=alice@example.com",
		"GIT_AUTHOR_DATE=2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z")
	out, err := cmd.CombinedOutput()
	if err != nil {
		c.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (c *clone) write(files ...string) {
	c.Helper()
	for i := 0; i < len(files); i += 2 {
		name := filepath.Join(c.dir, files[i])
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			c.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(files[i+1]), 0o644); err != nil {
			c.Fatal(err)
		}
	}
}

// commit commits files and gives the commit's id.
func (c *clone) commit(files ...string) string {
	c.Helper()
	c.write(files...)
	c.git("add", "-A")
	c.git("commit", "-q", "--allow-empty", "-m", "change")
	return c.git("rev-parse", "HEAD")
}

// judge makes the clone's policy known.
func (c *clone) judge(p *gate.Policy) {
	c.opt.Policy, c.opt.PolicyID, c.opt.Config, c.opt.Environments = p, p.Digest.String(), stage.Configured(p), p.EnvironmentOrder()
}

func (c *clone) check(scope Scope) Report {
	c.Helper()
	r, err := Run(c.Context(), scope, c.opt)
	if err != nil {
		c.Fatal(err)
	}
	return r
}

// zero is the id of nothing.
const zero = "0000000000000000000000000000000000000000"
