// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// The packages of the servers, in the module testdata/stack/sigstore: the last part of each is the name of its binary.
var serverPackages = []string{
	"github.com/sigstore/fulcio",
	"github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix",
	"./cmd/tsa",
	"./cmd/ctlog",
}

// fileClaims is the part of Fulcio's production configuration that says how the claims of CI tokens become extensions.
const fileClaims = "ci-issuer-metadata.yaml"

// EnsureSigstore builds the servers of a private Sigstore once into the user's cache and gives their folder. source is the folder of the module
// testdata/stack/sigstore, which names their versions. An error wraps ErrNotBuilt if they can't be had here.
func EnsureSigstore(ctx context.Context, source string, log io.Writer) (string, error) {
	return builtOnce("sigstore", source, func(bin string) error {
		fmt.Fprintln(log, "building Fulcio, Rekor, a time stamp authority and a certificate transparency log")
		return buildServers(ctx, source, bin, log)
	})
}

func buildServers(ctx context.Context, source, bin string, log io.Writer) error {
	run := func(out io.Writer, args ...string) error {
		return goIn(ctx, source, "the servers of Sigstore", out, log, args...)
	}
	if err := run(log, append([]string{"build", "-trimpath", "-ldflags", "-s -w", "-o", bin + string(filepath.Separator)}, serverPackages...)...); err != nil {
		return err
	}
	var module bytes.Buffer
	if err := run(&module, "list", "-m", "-f", "{{.Dir}}", "github.com/sigstore/fulcio"); err != nil {
		return err
	}
	config, err := os.ReadFile(filepath.Join(strings.TrimSpace(module.String()), "config", "identity", "config.yaml"))
	if err != nil {
		return err
	}
	begin, issuers, section := bytes.Index(config, []byte("\ndefine:")), bytes.Index(config, []byte("\noidc-issuers:")), bytes.Index(config, []byte("\nci-issuer-metadata:"))
	if begin < 0 || issuers < begin || section < issuers {
		return errors.New("Fulcio's configuration is not laid out as it was: expected define, oidc-issuers, ci-issuer-metadata")
	}
	return os.WriteFile(filepath.Join(bin, fileClaims), append(config[begin+1:issuers:issuers], config[section:]...), 0o644)
}
