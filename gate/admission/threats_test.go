// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// A node may hold anything under a tag: whatever the pull policy says, a tag is refused, and what counts for a digest is its evidence alone.
func TestA15_PullPolicy(t *testing.T) {
	w := newWorld(t)
	good, bad := w.image("good", "prod"), w.image("bad", "none")
	for _, policy := range []string{"Never", "IfNotPresent", "Always", ""} {
		with := func(image string) obj {
			return obj{"apiVersion": "v1", "kind": "Pod", "metadata": obj{"name": "web"}, "spec": obj{"containers": []any{obj{"name": "c", "image": image, "imagePullPolicy": policy}}}}
		}
		w.denied(asks{object: with(repo + ":v1")})
		w.denied(asks{object: with(repo)})
		w.denied(asks{object: with(bad.Ref())}, "STAGE_MISSING")
		w.allowed(asks{object: with(good.Ref())})
	}
	if !strings.Contains(document(t), "imported into a node's image store by hand") {
		t.Error("the guide does not say that a node's own images are not seen")
	}
}

// Another webhook may change the object after it was asked about once: what is judged is each time the object as it is sent, and nothing is changed by the answer.
// So the webhook validates, after all that mutate.
func TestA24_LaterMutation(t *testing.T) {
	w := newWorld(t)
	good, bad := w.image("good", "prod").Ref(), w.image("bad", "none").Ref()
	w.allowed(asks{object: pod(good), name: "web"})
	w.denied(asks{object: pod(bad), name: "web"}, "STAGE_MISSING")
	w.denied(asks{object: pod(good, bad), name: "web"}, "STAGE_MISSING")
	for _, image := range []string{good, bad} {
		if _, raw := w.post(asks{object: pod(image)}.body(t)); bytes.Contains(raw, []byte("patch")) {
			t.Errorf("the answer changes the object: %s", raw)
		}
	}
	for name, text := range deployed(t) {
		if strings.Contains(text, "MutatingWebhookConfiguration") || strings.Contains(text, "kind: ValidatingWebhookConfiguration") && !strings.Contains(text, "matchPolicy: Equivalent") {
			t.Errorf("%s: expected a validating webhook that is asked about each version of a kind", name)
		}
	}
}

// More evidence than anybody needs is a refusal for who runs that image, in bounded time, and nobody else waits for it.
func TestA32_ThousandsOfAttestations(t *testing.T) {
	w := newWorld(t)
	known, flooded, busy := w.image("known", "prod"), w.image("flooded", "prod"), w.image("busy", "prod")
	flood := func(i Image, n int) {
		for k := range n {
			w.store.PutRaw(attest.Digest{Algorithm: "sha256", Hex: i.Digest.Hex}, fmt.Sprintf("junk-%d", k), fmt.Appendf(nil, `{"junk":%d}`, k))
		}
	}
	flood(flooded, 25000)
	flood(busy, 2000)
	done := make(chan *Response, 1)
	go func() {
		_, raw := w.post(asks{object: pod(flooded.Ref())}.body(t))
		done <- response(t, raw)
	}()
	start := time.Now()
	w.allowed(asks{object: pod(known.Ref())})
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("another image waited for %s", took)
	}
	if r := <-done; r.Allowed || !strings.Contains(r.Status.Message, attest.CodeLimit) {
		t.Errorf("expected a refusal that names the limit: %+v", r)
	}
	w.allowed(asks{object: pod(busy.Ref())}) // what is no evidence takes nothing away
}

// What no webhook sees is said, and nothing is claimed about it: commands in running containers are let go unjudged, and the configuration does not even ask.
func TestA38_OutOfScope(t *testing.T) {
	w := newWorld(t)
	for _, sub := range []string{"exec", "attach", "portforward", "proxy"} {
		w.allowed(asks{op: opConnect, kind: "PodExecOptions", sub: sub, object: obj{}})
	}
	if w.asked.Load() != 0 {
		t.Error("something was decided")
	}
	for _, text := range []string{"Static pods", "`kubectl exec`"} {
		if !strings.Contains(document(t), text) {
			t.Errorf("the guide does not say that it does not see %s", text)
		}
	}
	for name, text := range deployed(t) {
		if regexp.MustCompile(`operations:.*CONNECT`).MatchString(text) {
			t.Errorf("%s asks about connections, which nobody judges", name)
		}
	}
}

// A namespace that is being deleted, or whose labels are gone, gets the verdict that it gets otherwise, or none at all.
func TestA40_TerminatingNamespace(t *testing.T) {
	w := newWorld(t)
	good, bad := w.image("good", "prod").Ref(), w.image("bad", "none").Ref()
	ending := obj{"apiVersion": "v1", "kind": "Namespace", "metadata": obj{"name": "shop-prod", "deletionTimestamp": "2026-11-22T12:00:00Z"}, "status": obj{"phase": "Terminating"}}
	for range 2 {
		w.denied(asks{object: pod(bad)}, "STAGE_MISSING")
		w.allowed(asks{object: pod(good)})
		w.allowed(asks{op: opDelete, kind: "Namespace", old: ending})
	}
	leaving := pod(bad)
	leaving["metadata"] = obj{"name": "web", "deletionTimestamp": "2026-11-22T12:00:00Z", "finalizers": []any{"x/y"}}
	w.denied(asks{object: leaving}, "STAGE_MISSING") // who writes it chooses what it says of itself
	w.denied(asks{op: opUpdate, object: leaving, old: pod(good)}, "STAGE_MISSING")
	w.denied(asks{op: opUpdate, sub: "ephemeralcontainers", object: leaving, old: pod(good)}, "STAGE_MISSING")
	w.denied(asks{ns: "gone", object: pod(good)}, CodeNoEnvironment)
}

// document is the guide to admission.
func document(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.FromSlash("../../docs/admission.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// deployed are the files by which the webhook is installed.
func deployed(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, pattern := range []string{"deploy/manifests/*.yaml", "deploy/chart/templates/*"} {
		files, err := filepath.Glob(filepath.FromSlash(pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no file (%v)", pattern, err)
		}
		for _, name := range files {
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			out[name] = string(raw)
		}
	}
	return out
}
