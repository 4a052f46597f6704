// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"crypto"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/rules"
)

// The one policy that most tests judge by. Tests change it by replacing text.
const shopPolicy = `apiVersion: sealock/v1
kind: Policy
name: shop
version: 3
expires: 2027-06-30T00:00:00Z
trust: none
identities:
  source-job: {key: keys/source-job.pub}
  build-job: {key: keys/build-job.pub}
  build-two: {key: keys/build-two.pub}
  scan-job: {key: keys/scan-job.pub}
  release-job: {key: keys/release-job.pub}
  auditor: {key: keys/auditor.pub}
  outsider: {key: keys/outsider.pub}
  alice: {key: keys/alice.pub}
  alice-laptop: {key: keys/alice-laptop.pub}
  bob: {key: keys/bob.pub}
  carol: {key: keys/carol.pub}
  managers: {anyOf: [alice, alice-laptop, bob, carol]}
stages:
  source: {signedBy: [source-job], evidence: [secrets, config]}
  build: {after: [{stage: source, sameRun: true}], signedBy: [build-job, build-two], evidence: [provenance, sbom]}
  scan: {after: [build], signedBy: [scan-job], evidence: [vulns], maxAge: {enter: 24h, stay: 720h}}
artifacts:
  service: {product: build, repositories: ["registry.example.com/shop/*"]}
environments:
  dev: {stages: [source, build], promotedBy: [build-job]}
  staging: {from: dev, stages: [scan], promotedBy: [release-job]}
  prod:
    from: staging
    promotedBy: [release-job]
    approvals: {by: managers, threshold: 2, validFor: 72h, notBy: [build-job, carol]}
rules:
  vulnerabilities: {refuse: high}
people:
  alice: [alice, keys/alice-laptop.pub]
`

var identityNames = []string{"source-job", "build-job", "build-two", "scan-job", "release-job", "auditor", "outsider", "alice", "alice-laptop", "bob", "carol"}

// now is when the tests decide.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// testKeys are made once a process: what they are called decides, not what they are.
var testKeys = sync.OnceValue(func() map[string]attesttest.Key {
	t := &testing.T{}
	out := map[string]attesttest.Key{}
	for i, name := range append([]string{"stranger"}, identityNames...) {
		alg := sigstore.ECDSAP256
		if i%2 == 0 {
			alg = sigstore.Ed25519
		}
		out[name] = attesttest.NewKey(t, alg)
	}
	return out
})

// builtinRules compiles the gate's own rules once a process: it costs 50 ms.
var builtinRules = sync.OnceValues(func() (*rules.Set, error) { return rules.Compile(rules.Options{Builtin: true}) })

func compileOnce(opt rules.Options) (*rules.Set, error) {
	if len(opt.Modules) > 0 || opt.Timeout != 0 {
		return rules.Compile(opt)
	}
	return builtinRules()
}

func parseKey(pem []byte) (crypto.PublicKey, string, error) {
	pub, err := sigstore.ParsePublicKey(pem)
	if err != nil {
		return nil, "", err
	}
	id, err := sigstore.KeyID(pub)
	return pub, id, err
}

// signed is one signed statement of a world, by a name that tests can use.
type signed struct {
	name     string
	bundle   []byte
	subjects []attest.Subject
}

// world is a policy and evidence about one artifact.
type world struct {
	t      testing.TB
	files  map[string][]byte
	origin Origin
	at     time.Time
	source attest.Subject
	image  attest.Subject
	items  []signed
	mods   []func(*run)
	certs  *issued // nil: everybody signs with keys
}

// run is one stage run before it is signed.
type run struct {
	stage     string
	by        []string
	ci        string
	finished  time.Time
	materials []attest.ResourceDescriptor
	subjects  []attest.Subject
	evidence  []proof
	exit      int
	edit      func(*predicate.Link)
}

// proof is one statement that a run makes beside its receipt.
type proof struct {
	kind     string
	typ      string
	doc      any
	subjects []attest.Subject
	by       string // "": as the run
	lost     bool   // named by the receipt, and not there
	unnamed  bool   // there, and not named by the receipt
	listedAs string // the predicate type that the receipt claims; "": the real one
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, at: now, source: attesttest.Source("git+https://example.com/shop", "main"), image: attesttest.Artifact("shop", "image"),
		files: map[string][]byte{"policy.yaml": []byte(shopPolicy)}}
	for _, n := range identityNames {
		w.files["keys/"+n+".pub"] = testKeys()[n].PEM
	}
	return w
}

// policyText replaces text of policy.yaml; what is to be replaced must be there.
func (w *world) policyText(pairs ...string) *world {
	w.t.Helper()
	text := string(w.files["policy.yaml"])
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			w.t.Fatalf("the policy does not hold %q", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	w.files["policy.yaml"] = []byte(text)
	return w
}

func (w *world) file(name, text string) *world {
	w.files[name] = []byte(text)
	return w
}

func (w *world) revoke(entry string) *world {
	return w.file("revoked.yaml", "apiVersion: sealock/v1\nkind: Revocations\nrevoked:\n  - "+entry+"\n")
}

func (w *world) waive(entry string) *world {
	return w.file("waivers.yaml", "apiVersion: sealock/v1\nkind: Waivers\nwaivers:\n  - "+entry+"\n")
}

// mod changes runs of one stage before they are signed.
func (w *world) mod(stage string, change func(*run)) *world {
	w.mods = append(w.mods, func(r *run) {
		if r.stage == stage {
			change(r)
		}
	})
	return w
}

// parse loads the policy; the error is the caller's.
func (w *world) parse() (*Policy, error) {
	opt := LoadOptions{ParseKey: parseKey, Origin: w.origin}
	if w.certs != nil {
		opt.TrustRoot = trustRoot
	}
	return parsePolicy("policy", w.files, opt, compileOnce)
}

func (w *world) load() *Policy {
	w.t.Helper()
	p, err := w.parse()
	if err != nil {
		w.t.Fatalf("loading the policy: %v", err)
	}
	return p
}

// sourceRun, buildRun and scanRun are sound runs of the shop's stages.
func (w *world) sourceRun() run {
	at := w.at.Add(-3 * time.Hour)
	return run{stage: "source", by: []string{"source-job"}, ci: "run-1", finished: at, subjects: []attest.Subject{w.source}, evidence: []proof{
		{kind: "secrets", typ: predicate.TypeFindings, doc: attesttest.Findings("secrets", at)},
		{kind: "config", typ: predicate.TypeFindings, doc: attesttest.Findings("config", at)},
	}}
}

func (w *world) buildRun(source attest.Digest) run {
	at := w.at.Add(-2 * time.Hour)
	materials := []attest.ResourceDescriptor{attesttest.Material(w.source), attesttest.Receipt("source", source)}
	return run{stage: "build", by: []string{"build-job"}, ci: "run-1", finished: at, subjects: []attest.Subject{w.image}, materials: materials, evidence: []proof{
		{kind: "provenance", typ: predicate.TypeProvenance, doc: attesttest.Provenance("https://example.com/builder", "run-1", at, attesttest.Material(w.source))},
		{kind: "sbom", typ: predicate.TypeCycloneDX, doc: attesttest.SBOM(w.image, "pkg:npm/left-pad@1.0.0", "pkg:npm/yaml@1.0.0")},
	}}
}

func (w *world) scanRun(build attest.Digest) run {
	at := w.at.Add(-time.Hour)
	return run{stage: "scan", by: []string{"scan-job"}, ci: "run-2", finished: at, subjects: []attest.Subject{w.image},
		materials: []attest.ResourceDescriptor{attesttest.Material(w.image), attesttest.Receipt("build", build)},
		evidence:  []proof{{kind: "vulns", typ: predicate.TypeVulns, doc: attesttest.Vulns(at)}}}
}

// record signs a run: its evidence, then its receipt. It returns the receipt's id.
func (w *world) record(r run) attest.Digest {
	w.t.Helper()
	for _, m := range w.mods {
		m(&r)
	}
	link := predicate.Link{Name: r.stage, Command: []string{"make"}, Materials: r.materials, Byproducts: predicate.Byproducts{ExitCode: r.exit, Evidence: []predicate.EvidenceRef{}},
		Environment: predicate.Environment{Run: r.ci, StartedOn: predicate.Instant(r.finished.Add(-5 * time.Minute)), FinishedOn: predicate.Instant(r.finished), Sealock: "1.0.0"}}
	for _, p := range r.evidence {
		by, subjects := p.by, p.subjects
		if by == "" && len(r.by) > 0 {
			by = r.by[0]
		}
		if subjects == nil {
			subjects = r.subjects
		}
		id := w.sign(r.stage+"/"+p.kind, by, p.typ, p.doc, subjects, p.lost)
		typ := p.typ
		if p.listedAs != "" {
			typ = p.listedAs
		}
		if !p.unnamed {
			link.Byproducts.Evidence = append(link.Byproducts.Evidence, predicate.EvidenceRef{Name: p.kind, PredicateType: typ, Digest: attest.DigestSet{"sha256": id.Hex}})
		}
	}
	if r.edit != nil {
		r.edit(&link)
	}
	var id attest.Digest
	for _, by := range r.by {
		id = w.sign(r.stage, by, predicate.TypeLink, link, r.subjects, false)
	}
	return id
}

// sign makes one statement and lays it in the world, unless it is to be lost.
func (w *world) sign(name, by, typ string, doc any, subjects []attest.Subject, lost bool) attest.Digest {
	w.t.Helper()
	st, err := attest.EncodeStatement(typ, doc, subjects...)
	if err != nil {
		w.t.Fatalf("encoding %s: %v", name, err)
	}
	if !lost {
		w.items = append(w.items, signed{name, testKeys()[by].Sign(w.t, st), subjects})
	}
	return attest.SHA256(st)
}

// chain records source, build and scan, each sound but for the world's mods.
func (w *world) chain() *world {
	w.t.Helper()
	w.record(w.scanRun(w.record(w.buildRun(w.record(w.sourceRun())))))
	return w
}

// promotion is the VSA of an environment.
func (w *world) promotion(env string, change ...func(*predicate.VSA)) predicate.VSA {
	v := predicate.VSA{Verifier: predicate.VSAVerifier{ID: predicate.VerifierID}, TimeVerified: predicate.Time(w.at.Add(-30 * time.Minute)),
		ResourceURI: "registry.example.com/shop/shop@" + w.image.Digest.Primary().String(), Policy: predicate.VSAPolicy{URI: "policy", Digest: attest.DigestSet{"sha256": attest.SHA256([]byte("old")).Hex}, Name: "shop"},
		InputAttestations: []predicate.InputAttestation{}, VerificationResult: "PASSED", VerifiedLevels: []string{predicate.EnvironmentLevel + env}, SLSAVersion: "1.0"}
	for _, c := range change {
		c(&v)
	}
	return v
}

func (w *world) promote(env, by string, change ...func(*predicate.VSA)) *world {
	w.t.Helper()
	w.sign("promotion:"+env, by, predicate.TypeVSA, w.promotion(env, change...), []attest.Subject{w.image}, false)
	return w
}

// approve signs an approval for prod, bound to the newest build.
func (w *world) approve(by string, change ...func(*predicate.SVR)) *world {
	w.t.Helper()
	v := predicate.SVR{Verifier: predicate.SVRVerifier{ID: predicate.VerifierID, Policies: []predicate.VSAPolicy{{URI: "policy", Digest: attest.DigestSet{}, Name: "shop"}}},
		TimeCreated: predicate.Time(w.at.Add(-20 * time.Minute)), Properties: []string{predicate.ApproveProperty + "prod"}, Reason: "released by " + by, Expires: predicate.Time(w.at.Add(24 * time.Hour)),
		Receipt: w.idOf("build")}
	for _, c := range change {
		c(&v)
	}
	w.sign("approval:"+by, by, predicate.TypeSVR, v, []attest.Subject{w.image}, false)
	return w
}

// item finds a statement by its name; the last one of that name.
func (w *world) item(name string) *signed {
	for i := len(w.items) - 1; i >= 0; i-- {
		if w.items[i].name == name {
			return &w.items[i]
		}
	}
	w.t.Fatalf("no statement %q", name)
	return nil
}

func (w *world) idOf(name string) string {
	return attest.SHA256(attesttest.Payload(w.t, w.item(name).bundle)).String()
}

func (w *world) drop(name string) *world {
	for i := range w.items {
		if w.items[i].name == name {
			w.items = append(append([]signed(nil), w.items[:i]...), w.items[i+1:]...)
			return w
		}
	}
	w.t.Fatalf("no statement %q", name)
	return w
}

// store lays the statements out as an honest store has them.
func (w *world) store() *attesttest.Store {
	s := attesttest.NewStore()
	for _, it := range w.items {
		lay(s, it)
	}
	return s
}

func lay(s *attesttest.Store, it signed) {
	name := attest.SHA256(it.bundle).Hex[:16] + ".sigstore.json"
	var p struct{ id string }
	if payload, ok := payloadOf(it.bundle); ok {
		p.id = attest.SHA256(payload).Hex
		name = p.id + "." + name
	}
	for _, sub := range it.subjects {
		for _, d := range sub.Digest.Digests() {
			s.PutRaw(d, name, it.bundle)
		}
	}
}

func payloadOf(bundle []byte) ([]byte, bool) {
	var b struct {
		Envelope struct {
			Payload []byte `json:"payload"`
		} `json:"dsseEnvelope"`
	}
	if attest.DecodeJSON(bundle, &b) != nil || b.Envelope.Payload == nil {
		return nil, false
	}
	return b.Envelope.Payload, true
}

func enter(env string) Request { return Request{Environment: env, Question: Enter} }
func stay(env string) Request  { return Request{Environment: env, Question: Stay} }
func stage(name string) Request {
	return Request{Stage: name, Question: Enter}
}

// gate makes the gate over a policy and a store.
func (w *world) gate(p *Policy, s attest.Store) *Gate {
	w.t.Helper()
	v, err := attest.NewVerifier(w.authenticator(p))
	if err != nil {
		w.t.Fatalf("making a verifier: %v", err)
	}
	g, err := New(p, v, s, "test")
	if err != nil {
		w.t.Fatalf("making a gate: %v", err)
	}
	return g
}

// authenticator is what tells who signed: by the policy's keys, or as the world's certificates say.
func (w *world) authenticator(p *Policy) attest.Authenticator {
	w.t.Helper()
	keys := p.Keys()
	if w.certs != nil {
		keys = append(keys, w.certs.keys()...)
	}
	a, err := sigstore.NewAuthenticator(keys)
	if err != nil {
		w.t.Fatalf("making an authenticator: %v", err)
	}
	if w.certs != nil {
		return certified{a, w.certs}
	}
	return a
}

// fill completes a request with the world's subject and time.
func (w *world) fill(req Request) Request {
	if req.Subject.Digest == nil {
		req.Subject = w.image
	}
	if req.At.IsZero() {
		req.At = w.at
	}
	return req
}

// check asks the gate, store and all.
func (w *world) check(req Request) Decision {
	w.t.Helper()
	return w.gate(w.load(), w.store()).Check(w.t.Context(), w.fill(req))
}

// evidence is everything in the world that verifies, in order of arrival.
func (w *world) evidence(p *Policy) ([]attest.Evidence, []Rejection) {
	w.t.Helper()
	g := w.gate(p, attesttest.NewStore())
	var out []attest.Evidence
	var bad []Rejection
	for _, it := range w.items {
		e, err := g.Verifier.Verify(w.t.Context(), it.bundle)
		if err != nil {
			bad = append(bad, Rejection{it.name, attest.RejectCode(err), err.Error()})
			continue
		}
		out = append(out, e)
	}
	return out, bad
}

func (w *world) clone() *world {
	c := *w
	c.files = maps.Clone(w.files)
	c.items = append([]signed(nil), w.items...)
	c.mods = append([]func(*run){}, w.mods...)
	if w.certs != nil {
		c.certs = w.certs.clone()
	}
	return &c
}

// codes lists the codes of reasons.
func codes(rs []Reason) []string {
	var out []string
	for _, r := range rs {
		out = append(out, r.Code)
	}
	return out
}

func wantAllowed(t testing.TB, d Decision) {
	t.Helper()
	if d.Verdict != Allowed {
		t.Fatalf("verdict %s, expected allowed; reasons:%s", d.Verdict, explain(d))
	}
}

// wantNot asserts a verdict that is not allowed, and a code among its reasons.
func wantNot(t testing.TB, d Decision, verdict Verdict, code string) {
	t.Helper()
	if d.Verdict != verdict || !contains(codes(d.Reasons), code) {
		t.Fatalf("verdict %s, expected %s with %s; reasons:%s", d.Verdict, verdict, code, explain(d))
	}
}

func explain(d Decision) string {
	out := ""
	for _, r := range d.Reasons {
		out += "\n  " + r.Code + " " + r.Stage + ": " + r.Message + " (expected " + r.Expected + ", found " + r.Found + ")"
	}
	for _, r := range d.Warnings {
		out += "\n  warning " + r.Code + ": " + r.Message
	}
	return out
}

// prodWorld has everything that prod asks for.
func prodWorld(t testing.TB) *world {
	return newWorld(t).chain().promote("dev", "build-job").promote("staging", "release-job").approve("alice").approve("bob")
}
