// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// Evidence that has a time stamp and no log entry counts for as long as the policy does without, and every decision that rests on it says so.
func TestDegradedEvidence(t *testing.T) {
	const root = "trust: {sigstore: public-good, timestamps: 1}"
	world := func(degraded string) *world {
		w := buildOnly(t)
		w.certs.unlogged["build-job"] = true
		if degraded != "" {
			w.policyText(root, "trust: {sigstore: public-good, timestamps: 1, degraded: "+degraded+"}")
		}
		return w
	}
	d := world("").built()
	wantNot(t, d, Refused, CodeUnlogged)
	if !said(d, CodeUnlogged, "a log entry", "2026-11-22T10:01:00Z") {
		t.Errorf("not told what was expected:%s", explain(d))
	}
	d = world("4h").built() // signed two hours ago
	wantAllowed(t, d)
	if n := countCode(d.Warnings, CodeDegraded); n != 3 {
		t.Errorf("%d warnings, expected one for the receipt and each of its evidence:%s", n, explain(d))
	}
	wantNot(t, world("1h").built(), Refused, CodeUnlogged)
	wantNot(t, world("1h58m").built(), Refused, CodeUnlogged)
	wantAllowed(t, world("1h59m").built())
	late := world("1h59m")
	late.at = now.Add(time.Minute)
	wantNot(t, late.built(), Refused, CodeUnlogged)
	w := world("4h")
	w.certs.source = attest.Log // no authority vouches for its age
	wantNot(t, w.built(), Refused, CodeUnlogged)
	if d := buildOnly(t).policyText(root, "trust: {sigstore: public-good, degraded: 4h}").built(); countCode(d.Warnings, CodeDegraded) != 0 {
		t.Errorf("a decision that did not need it says so:%s", explain(d))
	}
	none := world("").policyText(root, "trust: {sigstore: public-good, log: none}")
	if d := none.built(); d.Verdict != Allowed || len(d.Warnings) != 0 {
		t.Errorf("a policy without logs: %s%s", d.Verdict, explain(d))
	}
	if d := bare(t).policyText("trust: none", root).policyWithRoot(t).check(enter("dev")); d.Verdict != Allowed {
		t.Errorf("keys need no log: %s%s", d.Verdict, explain(d))
	}
}

// policyWithRoot lets a world of keys load a policy that names a trust root.
func (w *world) policyWithRoot(testing.TB) *world {
	w.certs = &issued{by: map[string]attest.Identity{}, unlogged: map[string]bool{}}
	return w
}

func countCode(rs []Reason, code string) int {
	n := 0
	for _, r := range rs {
		if r.Code == code {
			n++
		}
	}
	return n
}

// C-24: provenance by the right signer that names another builder.
func TestC24_BuilderOfAnother(t *testing.T) {
	pinned := func(id string) *world {
		return buildOnly(t).policyText("    issuer: "+githubIssuer+"\n", "    builder: \""+id+"\"\n    issuer: "+githubIssuer+"\n")
	}
	wantAllowed(t, pinned("https://example.com/builder").built())
	for _, id := range []string{"https://example.com/builder2", "https://example.com/build", "https://example.com/builder@refs/heads/main", "https://example.com/"} { // C-23 neither prefix nor suffix
		d := pinned(id).built()
		if d.Verdict != Refused || !said(d, CodeBuilderID, id, `"https://example.com/builder"`) {
			t.Errorf("%s: %s%s", id, d.Verdict, explain(d))
		}
	}
	wantNot(t, newWorld(t).policyText("{key: keys/build-job.pub}", "{key: keys/build-job.pub, builder: other}").chain().check(enter("dev")), Refused, CodeBuilderID)
	unclear := pinned("https://example.com/builder").mod("build", func(r *run) { r.evidence[0].doc = map[string]any{"runDetails": "none"} })
	unclear.items = nil
	wantNot(t, unclear.chain().built(), Refused, CodeBuilderID)
}

// G-13, Z29: builders are counted by who they are, as distinct identities of the policy.
func TestIndependentBuilders(t *testing.T) {
	world := func(second string) *world {
		w := withCertificates(newWorld(t)).policyText("evidence: [provenance, sbom]}", "evidence: [provenance, sbom], builders: {threshold: 2}}")
		source := w.record(w.sourceRun())
		w.record(w.buildRun(source))
		r := w.buildRun(source)
		r.by = []string{second}
		r.evidence[1].doc.(map[string]any)["version"] = 2
		w.record(r)
		return w
	}
	wantAllowed(t, world("build-two").built())
	wantNot(t, world("build-job").built(), Refused, CodeBuilders)
	same := world("build-two")
	same.certs.by["build-two"] = job("build.yml", "09") // another certificate of the same job
	wantNot(t, same.built(), Refused, CodeBuilders)
	people := world("build-two").policyText("  alice: [alice]", "  alice: [alice]\n  one: [build-job, build-two]")
	wantNot(t, people.built(), Refused, CodeBuilders)
	// Two subjects of one pattern are one identity of the policy.
	open := world("build-two").policyText("signedBy: [build-job, build-two]", "signedBy: [any-job, outsider]",
		"  outsider:", "  any-job: {issuer: \""+githubIssuer+"\", subjectPattern: \""+workflows+"build*"+mainBranch+"\"}\n  outsider:")
	open.certs.by["build-job"] = job("build-one.yml", "02")
	open.items = nil
	source := open.record(open.sourceRun())
	for i, by := range []string{"build-job", "build-two"} {
		r := open.buildRun(source)
		r.by = []string{by}
		r.evidence[1].doc.(map[string]any)["version"] = i + 1
		open.record(r)
	}
	wantNot(t, open.built(), Refused, CodeBuilders)
	for _, c := range []struct {
		names map[string][]string
		want  int
	}{
		{nil, 0}, {map[string][]string{"a": {"x"}, "b": {"x"}}, 1}, {map[string][]string{"a": {"x"}, "b": {"x", "y"}}, 2}, {map[string][]string{"a": {"x", "y"}, "b": {"x"}, "c": {"y"}}, 2},
		{map[string][]string{"a": {"x", "y"}, "b": {"x", "z"}, "c": {"x"}}, 3},
	} {
		in := map[string]map[string]bool{}
		for who, names := range c.names {
			in[who] = map[string]bool{}
			for _, n := range names {
				in[who][n] = true
			}
		}
		if got := pairs(in); got != c.want {
			t.Errorf("%v: %d pairs, expected %d", c.names, got, c.want)
		}
	}
}

// Thresholds count people and jobs, not signatures or certificates.
func TestThresholdsOfCertificates(t *testing.T) {
	world := func(by ...string) *world {
		return withCertificates(newWorld(t)).policyText("signedBy: [build-job, build-two]", "threshold: 2, signedBy: [build-job, build-two]").mod("build", func(r *run) { r.by = by }).chain()
	}
	wantAllowed(t, world("build-job", "build-two").built())
	wantNot(t, world("build-job", "outsider").built(), Refused, CodeThreshold)
	again := world("build-job", "build-two")
	again.certs.by["build-two"] = job("build.yml", "77")
	wantNot(t, again.built(), Refused, CodeThreshold)
	one := world("build-job", "build-two").policyText("  alice: [alice]", "  alice: [alice]\n  one: [build-job, "+workflows+"build-two.yml"+mainBranch+"]")
	wantNot(t, one.built(), Refused, CodeThreshold)
	bad := world("build-job", "build-two").claim("build-two", claimSource, "1").built()
	if !said(bad, CodeThreshold, "one does not count", claimSource) {
		t.Errorf("not told why one does not count:%s", explain(bad))
	}
}

// C-10: nobody approves twice, or what is his own.
func TestC10_ApprovalsByCertificates(t *testing.T) {
	world := func(by ...string) *world {
		w := withCertificates(newWorld(t)).chain().promote("dev", "build-job").promote("staging", "release-job")
		for _, b := range by {
			w.approve(b)
		}
		return w
	}
	wantAllowed(t, world("alice", "bob").check(enter("prod")))
	wantNot(t, world("alice").check(enter("prod")), Refused, CodeApprovalMissing)
	wantNot(t, world("alice", "alice-laptop").check(enter("prod")), Refused, CodeApprovalMissing) // one mailbox, two issuers
	wantNot(t, world("alice", "carol").check(enter("prod")), Refused, CodeSelfApproval)
	upper := world("alice", "bob")
	upper.certs.by["bob"] = attest.Identity{Issuer: mailIssuer, Subject: "Alice@ACME.io"}
	upper.policyText("subject: bob@acme.io", "subject: Alice@ACME.io")
	wantNot(t, upper.check(enter("prod")), Refused, CodeApprovalMissing)
	// notBy holds for the person and for the job, whatever its claims.
	accounts := world("alice", "bob").policyText("  alice: [alice]", "  alice: [alice]\n  carol: [carol, bob@acme.io]")
	wantNot(t, accounts.check(enter("prod")), Refused, CodeSelfApproval)
	bot := world("alice", "build-two").policyText("anyOf: [alice, alice-laptop, bob, carol]", "anyOf: [alice, bot]", "  managers:", "  bot: {issuer: \""+githubIssuer+"\", subject: \""+workflows+"build.yml"+mainBranch+"\"}\n  managers:")
	bot.certs.by["build-two"] = job("build.yml", "08")
	wantNot(t, bot.claim("build-two", "runnerEnvironment", "self-hosted").check(enter("prod")), Refused, CodeSelfApproval)
	stolen := world("alice", "bob").claim("bob", "issuer", "https://evil.example.com")
	wantNot(t, stolen.check(enter("prod")), Refused, CodeApprovalMissing)
}

// C-10: who signed a stage of the artifact does not approve it, where the policy says so.
func TestC10_AuthorsDoNotApprove(t *testing.T) {
	world := func(author string) *world {
		w := withCertificates(newWorld(t)).policyText("{stage: source, sameRun: true}", "source", "notBy: [build-job, carol]", "notBy: [\"stage:source\"]", "source: {signedBy: [source-job]", "source: {signedBy: [source-job, alice, bob, carol]").
			mod("source", func(r *run) { r.by = []string{author} }).chain().promote("dev", "build-job").promote("staging", "release-job")
		return w.approve("alice").approve("bob")
	}
	wantAllowed(t, world("source-job").check(enter("prod")))
	wantAllowed(t, world("carol").check(enter("prod")))
	wantNot(t, world("alice").check(enter("prod")), Refused, CodeSelfApproval)
	wantNot(t, world("bob").check(enter("prod")), Refused, CodeSelfApproval)
	laptop := world("alice-laptop") // the same mailbox
	wantNot(t, laptop.policyText("signedBy: [source-job, alice, bob, carol]", "signedBy: [alice-laptop]").check(enter("prod")), Refused, CodeSelfApproval)
}

// An approval for another artifact, environment or policy is none, whoever signed it.
func TestApprovalsOfCertificatesAreBound(t *testing.T) {
	world := func(change func(*predicate.SVR)) *world {
		return withCertificates(newWorld(t)).chain().promote("dev", "build-job").promote("staging", "release-job").approve("alice").approve("bob", change)
	}
	for name, change := range map[string]func(*predicate.SVR){
		"environment": func(v *predicate.SVR) { v.Properties = []string{predicate.ApproveProperty + "staging"} },
		"policy":      func(v *predicate.SVR) { v.Verifier.Policies[0].Name = "other" },
		"build":       func(v *predicate.SVR) { v.Receipt = attest.SHA256(nil).String() },
	} {
		d := world(change).check(enter("prod"))
		if d.Verdict != Refused || !contains(codes(d.Reasons), CodeApprovalScope) {
			t.Errorf("another %s: %s%s", name, d.Verdict, explain(d))
		}
	}
	w := world(func(*predicate.SVR) {})
	wantAllowed(t, w.check(enter("prod")))
	other := w.clone()
	other.image = attesttest.Artifact("shop", "another")
	if d := other.check(enter("prod")); d.Verdict != Refused {
		t.Errorf("another digest: %s", d.Verdict)
	}
}

// Same run: certificates prove it, keys only claim it.
func TestSameRunOfCertificates(t *testing.T) {
	const runs = "https://github.com/acme/shop/actions/runs/"
	gitlab := map[string]string{"runInvocationURI": "https://gitlab.com/acme/shop/-/jobs/1", "sourceRepositoryDigest": "d1", "sourceRepositoryRef": "refs/heads/main", claimSource: "4711"}
	for _, c := range []struct {
		name          string
		source, build map[string]string
		want          bool
	}{
		{"one attempt", map[string]string{"runInvocationURI": runs + "7/attempts/1"}, map[string]string{"runInvocationURI": runs + "7/attempts/1"}, true},
		{"G-15 another attempt of the run", map[string]string{"runInvocationURI": runs + "7/attempts/1"}, map[string]string{"runInvocationURI": runs + "7/attempts/2"}, true},
		{"another run", map[string]string{"runInvocationURI": runs + "7/attempts/1"}, map[string]string{"runInvocationURI": runs + "8/attempts/1"}, false},
		{"a run that begins alike", map[string]string{"runInvocationURI": runs + "7/attempts/1"}, map[string]string{"runInvocationURI": runs + "71/attempts/1"}, false},
		{"a run of another repository", map[string]string{"runInvocationURI": runs + "7/attempts/1"}, map[string]string{"runInvocationURI": "https://github.com/acme/other/actions/runs/7/attempts/1"}, false},
		{"GitLab, another job", gitlab, map[string]string{"runInvocationURI": "https://gitlab.com/acme/shop/-/jobs/2"}, true},
		{"GitLab, another commit", gitlab, map[string]string{"runInvocationURI": "https://gitlab.com/acme/shop/-/jobs/2", "sourceRepositoryDigest": "d2"}, false},
		{"GitLab, another ref", gitlab, map[string]string{"runInvocationURI": "https://gitlab.com/acme/shop/-/jobs/2", "sourceRepositoryRef": "refs/heads/other"}, false},
		{"GitLab and GitHub", gitlab, map[string]string{"runInvocationURI": runs + "7/attempts/1"}, false},
		{"nothing proven", map[string]string{"runInvocationURI": "", "sourceRepositoryDigest": ""}, map[string]string{"runInvocationURI": "", "sourceRepositoryDigest": ""}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := buildOnly(t).policyText("claims: "+allClaims, "claims: {runnerEnvironment: github-hosted}")
			w.policyText("source.yml"+mainBranch+"\", claims: {sourceRepositoryIdentifier: 4711}}", "source.yml"+mainBranch+"\"}")
			// both receipts claim one run, in vain
			for claim, v := range c.source {
				w.claim("source-job", claim, v)
				w.claim("build-job", claim, v)
			}
			for claim, v := range c.build {
				w.claim("build-job", claim, v)
			}
			d := w.built()
			if c.want != (d.Verdict == Allowed) || (!c.want && !contains(codes(d.Reasons), CodeNotSameRun)) {
				t.Errorf("same run: %s%s", d.Verdict, explain(d))
			}
		})
	}
	mixed := buildOnly(t).policyText("identities:\n  source-job: {issuer: \""+githubIssuer+"\", subject: \""+workflows+"source.yml"+mainBranch+"\", claims: {sourceRepositoryIdentifier: 4711}}", "identities:\n  source-job: {key: keys/source-job.pub}")
	delete(mixed.certs.by, "source-job")
	wantNot(t, mixed.built(), Refused, CodeNotSameRun)
	claimed := mixed.clone()
	claimed.items = nil
	claimed.mod("source", func(r *run) { r.ci = runs + "7" }).chain()
	wantAllowed(t, claimed.built())
}

// C-30: revoked certificates, names and groups, from a time on.
func TestC30_RevokedCertificates(t *testing.T) {
	for _, c := range []struct {
		entry string
		want  Verdict
	}{
		{"{serial: 02, reason: stolen}", Refused}, {"{serial: 2, reason: stolen}", Refused}, {"{serial: 0002}", Refused}, {"{serial: 03}", Allowed}, {"{serial: 20}", Allowed},
		{"{identity: build-job}", Refused}, {"{identity: scan-job}", Allowed}, {"{identity: managers}", Allowed}, {"{identity: auditor}", Allowed},
		{"{identity: build-job, from: 2026-11-22T10:01:00Z}", Refused}, {"{identity: build-job, from: 2026-11-22T10:01:01Z}", Allowed}, {"{serial: 02, from: 2026-11-22T10:01:01Z}", Allowed}, {"{serial: 02, from: 2026-11-22T09:00:00Z}", Refused},
	} {
		d := buildOnly(t).revoke(c.entry).built()
		if d.Verdict != c.want || (c.want == Refused && !contains(codes(d.Reasons), CodeRevoked)) {
			t.Errorf("%s: %s, expected %s%s", c.entry, d.Verdict, c.want, explain(d))
		}
	}
	w := certifiedWorld(t).revoke("{identity: managers, reason: all of them}")
	wantNot(t, w.check(enter("prod")), Refused, CodeApprovalMissing)
	// One name of a signer that has several is enough.
	w = buildOnly(t).policyText("  auditor:", "  leaked: {issuer: \""+githubIssuer+"\", subjectPattern: \""+workflows+"b*"+mainBranch+"\"}\n  auditor:").revoke("{identity: leaked}")
	wantNot(t, w.built(), Refused, CodeRevoked)
	// A key's signature has no trusted time, so no day before the revocation saves it.
	wantNot(t, bare(t).revoke("{identity: build-job, from: 2026-11-22T11:59:00Z}").check(enter("dev")), Refused, CodeRevoked)
}

// A protected environment is entered with certificates, time stamps, a signed policy from outside and separate roles; and without any of them it is not.
func TestProtectedEnvironmentWithCertificates(t *testing.T) {
	sound := func() *world {
		w := withCertificates(newWorld(t)).policyText("    from: staging\n", "    from: staging\n    protected: true\n", "dev: {stages: [source, build], promotedBy: [build-job]}", "dev: {stages: [source, build], promotedBy: [release-job]}")
		w.origin.Signed = true
		return w.chain().promote("dev", "release-job").promote("staging", "release-job").approve("alice").approve("bob")
	}
	wantAllowed(t, sound().check(enter("prod")))
	for code, change := range map[string]func(*world){
		CodePolicyUnsigned: func(w *world) { w.origin.Signed = false },
		CodePolicyFromTree: func(w *world) { w.origin.FromTree = true },
		CodeRoleKeyReuse:   func(w *world) { w.policyText("promotedBy: [release-job]", "promotedBy: [release-job, build-job]") },
		CodeNoTrustedTime: func(w *world) {
			w.policyText("{issuer: \""+mailIssuer+"\", subject: bob@acme.io}", "{key: keys/bob.pub}")
			delete(w.certs.by, "bob")
		},
	} {
		w := sound()
		change(w)
		wantNot(t, w.check(enter("prod")), Refused, code)
	}
	req := enter("prod")
	req.Insecure = []string{"--insecure-x"}
	wantNot(t, sound().check(req), Refused, CodeInsecureFlag)
}

// V-17: who could speak for two roles: by one identity, or by two that one certificate could satisfy.
func TestV17_SharedCertificates(t *testing.T) {
	subject := func(text string) string { return "{issuer: \"" + githubIssuer + "\", " + text + "}" }
	scan := subject("subject: \"" + workflows + "scan.yml" + mainBranch + "\", claims: {sourceRepositoryIdentifier: 4711}")
	for _, c := range []struct{ name, scan, want string }{
		{"apart", scan, ""},
		{"the same subject", subject("subject: \"" + workflows + "build.yml" + mainBranch + "\""), "build-job, scan-job: promotion, stage build, stage scan"},
		{"a pattern that covers it", subject("subjectPattern: \"" + workflows + "*" + mainBranch + "\""), "build-job, scan-job: promotion, stage build, stage scan"},
		{"a pattern that does not", subject("subjectPattern: \"" + workflows + "s*" + mainBranch + "\""), "release-job"},
		{"apart by a claim", subject("subject: \"" + workflows + "build.yml" + mainBranch + "\", claims: {deploymentEnvironment: scan}"), ""},
		{"together by a list", subject("subject: \"" + workflows + "build.yml" + mainBranch + "\", claims: {deploymentEnvironment: [scan, release]}"), "build-job, scan-job: promotion, stage build, stage scan"},
		{"another issuer", strings.Replace(subject("subject: \""+workflows+"build.yml"+mainBranch+"\""), githubIssuer, "https://ghe.acme.io", 1), ""},
	} {
		got := buildOnly(t).policyText(scan, c.scan).load().Shared()
		var pairs []string
		for _, s := range got {
			if len(s.Names) > 1 {
				pairs = append(pairs, s.String())
			}
		}
		if c.want == "release-job" {
			c.want = "scan-job, source-job: stage scan, stage source"
		}
		if joined := strings.Join(pairs, "; "); !strings.Contains(joined, c.want) || (c.want == "" && joined != "") {
			t.Errorf("%s: shared %q, expected %q", c.name, pairs, c.want)
		}
	}
	// Several people of one role, whoever they are, claim no separation; nor is there one to claim where each decision keeps them apart.
	staff := func(notBy string) []Shared {
		w := buildOnly(t).policyText("source: {signedBy: [source-job]", "source: {signedBy: [source-job, staff]", "  auditor:", "  staff: {issuer: \""+mailIssuer+"\", subjectPattern: \"*@acme.io\"}\n  auditor:",
			"notBy: [build-job, carol]", "notBy: ["+notBy+"]", "dev: {stages: [source, build], promotedBy: [build-job]}", "dev: {stages: [source, build], promotedBy: [release-job]}")
		return w.load().Shared()
	}
	if got := staff("\"stage:source\""); len(got) != 0 {
		t.Errorf("kept apart by notBy, and shared: %v", got)
	}
	if got := staff("\"stage:build\""); len(got) != 3 || !got[0].Apart || got[0].String() != "alice, staff: approval for prod, stage source" {
		t.Errorf("staff may sign the source and approve it: %v", got)
	}
	one := buildOnly(t).load().SharedRoles()
	if !slices.Equal(one, []string{"build-job: promotion, stage build"}) {
		t.Errorf("shared roles %q", one)
	}
}

// An old signature of a key that is stamped anew is no fresher for it; the stamp only says that it is not younger.
func TestStampsDoNotRenewKeys(t *testing.T) {
	world := func(delay time.Duration) *world {
		w := bare(t).policyText("trust: none", "trust: {sigstore: public-good, timestamps: 1}").promote("dev", "build-job")
		w.certs = &issued{source: attest.Authority, delay: delay, by: map[string]attest.Identity{"scan-job": {Key: testKeys()["scan-job"].ID}}}
		return w
	}
	old := world(50 * time.Minute)
	wantAllowed(t, old.check(enter("staging")))
	old.at = now.Add(23*time.Hour + time.Minute) // the scan ran at 11:00, and was stamped at 11:50
	wantNot(t, old.check(enter("staging")), Refused, CodeStageTooOld)
	early := world(-23*time.Hour - time.Minute) // stamped before it says it ran
	wantNot(t, early.check(enter("staging")), Refused, CodeStageTooOld)
}
