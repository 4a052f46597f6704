// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/gate"
)

const (
	maxKeyFile = 1 << 16         // bytes of a public key's file
	maxSkew    = 5 * time.Minute // by which the clocks of logs and authorities may be ahead of this one
)

func bundleCommand(opt *options) *cobra.Command {
	cmd := &cobra.Command{Use: "bundle", Short: "Sign and verify one file with a Sigstore bundle, without a policy", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_ = cmd.Help()
			return usagef("expected sign or verify")
		}}
	cmd.AddCommand(bundleSignCommand(opt), bundleVerifyCommand(opt))
	return cmd
}

type bundleVerifyOptions struct {
	*options
	bundle, key, identity, issuer, root string
	ignoreLog                           bool
}

func bundleVerifyCommand(opt *options) *cobra.Command {
	v := &bundleVerifyOptions{options: opt}
	cmd := &cobra.Command{
		Use:   "verify FILE|sha256:DIGEST --bundle FILE",
		Short: "Verify one Sigstore bundle about one file, as any Sigstore client does",
		Long: `Verify one Sigstore bundle (0.1 to 0.3) about a file, or about a sha256, sha384 or sha512 digest: a signature over the file, or an in-toto statement
about it. It must be signed with --key, or with a certificate of exactly this identity and issuer.

The trusted root says which authorities, logs and time stamps count (default: Sigstore's public-good instance, as this program carries it). The
signature must be in one of its logs. No connection is opened and no policy is asked: what is allowed to go where, 'sealock verify' says.`,
		Example: "  sealock bundle verify shop.tar --bundle shop.sigstore.json --key release.pub\n" +
			"  sealock bundle verify sha256:… --bundle shop.sigstore.json --certificate-identity https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/main \\\n" +
			"    --certificate-oidc-issuer https://token.actions.githubusercontent.com",
		Args: cobra.ExactArgs(1),
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			given := cmd.Flags().Changed("key")
			err := opt.fromEnvironment(cmd)
			if !given {
				v.key = "" // SEALOCK_KEY is the key that signs
			}
			return err
		},
		RunE: func(_ *cobra.Command, args []string) error { return v.run(args[0]) },
	}
	f := cmd.Flags()
	f.StringVar(&v.bundle, "bundle", "", "the Sigstore bundle")
	f.StringVar(&v.key, "key", "", "public key that must have signed: a PEM file")
	f.StringVar(&v.identity, "certificate-identity", "", "subject that the certificate must have, exactly")
	f.StringVar(&v.issuer, "certificate-oidc-issuer", "", "OIDC issuer that the certificate must name, exactly")
	f.StringVar(&v.root, "trusted-root", "", "trusted_root.json (default: the public-good instance)")
	f.BoolVar(&v.ignoreLog, "insecure-ignore-log", false, "with --key: take a signature that is in no transparency log")
	return cmd
}

func (v *bundleVerifyOptions) run(ref string) error {
	expect, err := v.expect()
	if err != nil {
		return err
	}
	raw, err := v.readFile(v.bundle, attest.MaxBundle, "bundle")
	if err != nil {
		return err
	}
	artifact, done, err := v.artifact(ref)
	if err != nil {
		return err
	}
	defer done()
	found, err := sigstore.VerifyArtifact(raw, artifact, expect)
	if err == nil && found.Time.After(v.now().Add(maxSkew)) {
		err = &attest.Reject{Code: gate.CodeTimeInFuture, Detail: "it was signed at " + found.Time.Format(time.RFC3339) + ", which is yet to come\nhint: check this machine's clock"}
	}
	if err != nil {
		err = fmt.Errorf("%s does not verify %s: %w", v.bundle, ref, err)
		if attest.RejectCode(err) != "" {
			return refusedBundle{err}
		}
		return err
	}
	_, err = fmt.Fprintf(v.stdout, "%s verifies: %s\n", ref, describeVerified(found))
	return err
}

func describeVerified(v sigstore.Verified) string {
	out := "signed by " + v.Signer.String()
	if !v.Time.IsZero() {
		out += fmt.Sprintf(", %s (%s)", v.Time.Format(time.RFC3339), v.TimeSource)
	}
	return out
}

// expect checks the flags and loads what they name.
func (v *bundleVerifyOptions) expect() (sigstore.Expect, error) {
	x := sigstore.Expect{Issuer: v.issuer, Subject: v.identity, IgnoreLogUnsafe: v.ignoreLog}
	switch {
	case v.bundle == "":
		return x, usagef("expected --bundle with the bundle's file")
	case v.key != "" && (v.issuer != "" || v.identity != ""):
		return x, usagef("--key and --certificate-identity exclude each other: a bundle is signed with one or the other")
	case v.key == "" && (v.issuer == "" || v.identity == ""):
		return x, usagef("expected --key, or --certificate-identity and --certificate-oidc-issuer\nhint: an identity without its issuer could come from anybody's issuer")
	case v.key == "" && v.ignoreLog:
		return x, usagef("--insecure-ignore-log goes with --key only: without a log nobody knows when a certificate signed")
	}
	var err error
	if x.Root, err = v.trustedRoot(v.root); err != nil || v.key == "" {
		return x, err
	}
	pem, err := v.readFile(v.key, maxKeyFile, "key")
	if err != nil {
		return x, err
	}
	if x.Key, err = sigstore.ParsePublicKey(pem); err != nil {
		return x, usagef("key %s: %w", v.key, err)
	}
	return x, nil
}

// trustedRoot loads a trusted_root.json, or the one that this program carries.
func (o *options) trustedRoot(file string) (*sigstore.TrustedRoot, error) {
	if file == "" {
		return sigstore.PublicGood()
	}
	raw, err := o.readFile(file, sigstore.MaxTrustedRoot, "trusted root")
	if err != nil {
		return nil, err
	}
	root, err := sigstore.LoadTrustedRoot(raw)
	if err != nil {
		return nil, usagef("trusted root %s: %w", file, err)
	}
	return root, nil
}

// readFile reads a file that a flag names, within a bound.
func (o *options) readFile(file string, limit int64, what string) ([]byte, error) {
	f, err := os.Open(o.path(file))
	if err != nil {
		return nil, usagef("reading %s: %w", what, err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, usagef("reading %s: %w", what, err)
	}
	if int64(len(raw)) > limit {
		return nil, usagef("%s %s has more than %d bytes", what, file, limit)
	}
	return raw, nil
}

// artifact opens a file, or takes a digest: what has the form of one and is no file.
func (o *options) artifact(ref string) (sigstore.Artifact, func(), error) {
	alg, _, _ := strings.Cut(ref, ":")
	if known(alg, []string{"sha256", "sha384", "sha512"}) {
		if _, err := os.Lstat(o.path(ref)); errors.Is(err, os.ErrNotExist) {
			if d, err := attest.ParseDigest(ref); err == nil {
				return sigstore.Artifact{Digest: d}, func() {}, nil
			}
		}
	}
	f, err := os.Open(o.path(ref))
	if err != nil {
		return sigstore.Artifact{}, nil, usagef("reading the artifact: %w", err)
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		return sigstore.Artifact{}, nil, usagef("%s is no regular file", ref)
	}
	return sigstore.Artifact{Content: f}, func() { f.Close() }, nil
}

// refusedBundle is a verdict on a bundle: what was found is not what must be. Its text is printed, unlike that of a decision.
type refusedBundle struct{ error }

func (e refusedBundle) Unwrap() []error { return []error{e.error, verdictError{gate.Refused}} }
