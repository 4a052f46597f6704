// SPDX-License-Identifier: Apache-2.0

package keyless

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// The variables and files in which tokens, and what gets them, are looked for.
const (
	VarTokenFile = "SEALOCK_ID_TOKEN_FILE" // names a file with a token
	VarToken     = "SIGSTORE_ID_TOKEN"     //nolint:gosec // a name, no token; a token; what GitLab's id_tokens are commonly named

	varGitHubURL   = "ACTIONS_ID_TOKEN_REQUEST_URL"
	varGitHubToken = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
	varBuildkite   = "BUILDKITE_AGENT_ACCESS_TOKEN"
	varSPIFFE      = "SPIFFE_ENDPOINT_SOCKET"
	varGoogle      = "GCE_METADATA_HOST"

	tokenFile    = "/var/run/sigstore/cosign/oidc-token" //nolint:gosec // a name, no token; where cosign looks too: a projected service account token of Kubernetes
	spireSocket  = "/tmp/spire-agent/public/api.sock"    // SPIRE's default
	googleMark   = "/sys/class/dmi/id/product_name"
	googleServer = "metadata.google.internal"
)

// SecretVariables are the variables that hold tokens, or get them: nothing that runs for a stage may see them.
func SecretVariables() []string {
	return []string{VarTokenFile, VarToken, varGitHubURL, varGitHubToken, varBuildkite}
}

// Environment is what Ambient looks at.
type Environment struct {
	Getenv   func(string) string
	HTTP     http.RoundTripper
	Audience string        // default DefaultAudience
	Budget   time.Duration // default DefaultBudget
	Root     string        // the folder that stands for / when files are looked for; default /
}

func (e Environment) caller() *caller {
	return &caller{service: tokenSource, http: e.HTTP, budget: e.Budget}
}

func (e Environment) file(path string) string { return filepath.Join("/", e.Root, path) }

func (e Environment) has(path string) bool {
	_, err := os.Stat(e.file(path))
	return err == nil
}

// Ambient finds out which token this job can get, and asks nobody: a file or variable that was set for the purpose, then the CI system, then the
// platform below it. Where there is none, the TokenError says how this CI system gives one.
func Ambient(e Environment) (Source, error) {
	if e.Audience == "" {
		e.Audience = DefaultAudience
	}
	switch {
	case e.Getenv(VarTokenFile) != "":
		return fromFile(e.Getenv(VarTokenFile), VarTokenFile), nil
	case e.Getenv(VarToken) != "":
		return Static(VarToken, e.Getenv(VarToken)), nil
	case e.has(tokenFile):
		return fromFile(e.file(tokenFile), tokenFile), nil
	case e.Getenv(varGitHubURL) != "" && e.Getenv(varGitHubToken) != "":
		return Source{"GitHub Actions", e.gitHub}, nil
	case e.Getenv(varBuildkite) != "":
		return Source{"Buildkite", e.buildkite}, nil
	case e.Getenv(varSPIFFE) != "":
		return Source{"SPIFFE", func(ctx context.Context) (string, error) { return spiffe(ctx, e.Getenv(varSPIFFE), e.Audience) }}, nil
	case e.has(spireSocket):
		return Source{"SPIFFE", func(ctx context.Context) (string, error) { return spiffe(ctx, e.file(spireSocket), e.Audience) }}, nil
	case e.Getenv(varGoogle) != "" || e.onGoogle():
		return Source{"Google Cloud", e.google}, nil
	}
	return Source{}, e.none()
}

// none says what is missing, in the words of the CI system that runs.
func (e Environment) none() error {
	err := &TokenError{Problem: "this job has none", Hint: fmt.Sprintf("set %s, or %s to a file, or sign with a key (--key)", VarToken, VarTokenFile)}
	switch {
	case e.Getenv("GITHUB_ACTIONS") == "true":
		err.Hint = "give the job on GitHub Actions the permission to get one: permissions: {id-token: write}"
	case e.Getenv("GITLAB_CI") == "true":
		err.Hint = fmt.Sprintf("give the job on GitLab one: id_tokens: {%s: {aud: %s}}", VarToken, e.Audience)
	}
	return err
}

// FromFile is a token in a file. It is read each time, for who renews it.
func FromFile(path string) Source { return fromFile(path, path) }

func fromFile(path, name string) Source {
	return Source{name, func(context.Context) (string, error) {
		f, err := os.Open(path)
		if err != nil {
			return "", &TokenError{Problem: fmt.Sprintf("reading the file that %s names: %v", name, err)}
		}
		defer f.Close()
		data, err := io.ReadAll(io.LimitReader(f, MaxToken+1))
		if err != nil || len(data) > MaxToken {
			return "", &TokenError{Problem: fmt.Sprintf("the file that %s names is longer than %d bytes, or can't be read", name, MaxToken)}
		}
		return strings.TrimSpace(string(data)), nil
	}}
}

// gitHub asks the service that runs beside a job of GitHub Actions.
func (e Environment) gitHub(ctx context.Context) (string, error) {
	u, err := url.Parse(e.Getenv(varGitHubURL))
	if err != nil {
		return "", &TokenError{Problem: varGitHubURL + " is not a URL"}
	}
	if err := checkURL(tokenSource, u.String()); err != nil {
		return "", &TokenError{Problem: varGitHubURL + ": " + err.Error()}
	}
	q := u.Query()
	q.Set("audience", e.Audience)
	u.RawQuery = q.Encode()
	secret := e.Getenv(varGitHubToken)
	a, err := e.ask(ctx, http.MethodGet, u.String(), http.Header{"Authorization": {"Bearer " + secret}}, nil, secret)
	if err != nil {
		return "", err
	}
	return field(a.body, "value", u.String())
}

// isJobID reports whether a text is the id of a job, and nothing that changes the path it is put into.
func isJobID(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "0123456789-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// buildkite asks as the agent of the job.
func (e Environment) buildkite(ctx context.Context) (string, error) {
	endpoint, job, secret := e.Getenv("BUILDKITE_AGENT_ENDPOINT"), e.Getenv("BUILDKITE_JOB_ID"), e.Getenv(varBuildkite)
	if endpoint == "" {
		endpoint = "https://agent.buildkite.com/v3"
	}
	if err := checkURL(tokenSource, endpoint); err != nil {
		return "", &TokenError{Problem: "BUILDKITE_AGENT_ENDPOINT: " + err.Error()}
	}
	if !isJobID(job) {
		return "", &TokenError{Problem: "BUILDKITE_JOB_ID does not name a job"}
	}
	body, err := json.Marshal(map[string]string{"audience": e.Audience})
	if err != nil {
		return "", err
	}
	where := strings.TrimSuffix(endpoint, "/") + "/jobs/" + job + "/oidc/tokens"
	header := jsonHeader()
	header.Set("Authorization", "Token "+secret)
	a, err := e.ask(ctx, http.MethodPost, where, header, body, secret)
	if err != nil {
		return "", err
	}
	return field(a.body, "token", where)
}

// onGoogle reports whether the machine is one of Google's.
func (e Environment) onGoogle() bool {
	data, err := os.ReadFile(e.file(googleMark))
	return err == nil && strings.HasPrefix(string(data), "Google")
}

// google asks the metadata server, which is on the link and never behind a proxy.
func (e Environment) google(ctx context.Context) (string, error) {
	host := e.Getenv(varGoogle)
	if host == "" {
		host = googleServer
	}
	u := url.URL{Scheme: "http", Host: host, Path: "/computeMetadata/v1/instance/service-accounts/default/identity", RawQuery: url.Values{"audience": {e.Audience}, "format": {"full"}}.Encode()}
	direct := &http.Transport{DisableKeepAlives: true}
	e.HTTP = direct
	a, err := e.ask(ctx, http.MethodGet, u.String(), http.Header{"Metadata-Flavor": {"Google"}}, nil)
	if err != nil {
		return "", err
	}
	if a.header.Get("Metadata-Flavor") != "Google" {
		return "", &TokenError{Problem: fmt.Sprintf("%s is not Google's metadata server", redacted(u.String()))}
	}
	return strings.TrimSpace(string(a.body)), nil
}

// ask asks for a token, or for what leads to one.
func (e Environment) ask(ctx context.Context, method, url string, header http.Header, body []byte, secrets ...string) (*answer, error) {
	return e.caller().ask(ctx, method, url, header, body, "check that the job may get ID tokens", secrets...)
}

// field takes a text out of a JSON object. The object holds a token: no message quotes it.
func field(body []byte, name, from string) (string, error) {
	var all map[string]json.RawMessage
	var text string
	if attest.CheckJSON(body) != nil || json.Unmarshal(body, &all) != nil || json.Unmarshal(all[name], &text) != nil || text == "" {
		return "", &TokenError{Problem: fmt.Sprintf("the answer of %s has no %q", redacted(from), name)}
	}
	return text, nil
}
