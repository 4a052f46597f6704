// SPDX-License-Identifier: Apache-2.0

//go:build unix && !gateonly

package main

import (
	"bufio"
	"bytes"
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

// A watch prints what is not in order, then what changes when the list or the policy does, and ends when it is told to.
func TestDriftWatch(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "policy"), 0o755); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "HOME="+dir)
	if got := say(t.Context(), t, dir, env, "sealock", "keys", "generate", "--out", "policy/k"); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	image := "registry.acme.io/a@sha256:" + strings.Repeat("a", 64)
	write("policy/policy.yaml", watchedPolicy)
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
