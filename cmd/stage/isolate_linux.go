// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package stage

import (
	"os/exec"
	"syscall"
)

// isolate puts the command into a process group of its own, killed as a whole when it is cancelled.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// endGroup kills what the command left running: nothing of a stage goes on while its products are hashed and signed. A process that made
// itself a group of its own gets away.
func endGroup(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // nobody left is what is wished for
	}
}
