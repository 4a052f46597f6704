// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/gate"
)

func TestParseUpdates(t *testing.T) {
	a, b := strings.Repeat("a", 40), strings.Repeat("b", 64)
	for text, want := range map[string][]Update{
		"":   nil,
		"\n": nil,
		"refs/heads/main " + a + " refs/heads/main " + zero + "\n":                                        {{"refs/heads/main", a, "refs/heads/main", ""}},
		"(delete) " + zero + " refs/heads/x " + a + "\nHEAD " + b + " refs/tags/v1 " + b:                  {{"(delete)", "", "refs/heads/x", a}, {"HEAD", b, "refs/tags/v1", b}},
		"refs/heads/ü " + strings.Repeat("0", 64) + " refs/heads/ü " + strings.Repeat("0", 64) + "\n\n\n": {{"refs/heads/ü", "", "refs/heads/ü", ""}},
	} {
		got, err := ParseUpdates(strings.NewReader(text))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"x", "a b c d", "a " + a + " c " + a + " e", "a " + strings.ToUpper(a) + " c " + a, "a " + a + "  " + a, "a --all c " + a, strings.Repeat("x", maxUpdateLine+1),
		strings.Repeat("a "+a+" c "+a+"\n", maxUpdates+1)} {
		if got, err := ParseUpdates(strings.NewReader(text)); err == nil {
			t.Errorf("%.60q is taken for %+v", text, got[:min(2, len(got))])
		}
	}
}

func FuzzParseUpdates(f *testing.F) {
	f.Add("refs/heads/main " + strings.Repeat("a", 40) + " refs/heads/main " + zero + "\n")
	f.Add("(delete) " + zero + " x " + strings.Repeat("b", 64))
	f.Fuzz(func(t *testing.T, text string) {
		updates, err := ParseUpdates(strings.NewReader(text))
		if err != nil {
			return
		}
		var again strings.Builder
		for _, u := range updates {
			for _, id := range []*string{&u.LocalID, &u.RemoteID} {
				if *id == "" {
					*id = zero
				} else if !isID(*id) {
					t.Errorf("%q is no id", *id)
				}
			}
			again.WriteString(strings.Join([]string{u.Local, u.LocalID, u.Remote, u.RemoteID}, " ") + "\n")
		}
		if back, err := ParseUpdates(strings.NewReader(again.String())); err != nil || !reflect.DeepEqual(back, updates) {
			t.Errorf("%q reads as %+v, and written again as %+v, %v", text, updates, back, err)
		}
	})
}

// What a push sends depends on what the remote has: as Git tells, and as the remote-tracking branches do.
func TestUpdates(t *testing.T) {
	c := newClone(t)
	one := c.commit("a.txt", "a")
	bad := c.commit("config.env", "TOKEN="+token)
	three := c.commit("config.env", "")
	c.git("tag", "-a", "-m", "note", "v1", bad)
	tag := c.git("rev-parse", "v1")
	blob := c.git("rev-parse", "HEAD:a.txt")
	for name, test := range map[string]struct {
		updates []Update
		want    gate.Verdict
		commits int
	}{
		"a new branch":                      {[]Update{{"main", three, "refs/heads/main", ""}}, gate.Refused, 3},
		"the remote has the secret already": {[]Update{{"main", three, "refs/heads/main", bad}}, gate.Allowed, 1},
		"the remote has the commit before":  {[]Update{{"main", three, "refs/heads/main", one}}, gate.Refused, 2},
		"a forced push back":                {[]Update{{"x", one, "refs/heads/main", three}}, gate.Allowed, 0},
		"an annotated tag":                  {[]Update{{"v1", tag, "refs/tags/v1", ""}}, gate.Refused, 2},
		"what the remote has is not here":   {[]Update{{"main", three, "refs/heads/main", strings.Repeat("1", 40)}}, gate.Refused, 3},
		"only deletions":                    {[]Update{{"(delete)", "", "refs/heads/main", three}}, gate.Allowed, 0},
		"a deletion beside a branch":        {[]Update{{"(delete)", "", "x", one}, {"main", three, "refs/heads/main", ""}}, gate.Refused, 3},
		"several refs":                      {[]Update{{"good", one, "refs/heads/good", ""}, {"main", three, "refs/heads/main", one}}, gate.Refused, 2},
		"a tag of a file":                   {[]Update{{"t", blob, "refs/tags/t", ""}}, gate.Undecided, 0},
	} {
		r := c.check(Scope{Kind: Push, Updates: test.updates})
		if r.Verdict != test.want || r.Commits != test.commits {
			t.Errorf("%s: %s with %d commits, expected %s with %d", name, r.Verdict, r.Commits, test.want, test.commits)
		}
	}
	c.git("update-ref", "refs/remotes/other/main", bad) // what any remote has is out already
	if r := c.check(Scope{Kind: Push}); r.Verdict != gate.Allowed || r.Commits != 1 {
		t.Errorf("%s with %d commits after another remote had the first", r.Verdict, r.Commits)
	}
}

// mergeWithSecret merges a branch, and adds a secret in the merge itself.
func (c *clone) mergeWithSecret() (base, merge string) {
	c.Helper()
	base = c.commit("a.txt", "a\n")
	c.git("checkout", "-q", "-b", "side")
	c.commit("side.txt", "s\n")
	c.git("checkout", "-q", "main")
	c.commit("b.txt", "b\n")
	c.git("merge", "-q", "--no-ff", "--no-commit", "side")
	return base, c.commit("config.env", "TOKEN="+token+"\n")
}

// A merge brings what both sides have, and what it adds itself.
func TestMerge(t *testing.T) {
	c := newClone(t)
	base, _ := c.mergeWithSecret()
	r := c.check(Scope{Kind: Since, Since: base})
	wantVerdict(t, r, gate.Refused)
	if r.Commits != 3 || len(r.Secrets) != 1 || r.Trees[0].Changed != 3 {
		t.Errorf("%d commits, %d secrets, %d files", r.Commits, len(r.Secrets), r.Trees[0].Changed)
	}
}

// Below the root, trees are those of the folder; the commits are looked at as wholes.
func TestSubfolder(t *testing.T) {
	c := newClone(t)
	base := c.commit("a.txt", "a")
	c.commit("sub/pod.yaml", "x: 1\n", "other/pod.yaml", privileged, "other/config.env", "TOKEN="+token)
	c.opt.Dir += "/sub"
	r := c.check(Scope{Kind: Since, Since: base})
	wantVerdict(t, r, gate.Refused)
	if len(r.Secrets) != 1 || len(r.Trees[0].Config) != 0 || r.Trees[0].Changed != 1 {
		t.Errorf("%d secrets, configuration %v, %d files", len(r.Secrets), r.Trees[0].Config, r.Trees[0].Changed)
	}
}

// Submodules, links and pointers of Git LFS have no content here; that they moved is told.
func TestOddEntries(t *testing.T) {
	c := newClone(t)
	c.judge(policy(t))
	base := c.commit("a.txt", "a", "go.mod", goMod)
	c.git("update-index", "--add", "--cacheinfo", "160000,"+base+",module")
	c.git("update-index", "--add", "--cacheinfo", "120000,"+c.git("rev-parse", "HEAD:a.txt")+",link")
	c.write(".gitattributes", "*.bin filter=lfs\n", "big.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:"+strings.Repeat("a", 64)+"\nsize 12\n", "tab\there\n", "x", "-n", "y")
	c.git("add", "--", ".gitattributes", "big.bin", "tab\there\n", "-n")
	c.git("commit", "-q", "-m", "odd")
	r := c.check(Scope{Kind: Since, Since: base})
	wantVerdict(t, r, gate.Allowed)
	notes := strings.Join(r.Notes, "\n")
	if !strings.Contains(notes, "submodules that moved: 1") || !strings.Contains(notes, "pointers of Git LFS: 1") || r.Trees[0].Changed != 6 {
		t.Errorf("notes %q, %d files", notes, r.Trees[0].Changed)
	}
}

// A repository of another user is read where the user's own configuration says so, and only there.
func TestAnotherUsersRepository(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give a folder away")
	}
	c := newClone(t)
	c.commit("config.env", "TOKEN="+token)
	for _, name := range []string{c.dir, c.dir + "/.git"} {
		if err := os.Chown(name, 12345, 12345); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Run(t.Context(), Scope{Kind: Push}, c.opt); err == nil || !strings.Contains(err.Error(), "safe.directory") {
		t.Errorf("read all the same: %v", err)
	}
	config := filepath.Join(t.TempDir(), "gitconfig")
	if err := os.WriteFile(config, []byte("[safe]\n\tdirectory = "+c.dir+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.opt.Env = append(c.opt.Env, "GIT_CONFIG_GLOBAL="+config)
	wantVerdict(t, c.check(Scope{Kind: Push}), gate.Refused)
}
