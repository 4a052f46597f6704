// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkStart is the time from nothing to the end of "sealock version", on a binary linked as a release is.
func BenchmarkStart(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "sealock")
	build := exec.Command("go", "build", "-ldflags", "-s -w", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Skipf("the program can't be built here: %v\n%s", err, out)
	}
	for b.Loop() {
		cmd := exec.Command(binary, "version")
		cmd.Env = []string{}
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
	}
}

// BenchmarkUnchangedRun is "run --all" on the sample when nothing has changed: three stages taken as they are, three environments decided.
func BenchmarkUnchangedRun(b *testing.B) {
	w := newWorld(b)
	dir := w.sampleRun(b)
	env := append(w.environ(filepath.Join(dir, "home")), "PATH="+os.Getenv("PATH"), "TMPDIR="+b.TempDir())
	for b.Loop() {
		cmd := exec.Command("sealock", "run", "--all", "-q")
		cmd.Dir, cmd.Env = filepath.Join(dir, "shop"), env
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
	}
}
