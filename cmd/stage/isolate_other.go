// SPDX-License-Identifier: Apache-2.0

//go:build !linux && !gateonly

package stage

import "os/exec"

// isolate has nothing to add where process groups differ: cancelling kills the command itself.
func isolate(*exec.Cmd) {}

// endGroup can do nothing where there are no process groups.
func endGroup(*exec.Cmd) {}
