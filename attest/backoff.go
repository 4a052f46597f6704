// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"context"
	"crypto/rand"
	"math/big"
	"time"
)

// Spread is a random time between half of d and d, so that many who wait do not come back at once.
func Spread(d time.Duration) time.Duration {
	more, err := rand.Int(rand.Reader, big.NewInt(int64(d/2)+1))
	if err != nil {
		return d
	}
	return d/2 + time.Duration(more.Int64())
}

// Sleep waits, and gives the context's error if that ends first.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
