// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestRemedy(t *testing.T) {
	c := newClone(t)
	first := c.commit("config.env", "TOKEN="+token+"\n")
	if r := c.check(Scope{Kind: Push}); !strings.Contains(r.Secrets[0].Fix, "git commit --amend") {
		t.Errorf("fix of the last commit: %s", r.Secrets[0].Fix)
	}
	c.commit("a.txt", "a")
	if r := c.check(Scope{Kind: Push}); !strings.Contains(r.Secrets[0].Fix, "--root") || !strings.Contains(r.Secrets[0].Fix, first[:12]) {
		t.Errorf("fix of the first commit: %s", r.Secrets[0].Fix)
	}
}

// pasted runs the command that a fix offers in a shell, and gives what Git would do, or the message of the tag that it names.
func (c *clone) pasted(fix string) string {
	c.Helper()
	_, command, found := strings.Cut(fix, ": git ")
	command, _, ended := strings.Cut(command, "; then rotate")
	if !found || !ended {
		c.Fatalf("no command in %q", fix)
	}
	command, _, _ = strings.Cut(command, " (")
	cmd := exec.CommandContext(c.Context(), "sh", "-c", "git "+command)
	cmd.Dir, cmd.Env = c.opt.Dir, append(os.Environ(), "GIT_SEQUENCE_EDITOR=cat", "GIT_EDITOR=cat >/dev/null; echo clean >", "GIT_COMMITTER_NAME=alice", "GIT_COMMITTER_EMAIL=alice@example.com")
	out, err := cmd.CombinedOutput()
	if err != nil {
		c.Fatalf("%s: %v\n%s", command, err, out)
	}
	return string(out)
}

// What is told for a branch that is not checked out works there, and merges behind the commit are kept.
func TestRemedyElsewhere(t *testing.T) {
	c := newClone(t)
	base := c.commit("a.txt", "a\n")
	c.git("checkout", "-q", "-b", "it's/(new)")
	bad := c.commit("config.env", "TOKEN="+token+"\n")
	c.git("checkout", "-q", "-b", "side", base)
	c.commit("side.txt", "b\n")
	c.git("checkout", "-q", "it's/(new)")
	c.git("merge", "-q", "--no-edit", "side")
	tip := c.commit("config.env", "")
	c.git("checkout", "-q", "main")
	scope := Scope{Kind: Push, Updates: []Update{{"refs/heads/it's/(new)", tip, "refs/heads/new", ""}}}
	fix := c.check(scope).Secrets[0].Fix
	if todo := c.pasted(fix); !strings.Contains(todo, "pick "+bad[:7]) || !strings.Contains(todo, "merge -C ") {
		t.Errorf("%s\n%s", fix, todo)
	}
	if now := c.git("rev-parse", "--abbrev-ref", "HEAD"); now != "it's/(new)" {
		t.Errorf("on branch %s after %s", now, fix)
	}
}

// A secret that came with the merge itself is not on any line that could be edited.
func TestRemedyMerge(t *testing.T) {
	c := newClone(t)
	base, bad := c.mergeWithSecret()
	c.commit("config.env", "")
	fix := c.check(Scope{Kind: Since, Since: base}).Secrets[0].Fix
	if todo := c.pasted(fix); !strings.Contains(todo, "merge -C "+bad[:7]) || !strings.Contains(fix, "break") {
		t.Errorf("%s\n%s", fix, todo)
	}
}

// The new tag names the commit that the old one did, wherever HEAD is by then.
func TestRemedyTag(t *testing.T) {
	c := newClone(t)
	base := c.commit("a.txt", "a\n")
	c.git("tag", "-a", "-m", "deployed with "+token, "v1", base)
	id := c.git("rev-parse", "v1")
	c.commit("a.txt", "b\n")
	fix := c.check(Scope{Kind: Push, Updates: []Update{{"refs/tags/v1", id, "refs/tags/v1", ""}}}).Secrets[0].Fix
	c.pasted(fix)
	if at, now := c.git("rev-parse", "v1^{commit}"), c.git("rev-parse", "v1"); at != base || now == id {
		t.Errorf("%s: v1 is %s, at %s", fix, now, at)
	}
	r := c.check(Scope{Kind: Push, Updates: []Update{{"refs/tags/v1", c.git("rev-parse", "v1"), "refs/tags/v1", ""}}})
	if len(r.Secrets) != 0 {
		t.Errorf("secrets %+v after %s", r.Secrets, fix)
	}
}
