// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"

	ledgerlines "github.com/sealock-dev/sealock/gate/audit/lines"
	"github.com/sealock-dev/sealock/gate/audit/sqlite"
)

// ownLedgerFile is the ledger in the user's state folder.
const ownLedgerFile = "ledger.db"

// deciding are the commands whose decisions go to the user's own ledger where none is named: those by which an artifact is let through or refused.
var deciding = []string{"run", "verify", "promote", "rollback", "admit", "serve", "drift"}

// openLedger opens a ledger to write to it: a database, or the lines that the build for enforcers keeps, if the file is that.
func openLedger(ctx context.Context, file string) (ledgerHandle, error) {
	if ledgerlines.Is(file) {
		return ledgerlines.Open(ctx, file)
	}
	return sqlite.Open(ctx, file)
}

// readLedger opens a ledger of either kind to look at it.
func readLedger(ctx context.Context, file string) (ledgerHandle, error) {
	if ledgerlines.Is(file) {
		return ledgerlines.Read(ctx, file)
	}
	return sqlite.Read(ctx, file)
}
