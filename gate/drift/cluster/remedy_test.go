// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/drift"
)

// statuses is a judge by repository.
type statuses map[string]drift.Status

func (s statuses) Judge(_ context.Context, ref, _ string) drift.Judgement {
	name, _, _ := strings.Cut(ref, "@")
	j := drift.Judgement{Status: s[name[strings.LastIndexByte(name, '/')+1:]], Decision: gate.Decision{ID: "sha256:" + ref, Verdict: gate.Refused}}
	switch j.Status {
	case drift.Verified:
		j.Decision.Verdict = gate.Allowed
	case drift.Undecided:
		j.Decision.Verdict = gate.Undecided
	default:
	}
	return j
}

func (statuses) Holds(context.Context, string, attest.Digest) (bool, error) { return false, nil }

// Whatever the action, it is planned for what the policy refuses and for nothing that is verified or not known; each object once, by its uid.
func TestPlan(t *testing.T) {
	t.Parallel()
	s, c := newServer(t)
	c.opt.Environment = "prod"
	s.put(namespacesPath, "", "shop", map[string]any{})
	s.put(setsPath, "shop", "bad-1", map[string]any{"metadata": made("Deployment", "bad", "uid-of-bad")})
	for i, name := range []string{"a", "b"} { // a: unattested; b: undecided
		for n := range 2 {
			s.put(podsPath, "shop", fmt.Sprint(name, n), simple(made("ReplicaSet", name+"-1", "uid-shop-"+[]string{"bad-1", "open"}[i]), image(name), image(name)))
		}
	}
	s.put(podsPath, "shop", "fine", simple(nil, image("c"), image("c")))
	s.put(podsPath, "shop", "patched", simple(made("DaemonSet", "agent", "uid-of-agent"), image("a"), image("c")))
	l, err := c.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := drift.Compare(t.Context(), drift.Input{Running: l.Running, At: time.Unix(1, 0), Objects: []drift.Object{{Running: place("prod", "shop", "Deployment/bad"), Status: drift.SpecChanged}}},
		statuses{"a": drift.Unattested, "b": drift.Undecided, "c": drift.Verified})
	if err != nil {
		t.Fatal(err)
	}
	for action, want := range map[Action][]string{
		Restart:     {"DaemonSet/agent uid-of-agent true", "Deployment/bad uid-of-bad true"},
		ScaleToZero: {"DaemonSet/agent uid-of-agent false", "Deployment/bad uid-of-bad true"},
		Evict:       {"Pod/a0 uid-shop-a0 true", "Pod/a1 uid-shop-a1 true", "Pod/patched uid-shop-patched true"},
	} {
		var got []string
		for _, x := range Plan(r, l, action) {
			got = append(got, fmt.Sprint(x.Target, " ", x.UID, " ", x.Cannot == ""))
			if len(x.Why) == 0 || len(x.Decisions) == 0 || x.Namespace != "shop" {
				t.Errorf("%s: %+v", action, x)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: found %q, expected %q", action, got, want)
		}
	}
	if len(s.writes) > 0 {
		t.Errorf("planning wrote %q", s.writes)
	}
}

// Each step is one request to the very object that was listed, and an event, also where it fails.
func TestDo(t *testing.T) {
	t.Parallel()
	s, c := newServer(t)
	at := time.Date(2026, 11, 22, 1, 2, 3, 0, time.UTC)
	step := func(action Action, apiVersion, kind string) Step {
		return Step{Action: action, Namespace: "shop", Target: kind + "/x", UID: "u-1", Why: []string{"unattested image"}, apiVersion: apiVersion, kind: kind, name: "x"}
	}
	for _, x := range []struct {
		step        Step
		path        string
		contains    string
		fails, does bool
	}{
		{step(Restart, "apps/v1", "Deployment"), "PATCH /apis/apps/v1/namespaces/shop/deployments/x ", `"sealock.dev/restarted-at":"2026-11-22T01:02:03Z"`, false, true},
		{step(ScaleToZero, "apps/v1", "StatefulSet"), "PATCH /apis/apps/v1/namespaces/shop/statefulsets/x/scale ", `"spec":{"replicas":0}`, false, true},
		{step(Evict, "v1", "Pod"), "POST /api/v1/namespaces/shop/pods/x/eviction ", `"preconditions":{"uid":"u-1"}`, false, true},
		{step(Evict, "v1", "Pod"), "POST /api/v1/namespaces/shop/pods/x/eviction ", "", true, true},
		{Step{Action: Restart, Cannot: "it is no workload", UID: "u"}, "", "", true, false},
		{Step{Action: Evict, kind: "Pod", name: "x"}, "", "", true, false},
	} {
		s.writes, s.forbid = nil, map[string]bool{"/api/v1/namespaces/shop/pods/x/eviction": x.fails}
		err := c.Do(t.Context(), x.step, at)
		if (err != nil) != x.fails {
			t.Errorf("%+v: %v", x.step, err)
		}
		switch {
		case !x.does && len(s.writes) > 0:
			t.Errorf("%+v wrote %q", x.step, s.writes)
		case !x.does:
		case len(s.writes) != 2 || !strings.HasPrefix(s.writes[0], x.path) || !strings.Contains(s.writes[0], `"uid":"u-1"`) || !strings.Contains(s.writes[0], x.contains):
			t.Errorf("%+v wrote %q", x.step, s.writes)
		case !strings.HasPrefix(s.writes[1], "POST /api/v1/namespaces/shop/events ") || strings.Contains(s.writes[1], "it failed") != x.fails || !strings.Contains(s.writes[1], `"uid":"u-1"`):
			t.Errorf("%+v left the event %q", x.step, s.writes[1])
		}
	}
}

// counting is a judge that counts how often each image is judged.
type counting struct {
	asked chan string
}

func (c counting) Judge(_ context.Context, ref, environment string) drift.Judgement {
	c.asked <- ref + " " + environment
	return drift.Judgement{Status: drift.Verified, Decision: gate.Decision{Verdict: gate.Allowed}}
}

func (counting) Holds(context.Context, string, attest.Digest) (bool, error) { return false, nil }

func thousand(s *apiServer) {
	s.put(namespacesPath, "", "shop", map[string]any{"metadata": map[string]any{"labels": map[string]any{DefaultLabel: "prod"}}})
	for i := range 1000 {
		of := fmt.Sprintf("registry.acme.io/shop/app-%d@%s", i%200, digest(fmt.Sprintf("%x", i%200%16)))
		s.put(podsPath, "shop", fmt.Sprint("p", i), simple(nil, of, of))
	}
}

// A thousand pods over 200 images: each image is judged once.
func TestThousandPods(t *testing.T) {
	t.Parallel()
	s, c := newServer(t)
	thousand(s)
	judge := counting{make(chan string, 2000)}
	l, err := c.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r, err := drift.Compare(t.Context(), drift.Input{Running: l.Running, At: time.Unix(1, 0)}, judge)
	close(judge.asked)
	times := map[string]int{}
	for key := range judge.asked {
		times[key]++
	}
	if err != nil || len(l.Running) != 1000 || r.Judged != 200 || len(times) != 200 {
		t.Errorf("%d run, %d judged, %d asked, %v", len(l.Running), r.Judged, len(times), err)
	}
	for key, n := range times {
		if n != 1 {
			t.Errorf("%s was judged %d times", key, n)
		}
	}
}

// BenchmarkThousandPods lists and compares a thousand pods over 200 images, without judging any.
func BenchmarkThousandPods(b *testing.B) {
	s, c := newServer(b)
	thousand(s)
	for b.Loop() {
		l, err := c.List(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		judge := counting{make(chan string, 200)}
		if r, err := drift.Compare(b.Context(), drift.Input{Running: l.Running, At: time.Unix(1, 0)}, judge); err != nil || r.Judged != 200 {
			b.Fatal(r.Judged, err)
		}
	}
}
