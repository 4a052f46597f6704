// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"os/exec"
	"syscall"
)

// dieWithParent ends the child when this process ends without having stopped it.
func dieWithParent(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
