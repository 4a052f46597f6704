// SPDX-License-Identifier: Apache-2.0

//go:build gateonly

package main

import "context"

// ledgerInBuild reports whether this build can keep a ledger of its own: the database is a fifth of the full program's size.
const ledgerInBuild = false

// openLedger has nothing to open one with.
func openLedger(context.Context, string) (ledgerHandle, error) { return nil, leftOut("--ledger") }
