// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore/pkg/signature"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/sealock-dev/sealock/attest"
)

// Authenticator checks bundles and envelopes against a fixed set of keys and a trust root. It implements attest.Authenticator, is safe for
// concurrent use, reads no clock and opens no connection.
type Authenticator struct {
	keys  []trustedKey
	trust Trust
}

type trustedKey struct {
	id, hint string
	verifier signature.Verifier
}

// NewAuthenticator trusts the given keys, the certificates that the trust covers (at most one may be given), and nothing else. Neither key nor trust
// root is an error: it would verify nothing.
func NewAuthenticator(keys []crypto.PublicKey, trust ...Trust) (*Authenticator, error) {
	if len(trust) > 1 {
		return nil, errors.New("more than one trust given, expected one")
	}
	a := &Authenticator{}
	for _, t := range trust {
		if err := t.check(); err != nil {
			return nil, err
		}
		a.trust = t
	}
	if len(keys) == 0 && a.trust.Root == nil {
		return nil, errors.New("no key to verify with: the policy names no identity with a key, and no trust root for certificates")
	}
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

// Authenticate verifies a Sigstore bundle 0.1 to 0.3 that a trusted key or the holder of a certificate signed, or a bare DSSE envelope as older tools
// leave it in files and registries.
//
// A bundle must hold exactly one signature. A bare envelope may hold several (DSSE lets any of them count): the signer is the first one, in the
// envelope's order, whose signature a trusted key verifies; if there is none, the first one whose certificate verifies. To count every signer of an
// envelope, give each a bundle of its own with Bundles.
func (a *Authenticator) Authenticate(_ context.Context, raw []byte) (attest.Authenticated, error) {
	if !isEnvelope(raw) {
		b, err := parse(raw)
		if err != nil {
			return attest.Authenticated{}, err
		}
		return a.bundle(b)
	}
	e, err := parseEnvelope(raw)
	if err != nil {
		return attest.Authenticated{}, err
	}
	if found := a.signers(e, 1); len(found) > 0 {
		return attest.Authenticated{PayloadType: e.PayloadType, Payload: e.payload, Signer: attest.Identity{Key: found[0].key.id}}, nil
	}
	found, err := a.holders(e, 1)
	if err != nil {
		return attest.Authenticated{}, err
	}
	return found[0].proven, nil
}

// bundle verifies the one DSSE signature of a bundle.
func (a *Authenticator) bundle(b *parsed) (attest.Authenticated, error) {
	env := b.GetDsseEnvelope()
	if env == nil {
		return attest.Authenticated{}, reject(attest.CodePayloadType, "bundle holds a bare signature, expected a DSSE envelope with a statement")
	}
	if n := len(env.GetSignatures()); n != 1 {
		return attest.Authenticated{}, reject(attest.CodeSignatureCount, "envelope has %d signatures, expected exactly one in a bundle", n)
	}
	// What is verified is the payload as it was decoded, once, and that is what is handed on. The envelope's keyid is one more hint.
	out := attest.Authenticated{PayloadType: env.GetPayloadType(), Payload: env.GetPayload()}
	return a.signed(b, env.GetSignatures()[0].GetSig(), dsse.PAE(env.GetPayloadType(), env.GetPayload()), out)
}

// signed verifies a signature over a message, by the key or the certificate that a bundle names, and completes what is proven.
func (a *Authenticator) signed(b *parsed, sig, message []byte, out attest.Authenticated) (attest.Authenticated, error) {
	if key := b.VerificationMaterial.GetPublicKey(); key != nil {
		k, err := a.keyOf(key.GetHint(), sig, message)
		if err != nil {
			return attest.Authenticated{}, err
		}
		out.Signer = attest.Identity{Key: k.id}
		if a.trust.KeyTimes {
			o, err := observe(b, keyMaterial{a.trust.Root.root, k.verifier}, need{})
			if err != nil {
				return attest.Authenticated{}, err
			}
			out.Time, out.TimeSource = o.time(need{})
		}
		return out, nil
	}
	if a.trust.Root == nil {
		return attest.Authenticated{}, reject(attest.CodeUnsupported, "signed with a certificate, and there is no trust root to verify it with: only keys are trusted")
	}
	leaf, err := leafOf(b)
	if err != nil {
		return attest.Authenticated{}, err
	}
	if err := madeBy(leaf, sig, message); err != nil {
		return attest.Authenticated{}, err
	}
	c, err := a.trust.certify(b, leaf)
	if err != nil {
		return attest.Authenticated{}, err
	}
	out.Signer = c.identity
	out.Logged = c.logged
	out.Time, out.TimeSource = c.time()
	return out, nil
}

// keyOf finds the trusted key that made a signature, trying the hinted one first.
func (a *Authenticator) keyOf(hint string, sig, signed []byte) (*trustedKey, error) {
	for _, i := range a.order(hint) {
		if k := &a.keys[i]; k.verifies(sig, signed) {
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

// MaxLogEntries bounds the log entries of one bundle; sigstore-go has the same bound.
const MaxLogEntries = 32

// parsed is a bundle that was read.
type parsed struct {
	*bundle.Bundle                     // without the log entries that sigstore-go can't read
	whole          *protobundle.Bundle // with them
}

func parse(raw []byte) (*parsed, error) {
	if pb := plain(raw); pb != nil {
		if p, err := newParsed(pb); err == nil {
			return p, nil
		}
	}
	if err := attest.CheckJSON(raw); err != nil {
		if attest.RejectCode(err) != "" {
			return nil, err
		}
		return nil, &attest.Reject{Code: attest.CodeMalformedBundle, Detail: "bundle is not sound JSON", Cause: err}
	}
	pb := &protobundle.Bundle{}
	err := protojson.Unmarshal(raw, pb)
	if err == nil {
		var p *parsed
		if p, err = newParsed(pb); err == nil {
			return p, nil
		}
	}
	return nil, &attest.Reject{Code: attest.CodeMalformedBundle, Detail: "neither a Sigstore bundle 0.1 to 0.3 nor a DSSE envelope", Cause: err}
}

// newParsed checks the form of a bundle.
func newParsed(pb *protobundle.Bundle) (*parsed, error) {
	entries := pb.GetVerificationMaterial().GetTlogEntries()
	if len(entries) > MaxLogEntries {
		return nil, fmt.Errorf("bundle has %d log entries, limit %d", len(entries), MaxLogEntries)
	}
	known := pb
	if slices.ContainsFunc(entries, isDSSEv2) {
		m := pb.GetVerificationMaterial()
		known = &protobundle.Bundle{MediaType: pb.GetMediaType(), Content: pb.GetContent(), VerificationMaterial: &protobundle.VerificationMaterial{Content: m.GetContent(),
			TimestampVerificationData: m.GetTimestampVerificationData(), TlogEntries: slices.DeleteFunc(slices.Clone(entries), isDSSEv2)}}
	}
	b, err := bundle.NewBundle(known)
	if err != nil {
		return nil, err
	}
	for _, s := range b.GetDsseEnvelope().GetSignatures() {
		if s == nil {
			return nil, errors.New("null signature in envelope")
		}
	}
	return &parsed{b, pb}, nil
}
