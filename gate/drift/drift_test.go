// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report/sarif"
)

// answers is a judge that knows its answers, by "ref environment", and counts what it is asked.
type answers struct {
	mu     sync.Mutex
	by     map[string]Judgement
	inside map[string]error // "index platform": nil where the index holds it
	asked  map[string]int
}

func (a *answers) Judge(_ context.Context, ref, environment string) Judgement {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.asked == nil {
		a.asked = map[string]int{}
	}
	key := ref + " " + environment
	a.asked[key]++
	j, known := a.by[key]
	if !known {
		return Judgement{Status: Unattested, Decision: gate.Decision{Reasons: []gate.Reason{{Code: gate.CodeStageMissing}}}}
	}
	return j
}

func (a *answers) Holds(_ context.Context, ref string, platform attest.Digest) (bool, error) {
	err, known := a.inside[ref+" "+platform.String()]
	return known && err == nil, err
}

func dig(s string) string { return attest.SHA256([]byte(s)).String() }

func in(status Status, v gate.Verdict) Judgement {
	return Judgement{Status: status, Decision: gate.Decision{Verdict: v}}
}

func compare(t *testing.T, judge Judge, running ...Running) Report {
	t.Helper()
	r, err := Compare(t.Context(), Input{Running: running, At: time.Unix(1, 0)}, judge)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCompare(t *testing.T) {
	t.Parallel()
	const repo = "registry.acme.io/shop/auth"
	good, bad := repo+"@"+dig("good"), repo+"@"+dig("bad")
	index, child := repo+"@"+dig("index"), repo+"@"+dig("child")
	judge := &answers{by: map[string]Judgement{
		"oci://" + good + " prod":                                in(Verified, gate.Allowed),
		"oci://" + index + " prod":                               in(Verified, gate.Allowed),
		"oci://" + repo + "@" + dig("lies") + " prod":            in(Verified, gate.Refused),
		"oci://" + repo + "@" + dig("nothing") + " prod":         {},
		"oci://docker.io/library/nginx@" + dig("good") + " prod": in(Verified, gate.Allowed),
	}, inside: map[string]error{"oci://" + index + " " + dig("child"): nil, "oci://" + index + " " + dig("open"): errors.New("registry down")}}
	for name, c := range map[string]struct {
		env, image, id string
		want           Status
		code           string
	}{
		"as it should be":               {"prod", good, good, Verified, ""},
		"by tag, what runs counts":      {"prod", repo + ":v1", good, Verified, ""},
		"by tag, what runs is not good": {"prod", repo + ":v1", bad, Unattested, gate.CodeStageMissing},
		"runtime says how it pulled":    {"prod", good, "docker-pullable://" + good, Verified, ""},
		"docker's short names":          {"prod", "nginx:1", "docker.io/library/nginx@" + dig("good"), Verified, ""},
		"pulled by another name":        {"prod", good, "mirror.acme.io/x@" + dig("good"), Verified, ""},
		"patched in place":              {"prod", bad, good, SpecDiffers, CodeSpecDiffers},
		"patched, and not attested":     {"prod", good, bad, Unattested, CodeSpecDiffers},
		"a platform of the index":       {"prod", index, child, Verified, ""},
		"index can't be read":           {"prod", index, repo + "@" + dig("open"), Undecided, CodeSpecDiffers},
		"another environment":           {"dev", good, good, Unattested, gate.CodeStageMissing},
		"no environment":                {"", good, good, Undecided, CodeNoEnvironment},
		"only an id":                    {"prod", good, dig("good"), Undecided, CodeNoDigest},
		"docker's id":                   {"prod", good, "docker://" + dig("good"), Undecided, CodeNoDigest},
		"no id":                         {"prod", good, "", Undecided, CodeNoDigest},
		"weak digest":                   {"prod", good, repo + "@md5:00", Undecided, CodeImageName},
		"spec unreadable":               {"prod", "A B", good, Undecided, CodeImageName},
		"spec's digest unreadable":      {"prod", repo + "@sha256:00", good, Undecided, CodeImageName},
		"too long":                      {"prod", good, strings.Repeat("a", 2000) + "@" + dig("good"), Undecided, CodeImageName},
		"a judge that lies":             {"prod", repo, repo + "@" + dig("lies"), Undecided, ""},
		"a judge that says nothing":     {"prod", repo, repo + "@" + dig("nothing"), Undecided, ""},
	} {
		r := compare(t, judge, Running{Environment: c.env, Image: c.image, ImageID: c.id})
		x := r.Results[0]
		if x.Status != c.want || r.Verdict != c.want.verdict() {
			t.Errorf("%s: %s (%s), expected %s", name, x.Status, r.Verdict, c.want)
		}
		if c.code != "" && !slices.ContainsFunc(x.Reasons, func(r gate.Reason) bool { return r.Code == c.code }) {
			t.Errorf("%s: no reason %s in %+v", name, c.code, x.Reasons)
		}
	}
}

func TestClassify(t *testing.T) {
	t.Parallel()
	reason := func(code, rule string) []gate.Reason { return []gate.Reason{{Code: code, Rule: rule}} }
	yes, no := func(gate.Reason) bool { return true }, func(gate.Reason) bool { return false }
	for name, c := range map[string]struct {
		f     facts
		want  Status
		cause Cause
	}{
		"allowed":             {facts{verdict: gate.Allowed}, Verified, ""},
		"undecided":           {facts{verdict: gate.Undecided, promoted: true}, Undecided, ""},
		"nothing":             {facts{asked: true}, Unattested, ""},
		"attested":            {facts{asked: true, attested: true}, NotPromoted, ""},
		"elsewhere":           {facts{asked: true, attested: true, elsewhere: true}, WrongEnvironment, ""},
		"promoted, lost":      {facts{asked: true, promoted: true, reasons: reason(gate.CodeStageMissing, "")}, RefusedNow, EvidenceLost},
		"stricter policy":     {facts{asked: true, promoted: true, newPolicy: true, reasons: reason(gate.CodeStageMissing, "")}, RefusedNow, PolicyChanged},
		"stricter rule":       {facts{asked: true, promoted: true, newPolicy: true, reasons: reason("VULNERABILITY", "vulnerabilities")}, RefusedNow, PolicyChanged},
		"new vulnerability":   {facts{asked: true, promoted: true, newPolicy: true, newer: yes, reasons: reason("VULNERABILITY", "vulnerabilities")}, RefusedNow, NewVulnerability},
		"new finding":         {facts{asked: true, promoted: true, newer: yes, reasons: reason("SECRET", "secrets")}, RefusedNow, NewFinding},
		"waiver over":         {facts{asked: true, promoted: true, newer: yes, onceExcused: yes, reasons: reason("VULNERABILITY", "vulnerabilities")}, RefusedNow, WaiverExpired},
		"grace over":          {facts{asked: true, promoted: true, reasons: reason("VULNERABILITY", "vulnerabilities")}, RefusedNow, TooOld},
		"revoked":             {facts{asked: true, promoted: true, newPolicy: true, reasons: reason(gate.CodeRevoked, "")}, RefusedNow, Revoked},
		"scan too old":        {facts{asked: true, promoted: true, newPolicy: true, reasons: reason(gate.CodeStageTooOld, "")}, RefusedNow, TooOld},
		"not even asked":      {facts{newPolicy: true, reasons: reason(gate.CodeUnknownEnvironment, "")}, RefusedNow, PolicyChanged},
		"undecided elsewhere": {facts{verdict: gate.Undecided, asked: true, elsewhere: true}, Undecided, ""},
	} {
		if c.f.newer == nil {
			c.f.newer = no
		}
		if c.f.onceExcused == nil {
			c.f.onceExcused = no
		}
		status, causes := classify(c.f)
		if status != c.want || c.cause == "" != (len(causes) == 0) || c.cause != "" && !slices.Equal(causes, []Cause{c.cause}) {
			t.Errorf("%s: %s %v, expected %s %s", name, status, causes, c.want, c.cause)
		}
	}
}

// A verified image never hides another: whatever runs beside it, each stands in the report with its own status, the verdict is that of the worst, the order
// of the input does not matter, and each image is judged once for its environment.
func TestProperty_NothingIsHidden(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	all := Statuses()
	for range 300 {
		judge := &answers{by: map[string]Judgement{}}
		var running []Running
		want := map[Running]Status{}
		for range 1 + random.IntN(40) {
			n := random.IntN(8)
			env := []string{"dev", "prod"}[random.IntN(2)]
			image := fmt.Sprintf("registry.acme.io/a%d@%s", n, dig(fmt.Sprint(n)))
			status := all[(n+len(env))%len(all)]
			if status == SpecDiffers {
				status = Verified
			}
			judge.by["oci://"+image+" "+env] = in(status, status.verdict())
			r := Running{Environment: env, Namespace: fmt.Sprint("n", random.IntN(3)), Workload: fmt.Sprint("Deployment/d", random.IntN(3)), Kind: KindContainer, Container: "c", Image: image, ImageID: image}
			running = append(running, r)
			want[r] = status
		}
		r := compare(t, judge, running...)
		total, worst := 0, gate.Allowed
		for _, x := range r.Results {
			if x.Status != want[x.Running] {
				t.Fatalf("%+v is %s, expected %s", x.Running, x.Status, want[x.Running])
			}
			delete(want, x.Running)
			total += x.Count
			if v := x.Status.verdict(); v == gate.Undecided || v == gate.Refused && worst == gate.Allowed {
				worst = v
			}
		}
		if len(want) > 0 || total != len(running) || r.Verdict != worst {
			t.Fatalf("%d are missing, %d of %d counted, verdict %s, expected %s", len(want), total, len(running), r.Verdict, worst)
		}
		for key, n := range judge.asked {
			if n != 1 {
				t.Fatalf("%s was judged %d times", key, n)
			}
		}
		random.Shuffle(len(running), func(i, j int) { running[i], running[j] = running[j], running[i] })
		a, errA := attest.EncodeJSON(r)
		b, errB := attest.EncodeJSON(compare(t, judge, running...))
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Fatalf("the order of the input changes the report: %v %v\n%s\n%s", errA, errB, a, b)
		}
	}
}

// What runs where nobody looks is not in order.
func TestNothingLookedAtIsUndecided(t *testing.T) {
	t.Parallel()
	r, err := Compare(t.Context(), Input{Excluded: []gate.Skip{{What: "namespace a", Why: "no label"}}}, &answers{})
	if err != nil || r.Verdict != gate.Undecided {
		t.Errorf("found %s, %v", r.Verdict, err)
	}
	if r, err = Compare(t.Context(), Input{}, &answers{}); err != nil || r.Verdict != gate.Allowed {
		t.Errorf("an empty cluster: found %s, %v", r.Verdict, err)
	}
}

func TestParseList(t *testing.T) {
	t.Parallel()
	image := "registry.acme.io/a@" + dig("a")
	for text, want := range map[string][]Running{
		"prod " + image + "\n":                             {{Environment: "prod", Image: image, ImageID: image}},
		"# what runs\n\ndev " + image + " Deployment/a#x":  {{Environment: "dev", Image: image, ImageID: image, Workload: "Deployment/a"}},
		`[{"image": "a:v1", "imageID": "` + image + `"}]`:  {{Environment: "fallback", Image: "a:v1", ImageID: image}},
		`[{"environment": "x", "image": "` + image + `"}]`: {{Environment: "x", Image: image, ImageID: image}},
	} {
		if got, err := ParseList([]byte(text), "fallback"); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "# nothing", "[]", "prod", "prod registry.acme.io/a:v1", "prod a@sha256:00", "prod " + image + " a b", `[{"image": ""}]`, `{"a": 1}`, "[", `[{"image": 1}]`} {
		if got, err := ParseList([]byte(text), "fallback"); err == nil {
			t.Errorf("%q: accepted as %+v", text, got)
		}
	}
	if _, err := ParseList([]byte(`[{"image": "`+image+`"}]`), ""); err == nil {
		t.Error("an entry without an environment is accepted")
	}
}

func FuzzParseList(f *testing.F) {
	f.Add("prod registry.acme.io/a@" + dig("a") + " Deployment/x")
	f.Add(`[{"environment": "x", "image": "a"}]`)
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ParseList([]byte(text), "prod")
		if err == nil && len(list) == 0 {
			t.Fatal("nothing was read, and that is no error")
		}
		r, err := Compare(t.Context(), Input{Running: list}, &answers{})
		if err != nil || len(list) > 0 && r.Verdict == gate.Allowed {
			t.Fatalf("nothing vouches for anything, and the verdict is %s, %v", r.Verdict, err)
		}
	})
}

func TestRender(t *testing.T) {
	t.Parallel()
	image := "registry.acme.io/a@" + dig("a")
	evil := Running{Environment: "prod", Namespace: "shop", Workload: "Pod/a\x1b[2J", Kind: KindInit, Container: "c", Image: image, ImageID: image}
	fine := Running{Environment: "dev", Workload: "Deployment/fine", Image: image, ImageID: image}
	judge := &answers{by: map[string]Judgement{"oci://" + image + " dev": in(Verified, gate.Allowed),
		"oci://" + image + " prod": {Status: RefusedNow, Causes: []Cause{Revoked}, Decision: gate.Decision{Reasons: []gate.Reason{{Code: gate.CodeRevoked, Message: "gone\nx", Expected: "a", Fix: "rm SUBJECT"}}}}}}
	r := compare(t, judge, evil, fine)
	var b strings.Builder
	if err := Write(&b, "text", r, false); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{"STATUS", "refused-now", `shop/Pod/a\u{1b}[2J (init c)`, "refused-now, revoked", `gone\u{a}x`, "fix: rm oci://" + image, "DRIFT: 1 refused-now, 1 verified"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "Deployment/fine") || strings.Contains(text, "\x1b") {
		t.Errorf("found\n%s", text)
	}
	b.Reset()
	if err := Write(&b, "text", r, true); err != nil || !strings.Contains(b.String(), "Deployment/fine") {
		t.Errorf("%v\n%s", err, b.String())
	}
	b.Reset()
	if err := Write(&b, "sarif", r, false); err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(strings.NewReader(b.String()))
	d.DisallowUnknownFields()
	var log sarif.Log
	if err := d.Decode(&log); err != nil || len(log.Runs) != 1 || len(log.Runs[0].Results) != 1 {
		t.Fatalf("%v\n%s", err, b.String())
	}
	if x := log.Runs[0].Results[0]; x.RuleID != "drift/refused-now" || log.Runs[0].Tool.Driver.Rules[x.RuleIndex].ID != x.RuleID || len(x.Fingerprints) != 1 {
		t.Errorf("found %+v", x)
	}
	b.Reset()
	if err := Write(&b, "json", r, false); err != nil || !json.Valid([]byte(b.String())) || !strings.Contains(b.String(), `"verdict":"refused"`) {
		t.Errorf("%v\n%s", err, b.String())
	}
	if err := Write(&b, "yaml", r, false); err == nil {
		t.Error("an unknown format is written")
	}
}

// Objects stand beside images, with verdicts of their own; manifests that nobody vouches for are never in order, whatever else is.
func TestObjectsAndManifests(t *testing.T) {
	t.Parallel()
	image := "registry.acme.io/a@" + dig("a")
	judge := &answers{by: map[string]Judgement{"oci://" + image + " prod": in(Verified, gate.Allowed)}}
	object := func(status Status, reasons ...gate.Reason) Object {
		return Object{Running: Running{Environment: "prod", Namespace: "shop", Workload: "Deployment/a", Kind: KindObject}, File: "deploy/a.yaml", Status: status, Reasons: reasons}
	}
	run := func(verdict gate.Verdict, objects ...Object) Report {
		t.Helper()
		m := &Manifests{Subject: attest.Subject{Name: "git:HEAD", Digest: attest.DigestSet{"sha256": strings.Repeat("a", 64)}}, Path: "deploy", Stage: "source", Verdict: verdict, Skipped: []gate.Skip{{What: "file x", Why: "it is none"}}}
		if verdict != gate.Allowed {
			m.Reasons = []gate.Reason{{Code: gate.CodeStageMissing, Message: "no receipt"}}
		}
		r, err := Compare(t.Context(), Input{Running: []Running{{Environment: "prod", Image: image, ImageID: image}}, At: time.Unix(1, 0), Manifests: m, Objects: objects}, judge)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, c := range []struct {
		manifests gate.Verdict
		status    Status
		want      gate.Verdict
	}{
		{gate.Allowed, Verified, gate.Allowed}, {gate.Allowed, SpecChanged, gate.Refused}, {gate.Allowed, NotInManifests, gate.Refused}, {gate.Allowed, Undecided, gate.Undecided},
		{gate.Refused, Verified, gate.Refused}, {gate.Undecided, Verified, gate.Undecided}, {gate.Undecided, SpecChanged, gate.Undecided}, {gate.Allowed, "", gate.Refused},
	} {
		if r := run(c.manifests, object(c.status)); r.Verdict != c.want {
			t.Errorf("%s manifests, %s: %s, expected %s", c.manifests, c.status, r.Verdict, c.want)
		}
	}
	changed := gate.Reason{Code: CodeSpecChanged, Message: "spec.replicas is not as attested", Expected: "2", Found: "3"}
	r := run(gate.Allowed, object(SpecChanged, changed))
	var b strings.Builder
	if err := Write(&b, "text", r, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"spec-changed  prod         shop/Deployment/a", "shop/Deployment/a", "expected 2; found 3", "manifests: git:HEAD, deploy (", "attested by stage source", "not compared: file x: it is none", "1 spec-changed, 1 verified"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	b.Reset()
	if err := Write(&b, "text", run(gate.Refused), false); err != nil || !strings.Contains(b.String(), "git:HEAD, deploy: refused, so no object was held against them\n  x STAGE_MISSING") {
		t.Errorf("%v\n%s", err, b.String())
	}
	for _, format := range []string{"json", "sarif"} {
		b.Reset()
		if err := Write(&b, format, r, false); err != nil || !strings.Contains(b.String(), "spec-changed") || !json.Valid([]byte(b.String())) {
			t.Errorf("%v\n%s", err, b.String())
		}
	}
	// Another field of the same object is news, though its status and its code are as before.
	again := changed
	again.Message = "spec.paused is not as attested"
	if c := Changes(r, run(gate.Allowed, object(SpecChanged, again))); len(c) != 1 || c[0].Is != SpecChanged {
		t.Errorf("found %+v", c)
	}
	if c := Changes(r, run(gate.Allowed, object(SpecChanged, changed))); len(c) != 0 {
		t.Errorf("found %+v", c)
	}
	b.Reset()
	if err := WriteChanges(&b, "text", Changes(Report{}, r)); err != nil || !strings.Contains(b.String(), "gone -> spec-changed  prod  shop/Deployment/a  deploy/a.yaml  SPEC_CHANGED: spec.replicas is not as attested") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

// What may be put right is what the policy refuses, or the spec does not name; never what is not known.
func TestRemediable(t *testing.T) {
	t.Parallel()
	for status, want := range map[Status]bool{Undecided: false, Unattested: true, NotPromoted: true, WrongEnvironment: true, RefusedNow: true, SpecDiffers: true, NotInManifests: false, SpecChanged: false, Verified: false, Gone: false, "": false} {
		if status.Remediable() != want {
			t.Errorf("%s: %v", status, !want)
		}
	}
}

// Every format gives the verdict of the report, and says what drifted and where.
func TestFormats(t *testing.T) {
	t.Parallel()
	r := Report{Schema: Schema, At: "2026-11-22T12:00:00Z", Verdict: gate.Refused, Policy: gate.PolicyRef{Name: "shop", Version: 3}, Summary: map[Status]int{Unattested: 1, Verified: 1}, Results: []Result{
		{Running: Running{Environment: "prod", Namespace: "shop", Workload: "Pod/planted", Container: "c", Image: "quay.io/a/b"}, Status: Unattested, Reasons: []gate.Reason{{Code: "STAGE_MISSING", Message: "no receipt of build"}}},
		{Running: Running{Environment: "prod", Namespace: "shop", Workload: "Pod/good", Container: "c", Image: "quay.io/a/c"}, Status: Verified, Reasons: []gate.Reason{}}}}
	for _, format := range []string{"text", "json", "sarif", "junit", "markdown", "github", "codequality", "html"} {
		var b strings.Builder
		if err := Write(&b, format, r, false); err != nil {
			t.Errorf("%s: %v", format, err)
		}
		if !strings.Contains(b.String(), "STAGE_MISSING") || !strings.Contains(b.String(), "Pod/planted") {
			t.Errorf("%s does not say what drifted:\n%s", format, b.String()[:min(2000, b.Len())])
		}
	}
}
