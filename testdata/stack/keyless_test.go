// SPDX-License-Identifier: Apache-2.0

package stack_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/testdata/stack"
)

// forge is a CI system as the tests simulate it.
type forge struct {
	name, issuer, subject string
	claims                map[string]string // in the policy that the jobs run under
	job                   func(c *ci) []string
	args                  func(c *ci) []string
}

var forges = []forge{
	{"github", gitHubIssuer, gitHubSubject, map[string]string{"sourceRepositoryIdentifier": "4711", "runnerEnvironment": "github-hosted", "buildTrigger": "push"},
		func(c *ci) []string { return c.gitHubJob(nil) }, func(*ci) []string { return nil }},
	{"gitlab", gitLabIssuer, gitLabSubject, map[string]string{"sourceRepositoryIdentifier": "20", "runnerEnvironment": "gitlab-hosted", "deploymentEnvironment": "staging"},
		func(c *ci) []string { return c.gitLabJob("sigstore", nil) }, func(c *ci) []string { return []string{"--signing-config", c.SigningConfig} }},
}

func everyRole(string) string { return "job" }

// A job on GitHub Actions, and one on GitLab, sign every stage of the sample with their own identity, and the gate lets the product into staging;
// not for any other identity, and not for one with a single other claim.
func TestKeylessPipeline(t *testing.T) {
	for _, f := range forges {
		t.Run(f.name, func(t *testing.T) {
			c := newCI(t, stack.Memory)
			shop := c.keylessSample(identity("job", f.issuer, f.subject, f.claims), everyRole)
			c.job(0, shop, f.job(c), append([]string{c.sealock, "run", "--all"}, f.args(c)...)...)
			c.signedByCertificates(shop, f)
			verify := []string{c.sealock, "verify", "oci-layout:out/shop", "--env", "staging"}
			c.job(0, shop, nil, verify...)

			t.Run("each claim", func(t *testing.T) { c.in(t).eachClaim(shop, f, verify) })
			t.Run("without a network", func(t *testing.T) { c.in(t).offline(shop, verify) })
			t.Run("no token is shown", func(t *testing.T) { c.in(t).noToken(shop) })
		})
	}
}

func (c *ci) in(t *testing.T) *ci {
	part := *c
	part.world = c.world.in(t)
	return &part
}

// signedByCertificates demands that all evidence names the job, and no key.
func (c *ci) signedByCertificates(shop string, f forge) {
	c.Helper()
	for _, file := range c.bundles(shop) {
		claims := c.claims(file)
		for name, want := range f.claims {
			if claims[name] != want {
				c.Errorf("%s: %s is %q, expected %q", filepath.Base(file), name, claims[name], want)
			}
		}
		data, err := os.ReadFile(file)
		c.must(err)
		for _, part := range []string{`"certificate"`, `"tlogEntries"`, `"inclusionProof"`, `"rfc3161Timestamps"`} {
			if !strings.Contains(string(data), part) {
				c.Errorf("%s has no %s", filepath.Base(file), part)
			}
		}
	}
}

// eachClaim puts every claim of the certificate into the policy, and then changes one at a time.
func (c *ci) eachClaim(shop string, f forge, verify []string) {
	all := c.claims(c.bundles(shop)[0])
	if len(all) < 15 {
		c.Errorf("the certificate has %d claims, expected those of a CI job: %v", len(all), all)
	}
	old := identity("job", f.issuer, f.subject, f.claims)
	try := func(want int, issuer, subject string, claims map[string]string) string {
		c.Helper()
		policy := c.copyPolicy(filepath.Join(shop, "policy"), old, identity("job", issuer, subject, claims))
		return c.job(want, shop, nil, append(slices.Clone(verify), "--policy", policy)...)
	}
	shows := func(out, claim, expected, found string) {
		c.Helper()
		if want := claim + `: expected "` + expected + `", found "` + found + `"`; !strings.Contains(out, want) {
			c.Errorf("the message does not say %s:\n%s", want, out)
		}
	}
	try(0, f.issuer, f.subject, all)
	for name, value := range all {
		changed := maps.Clone(all)
		changed[name] = value + "0"
		shows(try(1, f.issuer, f.subject, changed), name, value+"0", value)
	}
	for _, subject := range []string{f.subject + "0", strings.Replace(f.subject, "acme/", "acm3/", 1)} {
		shows(try(1, f.issuer, subject, all), "subject", subject, f.subject)
	}
	issuer := f.issuer + "/other"
	shows(try(1, issuer, f.subject, all), "issuer", issuer, f.issuer)
}

// verdict is what must not depend on whether there is a network.
type verdict struct {
	Verdict   string
	TrustRoot string
	Policy    struct{ Digest map[string]string }
	Reasons   []struct{ Code, Message string }
	Inputs    []struct {
		Digest string
		Time   struct{ Value, Source string }
	}
}

// offline verifies with and without a network.
func (c *ci) offline(shop string, verify []string) {
	cut := withoutNetwork(c.T)
	if cut == nil {
		c.T.Log("a network namespace can't be made here: --offline stands in for it")
		verify = append(slices.Clone(verify), "--offline")
	}
	for env, want := range map[string]int{"staging": 0, "prod": 1} {
		args := append(slices.Clone(verify), "-o", "json")
		args[slices.Index(args, "staging")] = env
		var with, without verdict
		c.must(json.Unmarshal([]byte(c.exit(want, shop, args...)), &with))
		c.must(json.Unmarshal([]byte(c.exit(want, shop, append(cut, args...)...)), &without))
		a, b := c.json(with), c.json(without)
		if a != b {
			c.Errorf("%s: with a network\n%s\nwithout\n%s", env, a, b)
		}
		if len(with.Inputs) == 0 || with.TrustRoot == "" {
			c.Errorf("the decision names no evidence, or no trust root: %s", a)
		}
		for _, in := range with.Inputs {
			if in.Time.Source != "tsa" {
				c.Errorf("the time of %s is from %q, expected the time stamp authority", in.Digest, in.Time.Source)
			}
		}
	}
}

func (c *ci) json(v any) string {
	c.Helper()
	raw, err := json.Marshal(v)
	c.must(err)
	return string(raw)
}

// noToken looks for tokens, whole or in part, and for what they are fetched with, in everything that was printed or written.
func (c *ci) noToken(shop string) {
	secrets := slices.Concat(c.GitHub.Minted(), c.GitLab.Minted(), c.People.Minted())
	if len(secrets) == 0 {
		c.Fatal("no token was given")
	}
	var parts []string
	for _, s := range secrets {
		p := strings.Split(s, ".")
		parts = append(parts, p[len(p)-1]) // its signature makes a token one; the rest can be said
	}
	look := func(where, text string) {
		for _, part := range parts {
			if strings.Contains(text, part) {
				c.Errorf("%s holds a token", where)
			}
		}
	}
	look("the output", c.said.String())
	for _, dir := range []string{shop, c.home} {
		for file := range c.files(dir) {
			data, err := os.ReadFile(file)
			c.must(err)
			look(file, string(data))
		}
	}
}

// A token that is meant for somebody else, is not GitHub's, or has expired, is of no use; nothing is stored.
func TestKeylessTokens(t *testing.T) {
	c := newCI(t, stack.Memory)
	r := c.relays()
	sound := identity("job", gitHubIssuer, gitHubSubject, nil)
	shop := c.keylessSample(sound, everyRole)
	wrongURL, wrongToken := c.GitHub.JobFor("https://example.org", nil)
	url, _ := c.GitHub.Job(nil)
	forged := c.gitLabJob("sigstore", map[string]any{"iss": gitHubIssuer, "job_workflow_ref": "acme/shop/.github/workflows/build.yml@refs/heads/main"})
	for _, tc := range []struct {
		name string
		env  []string
		want int
		say  string
		sent int64 // requests to the certificate authority
	}{
		{"no permission", []string{"GITHUB_ACTIONS=true"}, 3, "id-token: write", 0},
		{"GitLab without id_tokens", []string{"GITLAB_CI=true"}, 3, "id_tokens", 0},
		{"GitLab token for another audience", c.gitLabJob("https://gitlab.com", nil), 3, `expected "sigstore"`, 0},
		{"GitHub token for another audience", []string{"ACTIONS_ID_TOKEN_REQUEST_URL=" + wrongURL, "ACTIONS_ID_TOKEN_REQUEST_TOKEN=" + wrongToken}, 3, `expected "sigstore"`, 0},
		{"expired", c.gitLabJob("sigstore", map[string]any{"exp": 1700000000}), 3, "expired", 0},
		{"a job that may not", []string{"ACTIONS_ID_TOKEN_REQUEST_URL=" + url, "ACTIONS_ID_TOKEN_REQUEST_TOKEN=ANOTHERJOBSTOKENFORTHIS"}, 2, "token service", 0},
		{"signed by another issuer", forged, 2, "certificate authority", 1},
		{"no token at all", []string{"SIGSTORE_ID_TOKEN=not-a-token-but-secret"}, 3, "identity token", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := c.in(t)
			before := r.ca.requests.Load()
			out := c.job(tc.want, shop, tc.env, c.sealock, "run", "source", "--signing-config", r.config)
			if !strings.Contains(out, tc.say) {
				t.Errorf("the message does not say %q:\n%s", tc.say, out)
			}
			if sent := r.ca.requests.Load() - before; sent != tc.sent {
				t.Errorf("%d requests reached the certificate authority, expected %d", sent, tc.sent)
			}
			if found := c.files(filepath.Join(shop, ".sealock")); len(found) != 0 {
				t.Errorf("something was stored: %v", found)
			}
			for _, secret := range []string{"ANOTHERJOBSTOKENFORTHIS", "not-a-token-but-secret"} {
				if strings.Contains(out, secret) {
					t.Error("the message holds a secret")
				}
			}
			c.noToken(shop)
		})
	}
}

// A server that stops while a stage is at work leaves nothing half-written; the message names it. When it is back, the stage runs.
func TestKeylessServerStops(t *testing.T) {
	for _, tc := range []struct {
		server string
		after  int64 // requests
		say    string
	}{
		{stack.ServerCA, 0, "certificate authority"},
		{stack.ServerCTLog, 0, "certificate authority"},
		{stack.ServerLog, 2, "transparency log"},
		{stack.ServerTSA, 2, "time stamp authority"},
	} {
		t.Run(tc.server, func(t *testing.T) {
			t.Parallel()
			c := newCI(t, stack.Memory)
			shop := c.keylessSample(identity("job", gitHubIssuer, gitHubSubject, nil), everyRole)
			c.job(0, shop, c.gitHubJob(nil), c.sealock, "run", "source")
			store := c.files(filepath.Join(shop, ".sealock"))
			r := c.relays()
			at := r.of(tc.server)
			at.after, at.then = tc.after, func() { c.StopServer(tc.server) }
			out := c.job(2, shop, c.gitHubJob(nil), c.sealock, "run", "build", "--signing-config", r.config)
			if !strings.Contains(out, tc.say) || !strings.Contains(out, at.URL) {
				t.Errorf("the message does not name the %s %s:\n%s", tc.say, at.URL, out)
			}
			if at.requests.Load() <= tc.after {
				t.Errorf("the server was asked %d times, expected more than %d", at.requests.Load(), tc.after)
			}
			if now := c.files(filepath.Join(shop, ".sealock")); !maps.Equal(now, store) {
				t.Errorf("the store changed: before\n%v\nafter\n%v", store, now)
			}
			c.noToken(shop)
			c.must(c.RestartServer(t.Context(), tc.server))
			c.job(0, shop, c.gitHubJob(nil), c.sealock, "run", "build", "--signing-config", r.config)
		})
	}
}
