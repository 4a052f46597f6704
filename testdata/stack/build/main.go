// SPDX-License-Identifier: Apache-2.0

// Command build builds the tools that tests and benchmarks use, once, into sealock-test of the user's cache folder, and prints where each
// lies: "name path", a line each. Without names it builds all. It exits 3, with the reason, if one can't be had here.
//
//	go run ./build [NAME...]
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"

	"github.com/sealock-dev/sealock/testdata/stack"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(names []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(names) == 0 {
		for _, t := range stack.Tools {
			names = append(names, t.Name)
		}
	}
	for _, name := range names {
		file, err := stack.Ensure(ctx, name, os.Stderr)
		switch {
		case errors.Is(err, stack.ErrNotBuilt):
			fmt.Fprintln(os.Stderr, "skipped:", err)
			return 3
		case err != nil:
			fmt.Fprintln(os.Stderr, "error:", err)
			return 1
		}
		fmt.Println(name, file)
	}
	return 0
}
