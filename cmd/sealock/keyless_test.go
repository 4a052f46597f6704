// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest/attesttest"
)

// job is a pipeline in a simulated job of GitHub Actions, with a Sigstore instance of its own.
type job struct {
	*attesttest.Servers
	dir     string
	environ []string
	token   string // the last that the job was given
}

const canary = "canary-request-token-of-the-job"

func newJob(t *testing.T, who attesttest.Workload) *job {
	t.Helper()
	instance := attesttest.NewSigstore(t, time.Now())
	j := &job{Servers: instance.Serve(t), dir: t.TempDir()}
	ambient := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+canary {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		j.token = j.Token(t, who, map[string]any{"aud": r.URL.Query().Get("audience"), "job_workflow_ref": strings.TrimPrefix(who.Subject, "https://github.com/")})
		_ = json.NewEncoder(w).Encode(map[string]any{"value": j.token})
	}))
	t.Cleanup(ambient.Close)
	files := map[string]string{
		"sealock.yaml": `apiVersion: sealock/v1
kind: Pipeline
name: p
policy: ./policy
stages:
  source: {subjects: ["dir:src"], evidence: [secrets]}
  build:
    run: [sh, src/build.sh]
    inputs: ["dir:src"]
    subjects: ["file:out/app"]
    evidence: [provenance]
`,
		"src/build.sh": `mkdir -p out
echo app >out/app
env >env
tr '\0' '\n' </proc/$PPID/environ >parent 2>/dev/null || true
`,
		"policy/policy.yaml": `apiVersion: sealock/v1
kind: Policy
name: p
version: 1
expires: 2099-01-01T00:00:00Z
trust: {sigstore: trusted_root.json, timestamps: 1}
identities:
  job:
    issuer: https://token.actions.githubusercontent.com
    subject: https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/main
    claims: {sourceRepositoryIdentifier: "4711", runnerEnvironment: github-hosted}
stages:
  source: {signedBy: [job], evidence: [secrets]}
  build: {after: [source], signedBy: [job], evidence: [provenance]}
artifacts:
  app: {product: build}
environments:
  dev: {stages: [source, build], promotedBy: [job]}
rules:
  secrets: {}
`,
		"policy/trusted_root.json": string(instance.RootJSON(t)),
		"../signing.json":          string(j.SigningConfig(t, attesttest.LogV2)),
	}
	j.dir = filepath.Join(j.dir, "p")
	for name, content := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(j.dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(j.dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	j.environ = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "GITHUB_ACTIONS=true", "SEALOCK_SIGNING_CONFIG=../signing.json",
		"ACTIONS_ID_TOKEN_REQUEST_URL=" + ambient.URL + "/idtoken/1?api-version=2.0", "ACTIONS_ID_TOKEN_REQUEST_TOKEN=" + canary}
	return j
}

// sealock runs the program and gives its exit code and what it said.
func (j *job) sealock(t *testing.T, args ...string) (int, string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sealock", args...)
	cmd.Dir, cmd.Env = j.dir, j.environ
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if j.token != "" {
		for part := range strings.SplitSeq(j.token, ".") {
			if strings.Contains(out.String(), part) {
				t.Errorf("a part of the token is printed: %s", out.String())
			}
		}
	}
	if strings.Contains(out.String(), canary) {
		t.Errorf("the request token is printed: %s", out.String())
	}
	return cmd.ProcessState.ExitCode(), out.String()
}

// stored counts the bundles in the store.
func (j *job) stored(t *testing.T) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(j.dir, ".sealock", "*", "*.sigstore.json"))
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

var buildJob = attesttest.GitHubJob("acme/shop", "build.yml", "refs/heads/main")

// A job of GitHub Actions signs every stage with the identity that it runs under, and the command of a stage sees nothing of it.
func TestKeylessRun(t *testing.T) {
	t.Parallel()
	j := newJob(t, buildJob)
	if code, out := j.sealock(t, "run", "--all"); code != exitAllowed {
		t.Fatalf("exit code %d: %s", code, out)
	}
	if n := j.Asked(attesttest.ServerCA); n != 1 {
		t.Errorf("%d certificates for one run, expected one", n)
	}
	if code, out := j.sealock(t, "verify", "file:out/app", "--env", "dev", "--promoted"); code != exitAllowed {
		t.Errorf("exit code %d: %s", code, out)
	}
	for _, name := range []string{"env", "parent"} {
		data, err := os.ReadFile(filepath.Join(j.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), canary) || strings.Contains(string(data), "ID_TOKEN") {
			t.Errorf("%s of the command holds what gets tokens", name)
		}
	}
	certificates, stored := j.Asked(attesttest.ServerCA), j.stored(t)
	if code, out := j.sealock(t, "run", "build"); code != exitAllowed || !strings.Contains(out, "unchanged") {
		t.Errorf("exit code %d: %s", code, out)
	}
	if j.Asked(attesttest.ServerCA) != certificates || j.stored(t) != stored {
		t.Error("nothing had changed, and a certificate was asked for")
	}
}

// The same chain is refused where any single claim of the certificate is another.
func TestKeylessOtherIdentity(t *testing.T) {
	t.Parallel()
	for name, who := range map[string]attesttest.Workload{
		"other workflow":   attesttest.GitHubJob("acme/shop", "other.yml", "refs/heads/main"),
		"other branch":     attesttest.GitHubJob("acme/shop", "build.yml", "refs/heads/feature"),
		"other repository": buildJob.With(map[string]string{"sourceRepositoryIdentifier": "4712"}),
		"other runner":     buildJob.With(map[string]string{"runnerEnvironment": "self-hosted"}),
		"other issuer":     {Issuer: "https://issuer.example", Subject: buildJob.Subject, Claims: buildJob.Claims},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := newJob(t, who)
			if code, out := j.sealock(t, "run", "source"); code != exitRefused {
				t.Errorf("exit code %d: %s", code, out)
			}
		})
	}
}

// A server that stays down leaves the answer open, is named, and leaves nothing behind.
func TestKeylessServerDown(t *testing.T) {
	t.Parallel()
	for server, names := range map[string]string{attesttest.ServerCA: "certificate authority", attesttest.ServerLogV2: "transparency log", attesttest.ServerTime: "time stamp authority"} {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			j := newJob(t, buildJob)
			j.Fault(server, attesttest.Status(http.StatusServiceUnavailable, 0, "Retry-After", "3000"))
			code, out := j.sealock(t, "run", "source")
			if code != exitUndecided || !strings.Contains(out, names) || !strings.Contains(out, j.URL) || !strings.Contains(out, "SIGNING_DOWN") {
				t.Errorf("exit code %d: %s", code, out)
			}
			if n := j.stored(t); n != 0 {
				t.Errorf("%d bundles were stored", n)
			}
		})
	}
}

func TestKeylessWithoutToken(t *testing.T) {
	t.Parallel()
	j := newJob(t, buildJob)
	j.environ = j.environ[:4]
	if code, out := j.sealock(t, "run", "source"); code != exitUsage || !strings.Contains(out, "id-token: write") {
		t.Errorf("exit code %d: %s", code, out)
	}
	j.environ = append(j.environ, "SIGSTORE_ID_TOKEN="+j.Token(t, buildJob, map[string]any{"aud": "https://github.com/acme"}))
	if code, out := j.sealock(t, "run", "source"); code != exitUsage || !strings.Contains(out, `expected "sigstore"`) {
		t.Errorf("exit code %d: %s", code, out)
	}
	if n := j.Asked(attesttest.ServerCA); n != 0 {
		t.Errorf("the token was sent %d times", n)
	}
}
