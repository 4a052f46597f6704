// SPDX-License-Identifier: Apache-2.0

// Command catalog is the shop's product list, and serves its front end.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"example.com/shop/internal/catalog"
	"example.com/shop/internal/web"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "catalog:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("catalog", flag.ContinueOnError)
	listen := f.String("listen", ":8080", "address to listen on")
	public := f.String("public", "/app/web/public", "folder of the front end's files")
	if err := f.Parse(args); err != nil {
		return err
	}
	s, err := catalog.New(*public)
	if err != nil {
		return err
	}
	return web.Serve(ctx, *listen, s.Handler())
}
