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

	"github.com/google/go-containerregistry/pkg/registry"
)

// example is one command of a document and the lines that must appear in what it prints.
type example struct {
	line    int
	command string
	want    []string
	exit    int
}

// examples reads the ```console blocks of a document: "$ command", further lines of it after "> ", the output, and "[exit N]" where it is not 0.
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
		case strings.HasPrefix(line, "> ") || line == ">":
			out[len(out)-1].command += "\n" + strings.TrimPrefix(strings.TrimPrefix(line, ">"), " ")
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

// guides are the documents whose examples are run, one after the other. They begin in an empty folder, in a copy of the sample, or in one that went
// through its pipeline. $REGISTRY is a registry.
var guides = []struct {
	file  string
	begin func(w *world, dir string, env []string) error
	least int // examples
}{
	{"README.md", (*world).beginSample, 8},
	{"docs/start.md", nil, 15},
	{"docs/before-you-push.md", nil, 8},
	{"docs/air-gap.md", (*world).beginRun, 6},
	{"docs/kubernetes.md", (*world).beginRun, 6},
	{"docs/writing-a-rule.md", (*world).beginRun, 6},
	{"docs/migrating.md", (*world).beginRun, 6},
	{"docs/output.md", (*world).beginRun, 4},
	{"docs/policies.md", (*world).beginRun, 6},
}

func (w *world) beginSample(dir string, env []string) error { return w.copySample(dir, env) }

// beginRun makes the sample and all its evidence.
func (w *world) beginRun(dir string, _ []string) error { return w.copySampleRun(dir) }

// TestGuides runs the examples of the documents. An ellipsis stands for any text in a line.
func TestGuides(t *testing.T) {
	if raceEnabled {
		t.Skip("SKIPPED: the race detector is on; go test without -race runs the examples")
	}
	w := newWorld(t)
	for _, g := range guides {
		t.Run(g.file, func(t *testing.T) {
			t.Parallel()
			dir, place := t.TempDir(), ""
			_, host := newFaulty(t, registry.WithReferrersSupport(true))
			home := filepath.Join(dir, "home")
			env := append(w.environ(home), "PATH="+os.Getenv("PATH"), "TMPDIR="+os.TempDir(), "REGISTRY="+host)
			if g.begin == nil {
				env = append(env, "SEALOCK_DB="+filepath.Join(w.root, "testdata", "vulndb", "vulnerability-db.tar.zst"))
			}
			if g.begin != nil {
				if err := g.begin(w, dir, env); err != nil {
					t.Fatal(err)
				}
				place = "shop"
			}
			if err := os.MkdirAll(home, 0o700); err != nil {
				t.Fatal(err)
			}
			all := examples(t, filepath.Join(w.root, filepath.FromSlash(g.file)))
			if len(all) < g.least {
				t.Fatalf("%s has only %d examples", g.file, len(all))
			}
			at := filepath.Join(dir, place)
			for _, x := range all {
				if to, ok := strings.CutPrefix(x.command, "cd "); ok {
					at = filepath.Join(at, to)
					continue
				}
				if set, ok := strings.CutPrefix(x.command, "export "); ok {
					env = append(env, set)
					continue
				}
				x.run(t, g.file, at, env)
			}
		})
	}
}

func (x example) run(t *testing.T, file, dir string, env []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", x.command)
	cmd.Dir, cmd.Env = dir, env
	out, err := cmd.CombinedOutput()
	code := 0
	if err != nil {
		code = cmd.ProcessState.ExitCode()
	}
	if code != x.exit {
		t.Fatalf("%s:%d: %s: exit %d, expected %d\n%s", file, x.line, x.command, code, x.exit, out)
	}
	if err := hasLines(string(out), x.want); err != nil {
		t.Errorf("%s:%d: %s: %v\n%s", file, x.line, x.command, err, out)
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
