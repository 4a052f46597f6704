// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore/pkg/signature"

	"github.com/sealock-dev/sealock/attest"
)

// Authenticator checks key-signed bundles and envelopes against a fixed set of keys. It implements attest.Authenticator and is safe for
// concurrent use.
type Authenticator struct {
	keys []trustedKey
}

type trustedKey struct {
	id, hint string
	verifier signature.Verifier
}

// NewAuthenticator trusts the given keys and nothing else. No key at all is an error: it would verify nothing.
func NewAuthenticator(keys []crypto.PublicKey) (*Authenticator, error) {
	if len(keys) == 0 {
		return nil, errors.New("no key to verify with: the policy names no identity with a key")
	}
	a := &Authenticator{}
	seen := map[string]bool{}
	for _, pub := range keys {
		if err := checkKey(pub); err != nil {
			return nil, err
		}
		der, err := x509.MarshalPKIXPublicKey(pub)
		if err != nil {
			return nil, fmt.Errorf("encoding public key: %w", err)
		}
		id := attest.SHA256(der).String()
		if seen[id] {
			continue
		}
		seen[id] = true
		v, err := signature.LoadDefaultVerifier(pub) // Ed25519 is pure, never ph
		if err != nil {
			return nil, fmt.Errorf("loading key %s: %w", id, err)
		}
		// The window of validity is judged by the gate, against the time it decides for.
		a.keys = append(a.keys, trustedKey{id: id, hint: hint(der), verifier: v})
	}
	return a, nil
}

// verifies reports whether the key made a signature over a message.
func (k *trustedKey) verifies(sig, message []byte) bool {
	return k.verifier.VerifySignature(bytes.NewReader(sig), bytes.NewReader(message)) == nil
}

// Authenticate verifies a Sigstore bundle 0.1 to 0.3, or a bare DSSE envelope as older tools leave it in files and registries, that a trusted
// key signed.
//
// A bundle must hold exactly one signature. A bare envelope may hold several (DSSE lets any of them count): the signer is the first one, in the
// envelope's order, whose signature a trusted key verifies. To count every signer of an envelope, give each a bundle of its own with Bundles.
func (a *Authenticator) Authenticate(_ context.Context, raw []byte) (attest.Authenticated, error) {
	var out attest.Authenticated
	if isEnvelope(raw) {
		e, err := parseEnvelope(raw)
		if err != nil {
			return attest.Authenticated{}, err
		}
		found := a.signers(e, 1)
		if len(found) == 0 {
			return attest.Authenticated{}, a.unsigned(e)
		}
		out = attest.Authenticated{PayloadType: e.PayloadType, Payload: e.payload, Signer: attest.Identity{Key: found[0].key.id}}
	} else {
		b, err := parse(raw)
		if err != nil {
			return attest.Authenticated{}, err
		}
		key, err := a.bundleSigner(b)
		if err != nil {
			return attest.Authenticated{}, err
		}
		env := b.GetDsseEnvelope()
		out = attest.Authenticated{PayloadType: env.GetPayloadType(), Payload: env.GetPayload(), Signer: attest.Identity{Key: key.id}}
	}
	return out, nil
}

// bundleSigner verifies the one DSSE signature of a bundle with each trusted key, the hinted one first.
func (a *Authenticator) bundleSigner(b *bundle.Bundle) (*trustedKey, error) {
	env := b.GetDsseEnvelope()
	if env == nil {
		return nil, reject(attest.CodePayloadType, "bundle holds a bare signature, expected a DSSE envelope with a statement")
	}
	if n := len(env.GetSignatures()); n != 1 {
		return nil, reject(attest.CodeSignatureCount, "envelope has %d signatures, expected exactly one in a bundle", n)
	}
	if b.VerificationMaterial.GetPublicKey() == nil {
		return nil, reject(attest.CodeUnsupported, "signed with a certificate; this version verifies key signatures only")
	}
	// What is verified is the payload as it was decoded, once, and that is what is handed on. The envelope's keyid is one more hint.
	signed := dsse.PAE(env.GetPayloadType(), env.GetPayload())
	for _, i := range a.order(b.VerificationMaterial.GetPublicKey().GetHint()) {
		if k := &a.keys[i]; k.verifies(env.GetSignatures()[0].GetSig(), signed) {
			return k, nil
		}
	}
	return nil, reject(attest.CodeSignatureInvalid, "signature verifies with none of the %d keys of the policy", len(a.keys))
}

// order puts the key that the hint names first; all the others follow, since a hint is not to be trusted.
func (a *Authenticator) order(hint string) []int {
	out := make([]int, 0, len(a.keys))
	for i := range a.keys {
		if a.keys[i].hint == hint {
			out = append(out, i)
		}
	}
	for i := range a.keys {
		if a.keys[i].hint != hint {
			out = append(out, i)
		}
	}
	return out
}

func parse(raw []byte) (*bundle.Bundle, error) {
	if err := attest.CheckJSON(raw); err != nil {
		if attest.RejectCode(err) != "" {
			return nil, err
		}
		return nil, &attest.Reject{Code: attest.CodeMalformedBundle, Detail: "bundle is not sound JSON", Cause: err}
	}
	b := &bundle.Bundle{}
	if err := b.UnmarshalJSON(raw); err != nil {
		return nil, &attest.Reject{Code: attest.CodeMalformedBundle, Detail: "neither a Sigstore bundle 0.1 to 0.3 nor a DSSE envelope", Cause: err}
	}
	if env := b.GetDsseEnvelope(); env != nil {
		for _, s := range env.GetSignatures() {
			if s == nil {
				return nil, reject(attest.CodeMalformedBundle, "null signature in envelope")
			}
		}
	}
	return b, nil
}
