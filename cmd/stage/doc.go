// SPDX-License-Identifier: Apache-2.0

// Package stage runs one stage of a pipeline: it asks the gate about the stages before, runs the command without keys or tokens, scans
// what came out, signs the evidence and the receipt, stores them, and asks the gate again.
//
// It is the one place that knows all parts. If the command or a scanner does not complete, nothing is stored. If they complete, evidence and
// receipt are stored even where the gate then refuses: a bad result must supersede an older good one. The receipt is stored last, so that a
// run that dies leaves either the whole old state or the whole new one.
//
// With the build tag gateonly only what needs no scanner is left: reading the pipeline, resolving references, signing.
package stage
