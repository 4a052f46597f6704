// SPDX-License-Identifier: Apache-2.0

//go:build unix

package main

import "golang.org/x/sys/unix"

// writable reports whether this process may write to a folder, without trying.
func writable(folder string) bool { return unix.Access(folder, unix.W_OK|unix.X_OK) == nil }
