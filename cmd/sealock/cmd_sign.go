// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/oci"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/sigstore/keyless"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/cmd/stage"
)

func signCommand(opt *options) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "sign IMAGE",
		Short: "Leave a plain cosign signature on an image in a registry",
		Long: `Sign an image in a registry as cosign does, so that a cluster which checks only signatures takes it: as a tag (cosign 2) and as a Sigstore
bundle that refers to the image (cosign 3). The stage that makes an image does the same.

Such a signature says who touched the image and nothing of what was found out about it: no policy counts it as evidence. A tag is resolved
once; what is signed is the digest that it names then.`,
		Example: "  sealock sign registry.acme.io/shop@sha256:… --key release.key",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			a, err := opt.openAnyway(ctx, args)
			if err != nil {
				return err
			}
			res, err := a.resolve(ctx, args[0])
			if err != nil {
				return err
			}
			if res.Ref.Scheme != subject.Registry {
				return usagef("%s lies in no registry: only images there carry a signature", args[0])
			}
			signer, err := a.imageSigner(as)
			if err != nil {
				return err
			}
			if err := a.signImage(ctx, res, signer); err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.stdout, "%s@%s signed by %s\n", res.Location, res.Subject.Digest.Primary(), a.nameOf(signer.Identity()))
			return err
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "identity of the policy whose local key signs")
	return cmd
}

func (a *app) imageSigner(as string) (attest.Signer, error) {
	if a.gate != nil {
		return a.attester(as)
	}
	if a.key == "" {
		return nil, usagef("nobody to sign: give --key, or a policy and --as with one of its identities")
	}
	return a.keys.signer(a.key)
}

// nameOf is what the policy calls an identity, or what it is.
func (a *app) nameOf(id attest.Identity) string {
	if a.gate != nil {
		return a.gate.Policy.NameOf(id)
	}
	return id.String()
}

// blobSigner signs bytes as they are.
type blobSigner interface {
	SignBlob(blob []byte) ([]byte, error)
}

// signImage leaves a cosign signature on an image, in both forms, unless this signer's is there.
func (a *app) signImage(ctx context.Context, res *subject.Resolved, signer attest.Signer) error {
	if s, ok := signer.(*keyless.Signer); ok {
		return a.signImageKeyless(ctx, res, s)
	}
	if err := stage.Unlock(ctx, signer); err != nil {
		return fmt.Errorf("signing %s: %w", res.Location, err)
	}
	key, err := publicKey(signer)
	if err != nil {
		return err
	}
	plain, ok := signer.(blobSigner)
	if !ok {
		return usagef("this signer can't make a plain signature")
	}
	auth, err := sigstore.NewAuthenticator([]crypto.PublicKey{key})
	if err != nil {
		return err
	}
	verifier, err := attest.NewVerifier(auth)
	if err != nil {
		return err
	}
	image := res.Subject.Digest.Primary()
	payload, err := oci.SimpleSigning(res.Location, image)
	if err != nil {
		return err
	}
	sig, err := plain.SignBlob(payload)
	if err != nil {
		return err
	}
	store, err := a.beside(res.Location)
	if err != nil {
		return err
	}
	mine := func(other []byte) bool {
		return sigstore.VerifyBlob(key, payload, other)
	}
	if err := store.SignImage(ctx, image, payload, sig, mine); err != nil {
		return fmt.Errorf("signing %s: %w", res.Location, err)
	}
	return a.signBundle(ctx, store, verifier, res, signer)
}

// signImageKeyless leaves a certificate's signature on an image, as a bundle alone: the older form has no place for time stamps and proofs.
func (a *app) signImageKeyless(ctx context.Context, res *subject.Resolved, signer *keyless.Signer) error {
	if err := signer.Unlock(ctx); err != nil {
		return fmt.Errorf("signing %s: %w", res.Location, err)
	}
	store, err := a.beside(res.Location)
	if err != nil {
		return err
	}
	return a.signBundle(ctx, store, a.gate.Verifier, res, signer)
}

// signBundle stores cosign's statement about an image, signed, unless this signer's is there.
func (a *app) signBundle(ctx context.Context, store *oci.Store, verifier *attest.Verifier, res *subject.Resolved, signer attest.Signer) error {
	image := res.Subject.Digest.Primary()
	statement, err := attest.EncodeStatement(predicate.TypeCosignSign, struct{}{}, attest.Subject{Digest: attest.DigestSet{"sha256": image.Hex}})
	if err != nil {
		return err
	}
	there, err := store.List(ctx, image)
	if err != nil {
		return fmt.Errorf("signing %s: %w", res.Location, err)
	}
	for _, s := range there {
		if e, err := verifier.Verify(ctx, s.Bundle); err == nil && e.ID() == attest.SHA256(statement) && e.Signer().Principal() == signer.Identity().Principal() {
			return nil
		}
	}
	e, err := stage.Seal(ctx, verifier, signer, statement)
	if err != nil {
		return err
	}
	if err := store.Put(ctx, e); err != nil {
		return fmt.Errorf("signing %s: %w", res.Location, err)
	}
	return nil
}

// publicKey is the key that a signature by the signer verifies with.
func publicKey(s attest.Signer) (crypto.PublicKey, error) {
	if locked, ok := s.(*lockedSigner); ok {
		var err error
		if s, err = locked.load(locked.ref); err != nil {
			return nil, err
		}
	}
	keyed, ok := s.(interface{ PublicKey() crypto.PublicKey })
	if !ok {
		return nil, usagef("this signer has no key of its own to sign an image with")
	}
	return keyed.PublicKey(), nil
}
