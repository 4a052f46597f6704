// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/prometheus"
)

// The shared table: on the same evidence, the webhook says of an image what the gate says, for whichever reason. The command line prints the latter.
func TestSameVerdictAsTheCommandLine(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		level, env, code string
		verdict          gate.Verdict
	}{
		{"prod", "prod", "", gate.Allowed}, {"prod", "dev", "", gate.Allowed}, {"dev", "dev", "", gate.Allowed},
		{"none", "prod", "STAGE_MISSING", gate.Refused}, {"none", "dev", "STAGE_MISSING", gate.Refused}, {"built", "dev", "PROMOTION_MISSING", gate.Refused},
		{"dev", "prod", "VSA_SCOPE", gate.Refused}, {"unscanned", "prod", "STAGE_MISSING", gate.Refused}, {"stale", "prod", "STAGE_TOO_OLD", gate.Refused},
		{"vulnerable", "prod", "VULNERABILITY", gate.Refused}, {"vulnerable", "dev", "", gate.Allowed}, {"forged", "prod", "SIGNER_NOT_ALLOWED", gate.Refused},
	} {
		i := w.image(c.level+c.env, c.level)
		p, err := w.loaded(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		g, err := gate.New(p.Policy, p.Verifier, w.store, "test")
		if err != nil {
			t.Fatal(err)
		}
		d := g.Check(t.Context(), request(i, c.env, w.now()))
		if c.level == "forged" && len(d.Reasons) > 0 && d.Reasons[0].Code != c.code { // a stranger's signature is no evidence at all
			c.code = d.Reasons[0].Code
		}
		if d.Verdict != c.verdict || c.code != "" && (len(d.Reasons) == 0 || d.Reasons[0].Code != c.code) {
			t.Errorf("%s for %s: the gate says %s %+v", c.level, c.env, d.Verdict, d.Reasons)
		}
		for range 2 { // looked up, and kept
			r := w.ask(asks{ns: "shop-" + c.env, object: pod(i.Ref())})
			if r.Allowed != (d.Verdict == gate.Allowed) || r.AuditAnnotations["verdict"] != d.Verdict.String() || r.AuditAnnotations["decision"] != d.ID {
				t.Errorf("%s for %s: the gate says %s, the webhook %+v", c.level, c.env, d.Verdict, r)
			}
			if c.code != "" && (!strings.Contains(r.Status.Message, c.code) || !strings.Contains(r.Status.Message, "sealock explain "+i.Ref()+" --env "+c.env+" --promoted")) {
				t.Errorf("%s for %s: %s", c.level, c.env, r.Status.Message)
			}
			for _, reason := range d.Reasons {
				if !strings.Contains(r.AuditAnnotations["reason"], reason.Code) {
					t.Errorf("%s for %s: %s is missing in %q", c.level, c.env, reason.Code, r.AuditAnnotations["reason"])
				}
			}
		}
	}
}

func TestA07_OnlyTheDigestCounts(t *testing.T) {
	w := newWorld(t)
	good := w.image("good", "prod")
	w.denied(asks{object: pod(repo + ":v1")}, CodeNotByDigest, "write "+repo+"@"+attest.SHA256([]byte("tagged")).String())
	w.denied(asks{object: pod(repo)}, CodeNotByDigest)
	w.denied(asks{object: pod("nginx")}, CodeNotByDigest, "docker.io/library/nginx")
	w.allowed(asks{object: pod(repo + ":whatever@" + good.Digest.String())})
	w.denied(asks{object: pod(repo + ":v1@" + w.image("bad", "none").Digest.String())}, "STAGE_MISSING")
}

func TestA14_AnotherRepositoryCostsNoRequest(t *testing.T) {
	w := newWorld(t)
	good := w.image("good", "prod")
	for _, other := range []string{"registry.example.com/other/web", "registry.example.com/shop/web/deeper", "evil.example.com/shop/web", "169.254.169.254/shop/web", "localhost:5000/shop/web", "10.0.0.1/x"} {
		w.denied(asks{object: pod(other + "@" + good.Digest.String())}, gate.CodeRepository)
		w.denied(asks{object: pod(other + ":v1")}, CodeNotByDigest)
	}
	if w.asked.Load() != 0 {
		t.Errorf("%d requests", w.asked.Load())
	}
}

// where the policy lists no repositories, only hosts that the configuration names are asked.
func TestA27_HostThatNobodyNamed(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Registries = []string{"mirror.example.com"} })
	p, err := parsePolicy(t, strings.Replace(testPolicy, `, repositories: ["registry.example.com/shop/*"]`, "", 1))
	if err != nil {
		t.Fatal(err)
	}
	w.load = func() (*gate.Policy, error) { return p, nil }
	if err := w.server.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	digest := w.image("good", "prod").Digest.String()
	for _, host := range []string{"evil.example.com", "169.254.169.254", "localhost:5000", "registry.example.com"} {
		w.denied(asks{object: pod(host + "/shop/web@" + digest)}, CodeRegistryHost)
	}
	w.allowed(asks{object: pod("mirror.example.com/shop/web@" + digest)})
	if w.asked.Load() != 1 {
		t.Errorf("%d requests", w.asked.Load())
	}
}

func TestA16_NoExemptionByAnnotation(t *testing.T) {
	w := newWorld(t)
	p := pod(w.image("bad", "none").Ref())
	p["metadata"] = obj{"name": "x", "annotations": obj{"kubernetes.io/config.mirror": "abc", "kubernetes.io/config.source": "file", "sealock.dev/exclude": "true", AnnotationBreakGlass: "true"}, "labels": obj{LabelExclude: "true", LabelMode: "audit", LabelEnvironment: "dev"}}
	w.denied(asks{object: p}, "STAGE_MISSING")
}

// Nobody is exempt for a name: not who administers the cluster, not nodes, controllers, or an account that is called like the webhook's own.
func TestA34_WhoeverAsks(t *testing.T) {
	w := newWorld(t)
	p := pod(w.image("bad", "none").Ref())
	for user, groups := range map[string][]string{"kubernetes-admin": {"system:masters"}, "system:node:one": {"system:nodes"}, "system:serviceaccount:kube-system:replicaset-controller": nil,
		"system:serviceaccount:sealock-system:sealock": {"system:serviceaccounts", "system:masters", "system:nodes"}, "": {""}} {
		w.denied(asks{object: p, user: user, groups: groups}, "STAGE_MISSING")
	}
}

// A kind is the same in every version of its group.
func TestA35_OtherVersions(t *testing.T) {
	w := newWorld(t)
	good, bad := w.image("good", "prod").Ref(), w.image("bad", "none").Ref()
	for kind := range podTemplates {
		for _, version := range []string{"v1beta1", "v1beta2", "v2", "v1alpha1"} {
			spec := func(image string) obj {
				return within(kind, obj{"containers": []any{obj{"name": "a", "image": image}}})
			}
			w.allowed(asks{group: kind.Group, version: version, kind: kind.Kind, object: spec(good)})
			w.denied(asks{group: kind.Group, version: version, kind: kind.Kind, object: spec(bad)}, "STAGE_MISSING")
		}
	}
}

// What the decision rests on is looked at again when its life in the cache is over: evidence that was deleted meanwhile is missed.
func TestA39_EvidenceDeletedAfterwards(t *testing.T) {
	w := newWorld(t)
	i := w.image("good", "prod")
	w.allowed(asks{object: pod(i.Ref())})
	w.store.DeleteUnder(attest.Digest{Algorithm: "sha256", Hex: i.Digest.Hex})
	w.clock.Add(3600)
	w.denied(asks{object: pod(i.Ref())})
}

func TestA19_NamespaceThatCannotBeLookedUp(t *testing.T) {
	var fail sync.Map
	w := newWorld(t, func(o *Options) {
		o.Config.Labels = true
		o.Labels = func(_ context.Context, name string) (map[string]string, error) {
			if _, down := fail.Load("x"); down {
				return nil, errTest
			}
			return map[string]map[string]string{"labelled": {LabelEnvironment: "prod"}, "loose": {LabelEnvironment: "prod", LabelMode: "warn"}, "odd": {LabelEnvironment: "prod", LabelMode: "off"}, "wrong": {LabelEnvironment: "none"}}[name], nil
		}
	})
	good, bad := w.image("good", "prod").Ref(), w.image("bad", "none").Ref()
	w.allowed(asks{ns: "labelled", object: pod(good)})
	w.denied(asks{ns: "labelled", object: pod(bad)})
	w.allowed(asks{ns: "loose", object: pod(bad)})
	w.denied(asks{ns: "odd", object: pod(good)}, LabelMode)
	w.denied(asks{ns: "wrong", object: pod(good)}, gate.CodeUnknownEnvironment)
	w.denied(asks{ns: "unlabelled", object: pod(good)}, CodeNoEnvironment)
	fail.Store("x", true)
	w.allowed(asks{ns: "labelled", object: pod(good)}) // known for some seconds
	w.clock.Add(60)
	r := w.denied(asks{ns: "labelled", object: pod(good)}, CodeNamespace)
	if r.Status.Code != 503 || strings.Contains(r.Status.Message, errTest.Error()) {
		t.Errorf("%+v", r.Status)
	}
	w.allowed(asks{ns: "shop-prod", object: pod(good)}) // the configuration says it
}

func TestZ17_Modes(t *testing.T) {
	w := newWorld(t)
	bad := w.image("bad", "none").Ref()
	if r := w.allowed(asks{ns: "shop-warn", object: pod(bad)}); len(r.Warnings) == 0 || !strings.Contains(strings.Join(r.Warnings, "\n"), "STAGE_MISSING") || r.AuditAnnotations["verdict"] != "refused" {
		t.Errorf("%+v", r)
	}
	if r := w.allowed(asks{ns: "shop-audit", object: pod(bad)}); len(r.Warnings) != 0 || r.AuditAnnotations["verdict"] != "refused" || !strings.Contains(r.AuditAnnotations["reason"], "STAGE_MISSING") {
		t.Errorf("%+v", r)
	}
	w.allowed(asks{ns: "shop-warn", group: "example.com", kind: "Unknown", object: obj{}})
	w.denied(asks{ns: "shop-prod", object: pod(bad)})
	for _, want := range []string{`verdict="refused",mode="warn"`, `verdict="refused",mode="audit"`, `verdict="refused",mode="enforce"`} {
		if text := w.metrics(); !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}

func (w *world) metrics() string {
	status, raw := w.serve(httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, PathMetrics, http.NoBody))
	if status != http.StatusOK {
		w.t.Fatalf("metrics: %d", status)
	}
	return string(raw)
}

// the labels that decide are changed by those whom the configuration lists, whatever the subresource.
func TestA18_GuardedLabels(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Config.Guards = Guards{Users: []string{"root"}, Groups: []string{"platform"}} })
	ns := func(labels ...string) obj {
		l := obj{}
		for i := 0; i < len(labels); i += 2 {
			l[labels[i]] = labels[i+1]
		}
		return obj{"apiVersion": "v1", "kind": "Namespace", "metadata": obj{"name": "x", "labels": l}}
	}
	ask := func(user, name, sub string, before, after obj) asks {
		a := asks{kind: "Namespace", ns: name, name: name, user: user, sub: sub, object: after}
		if before != nil {
			a.op, a.old = opUpdate, before
		}
		return a
	}
	w.allowed(ask("tenant", "team", "", nil, ns("team", "a")))
	w.allowed(ask("tenant", "team", "", ns(LabelEnvironment, "prod"), ns(LabelEnvironment, "prod", "team", "b")))
	for _, sub := range []string{"", "status", "finalize"} {
		w.denied(ask("tenant", "team", sub, ns(), ns(LabelExclude, "true")), CodeGuarded)
		w.denied(ask("tenant", "team", sub, ns(LabelEnvironment, "prod"), ns(LabelEnvironment, "dev")), CodeGuarded)
		w.denied(ask("tenant", "team", sub, ns(LabelEnvironment, "prod"), ns()), CodeGuarded)
		w.denied(ask("tenant", "team", sub, ns(LabelMode, "enforce"), ns(LabelMode, "audit")), CodeGuarded)
	}
	w.denied(ask("tenant", "team", "", nil, ns(LabelEnvironment, "dev")), CodeGuarded)
	w.allowed(ask("root", "team", "", nil, ns(LabelEnvironment, "dev")))
	w.denied(ask("root", "team", "", nil, ns(LabelEnvironment, "none")), CodeGuarded)
	w.denied(ask("root", "team", "", nil, ns(LabelMode, "off")), CodeGuarded)
	w.denied(ask("root", "team", "", nil, ns(LabelExclude, "true")), CodeGuarded)
	w.denied(ask("root", "team", "", nil, ns(LabelExclude, "")), CodeGuarded)
	w.allowed(ask("root", "kube-system", "", nil, ns(LabelExclude, "true")))
	w.denied(ask("tenant", "kube-system", "", nil, ns(LabelExclude, "true")), CodeGuarded)
	a := ask("tenant", "team", "", nil, ns(LabelMode, "audit"))
	a.groups = []string{"platform"}
	w.allowed(a)
}

func TestA21_MalformedReviews(t *testing.T) {
	w := newWorld(t)
	sound := asks{object: pod(w.image("good", "prod").Ref())}.body(t)
	edit := func(change func(q obj)) []byte {
		var r obj
		if err := json.Unmarshal(sound, &r); err != nil {
			t.Fatal(err)
		}
		change(r["request"].(obj))
		out, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(sound)
	_ = z.Close()
	for name, body := range map[string][]byte{
		"empty": {}, "text": []byte("hello"), "null": []byte("null"), "list": []byte("[]"), "no request": []byte(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}`),
		"null request": []byte(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":null}`), "gzip": packed.Bytes(), "cut": sound[:len(sound)-10], "two": append(append([]byte{}, sound...), sound...),
		"v1beta1": bytes.Replace(sound, []byte("admission.k8s.io/v1"), []byte("admission.k8s.io/v1beta1"), 1), "kind": bytes.Replace(sound, []byte("AdmissionReview"), []byte("Review"), 1),
		"no uid": edit(func(q obj) { delete(q, "uid") }), "empty uid": edit(func(q obj) { q["uid"] = "" }), "long uid": edit(func(q obj) { q["uid"] = strings.Repeat("x", 500) }), "number uid": edit(func(q obj) { q["uid"] = 5 }),
		"twice": bytes.Replace(sound, []byte(`"uid"`), []byte(`"uid":"u-2","uid"`), 1), "deep": []byte(strings.Repeat("[", 100000)), "invalid UTF-8": bytes.Replace(sound, []byte("u-1"), []byte("\xff"), 1),
	} {
		if status, raw := w.post(body); status != http.StatusBadRequest || bytes.Contains(raw, []byte(`"allowed":true`)) {
			t.Errorf("%s: %d %s", name, status, raw)
		}
	}
	for name, body := range map[string][]byte{
		"no object": edit(func(q obj) { delete(q, "object") }), "null object": edit(func(q obj) { q["object"] = nil }), "text object": edit(func(q obj) { q["object"] = "x" }),
		"no kind": edit(func(q obj) { delete(q, "kind") }), "no operation": edit(func(q obj) { delete(q, "operation") }), "operation": edit(func(q obj) { q["operation"] = "create" }),
		"no old object": edit(func(q obj) { q["operation"] = "UPDATE" }), "spelling": edit(func(q obj) { q["object"] = obj{"Spec": pod("x")["spec"]} }),
		"no namespace": edit(func(q obj) { delete(q, "namespace") }), "other kind": edit(func(q obj) { q["kind"] = obj{"group": "x", "version": "v1", "kind": "Pod"} }),
	} {
		status, raw := w.post(body)
		if status != http.StatusOK || response(t, raw).Allowed {
			t.Errorf("%s: %d %s", name, status, raw)
		}
	}
	big := edit(func(q obj) { q["object"].(obj)["metadata"] = obj{"annotations": obj{"x": strings.Repeat("y", 8<<20)}} })
	for _, known := range []bool{true, false} {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, PathValidate, bytes.NewReader(big))
		req.Header.Set("Content-Type", "application/json")
		if !known {
			req.ContentLength = -1
		}
		if status, raw := w.serve(req); status != http.StatusRequestEntityTooLarge {
			t.Errorf("8 MB: %d %.200s", status, raw)
		}
	}
	for kind, status := range map[string]int{"": 415, "text/plain": 415, "application/json; charset=utf-8": 200, "application/yaml": 415, "multipart/form-data": 415} {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, PathValidate, bytes.NewReader(sound))
		req.Header.Set("Content-Type", kind)
		if got, raw := w.serve(req); got != status {
			t.Errorf("%s: %d %s", kind, got, raw)
		}
	}
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, PathValidate, bytes.NewReader(packed.Bytes()))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Content-Encoding", "gzip")
	if got, _ := w.serve(req); got != 415 {
		t.Errorf("gzip: %d", got)
	}
}

func TestR10_OnlyTheseFourPaths(t *testing.T) {
	w := newWorld(t)
	for path, status := range map[string]int{"/healthz": 200, "/readyz": 200, "/metrics": 200, "/": 404, "//healthz": 404, "/healthz/": 404, "/validate/": 404, "/validate/../healthz": 404, "/%76alidate": 404, "/debug/pprof/": 404, "/validate": 405} {
		if got, _ := w.serve(httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)); got != status {
			t.Errorf("%s: %d, expected %d", path, got, status)
		}
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		if got, _ := w.serve(httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, http.NoBody)); got != 405 {
			t.Errorf("%s: %d", path, got)
		}
	}
}

func TestR01_ClientCertificate(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.ClientCA = true })
	if status, _ := w.post(asks{object: pod(w.image("good", "prod").Ref())}.body(t)); status != http.StatusUnauthorized {
		t.Errorf("status %d", status)
	}
}

// a name that is not there yet, a dry run, an update, another version: the same verdict.
func TestA33_WaysToAsk(t *testing.T) {
	w := newWorld(t)
	good, bad := w.image("good", "prod").Ref(), w.image("bad", "none").Ref()
	for _, a := range []asks{{}, {dry: true}, {name: "web"}, {op: opUpdate, old: pod(good)}, {op: opUpdate, old: pod(bad)}, {op: opUpdate, sub: "ephemeralcontainers", old: pod(good)}, {op: opUpdate, sub: "resize", old: pod(good)}} {
		a.object = pod(good)
		w.allowed(a)
		a.object = pod(bad)
		w.denied(a, "STAGE_MISSING")
	}
	w.allowed(asks{op: opUpdate, sub: "status", object: pod(bad), old: pod(bad)})
	w.allowed(asks{op: opUpdate, sub: "scale", group: "autoscaling", kind: "Scale", object: obj{"spec": obj{"replicas": 3}}, old: obj{}})
	w.allowed(asks{op: opDelete, old: pod(bad)})
	w.allowed(asks{op: opConnect, kind: "PodExecOptions", sub: "exec", object: obj{}})
	w.denied(asks{op: opUpdate, group: "example.com", kind: "Any", sub: "scale", object: obj{}, old: obj{}}, CodeUnknownKind)
}

// an update that changes no image is judged like every other, unless the configuration says otherwise; only what is going away is let go.
func TestA37_UpdateWithoutANewImage(t *testing.T) {
	w := newWorld(t)
	good, bad := w.image("good", "prod").Ref(), w.image("bad", "none").Ref()
	leaving := pod(bad)
	leaving["metadata"] = obj{"name": "web", "deletionTimestamp": "2026-11-22T12:00:00Z"}
	w.allowed(asks{op: opUpdate, object: leaving, old: pod(bad)})
	w.denied(asks{op: opUpdate, object: leaving, old: pod(good)})
	w.denied(asks{op: opCreate, object: leaving})
	w.denied(asks{op: opUpdate, object: pod(bad), old: pod(bad)})
	w.config.Unchanged = Warn
	if r := w.allowed(asks{op: opUpdate, object: pod(bad), old: pod(bad)}); len(r.Warnings) == 0 {
		t.Errorf("%+v", r)
	}
	w.denied(asks{op: opUpdate, object: pod(bad), old: pod(good)})
	w.denied(asks{op: opUpdate, object: pod(good, bad), old: pod(bad, good)})
	w.denied(asks{op: opCreate, object: pod(bad), old: pod(bad)})
}

func TestR04_NoPolicyYet(t *testing.T) {
	w := newWorld(t)
	s, err := New(t.Context(), w.server.o)
	if err != nil {
		t.Fatal(err)
	}
	good := w.image("good", "prod").Ref()
	w.server = s
	if r := w.denied(asks{object: pod(good)}, CodeNoPolicy); r.Status.Code != 503 {
		t.Errorf("%+v", r.Status)
	}
	if status, _ := w.serve(httptest.NewRequestWithContext(t.Context(), http.MethodGet, PathReady, http.NoBody)); status != 503 {
		t.Errorf("ready without a policy: %d", status)
	}
	if err := s.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.allowed(asks{object: pod(good)})
}

func TestR03_BadReloadKeepsTheLastGoodPolicy(t *testing.T) {
	w := newWorld(t)
	good := w.image("good", "prod").Ref()
	w.allowed(asks{object: pod(good)})
	for name, load := range map[string]func() (*gate.Policy, error){
		"error": func() (*gate.Policy, error) { return nil, errTest },
		"older": func() (*gate.Policy, error) {
			return parsePolicy(t, strings.Replace(testPolicy, "version: 3", "version: 2", 1))
		},
		"other": func() (*gate.Policy, error) {
			return parsePolicy(t, strings.Replace(testPolicy, "name: shop", "name: other", 1))
		},
		"expired": func() (*gate.Policy, error) {
			return parsePolicy(t, strings.Replace(testPolicy, "2027-06-30", "2026-01-30", 1))
		},
		"environment gone": func() (*gate.Policy, error) {
			return parsePolicy(t, strings.NewReplacer("prod:", "live:", "version: 3", "version: 4").Replace(testPolicy))
		},
	} {
		w.load = load
		if err := w.server.Load(t.Context()); err == nil {
			t.Errorf("%s: taken", name)
		}
		w.allowed(asks{object: pod(good)})
		if w.server.Ready() != "" {
			t.Errorf("%s: %s", name, w.server.Ready())
		}
	}
	if !strings.Contains(w.metrics(), `sealock_policy_reloads_total{result="failed"} 5`) {
		t.Error(w.metrics())
	}
	w.clock.Store(int64(300 * 24 * time.Hour / time.Second)) // the last good one has expired: kept verdicts too
	w.denied(asks{object: pod(good)}, gate.CodePolicyExpired)
	if w.server.Ready() == "" {
		t.Error("ready with an expired policy")
	}
}

func TestA25_CacheRestsOnEverything(t *testing.T) {
	w := newWorld(t)
	good := w.image("good", "prod")
	ask := func(ns string) {
		t.Helper()
		w.allowed(asks{ns: ns, object: pod(good.Ref())})
	}
	expect := func(n int64, what string) {
		t.Helper()
		if got := w.asked.Load(); got != n {
			t.Errorf("%s: asked %d times, expected %d", what, got, n)
		}
	}
	ask("shop-prod")
	ask("shop-prod")
	expect(1, "the same")
	ask("shop-dev")
	expect(2, "another environment")
	other := good
	other.Repository = "registry.example.com/shop/other"
	w.allowed(asks{object: pod(other.Ref())})
	expect(3, "another repository")
	newer, err := parsePolicy(t, strings.Replace(testPolicy, "version: 3", "version: 4", 1))
	if err != nil {
		t.Fatal(err)
	}
	w.load = func() (*gate.Policy, error) { return newer, nil }
	if err := w.server.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	ask("shop-prod")
	expect(4, "another policy")
	w.clock.Add(121)
	ask("shop-prod")
	expect(5, "past its life")
	bad := w.image("bad", "none").Ref()
	w.denied(asks{object: pod(bad)})
	w.denied(asks{object: pod(bad)})
	expect(6, "a refusal")
	w.clock.Add(31)
	w.denied(asks{object: pod(bad)})
	expect(7, "a refusal past its life")
	w.down.Store(true)
	open := w.image("open", "prod").Ref()
	for n := range 3 {
		w.denied(asks{object: pod(open)}, "REGISTRY_UNAVAILABLE")
		expect(int64(8+n), "an open question is not kept")
	}
	w.down.Store(false)
	w.allowed(asks{object: pod(open)})
	r, err := parsePolicy(t, strings.Replace(testPolicy, "version: 3", "version: 5", 1))
	if err != nil {
		t.Fatal(err)
	}
	r.Revoked = append(r.Revoked, gate.Revocation{Subject: good.Digest.String(), Reason: "for a test"})
	w.load = func() (*gate.Policy, error) { return r, nil }
	if err := w.server.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.denied(asks{object: pod(good.Ref())}, gate.CodeRevoked) // at once
}

// T-13: a registry that is down refuses what is new, and nothing that is known; after some failures it is left alone, and later asked again.
func TestT13_RegistryDown(t *testing.T) {
	w := newWorld(t)
	known := w.image("known", "prod").Ref()
	w.allowed(asks{object: pod(known)})
	w.down.Store(true)
	for n := range 5 {
		r := w.denied(asks{object: pod(w.image(fmt.Sprint("new", n), "prod").Ref())}, "REGISTRY_UNAVAILABLE")
		if r.Status.Code != 503 || r.AuditAnnotations["verdict"] != "undecided" {
			t.Errorf("%+v", r)
		}
		w.allowed(asks{object: pod(known)})
	}
	before := w.asked.Load()
	w.denied(asks{object: pod(w.image("new", "prod").Ref())}, CodeRegistryDown)
	if w.asked.Load() != before {
		t.Error("a registry that is left alone was asked")
	}
	if !strings.Contains(w.metrics(), "sealock_admission_registries_suspended 1") || !strings.Contains(w.metrics(), `sealock_admission_registry_errors_total{code="REGISTRY_UNAVAILABLE"} 5`) {
		t.Error(w.metrics())
	}
	w.clock.Add(6)
	w.denied(asks{object: pod(w.image("new", "prod").Ref())}, "REGISTRY_UNAVAILABLE") // one try
	w.denied(asks{object: pod(w.image("new", "prod").Ref())}, CodeRegistryDown)
	w.clock.Add(6)
	w.down.Store(false)
	w.allowed(asks{object: pod(w.image("new", "prod").Ref())})
	w.allowed(asks{object: pod(w.image("new1", "prod").Ref())})
}

// the own deadline is shorter than the API server's, and ends in a refusal that says so. What was begun goes on.
func TestA20_OwnDeadline(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Limits.Deadline = 100 * time.Millisecond })
	good := w.image("good", "prod").Ref()
	w.slow.Store(int64(150 * time.Millisecond))
	r := w.denied(asks{object: pod(good)}, gate.CodeTimeout)
	if r.Status.Code != 503 {
		t.Errorf("%+v", r.Status)
	}
	for range 100 {
		time.Sleep(20 * time.Millisecond)
		if r = w.ask(asks{object: pod(good)}); r.Allowed {
			break
		}
	}
	if !r.Allowed || w.asked.Load() != 1 {
		t.Errorf("asked %d times: %+v", w.asked.Load(), r)
	}
	s := w.server
	s.l.Deadline = 8 * time.Second
	for told, most := range map[string]time.Duration{"10s": 8 * time.Second, "2s": 1500 * time.Millisecond, "1s": 500 * time.Millisecond, "30s": 8 * time.Second, "": 8 * time.Second, "x": 8 * time.Second, "-1s": 8 * time.Second, "5s": 4500 * time.Millisecond} {
		if got := s.deadline(httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/validate?timeout="+told, http.NoBody)); got != most {
			t.Errorf("%s: %s, expected %s", told, got, most)
		}
	}
}

// a panic ends one review, as a refusal.
func TestR07_Panic(t *testing.T) {
	w := newWorld(t)
	good, bad := w.image("good", "prod").Ref(), w.image("bad", "prod")
	inner := w.server.policy.Load()
	broken := *inner
	broken.Decide = func(ctx context.Context, i Image, env string) gate.Decision {
		if i.Digest == bad.Digest {
			panic("secret of a test")
		}
		return inner.Decide(ctx, i, env)
	}
	w.server.policy.Store(&broken)
	for range 3 {
		r := w.denied(asks{object: pod(good, bad.Ref())}, CodeInternal)
		if strings.Contains(r.Status.Message, "secret of a test") {
			t.Errorf("%s", r.Status.Message)
		}
	}
	w.allowed(asks{object: pod(good)})
	w.server.o.Config = nil // anything else
	w.denied(asks{ns: "unknown", object: pod(good)}, CodeInternal)
	if !strings.Contains(w.log.String(), "secret of a test") || !strings.Contains(w.metrics(), "sealock_admission_faults_total 4") {
		t.Errorf("%s\n%s", w.metrics(), w.log)
	}
}

// what is in flight when the server ends is refused, or gets the verdict that it would have got.
func TestR09_Shutdown(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	s, err := New(ctx, w.server.o)
	if err != nil {
		t.Fatal(err)
	}
	w.server = s
	if err := s.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	good := w.image("good", "prod").Ref()
	w.slow.Store(int64(time.Hour))
	time.AfterFunc(30*time.Millisecond, cancel)
	w.denied(asks{object: pod(good)}, gate.CodeTimeout)
}

func TestR05_LabelsOfMetricsAreBounded(t *testing.T) {
	w := newWorld(t)
	for n := range 2000 {
		op := []string{opCreate, opUpdate, "odd\"}\n# " + fmt.Sprint(n)}[n%3]
		w.ask(asks{op: op, ns: fmt.Sprint("ns", n), group: fmt.Sprint("g", n), kind: fmt.Sprint("K", n), object: obj{}, old: obj{}, user: fmt.Sprint("u", n)})
	}
	for n := range 2 * prometheus.MaxSeries {
		w.server.metrics.Count("sealock_admission_images_total", "verdict", "refused", "code", fmt.Sprint("CODE", n))
	}
	if n := strings.Count(w.metrics(), "\n"); n > prometheus.MaxSeries+120 {
		t.Errorf("%d lines of metrics", n)
	}
	for _, line := range strings.Split(w.metrics(), "\n") {
		if line != "" && !strings.HasPrefix(line, "#") && strings.Count(line, " ") != 1 {
			t.Errorf("%q", line)
		}
	}
}

// what went wrong inside is in the log, not in the answer.
func TestR08_NothingInternalInAnswers(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		o.Config.Labels = true
		o.Labels = func(context.Context, string) (map[string]string, error) {
			return nil, fmt.Errorf("dial 10.1.2.3: %w", errTest)
		}
	})
	r := w.denied(asks{ns: "other", object: pod(w.image("good", "prod").Ref())})
	if strings.Contains(r.Status.Message, "10.1.2.3") || !strings.Contains(w.log.String(), "10.1.2.3") {
		t.Errorf("%s\n%s", r.Status.Message, w.log)
	}
}

func TestMessagesAreClean(t *testing.T) {
	w := newWorld(t)
	p := pod("x\x1b[31m\u202e\r\nfake: allowed")
	p["spec"].(obj)["containers"].([]any)[0].(obj)["name"] = "a\x07\nb"
	r := w.denied(asks{object: p})
	if strings.ContainsAny(r.Status.Message, "\x1b\x07\r\u202e") || strings.Contains(r.Status.Message, "\nfake") {
		t.Errorf("%q", r.Status.Message)
	}
}
