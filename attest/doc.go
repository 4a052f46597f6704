// SPDX-License-Identifier: Apache-2.0

// Package attest holds what evidence is: digests, subjects, in-toto statements, and the interfaces of those who sign, verify and
// store them.
//
// Evidence can only be made by Verifier.Verify, from bytes whose signature was checked; nothing else reaches a decision. Everything
// that is read here is foreign and bounded (limits.go), and what is wrong with it is said by a Reject with a stable code.
package attest
