// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A repository whose configuration, attributes and hooks name programs: none of them runs.
func TestS19_RepositoryRunsNothing(t *testing.T) {
	dir := repo(t, map[string]string{"main.go": "package main\n", "x.txt": "x\n", ".gitattributes": "* filter=evil diff=evil text=auto\n", "conf": "c\n"})
	canary := filepath.Join(t.TempDir(), "ran")
	script := filepath.Join(t.TempDir(), "evil")
	must(t, os.WriteFile(script, []byte("#!/bin/sh\necho \"$0 $*\" >>"+canary+"\ncat\n"), 0o755))
	for _, kv := range []string{
		"core.fsmonitor=" + script, "core.hooksPath=" + filepath.Dir(script), "filter.evil.clean=" + script, "filter.evil.smudge=" + script,
		"filter.evil.process=" + script, "filter.evil.required=true", "diff.external=" + script, "diff.evil.textconv=" + script, "core.pager=" + script,
		"pager.config=" + script, "pager.ls-files=true", "core.sshCommand=" + script, "core.askPass=" + script, "credential.helper=!" + script,
		"core.editor=" + script, "core.gitProxy=" + script, "alias.rev-parse=!" + script, "alias.cat-file=!" + script, "gpg.program=" + script,
		"protocol.allow=always", "protocol.ext.allow=always", "remote.origin.url=ext::" + script, "remote.origin.promisor=true",
		"remote.origin.uploadpack=" + script, "extensions.partialClone=origin", "core.repositoryFormatVersion=1", "submodule.recurse=true",
		"core.untrackedCache=true", "core.alternateRefsCommand=" + script, "uploadpack.packObjectsHook=" + script, "log.showSignature=true",
	} {
		k, v, _ := strings.Cut(kv, "=")
		runGit(t, dir, "config", k, v)
	}
	for _, hook := range []string{"post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc", "fsmonitor-watchman"} {
		body, err := os.ReadFile(script)
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, ".git", "hooks", hook), body, 0o755))
	}
	r := resolved(t, "git:HEAD", dir)
	_, err := r.Sources(t.Context(), t.TempDir())
	must(t, err)
	_, err = r.Rehash(t.Context())
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "x.txt"), []byte("y\n"), 0o644))
	_, err = resolve(t, "git:HEAD", dir)
	wantCode(t, err, DirtyTree)
	oid := runGit(t, dir, "-c", "alias.rev-parse=", "rev-parse", "HEAD:conf")
	must(t, os.Remove(filepath.Join(dir, ".git", "objects", oid[:2], oid[2:])))
	if _, err = resolve(t, "git:HEAD", dir); err == nil {
		t.Error("a missing object went unnoticed")
	}
	if ran, err := os.ReadFile(canary); err == nil {
		t.Errorf("the repository ran:\n%s", ran)
	}
	plain := exec.Command("git", "status")
	plain.Dir = dir
	_ = plain.Run() // fails on the missing object; what counts is that it ran the programs
	if _, err := os.Stat(canary); err != nil {
		t.Error("plain git status runs nothing either, so this test shows nothing")
	}
}

// Variables of the caller that lead Git elsewhere have no effect.
func TestS19_EnvironmentIsNotPassed(t *testing.T) {
	dir, other := repo(t, sample), repo(t, map[string]string{"x": "y"})
	env := append([]string{"GIT_DIR=" + filepath.Join(other, ".git"), "GIT_WORK_TREE=" + other, "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=core.fsmonitor",
		"GIT_CONFIG_VALUE_0=/bin/false", "GIT_OBJECT_DIRECTORY=" + other, "GIT_TRACE=/tmp/never"}, testEnv...)
	r, err := Resolve(t.Context(), Ref{Scheme: Git, Path: "HEAD"}, Options{Dir: dir, Env: env})
	must(t, err)
	if want := resolved(t, "git:HEAD", dir).Subject.Digest; !r.Subject.Digest.Matches(want) {
		t.Errorf("%v, expected %v", r.Subject.Digest, want)
	}
}

// A program called git in the tree under judgement, or in the working directory, is not run.
func TestS18_GitOfTheTreeIsNotRun(t *testing.T) {
	dir := repo(t, map[string]string{"bin/git*": "#!/bin/sh\ntouch ran\n", "git*": "#!/bin/sh\ntouch ran\n"})
	real, err := exec.LookPath("git")
	must(t, err)
	for _, path := range []string{filepath.Join(dir, "bin"), ".", "", "bin", dir} {
		exe, err := FindGit([]string{"PATH=" + path + ":" + filepath.Dir(real)}, dir)
		if err != nil || exe != real {
			t.Errorf("PATH %q: %s %v", path, exe, err)
		}
	}
	sub := filepath.Join(dir, "deploy")
	must(t, os.Mkdir(sub, 0o755))
	for name, trees := range map[string][]string{"judged from a folder in it": {sub}, "judged from elsewhere": {t.TempDir(), sub}} {
		if exe, err := FindGit([]string{"PATH=" + filepath.Join(dir, "bin") + ":" + filepath.Dir(real)}, trees...); err != nil || exe != real {
			t.Errorf("%s: %s %v", name, exe, err)
		}
	}
	t.Chdir(dir)
	if exe, err := FindGit([]string{"PATH=" + filepath.Join(dir, "bin") + ":" + filepath.Dir(real)}, "."); err != nil || exe != real {
		t.Errorf("the tree is the working directory: %s %v", exe, err)
	}
}

func TestGitDamagedDatabase(t *testing.T) {
	dir := repo(t, sample)
	oid := runGit(t, dir, "rev-parse", "HEAD:main.go")
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	fmt.Fprintf(z, "blob 13\x00package evil\n")
	z.Close()
	p := filepath.Join(dir, ".git", "objects", oid[:2], oid[2:])
	must(t, os.Chmod(p, 0o644))
	must(t, os.WriteFile(p, b.Bytes(), 0o644))
	_, err := resolve(t, "git:HEAD", dir)
	if err == nil || !strings.Contains(err.Error(), oid[:12]) {
		t.Errorf("expected an error about %s, got %v", oid, err)
	}
}

// A replacement of the commit (refs/replace) does not change what is hashed.
func TestGitReplacedObjects(t *testing.T) {
	dir := repo(t, sample)
	want := resolved(t, "git:HEAD", dir).Subject.Digest
	first := runGit(t, dir, "rev-parse", "HEAD")
	put(t, dir, map[string]string{"evil": "x"})
	runGit(t, dir, "add", "-A")
	runGit(t, dir, "commit", "-q", "-m", "evil")
	runGit(t, dir, "replace", first, "HEAD")
	runGit(t, dir, "-c", "core.useReplaceRefs=false", "reset", "-q", "--hard", first)
	if got := resolved(t, "git:"+first, dir).Subject.Digest; !got.Matches(want) {
		t.Errorf("%v, expected %v", got, want)
	}
}

// Trees that Git would never write: names that lead out, into .git, or are there twice.
func TestS15_HostileTrees(t *testing.T) {
	dir := repo(t, sample)
	blob := runGit(t, dir, "rev-parse", "HEAD:main.go")
	sub := runGit(t, dir, "rev-parse", "HEAD:a")
	line := func(mode, name, oid string) string {
		raw, err := hex.DecodeString(oid)
		must(t, err)
		return mode + " " + name + "\x00" + string(raw)
	}
	for name, body := range map[string]string{
		"dotdot": line("100644", "..", blob), "dot": line("100644", ".", blob), "slash": line("100644", "../../x", blob), "empty": line("100644", "", blob),
		"git": line("40000", ".git", sub), "GIT": line("40000", ".GiT", sub), "ntfs": line("40000", "GIT~1", sub), "trailing": line("40000", ".git . .", sub),
		"hfs": line("40000", ".g\u200cit", sub), "stream": line("40000", ".git::$INDEX_ALLOCATION", sub),
		"twice": line("120000", "a", blob) + line("40000", "a", sub), "order": line("100644", "b", blob) + line("100644", "a", blob),
		"mode": line("100777777", "a", blob), "device": line("60000", "a", blob), "short": line("100644", "a", blob)[:20], "noblob": line("100644", "a", sub),
	} {
		t.Run(name, func(t *testing.T) {
			tree := hashObject(t, dir, "tree", body)
			commit := hashObject(t, dir, "commit", "tree "+tree+"\nauthor a <a@b> 1 +0000\ncommitter a <a@b> 1 +0000\n\nx\n")
			_, err := resolve(t, "git:"+commit, dir)
			wantCode(t, err, Malformed)
		})
	}
}

func hashObject(t *testing.T, dir, kind, body string) string {
	t.Helper()
	cmd := exec.Command("git", "hash-object", "-w", "--literally", "--stdin", "-t", kind)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(body)
	out, err := cmd.Output()
	must(t, err)
	return strings.TrimSpace(string(out))
}

// The same tree ten times in each of six levels is a million folders: an error, soon.
func TestGitTreeBomb(t *testing.T) {
	dir := repo(t, sample)
	raw, err := hex.DecodeString(runGit(t, dir, "rev-parse", "HEAD:main.go"))
	must(t, err)
	mode := "100644"
	oid := ""
	for range 7 {
		var body strings.Builder
		for i := range 10 {
			fmt.Fprintf(&body, "%s %d\x00%s", mode, i, raw)
		}
		oid = hashObject(t, dir, "tree", body.String())
		raw, _ = hex.DecodeString(oid)
		mode = "40000"
	}
	commit := hashObject(t, dir, "commit", "tree "+oid+"\nauthor a <a@b> 1 +0000\ncommitter a <a@b> 1 +0000\n\nx\n")
	_, err = resolve(t, "git:"+commit, dir)
	wantCode(t, err, Limit)
}

func TestGitWorkTreeElsewhere(t *testing.T) {
	for _, kv := range []string{"core.worktree=/", "core.bare=true"} {
		dir := repo(t, sample)
		k, v, _ := strings.Cut(kv, "=")
		if k == "core.worktree" {
			v = t.TempDir()
		}
		runGit(t, dir, "config", k, v)
		put(t, dir, map[string]string{"main.go": "changed"})
		_, err := resolve(t, "git:HEAD", dir)
		wantCode(t, err, Unsupported, "work tree")
	}
}

func TestGitOfAnotherUser(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("changing owners needs root")
	}
	dir := repo(t, sample)
	must(t, filepath.Walk(dir, func(p string, _ os.FileInfo, err error) error { return errors.Join(err, os.Lchown(p, 12345, 12345)) }))
	_, err := resolve(t, "git:HEAD", dir)
	wantCode(t, err, UnsafeRepository, "safe.directory")
	home := t.TempDir()
	put(t, home, map[string]string{".gitconfig": "[safe]\n\tdirectory = " + dir + "\n[core]\n\tfsmonitor = /bin/false\n"})
	r, err := Resolve(t.Context(), Ref{Scheme: Git, Path: "HEAD"}, Options{Dir: dir, Env: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home}})
	must(t, err)
	must(t, r.Verify(t.Context()))
}

// What Git writes is bounded however it is copied: exec copies it with io.Copy, which goes by a ReadFrom where there is one.
func TestOutputOfGitIsBounded(t *testing.T) {
	for _, cut := range []bool{false, true} {
		c := &Capped{Limit: 10, Cut: cut}
		_, err := io.Copy(c, struct{ io.Reader }{strings.NewReader(strings.Repeat("x", 5000))})
		if (err == nil) != cut || !c.Over || len(c.Bytes()) > c.Limit {
			t.Errorf("cut %v: %d bytes kept of at most %d, over %v, error %v", cut, len(c.Bytes()), c.Limit, c.Over, err)
		}
	}
}
