// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report"
)

// O-08: a password in a subject as it was typed is in no report, in no format.
func TestO08_NoCredentialOfASubject(t *testing.T) {
	o := &options{host: &host{}, dir: t.TempDir(), verbose: true}
	d := gate.Decision{Reasons: []gate.Reason{{Code: gate.CodeApprovalMissing, Message: "m", Fix: "sealock approve SUBJECT --env prod"}}}
	for _, format := range report.Formats() {
		var b bytes.Buffer
		if err := report.Write(&b, format, []gate.Decision{d}, o.text(&b, "https://bob:canary@registry.example.com/shop:1")); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "canary") {
			t.Errorf("%s has it:\n%s", format, b.String())
		}
	}
}

func TestLookOfText(t *testing.T) {
	o := &options{host: &host{}, dir: t.TempDir()}
	if got := o.text(&bytes.Buffer{}, "a", "b"); got.Color || got.Width != 0 || len(got.Subjects) != 2 || got.Meaning(gate.CodeStageMissing) == "" || got.Meaning("NOBODY_KNOWS") != "" {
		t.Errorf("found %+v", got)
	}
}

// Paths of findings are below -C, those that services show are below the repository.
func TestBase(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "services", "shop"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"none", "file", "folder"} { // a work tree has a file .git
		var err error
		switch git := filepath.Join(root, ".git"); kind {
		case "file":
			err = os.WriteFile(git, []byte("gitdir: elsewhere\n"), 0o600)
		case "folder":
			if err = os.Remove(git); err == nil {
				err = os.Mkdir(git, 0o755)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		for dir, want := range map[string]string{".": "", "services/shop": "services/shop"} {
			if kind == "none" {
				want = ""
			}
			if got := (&options{dir: filepath.Join(root, filepath.FromSlash(dir))}).base(); got != want {
				t.Errorf("%s, %s: found %q", kind, dir, got)
			}
		}
	}
}
