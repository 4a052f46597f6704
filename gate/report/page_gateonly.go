// SPDX-License-Identifier: Apache-2.0

//go:build gateonly

package report

import "io"

// pages are none: Go's templates find methods by name, so that a program that links them keeps every method of every type, which is a sixth of this build.
func pages() []format { return nil }

// writePage is never asked for: the format is none of this build.
func (o Outcome) writePage(io.Writer, Options) error { return unknownFormat("html") }
