// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

const oneJob = "{issuer: https://token.example.com, subject: \"https://github.com/acme/shop/.github/workflows/x.yml@refs/heads/main\"}"

// loadTrusting loads a policy that may trust certificates; the error is the caller's.
func loadTrusting(w *world) (*Policy, error) {
	return parsePolicy("policy", w.files, LoadOptions{ParseKey: parseKey, TrustRoot: trustRoot}, compileOnce)
}

// V-44, V-45, V-48: what an identity of a certificate must not be. Each error has its place and says what to do.
func TestV44_IdentitiesThatAreRefused(t *testing.T) {
	const subject = "subject: \"https://github.com/acme/shop/.github/workflows/x.yml@refs/heads/main\""
	issuer := func(s string) string { return strings.Replace(oneJob, "https://token.example.com", s, 1) }
	claims := func(s string) string { return strings.TrimSuffix(oneJob, "}") + ", claims: " + s + "}" }
	pattern := func(s string) string { return strings.Replace(oneJob, subject, "subjectPattern: \""+s+"\"", 1) }
	for _, c := range []struct{ name, identity, want string }{
		{"no issuer", "{" + subject + "}", "14:13: identities.outsider: an identity needs both issuer and subject"},
		{"no subject", "{issuer: https://token.example.com}", "14:13: identities.outsider: an identity needs both issuer and subject"},
		{"empty issuer", issuer("\"\""), "14:13: identities.outsider: an identity needs both issuer and subject"},
		{"claims alone", "{claims: {runnerEnvironment: x}}", "14:13: identities.outsider: an identity needs both"},
		{"a key with claims", "{key: keys/outsider.pub, claims: {runnerEnvironment: x}}", "expected exactly one of"},
		{"subject and pattern", strings.TrimSuffix(oneJob, "}") + ", subjectPattern: \"https://github.com/acme/*/x\"}", "identities.outsider.subjectPattern: an identity has either"},
		{"issuer with a wildcard", issuer("https://*.example.com"), "14:22: identities.outsider.issuer: \"https://*.example.com\" holds a *"},
		{"issuer without https", issuer("http://token.example.com"), "is not https"},
		{"issuer without a scheme", issuer("token.example.com"), "is no URL"},
		{"issuer with a user", issuer("https://a@token.example.com"), "has more than scheme, host and path"},
		{"issuer with a query", issuer("\"https://token.example.com?x=1\""), "has more than scheme, host and path"},
		{"issuer of another scheme", issuer("ftp://token.example.com"), "is not https"},
		{"exact subject with a wildcard", strings.Replace(oneJob, "x.yml", "*", 1), "identities.outsider.subject: a subject is exact"},
		{"subject that ends with a space", strings.Replace(oneJob, "main\"", "main \"", 1), "begins or ends with a space"},
		{"pattern of everything", pattern("*"), "identities.outsider.subjectPattern: would match strangers"},
		{"pattern of everybody's repositories", pattern("https://github.com/*/x/.github/workflows/a@b"), "would match strangers"},
		{"pattern of any host", pattern("https://*/acme/shop"), "would match strangers"},
		{"pattern of any mailbox", pattern("*@*"), "would match strangers"},
		{"pattern that is none", pattern("https://github.com/acme/shop/x"), "holds no *"},
		{"pattern that is a regular expression", pattern("^https://github.com/acme/.*$"), "has no meaning in a pattern"},
		{"no claims", claims("{}"), "identities.outsider.claims: no claim is named"},
		{"unknown claim", claims("{runnerEnviroment: x}"), "identities.outsider.claims.runnerEnviroment: unknown claim \"runnerEnviroment\"\nhint: did you mean \"runnerEnvironment\"?"},
		{"the issuer as a claim", claims("{issuer: x}"), "unknown claim \"issuer\""},
		{"claim of nothing", claims("{runnerEnvironment: \"\"}"), "is no value of a claim"},
		{"claim of no value", claims("{runnerEnvironment: }"), "expected a list, found nothing"},
		{"claim of an empty list", claims("{runnerEnvironment: []}"), "identities.outsider.claims.runnerEnvironment: no value is listed"},
		{"claim of a list with nothing", claims("{runnerEnvironment: [a, \"\"]}"), "identities.outsider.claims.runnerEnvironment[1]: \"\" is no value"},
		{"claim with a wildcard", claims("{sourceRepositoryRef: refs/tags/*}"), "claims are exact"},
		{"claim of a mapping", claims("{runnerEnvironment: {a: b}}"), "expected a list, found a mapping"},
		{"claims as a list", claims("[runnerEnvironment]"), "expected a mapping, found a list"},
		{"shared workflow without its caller's number", claims("{sourceRepositoryURI: [\"https://github.com/acme/shop\", \"https://github.com/acme/other\"]}"), "claims.sourceRepositoryURI[1]: the workflow is of https://github.com/acme/shop, the source of https://github.com/acme/other"},
		{"builder of nothing", strings.TrimSuffix(oneJob, "}") + ", builder: \"\"}", "identities.outsider.builder: no builder is named"},
		{"times of a group", "{anyOf: [alice], notAfter: 2027-01-01T00:00:00Z}", "a group has no times and no builder of its own"},
		{"builder of a group", "{anyOf: [alice], builder: x}", "a group has no times and no builder of its own"},
	} {
		_, err := loadTrusting(newWorld(t).policyText("trust: none", "trust: public-good", "{key: keys/outsider.pub}", c.identity))
		var place *ConfigError
		if !errors.As(err, &place) || place.Line != 14 || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, expected %q at its place", c.name, err, c.want)
		}
	}
	for name, identity := range map[string]string{
		"as it should be": oneJob, "an issuer on this machine": issuer("http://127.0.0.1:5600/github"), "an issuer with a path": issuer("https://gitlab.example.com/oidc/"), "a number": claims("{sourceRepositoryIdentifier: 4711}"),
		"a list": claims("{buildTrigger: [push, release]}"), "a pattern": pattern("https://github.com/acme/*/.github/workflows/x.yml@refs/heads/main"), "a person": "{issuer: https://accounts.example.com, subject: alice@acme.io}",
		"a shared workflow": claims("{sourceRepositoryURI: \"https://github.com/acme/other\", sourceRepositoryIdentifier: 1}"),
	} {
		if _, err := loadTrusting(newWorld(t).policyText("trust: none", "trust: public-good", "{key: keys/outsider.pub}", identity)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := loadTrusting(newWorld(t).policyText("{key: keys/outsider.pub}", oneJob)); err == nil || !strings.Contains(err.Error(), "trust is none, so no certificate") {
		t.Errorf("a certificate without trust: %v", err)
	}
}

func TestTrustOfThePolicy(t *testing.T) {
	for in, want := range map[string]Trust{
		"none":                               {Sigstore: "none", Log: "none"},
		"{sigstore: none}":                   {Sigstore: "none", Log: "none"},
		"public-good":                        {Sigstore: "public-good", Log: "required", Logs: 1},
		"trusted_root.json":                  {Sigstore: "trusted_root.json", Log: "required", Logs: 1},
		"roots/acme.json":                    {Sigstore: "roots/acme.json", Log: "required", Logs: 1},
		"{sigstore: public-good}":            {Sigstore: "public-good", Log: "required", Logs: 1},
		"{sigstore: public-good, log: none}": {Sigstore: "public-good", Log: "none", Timestamps: 1},
		"{sigstore: public-good, log: none, timestamps: 2}":            {Sigstore: "public-good", Log: "none", Timestamps: 2},
		"{sigstore: public-good, logs: 2, timestamps: 1}":              {Sigstore: "public-good", Log: "required", Logs: 2, Timestamps: 1},
		"{sigstore: public-good, log: required, degraded: 4h}":         {Sigstore: "public-good", Log: "required", Logs: 1, Degraded: Duration(4 * time.Hour)},
		"{sigstore: public-good, timestamps: 0, logs: 1}":              {Sigstore: "public-good", Log: "required", Logs: 1},
		"{sigstore: ./trusted_root.json, log: required, degraded: 7d}": {Sigstore: "./trusted_root.json", Log: "required", Logs: 1, Degraded: Duration(168 * time.Hour)},
	} {
		w := newWorld(t).policyText("trust: none", "trust: "+in).file("trusted_root.json", `{"a":1}`).file("roots/acme.json", `{"b":1}`)
		p, err := loadTrusting(w)
		if err != nil || p.Trust != want {
			t.Errorf("%s: %+v (%v), expected %+v", in, p, err, want)
		}
	}
	for in, want := range map[string]string{
		"{log: none}":                                       "trust.log: says nothing where trust is none",
		"{sigstore: none, degraded: 4h}":                    "trust.degraded: says nothing where trust is none",
		"{sigstore: \"\"}":                                  "trust.sigstore: expected none, public-good, or",
		"{sigstore: public-bad}":                            "trust.sigstore: no file \"public-bad\" in the policy",
		"../trusted_root.json":                              "no file \"../trusted_root.json\"",
		"empty.json":                                        "trust.sigstore: empty.json: no certificate authority",
		"{sigstore: public-good, log: maybe}":               "trust.log: is \"maybe\", expected required or none",
		"{sigstore: public-good, log: \"\"}":                "trust.log: is \"\"",
		"{sigstore: public-good, logs: 0}":                  "trust.logs: no log is asked for",
		"{sigstore: public-good, logs: -1}":                 "is below zero",
		"{sigstore: public-good, timestamps: -1}":           "is below zero",
		"{sigstore: public-good, log: none, logs: 1}":       "trust.logs: 1 logs are asked for, and log is none",
		"{sigstore: public-good, log: none, timestamps: 0}": "trust.timestamps: without a log only a time stamp",
		"{sigstore: public-good, log: none, degraded: 4h}":  "trust.degraded: no log is asked for",
		"{sigstore: public-good, degraded: 0h}":             "trust.degraded: is 0h, expected more than nothing",
		"{sigstore: public-good, degraded: 8d}":             "trust.degraded: is 8d, expected more than nothing and at most 7d",
		"{root: trusted_root.json}":                         "unknown key \"root\"",
		"{sigstore: public-good, logs: many}":               "expected a whole number",
	} {
		_, err := loadTrusting(newWorld(t).policyText("trust: none", "trust: "+in).file("empty.json", "{}"))
		var place *ConfigError
		if !errors.As(err, &place) || place.Line != 6 || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, expected %q", in, err, want)
		}
	}
}

// The trust root is part of the policy's digest, whatever its name, and every decision names it.
func TestV53_TrustRootIsNamed(t *testing.T) {
	load := func(trust, root string) *Policy {
		p, err := loadTrusting(newWorld(t).policyText("trust: none", "trust: "+trust).file("roots/acme.json", root))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	a, b := load("roots/acme.json", "1"), load("roots/acme.json", "2")
	if a.Digest == b.Digest || a.trustRoot() == b.trustRoot() || string(a.TrustedRoot()) != "1" {
		t.Error("another trust root, and the policy is the same")
	}
	if good := load("public-good", "1"); good.TrustedRoot() != nil || good.trustRoot() == a.trustRoot() || good.Digest == a.Digest {
		t.Error("the public instance is not told apart")
	}
	digest, err := trustRoot([]byte("1"))
	if d := a.Failed(Request{Subject: attest.Subject{}}, "v", false, Reason{}); err != nil || d.TrustRoot != digest.String() {
		t.Errorf("the decision names %s, expected %s", d.TrustRoot, digest)
	}
}

// C-10: one person is one, however the policy names him; a name of two people is an error.
func TestPeopleOfCertificates(t *testing.T) {
	people := func(text string) error {
		_, err := withCertificates(newWorld(t)).policyText("  alice: [alice]", text).parse()
		return err
	}
	for _, sound := range []string{"  alice: [alice, Alice@acme.io]", "  alice: [alice, alice@home.example]", "  team: [bob, carol]", "  jobs: [build-job, \"" + workflows + "scan.yml" + mainBranch + "\"]"} {
		if err := people(sound); err != nil {
			t.Errorf("%s: %v", sound, err)
		}
	}
	for _, twice := range []string{"  a: [alice]\n  b: [alice@acme.io]", "  a: [alice]\n  b: [ALICE@acme.io]", "  a: [alice]\n  b: [alice-laptop]", "  a: [x@y.z]\n  b: [X@y.z]", "  a: [build-job]\n  b: [\"" + workflows + "build.yml" + mainBranch + "\"]"} {
		if err := people(twice); err == nil || !strings.Contains(err.Error(), "already") {
			t.Errorf("%s: %v", twice, err)
		}
	}
	if err := people("  a: [alise]"); err == nil || !strings.Contains(err.Error(), "did you mean \"alice\"?") {
		t.Errorf("%v", err)
	}
	for _, notBy := range []string{"stage:sorce", "stage:", "nobody"} {
		if _, err := newWorld(t).policyText("notBy: [build-job, carol]", "notBy: [\""+notBy+"\"]").parse(); err == nil || !strings.Contains(err.Error(), "environments.prod.approvals.notBy[0]: unknown") {
			t.Errorf("notBy %s: %v", notBy, err)
		}
	}
}
