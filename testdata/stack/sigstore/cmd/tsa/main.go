// SPDX-License-Identifier: Apache-2.0

// Command tsa is Sigstore's time stamp authority for tests, with its own server package. That project's program also binds port 2112 of every
// interface for metrics, and ends if the port is taken; this one does not, so that several can run on one machine.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/sigstore/timestamp-authority/v2/pkg/log"
	"github.com/sigstore/timestamp-authority/v2/pkg/server"
	"github.com/spf13/viper"
)

// policyOID is the authority's time stamping policy: the default of that project's program.
const policyOID = "1.3.6.1.4.1.57264.2"

const timeout = 30 * time.Second

func main() {
	port := flag.Int("port", 0, "port of 127.0.0.1 to listen on")
	key := flag.String("key", "", "PEM file with the authority's private key (PKCS 8)")
	chain := flag.String("chain", "", "PEM file with its certificate, and those up to the root")
	flag.Parse()
	log.ConfigureLogger("prod")
	for name, value := range map[string]any{ // that package reads its settings from there
		"timestamp-signer": "file", "file-signer-key-path": *key, "certificate-chain-path": *chain, "timestamp-signer-hash": "sha256",
		"enforce-intermediate-eku": true, "default-policy-oid": policyOID, "accepted-policy-oids": []string{policyOID}, "max-request-body-size": 1 << 20,
	} {
		viper.Set(name, value)
	}
	if err := server.NewRestAPIServer("127.0.0.1", *port, []string{"http"}, false, timeout, timeout).Serve(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}
