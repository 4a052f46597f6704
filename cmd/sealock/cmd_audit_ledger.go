// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"

	"github.com/sealock-dev/sealock/gate/audit/sqlite"
)

// ledgerInBuild reports whether this build can keep a ledger of its own.
const ledgerInBuild = true

// openLedger opens a ledger to write to it.
func openLedger(ctx context.Context, file string) (ledgerHandle, error) {
	return sqlite.Open(ctx, file)
}
