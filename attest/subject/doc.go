// SPDX-License-Identifier: Apache-2.0

// Package subject turns what a person names (git:HEAD, dir:., file:x, oci-layout:out, docker-archive:x.tar, registry/repo:tag) into
// subjects by digest, once, and gives scanners the content behind those digests.
//
// Guarantees: the digests of a Git subject come from the object database, and every object is hashed against its id on the way, so
// that the commit and the tree that are named belong together; nothing that the repository configures is run (hooks, fsmonitor,
// filters, transports); symbolic links are never followed out of a subject; blobs of an image are hashed before they are scanned;
// every count, size and depth is bounded (limits.go) and a bound that is passed is an error.
//
// Limits: empty folders do not count, as in Git. A submodule of a SHA-1 repository enters gitTree256 as its 20-byte commit id
// followed by 12 zero bytes. The digest of a docker-archive depends on the compressor where its layers are not compressed yet.
// What a registry says is held against digests here, whatever the Remote did before; how it is spoken to is package registry's.
package subject
