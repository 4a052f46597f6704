// SPDX-License-Identifier: Apache-2.0

//go:build unix && !gateonly

package main

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const watchedPolicy = `apiVersion: sealock/v1
kind: Policy
name: p
version: 1
expires: 2099-01-01T00:00:00Z
trust: none
identities:
  job: {key: k.pub}
stages:
  build: {signedBy: [job], evidence: [provenance]}
artifacts:
  app: {product: build}
environments:
  dev: {stages: [build], promotedBy: [job]}
rules:
  provenance: {}
`

// driftFolder is a folder with a policy and its key.
func driftFolder(t *testing.T, policy string) (string, []string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "policy"), 0o755); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "HOME="+dir, "KUBECONFIG=")
	if got := say(t.Context(), t, dir, env, "sealock", "keys", "generate", "--out", "policy/k"); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	if err := os.WriteFile(filepath.Join(dir, "policy", "policy.yaml"), []byte(policy), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir, env
}

// The command lists a cluster as its kubeconfig says, and judges what runs there in the environment that the namespace's label names.
func TestDriftCluster(t *testing.T) {
	t.Parallel()
	image := "registry.acme.io/a@sha256:" + strings.Repeat("a", 64)
	pod := `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"%s","uid":"%[1]s"},"spec":{"containers":[{"name":"c","image":"registry.acme.io/a:v1"}]},"status":{"phase":"Running","containerStatuses":[{"name":"c","imageID":"` + image + `","state":{"running":{}}}]}}`
	lists := map[string]string{
		"/api/v1/namespaces": `[{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop","labels":{"sealock.dev/environment":"dev"}}},{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"other"}}]`,
		"/api/v1/pods":       "[" + fmt.Sprintf(pod, "shop") + "," + fmt.Sprintf(pod, "other") + "]",
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		items := cmp.Or(lists[r.URL.Path], "[]")
		w.Header().Set("Content-Type", "application/json")
		kind := `"apiVersion":"v1","kind":"PodList"`
		if strings.Contains(r.Header.Get("Accept"), "PartialObjectMetadataList") {
			kind, items = `"apiVersion":"meta.k8s.io/v1","kind":"PartialObjectMetadataList"`, strings.ReplaceAll(items, `"apiVersion":"v1","kind":"Namespace"`, `"apiVersion":"meta.k8s.io/v1","kind":"PartialObjectMetadata"`)
		}
		fmt.Fprintf(w, `{%s,"metadata":{"resourceVersion":"1"},"items":%s}`, kind, items)
	}))
	defer server.Close()
	dir, env := driftFolder(t, strings.Replace(watchedPolicy, "{product: build}", "{product: build, repositories: [other.acme.io/*]}", 1))
	config := `{"apiVersion":"v1","kind":"Config","current-context":"c","contexts":[{"name":"c","context":{"cluster":"c"}}],"clusters":[{"name":"c","cluster":{"server":"` + server.URL + `"}}]}`
	if err := os.WriteFile(filepath.Join(dir, "kubeconfig"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	got := say(t.Context(), t, dir, env, "sealock", "drift", "--kubeconfig", "kubeconfig", "--policy", "policy")
	for _, want := range []string{"unattested  dev          shop/Pod/p (c)", "REPOSITORY_NOT_ALLOWED", "not looked at: namespace other", "DRIFT: 1 unattested"} {
		if got.code != exitRefused || !strings.Contains(got.stdout, want) {
			t.Errorf("exit code %d, no %q in\n%s%s", got.code, want, got.stdout, got.stderr)
		}
	}
	if got = say(t.Context(), t, dir, env, "sealock", "drift", "--kubeconfig", "kubeconfig", "--policy", "policy", "--env", "dev"); !strings.Contains(got.stdout, "DRIFT: 2 unattested") {
		t.Errorf("%+v", got)
	}
	if got = say(t.Context(), t, dir, env, "sealock", "drift", "--kubeconfig", "kubeconfig", "--policy", "policy", "--skip-namespace", "shop"); got.code != exitUndecided {
		t.Errorf("nothing was looked at, and it says %+v", got)
	}
	server.Close()
	if got = say(t.Context(), t, dir, env, "sealock", "drift", "--kubeconfig", "kubeconfig", "--policy", "policy"); got.code != exitUndecided || got.stdout != "" {
		t.Errorf("the API server is away, and it says %+v", got)
	}
}

// A watch prints what is not in order, then what changes when the list or the policy does, and ends when it is told to.
func TestDriftWatch(t *testing.T) {
	t.Parallel()
	dir, env := driftFolder(t, watchedPolicy)
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	image := "registry.acme.io/a@sha256:" + strings.Repeat("a", 64)
	write("running", "dev "+image+" Deployment/a\n")
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "sealock", "drift", "--images", "running", "--policy", "policy", "--offline", "--watch", "--every", "1h")
	cmd.Dir, cmd.Env, cmd.Stderr = dir, env, &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string)
	go func() {
		for s := bufio.NewScanner(out); s.Scan(); {
			lines <- s.Text()
		}
		close(lines)
	}()
	expect := func(want string) {
		t.Helper()
		select {
		case got, open := <-lines:
			if !open || !strings.Contains(got, want) {
				t.Fatalf("found %q, expected %q", got, want)
			}
		case <-time.After(time.Minute):
			t.Fatalf("nothing was said, expected %q", want)
		}
	}
	expect("gone -> undecided  dev  Deployment/a")
	write("running", "dev "+image+" Deployment/a\ndev "+image+" Deployment/second\n")
	expect("gone -> undecided  dev  Deployment/second")
	write("policy/policy.yaml", strings.Replace(watchedPolicy, "{product: build}", "{product: build, repositories: [other.acme.io/*]}", 1))
	expect("undecided -> unattested  dev  Deployment/a")
	expect("undecided -> unattested  dev  Deployment/second")
	write("running", "dev "+image+" Deployment/a\n")
	expect("unattested -> gone  dev  Deployment/second")
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for line := range lines {
		t.Errorf("at the end: %s", line)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, stderr.String())
	}
}
