// SPDX-License-Identifier: Apache-2.0

// Package sigstore signs and verifies Sigstore bundles and DSSE envelopes; with its sub-packages it is the only importer of sigstore-go.
//
// Use Generate and the Parse functions for key files in cosign's format, NewSigner to sign, and NewAuthenticator with keys, a Trust or both for
// attest.NewVerifier. LoadTrustedRoot and PublicGood give the authorities and logs that a Trust believes. Bundles brings what other tools wrote to the
// form that is stored, FromAnnotations does so for cosign's older layers, Envelope gives the bare envelope for tools that read nothing else, and Inspect
// tells what a bundle says of itself, unverified. VerifyArtifact verifies one bundle about one file, without a policy.
//
// A signer is a key (ECDSA on P-256 or P-384, pure Ed25519, RSA of 2048 bits or more), or whom a certificate of the trust root names: issuer, subject,
// serial number and every claim of Fulcio. For a certificate all of it is verified, in this order: the signature; each log entry of a trusted log
// (that it is about this signature, certificate and content; inclusion proof, checkpoint, promise), and how many logs there are; each time stamp, and
// how many authorities; the chain at every one of these times, with the windows of log, authority and certificates, whose bounds belong to them; the
// SCT; the name. Times that nobody vouches for are not used. Each refusal has a code; Codes documents them.
//
// Bundles 0.1, 0.2 and 0.3 are read, with log entries of the kinds hashedrekord, dsse and intoto of Rekor v1, and hashedrekord and dsse of Rekor v2.
// Chains in bundles are not looked at: authorities come from the trust root. A bare signature is no evidence (PAYLOAD_TYPE), and neither is what
// 'cosign sign' writes. Hints and key ids narrow the search for a key and decide nothing: the identity is the key that verified.
//
// Verifying reads no clock, no environment and no network: whether a time lies in the future is the gate's to say.
package sigstore
