// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// example is one command of a document and the lines that must appear in what it prints.
type example struct {
	line    int
	command string
	want    []string
	exit    int
}

// examples reads the ```console blocks of a document: "$ command", the output, and "[exit N]" where it is not 0.
func examples(t *testing.T, file string) []example {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []example
	inside := false
	for i, line := range strings.Split(string(data), "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			inside = line == "```console"
		case !inside || strings.TrimSpace(line) == "":
		case strings.HasPrefix(line, "$ "):
			out = append(out, example{line: i + 1, command: line[2:]})
		case strings.HasPrefix(line, "[exit "):
			n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(line, "[exit "), "]"))
			if err != nil {
				t.Fatalf("%s:%d: %v", file, i+1, err)
			}
			out[len(out)-1].exit = n
		default:
			out[len(out)-1].want = append(out[len(out)-1].want, line)
		}
	}
	return out
}

// TestReadme runs the examples of the README, one after the other, in a copy of the sample. An ellipsis stands for any text in a line.
func TestReadme(t *testing.T) {
	if raceEnabled {
		t.Skip("SKIPPED: the race detector is on; go test without -race runs the examples")
	}
	w := newWorld(t)
	dir := t.TempDir()
	env := append(w.environ(filepath.Join(dir, "home")), "PATH="+os.Getenv("PATH"), "TMPDIR="+os.TempDir())
	if err := os.Mkdir(filepath.Join(dir, "home"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := w.copySample(dir, env); err != nil {
		t.Fatal(err)
	}
	all := examples(t, filepath.Join(w.root, "README.md"))
	if len(all) < 8 {
		t.Fatalf("README has only %d examples", len(all))
	}
	for _, x := range all {
		cmd := exec.CommandContext(t.Context(), "sh", "-c", x.command)
		cmd.Dir, cmd.Env = filepath.Join(dir, "shop"), env
		out, err := cmd.CombinedOutput()
		code := 0
		if err != nil {
			code = cmd.ProcessState.ExitCode()
		}
		if code != x.exit {
			t.Fatalf("README.md:%d: %s: exit %d, expected %d\n%s", x.line, x.command, code, x.exit, out)
		}
		if err := hasLines(string(out), x.want); err != nil {
			t.Errorf("README.md:%d: %s: %v\n%s", x.line, x.command, err, out)
		}
	}
}

// hasLines looks for each wanted line. Progress and result go to different streams, so their order among each other says nothing.
func hasLines(output string, want []string) error {
	lines := strings.Split(output, "\n")
	for _, line := range want {
		pattern := strings.ReplaceAll(regexp.QuoteMeta(strings.TrimRight(line, " ")), "…", ".*")
		found := false
		for _, got := range lines {
			if ok, err := regexp.MatchString("^"+pattern+"$", strings.TrimRight(got, " ")); err != nil {
				return err
			} else if ok {
				found = true
				break
			}
		}
		if !found {
			return fmt.Errorf("no line %q in", line)
		}
	}
	return nil
}
