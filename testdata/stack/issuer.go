// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Issuer is an OIDC issuer that gives tokens to simulated CI jobs, under the real issuer's name. Only the Fulcio beside it takes them.
type Issuer struct {
	Name     string // iss
	jobs     string // URL of this process under which jobs ask for tokens
	defaults map[string]any
	now      func() time.Time
	key      *rsa.PrivateKey
	keyID    string

	mu     sync.Mutex
	asking map[string]job // by their request tokens
	minted []string
}

// job is one that asks for its tokens.
type job struct {
	claims   map[string]any
	audience string // that its tokens have whatever it asks for, unless ""
}

const tokenLifetime = 5 * time.Minute

func newIssuer(name string, defaults map[string]any, now func() time.Time) (*Issuer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	return &Issuer{Name: name, defaults: defaults, now: now, key: key, keyID: rand.Text(), asking: map[string]job{}}, nil
}

// Mint signs a token. claims are laid over those of the sample job; nil takes one away.
func (i *Issuer) Mint(audience string, claims map[string]any) (string, error) {
	now := i.now()
	all := maps.Clone(i.defaults)
	maps.Copy(all, map[string]any{"iss": i.Name, "aud": audience, "jti": rand.Text(), "iat": now.Unix(), "nbf": now.Add(-5 * time.Second).Unix(), "exp": now.Add(tokenLifetime).Unix()})
	maps.Copy(all, claims)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	var parts []string
	for _, part := range []any{map[string]string{"typ": "JWT", "alg": "RS256", "kid": i.keyID}, all} {
		raw, err := json.Marshal(part)
		if err != nil {
			return "", err
		}
		parts = append(parts, base64.RawURLEncoding.EncodeToString(raw))
	}
	signed := strings.Join(parts, ".")
	sum := sha256.Sum256([]byte(signed))
	sig, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	token := signed + "." + base64.RawURLEncoding.EncodeToString(sig)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.minted = append(i.minted, token)
	return token, nil
}

// Minted are all tokens so far, and what jobs got them with: none of it may show up anywhere.
func (i *Issuer) Minted() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	out := append([]string(nil), i.minted...)
	for token := range i.asking {
		out = append(out, token)
	}
	return out
}

// Job gives a simulated job of GitHub Actions what it asks for tokens with: ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN.
func (i *Issuer) Job(claims map[string]any) (url, token string) { return i.job(job{claims: claims}) }

// JobFor is one whose tokens are all meant for somebody, whatever it asks for.
func (i *Issuer) JobFor(audience string, claims map[string]any) (url, token string) {
	return i.job(job{claims, audience})
}

func (i *Issuer) job(j job) (url, token string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	token = rand.Text() + rand.Text()
	i.asking[token] = j
	return i.jobs + "/idtoken/1?api-version=2.0", token
}

// ServeHTTP serves discovery and keys (https://openid.net/specs/openid-connect-discovery-1_0.html), and tokens to jobs as GitHub does:
// https://docs.github.com/en/actions/reference/security/oidc.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasSuffix(r.URL.Path, "/.well-known/openid-configuration"):
		answer(w, map[string]any{"issuer": i.Name, "jwks_uri": i.Name + "/keys", "subject_types_supported": []string{"public"},
			"response_types_supported": []string{"id_token"}, "id_token_signing_alg_values_supported": []string{"RS256"}})
	case strings.HasSuffix(r.URL.Path, "/keys"):
		answer(w, map[string]any{"keys": []any{map[string]string{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": i.keyID,
			"n": base64.RawURLEncoding.EncodeToString(i.key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(i.key.E)).Bytes())}}})
	case strings.HasSuffix(r.URL.Path, "/idtoken/1"):
		i.serveToken(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (i *Issuer) serveToken(w http.ResponseWriter, r *http.Request) {
	kind, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	i.mu.Lock()
	j, ok := i.asking[secret]
	i.mu.Unlock()
	if !ok || !strings.EqualFold(kind, "bearer") {
		http.Error(w, "no such job", http.StatusUnauthorized)
		return
	}
	audience := r.URL.Query().Get("audience")
	if audience == "" {
		audience = "https://github.com/acme"
	}
	if j.audience != "" {
		audience = j.audience
	}
	token, err := i.Mint(audience, j.claims)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer(w, map[string]any{"count": len(token), "value": token})
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

const sampleCommit = "5b1f0e2d7c4a9836e0d1c2b3a4958677f0e1d2c3"

// gitHubClaims are those of a token of GitHub Actions (https://docs.github.com/en/actions/reference/security/oidc), for a push to main.
func gitHubClaims() map[string]any {
	const workflow = "acme/shop/.github/workflows/build.yml@refs/heads/main"
	return map[string]any{"sub": "repo:acme/shop:ref:refs/heads/main", "ref": "refs/heads/main", "ref_type": "branch", "ref_protected": "true", "sha": sampleCommit,
		"repository": "acme/shop", "repository_id": "4711", "repository_owner": "acme", "repository_owner_id": "42", "repository_visibility": "private",
		"run_id": "1001", "run_number": "7", "run_attempt": "1", "runner_environment": "github-hosted", "actor": "alice", "actor_id": "12",
		"workflow": "build", "workflow_ref": workflow, "workflow_sha": sampleCommit, "job_workflow_ref": workflow, "job_workflow_sha": sampleCommit,
		"event_name": "push", "head_ref": "", "base_ref": "", "environment": "staging"}
}

// gitLabClaims are those of an ID token of GitLab (https://docs.gitlab.com/ci/secrets/id_token_authentication/), for a push to main.
func gitLabClaims() map[string]any {
	return map[string]any{"sub": "project_path:acme/shop:ref_type:branch:ref:main", "namespace_id": "72", "namespace_path": "acme", "project_id": "20", "project_path": "acme/shop",
		"project_visibility": "private", "user_id": "1", "user_login": "alice", "user_email": "alice@example.org", "user_access_level": "developer",
		"pipeline_id": "574", "pipeline_source": "push", "job_id": "302", "ref": "main", "ref_type": "branch", "ref_path": "refs/heads/main", "ref_protected": "true",
		"runner_id": 1, "runner_environment": "gitlab-hosted", "sha": sampleCommit, "environment": "staging",
		"ci_config_ref_uri": "gitlab.com/acme/shop//.gitlab-ci.yml@refs/heads/main", "ci_config_sha": sampleCommit}
}
