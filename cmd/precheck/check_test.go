// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/scanners/secrets"
)

const privileged = `apiVersion: v1
kind: Pod
metadata: {name: one, namespace: shop}
spec:
  containers: [{name: one, image: "registry.example.com/one:1", securityContext: {privileged: true}}]
`

func wantVerdict(t testing.TB, r Report, want gate.Verdict) {
	t.Helper()
	if r.Verdict != want {
		b, _ := json.MarshalIndent(r, "", " ")
		t.Fatalf("%s, expected %s\n%s", r.Verdict, want, b)
	}
}

// S-10: a secret that a later commit took out again is still sent.
func TestS10_SecretInHistory(t *testing.T) {
	c := newClone(t)
	c.commit("a.txt", "a\n")
	bad := c.commit("config.env", "\nTOKEN="+token+"\n")
	c.commit("config.env", "")
	r := c.check(Scope{Kind: Push})
	wantVerdict(t, r, gate.Refused)
	if f := r.Secrets[0]; len(r.Secrets) != 1 || f.Path != "config.env" || f.Line != 2 || f.Commit != bad || !strings.Contains(f.Fix, "git rebase -i "+bad[:12]+"^") {
		t.Errorf("secrets %+v", r.Secrets)
	}
	b, err := json.Marshal(r)
	if err != nil || strings.Contains(string(b), token) {
		t.Errorf("the report repeats the secret: %v", err)
	}
	cached, err := os.ReadFile(c.memory())
	if err != nil || strings.Contains(string(cached), token) {
		t.Errorf("the cache repeats the secret: %v", err)
	}
	c.git("reset", "-q", "--hard", "HEAD~2")
	wantVerdict(t, c.check(Scope{Kind: Push}), gate.Allowed)
}

// S-10: messages of commits and tags are sent too, and .git/info/grafts and commit-graph files hide no commit.
func TestS10_SecretInMessages(t *testing.T) {
	c := newClone(t)
	base := c.commit("a.txt", "a\n")
	c.git("commit", "-q", "--allow-empty", "-m", "deploy with "+token)
	r := c.check(Scope{Kind: Since, Since: base})
	wantVerdict(t, r, gate.Refused)
	if f := r.Secrets[0]; len(r.Secrets) != 1 || f.Path != secrets.CommitMessage || !strings.Contains(f.Fix, "git commit --amend") {
		t.Errorf("secrets %+v", r.Secrets)
	}
	c.git("reset", "-q", "--hard", base)
	c.git("tag", "-a", "-m", "deployed with "+token, "inner", base)
	c.git("tag", "-a", "-m", "harmless", "outer", "inner")
	c.git("update-ref", "refs/remotes/origin/main", base)
	for _, tag := range []string{"inner", "outer"} {
		r = c.check(Scope{Kind: Push, Updates: []Update{{"refs/tags/" + tag, c.git("rev-parse", tag), "refs/tags/" + tag, ""}}})
		wantVerdict(t, r, gate.Refused)
		if f := r.Secrets[0]; len(r.Secrets) != 1 || f.Path != secrets.TagMessage || f.Commit != c.git("rev-parse", "inner") {
			t.Errorf("%s: secrets %+v", tag, r.Secrets)
		}
	}
}

// S-10: the same change on another branch is another commit to mend, and is not clean because the first one was told.
func TestS10_SameChangeOnTwoBranches(t *testing.T) {
	c := newClone(t)
	base := c.commit("a.txt", "a\n")
	var tips []string
	for _, branch := range []string{"one", "two", "three"} {
		c.git("checkout", "-q", "-b", branch, base)
		c.git("commit", "-q", "--allow-empty", "-m", branch)
		tips = append(tips, c.commit("config.env", "TOKEN="+token+"\n"))
	}
	clean := c.commit("b.txt", "b\n")
	update := func(branch, tip string) Update {
		return Update{"refs/heads/" + branch, tip, "refs/heads/" + branch, ""}
	}
	both := Scope{Kind: Push, Updates: []Update{update("one", tips[0]), update("two", tips[1]), update("three", clean)}}
	if r := c.check(both); r.Verdict != gate.Refused || len(r.Secrets) != 3 {
		t.Errorf("%s, secrets %+v", r.Verdict, r.Secrets)
	}
	for i, branch := range []string{"one", "two"} {
		r := c.check(Scope{Kind: Push, Updates: []Update{update(branch, tips[i])}})
		if r.Verdict != gate.Refused || len(r.Secrets) != 1 || r.Secrets[0].Commit != tips[i] {
			t.Errorf("%s by itself: %s, secrets %+v", branch, r.Verdict, r.Secrets)
		}
	}
	wantVerdict(t, c.check(Scope{Kind: Since, Since: tips[2]}), gate.Allowed)
}

func TestS10_GraftsHideNothing(t *testing.T) {
	c := newClone(t)
	base := c.commit("a.txt", "a\n")
	bad := c.commit("config.env", "TOKEN="+token+"\n")
	head := c.commit("config.env", "")
	c.write(".git/info/grafts", head+" "+base+"\n")
	r := c.check(Scope{Kind: Since, Since: base})
	wantVerdict(t, r, gate.Refused)
	if r.Commits != 2 || r.Secrets[0].Commit != bad {
		t.Errorf("%d commits, secrets %+v", r.Commits, r.Secrets)
	}
}

func (c *clone) memory() string {
	c.Helper()
	files, err := filepath.Glob(filepath.Join(c.opt.Cache, "*.json"))
	if err != nil || len(files) != 1 {
		c.Fatalf("cache: %v, %v", files, err)
	}
	return files[0]
}

// Without a policy new and grave faults are refused; what was there before is not told again.
func TestNewConfiguration(t *testing.T) {
	c := newClone(t)
	base := c.commit("old.yaml", privileged)
	c.commit("a.txt", "a")
	r := c.check(Scope{Kind: Since, Since: base})
	wantVerdict(t, r, gate.Allowed)
	if len(r.Trees[0].Config) != 0 || r.Trees[0].Changed != 1 {
		t.Errorf("new: %+v", r.Trees[0])
	}
	c.commit("new.yaml", strings.ReplaceAll(privileged, "one", "two"))
	r = c.check(Scope{Kind: Since, Since: base})
	wantVerdict(t, r, gate.Refused)
	for _, f := range r.Trees[0].Config {
		if f.Path != "new.yaml" {
			t.Errorf("told as new: %s", f.Path)
		}
	}
	all := c.check(Scope{Kind: All})
	if !slices.ContainsFunc(all.Trees[0].Config, func(f predicate.Finding) bool { return f.Path == "old.yaml" }) {
		t.Error("--all leaves out what was there before")
	}
}

// What is staged is checked before there is a commit of it; the work tree is another matter.
func TestStaged(t *testing.T) {
	c := newClone(t)
	c.commit("config.env", "TOKEN="+token+"\n")
	wantVerdict(t, c.check(Scope{Kind: Staged}), gate.Allowed)
	c.write("config.env", "# moved\nTOKEN="+token+"\n")
	c.git("add", "-A")
	wantVerdict(t, c.check(Scope{Kind: Staged}), gate.Allowed) // it was there before
	c.write("other.env", "TOKEN="+token+"\n")
	wantVerdict(t, c.check(Scope{Kind: Staged}), gate.Allowed) // not staged
	c.git("add", "-A")
	r := c.check(Scope{Kind: Staged})
	wantVerdict(t, r, gate.Refused)
	if s := r.Trees[0].Secrets; len(s) != 1 || s[0].Path != "other.env" {
		t.Errorf("secrets %+v", s)
	}
}

// The second check looks at nothing again, and says the same; with another rule, policy or commit it looks.
func TestRepeat(t *testing.T) {
	c := newClone(t)
	c.judge(policy(t))
	c.commit("deploy.yaml", privileged, "go.mod", "module example.com/shop\n\ngo 1.26\n\nrequire github.com/google/uuid v1.6.0\n", "image.bin", "\x7fELF\x00\x00\x00\x00")
	first := c.check(Scope{Kind: Push})
	second := c.check(Scope{Kind: Push})
	if first.Cached || !second.Cached {
		t.Errorf("cached: %v, then %v", first.Cached, second.Cached)
	}
	second.Cached = false
	if !reflect.DeepEqual(plain(t, first), plain(t, second)) {
		t.Errorf("first %s\nsecond %s", plain(t, first), plain(t, second))
	}
	c.opt.PolicyID = "another"
	if c.check(Scope{Kind: Push}).Cached {
		t.Error("an outcome under another policy counts")
	}
	later := now.Add(outcomeLife)
	c.opt.Now = func() time.Time { return later }
	if c.check(Scope{Kind: Push}).Cached {
		t.Error("an old outcome counts")
	}
}

func plain(t *testing.T, r Report) string {
	t.Helper()
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What is remembered says the same as looking again: findings, what was left out, and where.
func TestRememberedFilesAreTheSame(t *testing.T) {
	c := newClone(t)
	c.judge(policy(t))
	c.commit("config.env", "TOKEN="+token+"\n", "node_modules/x.js", "x\n", "a!b", "TOKEN="+token+"\n", "a", "x\n", "p.png", "\x89PNG\r\n\x1a\n\x00\x00", ".gitleaksignore", "x\n")
	first := c.check(Scope{Kind: Push})
	c.commit("b.txt", "b\n")
	warm := c.check(Scope{Kind: Push})
	c.opt.Cache = ""
	cold := c.check(Scope{Kind: Push})
	for i, r := range []Report{first, warm, cold} {
		if len(r.Secrets) != 2 {
			t.Errorf("check %d: %d secrets, expected 2", i, len(r.Secrets))
		}
	}
	reasons := func(r Report) (out []string) {
		for _, d := range r.Trees[0].Decisions {
			for _, x := range d.Reasons {
				out = append(out, d.Environment+" "+x.Code+" "+x.Message+" "+x.Found)
			}
		}
		slices.Sort(out)
		return out
	}
	if !slices.Equal(reasons(warm), reasons(cold)) {
		t.Errorf("warm %q\ncold %q", reasons(warm), reasons(cold))
	}
}

// A cache that can't be read is no cache.
func TestBrokenCache(t *testing.T) {
	c := newClone(t)
	c.commit("config.env", "TOKEN="+token+"\n")
	c.check(Scope{Kind: Push})
	name := c.memory()
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "{", "null", "[]", `{"seen":["!"]}`, `{"seen":[""],"others":null}`, string(whole[:len(whole)/2])} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if r := c.check(Scope{Kind: Push}); r.Verdict != gate.Refused || r.Cached {
			t.Errorf("with the cache %.20q: %s, cached %v", text, r.Verdict, r.Cached)
		}
	}
	c.opt.Cache = filepath.Join(name, "no-folder")
	wantVerdict(t, c.check(Scope{Kind: Push}), gate.Refused)
}

// A waiver that the policy has for the secrets of a tree holds for those of a commit.
func TestWaivedSecret(t *testing.T) {
	c := newClone(t)
	c.commit("fixture.env", "TOKEN="+token+"\n")
	c.commit("fixture.env", "")
	p := policy(t)
	c.judge(p)
	wantVerdict(t, c.check(Scope{Kind: Push}), gate.Refused)
	p.Waivers = []gate.Waiver{{Rule: "secrets", Scope: gate.WaiverScope{Path: "fixture.env"}, Expires: now.Add(time.Hour)}}
	c.opt.PolicyID = "with a waiver"
	r := c.check(Scope{Kind: Push})
	wantVerdict(t, r, gate.Allowed)
	if len(r.Waived) != 1 {
		t.Errorf("waived %+v", r.Waived)
	}
	for i, w := range []gate.Waiver{
		{Rule: "config", Scope: gate.WaiverScope{Path: "fixture.env"}, Expires: now.Add(time.Hour)},
		{Rule: "secrets", Scope: gate.WaiverScope{Path: "fixture.env"}, Expires: now},
		{Rule: "secrets", Scope: gate.WaiverScope{Path: "fixture.env"}, From: now.Add(time.Minute), Expires: now.Add(time.Hour)},
		{Rule: "secrets", Scope: gate.WaiverScope{Everywhere: true}, Expires: now.Add(time.Hour)},
		{Rule: "secrets", Scope: gate.WaiverScope{Path: "fixture.env", Subject: "sha256:00"}, Expires: now.Add(time.Hour)},
	} {
		p.Waivers, c.opt.PolicyID = []gate.Waiver{w}, string(rune('a'+i))
		wantVerdict(t, c.check(Scope{Kind: Push}), gate.Refused)
	}
}

// A shallow clone says what it can't see rather than that there is nothing.
func TestShallow(t *testing.T) {
	c := newClone(t)
	c.commit("a.txt", "a")
	c.commit("b.txt", "b")
	c.commit("c.txt", "c")
	s := newClone(t)
	s.git("pull", "-q", "--depth", "1", "file://"+c.dir, "main")
	r := s.check(Scope{Kind: All})
	wantVerdict(t, r, gate.Undecided)
	if !strings.Contains(strings.Join(r.Undecided, "\n"), "--unshallow") {
		t.Errorf("undecided %q", r.Undecided)
	}
	wantVerdict(t, s.check(Scope{Kind: Push}), gate.Undecided)
	s.commit("d.txt", "d")
	wantVerdict(t, s.check(Scope{Kind: Since, Since: "HEAD~1"}), gate.Allowed)
	if _, err := Run(t.Context(), Scope{Kind: Since, Since: "HEAD~3"}, s.opt); err == nil || !strings.Contains(err.Error(), "shallow") {
		t.Errorf("a revision that is not there: %v", err)
	}
}

func TestNoCommit(t *testing.T) {
	c := newClone(t)
	for _, kind := range []Kind{Push, All, Staged} {
		wantVerdict(t, c.check(Scope{Kind: kind}), gate.Allowed)
	}
	if _, err := Run(t.Context(), Scope{Kind: Since, Since: "main"}, c.opt); err == nil {
		t.Error("since a revision that is not there")
	}
}

// Without a policy what is new and grave refuses, and nothing else does; a refusal comes before what is not known.
func TestConclude(t *testing.T) {
	vuln := func(level string, kev bool) predicate.VulnResult {
		return predicate.VulnResult{ID: "CVE-1", Severity: []predicate.Severity{{Method: "sealock", Score: level}}, Annotations: []predicate.VulnAnnotation{{Name: "a", KEV: kev}}}
	}
	for name, test := range map[string]struct {
		r    Report
		want gate.Verdict
	}{
		"nothing":     {Report{}, gate.Allowed},
		"medium":      {Report{Trees: []Tree{{Vulns: []predicate.VulnResult{vuln("medium", false)}, Config: []predicate.Finding{{Severity: "medium"}}}}}, gate.Allowed},
		"exploited":   {Report{Trees: []Tree{{Vulns: []predicate.VulnResult{vuln("low", true)}}}}, gate.Refused},
		"high":        {Report{Trees: []Tree{{Vulns: []predicate.VulnResult{vuln("high", false)}}}}, gate.Refused},
		"not rated":   {Report{Trees: []Tree{{Vulns: []predicate.VulnResult{{ID: "CVE-2"}}}}}, gate.Refused},
		"fault":       {Report{Trees: []Tree{{Config: []predicate.Finding{{Severity: "critical"}}}}}, gate.Refused},
		"staged":      {Report{Trees: []Tree{{Secrets: []predicate.Finding{{}}}}}, gate.Refused},
		"not known":   {Report{Undecided: []string{"x"}}, gate.Undecided},
		"both":        {Report{Undecided: []string{"x"}, Secrets: []predicate.Finding{{}}}, gate.Refused},
		"preview":     {Report{Trees: []Tree{{Decisions: []gate.Decision{{Verdict: gate.Undecided}, {Verdict: gate.Allowed}}}}}, gate.Undecided},
		"refused too": {Report{Trees: []Tree{{Decisions: []gate.Decision{{Verdict: gate.Undecided}, {}}}}}, gate.Refused},
	} {
		c := &checker{report: &test.r}
		c.conclude()
		if test.r.Verdict != test.want {
			t.Errorf("%s: %s, expected %s", name, test.r.Verdict, test.want)
		}
	}
}
