// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package main

import "os"

// writable reports whether a folder is marked as one that can be written to.
func writable(folder string) bool {
	info, err := os.Stat(folder)
	return err == nil && info.Mode().Perm()&0o200 != 0
}
