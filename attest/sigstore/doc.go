// SPDX-License-Identifier: Apache-2.0

// Package sigstore signs and verifies Sigstore bundles; it is the only importer of sigstore-go.
//
// Use Keys for key files in cosign's format, NewSigner to sign, and NewAuthenticator for attest.NewVerifier. Today a signer is a key
// (ECDSA on P-256 or P-384, pure Ed25519, RSA of 2048 bits or more); a certificate in a bundle is refused with the code UNSUPPORTED.
// Hints in a bundle narrow the search for a key and decide nothing: the identity is the key that verified.
package sigstore
