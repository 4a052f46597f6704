// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package stack

import "os/exec"

// dieWithParent does nothing where the system has no such thing.
func dieWithParent(*exec.Cmd) {}
