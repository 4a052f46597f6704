// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package main

// takeSecrets takes the variables that sign out of what is passed on to other programs.
func takeSecrets(environ, args []string) ([]string, map[string]string) {
	return splitSecrets(environ, args)
}
