// SPDX-License-Identifier: Apache-2.0

// Package audit keeps decisions for good: a Ledger of entries chained by hash, and the documents that they rest on by their digest.
//
// Use: a Recorder over a Ledger is given to gate.Gate, which hands it every decision. Verify checks a ledger or an export of one; Replay decides
// an entry again from what the ledger holds; WhoHas looks through the bills of materials and scans that were evidence.
//
// Guarantees: an entry holds its number and the sha256 of the entry before it, so that one which was edited, removed, moved or put in between shows,
// and so does a document that was changed. Entries lost from the end show if the hash of a later one is known from elsewhere (Options.Head): Recorder
// reports each, and it is worth keeping where those who can write to the ledger can't. A decision is recorded wholly or not at all, and once Record
// returns it is on the disk. Policy, trust root and evidence are kept with it, so that a replay needs nothing else.
//
// Limits: whoever can write to the file can forge a whole new ledger; only a hash kept elsewhere tells. Evidence that was rejected is kept by name and
// reason, not by content: it decided nothing, and anybody could fill the ledger with it. Nothing is ever removed.
package audit
