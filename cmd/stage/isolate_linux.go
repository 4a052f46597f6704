// SPDX-License-Identifier: Apache-2.0

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
