// SPDX-License-Identifier: Apache-2.0

package ci

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
)

// step is one step of the action: its script, run as the runner does.
type step struct {
	t   *testing.T
	dir string
	env []string
}

// newStep makes the runner's files in a folder.
func newStep(t *testing.T, env ...string) *step {
	t.Helper()
	for _, program := range []string{"bash", "curl", "sha256sum"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
	dir := t.TempDir()
	base := []string{"PATH=" + os.Getenv("PATH"), "RUNNER_TEMP=" + dir, "GITHUB_OUTPUT=" + filepath.Join(dir, "output"), "GITHUB_STEP_SUMMARY=" + filepath.Join(dir, "summary")}
	for _, name := range []string{"STAGE", "SUBJECT", "ENVIRONMENT", "DEST", "ARGS", "CONFIG", "POLICY", "POLICY_KEY", "POLICY_IDENTITY", "POLICY_ISSUER", "POLICY_MIN_VERSION", "TRUSTED_ROOT", "STORE", "KEY", "DB"} {
		base = append(base, "IN_"+name+"=")
	}
	return &step{t, dir, append(append(base, "IN_COMMAND=run", "IN_DIRECTORY=."), env...)}
}

// run gives what the script printed and its exit code.
func (s *step) run(script string) (string, int) {
	s.t.Helper()
	file, err := filepath.Abs(filepath.Join("github", script))
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.CommandContext(s.t.Context(), "bash", file)
	cmd.Dir, cmd.Env = s.dir, s.env
	out, err := cmd.CombinedOutput()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		s.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func (s *step) read(name string) string {
	data, err := os.ReadFile(filepath.Join(s.dir, name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.t.Fatal(err)
	}
	return string(data)
}

// program is a file that a step can run.
func (s *step) program(text string) string {
	s.t.Helper()
	name := filepath.Join(s.dir, "program")
	if err := os.WriteFile(name, []byte("#!/usr/bin/env bash\n"+text), 0o700); err != nil { //nolint:gosec // it is a program
		s.t.Fatal(err)
	}
	return name
}

// What is downloaded is used only if it has the digest that was named; nothing is downloaded without one.
func TestG12_InstallChecksDigest(t *testing.T) {
	arch := runtime.GOARCH
	if runtime.GOOS != "linux" || arch != "amd64" && arch != "arm64" {
		t.Skip("no release for this platform")
	}
	content := []byte("#!/bin/sh\ntouch ran\n")
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.URL.Path != "/v1.2.3/sealock_1.2.3_linux_"+arch {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(content)
	}))
	defer server.Close()
	sum := sha256.Sum256(content)
	digest := hex.EncodeToString(sum[:])
	url := "IN_URL=" + server.URL

	s := newStep(t, url, "IN_VERSION=v1.2.3", "IN_SHA256="+strings.ToUpper(digest))
	if out, code := s.run("install.sh"); code != 0 || !strings.HasPrefix(s.read("output"), "path="+s.dir) {
		t.Fatalf("exit code %d, output %q\n%s", code, s.read("output"), out)
	}
	for name, c := range map[string]struct {
		env   []string
		asks  bool
		wrong string
	}{
		"another digest":      {[]string{url, "IN_VERSION=v1.2.3", "IN_SHA256=" + strings.Repeat("0", 64)}, true, "has another digest"},
		"not there":           {[]string{url, "IN_VERSION=v1.2.4", "IN_SHA256=" + digest}, true, "downloading"},
		"no digest":           {[]string{url, "IN_VERSION=v1.2.3"}, false, "without sha256"},
		"half a digest":       {[]string{url, "IN_VERSION=v1.2.3", "IN_SHA256=" + digest[:32]}, false, "64 hexadecimal digits"},
		"no version":          {[]string{url, "IN_SHA256=" + digest}, false, "no version"},
		"a moving version":    {[]string{url, "IN_VERSION=latest", "IN_SHA256=" + digest}, false, "of the form v1.2.3"},
		"a path as version":   {[]string{url, "IN_VERSION=v1.2.3/../../x", "IN_SHA256=" + digest}, false, "of the form v1.2.3"},
		"plain http":          {[]string{"IN_URL=http://example.com", "IN_VERSION=v1.2.3", "IN_SHA256=" + digest}, false, "no https address"},
		"a binary, not there": {[]string{"IN_BINARY=missing"}, false, "names no program"},
	} {
		t.Run(name, func(t *testing.T) {
			before := asked.Load()
			s := newStep(t, c.env...)
			out, code := s.run("install.sh")
			if code == 0 || s.read("output") != "" || !strings.Contains(out, c.wrong) {
				t.Errorf("exit code %d, output %q\n%s", code, s.read("output"), out)
			}
			if asked.Load() != before && !c.asks {
				t.Error("something was downloaded")
			}
			if s.read("ran") != "" {
				t.Error("what was downloaded was run")
			}
		})
	}

	own := newStep(t)
	own.env = append(own.env, "IN_BINARY="+own.program("true"), "IN_SHA256="+digest)
	if out, code := own.run("install.sh"); code == 0 || !strings.Contains(out, "another digest") {
		t.Errorf("a binary with another digest: exit code %d\n%s", code, out)
	}
}

// decided writes what sealock writes, with one verdict, and exits.
func decided(verdict, exit string) string {
	return `for a in "$@"; do
  case $a in
    dotenv=*) printf 'SEALOCK_VERDICT=` + verdict + `\nSEALOCK_DECISION=sha256:1f\nSEALOCK_DIGEST=sha256:2e\nSEALOCK_ENVIRONMENT=dev\n' >"${a#*=}" ;;
    markdown=*) echo "## what was decided" >"${a#*=}" ;;
    github=*) echo "::error title=CODE::message" >"${a#*=}" ;;
    sarif=*) echo '{}' >"${a#*=}" ;;
  esac
done
echo "::add-mask::from the stage"
exit ` + exit + "\n"
}

// The exit code is the program's; what the step says never allows what the program did not.
func TestG11_ExitCodeAndVerdictAgree(t *testing.T) {
	for name, c := range map[string]struct {
		program string
		code    int
		verdict string
	}{
		"allowed":                       {decided("allowed", "0"), 0, "allowed"},
		"refused":                       {decided("refused", "1"), 1, "refused"},
		"undecided":                     {decided("undecided", "2"), 2, "undecided"},
		"wrong use":                     {"exit 3", 3, "undecided"},
		"the stage's command failed":    {"exit 4", 4, "undecided"},
		"killed":                        {"kill -9 $$", 137, "undecided"},
		"nothing decided":               {"exit 0", 2, "undecided"},
		"refused, but exits with 0":     {decided("refused", "0"), 2, "undecided"},
		"allowed, but exits with 1":     {decided("allowed", "1"), 1, "refused"},
		"a verdict that is two":         {decided(`allowed\nSEALOCK_VERDICT=refused`, "0"), 2, "undecided"},
		"a verdict with another output": {decided("allowed%0Aowned=1", "0"), 2, "undecided"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStep(t, "IN_STAGE=build")
			s.env = append(s.env, "IN_PATH="+s.program(c.program))
			out, code := s.run("gate.sh")
			output := s.read("output")
			if code != c.code || !strings.HasPrefix(output, "verdict="+c.verdict+"\n") || strings.Contains(output, "owned") {
				t.Errorf("exit code %d, output %q\n%s", code, output, out)
			}
			if s.read("summary") == "" {
				t.Error("no summary")
			}
		})
	}
}

// A check previews: the variables that say so count for its step, and for no other command's.
func TestCheckAgrees(t *testing.T) {
	preview := func(verdict, exit string) string {
		return `for a in "$@"; do
  case $a in
    dotenv=*) printf 'SEALOCK_PREVIEW_VERDICT=` + verdict + `\nSEALOCK_PREVIEW_DIGEST=sha256:aa\n' >"${a#*=}" ;;
    markdown=*) echo '## what it said' >"${a#*=}" ;;
  esac
done
exit ` + exit + "\n"
	}
	for name, c := range map[string]struct {
		command, program string
		code             int
		verdict          string
	}{
		"allowed": {"check", preview("allowed", "0"), 0, "allowed"}, "refused": {"check", preview("refused", "1"), 1, "refused"},
		"refused, but exits with 0": {"check", preview("refused", "0"), 2, "undecided"}, "nothing written": {"check", "exit 0", 2, "undecided"},
		"a preview where a decision is asked for": {"verify", preview("allowed", "0"), 2, "undecided"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStep(t, "IN_COMMAND="+c.command, "IN_DB=data")
			s.env = append(s.env, "IN_PATH="+s.program(c.program))
			out, code := s.run("gate.sh")
			if code != c.code || !strings.HasPrefix(s.read("output"), "verdict="+c.verdict+"\n") || !strings.Contains(s.read("output"), "digest=\n") {
				t.Errorf("exit code %d, output %q\n%s", code, s.read("output"), out)
			}
			if s.read("summary") == "" {
				t.Error("no summary")
			}
		})
	}
}

// O-11: what can't be told is no success.
func TestO11_SummaryOrOutputCannotBeWritten(t *testing.T) {
	for _, name := range []string{"GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"} {
		for value, want := range map[string]string{"a folder": "/", "unset": ""} {
			s := newStep(t, "IN_STAGE=build", name+"="+want)
			s.env = append(s.env, "IN_PATH="+s.program(decided("allowed", "0")))
			out, code := s.run("gate.sh")
			if code != 2 || !strings.Contains(out, "could not be written") || strings.Contains(s.read("output"), "verdict=allowed") && name == "GITHUB_STEP_SUMMARY" {
				t.Errorf("%s is %s: exit code %d, output %q\n%s", name, value, code, s.read("output"), out)
			}
		}
	}
}

// G-02: texts of others are arguments, never commands, neither to the shell nor to the runner.
func TestG02_TextsAreNotEvaluated(t *testing.T) {
	hostile := []string{"$(touch owned)", "`touch owned`", `x";touch${IFS}owned;"`, "--policy=/tmp/other", "a b", "*"}
	s := newStep(t, "IN_STAGE=$(touch owned)", "IN_SUBJECT="+strings.Join(hostile, "\n"), "IN_POLICY=$(touch owned)", "IN_ARGS=--timeout=1m\r\n\n$(touch owned)")
	s.env = append(s.env, "IN_PATH="+s.program(`printf '<%s>\n' "$@" >"`+s.dir+`/args"`+"\n"+decided("allowed", "0")))
	out, code := s.run("gate.sh")
	if code != 0 {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	if s.read("owned") != "" || exists(filepath.Join(s.dir, "owned")) {
		t.Error("a text was run")
	}
	args := s.read("args")
	for _, h := range append(hostile, "--timeout=1m", "--policy=$(touch owned)") {
		if !strings.Contains(args, "<"+h+">\n") {
			t.Errorf("argument %q is not there as it was given:\n%s", h, args)
		}
	}
	if n := strings.Count(args, "<--subject>\n"); n != len(hostile) {
		t.Errorf("expected %d subjects, found %d:\n%s", len(hostile), n, args)
	}
	_, rest, _ := strings.Cut(out, "::stop-commands::")
	token, rest, _ := strings.Cut(rest, "\n")
	inside, after, ended := strings.Cut(rest, "\n::"+token+"::\n")
	if len(token) != 32 || !ended || !strings.Contains(inside, "::add-mask::from the stage") || strings.Contains(after, "add-mask") || !strings.Contains(after, "::error title=CODE::message") {
		t.Errorf("what the stage prints can be commands to the runner:\n%s", out)
	}
	if wrong, code := newStep(t, "IN_COMMAND=rm", "IN_PATH=/bin/false").run("gate.sh"); code != 3 {
		t.Errorf("an unknown command: exit code %d\n%s", code, wrong)
	}
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}
