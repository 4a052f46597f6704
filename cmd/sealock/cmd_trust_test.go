// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/sigstore/tufroot"
)

// trust runs a trust command and gives its exit code, standard output and standard error.
func trust(t *testing.T, home string, at time.Time, args ...string) (int, string, string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	opt := &options{host: &host{environ: []string{"HOME=" + home}, now: func() time.Time { return at }, stdout: &stdout, stderr: &stderr, stdin: strings.NewReader("")}}
	root := &cobra.Command{Use: "sealock", SilenceErrors: true, SilenceUsage: true}
	opt.global(root)
	root.AddCommand(trustCommand(opt))
	root.SetArgs(append([]string{"-C", home, "trust"}, args...))
	err := root.ExecuteContext(t.Context())
	if err != nil {
		printError(&stderr, err)
	}
	return exitCode(err), stdout.String(), stderr.String()
}

func TestTrustShow(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	carried, err := sigstore.PublicGood()
	if err != nil {
		t.Fatal(err)
	}
	at := carried.Newest().AddDate(0, 0, 100)
	code, out, _ := trust(t, home, at, "show")
	if code != exitAllowed || !strings.Contains(out, "100 days old") || !strings.Contains(out, carried.Digest().String()) || !strings.Contains(out, "never") {
		t.Errorf("exit code %d: %s", code, out)
	}
	code, out, _ = trust(t, home, at, "show", "-o", "json")
	var v trustStatus
	if err := json.Unmarshal([]byte(out), &v); err != nil || code != exitAllowed || v.InUse != carried.Digest().String() || v.From != "this program" || v.Updated != nil {
		t.Errorf("exit code %d: %s, %v", code, out, err)
	}
	// What the last update left and was changed since is an error, never a silent step back.
	opt := &options{host: &host{environ: []string{"HOME=" + home}}}
	file, err := opt.trustState(tufroot.PublicGood().URL)
	if err != nil || !strings.HasPrefix(file, home) {
		t.Fatal(file, err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(`{"schema":"sealock/tuf/v1","url":"https://tuf-repo-cdn.sigstore.dev"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := trust(t, home, at, "show"); code == exitAllowed || !strings.Contains(stderr, file) {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

func TestTrustUpdateThatFails(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	at := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	requests := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests++
		if strings.HasSuffix(r.URL.Path, ".root.json") {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(`{}`))
	}))
	defer srv.Close()
	if code, _, stderr := trust(t, home, at, "update", "--mirror", srv.URL); code != exitRefused || !strings.Contains(stderr, tufroot.CodeUpdate) {
		t.Errorf("a repository that serves nonsense: exit code %d: %s", code, stderr)
	}
	asked := requests
	for want, args := range map[string][]string{"--offline": {"update", "--offline"}, "--mirror": {"update", "--root", "x"}, "root of trust": {"update", "--mirror", srv.URL, "--root", "nowhere"}, "expected show": {}} {
		if code, _, stderr := trust(t, home, at, args...); code != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("%q: exit code %d: %s", args, code, stderr)
		}
	}
	if requests != asked {
		t.Error("a request was sent")
	}
	if files, err := filepath.Glob(filepath.Join(home, ".cache", "sealock", "trust", "*")); err != nil || len(files) > 0 {
		t.Errorf("left behind: %q, %v", files, err)
	}
}
