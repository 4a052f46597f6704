// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

const forbidden = "SEALOCK_TEST_NO_SOCKETS"

// The system ends a process that opens a socket of whatever kind; verifying runs to its end in such a process.
func TestNoSocketIsOpened(t *testing.T) {
	if os.Getenv(forbidden) == "" {
		for mode, wants := range map[string]bool{"verify": true, "dial": false} {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNoSocketIsOpened$", "-test.v")
			cmd.Env = append(os.Environ(), forbidden+"="+mode)
			out, err := cmd.CombinedOutput()
			if strings.Contains(string(out), "filter: ") {
				t.Skipf("this system does not filter system calls: %s", out)
			}
			if (err == nil) != wants {
				t.Errorf("%s: %v\n%s", mode, err, out)
			}
		}
		return
	}
	s := attesttest.NewSigstore(t, signedAt)
	trust := sigstore.Trust{Root: s.Root(t), Logs: 2, Timestamps: 1, SCT: true}
	b := s.Sign(t, payload(t, "x"), attesttest.Signing{By: buildJob, Logs: []string{attesttest.LogV1, attesttest.LogV2}})
	noSockets(t)
	if os.Getenv(forbidden) == "dial" { // the control
		_, _ = unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		return
	}
	if _, err := sigstore.PublicGood(); err != nil {
		t.Fatal(err)
	}
	if _, code := judge(t, trust, b); code != "" {
		t.Fatal(code)
	}
}

// noSockets installs a filter for all threads of the process: socket(2) ends it.
func noSockets(t *testing.T) {
	t.Helper()
	runtime.LockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		t.Fatalf("filter: %v", err)
	}
	program := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}, // the number of the call
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.SYS_SOCKET, Jt: 0, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_KILL_PROCESS},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	filter := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&filter))) //nolint:gosec // that is how the call takes it
	if errno != 0 {
		t.Fatalf("filter: %v", errno)
	}
}
