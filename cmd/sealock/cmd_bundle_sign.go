// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/sigstore/keyless"
)

// maxSigned bounds the bytes of a file that is signed: it is held in memory.
const maxSigned = 1 << 30

type bundleSignOptions struct {
	*options
	keylessFlags
	bundle, root string
	inToto       bool
}

func bundleSignCommand(opt *options) *cobra.Command {
	s := &bundleSignOptions{options: opt}
	cmd := &cobra.Command{
		Use:   "sign FILE --bundle FILE",
		Short: "Sign one file without a stored key, as any Sigstore client does",
		Long: `Sign a file with a certificate for the identity in an OIDC token, and write one Sigstore bundle 0.3 with the signature, certificate, time stamp and
log entry. The token is --identity-token (a file, env://NAME, or the token itself), --login, or the one that this CI job can get.

Without --signing-config and --trusted-root, Sigstore's public-good instance signs, and its log is public. What was made is verified with the
trusted root before it is written.`,
		Example: "  sealock bundle sign shop.tar --bundle shop.sigstore.json\n  sealock bundle sign statement.json --in-toto --bundle statement.sigstore.json --trusted-root trusted_root.json --signing-config signing_config.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			return s.run(ctx, args[0])
		},
	}
	s.register(cmd)
	f := cmd.Flags()
	f.StringVar(&s.bundle, "bundle", "", "write the Sigstore bundle to this file")
	f.StringVar(&s.root, "trusted-root", "", "trusted_root.json of the instance that signs (default: the public-good instance)")
	f.BoolVar(&s.inToto, "in-toto", false, "the file is an in-toto statement: sign it in a DSSE envelope")
	return cmd
}

func (s *bundleSignOptions) run(ctx context.Context, file string) error {
	switch {
	case s.bundle == "":
		return usagef("expected --bundle with the file to write")
	case s.keylessFlags.config != "" && s.root == "":
		return usagef("--signing-config needs --trusted-root of the same instance: what was signed is verified before it is written")
	}
	root, err := s.trustedRoot(s.root)
	if err != nil {
		return err
	}
	data, err := s.readFile(file, maxSigned, "file to sign")
	if err != nil {
		return err
	}
	need := keylessNeed{logs: min(root.Logs(), 1), literal: true}
	if s.root != "" {
		need.root = root
	}
	opt, err := s.keylessOptions(s.keylessFlags, need)
	if err != nil {
		return err
	}
	signer, err := keyless.New(opt)
	if err != nil {
		return usageError{err}
	}
	bundle, err := s.sign(ctx, signer, data)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	found, err := verifySigned(bundle, data, s.inToto, signer.Identity(), root)
	if err != nil {
		return fmt.Errorf("%s was signed, and what was made does not verify, so it is not written: %w\nhint: check that --trusted-root belongs to the instance that signs", file, err)
	}
	if err := s.save(s.bundle, bundle); err != nil {
		return fmt.Errorf("writing %s: %w", s.bundle, err)
	}
	_, err = fmt.Fprintf(s.stdout, "%s: %s\n", file, describeVerified(found))
	return err
}

func (s *bundleSignOptions) sign(ctx context.Context, signer *keyless.Signer, data []byte) ([]byte, error) {
	if s.inToto {
		return signer.Sign(ctx, data)
	}
	return signer.SignBlob(ctx, data)
}

// verifySigned verifies what was just signed, as whoever gets it will.
func verifySigned(bundle, data []byte, inToto bool, by attest.Identity, root *sigstore.TrustedRoot) (sigstore.Verified, error) {
	artifact := sigstore.Artifact{Content: bytes.NewReader(data)}
	if inToto {
		st, err := attest.DecodeStatement(data)
		if err != nil {
			return sigstore.Verified{}, err
		}
		artifact = sigstore.Artifact{}
		for _, subject := range st.Subject {
			for _, d := range subject.Digest.Digests() {
				if d.Algorithm == "sha256" || d.Algorithm == "sha384" || d.Algorithm == "sha512" {
					artifact.Digest = d
				}
			}
		}
	}
	return sigstore.VerifyArtifact(bundle, artifact, sigstore.Expect{Issuer: by.Issuer, Subject: by.Subject, Root: root})
}
