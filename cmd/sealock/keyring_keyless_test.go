// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore/keyless"
)

// keylessKeyring is a keyring in a job with these variables.
func keylessKeyring(t *testing.T, at time.Time, vars ...string) (*keyring, string) {
	t.Helper()
	dir := t.TempDir()
	return &keyring{options: &options{host: &host{environ: vars, now: func() time.Time { return at }, stderr: &strings.Builder{}}, dir: dir}}, dir
}

func TestKeylessSigner(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	instance := attesttest.NewSigstore(t, at)
	servers := instance.Serve(t)
	job := attesttest.GitLabJob("acme/shop", "refs/heads/main")
	token := servers.Token(t, job, nil)
	k, dir := keylessKeyring(t, at, "SIGSTORE_ID_TOKEN="+token)
	config := filepath.Join(dir, "signing.json")
	if err := os.WriteFile(config, servers.SigningConfig(t, attesttest.LogV2), 0o600); err != nil {
		t.Fatal(err)
	}
	need := keylessNeed{root: instance.Root(t), logs: 1}
	s, err := k.keyless(keylessFlags{config: "signing.json"}, need)
	if err != nil {
		t.Fatal(err)
	}
	again, err := k.keyless(keylessFlags{config: "signing.json"}, need)
	if err != nil || again != s {
		t.Errorf("made twice: %v", err)
	}
	if servers.Asked(attesttest.ServerCA) != 0 {
		t.Error("a certificate was asked for before it is needed")
	}
	signer, ok := s.(*keyless.Signer)
	if !ok {
		t.Fatalf("signer is a %T", s)
	}
	if err := signer.Unlock(t.Context()); err != nil || s.Identity().Subject != job.Subject {
		t.Errorf("signs as %s, %v", s.Identity(), err)
	}
}

func TestKeylessThatIsRefused(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	const secret = "eyJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJzaWdzdG9yZSJ9.c2lnbmF0dXJl"
	for name, c := range map[string]struct {
		flags keylessFlags
		need  keylessNeed
		vars  []string
		off   bool
		part  string
	}{
		"no token":            {part: "this job has none", need: keylessNeed{logs: 1}},
		"offline":             {off: true, part: "--offline", need: keylessNeed{logs: 1}},
		"token in the open":   {flags: keylessFlags{token: secret}, part: "every process", need: keylessNeed{logs: 1}},
		"no such file":        {flags: keylessFlags{token: "nowhere"}, part: "no such file", need: keylessNeed{logs: 1}},
		"unset variable":      {flags: keylessFlags{token: "env://NOBODY"}, part: "not set", need: keylessNeed{logs: 1}},
		"token and login":     {flags: keylessFlags{token: "x", login: "browser"}, part: "exclude", need: keylessNeed{logs: 1}},
		"unknown login":       {flags: keylessFlags{login: "telepathy"}, part: "browser or device", need: keylessNeed{logs: 1}},
		"no such config":      {flags: keylessFlags{config: "nowhere"}, part: "signing configuration", need: keylessNeed{logs: 1}},
		"more than there are": {vars: []string{"SIGSTORE_ID_TOKEN=" + secret}, need: keylessNeed{logs: 3}, part: "3 log entries"},
	} {
		k, _ := keylessKeyring(t, at, c.vars...)
		k.offline = c.off
		_, err := k.keyless(c.flags, c.need)
		var usage usageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), c.part) {
			t.Errorf("%s: expected a usage error with %q, got %v", name, c.part, err)
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the message holds the token", name)
		}
	}
	k, _ := keylessKeyring(t, at)
	if _, err := k.keyless(keylessFlags{token: secret}, keylessNeed{logs: 1, literal: true}); err != nil {
		t.Errorf("a token where nothing else is started: %v", err)
	}
	log, _ := keylessKeyring(t, at)
	if _, err := log.keyless(keylessFlags{login: "device"}, keylessNeed{logs: 1}); err != nil {
		t.Errorf("a login: %v", err)
	}
}
