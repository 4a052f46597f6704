// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

const plainType = "https://sigstore.dev/cosign/sign/v1"

// simpleSigning is what cosign 2 signs for an image.
func simpleSigning(image attest.Digest, kind string) []byte {
	return fmt.Appendf(nil, `{"critical":{"identity":{"docker-reference":"quay.io/acme/app"},"image":{"docker-manifest-digest":%q},"type":%q},"optional":{"any":1}}`, image, kind)
}

// plainly signs a payload as cosign 2 does, and gives the annotations of its layer.
func plainly(t testing.TB, s *attesttest.Sigstore, signed []byte, how attesttest.Signing) map[string]string {
	t.Helper()
	raw := s.SignBlob(t, signed, how)
	_, annotations := layered(t, raw)
	annotations["dev.cosignproject.cosign/signature"] = decoded(t, raw)["messageSignature"].(map[string]any)["signature"].(string)
	return annotations
}

// A plain signature counts for what it signed and for nobody but who made it: annotations are never believed.
func TestPlainSignatures(t *testing.T) {
	s := attesttest.NewSigstore(t, signedAt)
	k, stranger := attesttest.NewKey(t, sigstore.ECDSAP256), attesttest.NewKey(t, sigstore.ECDSAP256)
	image := attest.SHA256([]byte("image"))
	const kind = "cosign container image signature"
	signed := simpleSigning(image, kind)
	keyless := attesttest.Signing{By: buildJob, Version: "0.1", Logs: []string{attesttest.LogV1HashedRekord}, NoProof: true, NoTimestamp: true}
	byKey := attesttest.Signing{Key: &k, Version: "0.1", Logs: []string{}, NoProof: true, NoTimestamp: true}
	byStranger := byKey
	byStranger.Key = &stranger
	named, keyed := plainly(t, s, signed, keyless), plainly(t, s, signed, byKey)
	with := func(m map[string]string, key, value string) map[string]string {
		out := maps.Clone(m)
		out["dev."+key] = value
		return out
	}
	other := plainly(t, s, simpleSigning(attest.SHA256([]byte("other")), kind), keyless)
	trust := sigstore.DefaultTrust(s.Root(t))
	v := verifier(t, trust, k)
	for _, c := range []struct {
		name        string
		payload     []byte
		annotations map[string]string
		code        string
	}{
		{"a certificate and the log's promise", signed, named, ""},
		{"a key", signed, keyed, ""},
		{"a key, with a log entry that can't be read", signed, with(keyed, "sigstore.cosign/bundle", "{}"), ""},
		{"no log entry", signed, with(named, "sigstore.cosign/bundle", ""), sigstore.CodeLogMissing},
		{"the log entry of another signature", signed, with(named, "sigstore.cosign/bundle", other["dev.sigstore.cosign/bundle"]), sigstore.CodeLogMismatch},
		{"a log entry with another place", signed, with(named, "sigstore.cosign/bundle", strings.Replace(named["dev.sigstore.cosign/bundle"], `"logIndex":`, `"logIndex":1`, 1)), sigstore.CodeLogInvalid},
		{"the certificate of another", signed, with(named, "sigstore.cosign/certificate", other["dev.sigstore.cosign/certificate"]), attest.CodeSignatureInvalid},
		{"a certificate that is none", signed, with(named, "sigstore.cosign/certificate", "x"), attest.CodeMalformedBundle},
		{"a key that nobody trusts", signed, plainly(t, s, signed, byStranger), attest.CodeSignatureInvalid},
		{"another payload", simpleSigning(attest.SHA256([]byte("other")), kind), keyed, attest.CodeSignatureInvalid},
		{"no signature", signed, with(keyed, "cosignproject.cosign/signature", ""), attest.CodeSignatureInvalid},
		{"no base64", signed, with(keyed, "cosignproject.cosign/signature", "!"), attest.CodeSignatureInvalid},
		{"no annotations", signed, nil, attest.CodeSignatureInvalid},
		{"some other kind of payload", simpleSigning(image, "atomic container signature"), plainly(t, s, simpleSigning(image, "atomic container signature"), byKey), attest.CodeMalformedStatement},
		{"no digest", simpleSigning(attest.Digest{}, kind), plainly(t, s, simpleSigning(attest.Digest{}, kind), byKey), attest.CodeMalformedStatement},
		{"no JSON", []byte("x"), plainly(t, s, []byte("x"), byKey), attest.CodeMalformedStatement},
		{"a payload that is too large", make([]byte, attest.MaxImageSignature+1), keyed, attest.CodeLimit},
	} {
		e, err := v.VerifyImageSignature(t.Context(), plainType, c.payload, c.annotations)
		if attest.RejectCode(err) != c.code || c.code == "" && err != nil {
			t.Errorf("%s: %v, expected %q", c.name, err, c.code)
		}
		if c.code != "" {
			if !e.ID().IsZero() || !e.Signer().IsZero() {
				t.Errorf("%s: evidence all the same: %+v", c.name, e)
			}
			continue
		}
		if st := e.Statement(); len(st.Subject) != 1 || st.Subject[0].Digest["sha256"] != image.Hex || st.PredicateType != plainType || e.ID() != attest.SHA256(signed) || !e.BundleID().IsZero() {
			t.Errorf("%s: %+v", c.name, e)
		}
	}
	e, err := v.VerifyImageSignature(t.Context(), plainType, signed, named)
	if err != nil || e.Signer().Subject != buildJob.Subject || !e.Logged() {
		t.Errorf("signed by %+v, logged %v: %v", e.Signer(), e.Logged(), err)
	}
	if keysOnly := attesttest.Verifier(t, k); attest.RejectCode(func() error {
		_, err := keysOnly.VerifyImageSignature(t.Context(), plainType, signed, named)
		return err
	}()) != attest.CodeUnsupported {
		t.Error("a certificate counts without a trust root")
	}
}
