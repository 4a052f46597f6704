// SPDX-License-Identifier: Apache-2.0

// Package attesttest has what tests of evidence need: keys made on the spot, statements that link up, a store in memory, and tools to tamper.
//
// Signatures and bundles are real; only the cost of encrypted key files is left out. It is for tests: nothing in the product imports it.
package attesttest
