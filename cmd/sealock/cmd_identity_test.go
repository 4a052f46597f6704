// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/dir"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/gate"
)

// certified is a project whose build signs with certificates of an instance in memory.
type certified struct {
	*project
	instance *attesttest.Sigstore
	job      attesttest.Workload
}

func newCertified(t *testing.T) certified {
	t.Helper()
	k := certified{newProject(t), attesttest.NewSigstore(t, noon), attesttest.GitHubJob("acme/app", "build.yml", "refs/heads/main")}
	writeText(t, filepath.Join(k.dir, "policy", "trusted_root.json"), string(k.instance.RootJSON(t)))
	if err := os.RemoveAll(filepath.Join(k.dir, "policy", "tests")); err != nil {
		t.Fatal(err)
	}
	return k
}

// policy writes the policy with an identity for the build.
func (k certified) policy(t *testing.T, identity string, replace ...string) {
	t.Helper()
	text := strings.NewReplacer("trust: none", "trust: {sigstore: trusted_root.json, timestamps: 1}", "  build: {key: keys/build.pub}\n", identity).Replace(projectPolicy)
	writeText(t, filepath.Join(k.dir, "policy", "policy.yaml"), strings.NewReplacer(replace...).Replace(text))
}

// bundle writes a statement that the job signed.
func (k certified) bundle(t *testing.T) string {
	t.Helper()
	st, err := attest.EncodeStatement(predicate.TypeCycloneDX, attesttest.SBOM(k.subject, "pkg:npm/left-pad@1.3.0"), k.subject)
	if err != nil {
		t.Fatal(err)
	}
	writeText(t, filepath.Join(k.dir, "b.json"), string(k.instance.Sign(t, st, attesttest.Signing{By: k.job})))
	return "b.json"
}

// What identity show prints goes into policy.yaml as it is, and names just that signer.
func TestIdentityShow(t *testing.T) {
	k := newCertified(t)
	out, stderr, code := callSealock(t, nil, "identity", "show", k.bundle(t), "-C", k.dir, "-o", "json")
	var v identityShown
	if err := json.Unmarshal([]byte(out), &v); err != nil || code != exitAllowed {
		t.Fatalf("exit %d, %v\n%s%s", code, err, out, stderr)
	}
	if v.Verified || v.Identity.Subject != k.job.Subject || v.Identity.Issuer != k.job.Issuer || v.Identity.Serial == "" {
		t.Errorf("found %+v", v.Identity)
	}
	for claim, value := range k.job.Claims {
		if v.Identity.Claims[claim] != value {
			t.Errorf("%s is %q, expected %q", claim, v.Identity.Claims[claim], value)
		}
	}
	text, _, _ := callSealock(t, nil, "identity", "show", "b.json", "-C", k.dir)
	_, entry, found := strings.Cut(text, "for policy.yaml:\nidentities:\n")
	if !found || !strings.HasPrefix(text, "not verified") || !strings.Contains(text, "runInvocationURI                     https://github.com/acme/app/actions/runs/1/attempts/1\n") {
		t.Fatalf("printed\n%s", text)
	}
	if !strings.HasPrefix(entry, "  build:\n") {
		t.Fatalf("the entry has another name:\n%s", entry)
	}
	k.policy(t, entry)
	out, stderr, code = callSealock(t, nil, "identity", "test", "b.json", "-C", k.dir)
	if code != exitAllowed || !strings.Contains(out, "may sign   stage build              as build\n") || !strings.Contains(out, "may not    promotion                release differs\n           key: expected \"sha256:") {
		t.Errorf("exit %d\n%s%s", code, out, stderr)
	}
	k.job = k.job.With(map[string]string{"sourceRepositoryIdentifier": "1", "runnerEnvironment": "self-hosted"})
	out, stderr, code = callSealock(t, nil, "identity", "test", k.bundle(t), "-C", k.dir)
	if code != exitRefused || !strings.Contains(out, `runnerEnvironment: expected "github-hosted", found "self-hosted"`) || !strings.Contains(out, `sourceRepositoryIdentifier: expected "4711", found "1"`) {
		t.Errorf("exit %d\n%s%s", code, out, stderr)
	}
}

func TestIdentityTest(t *testing.T) {
	k := newCertified(t)
	k.policy(t, "  build: {issuer: "+k.job.Issuer+", subject: '"+k.job.Subject+"', claims: {sourceRepositoryIdentifier: 4711}}\n")
	flags := []string{"identity", "test", "-C", k.dir, "--issuer", k.job.Issuer, "--subject", k.job.Subject, "--claim", "sourceRepositoryURI=https://github.com/acme/app", "--claim"}
	out, stderr, code := callSealock(t, nil, append(flags, "sourceRepositoryIdentifier=4711", "-o", "json")...)
	var v identityTested
	if err := json.Unmarshal([]byte(out), &v); err != nil || code != exitAllowed || !v.May || len(v.Names) != 1 || !v.Roles[0].May || v.Roles[0].Role != "stage build" {
		t.Errorf("exit %d, %v, %+v\n%s", code, err, v, stderr)
	}
	if out, _, code := callSealock(t, nil, append(flags, "sourceRepositoryIdentifier=471")...); code != exitRefused || !strings.Contains(out, `sourceRepositoryIdentifier: expected "4711", found "471"`) {
		t.Errorf("exit %d\n%s", code, out)
	}
	writeText(t, filepath.Join(k.dir, "policy", "revoked.yaml"), "apiVersion: sealock/v1\nkind: Revocations\nrevoked:\n  - {identity: build, reason: stolen}\n")
	if out, _, code := callSealock(t, nil, append(flags, "sourceRepositoryIdentifier=4711")...); code != exitRefused || !strings.Contains(out, "revoked    stolen") {
		t.Errorf("revoked: exit %d\n%s", code, out)
	}
	for says, args := range map[string][]string{
		"unknown claim":             append(flags, "repository=x"),
		"expected NAME=VALUE":       append(flags, "x"),
		"both --issuer and":         {"identity", "test", "-C", k.dir, "--subject", "x"},
		"expected a bundle, or":     {"identity", "test", "-C", k.dir},
		"not both":                  {"identity", "test", "-C", k.dir, "b.json", "--issuer", "x"},
		"no such file":              {"identity", "show", "-C", k.dir, "missing.json"},
		"neither a Sigstore bundle": {"identity", "show", "-C", k.dir, "policy/policy.yaml"},
		"a file of at most":         {"identity", "show", "-C", k.dir, "policy"},
		"expected show or test":     {"identity"},
		"stands twice":              append(flags, "buildTrigger=a", "--claim", "buildTrigger=b"),
		"holds no certificate":      {"identity", "show", "-C", k.dir, "policy/trusted_root.json"},
		"names no OIDC issuer":      {"identity", "show", "-C", k.dir, noIssuer(t, k)},
		"signed with a key":         {"identity", "show", "-C", k.dir, keyBundle(t, k)},
	} {
		if out, stderr, code := callSealock(t, nil, args...); code != exitUsage || !strings.Contains(stderr, says) || out != "" && len(args) > 1 {
			t.Errorf("%q: exit %d\n%s%s", says, code, out, stderr)
		}
	}
}

func noIssuer(t *testing.T, k certified) string {
	t.Helper()
	k.job.Issuer = ""
	writeText(t, filepath.Join(k.dir, "anonymous.json"), string(k.instance.Sign(t, []byte("{}"), attesttest.Signing{By: k.job})))
	return "anonymous.json"
}

func keyBundle(t *testing.T, k certified) string {
	t.Helper()
	writeText(t, filepath.Join(k.dir, "key.json"), string(k.build.Attest(t, predicate.TypeVEX, map[string]any{}, k.subject)))
	return "key.json"
}

// signed makes the evidence of a policy's fixture, signed by the job.
func (k certified) signed(t *testing.T, how attesttest.Signing) {
	t.Helper()
	how.By, how.At = k.job, noon.Add(time.Minute)
	store, err := dir.Open(filepath.Join(k.dir, "policy", "tests", "built"))
	if err != nil {
		t.Fatal(err)
	}
	put := func(typ string, doc any) attest.Digest {
		st, err := attest.EncodeStatement(typ, doc, k.subject)
		if err != nil {
			t.Fatal(err)
		}
		e, err := k.verifier(t).Verify(t.Context(), k.instance.Sign(t, st, how))
		if err == nil {
			err = store.Put(t.Context(), e)
		}
		if err != nil {
			t.Fatal(err)
		}
		return e.ID()
	}
	sbom := put(predicate.TypeCycloneDX, attesttest.SBOM(k.subject, "pkg:npm/left-pad@1.3.0"))
	put(predicate.TypeLink, predicate.Link{Name: "build", Command: []string{"make"}, Materials: []attest.ResourceDescriptor{},
		Byproducts:  predicate.Byproducts{Evidence: []predicate.EvidenceRef{{Name: "sbom", PredicateType: predicate.TypeCycloneDX, Digest: attest.DigestSet{"sha256": sbom.Hex}}}},
		Environment: predicate.Environment{StartedOn: predicate.Time(noon.Add(-time.Minute)), FinishedOn: predicate.Time(noon), Sealock: "test"}})
}

func (k certified) verifier(t *testing.T) *attest.Verifier {
	t.Helper()
	auth, err := sigstore.NewAuthenticator(nil, sigstore.Trust{Root: k.instance.Root(t), Timestamps: 1})
	if err != nil {
		t.Fatal(err)
	}
	v, err := attest.NewVerifier(auth)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// What is verified by certificates is judged by them: a fixture of a policy's tests, from the bundle to the verdict.
func TestPolicyTestWithCertificates(t *testing.T) {
	k := newCertified(t)
	k.signed(t, attesttest.Signing{})
	k.fixture(t, "case")
	identity := "  build: {issuer: " + k.job.Issuer + ", subject: '" + k.job.Subject + "', claims: {sourceRepositoryIdentifier: 4711}}\n"
	for _, c := range []struct {
		name    string
		replace []string
		code    int
		says    string
	}{
		{"as it should be", nil, exitAllowed, "ok       fixture"},
		{"without a log", []string{"timestamps: 1", "log: none"}, exitAllowed, "ok       fixture"},
		{"another number", []string{"4711", "4712"}, exitRefused, `CLAIM_MISMATCH`},
		{"another issuer", []string{"githubusercontent.com", "githubusercontent.com/acme"}, exitRefused, `SIGNER_NOT_ALLOWED`},
	} {
		k.policy(t, identity, c.replace...)
		out, stderr, code := callSealock(t, nil, "policy", "test", "-C", k.dir)
		if code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%s: exit %d, expected %d and %q\n%s%s", c.name, code, c.code, c.says, out, stderr)
		}
	}
}

// A log that is down makes evidence that counts for some hours, where the policy says so, and not at all where it does not.
func TestPolicyTestOfDegradedEvidence(t *testing.T) {
	k := newCertified(t)
	k.signed(t, attesttest.Signing{Logs: []string{}})
	identity := "  build: {issuer: " + k.job.Issuer + ", subject: '" + k.job.Subject + "', claims: {sourceRepositoryIdentifier: 4711}}\n"
	for _, c := range []struct {
		name, trust, at string
		code            int
		says            string
	}{
		{"while it may", "timestamps: 1, degraded: 2h", "13:00:00Z", exitAllowed, "ok       fixture"},
		{"for too long", "timestamps: 1, degraded: 2h", "14:01:01Z", exitRefused, "UNLOGGED"},
		{"when it may not", "timestamps: 1", "13:00:00Z", exitRefused, "STAGE_MISSING"}, // it is no evidence,
		{"when no log is asked for", "log: none", "14:01:01Z", exitAllowed, "ok       fixture"},
	} {
		k.policy(t, identity, "timestamps: 1", c.trust)
		k.fixture(t, "case", "13:00:00Z", c.at)
		out, stderr, code := callSealock(t, nil, "policy", "test", "-C", k.dir)
		if code != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%s: exit %d, expected %d and %q\n%s%s", c.name, code, c.code, c.says, out, stderr)
		}
	}
}

// What a policy may ask for is what a certificate can say.
func TestClaimsOfPolicyAndCertificate(t *testing.T) {
	t.Parallel()
	if got, want := slices.Sorted(slices.Values(gate.Claims)), sigstore.ClaimNames(); !slices.Equal(got, want) {
		t.Errorf("a policy may name %q, a certificate has %q", got, want)
	}
}
