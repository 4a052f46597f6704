// SPDX-License-Identifier: Apache-2.0

//go:build unix

package dir

import (
	"bufio"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// roleVar makes the test binary play a process of its own: "write" or "full", then a colon and the store's path.
const roleVar = "SEALOCK_TEST_DIR_ROLE"

func child(t *testing.T, role, path string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	must(t, err)
	cmd := exec.Command(exe, "-test.run=^TestChildProcess$")
	cmd.Env = append(os.Environ(), roleVar+"="+role+":"+path)
	return cmd
}

func TestChildProcess(t *testing.T) {
	role, path, ok := strings.Cut(os.Getenv(roleVar), ":")
	if !ok {
		t.Skip("runs as a process of the other tests only")
	}
	s, err := Open(path)
	must(t, err)
	switch role {
	case "write":
		for i := 0; ; i = (i + 1) % 200 {
			must(t, s.Put(t.Context(), evidence(t, i, shop, src)))
			os.Stdout.WriteString("one\n")
		}
	case "full":
		signal.Ignore(syscall.SIGXFSZ)
		must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 100, Max: 100}))
		if err := s.Put(t.Context(), evidence(t, 1, shop, src)); err == nil {
			t.Fatal("a full disk went unnoticed")
		}
		os.Stdout.WriteString("refused\n")
	}
}

// Processes that write the same evidence are killed at any moment. What is listed is always whole, and Put completes the rest.
func TestT06_KilledWriters(t *testing.T) {
	s := open(t)
	for round := range 8 {
		var running []*exec.Cmd
		for range 2 {
			cmd := child(t, "write", s.path)
			out, err := cmd.StdoutPipe()
			must(t, err)
			must(t, cmd.Start())
			if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
				t.Fatal("the writer wrote nothing")
			}
			running = append(running, cmd)
		}
		time.Sleep(time.Duration(round*5) * time.Millisecond)
		for _, cmd := range running {
			must(t, cmd.Process.Kill())
			_ = cmd.Wait() // killed, as meant
		}
		for _, d := range append(shop.Digest.Digests(), src.Digest.Digests()...) {
			got, err := s.List(t.Context(), d)
			must(t, err)
			for _, g := range got {
				if _, err := testVerifier.Verify(t.Context(), g.Bundle); g.Err != nil || err != nil {
					t.Fatalf("%s after a kill: %v %v", g.Name, g.Err, err)
				}
			}
		}
	}
	e := evidence(t, 0, shop, src)
	must(t, s.Put(t.Context(), e))
	must(t, s.Confirm(t.Context(), e))
}

// A disk that is full in the middle of a file: an error, and nothing that looks like evidence.
func TestT06_FullDisk(t *testing.T) {
	s := open(t)
	out, err := child(t, "full", s.path).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "refused") {
		t.Fatalf("%v\n%s", err, out)
	}
	if got := files(t, s); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
	if got, err := s.List(t.Context(), shopD); err != nil || len(got) != 0 {
		t.Errorf("%v %v", got, err)
	}
	if err := s.Confirm(t.Context(), evidence(t, 1, shop, src)); attest.RejectCode(err) != attest.CodeIncomplete {
		t.Errorf("Confirm: %v", err)
	}
}
