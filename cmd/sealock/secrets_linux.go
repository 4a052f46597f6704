// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// secretsFD names the inherited pipe that holds the variables which were taken out of the environment.
const secretsFD = "SEALOCK_INHERITED_FD" // a number, not a secret itself

// takeSecrets takes the variables that sign out of the environment of the process. What a process was started with can be read by every
// other process of the user, for as long as it runs; so the program starts itself again without them and hands them over through a pipe.
// Only commands that start other programs need it. If it fails in any way, the variables are at least dropped from what is passed on.
func takeSecrets(environ, args []string) ([]string, map[string]string) {
	clean, secrets := splitSecrets(environ, args)
	if fd, ok := lookup(environ, secretsFD); ok {
		got := receive(fd)
		for k, v := range got {
			secrets[k] = v
		}
		_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) // no ptrace, no /proc/PID/mem, no core file
		return clean, secrets
	}
	if len(secrets) > 0 && startsPrograms(args) {
		restart(clean, secrets, args)
	}
	return clean, secrets
}

// restart replaces the process by itself with a clean environment. It returns only if that fails.
func restart(clean []string, secrets map[string]string, args []string) {
	data, err := json.Marshal(secrets)
	if err != nil || len(data) > 60<<10 { // what a pipe holds without a reader
		return
	}
	var p [2]int
	if err := unix.Pipe2(p[:], 0); err != nil { // inherited across exec
		return
	}
	w := os.NewFile(uintptr(p[1]), "secrets")
	_, err = w.Write(data)
	w.Close()
	if err != nil {
		return
	}
	//nolint:gosec // it is this very program, with its own arguments
	_ = syscall.Exec("/proc/self/exe", args, append(clean, secretsFD+"="+strconv.Itoa(p[0])))
	_ = unix.Close(p[0])
}

func receive(fd string) map[string]string {
	n, err := strconv.Atoi(fd)
	if err != nil || n < 3 {
		return nil
	}
	f := os.NewFile(uintptr(n), "secrets")
	if f == nil {
		return nil
	}
	defer f.Close()
	var out map[string]string
	if data, err := io.ReadAll(io.LimitReader(f, 1<<20)); err != nil || json.Unmarshal(data, &out) != nil {
		return nil
	}
	return out
}

func lookup(environ []string, name string) (string, bool) {
	for _, kv := range environ {
		if k, v, _ := strings.Cut(kv, "="); k == name {
			return v, true
		}
	}
	return "", false
}

// startsPrograms reports whether a command line runs stages, which run commands.
func startsPrograms(args []string) bool {
	for _, a := range args[min(1, len(args)):] {
		if a == "run" {
			return true
		}
	}
	return false
}
