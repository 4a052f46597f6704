// SPDX-License-Identifier: Apache-2.0

package stack_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/testdata/stack"
)

// ci is a world with a private Sigstore.
type ci struct {
	*world
	*stack.Sigstore
	said *bytes.Buffer // what all commands printed
}

// newCI skips the test if the servers can't be built here.
func newCI(t *testing.T, kind string) *ci {
	t.Helper()
	c := &ci{world: newWorld(t, kind), said: &bytes.Buffer{}}
	dir, err := os.MkdirTemp("", "sigstore-*") // not t.TempDir: the logs write until they are stopped
	c.must(err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	c.Sigstore, err = stack.StartSigstore(t.Context(), stack.SigstoreOptions{Source: "sigstore", Dir: dir, Now: time.Now, Log: t.Output()})
	skipUnbuilt(t, err)
	t.Cleanup(c.Sigstore.Stop)
	return c
}

// The identities that the sample jobs' certificates have.
const (
	gitHubIssuer  = "https://token.actions.githubusercontent.com"
	gitHubSubject = "https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/main"
	peopleIssuer  = "https://login.example.org"
	gitLabIssuer  = "https://gitlab.com"
	gitLabSubject = "https://gitlab.com/acme/shop//.gitlab-ci.yml@refs/heads/main"
)

// gitHubJob is the environment of a job on GitHub Actions that may get ID tokens.
func (c *ci) gitHubJob(claims map[string]any) []string {
	url, token := c.GitHub.Job(claims)
	return []string{"GITHUB_ACTIONS=true", "ACTIONS_ID_TOKEN_REQUEST_URL=" + url, "ACTIONS_ID_TOKEN_REQUEST_TOKEN=" + token}
}

// gitLabJob is that of a job on GitLab with id_tokens.
func (c *ci) gitLabJob(audience string, claims map[string]any) []string {
	c.Helper()
	token, err := c.GitLab.Mint(audience, claims)
	c.must(err)
	return []string{"GITLAB_CI=true", "SIGSTORE_ID_TOKEN=" + token}
}

// person is the environment of somebody who has a token of the issuer for people.
func (c *ci) person(mail string) []string {
	c.Helper()
	token, err := c.People.Mint("sigstore", map[string]any{"sub": "id of " + mail, "email": mail})
	c.must(err)
	return []string{"SIGSTORE_ID_TOKEN=" + token}
}

// job runs a program with what a job has in its environment, demands its exit code, and gives what it printed.
func (c *ci) job(want int, dir string, env []string, args ...string) string {
	c.Helper()
	cmd := c.command(dir, args...)
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		c.Fatal(err)
	}
	c.said.Write(out)
	if got := cmd.ProcessState.ExitCode(); got != want {
		c.Fatalf("%s\nexit code %d, expected %d\n%s", strings.Join(args, " "), got, want, out)
	}
	return string(out)
}

// identity is one of the policy, in YAML.
func identity(name, issuer, subject string, claims map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  %s:\n    issuer: %q\n    subject: %q\n", name, issuer, subject)
	if len(claims) > 0 {
		b.WriteString("    claims:\n")
	}
	for _, claim := range slices.Sorted(maps.Keys(claims)) {
		fmt.Fprintf(&b, "      %s: %q\n", claim, claims[claim])
	}
	return b.String()
}

var (
	localJob = regexp.MustCompile(`(?m)^  shop-(?:source|build|scan|release): .*\n`)
	jobName  = regexp.MustCompile(`\[shop-(source|build|scan|release)\]`)
)

// keylessSample is the sample with identities of CI jobs in its policy, which stand in place of the local keys. name gives the identity for a
// role (source, build, scan, release).
func (c *ci) keylessSample(identities string, name func(role string) string) string {
	c.Helper()
	shop := c.sampleFiles()
	c.keylessPolicy(filepath.Join(shop, "policy"), "{sigstore: trusted_root.json}", identities, name)
	c.commit(shop)
	return shop
}

// keylessPolicy rewrites the sample's policy.
func (c *ci) keylessPolicy(policy, trust, identities string, name func(role string) string) {
	c.Helper()
	root, err := os.ReadFile(c.TrustedRoot)
	c.must(err)
	c.write(filepath.Join(policy, "trusted_root.json"), string(root))
	file := filepath.Join(policy, "policy.yaml")
	c.edit(file, "trust: none ", "trust: "+trust+" ")
	raw, err := os.ReadFile(file)
	c.must(err)
	text := localJob.ReplaceAllString(string(raw), "")
	text = strings.Replace(text, "\nidentities:\n", "\nidentities:\n"+identities, 1)
	text = jobName.ReplaceAllStringFunc(text, func(s string) string { return "[" + name(jobName.FindStringSubmatch(s)[1]) + "]" })
	c.write(file, text)
}

// copyPolicy gives a copy of a policy with one text replaced.
func (c *ci) copyPolicy(policy, old, new string) string {
	c.Helper()
	dir, err := os.MkdirTemp(c.dir, "policy-*")
	c.must(err)
	c.must(os.CopyFS(filepath.Join(dir, "policy"), os.DirFS(policy)))
	c.edit(filepath.Join(dir, "policy", "policy.yaml"), old, new)
	return filepath.Join(dir, "policy")
}

// files are all below a folder, with their sizes.
func (c *ci) files(dir string) map[string]int64 {
	c.Helper()
	out := map[string]int64{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		out[path] = info.Size()
		return err
	})
	if !os.IsNotExist(err) {
		c.must(err)
	}
	return out
}

// bundles are the stored ones.
func (c *ci) bundles(shop string) []string {
	c.Helper()
	files, err := filepath.Glob(filepath.Join(shop, ".sealock", "*", "*.sigstore.json"))
	c.must(err)
	if len(files) == 0 {
		c.Fatalf("nothing is stored in %s", shop)
	}
	return files
}

// claims are those of a bundle's certificate.
func (c *ci) claims(bundle string) map[string]string {
	c.Helper()
	var shown struct {
		Identity struct {
			Claims map[string]string `json:"claims"`
		} `json:"identity"`
	}
	out := c.exit(0, c.dir, c.sealock, "identity", "show", bundle, "-o", "json")
	c.must(json.Unmarshal([]byte(out), &shown))
	if len(shown.Identity.Claims) == 0 {
		c.Fatalf("no claims in\n%s", out)
	}
	return shown.Identity.Claims
}

// relay stands before a server, counts what is asked of it, and can do something before it passes the next request on.
type relay struct {
	URL      string
	requests atomic.Int64
	after    int64
	then     func()
}

func newRelay(t *testing.T, to string) *relay {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{after: -1}
	proxy := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.Out.URL.Scheme, p.Out.URL.Host = target.Scheme, target.Host },
		ErrorLog: log.New(io.Discard, "", 0)}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if r.requests.Add(1) == r.after+1 {
			r.then()
		}
		proxy.ServeHTTP(w, req)
	}))
	t.Cleanup(srv.Close)
	r.URL = srv.URL + target.Path
	return r
}

// relays stand before the servers that signing needs; config is the signing configuration that leads to them.
type relays struct {
	ca, log, tsa *relay
	config       string
}

func (c *ci) relays() *relays {
	c.Helper()
	r := &relays{newRelay(c.T, c.URLs.CA), newRelay(c.T, c.URLs.Log), newRelay(c.T, c.URLs.TSA), filepath.Join(c.dir, "relays.json")}
	c.must(c.WriteSigningConfig(r.config, stack.URLs{CA: r.ca.URL, Log: r.log.URL, TSA: r.tsa.URL, Issuer: c.Issuer}))
	return r
}

// of is the relay before a server. Fulcio asks the certificate transparency log itself.
func (r *relays) of(server string) *relay {
	return map[string]*relay{stack.ServerCA: r.ca, stack.ServerCTLog: r.ca, stack.ServerLog: r.log, stack.ServerTSA: r.tsa}[server]
}

// withoutNetwork is the start of a command that has no network at all, nor loopback; nil where that is not allowed here.
func withoutNetwork(t *testing.T) []string {
	t.Helper()
	if err := exec.CommandContext(t.Context(), "unshare", "-n", "true").Run(); err == nil {
		return []string{"unshare", "-n"}
	}
	return nil
}
