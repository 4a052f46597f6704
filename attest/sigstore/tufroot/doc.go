// SPDX-License-Identifier: Apache-2.0

// Package tufroot keeps the trusted root of a Sigstore instance up to date from its TUF repository (https://theupdateframework.github.io/specification/).
//
// Use Update to ask the repository, and Load for what the last update left; Load opens no connection. Both begin at a root of trust that is given,
// such as PublicGood's, which the program carries, and check every signature from there on, so it does not matter who could write to the file in
// between: at worst an older state that was genuine once is put in its place.
//
// An update that would take back what was seen before is refused as rolled back, one whose metadata has expired as frozen. Then, and where anything
// else fails, the state that was there stays. A state is one file, written wholly or not at all.
//
// Only targets of the top level are read: trusted_root.json, and the signing configuration if there is one.
package tufroot
