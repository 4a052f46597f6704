// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// world is what tests share: where the repository is, and one finished run of the sample that is copied rather than repeated.
type world struct {
	root  string // of the repository
	goEnv []string
}

// finished is a folder with home, shop and vulndb after run --all. It is made when the first test asks for it, and nobody works in it.
var finished struct {
	sync.Once
	dir string
	err error
}

func newWorld(t testing.TB) *world {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return &world{root: root, goEnv: goEnv(t)}
}

// copySampleRun copies the finished run of the sample into a folder.
func (w *world) copySampleRun(to string) error {
	finished.Do(func() {
		if finished.dir, finished.err = os.MkdirTemp("", "sealock-sample-"); finished.err == nil {
			finished.err = w.runSample(finished.dir)
		}
	})
	if finished.err != nil {
		return finished.err
	}
	for _, name := range []string{"shop", "vulndb", "home"} {
		if err := copyTree(filepath.Join(finished.dir, name), filepath.Join(to, name)); err != nil {
			return err
		}
	}
	return nil
}

// sampleRun is a folder with the finished run of the sample, for a test to work in.
func (w *world) sampleRun(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := w.copySampleRun(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// runSample takes the sample through its stages, with fresh keys.
func (w *world) runSample(dir string) error {
	env := append(w.environ(filepath.Join(dir, "home")), "PATH="+os.Getenv("PATH"), "TMPDIR="+os.TempDir())
	if err := os.Mkdir(filepath.Join(dir, "home"), 0o700); err != nil {
		return err
	}
	if err := w.copySample(dir, env); err != nil {
		return err
	}
	cmd := exec.Command("sealock", "run", "--all")
	cmd.Dir, cmd.Env = filepath.Join(dir, "shop"), env
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("running the sample: %w\n%s", err, out)
	}
	return nil
}

// copySample makes the folders shop, a repository with one commit, and vulndb.
func (w *world) copySample(dir string, env []string) error {
	from := filepath.Join(w.root, "testdata", "shop")
	err := filepath.WalkDir(from, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		if e.IsDir() {
			if rel == "out" || rel == ".sealock" { // what a run in the tree itself left
				return filepath.SkipDir
			}
			return nil
		}
		return copyFile(name, filepath.Join(dir, "shop", rel))
	})
	if err != nil {
		return fmt.Errorf("copying the sample: %w", err)
	}
	data := filepath.Join("vulndb", "vulnerability-db.tar.zst")
	if err := copyFile(filepath.Join(w.root, "testdata", data), filepath.Join(dir, data)); err != nil {
		return err
	}
	return commit(filepath.Join(dir, "shop"), env)
}

func copyFile(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o644)
}

// commit makes one commit of everything in a folder, in a repository that is made if it is not there.
func commit(dir string, env []string) error {
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"add", "-A"}, {"commit", "-q", "--allow-empty", "-m", "change"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir, cmd.Env = dir, env
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("git %s: %w\n%s", args[0], err, out)
		}
	}
	return nil
}

func (w *world) commands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"exit": cmdExit, "sample": w.cmdSample, "gitcopy": w.cmdGitCopy, "commit": cmdCommit, "copytree": w.cmdCopyTree, "json": cmdJSON, "jsonhas": cmdJSONHas,
		"receipts": cmdReceipts, "snapshot": cmdSnapshot, "unchanged": cmdUnchanged, "mode": cmdMode, "edit": cmdEdit, "variant": w.cmdVariant, "begin": w.cmdBegin,
		"tamper": w.cmdTamper, "drop": cmdDrop, "unpromote": cmdUnpromote, "capture": cmdCapture, "emptydata": w.cmdEmptyData,
		"registry": cmdRegistry, "push": cmdPush, "serve": cmdServe, "review": cmdReview, "cluster": cmdCluster, "get": cmdGet, "glass": cmdGlass, "gitserve": cmdGitServe,
	}
}

// cmdExit runs a program that must exit with a certain code: exit CODE PROGRAM ARGUMENT…
func cmdExit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exit CODE PROGRAM ARGUMENT…")
	}
	if got := exitOf(ts, ts.Exec(args[1], args[2:]...)); fmt.Sprint(got) != args[0] {
		ts.Fatalf("exit code %d, expected %s", got, args[0])
	}
}

func exitOf(ts *testscript.TestScript, err error) int {
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		ts.Fatalf("%v", err)
	}
	if err == nil {
		return 0
	}
	return exit.ExitCode()
}

// cmdSample copies the sample as it is after run --all, with its keys and its vulnerability data, to $WORK: sample
func (w *world) cmdSample(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: sample")
	}
	ts.Check(w.copySampleRun(ts.Getenv("WORK")))
}

// copyTree copies a folder into another, modes and times included.
func copyTree(from, to string) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	if out, err := exec.Command("cp", "-a", from+"/.", to).CombinedOutput(); err != nil {
		return fmt.Errorf("copying %s: %w\n%s", from, err, out)
	}
	return nil
}

// cmdGitCopy makes the sample, never run, a repository with one commit in $WORK/shop: gitcopy
func (w *world) cmdGitCopy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: gitcopy")
	}
	ts.Check(w.copySample(ts.Getenv("WORK"), scriptEnv(ts)))
}

func scriptEnv(ts *testscript.TestScript) []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_GLOBAL", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL",
		"GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"} {
		env = append(env, name+"="+ts.Getenv(name))
	}
	return env
}

// cmdCommit commits everything in a folder: commit DIR
func cmdCommit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: commit DIR")
	}
	ts.Check(commit(ts.MkAbs(args[0]), scriptEnv(ts)))
}

// cmdCopyTree copies a folder, without write protection, as that of the module cache: copytree FROM TO
func (w *world) cmdCopyTree(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: copytree FROM TO")
	}
	to := ts.MkAbs(args[1])
	ts.Check(copyTree(ts.MkAbs(args[0]), to))
	ts.Check(exec.Command("chmod", "-R", "u+w", to).Run())
}

// cmdEdit replaces a text that stands in a file exactly once; \n is a line break: edit FILE OLD NEW
func cmdEdit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE OLD NEW")
	}
	lines := strings.NewReplacer(`\n`, "\n")
	ts.Check(edit(ts.MkAbs(args[0]), lines.Replace(args[1]), lines.Replace(args[2])))
}

func edit(file, before, after string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if n := strings.Count(string(data), before); n != 1 {
		return fmt.Errorf("%s: %q is there %d times, expected once", filepath.Base(file), before, n)
	}
	return os.WriteFile(file, []byte(strings.Replace(string(data), before, after, 1)), 0o644)
}

// cmdCapture puts the first line of the last standard output into a variable, or the one value at a path of it: capture NAME [PATH]
func cmdCapture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: capture NAME [PATH]")
	}
	line, _, _ := strings.Cut(ts.ReadFile("stdout"), "\n")
	if len(args) == 2 {
		got := values(ts, []string{"stdout", args[1]})
		if len(got) != 1 {
			ts.Fatalf("%s: got %q, expected one value", args[1], got)
		}
		line = got[0]
	}
	ts.Setenv(args[0], strings.TrimSpace(line))
}
