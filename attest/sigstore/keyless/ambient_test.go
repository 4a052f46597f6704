// SPDX-License-Identifier: Apache-2.0

package keyless_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore/keyless"
)

const secretWord = "s3cret-request-token-of-the-job"

func environment(t *testing.T, vars map[string]string) keyless.Environment {
	t.Helper()
	return keyless.Environment{Getenv: func(n string) string { return vars[n] }, HTTP: http.DefaultTransport, Budget: 800 * time.Millisecond, Root: t.TempDir()}
}

// ambient gets the token that the variables lead to.
func ambient(t *testing.T, e keyless.Environment) (name, token string, err error) {
	t.Helper()
	s, err := keyless.Ambient(e)
	if err != nil {
		return "", "", err
	}
	token, err = s.Token(t.Context())
	if err != nil && strings.Contains(err.Error(), secretWord) {
		t.Errorf("the message holds the secret: %v", err)
	}
	return s.Name, token, err
}

func TestAmbientGitHub(t *testing.T) {
	t.Parallel()
	var asked *http.Request
	answer, status := `{"count":1,"value":"a.b.c"}`, http.StatusOK
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	defer srv.Close()
	vars := map[string]string{"ACTIONS_ID_TOKEN_REQUEST_URL": srv.URL + "/idtoken/1?api-version=2.0", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": secretWord, "GITHUB_ACTIONS": "true"}
	name, token, err := ambient(t, environment(t, vars))
	if err != nil || token != "a.b.c" || name != "GitHub Actions" {
		t.Fatalf("%s gave %q, %v", name, token, err)
	}
	if q := asked.URL.Query(); q.Get("audience") != "sigstore" || q.Get("api-version") != "2.0" || asked.Header.Get("Authorization") != "Bearer "+secretWord {
		t.Errorf("asked for %s", asked.URL)
	}
	vars["ACTIONS_ID_TOKEN_REQUEST_URL"] = srv.URL + "/idtoken/1" // a URL without a query is no trap
	if _, _, err := ambient(t, environment(t, vars)); err != nil || asked.URL.Query().Get("audience") != "sigstore" {
		t.Errorf("%v, asked for %s", err, asked.URL)
	}
	status, answer = http.StatusForbidden, `{"message":"no: `+secretWord+`"}`
	var refused *keyless.RefusedError
	if _, _, err := ambient(t, environment(t, vars)); !errors.As(err, &refused) || refused.Status != 403 {
		t.Errorf("expected a refusal, got %v", err)
	}
	status = http.StatusBadGateway
	var down *keyless.DownError
	if _, _, err := ambient(t, environment(t, vars)); !errors.As(err, &down) || down.Service != "token service" {
		t.Errorf("expected a DownError, got %v", err)
	}
	for _, answer = range []string{``, `{}`, `{"value":1}`, `{"value":""}`, `[]`, `{"value":"x","value":"y"}`} {
		status = http.StatusOK
		var problem *keyless.TokenError
		if _, _, err := ambient(t, environment(t, vars)); !errors.As(err, &problem) {
			t.Errorf("answer %q: expected a TokenError, got %v", answer, err)
		}
	}
	asked = nil
	vars["ACTIONS_ID_TOKEN_REQUEST_URL"] = "http://192.0.2.1/idtoken"
	if _, _, err := ambient(t, environment(t, vars)); err == nil || !strings.Contains(err.Error(), "https") || asked != nil {
		t.Errorf("a request token is sent over plain http: %v", err)
	}
}

func TestAmbientVariablesAndFiles(t *testing.T) {
	t.Parallel()
	e := environment(t, map[string]string{"SIGSTORE_ID_TOKEN": " from.a.variable\n", "ACTIONS_ID_TOKEN_REQUEST_URL": "http://127.0.0.1:1/", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": secretWord})
	if name, token, err := ambient(t, e); err != nil || token != "from.a.variable" || name != "SIGSTORE_ID_TOKEN" {
		t.Errorf("%s gave %q, %v", name, token, err)
	}
	file := filepath.Join(t.TempDir(), "token")
	e = environment(t, map[string]string{"SEALOCK_ID_TOKEN_FILE": file, "SIGSTORE_ID_TOKEN": "x"})
	var problem *keyless.TokenError
	if _, _, err := ambient(t, e); !errors.As(err, &problem) || !strings.Contains(err.Error(), "SEALOCK_ID_TOKEN_FILE") {
		t.Errorf("a file that is named and missing: %v", err)
	}
	put(t, file, "from.a.file\n")
	if _, token, err := ambient(t, e); err != nil || token != "from.a.file" {
		t.Errorf("%q, %v", token, err)
	}
	put(t, file, strings.Repeat("x", keyless.MaxToken+1))
	if _, _, err := ambient(t, e); !errors.As(err, &problem) {
		t.Errorf("a file that is too long: %v", err)
	}
	e = environment(t, nil)
	put(t, filepath.Join(e.Root, "var/run/sigstore/cosign/oidc-token"), "projected.by.kubernetes")
	if name, token, err := ambient(t, e); err != nil || token != "projected.by.kubernetes" {
		t.Errorf("%s gave %q, %v", name, token, err)
	}
}

func put(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestNoAmbientToken(t *testing.T) {
	t.Parallel()
	for variable, hint := range map[string]string{"GITHUB_ACTIONS": "id-token: write", "GITLAB_CI": "id_tokens", "": "--key"} {
		_, _, err := ambient(t, environment(t, map[string]string{variable: "true"}))
		var problem *keyless.TokenError
		if !errors.As(err, &problem) || !strings.Contains(problem.Hint, hint) {
			t.Errorf("%s: %v", variable, err)
		}
	}
}

func TestAmbientBuildkite(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q map[string]string
		if json.NewDecoder(r.Body).Decode(&q) != nil || q["audience"] != "sigstore" || r.URL.Path != "/v3/jobs/0193-ab/oidc/tokens" || r.Header.Get("Authorization") != "Token "+secretWord {
			http.Error(w, `{"message":"no `+secretWord+`"}`, http.StatusUnprocessableEntity)
			return
		}
		_, _ = io.WriteString(w, `{"token":"a.b.c"}`)
	}))
	defer srv.Close()
	vars := map[string]string{"BUILDKITE_AGENT_ACCESS_TOKEN": secretWord, "BUILDKITE_AGENT_ENDPOINT": srv.URL + "/v3", "BUILDKITE_JOB_ID": "0193-ab"}
	if name, token, err := ambient(t, environment(t, vars)); err != nil || token != "a.b.c" || name != "Buildkite" {
		t.Errorf("%s gave %q, %v", name, token, err)
	}
	for _, id := range []string{"", "../../x", "another"} {
		vars["BUILDKITE_JOB_ID"] = id
		if _, token, err := ambient(t, environment(t, vars)); err == nil {
			t.Errorf("job %q gave %q", id, token)
		}
	}
}

func TestAmbientGoogle(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Metadata-Flavor") != "Google" || r.URL.Query().Get("audience") != "sigstore" || r.URL.Query().Get("format") != "full" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		w.Header().Set("Metadata-Flavor", "Google")
		_, _ = io.WriteString(w, "a.b.c")
	}))
	defer srv.Close()
	host := strings.TrimPrefix(srv.URL, "http://")
	if name, token, err := ambient(t, environment(t, map[string]string{"GCE_METADATA_HOST": host})); err != nil || token != "a.b.c" || name != "Google Cloud" {
		t.Errorf("%s gave %q, %v", name, token, err)
	}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a.b.c") }))
	defer other.Close()
	if _, _, err := ambient(t, environment(t, map[string]string{"GCE_METADATA_HOST": strings.TrimPrefix(other.URL, "http://")})); err == nil {
		t.Error("anybody is taken for Google's metadata server")
	}
}

// workloadAPI is the SPIFFE Workload API on a Unix socket, over HTTP/2 without TLS as gRPC clients speak it.
func workloadAPI(t *testing.T, answer func(w http.ResponseWriter, audience []byte)) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "s") // the names of sockets are short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "api.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	srv := &http.Server{ReadHeaderTimeout: time.Minute, Protocols: &protocols, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.ProtoMajor != 2 || r.URL.Path != "/SpiffeWorkloadAPI/FetchJWTSVID" || r.Header.Get("workload.spiffe.io") != "true" || len(body) < 7 {
			w.Header().Set("Grpc-Status", "3")
			return
		}
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set("Trailer", "Grpc-Status, Grpc-Message")
		answer(w, body[7:])
	})}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	return path
}

// svid is a framed JWTSVIDResponse.
func svid(id, token string) []byte {
	field := func(n byte, v string) string { return string([]byte{n<<3 | 2, byte(len(v))}) + v }
	m := field(1, field(1, id)+field(2, token))
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(m))), m...)
}

func TestAmbientSPIFFE(t *testing.T) {
	t.Parallel()
	good := workloadAPI(t, func(w http.ResponseWriter, audience []byte) {
		if string(audience) == "sigstore" {
			_, _ = w.Write(svid("spiffe://acme.example/build", "a.b.c"))
		}
		w.Header().Set("Grpc-Status", "0")
	})
	for _, socket := range []string{good, "unix://" + good, "unix:" + good} {
		if name, token, err := ambient(t, environment(t, map[string]string{"SPIFFE_ENDPOINT_SOCKET": socket})); err != nil || token != "a.b.c" || name != "SPIFFE" {
			t.Errorf("%s: %s gave %q, %v", socket, name, token, err)
		}
	}
	denied := workloadAPI(t, func(w http.ResponseWriter, _ []byte) {
		w.Header().Set("Grpc-Status", "7")
		w.Header().Set("Grpc-Message", "no identity issued")
	})
	var problem *keyless.TokenError
	if _, _, err := ambient(t, environment(t, map[string]string{"SPIFFE_ENDPOINT_SOCKET": denied})); !errors.As(err, &problem) || !strings.Contains(err.Error(), "no identity issued") {
		t.Errorf("expected what it said, got %v", err)
	}
	malformed := workloadAPI(t, func(w http.ResponseWriter, _ []byte) {
		_, _ = w.Write([]byte{0, 0, 0, 0, 9, 1})
		w.Header().Set("Grpc-Status", "0")
	})
	if _, _, err := ambient(t, environment(t, map[string]string{"SPIFFE_ENDPOINT_SOCKET": malformed})); !errors.As(err, &problem) {
		t.Errorf("expected a TokenError, got %v", err)
	}
	var down *keyless.DownError
	if _, _, err := ambient(t, environment(t, map[string]string{"SPIFFE_ENDPOINT_SOCKET": "unix:///nowhere/api.sock"})); !errors.As(err, &down) {
		t.Errorf("expected a DownError, got %v", err)
	}
	if _, _, err := ambient(t, environment(t, map[string]string{"SPIFFE_ENDPOINT_SOCKET": "tcp://192.0.2.1:80"})); !errors.As(err, &problem) {
		t.Errorf("expected a TokenError, got %v", err)
	}
}

// A token for somebody else, or one that is over, is refused before it is sent anywhere, and is in no message.
func TestTokensThatAreNotSent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		claims map[string]any
		part   string
	}{
		"wrong audience":  {map[string]any{"aud": "https://github.com/acme"}, `expected "sigstore"`},
		"wrong audiences": {map[string]any{"aud": []string{"a", "b"}}, `meant for "a, b"`},
		"no audience":     {map[string]any{"aud": nil}, "meant for"},
		"odd audience":    {map[string]any{"aud": 7}, "sound"},
		"expired":         {map[string]any{"exp": at.Unix() - 1}, "expired at 2026-11-22T05:59:59Z"},
		"expires now":     {map[string]any{"exp": at.Unix()}, "expired"},
		"no expiry":       {map[string]any{"exp": nil}, "expires"},
		"not yet":         {map[string]any{"nbf": at.Unix() + 3600}, "clock"},
		"no issuer":       {map[string]any{"iss": ""}, "issuer"},
		"nobody":          {map[string]any{"sub": ""}, "nobody"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, attesttest.LogV2)
			token := w.Token(t, job, c.claims)
			w.options.Token = keyless.Static("test", token).Token
			_, err := w.signer(t).Sign(t.Context(), statement(t))
			var problem *keyless.TokenError
			if !errors.As(err, &problem) || !strings.Contains(err.Error(), c.part) {
				t.Errorf("expected %q, got %v", c.part, err)
			}
			if w.Asked(attesttest.ServerCA)+w.Asked(attesttest.ServerTime)+w.Asked(attesttest.ServerLogV2) != 0 {
				t.Error("the token was sent")
			}
			for part := range strings.SplitSeq(token, ".") {
				if err != nil && strings.Contains(err.Error(), part) {
					t.Errorf("the message holds a part of the token: %v", err)
				}
			}
		})
	}
	for _, token := range []string{"", "x", "a.b", "a.b.c.d", "!.!.!", "e30.e30.", "e30.bnVsbA.e30", "e30.eyJhdWQiOiJhIiwiYXVkIjoic2lnc3RvcmUifQ.e30", strings.Repeat("a", keyless.MaxToken+1)} {
		w := newWorld(t, attesttest.LogV2)
		w.options.Token = keyless.Static("test", token).Token
		_, err := w.signer(t).Identify(t.Context())
		var problem *keyless.TokenError
		if !errors.As(err, &problem) || (len(token) > 8 && strings.Contains(err.Error(), token)) {
			t.Errorf("token %.40q: %v", token, err)
		}
	}
}

// What a token leads to expect is what the certificate authorities of Sigstore write.
func TestIdentityThatIsExpected(t *testing.T) {
	t.Parallel()
	for want, claims := range map[string]map[string]any{
		"https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/main (https://issuer.example)": {"job_workflow_ref": "acme/shop/.github/workflows/build.yml@refs/heads/main"},
		"https://gitlab.com/acme/shop//.gitlab-ci.yml@refs/heads/main (https://issuer.example)":             {"ci_config_ref_uri": "gitlab.com/acme/shop//.gitlab-ci.yml@refs/heads/main"},
		"https://buildkite.com/acme/shop (https://issuer.example)":                                          {"organization_slug": "acme", "pipeline_slug": "shop"},
		"alice@acme.example (https://accounts.example)":                                                     {"email": "alice@acme.example", "federated_claims": map[string]any{"connector_id": "https://accounts.example"}},
		"alice@acme.example (https://issuer.example)":                                                       {"email": "alice@acme.example"},
		"spiffe://acme.example/build (https://issuer.example)":                                              {"sub": "spiffe://acme.example/build"},
	} {
		w := newWorld(t, attesttest.LogV2)
		w.options.Token = keyless.Static("test", w.Token(t, attesttest.Workload{Issuer: "https://issuer.example", Subject: "https://x.example"}, claims)).Token
		id, err := w.signer(t).Identify(t.Context())
		if err != nil || id.String() != want {
			t.Errorf("expected %s, got %s, %v", want, id, err)
		}
	}
}

func TestSourceFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, attesttest.LogV2)
	gone := errors.New("gone")
	w.options.Token = func(context.Context) (string, error) { return "", gone }
	if err := w.signer(t).Unlock(t.Context()); !errors.Is(err, gone) {
		t.Errorf("expected the cause, got %v", err)
	}
}
