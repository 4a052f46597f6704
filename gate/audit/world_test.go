// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"crypto"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/audit"
	"github.com/sealock-dev/sealock/gate/audit/sqlite"
)

// now is when the tests decide.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const policyText = `apiVersion: sealock/v1
kind: Policy
name: shop
version: 3
expires: 2027-06-30T00:00:00Z
trust: none
identities:
  builder: {key: keys/builder.pub}
  scanner: {key: local:scanner}
  releaser: {key: keys/releaser.pub}
stages:
  build: {signedBy: [builder], evidence: [sbom]}
  scan: {after: [build], signedBy: [scanner], evidence: [vulns]}
artifacts:
  service: {product: build}
environments:
  dev: {stages: [build], promotedBy: [releaser]}
  prod: {from: dev, stages: [scan], promotedBy: [releaser]}
rules:
  vulnerabilities: {refuse: high}
`

var keys = sync.OnceValue(func() map[string]attesttest.Key {
	out := map[string]attesttest.Key{}
	for _, name := range []string{"builder", "scanner", "releaser", "stranger"} {
		out[name] = attesttest.NewKey(&testing.T{}, sigstore.ECDSAP256)
	}
	return out
})

// world is a policy, a store with artifacts in it, and a ledger that every decision goes to.
type world struct {
	t      testing.TB
	policy *gate.Policy
	store  *attesttest.Store
	gate   *gate.Gate
	file   string
	ledger *sqlite.DB
	to     *audit.Recorder
	heads  []audit.Head
}

func parseKey(pem []byte) (crypto.PublicKey, string, error) {
	pub, err := sigstore.ParsePublicKey(pem)
	if err != nil {
		return nil, "", err
	}
	id, err := sigstore.KeyID(pub)
	return pub, id, err
}

func verifier(p *gate.Policy, _ []byte) (*attest.Verifier, error) {
	auth, err := sigstore.NewAuthenticator(p.Keys())
	if err != nil {
		return nil, err
	}
	return attest.NewVerifier(auth)
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, store: attesttest.NewStore(), file: filepath.Join(t.TempDir(), "ledger.db")}
	files := map[string][]byte{"policy.yaml": []byte(policyText), "keys/builder.pub": keys()["builder"].PEM, "keys/releaser.pub": keys()["releaser"].PEM}
	var err error
	w.policy, err = gate.ParsePolicy("policy", files, gate.LoadOptions{ParseKey: parseKey, LocalKey: func(name string) ([]byte, error) { return keys()[name].PEM, nil }})
	if err != nil {
		t.Fatal(err)
	}
	v, err := verifier(w.policy, nil)
	if err != nil {
		t.Fatal(err)
	}
	if w.gate, err = gate.New(w.policy, v, w.store, "test"); err != nil {
		t.Fatal(err)
	}
	if w.ledger, err = sqlite.Open(t.Context(), w.file); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.ledger.Close() })
	w.to = &audit.Recorder{Ledger: w.ledger, Now: func() time.Time { return now }, Actor: audit.Actor{Via: "verify", User: "alice"}, TrustRoot: func(*gate.Policy) ([]byte, error) { return nil, nil },
		Recorded: func(_ audit.Entry, h audit.Head) { w.heads = append(w.heads, h) }}
	w.gate.Recorder = w.to
	return w
}

// sign lays a statement into the store.
func (w *world) sign(by, typ string, doc any, about attest.Subject) attest.Evidence {
	w.t.Helper()
	bundle := keys()[by].Attest(w.t, typ, doc, about)
	e := attesttest.Verify(w.t, bundle, keys()[by])
	if err := w.store.Put(w.t.Context(), e); err != nil {
		w.t.Fatal(err)
	}
	return e
}

// run records a stage run with one piece of evidence.
func (w *world) run(stage, kind, by, typ string, doc any, about attest.Subject, materials ...attest.ResourceDescriptor) attest.Digest {
	w.t.Helper()
	e := w.sign(by, typ, doc, about)
	at := predicate.Time(now.Add(-time.Hour))
	return w.sign(by, predicate.TypeLink, predicate.Link{Name: stage, Command: []string{"make"}, Materials: materials, Environment: predicate.Environment{Run: "run-1", StartedOn: at, FinishedOn: at, Sealock: "test"},
		Byproducts: predicate.Byproducts{Evidence: []predicate.EvidenceRef{{Name: kind, PredicateType: typ, Digest: attest.DigestSet{"sha256": e.ID().Hex}}}}}, about).ID()
}

// artifact builds and scans one, with packages and vulnerabilities.
func (w *world) artifact(name string, purls []string, found ...predicate.VulnResult) attest.Subject {
	w.t.Helper()
	s := attesttest.Artifact(name, name)
	build := w.run("build", "sbom", "builder", predicate.TypeCycloneDX, attesttest.SBOM(s, purls...), s)
	w.run("scan", "vulns", "scanner", predicate.TypeVulns, attesttest.Vulns(now.Add(-time.Hour), found...), s, attesttest.Material(s), attesttest.Receipt("build", build))
	return s
}

func (w *world) check(s attest.Subject, env string, q gate.Question) gate.Decision {
	w.t.Helper()
	return w.gate.Check(w.t.Context(), gate.Request{Subject: s, Environment: env, Question: q, At: now.Add(123 * time.Millisecond)})
}

// promote signs the promotion of an allowed decision, on the record.
func (w *world) promote(s attest.Subject, env string) {
	w.t.Helper()
	d := w.check(s, env, gate.Enter)
	v, subjects, err := w.policy.Promotion(d, nil, keys()["releaser"].Signer.Identity())
	if err != nil {
		w.t.Fatalf("%v: %+v", err, d.Reasons)
	}
	e := w.sign("releaser", predicate.TypeVSA, v, subjects[0])
	if err := w.to.Promotion(w.t.Context(), d, e, v.ResourceURI, "releaser"); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) entries() []audit.Entry {
	w.t.Helper()
	var out []audit.Entry
	for line, err := range w.ledger.Lines(w.t.Context(), audit.Query{}) {
		if err != nil {
			w.t.Fatal(err)
		}
		e, err := audit.DecodeEntry(line.Raw)
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

func (w *world) replayer(version string) *audit.Replayer {
	return &audit.Replayer{Ledger: w.ledger, Version: version, Load: gate.LoadOptions{ParseKey: parseKey}, Verifier: verifier,
		Root: func([]byte) (attest.Digest, error) { panic("keys alone are trusted") }}
}

func (w *world) verify(head string) *audit.Report {
	w.t.Helper()
	r, err := audit.Verify(w.t.Context(), w.ledger, audit.Options{Head: head})
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// filled is a world with decisions of every kind in its ledger.
func filled(t testing.TB) *world {
	t.Helper()
	w := newWorld(t)
	good := w.artifact("good", []string{"pkg:npm/left-pad@1.0.0", "pkg:npm/%40scope/lib@2.0.0"})
	bad := w.artifact("bad", []string{"pkg:npm/left-pad@1.3.0", "pkg:pypi/Some_Thing@1.0"}, func() predicate.VulnResult {
		v := attesttest.Vulnerability("GHSA-aaaa-bbbb-cccc", "critical", "pkg:npm/left-pad@1.3.0")
		v.Annotations[0].Aliases = []string{"CVE-2026-1234"}
		return v
	}())
	w.store.PutRaw(good.Digest.Primary(), "junk.sigstore.json", []byte(`{}`))
	w.promote(good, "dev")
	w.promote(good, "prod")
	w.check(good, "prod", gate.Stay)
	w.promote(bad, "dev")
	w.check(bad, "prod", gate.Enter)
	w.check(attesttest.Artifact("unknown", "unknown"), "dev", gate.Enter)
	w.gate.Check(t.Context(), gate.Request{Subject: good, Stage: "scan", Question: gate.Enter, At: now})
	w.gate.Failed(t.Context(), gate.Request{Subject: attest.Subject{Name: "git:HEAD", Digest: attest.DigestSet{}}, Environment: "dev", Question: gate.Enter, At: now}, false, gate.Reason{Code: "DIRTY_TREE", Message: "x"})
	return w
}
