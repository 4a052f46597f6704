// SPDX-License-Identifier: Apache-2.0

//go:build gateonly

package main

import (
	"context"

	ledgerlines "github.com/sealock-dev/sealock/gate/audit/lines"
)

// ownLedgerFile is the ledger in the user's state folder. This build links no database, and keeps lines, which the full one reads.
const ownLedgerFile = "ledger.jsonl"

// deciding are the commands whose decisions go to the user's own ledger where none is named. Lines are read whole when they are opened, which is too much for
// what is called once an image (verify, admit).
var deciding = []string{"promote", "rollback", "serve", "drift"}

// openLedger opens a ledger to write to it.
func openLedger(ctx context.Context, file string) (ledgerHandle, error) {
	return ledgerlines.Open(ctx, file)
}
