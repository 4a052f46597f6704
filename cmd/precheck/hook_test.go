// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// What other managers of hooks are told is what they read: https://lefthook.dev/configuration, https://pre-commit.com/#adding-pre-commit-plugins-to-your-project.
func TestSnippets(t *testing.T) {
	var lefthook struct {
		PrePush struct {
			Commands map[string]struct {
				Run      string `yaml:"run"`
				UseStdin bool   `yaml:"use_stdin"`
			} `yaml:"commands"`
		} `yaml:"pre-push"`
	}
	var preCommit struct {
		Repos []struct {
			Repo  string `yaml:"repo"`
			Hooks []struct {
				ID, Name, Entry, Language string
				Stages                    []string
				AlwaysRun                 bool `yaml:"always_run"`
				PassFilenames             bool `yaml:"pass_filenames"`
			}
		}
	}
	for file, into := range map[string]any{"lefthook.yml": &lefthook, ".pre-commit-config.yaml": &preCommit} {
		d := yaml.NewDecoder(strings.NewReader(manager(t, file, "a: 1\n").Snippet))
		d.KnownFields(true)
		if err := d.Decode(into); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	if c := lefthook.PrePush.Commands["sealock"]; c.Run != "sealock hook pre-push {1} {2}" || !c.UseStdin {
		t.Errorf("lefthook: %+v", c)
	}
	h := preCommit.Repos[0].Hooks[0]
	if preCommit.Repos[0].Repo != "local" || h.ID == "" || h.Name == "" || h.Entry != "sealock hook pre-push" || h.Language != "system" || len(h.Stages) != 1 || h.Stages[0] != "pre-push" || !h.AlwaysRun || h.PassFilenames {
		t.Errorf("pre-commit: %+v", h)
	}
}

// The script is one that sh reads, whatever the path to the program and to the folder.
func TestHookScript(t *testing.T) {
	for _, path := range []string{"/usr/bin/sealock", "/it's/$(touch x)/`touch x`/sea lock", "/ü/\\n"} {
		text := Hook{prefix: path}.script(path)
		name := filepath.Join(t.TempDir(), hookName)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), "sh", "-n", name).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", path, err, out)
		}
		cmd := exec.CommandContext(t.Context(), "sh", "-c", "printf %s "+quote(path))
		if out, err := cmd.Output(); err != nil || string(out) != path {
			t.Errorf("%q comes back as %q, %v", path, out, err)
		}
	}
}

// Two hooks that are not sealock's are somebody else's business, and nothing changes.
func TestInstallKeepsOff(t *testing.T) {
	c := newClone(t)
	c.write(".git/hooks/"+hookName, "#!/bin/sh\n", ".git/hooks/"+beforeName, "#!/bin/sh\n# another\n")
	h, err := FindHook(t.Context(), c.dir, c.opt.Env)
	if err != nil || !h.Other || h.Installed || h.Kept {
		t.Fatalf("%+v, %v", h, err)
	}
	if err := h.Install("/usr/bin/sealock"); err == nil || !strings.Contains(err.Error(), "neither is sealock's") {
		t.Errorf("installed: %v", err)
	}
	if removed, err := h.Uninstall(); removed || err != nil {
		t.Errorf("removed %v, %v", removed, err)
	}
	if data, err := os.ReadFile(h.File); err != nil || string(data) != "#!/bin/sh\n" {
		t.Errorf("%q, %v", data, err)
	}
}
