// SPDX-License-Identifier: Apache-2.0

// Package sigstore signs and verifies Sigstore bundles and DSSE envelopes; it is the only importer of sigstore-go.
//
// Use Generate and the Parse functions for key files in cosign's format, NewSigner to sign, and NewAuthenticator for attest.NewVerifier. Bundles
// brings what other tools wrote to the form that is stored, Envelope gives the bare envelope for tools that read nothing else, and Inspect tells
// what a bundle says of itself, unverified.
//
// A signer is a key (ECDSA on P-256 or P-384, pure Ed25519, RSA of 2048 bits or more). Bundles of the versions 0.1, 0.2 and 0.3 are read, with log
// entries and timestamps or without: they must be well-formed and prove nothing here. A certificate in a bundle is refused with the code
// UNSUPPORTED, a bare signature and what 'cosign sign' writes with PAYLOAD_TYPE. Hints and key ids narrow the search for a key and decide nothing:
// the identity is the key that verified.
package sigstore
