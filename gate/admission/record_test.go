// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"encoding/base64"
	"path/filepath"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/audit"
	"github.com/sealock-dev/sealock/gate/audit/sqlite"
)

// recording is a webhook with a ledger. flush writes what waits.
func recording(t *testing.T) (w *world, ledger *sqlite.DB, flush func() []audit.Entry) {
	t.Helper()
	ledger, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ledger.Close() })
	w = newWorld(t, func(o *Options) {
		o.Recorder = &audit.Recorder{Ledger: ledger, Now: o.Now, Actor: audit.Actor{Via: "serve"}, TrustRoot: func(*gate.Policy) ([]byte, error) { return nil, nil }}
	})
	return w, ledger, func() []audit.Entry {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		w.server.RunRecords(ctx)
		var all []audit.Entry
		for line, err := range ledger.Lines(t.Context(), audit.Query{}) {
			if err != nil {
				t.Fatal(err)
			}
			e, err := audit.DecodeEntry(line.Raw)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, e)
		}
		return all
	}
}

// A refusal that needs no request is on record, once for its time; a tag is none about an artifact.
func TestRefusalsAreRecorded(t *testing.T) {
	w, ledger, flush := recording(t)
	for range 3 {
		w.denied(asks{object: pod("other.example.com/x@" + attest.SHA256([]byte("x")).String())})
	}
	w.denied(asks{object: pod("other.example.com/x:v1")})
	all := flush()
	if len(all) != 1 || all[0].Kind != audit.KindDecision || all[0].Verdict != gate.Refused || all[0].Repository != "other.example.com/x" || all[0].Reasons[0].Code != gate.CodeRepository {
		t.Fatalf("%+v", all)
	}
	w.clock.Add(60)
	w.denied(asks{object: pod("other.example.com/x@" + attest.SHA256([]byte("x")).String())})
	if all = flush(); len(all) != 2 {
		t.Errorf("%+v", all)
	}
	if r, err := audit.Verify(t.Context(), ledger, audit.Options{}); err != nil || !r.Sound() {
		t.Errorf("%+v, %v", r, err)
	}
	for range maxUnrecorded + 5 { // nobody writes
		w.denied(asks{object: pod("other.example.com/x@" + attest.SHA256([]byte(time.Now().String())).String())})
	}
	if len(w.server.unrecorded) != maxUnrecorded {
		t.Errorf("%d wait", len(w.server.unrecorded))
	}
}

// Who breaks the glass is on record before the image comes in; where that fails it does not.
func TestBreakGlassIsRecorded(t *testing.T) {
	w, ledger, flush := recording(t)
	bad := w.image("bad", "none")
	v, err := w.policy.BreakGlassStatement(request(bad, "prod", w.now()), "INC-4711", time.Hour, attest.Identity{Key: testKeys()["alice"].ID})
	if err != nil {
		t.Fatal(err)
	}
	st, err := attest.EncodeStatement(predicate.TypeSVR, v, attest.Subject{Name: repo, Digest: attest.DigestSet{"sha256": bad.Digest.Hex}})
	if err != nil {
		t.Fatal(err)
	}
	p := pod(bad.Ref())
	p["metadata"] = obj{"name": "web", "annotations": obj{AnnotationBreakGlass: base64.StdEncoding.EncodeToString(testKeys()["alice"].Sign(t, st))}}
	w.allowed(asks{object: p})
	all := flush()
	if len(all) != 1 || all[0].Kind != audit.KindBreakGlass || all[0].Verdict != gate.Refused || all[0].Glass.By != "alice" || all[0].Glass.Reason != "INC-4711" || all[0].Environment != "prod" || all[0].Subject.Digest["sha256"] != bad.Digest.Hex {
		t.Fatalf("%+v", all)
	}
	if r, err := audit.Verify(t.Context(), ledger, audit.Options{}); err != nil || !r.Sound() {
		t.Errorf("%+v, %v", r, err)
	}
	if err := ledger.Close(); err != nil {
		t.Fatal(err)
	}
	r := w.denied(asks{object: p}, "STAGE_MISSING")
	if len(r.Warnings) == 0 {
		t.Error("nothing says why the glass is whole")
	}
}
