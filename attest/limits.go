// SPDX-License-Identifier: Apache-2.0

package attest

// Bounds on foreign input. Past one of them is an error that names it, never a truncation.
const (
	MaxBundle   = 96 << 20                 // bytes of one stored bundle
	MaxPayload  = 64 << 20                 // bytes of one statement
	MaxSubjects = 1024                     // subjects of one statement
	MaxDigests  = 32                       // digests of one subject
	MaxDepth    = 256                      // nesting of JSON values
	MaxTokens   = 20 << 20                 // JSON tokens of one document
	MaxString   = (MaxPayload + 2) / 3 * 4 // bytes of one JSON string: a statement in base64
)
