// SPDX-License-Identifier: Apache-2.0

package attest

import "context"

// Stored is one entry of a store: a bundle nobody has verified yet, or the reason why it can't be read as one.
type Stored struct {
	Name   string // where it lies, for messages
	Bundle []byte
	Digest Digest // sha256 of the bundle, where the store has computed it; else zero
	Err    error  // a Reject: the entry is there and no evidence
}

// Store keeps bundles by the digests of their subjects. Implementations are safe for concurrent use.
type Store interface {
	// List gives every bundle about the digest, in a stable order. An unknown digest is an empty list. An error means that the store could
	// not be read, so nothing may be concluded from what is missing.
	List(ctx context.Context, subject Digest) ([]Stored, error)
	// Put stores verified evidence under every digest of every subject. It is idempotent, and it has happened wholly or not at all
	// as far as List and Confirm can tell.
	Put(ctx context.Context, e Evidence) error
}

// Confirmer is a Store that can tell whether verified evidence lies in it as Put would have left it. A copy that is missing,
// or differs, is a Reject.
type Confirmer interface {
	Confirm(ctx context.Context, e Evidence) error
}

// Signer makes a bundle over a statement's bytes.
type Signer interface {
	Sign(ctx context.Context, statement []byte) (bundle []byte, err error)
	Identity() Identity
}
