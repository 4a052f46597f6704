// SPDX-License-Identifier: Apache-2.0

// Package stack runs the real counterparts of sealock for tests and benchmarks: registries on loopback ports (distribution v3 plain, with
// TLS and htpasswd, and with token auth; go-containerregistry's and cuelabs', which have the referrers API), a proxy that counts and slows
// requests, and the tools that sealock is measured against and checked by, built from the Go module proxy at fixed versions.
//
// Use: Ensure builds a tool once into the user's cache; Start starts a registry in this process or as a child of it; Serve does so for
// programs that want the registries in a process of their own (go run ./cmd/stack mem dist). StartSigstore starts a private Sigstore, and
// ServeSigstore (go run ./cmd/sigstore) does so in a process of its own; its servers have a module of their own, in sigstore/.
//
// Limits: for loopback only, and the metrics of Fulcio answer on every interface, on a free port: it has no flag for
// their host. Passwords, keys and certificates are made for one run or fixed here, and protect nothing.
package stack
