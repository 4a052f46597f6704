// SPDX-License-Identifier: Apache-2.0

//go:build gateonly

package report

// pages are none: Go's templates find methods by name, so that a program that links them keeps every method of every type, which is a sixth of this build.
func pages() []format { return nil }
