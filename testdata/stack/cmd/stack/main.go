// SPDX-License-Identifier: Apache-2.0

// Command stack runs registries on free ports of 127.0.0.1 until its standard input ends or it is told to stop, and prints each as a line of
// JSON: kind, host, user, password, ca, referrers. Kinds: mem, cue, dist, dist-auth, dist-token; without any, all of them.
//
//	go run ./cmd/stack [KIND...]
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/sealock-dev/sealock/testdata/stack"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(kinds []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(kinds) == 0 {
		kinds = stack.Kinds
	}
	err := stack.Serve(ctx, kinds, stack.Options{Now: time.Now, Log: os.Stderr}, os.Stdin, os.Stdout)
	switch {
	case errors.Is(err, stack.ErrNotBuilt):
		fmt.Fprintln(os.Stderr, "skipped:", err)
		return 3
	case err != nil:
		fmt.Fprintln(os.Stderr, "error:", err)
		return 1
	}
	return 0
}
