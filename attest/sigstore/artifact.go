// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/sigstore/sigstore/pkg/signature/options"

	"github.com/sealock-dev/sealock/attest"
)

// Artifact is what a bundle must be about: content, or a digest of it where the content is not at hand.
type Artifact struct {
	Content io.ReadSeeker
	Digest  attest.Digest
}

// Expect says who must have signed. Either Key, or both Issuer and Subject, are given.
type Expect struct {
	Key     crypto.PublicKey
	Issuer  string // exact
	Subject string // exact
	// Root is needed in any case: it says which logs and authorities count.
	Root *TrustedRoot
	// IgnoreLogUnsafe takes a key's signature that is in no log.
	IgnoreLogUnsafe bool
}

// Verified is what VerifyArtifact found out.
type Verified struct {
	Signer     attest.Identity
	Time       time.Time // trusted, or zero
	TimeSource attest.TimeSource
	Statement  []byte // the in-toto statement, nil for a signature over the artifact itself
}

// VerifyArtifact verifies one bundle about one artifact as a Sigstore client does: the signature over the artifact's bytes, or over an in-toto
// statement with a subject that has the artifact's digest; an entry in a log wherever the trust root has logs; a time stamp of a trusted authority
// where the bundle has time stamps; and for a certificate its chain, its SCT, its issuer and its subject. Nothing that is not verified is given.
func VerifyArtifact(raw []byte, artifact Artifact, expect Expect) (Verified, error) {
	if expect.Root == nil {
		return Verified{}, errors.New("verifying a bundle needs a trusted root")
	}
	byName := expect.Issuer != "" && expect.Subject != ""
	if (expect.Key != nil) == byName || (expect.Key != nil && (expect.Issuer != "" || expect.Subject != "")) {
		return Verified{}, errors.New("verifying a bundle needs a key, or an issuer and a subject, and not both")
	}
	if len(raw) > attest.MaxBundle {
		return Verified{}, reject(attest.CodeLimit, "bundle has %d bytes, limit %d", len(raw), attest.MaxBundle)
	}
	b, err := parse(raw)
	if err != nil {
		return Verified{}, err
	}
	if expect.Key != nil {
		return expect.byKey(b, artifact)
	}
	return expect.byCertificate(b, artifact)
}

func (x Expect) byKey(b *parsed, artifact Artifact) (Verified, error) {
	if b.VerificationMaterial.GetPublicKey() == nil {
		return Verified{}, reject(CodeIdentityMismatch, "the bundle was signed with a certificate, expected the key")
	}
	if err := checkKey(x.Key); err != nil {
		return Verified{}, err
	}
	id, err := KeyID(x.Key)
	if err != nil {
		return Verified{}, err
	}
	v, err := signature.LoadDefaultVerifier(x.Key)
	if err != nil {
		return Verified{}, fmt.Errorf("loading key %s: %w", id, err)
	}
	out := Verified{Signer: attest.Identity{Key: id}}
	if out.Statement, err = signedContent(b, artifact, []signature.Verifier{v}); err != nil {
		return Verified{}, err
	}
	n := x.Root.need(b)
	if x.IgnoreLogUnsafe {
		n.logs = 0
	}
	o, err := observe(b, keyMaterial{x.Root.root, v}, n)
	if err != nil {
		return Verified{}, err
	}
	out.Time, out.TimeSource = o.time(n)
	return out, nil
}

func (x Expect) byCertificate(b *parsed, artifact Artifact) (Verified, error) {
	if b.VerificationMaterial.GetPublicKey() != nil {
		return Verified{}, reject(CodeIdentityMismatch, "the bundle was signed with a key, expected a certificate of %s", x.Subject)
	}
	leaf, err := leafOf(b)
	if err != nil {
		return Verified{}, err
	}
	verifiers, err := bundleVerifiers(b, leaf)
	if err != nil {
		return Verified{}, err
	}
	var out Verified
	if out.Statement, err = signedContent(b, artifact, verifiers); err != nil {
		return Verified{}, err
	}
	n := x.Root.need(b)
	trust := Trust{Root: x.Root, Logs: n.logs, Timestamps: n.timestamps, SCT: true}
	c, err := trust.certify(b, leaf)
	if err != nil {
		return Verified{}, err
	}
	if c.identity.Issuer != x.Issuer {
		return Verified{}, reject(CodeIdentityMismatch, "the issuer is %q, expected %q", c.identity.Issuer, x.Issuer)
	}
	if c.identity.Subject != x.Subject {
		return Verified{}, reject(CodeIdentityMismatch, "the identity is %q, expected %q", c.identity.Subject, x.Subject)
	}
	out.Signer = c.identity
	out.Time, out.TimeSource = c.time()
	return out, nil
}

// need is what a Sigstore client asks of a bundle: a log entry where there are trusted logs, and sound time stamps where there are any.
func (r *TrustedRoot) need(b *parsed) need {
	n := need{logs: min(r.Logs(), 1)}
	if len(b.VerificationMaterial.GetTimestampVerificationData().GetRfc3161Timestamps()) > 0 {
		n.timestamps = min(r.Timestamps(), 1)
	}
	return n
}

// bundleVerifiers are the ways in which a certificate's key may have signed what the bundle holds.
func bundleVerifiers(b *parsed, leaf *x509.Certificate) ([]signature.Verifier, error) {
	if b.GetMessageSignature() != nil {
		return leafVerifiers(leaf.PublicKey, options.WithED25519ph())
	}
	return leafVerifiers(leaf.PublicKey)
}

// signedContent verifies the signature of a bundle and that it is about the artifact. It gives the statement, if there is one.
func signedContent(b *parsed, artifact Artifact, verifiers []signature.Verifier) ([]byte, error) {
	if m := b.GetMessageSignature(); m != nil {
		return nil, signedMessage(m.GetMessageDigest(), m.GetSignature(), artifact, verifiers)
	}
	env := b.GetDsseEnvelope()
	if n := len(env.GetSignatures()); n != 1 {
		return nil, reject(attest.CodeSignatureCount, "envelope has %d signatures, expected exactly one in a bundle", n)
	}
	message := dsse.PAE(env.GetPayloadType(), env.GetPayload())
	made := func(v signature.Verifier) bool {
		return v.VerifySignature(bytes.NewReader(env.GetSignatures()[0].GetSig()), bytes.NewReader(message)) == nil
	}
	if !slices.ContainsFunc(verifiers, made) {
		return nil, reject(attest.CodeSignatureInvalid, "the signature over the statement does not verify")
	}
	if env.GetPayloadType() != attest.PayloadInToto {
		return nil, reject(attest.CodePayloadType, "payload type is %.100q, expected %q", env.GetPayloadType(), attest.PayloadInToto)
	}
	st, err := attest.DecodeStatement(env.GetPayload())
	if err != nil {
		return nil, err
	}
	digests, err := artifact.digests()
	if err != nil {
		return nil, err
	}
	if st.About(digests) {
		return env.GetPayload(), nil
	}
	return nil, reject(CodeSubjectMismatch, "none of the %d subjects of the statement is the artifact (%s)", len(st.Subject), artifact.describe(digests))
}

// signedMessage verifies a signature over the artifact itself. The digest beside it is only a hint, and must be right all the same.
func signedMessage(hint *protocommon.HashOutput, sig []byte, artifact Artifact, verifiers []signature.Verifier) error {
	alg := map[protocommon.HashAlgorithm]string{protocommon.HashAlgorithm_SHA2_256: "sha256", protocommon.HashAlgorithm_SHA2_384: "sha384", protocommon.HashAlgorithm_SHA2_512: "sha512"}[hint.GetAlgorithm()]
	if alg == "" || len(hint.GetDigest()) == 0 {
		return reject(attest.CodeMalformedBundle, "the bundle names no digest of what was signed, of SHA-256, SHA-384 or SHA-512")
	}
	digests, err := artifact.digests()
	if err != nil {
		return err
	}
	if found := hex.EncodeToString(hint.GetDigest()); digests[alg] != found {
		return reject(CodeSubjectMismatch, "the bundle is about %s:%s, the artifact is %s", alg, found, artifact.describe(digests))
	}
	if len(sig) == 0 {
		return reject(attest.CodeSignatureInvalid, "the bundle has no signature")
	}
	for _, v := range verifiers {
		content, opts, err := artifact.message(v)
		if err != nil {
			return err
		}
		if v.VerifySignature(bytes.NewReader(sig), content, opts...) == nil {
			return nil
		}
	}
	return reject(attest.CodeSignatureInvalid, "the signature over the artifact does not verify")
}

// message is the artifact as a verifier takes it.
func (a Artifact) message(v signature.Verifier) (io.Reader, []signature.VerifyOption, error) {
	if a.Content == nil {
		if _, pure := v.(*signature.ED25519Verifier); pure {
			return nil, nil, reject(attest.CodeUnsupported, "a signature of Ed25519 is over the artifact itself: give the file instead of its digest")
		}
		digest, err := hex.DecodeString(a.Digest.Hex)
		return bytes.NewReader(nil), []signature.VerifyOption{options.WithDigest(digest)}, err
	}
	if _, err := a.Content.Seek(0, io.SeekStart); err != nil {
		return nil, nil, fmt.Errorf("reading the artifact: %w", err)
	}
	return a.Content, nil, nil
}

// digests are the artifact's digests by algorithm.
func (a Artifact) digests() (attest.DigestSet, error) {
	if a.Content == nil {
		if err := a.Digest.Validate(); err != nil {
			return nil, err
		}
		if !slices.Contains([]string{"sha256", "sha384", "sha512"}, a.Digest.Algorithm) {
			return nil, reject(attest.CodeWeakDigest, "digest of %s, expected sha256, sha384 or sha512", a.Digest.Algorithm)
		}
		return attest.DigestSet{a.Digest.Algorithm: a.Digest.Hex}, nil
	}
	if _, err := a.Content.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("reading the artifact: %w", err)
	}
	s256, s384, s512 := sha256.New(), sha512.New384(), sha512.New()
	if _, err := io.Copy(io.MultiWriter(s256, s384, s512), a.Content); err != nil {
		return nil, fmt.Errorf("reading the artifact: %w", err)
	}
	return attest.DigestSet{"sha256": hex.EncodeToString(s256.Sum(nil)), "sha384": hex.EncodeToString(s384.Sum(nil)), "sha512": hex.EncodeToString(s512.Sum(nil))}, nil
}

func (a Artifact) describe(digests attest.DigestSet) string {
	if a.Content == nil {
		return a.Digest.String()
	}
	return "sha256:" + digests["sha256"]
}
