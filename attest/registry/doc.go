// SPDX-License-Identifier: Apache-2.0

// Package registry talks to OCI registries: the few requests that subjects and evidence need, each bounded, each answer hashed.
//
// Use: New with Options, then Client.Repository for host/path. LoadCredentials reads the files that docker login and podman login
// write, and asks the credential helpers that they name.
//
// Guarantees: what is returned for a digest hashes to it, whatever the headers say; a listing is whole or an error; only a clean 404
// is NotFound, so "not there" is never confused with "could not find out"; every size, count, time and number of redirects is
// bounded (limits.go), and the error names the bound; no credential goes to another host than the one it is for, or into a message;
// nothing on this machine or in its network is contacted because a registry says so (addresses.go).
//
// Limits: no ping comes first, so a registry is only known by its answers. Digests are SHA-256. Uploads are monolithic. Behind an HTTP
// proxy, addresses that a registry names are judged by name only, since the proxy resolves them.
package registry
