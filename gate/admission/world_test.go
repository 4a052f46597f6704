// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"bytes"
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/registry"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/gate"
)

const testPolicy = `apiVersion: sealock/v1
kind: Policy
name: shop
version: 3
expires: 2027-06-30T00:00:00Z
trust: none
identities:
  build-job: {key: keys/build-job.pub}
  scan-job: {key: keys/scan-job.pub}
  release-job: {key: keys/release-job.pub}
  alice: {key: keys/alice.pub}
  bob: {key: keys/bob.pub}
stages:
  build: {signedBy: [build-job], evidence: [sbom]}
  scan: {after: [build], signedBy: [scan-job], evidence: [vulns], maxAge: {stay: 720h}}
artifacts:
  service: {product: build, repositories: ["registry.example.com/shop/*"]}
environments:
  dev: {stages: [build], promotedBy: [build-job]}
  prod: {from: dev, stages: [scan], promotedBy: [release-job], breakGlass: {by: [alice], validFor: 4h}}
rules:
  vulnerabilities: {refuse: high}
`

// repo is where the test images lie.
const repo = "registry.example.com/shop/web"

var testTime = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

var testKeys = sync.OnceValue(func() map[string]attesttest.Key {
	out := map[string]attesttest.Key{}
	for _, name := range []string{"build-job", "scan-job", "release-job", "alice", "bob", "stranger"} {
		out[name] = attesttest.NewKey(&testing.T{}, sigstore.Ed25519)
	}
	return out
})

// world is a webhook in front of evidence in memory.
type world struct {
	t      testing.TB
	store  *attesttest.Store
	policy *gate.Policy
	server *Server
	clock  atomic.Int64 // seconds past testTime
	slow   atomic.Int64 // nanoseconds that each look into the store takes
	down   atomic.Bool
	asked  atomic.Int64 // decisions that asked the store
	most   atomic.Int64 // of them at once
	inside atomic.Int64
	log    *lockedBuffer
	load   func() (*gate.Policy, error)
	config *Config
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

const testConfig = `apiVersion: sealock/v1
kind: Admission
namespaces:
  shop-prod: {environment: prod}
  shop-dev: {environment: dev}
  shop-warn: {environment: prod, mode: warn}
  shop-audit: {environment: prod, mode: audit}
excluded: [kube-system]
kinds:
  - {group: argoproj.io, kind: Rollout, podSpecs: [spec.template.spec], mayBeEmpty: true}
  - {group: tekton.dev, kind: Task, images: ["spec.steps[*].image", "spec.sidecars[*].image"], mayBeEmpty: true}
  - {group: example.com, kind: Plain, none: true}
  - {group: example.com, kind: Wild, images: ["spec.pools.*.image", "spec['odd.name'][*]"]}
`

func parsePolicy(t testing.TB, text string) (*gate.Policy, error) {
	t.Helper()
	files := map[string][]byte{"policy.yaml": []byte(text)}
	for name, k := range testKeys() {
		files["keys/"+name+".pub"] = k.PEM
	}
	delete(files, "keys/stranger.pub")
	return gate.ParsePolicy("policy", files, gate.LoadOptions{ParseKey: func(pem []byte) (crypto.PublicKey, string, error) {
		pub, err := sigstore.ParsePublicKey(pem)
		if err != nil {
			return nil, "", err
		}
		id, err := sigstore.KeyID(pub)
		return pub, id, err
	}})
}

var sharedPolicy = sync.OnceValues(func() (*gate.Policy, error) { return parsePolicy(&testing.T{}, testPolicy) })

// newWorld makes a webhook that is ready. Options may be changed before.
func newWorld(t testing.TB, change ...func(*Options)) *world {
	t.Helper()
	w := &world{t: t, store: attesttest.NewStore(), log: &lockedBuffer{}}
	var err error
	if w.policy, err = sharedPolicy(); err != nil {
		t.Fatal(err)
	}
	w.load = func() (*gate.Policy, error) { return w.policy, nil }
	if w.config, err = ParseConfig("admission.yaml", []byte(testConfig)); err != nil {
		t.Fatal(err)
	}
	o := Options{Config: w.config, Load: w.loaded, Version: "test", Now: w.now, Log: slog.New(slog.NewJSONHandler(w.log, nil))}
	for _, c := range change {
		c(&o)
	}
	if w.server, err = New(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if err := w.server.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) now() time.Time { return testTime.Add(time.Duration(w.clock.Load()) * time.Second) }

func (w *world) loaded(context.Context) (*Policy, error) {
	p, err := w.load()
	if err != nil {
		return nil, err
	}
	auth, err := sigstore.NewAuthenticator(p.Keys())
	if err != nil {
		return nil, err
	}
	v, err := attest.NewVerifier(auth)
	if err != nil {
		return nil, err
	}
	return &Policy{Policy: p, Verifier: v, Decide: func(ctx context.Context, i Image, env string) gate.Decision { return w.decide(ctx, p, v, i, env) },
		Tag: func(context.Context, string, string) (attest.Digest, error) {
			return attest.SHA256([]byte("tagged")), nil
		}}, nil
}

// decide is what the command line does for "verify IMAGE --env ENV --promoted", with the registry in memory.
func (w *world) decide(ctx context.Context, p *gate.Policy, v *attest.Verifier, i Image, env string) gate.Decision {
	w.asked.Add(1)
	now := w.inside.Add(1)
	defer w.inside.Add(-1)
	for most := w.most.Load(); now > most && !w.most.CompareAndSwap(most, now); most = w.most.Load() {
	}
	g, err := gate.New(p, v, slowStore{w.store, w}, "test")
	if err != nil {
		w.t.Error(err)
	}
	return g.Check(ctx, request(i, env, w.now()))
}

func request(i Image, env string, at time.Time) gate.Request {
	return gate.Request{Subject: attest.Subject{Name: i.Repository, Digest: attest.DigestSet{"sha256": i.Digest.Hex}}, Repository: i.Repository, Environment: env, Question: gate.Stay, At: at}
}

// slowStore is a registry that takes its time, or is down.
type slowStore struct {
	*attesttest.Store
	w *world
}

func (s slowStore) List(ctx context.Context, d attest.Digest) ([]attest.Stored, error) {
	if err := attest.Sleep(ctx, time.Duration(s.w.slow.Load())); err != nil {
		return nil, err
	}
	if s.w.down.Load() {
		return nil, &registry.Error{Code: registry.Unavailable, Detail: "down for a test"}
	}
	return s.Store.List(ctx, d)
}

// put signs a statement and stores it under its subjects.
func (w *world) put(by, typ string, doc any, subjects ...attest.Subject) attest.Digest {
	w.t.Helper()
	st, err := attest.EncodeStatement(typ, doc, subjects...)
	if err != nil {
		w.t.Fatal(err)
	}
	bundle := testKeys()[by].Sign(w.t, st)
	for _, s := range subjects {
		w.store.PutRaw(s.Digest.Primary(), attest.SHA256(st).Hex+"."+attest.SHA256(bundle).Hex[:16]+".sigstore.json", bundle)
	}
	return attest.SHA256(st)
}

// stage records one run.
func (w *world) stage(name, by string, at time.Time, s attest.Subject, materials []attest.ResourceDescriptor, kind, typ string, doc any) attest.Digest {
	w.t.Helper()
	id := w.put(by, typ, doc, s)
	return w.put(by, predicate.TypeLink, predicate.Link{Name: name, Command: []string{"make"}, Materials: materials,
		Byproducts:  predicate.Byproducts{Evidence: []predicate.EvidenceRef{{Name: kind, PredicateType: typ, Digest: attest.DigestSet{"sha256": id.Hex}}}},
		Environment: predicate.Environment{Run: "run-1", StartedOn: predicate.Time(at.Add(-time.Minute)), FinishedOn: predicate.Time(at), Sealock: "test"}}, s)
}

// image makes evidence about an image up to a level: none, built, scanned, or promoted to dev or prod.
func (w *world) image(name, level string) Image {
	w.t.Helper()
	s := attest.Subject{Name: repo, Digest: attest.DigestSet{"sha256": attest.SHA256([]byte(name)).Hex}}
	i := Image{Repository: repo, Digest: s.Digest.Primary()}
	if level == "none" {
		return i
	}
	at := testTime.Add(-2 * time.Hour)
	build := w.stage("build", "build-job", at, s, []attest.ResourceDescriptor{}, "sbom", predicate.TypeCycloneDX, attesttest.SBOM(s, "pkg:npm/yaml@1.0.0"))
	if level == "stale" {
		at = testTime.Add(-1000 * time.Hour)
	}
	if level != "built" && level != "unscanned" {
		found := []predicate.VulnResult{}
		if level == "vulnerable" {
			found = append(found, attesttest.Vulnerability("CVE-2026-1", "high", "pkg:npm/yaml@1.0.0"))
		}
		w.stage("scan", "scan-job", at.Add(time.Hour), s, []attest.ResourceDescriptor{attesttest.Material(s), attesttest.Receipt("build", build)}, "vulns", predicate.TypeVulns, attesttest.Vulns(at.Add(time.Hour), found...))
	}
	by := map[string]string{"dev": "build-job", "prod": "release-job"}
	for _, env := range []string{"dev", "prod"} {
		if level == "built" || level == "dev" && env == "prod" {
			break
		}
		signer := by[env]
		if level == "forged" {
			signer = "stranger"
		}
		w.put(signer, predicate.TypeVSA, predicate.VSA{Verifier: predicate.VSAVerifier{ID: predicate.VerifierID}, TimeVerified: predicate.Time(testTime.Add(-30 * time.Minute)),
			ResourceURI: i.Ref(), Policy: predicate.VSAPolicy{URI: "policy", Digest: attest.DigestSet{"sha256": attest.SHA256([]byte("old")).Hex}, Name: "shop"},
			InputAttestations: []predicate.InputAttestation{}, VerificationResult: "PASSED", VerifiedLevels: []string{predicate.EnvironmentLevel + env}, SLSAVersion: "1.0"}, s)
	}
	return i
}

// obj is a JSON object.
type obj = map[string]any

// pod is a pod that runs the images.
func pod(images ...string) obj {
	var containers []any
	for n, i := range images {
		containers = append(containers, obj{"name": "c" + string(rune('0'+n%10)), "image": i})
	}
	return obj{"apiVersion": "v1", "kind": "Pod", "metadata": obj{"name": "web"}, "spec": obj{"containers": containers}}
}

// asks is a review about an object.
type asks struct {
	group, version, kind, sub, op, ns, user string
	groups                                  []string
	object, old                             any
	name                                    string
	dry                                     bool
}

func (a asks) body(t testing.TB) []byte {
	t.Helper()
	if a.op == "" {
		a.op = opCreate
	}
	if a.ns == "" {
		a.ns = "shop-prod"
	}
	if a.kind == "" {
		a.kind = "Pod"
	}
	if a.version == "" {
		a.version = "v1"
	}
	q := obj{"uid": "u-1", "operation": a.op, "namespace": a.ns, "name": a.name, "subResource": a.sub, "kind": obj{"group": a.group, "version": a.version, "kind": a.kind},
		"resource": obj{"group": a.group, "version": a.version, "resource": "things"}, "userInfo": obj{"username": a.user, "groups": a.groups, "extra": obj{"x": []any{"y"}}}, "object": a.object, "oldObject": a.old, "dryRun": a.dry, "options": obj{"kind": "CreateOptions"}}
	raw, err := json.Marshal(obj{"apiVersion": reviewVersion, "kind": reviewKind, "request": q})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// ask sends a review and gives the answer.
func (w *world) ask(a asks) *Response {
	w.t.Helper()
	status, raw := w.post(a.body(w.t))
	if status != http.StatusOK {
		w.t.Fatalf("status %d: %s", status, raw)
	}
	return response(w.t, raw)
}

func response(t testing.TB, raw []byte) *Response {
	t.Helper()
	var r Review
	if err := attest.DecodeJSON(raw, &r); err != nil || r.Response == nil || r.APIVersion != reviewVersion || r.Kind != reviewKind || r.Response.UID != "u-1" {
		t.Fatalf("%v: %s", err, raw)
	}
	if !r.Response.Allowed && (r.Response.Status == nil || r.Response.Status.Message == "" || r.Response.Status.Code < 400) {
		t.Fatalf("a refusal without a reason: %s", raw)
	}
	return r.Response
}

func (w *world) post(body []byte) (int, []byte) {
	req := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, "/validate?timeout=10s", bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	return w.serve(req)
}

func (w *world) serve(req *http.Request) (int, []byte) {
	rec := httptest.NewRecorder()
	w.server.ServeHTTP(rec, req)
	raw, err := io.ReadAll(rec.Body)
	if err != nil {
		w.t.Error(err)
	}
	return rec.Code, raw
}

// allowed and denied check an answer; a refusal must hold all texts.
func (w *world) allowed(a asks) *Response {
	w.t.Helper()
	r := w.ask(a)
	if !r.Allowed {
		w.t.Errorf("refused: %s", r.Status.Message)
	}
	return r
}

func (w *world) denied(a asks, texts ...string) *Response {
	w.t.Helper()
	r := w.ask(a)
	if r.Allowed {
		w.t.Fatalf("let in: %+v", r)
	}
	for _, text := range texts {
		if !strings.Contains(r.Status.Message, text) {
			w.t.Errorf("expected %q in %q", text, r.Status.Message)
		}
	}
	return r
}

var errTest = errors.New("for a test")
