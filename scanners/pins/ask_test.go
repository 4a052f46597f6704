// SPDX-License-Identifier: Apache-2.0

package pins

import (
	"errors"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/scanners/config"
)

// host serves bare repositories as GitHub does: any object that lies in the store is given to who asks for it by its id.
type host struct {
	t        *testing.T
	root     string
	git      string
	server   *httptest.Server
	requests atomic.Int64
}

func newHost(t *testing.T) *host {
	t.Helper()
	git, err := subject.FindGit(os.Environ(), t.TempDir())
	if err != nil {
		t.Skip("SKIPPED: no git on this machine; the package can't be used here either")
	}
	h := &host{t: t, root: t.TempDir(), git: git}
	backend := filepath.Join(h.run(h.root, "--exec-path"), "git-http-backend")
	if _, err := os.Stat(backend); err != nil {
		t.Skip("SKIPPED: git has no git-http-backend here")
	}
	handler := &cgi.Handler{Path: backend, Env: []string{"GIT_PROJECT_ROOT=" + h.root, "GIT_HTTP_EXPORT_ALL=1"}}
	h.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.requests.Add(1)
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(h.server.Close)
	return h
}

// run runs git in a folder, with nobody's configuration.
func (h *host) run(dir string, args ...string) string {
	h.t.Helper()
	cmd := exec.Command(h.git, args...)
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=alice", "GIT_AUTHOR_EMAIL=alice@example.com",
		"GIT_COMMITTER_NAME=alice", "GIT_COMMITTER_EMAIL=alice@example.com", "GIT_AUTHOR_DATE=2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z",
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		h.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// repository makes acme/NAME with the commits old, released (the tag v1.0.0) and newest (the branch main), and stranger, which only a pull request has.
func (h *host) repository(name string) (commits map[string]string) {
	h.t.Helper()
	dir := filepath.Join(h.root, "acme", name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		h.t.Fatal(err)
	}
	h.run(dir, "init", "--quiet", "--bare", "--initial-branch=main")
	for _, setting := range []string{"uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant", "uploadpack.allowReachableSHA1InWant"} {
		h.run(dir, "config", setting, "true")
	}
	tree := h.run(dir, "mktree", "--missing")
	commits = map[string]string{}
	parent := ""
	for _, c := range []string{"old", "released", "newest", "stranger"} {
		args := []string{"commit-tree", "-m", c + " " + name, tree}
		if parent != "" {
			args = append(args, "-p", parent)
		}
		parent = h.run(dir, args...)
		commits[c] = parent
	}
	h.run(dir, "update-ref", "refs/heads/main", commits["newest"])
	h.run(dir, "tag", "-a", "-m", "1.0.0", "v1.0.0", commits["released"])
	h.run(dir, "update-ref", "refs/pull/7/head", commits["stranger"])
	return commits
}

func (h *host) asker() Asker {
	return Asker{Server: h.server.URL, Git: h.git, Env: []string{"PATH=" + os.Getenv("PATH"), "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1"}, TempDir: h.t.TempDir()}
}

func pinsOf(values ...string) []Pin {
	var uses []config.Use
	for _, v := range values {
		value, comment, _ := strings.Cut(v, " # ")
		uses = append(uses, use(value, comment))
	}
	return Of(uses)
}

func TestG03_CommitOfAFork(t *testing.T) {
	h := newHost(t)
	c := h.repository("lint")
	a := h.asker()
	// It is served to who asks by its id, which is what makes the attack work.
	clone := t.TempDir()
	h.run(clone, "init", "--quiet")
	h.run(clone, "fetch", "--quiet", h.server.URL+"/acme/lint", c["stranger"])

	pins := pinsOf("acme/lint@"+c["old"], "acme/lint@"+c["released"]+" # v1.0.0", "acme/lint/sub@"+c["newest"], "acme/lint@"+c["stranger"], "acme/lint@"+strings.Repeat("0", 39)+"1",
		"acme/lint@"+c["newest"]+" # v1.0.0")
	answers, err := a.Ask(t.Context(), pins)
	if err != nil {
		t.Fatal(err)
	}
	found, unverified := Judge(pins, answers)
	var got []string
	for _, f := range found {
		got = append(got, f.Rule+" "+f.Found)
	}
	want := []string{RuleImpostor + " acme/lint@" + c["stranger"], RuleImpostor + " acme/lint@" + strings.Repeat("0", 39) + "1", RuleComment + " acme/lint@" + c["newest"]}
	if strings.Join(got, "\n") != strings.Join(want, "\n") || unverified != 0 {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if left, _ := os.ReadDir(a.TempDir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A commit that a branch or tag names needs the listing and nothing more.
func TestTipsAreListedOnly(t *testing.T) {
	h := newHost(t)
	c := h.repository("lint")
	h.requests.Store(0)
	pins := pinsOf("acme/lint@"+c["newest"], "ACME/Lint@"+c["released"])
	answers, err := h.asker().Ask(t.Context(), pins)
	if err != nil {
		t.Fatal(err)
	}
	if found, _ := Judge(pins, answers); len(found) > 0 {
		t.Errorf("%+v", found)
	}
	if n := h.requests.Load(); n > 4 {
		t.Errorf("%d requests for one repository", n)
	}
}

func TestG03_NoAnswer(t *testing.T) {
	h := newHost(t)
	c := h.repository("lint")
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer slow.Close()
	defer slow.CloseClientConnections()
	fork := "acme/lint@" + c["stranger"]
	for _, tc := range []struct {
		name, pin, says string
		change          func(*Asker)
	}{
		{"no such repository", "acme/none@" + c["old"], "git ls-remote", func(*Asker) {}},
		{"nobody there", fork, "git ls-remote", func(a *Asker) { a.Server = "http://127.0.0.1:1" }},
		{"too slow", fork, "no answer within", func(a *Asker) { a.Server, a.Timeout = slow.URL, 300*time.Millisecond }},
		{"no git", fork, "ls-remote", func(a *Asker) { a.Git = filepath.Join(t.TempDir(), "git") }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := h.asker()
			tc.change(&a)
			pins := pinsOf(tc.pin)
			answers, err := a.Ask(t.Context(), pins)
			if err != nil {
				t.Fatal(err)
			}
			found, unverified := Judge(pins, answers)
			if unverified != 1 || len(found) != 1 || found[0].Rule != RuleUnverified || !strings.Contains(found[0].Message, tc.says) {
				t.Errorf("%d unverified, %+v", unverified, found)
			}
		})
	}
}

func TestServerMustBeAnAddress(t *testing.T) {
	for _, server := range []string{"", "github.com", "file:///srv", "ext::sh -c x", "https://alice:pw@example.com", "https://example.com/?x=1", "https://"} {
		if _, err := (Asker{Server: server, Git: "/usr/bin/git"}).Ask(t.Context(), pinsOf("acme/lint@"+one)); err == nil || strings.Contains(err.Error(), "pw") {
			t.Errorf("%q: %v", server, err)
		}
	}
}

func TestTooManyRepositories(t *testing.T) {
	var pins []Pin
	for n := range maxRepositories + 1 {
		pins = append(pins, Pin{Repository: "acme/x" + strings.Repeat("y", n), Commit: one})
	}
	if _, err := (Asker{Server: "https://example.com", Git: "/usr/bin/git"}).Ask(t.Context(), pins); !errors.Is(err, ErrLimit) {
		t.Errorf("%v", err)
	}
}

func TestLimitOnBytes(t *testing.T) {
	b := &subject.Capped{Limit: 4}
	cmd := exec.Command("git", "--version")
	cmd.Stdout = b
	if err := cmd.Run(); err == nil || len(b.Bytes()) > 4 {
		t.Errorf("%d bytes, %v", len(b.Bytes()), err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a"), make([]byte, 100), 0o600); err != nil {
		t.Fatal(err)
	}
	if n := size(dir); n != 100 {
		t.Errorf("%d bytes in the folder", n)
	}
}
