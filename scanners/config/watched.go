// SPDX-License-Identifier: Apache-2.0

package config

import (
	"context"
	"fmt"
	"runtime/metrics"
	"time"
)

// Bounds on what other projects' code does with the tree: rendering a chart, building a kustomization.
const (
	maxBuildTime   = 30 * time.Second
	maxBuildMemory = 1 << 30 // bytes that the heap may grow by
	sampleEvery    = 20 * time.Millisecond
)

// watched runs f beside a watch on time and memory. Past a bound f is left running, since it can't be stopped; the error then ends the scan, and
// with it the process. A panic of f is an error.
func watched(ctx context.Context, what string, f func() error) error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				done <- fmt.Errorf("it broke down: %v", r)
			}
		}()
		done <- f()
	}()
	ctx, cancel := context.WithTimeoutCause(ctx, maxBuildTime, fmt.Errorf("%w: %s took more than %s", ErrLimit, what, maxBuildTime))
	defer cancel()
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	before := heap()
	for {
		select {
		case err := <-done:
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
			if now := heap(); now > before+maxBuildMemory {
				return fmt.Errorf("%w: %s took more than %d bytes of memory", ErrLimit, what, maxBuildMemory)
			}
		}
	}
}

func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
