// SPDX-License-Identifier: Apache-2.0

// Package keyless signs without a stored key: with a key that lives for minutes and a certificate that a Sigstore instance gives for an OIDC token.
//
// Use PublicGood, ParseSigningConfig or FromTrustedRoot for the servers of an instance, Ambient for the token of the CI job that runs (Static and
// Login for one that was given, or for people), and New for an attest.Signer. Every signature is stamped and logged as the servers say, and all of
// it lies in one Sigstore bundle v0.3. SignBlob signs a file.
//
// A token is checked before it is sent: it must be meant for Sigstore and still be valid. It is sent to the certificate authority alone, over TLS
// or to this machine, never to where a redirect points, and it is in no message. A certificate serves several signatures as long as it is valid.
//
// A server that does not answer is asked again until a budget of time is used up; then the error is a DownError that names it, and nothing was
// signed. The signer remembers it, so that what is signed next fails, or does without that server, at once. An entry that the log has already is
// as good as a new one.
//
// Nothing that the servers answer is verified here. Whoever stores the bundle verifies it first, as anybody else would.
package keyless
