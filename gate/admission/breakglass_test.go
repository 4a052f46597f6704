// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
)

// glass is a break-glass statement about an image, as it is written into the annotation.
func (w *world) glass(by string, i Image, change ...func(*predicate.SVR)) string {
	w.t.Helper()
	v := predicate.SVR{Verifier: predicate.SVRVerifier{ID: predicate.VerifierID, Policies: []predicate.VSAPolicy{{URI: "policy", Digest: attest.DigestSet{}, Name: "shop"}}},
		TimeCreated: predicate.Time(w.now()), Properties: []string{gate.BreakGlassProperty + "prod"}, Reason: "outage", Expires: predicate.Time(w.now().Add(2 * time.Hour))}
	for _, c := range change {
		c(&v)
	}
	st, err := attest.EncodeStatement(predicate.TypeSVR, v, attest.Subject{Name: i.Repository, Digest: attest.DigestSet{"sha256": i.Digest.Hex}})
	if err != nil {
		w.t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(testKeys()[by].Sign(w.t, st))
}

func annotated(text string, images ...string) obj {
	p := pod(images...)
	p["metadata"] = obj{"name": "web", "annotations": obj{AnnotationBreakGlass: text}}
	return p
}

func TestBreakGlass(t *testing.T) {
	w := newWorld(t)
	bad, other := w.image("bad", "none"), w.image("other", "none")
	text := w.glass("alice", bad)
	r := w.allowed(asks{object: annotated(text, bad.Ref())})
	if !strings.Contains(strings.Join(r.Warnings, "\n"), "glass broken for "+bad.Ref()+" by alice") || !strings.Contains(r.AuditAnnotations["break-glass"], "by alice") || r.AuditAnnotations["verdict"] != "allowed" {
		t.Errorf("%+v", r)
	}
	if !strings.Contains(w.metrics(), `sealock_admission_break_glass_total{environment="prod"} 1`) || !strings.Contains(w.log.String(), `"level":"WARN","msg":"review"`) {
		t.Errorf("%s\n%s", w.metrics(), w.log)
	}
	in := func(meta string) obj { // in the template of a deployment, or on the deployment itself
		d := within(GroupKind{Group: "apps", Kind: "Deployment"}, pod(bad.Ref())["spec"])
		m := obj{"annotations": obj{AnnotationBreakGlass: text}}
		if meta == "template" {
			d["spec"].(obj)["template"].(obj)["metadata"] = m
		} else {
			d["metadata"] = m
		}
		return d
	}
	w.allowed(asks{group: "apps", kind: "Deployment", object: in("template")})
	w.allowed(asks{group: "apps", kind: "Deployment", object: in("object")})
	w.denied(asks{object: annotated(text, bad.Ref(), other.Ref())}, "spec.containers[1]")
	w.allowed(asks{object: annotated(text+","+w.glass("alice", other), bad.Ref(), other.Ref())})
	w.denied(asks{object: annotated(text, other.Ref())}, "STAGE_MISSING")
	w.down.Store(true)
	unseen := w.image("unseen", "none")
	w.allowed(asks{object: annotated(w.glass("alice", unseen), unseen.Ref())}) // what could not be found out, too
	w.down.Store(false)
	w.denied(asks{object: annotated(text, repo+":v1")}, CodeNotByDigest) // nothing is bound to a tag
	w.denied(asks{ns: "shop-dev", object: annotated(text, bad.Ref())})   // another environment, which has no breakGlass
	w.clock.Add(3 * 3600)
	w.denied(asks{object: annotated(text, bad.Ref())}, "STAGE_MISSING")
}

// Nothing unsigned, nothing by others, nothing for something else breaks the glass.
func TestBreakGlassThatDoesNotCount(t *testing.T) {
	w := newWorld(t)
	bad := w.image("bad", "none")
	edit := func(change func(*predicate.SVR)) string { return w.glass("alice", bad, change) }
	sound, err := base64.StdEncoding.DecodeString(w.glass("alice", bad))
	if err != nil {
		t.Fatal(err)
	}
	refused := map[string]string{
		"bob": w.glass("bob", bad), "builder": w.glass("build-job", bad), "stranger": w.glass("stranger", bad), "word": "true", "empty": "", "commas": ",,,", "json": "{}", "base64 of nothing": base64.StdEncoding.EncodeToString([]byte("{}")),
		"environment":   edit(func(v *predicate.SVR) { v.Properties = []string{gate.BreakGlassProperty + "dev"} }),
		"approval":      edit(func(v *predicate.SVR) { v.Properties = []string{predicate.ApproveProperty + "prod"} }),
		"no property":   edit(func(v *predicate.SVR) { v.Properties = nil }),
		"verifier":      edit(func(v *predicate.SVR) { v.Verifier.ID = "https://example.com" }),
		"policy":        edit(func(v *predicate.SVR) { v.Verifier.Policies[0].Name = "other" }),
		"no policy":     edit(func(v *predicate.SVR) { v.Verifier.Policies = nil }),
		"no reason":     edit(func(v *predicate.SVR) { v.Reason = " " }),
		"expired":       edit(func(v *predicate.SVR) { v.Expires = predicate.Time(testTime.Add(-time.Minute)) }),
		"never expires": edit(func(v *predicate.SVR) { v.Expires = "" }),
		"no time":       edit(func(v *predicate.SVR) { v.TimeCreated = "yesterday" }),
		"future":        edit(func(v *predicate.SVR) { v.TimeCreated = predicate.Time(testTime.Add(time.Hour)) }),
		"older than policy": edit(func(v *predicate.SVR) {
			v.TimeCreated, v.Expires = predicate.Time(testTime.Add(-5*time.Hour)), predicate.Time(testTime.Add(24*time.Hour))
		}),
		"too many": strings.Repeat(base64.StdEncoding.EncodeToString([]byte("x"))+",", 1), "too long": strings.Repeat("A", maxBreakGlass+1),
	}
	for name, text := range refused {
		if r := w.denied(asks{object: annotated(text, bad.Ref())}, "STAGE_MISSING"); r.AuditAnnotations["break-glass"] != "" {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if strings.Contains(w.metrics(), "break_glass_total{") {
		t.Error(w.metrics())
	}
	for at := range sound { // any byte of it
		if at%7 == 0 {
			if r := w.ask(asks{object: annotated(base64.StdEncoding.EncodeToString(attesttest.Flip(sound, at)), bad.Ref())}); r.Allowed && !sameStatement(sound, attesttest.Flip(sound, at), t) {
				t.Errorf("byte %d: let in", at)
			}
		}
	}
	wrong := attest.Subject{Name: repo, Digest: attest.DigestSet{"sha256": bad.Digest.Hex}} // of another type: a scan by alice
	st, err := attest.EncodeStatement(predicate.TypeVulns, attesttest.Vulns(testTime), wrong)
	if err != nil {
		t.Fatal(err)
	}
	w.denied(asks{object: annotated(base64.StdEncoding.EncodeToString(testKeys()["alice"].Sign(t, st)), bad.Ref())})
}

// sameStatement reports whether a change left what was signed and the signature alone: a hint is not signed.
func sameStatement(a, b []byte, t *testing.T) bool {
	t.Helper()
	var x, y struct {
		Envelope struct {
			Payload    []byte `json:"payload"`
			Signatures []struct {
				Sig []byte `json:"sig"`
			} `json:"signatures"`
		} `json:"dsseEnvelope"`
	}
	if attest.DecodeJSON(a, &x) != nil || attest.DecodeJSON(b, &y) != nil || len(y.Envelope.Signatures) != 1 {
		return false
	}
	return string(x.Envelope.Payload) == string(y.Envelope.Payload) && string(x.Envelope.Signatures[0].Sig) == string(y.Envelope.Signatures[0].Sig)
}

// What the policy takes back stays out, whatever was signed.
func TestBreakGlassDoesNotOutweighRevocation(t *testing.T) {
	w := newWorld(t)
	bad := w.image("bad", "none")
	for name, r := range map[string]gate.Revocation{"artifact": {Subject: bad.Digest.String(), Reason: "x"}, "signer": {Identity: "alice", Reason: "x"}} {
		p, err := parsePolicy(t, testPolicy)
		if err != nil {
			t.Fatal(err)
		}
		p.Revoked = []gate.Revocation{r}
		w.load = func() (*gate.Policy, error) { return p, nil }
		if err := w.server.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := w.ask(asks{object: annotated(w.glass("alice", bad), bad.Ref())}); got.Allowed {
			t.Errorf("%s: let in", name)
		}
	}
}
