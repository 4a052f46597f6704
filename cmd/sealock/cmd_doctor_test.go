// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestDoctor(t *testing.T) {
	cases := []struct {
		name   string
		change func(t *testing.T, p *project)
		code   int
		says   []string
	}{
		{"nothing missing", func(*testing.T, *project) {}, exitAllowed, []string{"ok       pipeline", "ok       policy", "ok       store", "ok       git        not used here", "can't be signed here"}},
		{"no pipeline", func(t *testing.T, p *project) { removeFile(t, filepath.Join(p.dir, "sealock.yaml")) }, exitUsage, []string{"missing  pipeline", "sealock init"}},
		{"policy does not load", func(t *testing.T, p *project) {
			writeText(t, filepath.Join(p.dir, "policy", "policy.yaml"), "kind: Policy\n")
		}, exitUsage, []string{"missing  policy"}},
		{"policy expired", func(t *testing.T, p *project) { p.policy(t, "2027-06-30", "2026-06-30") }, exitUsage, []string{"missing  policy", "expired"}},
		{"policy expires soon", func(t *testing.T, p *project) { p.policy(t, "2027-06-30", "2026-12-01") }, exitAllowed, []string{"warn     policy", "expires soon"}},
		{"unknown stage", func(t *testing.T, p *project) {
			p.policy(t, "  build: {signedBy", "  make: {signedBy", "product: build", "product: make", "stages: [build]", "stages: [make]")
		}, exitUsage, []string{"missing  stages"}},
		{"shared roles", func(t *testing.T, p *project) { p.policy(t, "keys/release.pub", "keys/build.pub") }, exitAllowed, []string{"warn     roles"}},
		{"store is a file", func(t *testing.T, p *project) { writeText(t, filepath.Join(p.dir, ".sealock"), "") }, exitUsage, []string{"missing  store"}},
		{"evidence", func(t *testing.T, p *project) { p.evidence(t, filepath.Join(p.dir, ".sealock"), noon) }, exitAllowed, []string{"2 pieces of evidence"}},
		{"C-05 evidence from the future", func(t *testing.T, p *project) { p.evidence(t, filepath.Join(p.dir, ".sealock"), noon.Add(time.Hour)) }, exitAllowed, []string{"warn     clock", "in the future"}},
		{"what is no evidence", func(t *testing.T, p *project) {
			writeText(t, filepath.Join(p.dir, ".sealock", "sha256-"+strings.Repeat("0", 64), strings.Repeat("0", 64)+"."+strings.Repeat("0", 16)+".sigstore.json"), "{}")
		}, exitAllowed, []string{"no evidence for this policy: 1 file\n"}},
		{"no vulnerability data", func(t *testing.T, p *project) {
			file := filepath.Join(p.dir, "sealock.yaml")
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			writeText(t, file, strings.Replace(string(data), "[sbom]", "[sbom, vulns]", 1)+"db: data\n")
		}, exitUsage, []string{"missing  data", "sealock db update"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := newProject(t)
			c.change(t, p)
			before := filesBelow(t, p.dir)
			home := t.TempDir()
			out, stderr, code := callSealock(t, []string{"HOME=" + home}, "doctor", "-C", p.dir)
			if code != c.code {
				t.Errorf("exit %d, expected %d", code, c.code)
			}
			for _, s := range c.says {
				if !strings.Contains(out, s) {
					t.Errorf("expected %q", s)
				}
			}
			if t.Failed() {
				t.Logf("%s%s", out, stderr)
			}
			if after := filesBelow(t, p.dir); after != before || filesBelow(t, home) != "" {
				t.Errorf("doctor changed something:\n%s\n%s", before, after)
			}
		})
	}
}

// Whoever asks what is missing hears what admission does not see, as the guide says it; without environments nothing is enforced, and nothing is claimed.
func TestA38_DoctorSaysWhatIsOutOfScope(t *testing.T) {
	p := newProject(t)
	home := []string{"HOME=" + t.TempDir()}
	out, stderr, code := callSealock(t, home, "doctor", "-C", p.dir)
	if code != exitAllowed {
		t.Fatal(stderr)
	}
	for _, s := range []string{"ok       admission", "kubectl exec, attach and cp", "a node's proxy", "static pods' files", "out of scope"} {
		if !strings.Contains(out, s) {
			t.Errorf("expected %q\n%s", s, out)
		}
	}
	removeFile(t, filepath.Join(p.dir, "policy", "policy.yaml"))
	if out, _, _ := callSealock(t, home, "doctor", "-C", p.dir); strings.Contains(out, "admission") {
		t.Errorf("something is said of admission where there is no policy\n%s", out)
	}
}

func (p *project) policy(t *testing.T, replace ...string) {
	t.Helper()
	writeText(t, filepath.Join(p.dir, "policy", "policy.yaml"), strings.NewReplacer(replace...).Replace(projectPolicy))
}

func removeFile(t *testing.T, file string) {
	t.Helper()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
}

// filesBelow names every file below a folder.
func filesBelow(t *testing.T, folder string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(folder, func(name string, e os.DirEntry, err error) error {
		if err == nil && name != folder {
			b.WriteString(name + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The keys that are here fill the roles they can.
func TestDoctorKeys(t *testing.T) {
	shop := filepath.Join("..", "..", "testdata", "shop")
	home := []string{"HOME=" + t.TempDir()}
	if _, stderr, code := callSealock(t, home, "keys", "generate", "shop-build"); code != exitAllowed {
		t.Fatal(stderr)
	}
	out, _, _ := callSealock(t, home, "doctor", "-C", shop)
	for _, s := range []string{"ok       keys       stage build can be signed here by shop-build", "warn     keys       stage scan can't be signed here yet", "sealock keys generate shop-scan"} {
		if !strings.Contains(out, s) {
			t.Errorf("expected %q\n%s", s, out)
		}
	}
}
