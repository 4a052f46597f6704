// SPDX-License-Identifier: Apache-2.0

package stack_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/testdata/stack"
)

// workflow is the subject of a certificate for a workflow of the sample.
func workflow(name string) string {
	return "https://github.com/acme/shop/.github/workflows/" + name + ".yml@refs/heads/main"
}

// as are the claims of a job of that workflow, reused by the one that runs.
func as(name string, more map[string]any) map[string]any {
	claims := map[string]any{"job_workflow_ref": "acme/shop/.github/workflows/" + name + ".yml@refs/heads/main"}
	maps.Copy(claims, more)
	return claims
}

// Each stage has a workflow of its own. None can do the work of another, a run can't be put together from two, and another attempt of one can.
func TestKeylessJobsApart(t *testing.T) {
	c := newCI(t, stack.Memory)
	var identities strings.Builder
	for _, role := range []string{"source", "build", "scan", "release"} {
		identities.WriteString(identity(role, gitHubIssuer, workflow(role), map[string]string{"sourceRepositoryIdentifier": "4711"}))
	}
	shop := c.sampleFiles()
	policy := filepath.Join(shop, "policy")
	c.keylessPolicy(policy, "{sigstore: trusted_root.json}", identities.String(), func(role string) string { return role })
	c.edit(filepath.Join(policy, "policy.yaml"), "after: [source]", "after: [{stage: source, sameRun: true}]")
	c.commit(shop)
	stage := func(want int, name string, claims map[string]any, more ...string) string {
		c.Helper()
		return c.job(want, shop, c.gitHubJob(claims), append([]string{c.sealock, "run", name}, more...)...)
	}
	store := filepath.Join(shop, ".sealock")

	if out := stage(1, "source", as("scan", nil)); !strings.Contains(out, workflow("source")) || !strings.Contains(out, workflow("scan")) {
		t.Errorf("the message does not name both workflows:\n%s", out)
	}
	stage(0, "source", as("source", nil), "--force")
	stage(1, "build", as("source", nil))
	if out := stage(1, "build", as("build", map[string]any{"run_id": "1002"}), "--force"); !strings.Contains(out, "actions/runs/1002") {
		t.Errorf("a build of another run: the message does not name the run\n%s", out)
	}
	stage(0, "build", as("build", map[string]any{"run_attempt": "2"}), "--force")
	stage(0, "scan", as("scan", nil))

	verify := []string{c.sealock, "verify", "oci-layout:out/shop", "--env", "dev"}
	c.job(0, shop, nil, verify...)
	before := c.files(store)
	c.job(1, shop, c.gitHubJob(as("build", nil)), c.sealock, "promote", "oci-layout:out/shop", "--to", "dev")
	if now := c.files(store); !maps.Equal(now, before) {
		t.Error("a promotion by a job that may not promote was stored")
	}
	c.job(0, shop, c.gitHubJob(as("release", nil)), c.sealock, "promote", "oci-layout:out/shop", "--to", "dev")
	c.job(0, shop, nil, c.sealock, "verify", "oci-layout:out/shop", "--env", "dev", "--promoted")
	c.noToken(shop)
}

// trust.log: none asks no log, and what is signed so counts only where the policy says that no log is needed.
func TestKeylessWithoutLog(t *testing.T) {
	c := newCI(t, stack.Memory)
	r := c.relays()
	shop := c.sampleFiles()
	policy := filepath.Join(shop, "policy")
	const without = "{sigstore: trusted_root.json, log: none, timestamps: 1}"
	c.keylessPolicy(policy, without, identity("job", gitHubIssuer, gitHubSubject, nil), everyRole)
	c.commit(shop)
	c.job(0, shop, c.gitHubJob(nil), c.sealock, "run", "--all", "--signing-config", r.config)
	if n := r.log.requests.Load(); n != 0 {
		t.Errorf("the log was asked %d times", n)
	}
	for _, file := range c.bundles(shop) {
		data, err := os.ReadFile(file)
		c.must(err)
		if strings.Contains(string(data), "tlogEntries") {
			t.Errorf("%s has a log entry", file)
		}
	}
	verify := []string{c.sealock, "verify", "oci-layout:out/shop", "--env", "staging"}
	c.job(0, shop, nil, verify...)
	strict := c.copyPolicy(policy, without, "{sigstore: trusted_root.json}")
	if out := c.job(1, shop, nil, append(verify, "--policy", strict)...); !strings.Contains(out, "LOG_MISSING") {
		t.Errorf("where a log is required the reason is\n%s", out)
	}
}

// While the log is down, time stamps alone count for as long as the policy says, and every decision tells so.
func TestKeylessDegraded(t *testing.T) {
	c := newCI(t, stack.Memory)
	shop := c.sampleFiles()
	policy := filepath.Join(shop, "policy")
	const degraded = "{sigstore: trusted_root.json, timestamps: 1, degraded: 4h}"
	c.keylessPolicy(policy, degraded, identity("job", gitHubIssuer, gitHubSubject, nil), everyRole)
	c.commit(shop)
	c.StopServer(stack.ServerLog)
	out := c.job(0, shop, c.gitHubJob(nil), c.sealock, "run", "source")
	if !strings.Contains(out, "is down") || !strings.Contains(out, c.URLs.Log) {
		t.Errorf("nothing says that the log %s is down:\n%s", c.URLs.Log, out)
	}
	c.must(c.RestartServer(t.Context(), stack.ServerLog))
	c.job(0, shop, c.gitHubJob(nil), c.sealock, "run", "build")
	verify := []string{c.sealock, "verify", "oci-layout:out/shop", "--env", "dev"}
	if out := c.job(0, shop, nil, verify...); !strings.Contains(out, "DEGRADED") {
		t.Errorf("the decision does not say that it did without a log:\n%s", out)
	}
	strict := c.copyPolicy(policy, degraded, "{sigstore: trusted_root.json, timestamps: 1}")
	c.job(1, shop, nil, append(verify, "--policy", strict)...)
}

// People approve with a login of their own: each counts once, and only those whom the policy names.
func TestKeylessApprovals(t *testing.T) {
	c := newCI(t, stack.Memory)
	shop := c.sampleFiles()
	policy := filepath.Join(shop, "policy")
	c.keylessPolicy(policy, "{sigstore: trusted_root.json}", identity("job", gitHubIssuer, gitHubSubject, nil), everyRole)
	for _, name := range []string{"alice", "bob", "carol"} {
		c.edit(filepath.Join(policy, "policy.yaml"), `{key: "local:`+name+`"}`, `{issuer: "`+peopleIssuer+`", subject: `+name+`@example.org}`)
	}
	c.commit(shop)
	c.job(0, shop, c.gitHubJob(nil), c.sealock, "run", "--all")
	verify := []string{c.sealock, "verify", "oci-layout:out/shop", "--env", "prod"}
	approve := func(want int, mail string) string {
		c.Helper()
		return c.job(want, shop, c.person(mail), c.sealock, "approve", "oci-layout:out/shop", "--env", "prod", "--reason", "reviewed")
	}
	approvals := func(n string) {
		c.Helper()
		if out := c.job(1, shop, nil, verify...); !strings.Contains(out, "2 approvals by managers and has "+n) {
			t.Errorf("expected %s approvals:\n%s", n, out)
		}
	}
	approvals("0")
	approve(0, "alice@example.org")
	approvals("1")
	approve(0, "alice@example.org")
	approvals("1")
	before := c.files(filepath.Join(shop, ".sealock"))
	if out := approve(1, "mallory@example.org"); !strings.Contains(out, "mallory@example.org") {
		t.Errorf("the message does not say who may not approve:\n%s", out)
	}
	c.job(1, shop, c.gitHubJob(nil), c.sealock, "approve", "oci-layout:out/shop", "--env", "prod", "--reason", "built it myself", "--key", "keyless")
	if now := c.files(filepath.Join(shop, ".sealock")); !maps.Equal(now, before) {
		t.Error("an approval of somebody who may not approve was stored")
	}
	approvals("1")
	approve(0, "bob@example.org")
	c.job(0, shop, nil, verify...)
	c.noToken(shop)
}
