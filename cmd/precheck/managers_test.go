// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// manager makes a work tree with one file in it, and finds whose it is.
func manager(t *testing.T, file, text string) *Manager {
	t.Helper()
	top := t.TempDir()
	name := filepath.Join(top, file)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	return found(t, top)
}

func found(t *testing.T, top string) *Manager {
	t.Helper()
	hooks := ""
	if _, err := os.Stat(filepath.Join(top, ".husky")); err == nil {
		hooks = filepath.Join(top, ".husky", "_")
	}
	m, err := findManager(top, hooks)
	if err != nil || m == nil {
		t.Fatalf("%v, %v", m, err)
	}
	return m
}

// Write adds the check and changes nothing else, Remove gives back the very bytes, and both can be done again.
func TestManagersFile(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"lefthook, no pre-push": {"lefthook.yml", "# ours\npre-commit:\n  jobs:\n    - run: make lint # fast\n", "\npre-push:\n  commands:\n    sealock:\n"},
		"lefthook, no new line": {".config/lefthook.yaml", "a: {b: 1}", "a: {b: 1}\n# sealock: begin"},
		"lefthook, commands":    {"lefthook.yml", "pre-push:\n    parallel: true\n    commands: # what runs\n        # tests are slow\n        test: {run: make test}\n", "    commands: # what runs\n        # sealock: begin ('sealock hook uninstall' takes it out)\n        sealock:\n          run: sealock hook pre-push {1} {2}\n"},
		"lefthook, jobs":        {".lefthook.yml", "pre-push:\n  jobs:\n  # first\n  - run: make test\n", "  jobs:\n  # sealock: begin ('sealock hook uninstall' takes it out)\n  - name: sealock\n    run: sealock hook pre-push {1} {2}\n    use_stdin: true\n  # sealock: end\n  # first\n"},
		"lefthook, scripts":     {"lefthook.yaml", "pre-push:\n  scripts:\n    \"a.sh\":\n      runner: sh\n", "pre-push:\n  # sealock: begin ('sealock hook uninstall' takes it out)\n  commands:\n    sealock:\n"},
		"pre-commit":            {".pre-commit-config.yaml", "# top\nrepos:\n# theirs\n- repo: https://example.com/a\n  rev: v1\n  hooks: [{id: a}]\n", "repos:\n# sealock: begin ('sealock hook uninstall' takes it out)\n- repo: local\n  hooks:\n    - id: sealock\n"},
		"pre-commit, no repos":  {".pre-commit-config.yml", "fail_fast: true\r\n", "fail_fast: true\r\n# sealock: begin ('sealock hook uninstall' takes it out)\r\nrepos:\r\n"},
		"husky":                 {".husky/pre-push", "npm test\n", "npm test\n# sealock: begin ('sealock hook uninstall' takes it out)\nsealock hook pre-push \"$@\"\n"},
	} {
		t.Run(name, func(t *testing.T) {
			m := manager(t, c.file, c.text)
			if m.Has || m.Marked {
				t.Fatalf("found %+v", m)
			}
			for range 2 {
				if err := m.Write(); err != nil {
					t.Fatal(err)
				}
				m = found(t, m.top)
			}
			file := filepath.Join(m.top, c.file)
			now, err := os.ReadFile(file)
			if err != nil || !strings.Contains(string(now), c.want) || strings.Count(string(now), markBegin) != 1 || !m.Has || !m.Marked {
				t.Fatalf("%v, %+v:\n%s", err, m, now)
			}
			if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
			var doc any
			if err := yaml.Unmarshal(now, &doc); err != nil && m.Name != "husky" {
				t.Errorf("%v:\n%s", err, now)
			}
			removed, err := m.Remove()
			now, readErr := os.ReadFile(file)
			if err != nil || !removed || readErr != nil || strings.TrimSuffix(string(now), "\n") != strings.TrimSuffix(c.text, "\n") {
				t.Errorf("%v, %v, after Remove:\n%s", removed, err, now)
			}
			if removed, err = found(t, m.top).Remove(); removed || err != nil {
				t.Errorf("a second Remove: %v, %v", removed, err)
			}
		})
	}
}

// What can't be added to is left as it is, and the message has what belongs into it.
func TestManagersFileThatCannotBeChanged(t *testing.T) {
	for name, c := range map[string]struct{ file, text string }{
		"flow":           {"lefthook.yml", "pre-push: {commands: {test: {run: make test}}}\n"},
		"empty hook":     {"lefthook.yml", "pre-push:\n"},
		"alias":          {"lefthook.yml", "x: &x\n  commands:\n    a: {run: b}\npre-push: *x\n"},
		"no YAML":        {"lefthook.yml", "a: [\n"},
		"a list":         {"lefthook.yml", "- a\n"},
		"two documents":  {"lefthook.yml", "a: 1\n---\nb: 2\n...\n"},
		"empty list":     {".pre-commit-config.yaml", "repos: []\n"},
		"items in flow":  {".pre-commit-config.yaml", "repos: [{repo: local, hooks: []}]\n"},
		"TOML":           {"lefthook.toml", "[pre-commit]\nparallel = true\n"},
		"JSON":           {"lefthook.json", "{}\n"},
		"jobs of a line": {"lefthook.yml", "pre-push:\n  jobs: [{run: a}]\n"},
	} {
		t.Run(name, func(t *testing.T) {
			m := manager(t, c.file, c.text)
			err := m.Write()
			if err == nil || !strings.Contains(err.Error(), "add it by hand:") || !strings.Contains(err.Error(), "sealock hook pre-push") {
				t.Errorf("found %v", err)
			}
			if now, err := os.ReadFile(filepath.Join(m.top, c.file)); err != nil || string(now) != c.text {
				t.Errorf("%v, changed:\n%s", err, now)
			}
		})
	}
}

// O-12: a link is not followed out of the tree. A hook that husky has not yet is made, and goes away again.
func TestO12_ManagersFileIsALink(t *testing.T) {
	m := manager(t, "lefthook.yml", "a: 1\n")
	file, precious := filepath.Join(m.top, "lefthook.yml"), filepath.Join(t.TempDir(), "precious")
	if err := os.Rename(file, precious); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(precious, file); err != nil {
		t.Skip(err)
	}
	if err := m.Write(); err == nil {
		t.Error("a link was followed")
	}
	top := t.TempDir()
	if err := os.MkdirAll(filepath.Join(top, ".husky", "_"), 0o700); err != nil {
		t.Fatal(err)
	}
	h := found(t, top)
	if err := h.Write(); err != nil || !found(t, top).Has {
		t.Fatal(err)
	}
	if removed, err := found(t, top).Remove(); !removed || err != nil {
		t.Error(removed, err)
	}
	if _, err := os.Stat(filepath.Join(top, ".husky", "pre-push")); err == nil {
		t.Error("an empty hook is left")
	}
}
