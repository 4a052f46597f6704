// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"context"
	"crypto"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

const (
	githubIssuer = "https://token.actions.githubusercontent.com"
	gitlabIssuer = "https://gitlab.com"
	mailIssuer   = "https://accounts.google.com"
	mainBranch   = "@refs/heads/main"
	workflows    = "https://github.com/acme/shop/.github/workflows/"
)

// issued says who signs with which certificate, and what stands behind it. Signatures are real; that a certificate was proven is assumed.
type issued struct {
	by       map[string]attest.Identity // name of a test key → who its certificate names
	unlogged map[string]bool            // names whose signatures are in no log
	source   attest.TimeSource
	delay    time.Duration // of the trusted time after the claimed one
}

func (c *issued) clone() *issued {
	out := *c
	out.by, out.unlogged = maps.Clone(c.by), maps.Clone(c.unlogged)
	for name, id := range out.by {
		id.Claims = maps.Clone(id.Claims)
		out.by[name] = id
	}
	return &out
}

func (c *issued) keys() []crypto.PublicKey {
	var out []crypto.PublicKey
	for _, name := range sortedKeys(c.by) {
		out = append(out, testKeys()[name].Private.Public())
	}
	return out
}

// certified stands for a verifier of certificates.
type certified struct {
	real *sigstore.Authenticator
	*issued
}

func (c certified) Authenticate(ctx context.Context, bundle []byte) (attest.Authenticated, error) {
	a, err := c.real.Authenticate(ctx, bundle)
	if err != nil {
		return a, err
	}
	for name, id := range c.by {
		if testKeys()[name].ID != a.Signer.Key {
			continue
		}
		a.Signer, a.Logged = id, !c.unlogged[name]
		a.Time, a.TimeSource = c.timeOf(a.Payload), c.source
		if a.Time.IsZero() {
			a.TimeSource = ""
		}
	}
	return a, nil
}

// timeOf is shortly after the time that a statement gives for itself.
func (c *issued) timeOf(payload []byte) time.Time {
	if c.source == "" {
		return time.Time{}
	}
	st, err := attest.DecodeStatement(payload)
	if err != nil {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, predicate.TimeOf(st))
	if err != nil {
		t = now.Add(-2 * time.Hour)
	}
	return t.Add(c.delay)
}

func trustRoot(json []byte) (attest.Digest, error) {
	if string(json) == "{}" {
		return attest.Digest{}, errors.New("no certificate authority")
	}
	return attest.SHA256(append([]byte("root "), json...)), nil
}

// job is the identity of a job on GitHub.
func job(file, serial string) attest.Identity {
	return attest.Identity{Issuer: githubIssuer, Subject: workflows + file + mainBranch, Serial: serial, Claims: map[string]string{
		"buildConfigURI": workflows + file + mainBranch, "buildSignerURI": workflows + file + mainBranch, "buildTrigger": "push", "runInvocationURI": "https://github.com/acme/shop/actions/runs/7/attempts/1",
		"runnerEnvironment": "github-hosted", "sourceRepositoryDigest": "0123456789abcdef0123456789abcdef01234567", "sourceRepositoryIdentifier": "4711", "sourceRepositoryOwnerIdentifier": "17",
		"sourceRepositoryOwnerURI": "https://github.com/acme", "sourceRepositoryRef": "refs/heads/main", "sourceRepositoryURI": "https://github.com/acme/shop", "sourceRepositoryVisibilityAtSigning": "private",
		"deploymentEnvironment": "release", "tokenSubject": "repo:acme/shop:environment:release"}}
}

func mail(address string) attest.Identity {
	return attest.Identity{Issuer: mailIssuer, Subject: address, Serial: "0" + strings.Repeat("a", len(address))}
}

// allClaims are the claims that the policy of certificates asks of the build.
const allClaims = `{sourceRepositoryIdentifier: 4711, sourceRepositoryOwnerIdentifier: "17", runnerEnvironment: github-hosted, buildTrigger: [push, release], sourceRepositoryRef: refs/heads/main,
      buildConfigURI: "` + workflows + "build.yml" + mainBranch + `", buildSignerURI: "` + workflows + "build.yml" + mainBranch + `", sourceRepositoryURI: "https://github.com/acme/shop",
      sourceRepositoryVisibilityAtSigning: [private, internal], deploymentEnvironment: release, tokenSubject: "repo:acme/shop:environment:release"}`

// withCertificates makes the shop's people and jobs sign with certificates.
func withCertificates(w *world) *world {
	identity := func(file string) string {
		return "{issuer: \"" + githubIssuer + "\", subject: \"" + workflows + file + mainBranch + "\", claims: {sourceRepositoryIdentifier: 4711}}"
	}
	w.certs = &issued{source: attest.Authority, delay: time.Minute, unlogged: map[string]bool{}, by: map[string]attest.Identity{
		"source-job": job("source.yml", "01"), "build-job": job("build.yml", "02"), "scan-job": job("scan.yml", "03"), "release-job": job("release.yml", "04"), "build-two": job("build-two.yml", "05"),
		"outsider": job("other.yml", "06"), "alice": mail("alice@acme.io"), "alice-laptop": {Issuer: githubIssuer + "/login", Subject: "alice@acme.io", Serial: "07"}, "bob": mail("bob@acme.io"), "carol": mail("carol@acme.io"),
	}}
	return w.policyText("trust: none", "trust: {sigstore: public-good, timestamps: 1}",
		"{key: keys/source-job.pub}", identity("source.yml"), "{key: keys/scan-job.pub}", identity("scan.yml"), "{key: keys/release-job.pub}", identity("release.yml"),
		"{key: keys/outsider.pub}", identity("other.yml"), "{key: keys/build-two.pub}", identity("build-two.yml"),
		"{key: keys/build-job.pub}", "\n    issuer: "+githubIssuer+"\n    subject: "+workflows+"build.yml"+mainBranch+"\n    claims: "+allClaims,
		"{key: keys/alice.pub}", "{issuer: \""+mailIssuer+"\", subject: alice@acme.io}", "{key: keys/alice-laptop.pub}", "{issuer: \""+githubIssuer+"/login\", subject: alice@acme.io}",
		"{key: keys/bob.pub}", "{issuer: \""+mailIssuer+"\", subject: bob@acme.io}", "{key: keys/carol.pub}", "{issuer: \""+mailIssuer+"\", subject: carol@acme.io}",
		"  alice: [alice, keys/alice-laptop.pub]", "  alice: [alice]")
}

func certifiedWorld(t testing.TB) *world {
	return withCertificates(newWorld(t)).chain().promote("dev", "build-job").promote("staging", "release-job").approve("alice").approve("bob")
}

// claim changes one claim of a certificate; "" takes it away.
func (w *world) claim(name, claim, value string) *world {
	id := w.certs.by[name]
	switch {
	case claim == "issuer":
		id.Issuer = value
	case claim == "subject":
		id.Subject = value
	case value == "":
		delete(id.Claims, claim)
	default:
		id.Claims[claim] = value
	}
	w.certs.by[name] = id
	return w
}
