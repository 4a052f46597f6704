// SPDX-License-Identifier: Apache-2.0

// Command sigstore runs a private Sigstore on free ports of 127.0.0.1 until its standard input ends or it is told to stop: Fulcio, Rekor v2, a
// certificate transparency log, a time stamp authority, and OIDC issuers with the names of GitHub's and GitLab's. It prints one line of JSON: the
// files of the trusted root and the signing configuration, URLs, process ids, and the environments of a job on GitHub Actions and one on GitLab.
// The servers are built on the first run, into sealock-test of the user's cache folder. It exits 3, with the reason, if they can't be had here.
//
//	cd testdata/stack && go run ./cmd/sigstore
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/sealock-dev/sealock/testdata/stack"
)

func main() { os.Exit(run()) }

func run() int {
	source := flag.String("source", "sigstore", "folder of the servers' module, testdata/stack/sigstore")
	build := flag.Bool("build", false, "build the servers, print where they are, and end")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if *build {
		var dir string
		if dir, err = stack.EnsureSigstore(ctx, *source, os.Stderr); err == nil {
			fmt.Println("sigstore", dir)
		}
	} else {
		err = stack.ServeSigstore(ctx, stack.SigstoreOptions{Source: *source, Now: time.Now, Log: os.Stderr}, os.Stdin, os.Stdout)
	}
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
