// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// repo is a real Git repository.
type repo struct {
	t   testing.TB
	dir string
}

func newRepo(t testing.TB, args ...string) *repo {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	r := &repo{t, t.TempDir()}
	r.git(append([]string{"init", "-q", "-b", "main"}, args...)...)
	return r
}

func (r *repo) git(args ...string) string {
	r.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=alice", "GIT_AUTHOR_EMAIL=alice@example.com",
		"GIT_COMMITTER_NAME=alice", "GIT_COMMITTER_EMAIL=alice@example.com")
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (r *repo) write(name, content string) {
	r.t.Helper()
	path := filepath.Join(r.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o600)); err != nil {
		r.t.Fatal(err)
	}
}

// commit writes a file, commits everything and gives the commit's id.
func (r *repo) commit(name, content string) string {
	r.t.Helper()
	r.write(name, content)
	r.git("add", "-A")
	r.git("commit", "-q", "-m", "change "+name)
	return r.git("rev-parse", "HEAD")
}

func (r *repo) scan(revs string) predicate.Findings {
	r.t.Helper()
	got, err := ScanGitRange(r.t.Context(), r.dir, revs, options())
	if err != nil {
		r.t.Fatal(err)
	}
	return got
}

func TestS10_History(t *testing.T) {
	r := newRepo(t)
	token := githubToken("history")
	base := r.commit("a.txt", "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n")
	bad := r.commit("a.txt", "one\ntwo\nthree\nfour\nfive\nsix\n x "+token+"\nseven\neight\n")
	fixed := r.commit("a.txt", "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n")
	got := r.scan(base + ".." + fixed)
	if f := only(t, got, "github-pat"); f.Commit != bad || f.Path != "a.txt" || f.Line != 7 || f.Column != 4 {
		t.Errorf("expected a.txt:7:4 in %s, found %+v", bad, f)
	}
	if got.Scope.Commits != 2 || got.Scope.Files != 2 {
		t.Errorf("scope %+v", got.Scope)
	}
	if got := r.scan(bad + ".." + fixed); len(got.Findings) != 0 {
		t.Errorf("the commit that removes the secret is blamed: %+v", got.Findings)
	}
	only(t, r.scan("HEAD"), "github-pat")

	// What stood there before the range is not what the range added.
	leak := r.commit("b.txt", token+"\n")
	next := r.commit("b.txt", token+"\nmore\n")
	if got := r.scan(leak + ".." + next); len(got.Findings) != 0 {
		t.Errorf("an old line counts as added: %+v", got.Findings)
	}
	// A secret on a new line below an old name.
	r.commit("c.yaml", "api_"+"token:\n  ''\n")
	r.commit("c.yaml", "api_"+"token:\n  '"+letters("c", lower+digits, 40)+"'\n")
	if f := only(t, r.scan("HEAD~1..HEAD"), "generic-api-key"); f.Line != 2 {
		t.Errorf("found %+v", f)
	}
}

// What people write about a commit or a tag is sent as well.
func TestS10_Messages(t *testing.T) {
	r := newRepo(t)
	base := r.commit("a.txt", "one\n")
	token := githubToken("message")
	r.git("commit", "-q", "--allow-empty", "-m", "fix the login\n\nsee\n "+token)
	bad := r.git("rev-parse", "HEAD")
	r.git("commit", "-q", "--allow-empty", "-m", "harmless")
	if f := only(t, r.scan(base+"..HEAD"), "github-pat"); f.Commit != bad || f.Path != CommitMessage || f.Line != 4 {
		t.Errorf("expected line 4 of the message of %s, found %+v", bad, f)
	}
	if got := r.scan("HEAD~1..HEAD"); len(got.Findings) != 0 || got.Scope.Files != 0 {
		t.Errorf("found %+v in %d files", got.Findings, got.Scope.Files)
	}
	r.git("commit", "-q", "--allow-empty", "--allow-empty-message", "-m", "")
	r.scan("HEAD~1..HEAD")

	r.git("tag", "-a", "-m", "released with "+token, "v1", base)
	tag := r.git("rev-parse", "v1")
	got, err := ScanGitTags(t.Context(), r.dir, []string{tag}, options())
	if err != nil {
		t.Fatal(err)
	}
	if f := only(t, got, "github-pat"); f.Commit != tag || f.Path != TagMessage || f.Line != 1 {
		t.Errorf("found %+v", f)
	}
	if _, err := ScanGitTags(t.Context(), r.dir, []string{base}, options()); err == nil {
		t.Error("a commit was taken for a tag")
	}

	// What is beyond the limit is told, not cut off: the header of a commit does not count.
	small := options()
	small.MaxFile = 400
	r.git("commit", "-q", "--allow-empty", "-m", strings.Repeat("x ", 200)+token)
	if _, err := ScanGitRange(t.Context(), r.dir, "HEAD~1..HEAD", small); !errors.Is(err, ErrLimit) {
		t.Errorf("expected a limit, found %v", err)
	}
	r.git("commit", "-q", "--allow-empty", "-m", strings.Repeat("x ", 170)+token)
	if got, err := ScanGitRange(t.Context(), r.dir, "HEAD~1..HEAD", small); err != nil {
		t.Error(err)
	} else if f := only(t, got, "github-pat"); f.Path != CommitMessage {
		t.Errorf("found %+v", f)
	}
}

func TestS10_HistoryForms(t *testing.T) {
	token := githubToken("forms")
	for name, content := range map[string]string{
		"utf-16":  utf16Text("x\r\n"+token+"\r\n", binary.LittleEndian, true),
		"zip":     zipped(t, "x", token),
		"tgz":     gz(t, tarball(t, "x", token)),
		"binary":  "\x00\x01\x02 " + token + " \x00",
		"no diff": token,
		"ä \"q\"": token,
		"large":   strings.Repeat("many words with nothing in between\n", 500_000) + token,
		"crlf":    "a\r\n" + token + "\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			r := newRepo(t)
			// Attributes hide files from git's own diff.
			r.write(".gitattributes", "* -diff\n")
			r.commit("file "+name, "before\n")
			r.commit("file "+name, content)
			got := r.scan("HEAD~1..HEAD")
			if f := only(t, got, "github-pat"); !strings.HasPrefix(f.Path, "file "+name) {
				t.Errorf("found %+v", f)
			}
		})
	}
}

func TestHistoryOfMerges(t *testing.T) {
	r := newRepo(t)
	token, other := githubToken("merge"), githubToken("branch")
	r.commit("a.txt", "base\n")
	start := r.git("rev-parse", "HEAD")
	r.git("checkout", "-q", "-b", "side")
	branch := r.commit("b.txt", other+"\n")
	r.git("checkout", "-q", "main")
	r.commit("c.txt", "main\n")
	r.git("merge", "-q", "--no-commit", "side")
	// The merge brings a secret that is in neither parent.
	merge := r.commit("a.txt", "base\n"+token+"\n")
	got := r.scan(start + "..HEAD")
	if len(got.Findings) != 2 {
		t.Fatalf("expected 2 findings, found %+v", got.Findings)
	}
	if a, b := got.Findings[0], got.Findings[1]; a.Path != "a.txt" || a.Commit != merge || a.Line != 2 || b.Path != "b.txt" || b.Commit != branch {
		t.Errorf("found %+v", got.Findings)
	}
}

func TestHistoryMarkersAndSkips(t *testing.T) {
	r := newRepo(t)
	r.commit("a.txt", "old gitleaks:allow\n")
	r.write("node_modules/x.js", githubToken("x"))
	r.commit(".gitleaksignore", "x\n")
	r.commit("a.txt", "old gitleaks:allow\nnew\nnew gitleaks:allow\n")
	got := r.scan("HEAD~2..HEAD")
	want := []predicate.Suppressed{{Path: ".gitleaksignore", Kind: ".gitleaksignore"}, {Path: "a.txt", Line: 3, Kind: "gitleaks:allow"}}
	if !slices.Equal(got.Suppressed, want) {
		t.Errorf("suppressed: expected %+v, found %+v", want, got.Suppressed)
	}
	if want := []string{"node_modules/x.js"}; !slices.Equal(got.Skipped, want) || len(got.Findings) != 0 {
		t.Errorf("expected %q skipped, found %q, findings %+v", want, got.Skipped, got.Findings)
	}
}

func TestHistoryErrors(t *testing.T) {
	r := newRepo(t)
	r.commit("a.txt", "x\n")
	for name, c := range map[string]struct {
		dir, revs string
		want      error
	}{
		"no commits":       {r.dir, "HEAD..HEAD", ErrNothing},
		"an option":        {r.dir, "--output=x", nil},
		"two words":        {r.dir, "HEAD --all", nil},
		"nothing":          {r.dir, "", nil},
		"unknown":          {r.dir, "nowhere..HEAD", nil},
		"no repository":    {t.TempDir(), "HEAD", nil},
		"empty repository": {newRepo(t).dir, "HEAD", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ScanGitRange(t.Context(), c.dir, c.revs, options())
			if err == nil || c.want != nil && !errors.Is(err, c.want) || got.Complete {
				t.Errorf("expected an error (%v), found %v", c.want, err)
			}
		})
	}
	t.Run("missing object", func(t *testing.T) {
		r := newRepo(t)
		r.commit("a.txt", "some content\n")
		id := r.git("rev-parse", "HEAD:a.txt")
		if err := os.Remove(filepath.Join(r.dir, ".git", "objects", id[:2], id[2:])); err != nil {
			t.Fatal(err)
		}
		if _, err := ScanGitRange(t.Context(), r.dir, "HEAD", options()); err == nil || !strings.Contains(err.Error(), id) {
			t.Errorf("expected an error that names %s, found %v", id, err)
		}
	})
}

func TestHistoryShapes(t *testing.T) {
	token := githubToken("shapes")
	t.Run("sha256", func(t *testing.T) {
		r := newRepo(t, "--object-format=sha256")
		if id := r.commit("a.txt", token); only(t, r.scan("HEAD"), "github-pat").Commit != id {
			t.Error("wrong commit")
		}
	})
	t.Run("bare", func(t *testing.T) {
		r := newRepo(t)
		r.commit("a.txt", token)
		bare := &repo{t, t.TempDir()}
		r.git("clone", "-q", "--bare", r.dir, bare.dir)
		only(t, bare.scan("HEAD"), "github-pat")
	})
	t.Run("shallow", func(t *testing.T) {
		r := newRepo(t)
		r.commit("a.txt", token)
		r.commit("a.txt", "gone\n")
		copied := &repo{t, t.TempDir()}
		r.git("clone", "-q", "--depth=1", "file://"+r.dir, copied.dir)
		got := copied.scan("HEAD")
		if len(got.Findings) != 0 || len(got.Skipped) != 1 || !strings.Contains(got.Skipped[0], "shallow") {
			t.Errorf("a cut history is not told: %+v", got)
		}
	})
	t.Run("replaced and grafted", func(t *testing.T) {
		r := newRepo(t)
		bad := r.commit("a.txt", token)
		good := r.commit("a.txt", "fine\n")
		r.git("replace", bad, good)
		r.write(".git/info/grafts", good+"\n")
		only(t, r.scan("HEAD"), "github-pat")
	})
}

// A repository names programs in many places. None of them runs.
func TestS19_RepositoryRunsNothing(t *testing.T) {
	r := newRepo(t)
	ran := filepath.Join(t.TempDir(), "ran")
	script := filepath.Join(t.TempDir(), "evil.sh")
	if err := os.WriteFile(script, []byte("#!/bin/sh\ntouch "+ran+"\ncat\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	r.commit("a.txt", "one\n")
	r.commit("a.txt", githubToken("evil")+"\n")
	r.write(".git/info/attributes", "* diff=evil filter=evil\n")
	for _, key := range []string{"core.fsmonitor", "diff.external", "diff.evil.command", "diff.evil.textconv", "filter.evil.clean", "filter.evil.smudge", "core.pager",
		"pager.log", "gpg.program", "core.sshCommand", "core.editor", "core.alternateRefsCommand"} {
		r.git("config", key, script)
	}
	r.git("config", "log.showSignature", "true")
	r.git("config", "alias.cat-file", "!"+script)
	for _, hook := range []string{"post-index-change", "reference-transaction", "post-checkout"} {
		r.write(".git/hooks/"+hook, "#!/bin/sh\ntouch "+ran+"\n")
		if err := os.Chmod(filepath.Join(r.dir, ".git/hooks", hook), 0o700); err != nil { // #nosec G302 -- a hook must be executable
			t.Fatal(err)
		}
	}
	only(t, r.scan("HEAD"), "github-pat")
	if _, err := os.Stat(ran); err == nil {
		t.Error("a program named by the repository ran")
	}
}

func TestS18_GitOfTheRepositoryIsNotRun(t *testing.T) {
	r := newRepo(t)
	r.commit("a.txt", "x\n")
	fake := filepath.Join(r.dir, "bin", "git")
	r.write("bin/git", "#!/bin/sh\nexit 0\n")
	if err := os.Chmod(fake, 0o700); err != nil { // #nosec G302 -- a program must be executable
		t.Fatal(err)
	}
	for _, git := range []string{fake, "git", "./bin/git"} {
		opt := options()
		opt.Git = git
		if _, err := ScanGitRange(t.Context(), r.dir, "HEAD", opt); err == nil || !strings.Contains(err.Error(), "git is at") {
			t.Errorf("%s: expected a refusal, found %v", git, err)
		}
	}
	t.Setenv("PATH", filepath.Dir(fake)+string(os.PathListSeparator)+os.Getenv("PATH"))
	if _, err := ScanGitRange(t.Context(), r.dir, "HEAD", options()); err == nil || !strings.Contains(err.Error(), "PATH") {
		t.Errorf("expected a refusal, found %v", err)
	}
}

// A link in a commit is its text; where it points to is not read.
func TestS16_LinksAreNotFollowed(t *testing.T) {
	r := newRepo(t)
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte(githubToken("outside")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(r.dir, "link")); err != nil {
		t.Fatal(err)
	}
	r.commit("a.txt", "x\n")
	if got := r.scan("HEAD"); len(got.Findings) != 0 {
		t.Errorf("a link was followed: %+v", got.Findings)
	}
}

func TestO08_NoSecretLeavesFromHistory(t *testing.T) {
	r := newRepo(t)
	token := githubToken("canary")
	r.commit("a.txt", token+"\n")
	out, err := json.Marshal(r.scan("HEAD"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(out), token[:16]) {
		t.Error("the result holds the secret")
	}
}

func BenchmarkScanGitRange(b *testing.B) {
	r := newRepo(b)
	var text strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&text, "line %d of a file that every commit changes\n", i)
	}
	for i := range 50 {
		r.commit("big.txt", text.String()+fmt.Sprintf("change %d\n", i))
	}
	for b.Loop() {
		r.scan("HEAD")
	}
}
