// SPDX-License-Identifier: Apache-2.0

// Package promotion moves an artifact, with all the evidence behind it, to where an environment takes it from, as one transaction.
//
//	decide      the policy allows the artifact to enter the environment, by the evidence beside it
//	holder      what the destination holds now is not a newer release
//	content     blobs, then manifests: by digest, under no name
//	beside      at the same time, whatever refers to the artifact, as it is
//	evidence    all that the decision may rest on, upstream stages included, and the list of it
//	read back   content and evidence are read again at the destination, with nothing remembered
//	decide      there, by what lies there alone
//	sign        the verification summary; stored at the destination, read again, and asked whether the artifact may stay
//	record      the summary is stored at the source too
//	switch      the name is moved, if it still means what it meant, and looked up again
//
// Use: fill in a Transaction, then Plan or Run.
//
// Guarantees: the name is moved last, and only when everything that lets the artifact stay was read at the destination by digest. A process that is killed
// anywhere leaves the name as it was, or moved with all evidence there; running it again does what is left. Nothing that is there is sent.
//
// Limits: registries have no compare-and-swap, so of two who promote to one name at the same moment the last one wins, with its evidence there; that the name
// was moved in between is found right before and right after. What was copied before a failure stays: it has no name, and registries collect it. Large
// blobs are not read again (their length is asked for) unless Whole is set.
package promotion
