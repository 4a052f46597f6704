// SPDX-License-Identifier: Apache-2.0

// Command bench measures sealock against the tools that one would otherwise glue together, and prints one Markdown table. It builds the
// peers from the Go module proxy once (some minutes), sealock from the tree, and its inputs from pinned modules; both sides of a row run in
// turns, and every figure is the median of k rounds after one to warm up.
//
//	cd testdata/bench && go run . [-only startup,verify,keyless,pipeline,debian,secrets,configuration,scan,promotion,growth] [-k 5] [-sealock PATH] [-gateonly PATH] [-v]
//
// Verification is measured on the build for enforcers, which leaves the scanners out (gateonly), with the policy from outside; rows of the full build
// stand beside it. -only profile shows where the time of a verification goes. Progress goes to standard error. What can't be measured here is a row that says why.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/sealock-dev/sealock/testdata/stack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// part is a group of rows.
type part struct {
	name  string
	run   func(context.Context, *bench) error
	asked bool // runs only where -only names it
}

// parts of the table, in its order.
var parts = []part{{name: "startup", run: startup}, {name: "verify", run: verify}, {name: "keyless", run: keyless}, {name: "pipeline", run: pipeline}, {name: "debian", run: debian},
	{name: "secrets", run: secrets}, {name: "configuration", run: configuration}, {name: "scan", run: scanAll}, {name: "promotion", run: promotion}, {name: "growth", run: growth}, {name: "profile", run: profile, asked: true}}

// bench is what all parts share.
type bench struct {
	k       int
	root    string // of the product's tree
	dir     string // for what one run leaves; removed at its end
	sealock string
	gate    string // the build without scanners, for enforcers
	verbose bool
	log     io.Writer
	rows    []Row
	env     []string // environment of every measured command
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == measureCommand {
		return measureMain(os.Stdin, os.Stdout)
	}
	if len(args) > 0 && args[0] == serveCommand {
		return stack.Serve(ctx, args[1:], stack.Options{Now: time.Now, Log: os.Stderr}, os.Stdin, os.Stdout)
	}
	b := &bench{log: os.Stderr}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := flags.String("only", "", "parts to measure, with commas: startup, verify, keyless, pipeline, debian, secrets, configuration, scan, promotion, growth, profile")
	flags.IntVar(&b.k, "k", 5, "rounds of each comparison")
	flags.BoolVar(&b.verbose, "v", false, "show each request that is counted")
	flags.StringVar(&b.sealock, "sealock", "", "binary to measure; built from the tree unless given")
	flags.StringVar(&b.gate, "gateonly", "", "binary without scanners to measure (build tag gateonly); built from the tree unless given")
	if err := flags.Parse(args); err != nil {
		return err
	}
	chosen := strings.FieldsFunc(*only, func(r rune) bool { return r == ',' })
	for _, name := range chosen {
		if !slices.ContainsFunc(parts, func(p part) bool { return p.name == name }) {
			return fmt.Errorf("-only: there is no part %q", name)
		}
	}
	if b.k < 1 {
		return errors.New("-k: expected one round or more")
	}
	if err := b.prepare(ctx); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	for _, p := range parts {
		if named := slices.Contains(chosen, p.name); !named && (p.asked || len(chosen) > 0) {
			continue
		}
		if err := p.run(ctx, b); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", p.name, err), writeTable(os.Stdout, b.rows))
		}
	}
	return writeTable(os.Stdout, b.rows)
}
