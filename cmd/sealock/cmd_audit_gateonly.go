// SPDX-License-Identifier: Apache-2.0

//go:build gateonly

package main

import (
	"context"
	"io"

	"github.com/sealock-dev/sealock/gate/audit"
)

// ledgerInBuild reports whether this build can keep a ledger of its own: the database is a fifth of the full program's size.
const ledgerInBuild = false

// closable is a ledger that is open.
type closable interface {
	audit.Ledger
	io.Closer
}

// openLedger has nothing to open one with.
func openLedger(context.Context, string) (closable, error) { return nil, leftOut("--ledger") }
