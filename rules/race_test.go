// SPDX-License-Identifier: Apache-2.0

//go:build race

package rules

// raceEnabled says that the race detector is on: everything takes about ten times as long.
const raceEnabled = true
