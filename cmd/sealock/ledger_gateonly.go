// SPDX-License-Identifier: Apache-2.0

//go:build gateonly

package main

import (
	"context"

	ledgerlines "github.com/sealock-dev/sealock/gate/audit/lines"
)

// ownLedgerFile is the ledger in the user's state folder. This build links no database, and keeps lines, which the full one reads.
const ownLedgerFile = "ledger.jsonl"

// openLedger opens a ledger to write to it.
func openLedger(ctx context.Context, file string) (ledgerHandle, error) {
	return ledgerlines.Open(ctx, file)
}
