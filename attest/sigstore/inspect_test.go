// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

// Bundles that other tools wrote, as sigstore-go keeps them for its own tests: they are read, what they say of themselves is told, and none of them
// is evidence.
func TestBundlesOfOtherTools(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/sigstore/sigstore-go")
	dir, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	k := attesttest.NewKey(t, sigstore.ECDSAP256)
	for _, c := range []struct{ file, format, signer, predicateType, code string }{
		{"sigstore.js@2.0.0-provenance.sigstore.json", "bundle 0.1", "a certificate of https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main (https://token.actions.githubusercontent.com)",
			"https://slsa.dev/provenance/v1", attest.CodeUnsupported},
		{"dsse.sigstore.json", "bundle 0.1", "a certificate of ", "https://slsa.dev/provenance/v0.2", attest.CodeUnsupported},
		{"dsse-2sigs.sigstore.json", "bundle 0.1", "a certificate of ", "https://slsa.dev/provenance/v0.2", attest.CodeSignatureCount},
		{"othername.sigstore.json", "bundle 0.3", "a certificate", "", attest.CodePayloadType},
		{"public-key-validity.sigstore.json", "bundle 0.3", "a key with the hint IpekKjxVkmTfB4YqY8q5sGEAeVtF9x3m7jHdhAxpgjQ=", "", attest.CodePayloadType},
	} {
		t.Run(c.file, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "pkg", "testing", "data", "bundles", c.file))
			if err != nil {
				t.Fatal(err)
			}
			u, err := sigstore.Inspect(raw)
			if err != nil || u.Format != c.format || !strings.HasPrefix(u.Signer, c.signer) {
				t.Errorf("%q by %q, %v", u.Format, u.Signer, err)
			}
			if _, code := verify(t, raw, k); code != c.code {
				t.Errorf("%q, expected %q", code, c.code)
			}
			if c.predicateType == "" {
				return
			}
			st, err := attest.DecodeStatement(u.Payload)
			if err != nil || st.PredicateType != c.predicateType || u.PayloadType != attest.PayloadInToto {
				t.Errorf("%q %q, %v", u.PayloadType, st.PredicateType, err)
			}
			if _, err := sigstore.Envelope(raw); err != nil {
				t.Errorf("as an envelope: %v", err)
			}
		})
	}
}

func TestInspect(t *testing.T) {
	k := attesttest.NewKey(t, sigstore.ECDSAP256)
	st := payload(t, "x")
	u, err := sigstore.Inspect(k.Sign(t, st))
	if err != nil || u.Format != "bundle 0.3" || u.Signatures != 1 || string(u.Payload) != string(st) || !strings.HasPrefix(u.Signer, "a key with the hint ") {
		t.Errorf("%+v, %v", u, err)
	}
	u, err = sigstore.Inspect(envelope(t, attest.PayloadInToto, st, by(t, k, st), by(t, k, st, "certificate", "LS0t")))
	if err != nil || u.Format != "DSSE envelope" || u.Signatures != 2 || string(u.Payload) != string(st) || u.Signer != "a certificate" {
		t.Errorf("%+v, %v", u, err)
	}
	for _, bad := range []string{"", "{}", "[]", `{"payload":"!","signatures":[{}]}`} {
		if _, err := sigstore.Inspect([]byte(bad)); attest.RejectCode(err) == "" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
