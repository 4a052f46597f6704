// SPDX-License-Identifier: Apache-2.0

//go:build unix && !gateonly

package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
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

// driftServer is an API server with one pod in the namespaces shop, of environment dev, and other, of none. It counts what is written, by path.
type driftServer struct {
	*httptest.Server
	mu     sync.Mutex
	writes []string
}

const driftPod = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"%[1]s","namespace":"%[2]s","uid":"%[2]s-%[1]s"},"spec":{"containers":[{"name":"c","image":"registry.acme.io/a:v1"}]},"status":{"phase":"Running","containerStatuses":[{"name":"c","imageID":"registry.acme.io/a@sha256:%[3]s","state":{"running":{}}}]}}`

func newDriftServer(t *testing.T, pods ...string) *driftServer {
	t.Helper()
	lists := map[string]string{
		"/api/v1/namespaces": `[{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop","labels":{"sealock.dev/environment":"dev"}}},{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"other"}}]`,
		"/api/v1/pods":       "[" + strings.Join(pods, ",") + "]",
	}
	s := &driftServer{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method != http.MethodGet {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.writes = append(s.writes, r.URL.Path)
			fmt.Fprint(w, `{"apiVersion":"v1","kind":"Any","metadata":{"name":"x"}}`)
			return
		}
		items := cmp.Or(lists[r.URL.Path], "[]")
		kind := `"apiVersion":"v1","kind":"PodList"`
		if strings.Contains(r.Header.Get("Accept"), "PartialObjectMetadataList") {
			kind, items = `"apiVersion":"meta.k8s.io/v1","kind":"PartialObjectMetadataList"`, strings.ReplaceAll(items, `"apiVersion":"v1","kind":"Namespace"`, `"apiVersion":"meta.k8s.io/v1","kind":"PartialObjectMetadata"`)
		}
		fmt.Fprintf(w, `{%s,"metadata":{"resourceVersion":"1"},"items":%s}`, kind, items)
	}))
	t.Cleanup(s.Close)
	return s
}

// take gives what was written since it was last asked.
func (s *driftServer) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	writes := s.writes
	s.writes = nil
	return writes
}

// kubeconfig writes the way to the server into a folder.
func (s *driftServer) kubeconfig(t *testing.T, dir string) {
	t.Helper()
	config := `{"apiVersion":"v1","kind":"Config","current-context":"c","contexts":[{"name":"c","context":{"cluster":"c"}}],"clusters":[{"name":"c","cluster":{"server":"` + s.URL + `"}}]}`
	if err := os.WriteFile(filepath.Join(dir, "kubeconfig"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
}

// refusingPolicy lets nothing in from where the pods' image lies, so nothing is asked of a registry.
var refusingPolicy = strings.Replace(watchedPolicy, "{product: build}", "{product: build, repositories: [other.acme.io/*]}", 1)

// The command lists a cluster as its kubeconfig says, and judges what runs there in the environment that the namespace's label names.
func TestDriftCluster(t *testing.T) {
	t.Parallel()
	digest := strings.Repeat("a", 64)
	server := newDriftServer(t, fmt.Sprintf(driftPod, "p", "shop", digest), fmt.Sprintf(driftPod, "p", "other", digest))
	dir, env := driftFolder(t, refusingPolicy)
	server.kubeconfig(t, dir)
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

// What is refused is put right only if that is said, no more than allowed, and not without a record of it.
func TestDriftRemediation(t *testing.T) {
	t.Parallel()
	var pods []string
	for i := range 5 {
		pods = append(pods, fmt.Sprintf(driftPod, fmt.Sprint("p", i), "shop", strings.Repeat("a", 64)))
	}
	server := newDriftServer(t, pods...)
	dir, env := driftFolder(t, refusingPolicy)
	server.kubeconfig(t, dir)
	act := func(args ...string) (said string, writes []string) {
		t.Helper()
		got := say(t.Context(), t, dir, env, "sealock", append([]string{"drift", "--kubeconfig", "kubeconfig", "--policy", "policy", "--remediate", "evict"}, args...)...)
		if got.code != exitRefused {
			t.Errorf("%q: %+v", args, got)
		}
		return got.stderr, server.take()
	}
	if said, writes := act(); len(writes) != 0 || strings.Count(said, "would evict shop/Pod/p") != 5 {
		t.Errorf("%q\n%s", writes, said)
	}
	if said, writes := act("--yes", "--remediate-limit", "2", "--ledger", "l.db"); len(writes) != 4 || strings.Count(said, "did evict shop/Pod/p") != 2 || !strings.Contains(said, "3 more are left") { // each with its event
		t.Errorf("%q\n%s", writes, said)
	}
	if got := say(t.Context(), t, dir, env, "sealock", "audit", "list", "--ledger", "l.db"); strings.Count(got.stdout, "evict of shop/Pod/p") != 2 {
		t.Errorf("%+v", got)
	}
	if err := os.WriteFile(filepath.Join(dir, "no.db"), []byte("no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := say(t.Context(), t, dir, env, "sealock", "drift", "--kubeconfig", "kubeconfig", "--policy", "policy", "--remediate", "evict", "--yes", "--ledger", "no.db")
	if writes := server.take(); len(writes) != 0 || got.code != exitUndecided {
		t.Errorf("what can't be recorded was done: %q %+v", writes, got)
	}
}

// A policy that has expired refuses everything; that is no reason to empty a cluster.
func TestDriftRemediationNotByAnExpiredPolicy(t *testing.T) {
	t.Parallel()
	server := newDriftServer(t, fmt.Sprintf(driftPod, "p", "shop", strings.Repeat("a", 64)))
	dir, env := driftFolder(t, strings.Replace(refusingPolicy, "2099-", "2020-", 1))
	server.kubeconfig(t, dir)
	got := say(t.Context(), t, dir, env, "sealock", "drift", "--kubeconfig", "kubeconfig", "--policy", "policy", "--remediate", "evict", "--yes")
	if writes := server.take(); got.code == exitAllowed || len(writes) > 0 || !strings.Contains(got.stderr, "nothing is put right by a policy that has expired") {
		t.Errorf("%q %+v", writes, got)
	}
}

// What was touched lately counts, and is forgotten after its time.
func TestRemediesForget(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000000, 0)
	r := &remedies{touched: map[string]time.Time{"a": now.Add(-remedyPeriod), "b": now.Add(-remedyPeriod + time.Second), "c": now}}
	if n := r.recent(now); n != 2 || !r.touched["a"].IsZero() {
		t.Errorf("%d, %v", n, r.touched)
	}
}

// watching is a watch that runs.
type watching struct {
	t      *testing.T
	cmd    *exec.Cmd
	lines  chan string
	stderr string // file with what it says there
}

func watchDrift(t *testing.T, dir string, env []string, args ...string) *watching {
	t.Helper()
	stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stderr.Close() })
	w := &watching{t: t, lines: make(chan string), stderr: stderr.Name(), cmd: exec.CommandContext(t.Context(), "sealock", append([]string{"drift", "--watch", "--every", "1h"}, args...)...)}
	w.cmd.Dir, w.cmd.Env, w.cmd.Stderr = dir, env, stderr
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for s := bufio.NewScanner(out); s.Scan(); {
			w.lines <- s.Text()
		}
		close(w.lines)
	}()
	return w
}

// said is what went to standard error.
func (w *watching) said() string {
	w.t.Helper()
	text, err := os.ReadFile(w.stderr)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

func (w *watching) expect(want string) {
	w.t.Helper()
	select {
	case got, open := <-w.lines:
		if !open || !strings.Contains(got, want) {
			w.t.Fatalf("found %q, expected %q\n%s", got, want, w.said())
		}
	case <-time.After(time.Minute):
		w.t.Fatalf("nothing was said, expected %q\n%s", want, w.said())
	}
}

// stop tells it to end, which it does without another word.
func (w *watching) stop() {
	w.t.Helper()
	if err := w.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		w.t.Fatal(err)
	}
	for line := range w.lines {
		w.t.Errorf("at the end: %s", line)
	}
	if err := w.cmd.Wait(); err != nil {
		w.t.Errorf("%v\n%s", err, w.said())
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
	w := watchDrift(t, dir, env, "--images", "running", "--policy", "policy", "--offline", "--metrics", "127.0.0.1:0")
	w.expect("gone -> undecided  dev  Deployment/a")
	write("running", "dev "+image+" Deployment/a\ndev "+image+" Deployment/second\n")
	w.expect("gone -> undecided  dev  Deployment/second")
	write("policy/policy.yaml", strings.Replace(watchedPolicy, "{product: build}", "{product: build, repositories: [other.acme.io/*]}", 1))
	w.expect("undecided -> unattested  dev  Deployment/a")
	w.expect("undecided -> unattested  dev  Deployment/second")
	write("running", "dev "+image+" Deployment/a\n")
	w.expect("unattested -> gone  dev  Deployment/second")
	checkMetrics(t, w.said())
	w.stop()
}

// A watch by a signed policy under a tag follows the tag.
func TestDriftWatchFollowsThePolicysTag(t *testing.T) {
	t.Parallel()
	dir, env := driftFolder(t, watchedPolicy)
	env = append(env, "COSIGN_PASSWORD=correct-horse")
	_, host := newFaulty(t)
	ref := "oci://" + host + "/policies/p:current"
	sealock := func(args string) {
		t.Helper()
		if got := say(t.Context(), t, dir, env, "sealock", strings.Fields(args)...); got.code != exitAllowed {
			t.Fatalf("%s: %+v", args, got)
		}
	}
	publish := func(version int, repositories string) {
		t.Helper()
		text := strings.Replace(watchedPolicy, "version: 1", fmt.Sprintf("version: %d", version), 1)
		text = strings.Replace(text, "{product: build}", "{product: build, repositories: ["+repositories+"]}", 1)
		if err := os.WriteFile(filepath.Join(dir, "policy", "policy.yaml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		sealock("policy build policy --to policy.tar.gz")
		sealock("policy sign policy.tar.gz --key author.key")
		sealock("policy push policy.tar.gz " + ref + " --policy-key author.pub")
	}
	sealock("keys generate --out author")
	publish(1, host+"/a")
	list := "dev " + host + "/a@sha256:" + strings.Repeat("a", 64) + " Deployment/a\n"
	if err := os.WriteFile(filepath.Join(dir, "running"), []byte(list), 0o644); err != nil {
		t.Fatal(err)
	}
	w := watchDrift(t, dir, env, "--images", "running", "--policy", ref, "--policy-key", "author.pub", "-o", "json")
	w.expect(`"NOT_FOUND"`)
	publish(2, "other.acme.io/*")
	w.expect("REPOSITORY_NOT_ALLOWED")
	w.stop()
}

// checkMetrics reads the metrics of a watch that knows of one image, which is unattested.
func checkMetrics(t *testing.T, said string) {
	t.Helper()
	url := regexp.MustCompile(`http://\S+/metrics`).FindString(said)
	res, err := http.Get(url)
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`sealock_drift_items{status="unattested"} 1`, `sealock_drift_items{status="verified"} 0`, `sealock_drift_runs_total{result="ok"} `, `sealock_drift_changes_total{status="gone"} 1`, "sealock_drift_run_duration_seconds_count "} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
