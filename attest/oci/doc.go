// SPDX-License-Identifier: Apache-2.0

// Package oci is the registry store: evidence beside the image that it is about, laid out so that others find it.
//
//	referrers of sha256:<image>      Sigstore bundles, byte for byte as cosign v3 attaches them; read too: bare envelopes, cosign's experiment with OCI 1.1
//	<alg>-<hex>.subject              anchor: the manifest that stands for a subject that is none (a Git tree, a file); its evidence refers to it
//	sha256-<image>.sealock           evidence list: all of it in one answer, what upstream stages said included
//	sha256-<image>.att, .sig         cosign before bundles: attestations are read, signatures are written by SignImage and only described
//	sha256-<manifest>                without a referrers API: the index of what refers to a manifest
//	sha256-<manifest>.<12 hex>       without a referrers API: one referrer, from which the index is repaired
//
// Use: Open with a registry.Repository, then the attest.Store and attest.Confirmer methods; Publish after the last Put; Manifest and Blob to resolve
// subjects through the same memory.
//
// To move an image: ReadImage, then CopyBlobs, PutManifests, Verify and, last, Tag, to a repository or a Layout; Store.CarryTo copies what lies beside it, and Complete
// of the other Store lists that for other tools.
//
// Guarantees: every byte was hashed against the digest that it was asked for. A referrer counts by what its own manifest says, never by what a
// listing says about it, and only if it refers to what it was listed for. A listed digest that the registry does not have is gone; every other failure is
// an error, never "no evidence". No digest is fetched twice in the life of a Store. Put returns when readers find what was put; writers
// may be killed at any request, and the next one repairs what they left. The evidence list is a cache: it is held against the listing, and one
// that is missing, old or malformed costs requests, nothing else. Requests to read our own evidence: the listing, the list, the rest
// of the list if it is large; one more without a referrers API.
//
// Limits: about the digests that a list covers, other than its own subject, it is as new as the last Publish: evidence that someone stores about them later
// is found when it is published, or when there is no list. The same holds for a .att tag that appears after the list, unless
// Options.Att has it looked for, which takes one request more. Where there is no
// referrers API and a writer is killed between overwriting the index and looking at it again, entries of others may be missing from the index until the
// next write; readers without a list find them by their tags. Whoever may write to the repository may hide evidence; that can refuse, never
// allow. A Store remembers what it read: it is made for one command.
package oci
