// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"context"
	"time"
)

// emptyContext is the parent of what lives as long as the process: it never ends and holds nothing.
type emptyContext struct{}

func (emptyContext) Deadline() (time.Time, bool) { return time.Time{}, false }
func (emptyContext) Done() <-chan struct{}       { return nil }
func (emptyContext) Err() error                  { return nil }
func (emptyContext) Value(any) any               { return nil }

// withValues is a context that also has the values of another.
type withValues struct {
	context.Context
	more context.Context
}

func (c withValues) Value(key any) any {
	if v := c.Context.Value(key); v != nil {
		return v
	}
	return c.more.Value(key)
}
