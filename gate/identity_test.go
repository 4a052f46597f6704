// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// built asks whether dev may be entered on what the jobs of a world signed.
func (w *world) built() Decision {
	w.t.Helper()
	return w.check(enter("dev"))
}

func buildOnly(t testing.TB) *world { return withCertificates(newWorld(t)).chain() }

// said reports whether one reason tells what was expected and what was found.
func said(d Decision, code string, words ...string) bool {
	for _, r := range d.Reasons {
		text, all := r.Message+" "+r.Expected+" "+r.Found, r.Code == code
		for _, word := range words {
			all = all && strings.Contains(text, word)
		}
		if all {
			return true
		}
	}
	return false
}

// V-45: every claim that the policy names decides: another value is refused, and so is none; the message says what was expected and what was found.
func TestV45_EachClaimDecides(t *testing.T) {
	wantAllowed(t, buildOnly(t).built())
	claims := buildOnly(t).load().Identities["build-job"].Claims
	if len(claims) != 11 {
		t.Fatalf("the policy names %d claims", len(claims))
	}
	for claim, values := range claims {
		for _, value := range []string{"other", values[0] + "x", strings.ToUpper(values[0]) + " ", ""} {
			d := buildOnly(t).claim("build-job", claim, value).built()
			shown := quoted(value)
			if value == "" {
				shown = "none"
			}
			if d.Verdict != Refused || !said(d, CodeClaim, "build-job", claim+": expected ", quoted(values[0]), "found "+shown) {
				t.Errorf("%s is %q: %s%s", claim, value, d.Verdict, explain(d))
			}
		}
		for _, value := range values {
			wantAllowed(t, buildOnly(t).claim("build-job", claim, value).built())
		}
	}
	for claim, value := range map[string]string{"issuer": gitlabIssuer, "subject": workflows + "buildx.yml" + mainBranch} {
		d := buildOnly(t).claim("build-job", claim, value).built()
		if d.Verdict != Refused || !said(d, CodeSigner, "build-job", claim+": expected ", "found "+quoted(value)) {
			t.Errorf("%s is %q: %s%s", claim, value, d.Verdict, explain(d))
		}
	}
	d := buildOnly(t).claim("build-job", "runnerEnvironment", "self-hosted").claim("build-job", "buildTrigger", "schedule").built()
	if !said(d, CodeClaim, `buildTrigger: expected one of "push", "release", found "schedule"; runnerEnvironment: expected "github-hosted", found "self-hosted"`) {
		t.Errorf("not every difference is told:%s", explain(d))
	}
	wantAllowed(t, buildOnly(t).claim("build-job", "runInvocationURI", "https://github.com/acme/shop/actions/runs/7/attempts/2").built()) // nobody asked for that one
}

// V-48: issuers that look like the real one.
func TestV48_IssuersThatLookAlike(t *testing.T) {
	for _, issuer := range []string{githubIssuer + "/", strings.Replace(githubIssuer, "https", "http", 1), githubIssuer + "/acme", githubIssuer + ":443", strings.Replace(githubIssuer, "//", "//user@", 1),
		strings.ToUpper(githubIssuer), " " + githubIssuer, githubIssuer + "\x00", "", "token.actions.githubusercontent.com", strings.Replace(githubIssuer, "o", "\u043e", 1)} {
		d := buildOnly(t).claim("build-job", "issuer", issuer).built()
		if d.Verdict != Refused || (issuer != "" && !said(d, CodeSigner, "issuer: expected "+quoted(githubIssuer), "found "+quoted(issuer))) {
			t.Errorf("%q: %s%s", issuer, d.Verdict, explain(d))
		}
	}
}

// V-46: a subject of another kind that has the same text is no match; subjects are compared byte by byte.
func TestV46_SubjectsThatLookAlike(t *testing.T) {
	subject := workflows + "build.yml" + mainBranch
	for _, other := range []string{subject + " ", subject + "\n", strings.ToUpper(subject), strings.Replace(subject, "@", "%40", 1), subject + "/", strings.Replace(subject, "main", "ma\u0456n", 1), "", subject + "," + subject} {
		if d := buildOnly(t).claim("build-job", "subject", other).built(); d.Verdict != Refused {
			t.Errorf("%q: %s", other, d.Verdict)
		}
	}
}

func TestAttacksOnIdentities(t *testing.T) {
	for _, c := range []struct {
		name, claim, value, code string
	}{
		{"V-51 the name was registered again", claimSource, "9999", CodeClaim},
		{"V-51 so was the owner's", "sourceRepositoryOwnerIdentifier", "18", CodeClaim},
		{"V-52 a pull request", "buildTrigger", "pull_request_target", CodeClaim},
		{"V-52 a schedule", "buildTrigger", "schedule", CodeClaim},
		{"G-13 another ref of the source", "sourceRepositoryRef", "refs/pull/1/merge", CodeClaim},
		{"G-13 another workflow called the one that is listed", "buildConfigURI", workflows + "evil.yml" + mainBranch, CodeClaim},
		{"G-06 a runner of somebody's own", "runnerEnvironment", "self-hosted", CodeClaim},
		{"C-22 an older tag of the workflow", "subject", workflows + "build.yml@refs/tags/v1.0.0", CodeSigner},
		{"C-23 a workflow of the same beginning", "subject", workflows + "build.yml" + mainBranch + "2", CodeSigner},
		{"C-23 a workflow of the same ending", "subject", "https://github.com/evil/x/.github/workflows/x@" + workflows + "build.yml" + mainBranch, CodeSigner},
		{"G-13 another environment of the same workflow", "deploymentEnvironment", "preview", CodeClaim},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantNot(t, buildOnly(t).claim("build-job", c.claim, c.value).built(), Refused, c.code)
		})
	}
}

// A workflow that others may call speaks for its caller only where the policy pins the caller by number.
func TestSharedWorkflows(t *testing.T) {
	const shared = "https://github.com/acme/ci/.github/workflows/build.yml@refs/tags/v2"
	world := func(claims string) *world {
		w := buildOnly(t)
		if claims != "" {
			claims = ", claims: " + claims
		}
		w.policyText("\n    issuer: "+githubIssuer+"\n    subject: "+workflows+"build.yml"+mainBranch+"\n    claims: "+allClaims, "{issuer: \""+githubIssuer+"\", subject: \""+shared+"\""+claims+"}")
		return w.claim("build-job", "subject", shared)
	}
	wantAllowed(t, world("{sourceRepositoryIdentifier: 4711}").built())
	wantNot(t, world("{sourceRepositoryIdentifier: 4711}").claim("build-job", claimSource, "1").built(), Refused, CodeClaim)
	for _, claims := range []string{"", "{runnerEnvironment: github-hosted}", "{sourceRepositoryOwnerIdentifier: 17}"} {
		d := world(claims).built()
		if d.Verdict != Refused || !said(d, CodeClaim, "sourceRepositoryURI: expected ", "https://github.com/acme/ci", claimSource+" in the policy", `found "https://github.com/acme/shop"`) {
			t.Errorf("claims %s: %s%s", claims, d.Verdict, explain(d))
		}
	}
	wantAllowed(t, world("").claim("build-job", claimSourceURI, "https://github.com/acme/ci").built()) // its own repository
	wantNot(t, world("").claim("build-job", claimSourceURI, "").built(), Refused, CodeClaim)           // it does not say
	_, err := world("{sourceRepositoryURI: \"https://github.com/acme/shop\"}").parse()
	if err == nil || !strings.Contains(err.Error(), "the workflow is of https://github.com/acme/ci, the source of https://github.com/acme/shop") || !strings.Contains(err.Error(), "hint: add sourceRepositoryIdentifier") {
		t.Errorf("a policy that pins the source by name only: %v", err)
	}
}

func TestRepositoriesOfSubjects(t *testing.T) {
	for subject, want := range map[string]string{
		workflows + "build.yml@refs/heads/main":                       "https://github.com/acme/shop",
		"https://gitlab.com/acme/a/shop//.gitlab-ci.yml@refs/heads/x": "https://gitlab.com/acme/a/shop",
		"https://gitlab.com/acme/shop//.github/workflows/x@refs/x":    "https://gitlab.com/acme/shop",
		"alice@acme.io":                     "",
		"https://buildkite.com/acme/deploy": "",
		"spiffe://acme.io/ns/ci/sa/build":   "",
		"":                                  "",
		"https:////":                        "",
	} {
		if got := repositoryOf(subject); got != want {
			t.Errorf("%q is of %q, expected %q", subject, got, want)
		}
	}
}

// A pattern stands for several jobs; what it leaves open, claims close.
func TestPatternIdentities(t *testing.T) {
	world := func() *world {
		return buildOnly(t).policyText("    subject: "+workflows+"build.yml"+mainBranch, "    subjectPattern: "+workflows+"build*.yml"+mainBranch, "\n      buildConfigURI: \""+workflows+"build.yml"+mainBranch+"\", buildSignerURI: \""+workflows+"build.yml"+mainBranch+"\",", "")
	}
	for subject, want := range map[string]Verdict{"build-arm.yml": Allowed, "build.yml": Refused, "deploy.yml": Refused} {
		if d := world().claim("build-job", "subject", workflows+subject+mainBranch).built(); d.Verdict != want {
			t.Errorf("%s: %s, expected %s%s", subject, d.Verdict, want, explain(d))
		}
	}
	d := world().claim("build-job", "subject", workflows+"deploy.yml"+mainBranch).built()
	if !said(d, CodeSigner, "subject: expected a match of "+quoted(workflows+"build*.yml"+mainBranch), "found "+quoted(workflows+"deploy.yml"+mainBranch)) {
		t.Errorf("the difference is not told:%s", explain(d))
	}
}

// A key is never an identity of a certificate, nor the reverse, whatever it says of itself.
func TestKeysAreNoCertificates(t *testing.T) {
	p := buildOnly(t).load()
	id := job("build.yml", "02")
	if names := p.Names(id); len(names) != 1 || names[0] != "build-job" {
		t.Fatalf("names %q", names)
	}
	id.Key = testKeys()["stranger"].ID
	if names := p.Names(id); len(names) != 0 {
		t.Errorf("a key that has the claims of a certificate is %q", names)
	}
	if p.MaySign(attest.Identity{}, []string{"build-job", "managers", "auditor"}) {
		t.Error("nobody may sign")
	}
	if d := p.Differences(attest.Identity{Key: "sha256:x"}, "build-job"); len(d) == 0 {
		t.Error("a key does not differ from a certificate")
	}
}

// The claims of the certificate reach the policy's own rules.
func TestClaimsReachTheRules(t *testing.T) {
	rule := ownRule(`some s in input.stages; s.name == "build"; s.claims.runInvocationURI == "https://github.com/acme/shop/actions/runs/7/attempts/1"; s.claims.issuer == "` + githubIssuer + `"`)
	wantNot(t, buildOnly(t).file("own.rego", rule).built(), Refused, "OWN")
	wantAllowed(t, buildOnly(t).file("own.rego", rule).claim("build-job", "runInvocationURI", "https://github.com/acme/shop/actions/runs/7/attempts/2").built())
	wantAllowed(t, bare(t).file("own.rego", rule).check(enter("dev")))
}

// What is foreign is quoted in messages, and not at any length.
func TestO13_ForeignValuesAreQuoted(t *testing.T) {
	d := buildOnly(t).claim("build-job", "runnerEnvironment", "x\u202e\x1b[31m\""+strings.Repeat("y", 5000)).built()
	if text := explain(d); strings.ContainsAny(text, "\u202e\x1b") || len(text) > 6000 {
		t.Errorf("shown as it is, in %d bytes", len(text))
	}
	for in, want := range map[string]string{"a": `"a"`, "a\nb": `"a\nb"`, "\xff": `"\xff"`, strings.Repeat("a", 500): `"` + strings.Repeat("a", maxQuoted) + `…"`} {
		if got := quoted(in); got != want {
			t.Errorf("%q is written %s", in, got)
		}
	}
}

// A trusted time decides where the policy says when an identity counts.
func TestIdentitiesThatCountForATime(t *testing.T) {
	within := func(window string) *world {
		return buildOnly(t).policyText("    issuer: "+githubIssuer+"\n", "    issuer: "+githubIssuer+"\n    "+window+"\n")
	}
	wantAllowed(t, within("notBefore: 2026-11-22T00:00:00Z").built())
	wantNot(t, within("notAfter: 2026-11-22T10:00:59Z").built(), Refused, CodeKeyExpired)
	wantAllowed(t, within("notAfter: 2026-11-22T10:01:00Z").built())
	wantNot(t, within("notBefore: 2026-11-22T11:00:00Z").built(), Refused, CodeKeyExpired)
}

// V-12: a certificate without a trusted time is refused.
func TestV12_CertificatesNeedATime(t *testing.T) {
	w := buildOnly(t)
	w.certs.source = ""
	wantNot(t, w.built(), Refused, CodeNoTrustedTime)
}

// V-13: so is one with a time that lies in the future.
func TestV13_CertificatesOfTheFuture(t *testing.T) {
	w := buildOnly(t)
	w.certs.delay = 3 * time.Hour
	wantNot(t, w.built(), Refused, CodeTimeInFuture)
}

// C-27: of several signatures by one signer the best counts, in whatever order they come: one that is in a log before one that is not.
func TestC27_SeveralCertificatesOfOneSigner(t *testing.T) {
	w := buildOnly(t).policyText("trust: {sigstore: public-good, timestamps: 1}", "trust: {sigstore: public-good, timestamps: 1, degraded: 4h}")
	for i, name := range []string{"auditor", "carol"} {
		w.certs.by[name] = job("build.yml", "0"+string(rune('a'+i)))
		w.certs.unlogged[name] = name == "auditor"
		for _, what := range []string{"build", "build/sbom", "build/provenance"} {
			it := w.item(what)
			w.items = append(w.items, signed{what + " again", testKeys()[name].Resign(t, it.bundle), it.subjects})
		}
	}
	p := w.load()
	evidence, rejected := w.evidence(p)
	want := Decide(t.Context(), p, w.fill(enter("dev")), evidence, rejected, "test")
	wantAllowed(t, want)
	if len(want.Warnings) != 0 {
		t.Errorf("a log holds a signature, and the other one is used:%s", explain(want))
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		r.Shuffle(len(evidence), func(i, j int) { evidence[i], evidence[j] = evidence[j], evidence[i] })
		if got := Decide(t.Context(), p, w.fill(enter("dev")), evidence, rejected, "test"); got.ID != want.ID {
			t.Fatalf("another decision for another order:%s", explain(got))
		}
	}
}
