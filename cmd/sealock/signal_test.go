// SPDX-License-Identifier: Apache-2.0

//go:build unix && !gateonly

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// What does not listen to the first signal is ended by the second: here, reading from a pipe that nobody writes to.
func TestSecondSignalEnds(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	exe, err := exec.LookPath("sealock") // the test binary, by testscript.Main
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, "attest", "--record", pipe)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w, err := os.OpenFile(pipe, os.O_WRONLY, 0) // waits until the program reads
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for range 100 {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			break
		}
		select {
		case <-done:
			return
		case <-time.After(200 * time.Millisecond):
		}
	}
	_ = cmd.Process.Kill()
	t.Error("signals do not end it")
}
