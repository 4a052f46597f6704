// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

// bundle runs 'sealock bundle' in a folder at a time and gives its exit code and output.
func bundle(t *testing.T, dir string, at time.Time, env []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	opt := &options{host: &host{environ: env, stdin: strings.NewReader(""), stdout: &out, stderr: &errs, now: func() time.Time { return at }}}
	root := &cobra.Command{Use: "sealock", SilenceErrors: true, SilenceUsage: true}
	root.SetOut(&out)
	root.SetErr(&errs)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	opt.global(root)
	root.AddCommand(bundleCommand(opt))
	wrapUsage(root)
	root.SetArgs(append([]string{"-C", dir, "bundle"}, args...))
	err := root.ExecuteContext(t.Context())
	if err != nil {
		printError(&errs, err)
	}
	return exitCode(err), out.String(), errs.String()
}

func put(t *testing.T, dir, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBundleVerify(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	s := attesttest.NewSigstore(t, at)
	job := attesttest.GitHubJob("acme/shop", "build.yml", "refs/heads/main")
	k := attesttest.NewKey(t, sigstore.ECDSAP256)
	content := []byte("the artifact")
	digest := attest.SHA256(content).String()
	st, err := attest.EncodeStatement("https://example.com/p", map[string]any{}, attesttest.Artifact("a", string(content)))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	put(t, dir, "a", content)
	put(t, dir, "b", []byte("another"))
	put(t, dir, "root.json", s.RootJSON(t))
	put(t, dir, "signed.json", s.SignBlob(t, content, attesttest.Signing{By: job}))
	put(t, dir, "attested.json", s.Sign(t, st, attesttest.Signing{By: job}))
	put(t, dir, "key.json", s.SignBlob(t, content, attesttest.Signing{Key: &k}))
	put(t, dir, "unlogged.json", s.SignBlob(t, content, attesttest.Signing{Key: &k, Logs: []string{}}))
	put(t, dir, "key.pub", k.PEM)
	put(t, dir, "sha256:"+strings.Repeat("0", 64), content) // a file that looks like a digest is a file
	who := []string{"--certificate-identity", job.Subject, "--certificate-oidc-issuer", job.Issuer, "--trusted-root", "root.json"}
	byKey := []string{"--key", "key.pub", "--trusted-root", "root.json"}
	for _, c := range []struct {
		name string
		args []string
		code int
		part string
	}{
		{"file", append([]string{"a", "--bundle", "signed.json"}, who...), 0, "signed by https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/main (https://token.actions.githubusercontent.com), 2026-03-01T12:00:00Z (tsa)"},
		{"digest", append([]string{digest, "--bundle", "signed.json"}, who...), 0, "verifies"},
		{"statement", append([]string{"a", "--bundle", "attested.json"}, who...), 0, "verifies"},
		{"statement, digest", append([]string{digest, "--bundle", "attested.json"}, who...), 0, "verifies"},
		{"key", append([]string{"a", "--bundle", "key.json"}, byKey...), 0, "signed by key "},
		{"a file named like a digest", append([]string{"sha256:" + strings.Repeat("0", 64), "--bundle", "signed.json"}, who...), 0, "verifies"},
		{"another file", append([]string{"b", "--bundle", "signed.json"}, who...), 1, "SUBJECT_MISMATCH"},
		{"another digest", append([]string{attest.SHA256(nil).String(), "--bundle", "signed.json"}, who...), 1, "SUBJECT_MISMATCH"},
		{"another identity", []string{"a", "--bundle", "signed.json", "--certificate-identity", job.Subject + "2", "--certificate-oidc-issuer", job.Issuer, "--trusted-root", "root.json"}, 1, "IDENTITY_MISMATCH"},
		{"the public-good instance", []string{"a", "--bundle", "signed.json", "--certificate-identity", job.Subject, "--certificate-oidc-issuer", job.Issuer}, 1, "LOG_MISSING"},
		{"not logged", append([]string{"a", "--bundle", "unlogged.json"}, byKey...), 1, "LOG_MISSING"},
		{"not logged, ignored", append([]string{"a", "--bundle", "unlogged.json", "--insecure-ignore-log"}, byKey...), 0, "verifies"},
		{"ignored for a certificate", append([]string{"a", "--bundle", "signed.json", "--insecure-ignore-log"}, who...), 3, "--key only"},
		{"key and identity", append([]string{"a", "--bundle", "key.json", "--key", "key.pub"}, who...), 3, "exclude each other"},
		{"nobody", []string{"a", "--bundle", "signed.json"}, 3, "expected --key"},
		{"no issuer", []string{"a", "--bundle", "signed.json", "--certificate-identity", job.Subject}, 3, "expected --key"},
		{"no bundle", append([]string{"a"}, who...), 3, "expected --bundle"},
		{"no such bundle", append([]string{"a", "--bundle", "nowhere"}, who...), 3, "reading bundle"},
		{"no such file", append([]string{"nowhere", "--bundle", "signed.json"}, who...), 3, "reading the artifact"},
		{"a digest cut short", append([]string{digest[:40], "--bundle", "signed.json"}, who...), 3, "reading the artifact"},
		{"a folder", append([]string{".", "--bundle", "signed.json"}, who...), 3, "no regular file"},
		{"a root that is none", append([]string{"a", "--bundle", "signed.json", "--trusted-root", "a"}, who[:4]...), 3, "TRUST_ROOT"},
		{"a key that is none", append([]string{"a", "--bundle", "key.json", "--key", "a"}, byKey[2:]...), 3, "KEY_POLICY"},
		{"no bundle at all", append([]string{"a", "--bundle", "a"}, who...), 1, "MALFORMED_BUNDLE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errs := bundle(t, dir, at, []string{"SEALOCK_KEY=nowhere.key"}, append([]string{"verify"}, c.args...)...)
			if code != c.code || !strings.Contains(out+errs, c.part) {
				t.Errorf("exit %d, expected %d with %q\n%s%s", code, c.code, c.part, out, errs)
			}
			if (out != "") != (c.code == 0) {
				t.Errorf("on standard output: %q", out)
			}
		})
	}
	if code, _, errs := bundle(t, dir, at.Add(-6*time.Minute), nil, append([]string{"verify", "a", "--bundle", "signed.json"}, who...)...); code != 1 || !strings.Contains(errs, "TIME_IN_FUTURE") {
		t.Errorf("V-13 signed in the future: exit %d, %s", code, errs)
	}
}

func TestBundleSign(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	s := attesttest.NewSigstore(t, at)
	servers := s.Serve(t)
	job := attesttest.GitLabJob("acme/shop", "refs/heads/main")
	token := servers.Token(t, job, nil)
	dir := t.TempDir()
	put(t, dir, "a", []byte("the artifact"))
	st, err := attest.EncodeStatement("https://example.com/p", map[string]any{}, attesttest.Artifact("a", "the artifact"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "statement.json", st)
	put(t, dir, "root.json", s.RootJSON(t))
	put(t, dir, "other.json", attesttest.NewSigstore(t, at).RootJSON(t))
	put(t, dir, "signing.json", servers.SigningConfig(t, attesttest.LogV2))
	env := []string{"SIGSTORE_ID_TOKEN=" + token}
	instance := []string{"--trusted-root", "root.json", "--signing-config", "signing.json"}
	who := []string{"--certificate-identity", job.Subject, "--certificate-oidc-issuer", job.Issuer, "--trusted-root", "root.json"}
	for _, c := range []struct {
		name string
		env  []string
		args []string
		code int
		part string
	}{
		{"token of the job", env, append([]string{"a"}, instance...), 0, "signed by " + job.Subject},
		{"token on the command line", nil, append([]string{"a", "--identity-token", token}, instance...), 0, "signed by " + job.Subject},
		{"statement", env, append([]string{"statement.json", "--in-toto"}, instance...), 0, "signed by " + job.Subject},
		{"no statement", env, append([]string{"a", "--in-toto"}, instance...), 2, "MALFORMED_STATEMENT"},
		{"no token", nil, append([]string{"a"}, instance...), 3, "this job has none"},
		{"a root of another instance", env, []string{"a", "--trusted-root", "other.json", "--signing-config", "signing.json"}, 2, "does not verify, so it is not written"},
		{"no root", env, []string{"a", "--signing-config", "signing.json"}, 3, "needs --trusted-root"},
		{"offline", env, append([]string{"a", "--offline"}, instance...), 3, "--offline"},
		{"no such file", env, append([]string{"nowhere"}, instance...), 3, "reading file to sign"},
	} {
		t.Run(c.name, func(t *testing.T) {
			made := strings.ReplaceAll(c.name, " ", "-") + ".json"
			code, out, errs := bundle(t, dir, at, c.env, append([]string{"sign", "--bundle", made}, c.args...)...)
			if code != c.code || !strings.Contains(out+errs, c.part) {
				t.Errorf("exit %d, expected %d with %q\n%s%s", code, c.code, c.part, out, errs)
			}
			if strings.Contains(out+errs, token) {
				t.Error("the token was printed")
			}
			if _, err := os.Stat(filepath.Join(dir, made)); (err == nil) != (c.code == 0) {
				t.Errorf("bundle written: %v", err)
			}
			if c.code != 0 {
				return
			}
			if code, _, errs := bundle(t, dir, at, nil, append([]string{"verify", "a", "--bundle", made}, who...)...); code != 0 {
				t.Errorf("what was signed does not verify: %s", errs)
			}
		})
	}
}
