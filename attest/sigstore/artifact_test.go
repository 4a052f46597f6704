// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"bytes"
	"crypto/sha512"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

func TestVerifyArtifact(t *testing.T) {
	s, other := attesttest.NewSigstore(t, signedAt), attesttest.NewSigstore(t, signedAt)
	k, stranger := attesttest.NewKey(t, sigstore.ECDSAP256), attesttest.NewKey(t, sigstore.ECDSAP256)
	ed := attesttest.NewKey(t, sigstore.Ed25519)
	blob := []byte("the artifact")
	sum512 := sha512.Sum512(blob)
	statement := func(alg, hex string) []byte {
		st, err := attest.EncodeStatement("https://example.com/p", map[string]any{}, attest.Subject{Name: "other", Digest: attest.DigestSet{"sha256": strings.Repeat("0", 64)}}, attest.Subject{Name: "a", Digest: attest.DigestSet{alg: hex}})
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	about := statement("sha256", attest.SHA256(blob).Hex)
	about512 := statement("sha512", hex.EncodeToString(sum512[:]))
	file := sigstore.Artifact{Content: bytes.NewReader(blob)}
	digest := sigstore.Artifact{Digest: attest.SHA256(blob)}
	digest512 := sigstore.Artifact{Digest: attest.Digest{Algorithm: "sha512", Hex: hex.EncodeToString(sum512[:])}}
	wrong := sigstore.Artifact{Content: strings.NewReader("another")}
	wrongDigest := sigstore.Artifact{Digest: attest.SHA256([]byte("another"))}
	root := s.Root(t)
	job := sigstore.Expect{Root: root, Issuer: buildJob.Issuer, Subject: buildJob.Subject}
	edit := func(x sigstore.Expect, f func(*sigstore.Expect)) sigstore.Expect { f(&x); return x }
	key := func(k attesttest.Key) sigstore.Expect {
		return sigstore.Expect{Root: root, Key: k.Private.Public()}
	}
	by := attesttest.Signing{By: buildJob}
	signed := func(how attesttest.Signing) []byte { return s.SignBlob(t, blob, how) }
	attested := func(st []byte, how attesttest.Signing) []byte { return s.Sign(t, st, how) }
	none := []string{}
	for _, c := range []struct {
		name     string
		bundle   []byte
		artifact sigstore.Artifact
		expect   sigstore.Expect
		code     string
	}{
		{"file", signed(by), file, job, ""},
		{"digest", signed(by), digest, job, ""},
		{"statement, file", attested(about, by), file, job, ""},
		{"statement, digest", attested(about, by), digest, job, ""},
		{"statement with sha512, file", attested(about512, by), file, job, ""},
		{"statement with sha512, digest", attested(about512, by), digest512, job, ""},
		{"statement with sha512, another algorithm", attested(about512, by), digest, job, sigstore.CodeSubjectMismatch},
		{"file in another's log of version 1", signed(attesttest.Signing{By: buildJob, Logs: []string{attesttest.LogV1}}), file, job, ""},
		{"0.1", signed(attesttest.Signing{By: buildJob, Version: "0.1", Logs: []string{attesttest.LogV1}, NoProof: true, NoTimestamp: true}), file, job, ""},
		{"V-61 another file", signed(by), wrong, job, sigstore.CodeSubjectMismatch},
		{"V-61 another digest", signed(by), wrongDigest, job, sigstore.CodeSubjectMismatch},
		{"V-61 another file, and a digest that fits", signed(attesttest.Signing{By: buildJob, Change: messageDigest("another")}), wrong, job, attest.CodeSignatureInvalid},
		{"V-61 the file, and a digest that does not fit", signed(attesttest.Signing{By: buildJob, Change: messageDigest("another")}), file, job, sigstore.CodeSubjectMismatch},
		{"a statement about another file", attested(about, by), wrong, job, sigstore.CodeSubjectMismatch},
		{"another identity", signed(by), file, edit(job, func(x *sigstore.Expect) { x.Subject = "https://github.com/acme/shop" }), sigstore.CodeIdentityMismatch},
		{"V-48 another issuer", signed(by), file, edit(job, func(x *sigstore.Expect) { x.Issuer += "/" }), sigstore.CodeIdentityMismatch},
		{"another instance", signed(by), file, edit(job, func(x *sigstore.Expect) { x.Root = other.Root(t) }), sigstore.CodeLogMissing},
		{"V-02 not logged", signed(attesttest.Signing{By: buildJob, Logs: none}), file, job, sigstore.CodeLogMissing},
		{"V-12 logged, and no time", signed(attesttest.Signing{By: buildJob, NoTimestamp: true}), file, job, sigstore.CodeTimestampMissing},
		{"no SCT", signed(attesttest.Signing{By: buildJob, NoSCT: true}), file, job, sigstore.CodeSCTMissing},
		{"no SCT, and a root without certificate logs", signed(attesttest.Signing{By: buildJob, NoSCT: true}), file, edit(job, func(x *sigstore.Expect) { x.Root = s.Root(t, func(r map[string]any) { r["ctlogs"] = []any{} }) }), sigstore.CodeSCTMissing},
		{"another payload type", s.SignAs(t, "text/plain", about, by), file, job, attest.CodePayloadType},
		{"V-25 no statement", s.SignAs(t, attest.PayloadInToto, []byte("{}"), by), file, job, attest.CodeMalformedStatement},
		{"key", signed(attesttest.Signing{Key: &k}), file, key(k), ""},
		{"key, digest", signed(attesttest.Signing{Key: &k}), digest, key(k), ""},
		{"key, statement", attested(about, attesttest.Signing{Key: &k}), digest, key(k), ""},
		{"Ed25519 key, unlogged", signed(attesttest.Signing{Key: &ed, Logs: none}), file, edit(key(ed), func(x *sigstore.Expect) { x.IgnoreLogUnsafe = true }), ""},
		{"Ed25519 key, unlogged, digest", signed(attesttest.Signing{Key: &ed, Logs: none}), digest, edit(key(ed), func(x *sigstore.Expect) { x.IgnoreLogUnsafe = true }), attest.CodeUnsupported},
		{"another key", signed(attesttest.Signing{Key: &k}), file, key(stranger), attest.CodeSignatureInvalid},
		{"key, not logged", signed(attesttest.Signing{Key: &k, Logs: none}), file, key(k), sigstore.CodeLogMissing},
		{"key, not logged, ignored", signed(attesttest.Signing{Key: &k, Logs: none}), file, edit(key(k), func(x *sigstore.Expect) { x.IgnoreLogUnsafe = true }), ""},
		{"V-62 the log ignored, another file", signed(attesttest.Signing{Key: &k, Logs: none}), wrong, edit(key(k), func(x *sigstore.Expect) { x.IgnoreLogUnsafe = true }), sigstore.CodeSubjectMismatch},
		{"a key where a certificate is expected", signed(attesttest.Signing{Key: &k}), file, job, sigstore.CodeIdentityMismatch},
		{"a certificate where a key is expected", signed(by), file, key(k), sigstore.CodeIdentityMismatch},
		{"no bundle", []byte("{}"), file, job, attest.CodeMalformedBundle},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := sigstore.VerifyArtifact(c.bundle, c.artifact, c.expect)
			if code := attest.RejectCode(err); code != c.code || (err == nil) != (c.code == "") {
				t.Fatalf("%q (%v), expected %q", code, err, c.code)
			}
			if err != nil && !got.Signer.IsZero() {
				t.Error("a signer was given beside an error")
			}
			if err == nil && (got.Signer.IsZero() || (bytes.Contains(c.bundle, []byte("dsseEnvelope")) != (got.Statement != nil))) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func messageDigest(of string) func(map[string]any) {
	return func(b map[string]any) {
		sum, err := hex.DecodeString(attest.SHA256([]byte(of)).Hex)
		if err != nil {
			panic(err)
		}
		b["messageSignature"].(map[string]any)["messageDigest"].(map[string]any)["digest"] = sum
	}
}

func TestExpectationsMustBeComplete(t *testing.T) {
	s := attesttest.NewSigstore(t, signedAt)
	k := attesttest.NewKey(t, sigstore.ECDSAP256)
	root := s.Root(t)
	b := s.SignBlob(t, []byte("x"), attesttest.Signing{By: buildJob})
	for name, x := range map[string]sigstore.Expect{
		"nobody":                  {Root: root},
		"V-44 no issuer":          {Root: root, Subject: buildJob.Subject},
		"V-44 no subject":         {Root: root, Issuer: buildJob.Issuer},
		"both":                    {Root: root, Issuer: buildJob.Issuer, Subject: buildJob.Subject, Key: k.Private.Public()},
		"key and an issuer":       {Root: root, Issuer: buildJob.Issuer, Key: k.Private.Public()},
		"V-54 no root, identity":  {Issuer: buildJob.Issuer, Subject: buildJob.Subject},
		"V-54 no root, and a key": {Key: k.Private.Public()},
	} {
		if _, err := sigstore.VerifyArtifact(b, sigstore.Artifact{Content: strings.NewReader("x")}, x); err == nil || attest.RejectCode(err) != "" {
			t.Errorf("%s: %v, expected an error that is no verdict", name, err)
		}
	}
}

// Bundles of the public-good instance, as sigstore-go keeps them for its own tests, verify with the root that this program carries.
func TestPublicGoodBundles(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/sigstore/sigstore-go")
	dir, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	root, err := sigstore.PublicGood()
	if err != nil {
		t.Fatal(err)
	}
	if root.Logs() < 2 || root.Timestamps() < 1 || root.CertificateLogs() < 2 || root.Certificates() < 2 || root.Newest().Year() < 2025 {
		t.Errorf("%s", root)
	}
	trust := sigstore.DefaultTrust(root)
	for _, c := range []struct{ file, issuer, subject string }{
		{"pkg/testing/data/bundles/sigstore.js@2.0.0-provenance.sigstore.json", "https://token.actions.githubusercontent.com", "https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main"},
		{"pkg/testing/data/bundles/dsse.sigstore.json", "https://github.com/login/oauth", "brian@dehamer.com"},
		{"examples/bundle-provenance.json", "https://token.actions.githubusercontent.com", "https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main"},
	} {
		raw, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), filepath.FromSlash(c.file)))
		if err != nil {
			t.Fatal(err)
		}
		e, code := judge(t, trust, raw)
		if code != "" || e.Signer().Issuer != c.issuer || e.Signer().Subject != c.subject {
			t.Errorf("%s: %q, %s", c.file, code, e.Signer())
		}
		when, source := e.Time()
		t.Logf("%s at %s (%s) %v", e.Signer(), when, source, e.Signer().Claims)
		a, err := sigstore.NewAuthenticator(nil, trust)
		if err != nil {
			t.Fatal(err)
		}
		stored, err := a.Bundles(raw)
		if err != nil || len(stored) != 1 {
			t.Fatalf("%s: %d bundles, %v", c.file, len(stored), err)
		}
		if again, code := judge(t, trust, stored[0]); code != "" || again.ID() != e.ID() || again.Signer().Serial != e.Signer().Serial {
			t.Errorf("%s: as it is stored: %q", c.file, code)
		}
	}
}
