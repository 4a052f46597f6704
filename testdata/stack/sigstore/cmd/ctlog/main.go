// SPDX-License-Identifier: Apache-2.0

// Command ctlog is a certificate transparency log for tests: TesseraCT with its storage in a folder. It is built from TesseraCT's packages, as
// the program of that project needs a newer tessera than can be had with checked sums. It answers once a certificate is in the log, and serves
// what it stores below /.
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/transparency-dev/tessera"
	tposix "github.com/transparency-dev/tessera/storage/posix"
	"github.com/transparency-dev/tesseract"
	"github.com/transparency-dev/tesseract/storage"
	"github.com/transparency-dev/tesseract/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

// How often the log publishes; small, as tests wait for it.
const (
	batchSize  = 256
	batchAge   = 20 * time.Millisecond
	checkpoint = 100 * time.Millisecond
	deadline   = 10 * time.Second
	maxChain   = 512 << 10
)

func main() {
	listen := flag.String("listen", "", "address to listen on")
	origin := flag.String("origin", "127.0.0.1", "name of the log")
	dir := flag.String("dir", "", "folder of the log")
	key := flag.String("key", "", "PEM file with the log's EC private key (SEC 1)")
	roots := flag.String("roots", "", "PEM file with the roots whose certificates are taken")
	flag.Parse()
	if err := run(context.Background(), *listen, *origin, *dir, *key, *roots); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, listen, origin, dir, keyFile, roots string) error {
	key, err := readKey(keyFile)
	if err != nil {
		return err
	}
	store := func(ctx context.Context, signer note.Signer) (*storage.CTStorage, error) {
		return open(ctx, dir, signer)
	}
	chains := tesseract.ChainValidationConfig{RootsPEMFile: roots, ExtKeyUsages: "CodeSigning"}
	handler, err := tesseract.NewLogHandler(ctx, origin, key, chains, store, deadline, false, "", tesseract.LogHandlerOpts{DedupRL: -1, MaxCertChainBytes: maxChain})
	if err != nil {
		return fmt.Errorf("opening the log in %s: %w", dir, err)
	}
	mux := http.NewServeMux()
	mux.Handle("/ct/", handler)
	mux.Handle("/healthz", handler)
	mux.Handle("/", http.FileServer(http.Dir(dir)))
	return (&http.Server{Addr: listen, Handler: mux, ReadHeaderTimeout: 5 * time.Second}).ListenAndServe()
}

// open opens the log's folder for appending.
func open(ctx context.Context, dir string, signer note.Signer) (*storage.CTStorage, error) {
	driver, err := tposix.New(ctx, tposix.Config{Path: dir})
	if err != nil {
		return nil, err
	}
	options := tessera.NewAppendOptions().WithCheckpointSigner(signer).WithCTLayout().WithAntispam(4096, nil).
		WithCheckpointInterval(checkpoint).WithBatching(batchSize, batchAge)
	appender, _, reader, err := tessera.NewAppender(ctx, driver, options)
	if err != nil {
		return nil, err
	}
	issuers, err := posix.NewIssuerStorage(ctx, dir)
	if err != nil {
		return nil, err
	}
	return storage.NewCTStorage(ctx, &storage.CTStorageOptions{Appender: appender, Reader: reader, IssuerStorage: issuers, AwaiterPollInterval: batchAge, EnablePubAwaiter: true})
}

func readKey(file string) (*ecdsa.PrivateKey, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, errors.New("reading the log's key: expected a PEM file")
	}
	return x509.ParseECPrivateKey(block.Bytes)
}
