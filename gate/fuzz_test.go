// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"errors"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// FuzzPolicy: whatever the text, loading ends, and a policy that loads asks for something: with no evidence it allows nothing.
func FuzzPolicy(f *testing.F) {
	f.Add([]byte(shopPolicy), []byte("apiVersion: sealock/v1\nkind: Waivers\nwaivers: []\n"), []byte("apiVersion: sealock/v1\nkind: Revocations\nrevoked: [{identity: alice}]\n"))
	f.Add([]byte(documentedPolicy), []byte(nil), []byte(nil))
	for _, c := range badPolicies {
		f.Add(newWorld(f).policyText(c.change...).files["policy.yaml"], []byte(nil), []byte(nil))
	}
	keys := newWorld(f).files
	f.Fuzz(func(t *testing.T, policy, waivers, revoked []byte) {
		files := map[string][]byte{"policy.yaml": policy}
		for name, data := range keys {
			if name != "policy.yaml" {
				files[name] = data
			}
		}
		if len(waivers) > 0 {
			files["waivers.yaml"] = waivers
		}
		if len(revoked) > 0 {
			files["revoked.yaml"] = revoked
		}
		p, err := parsePolicy("policy", files, LoadOptions{ParseKey: parseKey}, compileOnce)
		if err != nil {
			var place *ConfigError
			if !errors.As(err, &place) || place.File == "" || place.Message == "" {
				t.Fatalf("an error without a place: %v", err)
			}
			return
		}
		if p.Name == "" || p.Version < 1 || p.Expires.IsZero() || len(p.Stages) == 0 || len(p.Environments) == 0 || len(p.Artifacts) == 0 || len(p.Keys()) == 0 || p.Digest.IsZero() {
			t.Fatalf("it asks for nothing: %s", policy)
		}
		for name, s := range p.Stages {
			if len(p.Expand(s.SignedBy)) == 0 {
				t.Fatalf("nobody signs stage %q", name)
			}
		}
		for _, env := range p.EnvironmentOrder() {
			if len(p.Expand(p.Environments[env].PromotedBy)) == 0 {
				t.Fatalf("nobody promotes to %q", env)
			}
			for kind := range p.Artifacts {
				if len(p.RequiredStages(env, kind)) == 0 {
					t.Fatalf("%q asks %q for nothing", env, kind)
				}
			}
		}
	})
}

// FuzzDecideReceipt: a signed receipt may say anything; it is judged without a panic, and never allows what is not linked.
func FuzzDecideReceipt(f *testing.F) {
	w := bare(f)
	f.Add(string(payloadText(f, w, "build")))
	f.Add(string(payloadText(f, w, "source")))
	f.Add(`{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"shop","digest":{"sha256":"` + w.image.Digest["sha256"] + `"}}],"predicateType":"https://in-toto.io/attestation/link/v0.3","predicate":{"name":"build","materials":[{"name":"receipt:source"}],"byproducts":{"evidence":[{}]},"environment":{"finishedOn":"2026-11-22T10:00:00Z"}}}`)
	p := w.load()
	g := w.gate(p, w.store())
	sound := w.item("build").bundle
	rest, _ := w.clone().drop("build").evidence(p)
	key := testKeys()["build-job"]
	f.Fuzz(func(t *testing.T, payload string) {
		if _, err := attest.DecodeStatement([]byte(payload)); err != nil {
			return
		}
		bundle := key.Sign(t, []byte(payload))
		e, err := g.Verifier.Verify(t.Context(), bundle)
		if err != nil {
			t.Fatalf("signed and not verified: %v", err)
		}
		d := Decide(t.Context(), p, w.fill(enter("dev")), append(rest[:len(rest):len(rest)], e), nil, "test")
		if d.Verdict == Allowed && len(d.Inputs) < 5 {
			t.Fatalf("allowed on too few grounds: %s", payload)
		}
		good, err := g.Verifier.Verify(t.Context(), sound)
		if err != nil {
			t.Fatal(err)
		}
		// Beside the sound receipt the odd one may at most refuse: it is newer, or deeper.
		if d := Decide(t.Context(), p, w.fill(enter("dev")), append(rest[:len(rest):len(rest)], e, good), nil, "test"); d.Verdict == Allowed && len(d.Inputs) < 5 {
			t.Fatalf("allowed on too few grounds: %s", payload)
		}
	})
}

func payloadText(f *testing.F, w *world, name string) []byte {
	b, ok := payloadOf(w.item(name).bundle)
	if !ok {
		f.Fatal("no payload")
	}
	return b
}

// FuzzDuration: what is read is written so that it is read as the same.
func FuzzDuration(f *testing.F) {
	for _, s := range []string{"24h", "7d", "1h30m", "0", "65535d", "1ns", "-1h", "2562047h47m16.854775807s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDuration(s)
		if err != nil {
			return
		}
		if again, err := ParseDuration(d.String()); err != nil || again != d || time.Duration(d) < 0 {
			t.Fatalf("%q is %s, and that is %s (%v)", s, d, again, err)
		}
	})
}
