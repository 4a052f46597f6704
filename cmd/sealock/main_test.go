// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes the test binary the program itself when it is called as sealock, and what a stage's command pushes with when called as pushimage.
func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){"sealock": main, "pushimage": pushImage})
}

// tests are all tests, after which what they shared is removed.
type tests struct{ *testing.M }

// Run is what testscript calls.
func (t tests) Run() int {
	code := t.M.Run()
	if err := os.RemoveAll(finished.dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return max(code, 1)
	}
	return code
}

// TestScripts runs testdata/script on the real program: each has a folder and a home of its own, no network, and no key but those it makes.
func TestScripts(t *testing.T) {
	w := newWorld(t)
	dir, files := filepath.Join(w.root, "testdata", "script"), []string(nil)
	if raceEnabled { // the others take minutes under it, and run the same code
		for _, name := range []string{"sample", "approve", "keys-sign", "run-record", "revoke"} {
			files = append(files, filepath.Join(dir, name+".txtar"))
		}
		dir = ""
		t.Logf("SKIPPED: all scripts but %d, since the race detector is on; go test without -race runs them all", len(files))
	}
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		Files:               files,
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Cmds:                w.commands(),
		Setup: func(e *testscript.Env) error {
			home := filepath.Join(e.WorkDir, "home")
			for _, kv := range w.environ(home) {
				name, value, _ := strings.Cut(kv, "=")
				e.Setenv(name, value)
			}
			e.Setenv("ROOT", w.root)
			e.Values[registriesKey] = scriptRegistries{}
			e.Values[webhooksKey] = map[string]*webhook{}
			return os.MkdirAll(home, 0o700)
		},
	})
}

// environ is what every script's commands see beside testscript's own variables: Go works offline on the caches of this machine, Git has
// no configuration but its defaults, and a commit has the same digest each time.
func (w *world) environ(home string) []string {
	return append([]string{"HOME=" + home, "GOPROXY=off", "GOFLAGS=-mod=readonly", "GOTOOLCHAIN=local", "GOTELEMETRY=off", "GOGC=400", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_AUTHOR_NAME=alice", "GIT_AUTHOR_EMAIL=alice@example.com", "GIT_COMMITTER_NAME=alice", "GIT_COMMITTER_EMAIL=alice@example.com",
		"GIT_AUTHOR_DATE=2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z"}, w.goEnv...)
}

// goEnv asks the go command for the caches that a script may share.
func goEnv(t testing.TB) []string {
	t.Helper()
	names := []string{"GOMODCACHE", "GOCACHE", "GOPATH"}
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		t.Fatalf("go env: %v", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(names) {
		t.Fatalf("go env: got %q", out)
	}
	var env []string
	for i, name := range names {
		env = append(env, name+"="+lines[i])
	}
	return env
}
