// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/dirhash"
)

// The tree id in the SHA-256 format is what Git itself computes in a repository of that format, and what dir: gives.
func TestGitTree256IsGits(t *testing.T) {
	files := map[string]string{}
	for k, v := range sample {
		files[k] = v
	}
	delete(files, "link")
	one := repo(t, sample)
	two := repo(t, sample, "--object-format=sha256")
	want := runGit(t, two, "rev-parse", "HEAD^{tree}")
	for _, dir := range []string{one, two} {
		r := resolved(t, "git:HEAD", dir)
		if got := r.Subject.Digest["gitTree256"]; got != want {
			t.Errorf("gitTree256 %s, Git says %s", got, want)
		}
		if got, want := r.Subject.Digest["gitCommit"], runGit(t, dir, "rev-parse", "HEAD"); got != want {
			t.Errorf("gitCommit %s, expected %s", got, want)
		}
		if got := resolved(t, "dir:.", dir).Subject.Digest["gitTree256"]; got != want {
			t.Errorf("dir: gitTree256 %s, expected %s", got, want)
		}
		if !r.Created.Equal(time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)) || r.Subject.Name != "shop" || r.URI != "" || len(r.Notes) != 0 {
			t.Errorf("unexpected %+v", r)
		}
	}
	sub := resolved(t, "git:HEAD", filepath.Join(one, "a"))
	if got, want := sub.Subject.Digest["gitTree256"], runGit(t, two, "rev-parse", "HEAD:a"); got != want || sub.Subject.Name != "shop/a" {
		t.Errorf("folder a: %v, expected %s", sub.Subject, want)
	}
	deep := resolved(t, "git:HEAD", filepath.Join(one, "a", "b"))
	if got, want := deep.Subject.Digest["gitTree256"], runGit(t, two, "rev-parse", "HEAD:a/b"); got != want {
		t.Errorf("folder a/b: %s, expected %s", got, want)
	}
}

func TestDirHashIsHash1(t *testing.T) {
	dir := repo(t, map[string]string{"b": "1", "a/c": "2", "x*": "3"})
	r := resolved(t, "git:HEAD", dir)
	must(t, os.RemoveAll(filepath.Join(dir, ".git")))
	want, err := dirhash.HashDir(dir, "", dirhash.Hash1)
	must(t, err)
	got, err := dirHashH1(r.Subject.Digest["dirHash"])
	must(t, err)
	if got != want || resolved(t, "dir:.", dir).Subject.Digest["dirHash"] != r.Subject.Digest["dirHash"] {
		t.Errorf("dirHash %s, x/mod says %s", got, want)
	}
}

func TestGitKindsOfRepository(t *testing.T) {
	origin := repo(t, sample)
	put(t, origin, map[string]string{"later": "2"})
	runGit(t, origin, "add", "-A")
	runGit(t, origin, "commit", "-q", "-m", "second")
	runGit(t, origin, "tag", "v1", "HEAD~1")
	want := resolved(t, "git:HEAD", origin).Subject.Digest
	at := t.TempDir()
	runGit(t, at, "clone", "-q", "--bare", origin, "bare.git")
	runGit(t, at, "clone", "-q", "--depth=1", "file://"+origin, "shallow")
	runGit(t, origin, "worktree", "add", "-q", filepath.Join(at, "other"), "-b", "other")
	for _, dir := range []string{"bare.git", "shallow", "other"} {
		if got := resolved(t, "git:HEAD", filepath.Join(at, dir)).Subject.Digest; !got.Matches(want) || len(got) != 3 {
			t.Errorf("%s: %v, expected %v", dir, got, want)
		}
	}
	old := resolved(t, "git:v1", origin)
	if old.Subject.Digest.Matches(want) || old.Subject.Digest["gitCommit"] != runGit(t, origin, "rev-parse", "HEAD~1") {
		t.Errorf("v1: %v", old.Subject)
	}
	if len(old.Notes) != 1 || !strings.Contains(old.Notes[0], "was not compared") {
		t.Errorf("v1: notes %q", old.Notes)
	}
	_, err := resolve(t, "git:HEAD~1", filepath.Join(at, "shallow"))
	wantCode(t, err, NotFound, "unshallow")
}

func TestGitErrors(t *testing.T) {
	dir := repo(t, sample)
	_, err := resolve(t, "git:nope", dir)
	wantCode(t, err, NotFound, `revision "nope"`)
	_, err = resolve(t, "git:HEAD", t.TempDir())
	wantCode(t, err, NotFound, "no Git repository", "dir:.")
	empty := t.TempDir()
	runGit(t, empty, "init", "-q")
	_, err = resolve(t, "git:HEAD", empty)
	wantCode(t, err, NotFound, "no commit yet")
	must(t, os.Mkdir(filepath.Join(dir, "new"), 0o755))
	_, err = resolve(t, "git:HEAD", filepath.Join(dir, "new"))
	wantCode(t, err, NotFound, "no folder new")
	_, err = Resolve(t.Context(), Ref{Scheme: Git, Path: "HEAD"}, Options{Dir: dir, Env: []string{"PATH=.:bin:" + dir}})
	wantCode(t, err, NoGit, "install git")
	runGit(t, dir, "commit", "-q", "--allow-empty", "-m", "none")
	runGit(t, dir, "rm", "-q", "-r", ".")
	runGit(t, dir, "commit", "-q", "-m", "none")
	_, err = resolve(t, "git:HEAD", dir)
	wantCode(t, err, Empty)
}

func TestGitRemoteHasNoCredentials(t *testing.T) {
	dir := repo(t, sample)
	runGit(t, dir, "remote", "add", "origin", "https://bob:hunter2@git.example.org/acme/store.git?token=hunter2")
	r := resolved(t, "git:HEAD", dir)
	if r.URI != "git+https://git.example.org/acme/store.git@refs/heads/main" || r.Subject.Name != "store" {
		t.Errorf("URI %q, name %q", r.URI, r.Subject.Name)
	}
	runGit(t, dir, "checkout", "-q", "--detach")
	if r = resolved(t, "git:HEAD", dir); r.URI != "git+https://git.example.org/acme/store.git@"+r.Subject.Digest["gitCommit"] {
		t.Errorf("URI %q", r.URI)
	}
	for in, want := range map[string]string{
		"git@github.com:acme/shop.git": "ssh://github.com/acme/shop.git", "ssh://git@host:22/x": "ssh://host:22/x", "/srv/x": "", "../x": "",
		"file:///srv/x": "", "C:/x": "", "https://u:p@h/x#f": "https://h/x", "ext::sh -c x": "", "": "", "https://%zz": "",
	} {
		if got := cleanURL(in); got != want {
			t.Errorf("cleanURL(%q) = %q, expected %q", in, got, want)
		}
	}
}

func TestGitSubmodulesAndPointers(t *testing.T) {
	inner := repo(t, map[string]string{"lib.go": "package lib\n"})
	pointer := "version https://git-lfs.github.com/spec/v1\noid sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03\nsize 6\n"
	dir := repo(t, map[string]string{"big.bin": pointer, "main.go": "package main\n", ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n"})
	runGit(t, dir, "submodule", "--quiet", "add", inner, "vendor/lib")
	runGit(t, dir, "config", "-f", ".gitmodules", "submodule.vendor/lib.url", "https://u:p@example.org/lib.git")
	runGit(t, dir, "commit", "-q", "-a", "-m", "submodule")
	commit := runGit(t, inner, "rev-parse", "HEAD")
	must(t, os.WriteFile(filepath.Join(dir, "big.bin"), []byte("hello\n"), 0o644)) // as the smudge filter leaves it
	r := resolved(t, "git:HEAD", dir)
	if len(r.Materials) != 1 || r.Materials[0].Name != "vendor/lib" || r.Materials[0].Digest["gitCommit"] != commit ||
		r.Materials[0].URI != "git+https://example.org/lib.git@"+commit {
		t.Errorf("materials %+v", r.Materials)
	}
	if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "LFS pointers") || !strings.Contains(notes, "big.bin") || !strings.Contains(notes, "vendor/lib") {
		t.Errorf("notes %q", r.Notes)
	}
	src, err := r.Sources(t.Context(), t.TempDir())
	must(t, err)
	if got, _ := os.ReadFile(filepath.Join(src[0].Path, "big.bin")); string(got) != pointer {
		t.Errorf("exported %q", got)
	}
	put(t, filepath.Join(dir, "vendor", "lib"), map[string]string{"lib.go": "package evil\n"})
	_, err = resolve(t, "git:HEAD", dir)
	wantCode(t, err, DirtyTree, "vendor/lib")
	runGit(t, filepath.Join(dir, "vendor", "lib"), "commit", "-q", "-a", "-m", "moved")
	_, err = resolve(t, "git:HEAD", dir)
	wantCode(t, err, DirtyTree, "vendor/lib")
	must(t, os.RemoveAll(filepath.Join(dir, "vendor", "lib")))
	must(t, os.WriteFile(filepath.Join(dir, "big.bin"), []byte("hellO\n"), 0o644))
	_, err = resolve(t, "git:HEAD", dir)
	wantCode(t, err, DirtyTree, "1 path: big.bin")
}

func TestGitDirtyTree(t *testing.T) {
	for name, change := range map[string]func(dir string) error{
		"a/b/c.txt": func(d string) error { return os.WriteFile(filepath.Join(d, "a/b/c.txt"), []byte("changed\n"), 0o644) },
		"new.go":    func(d string) error { return os.WriteFile(filepath.Join(d, "new.go"), nil, 0o644) },
		"empty":     func(d string) error { return os.Remove(filepath.Join(d, "empty")) },
		"main.go":   func(d string) error { return os.Chmod(filepath.Join(d, "main.go"), 0o755) },
		"link": func(d string) error {
			return errors.Join(os.Remove(filepath.Join(d, "link")), os.Symlink("a/z", filepath.Join(d, "link")))
		},
		"a/z": func(d string) error { // the folder becomes a link to the same files
			return errors.Join(os.Rename(filepath.Join(d, "a"), filepath.Join(d, ".out")), os.Symlink(".out", filepath.Join(d, "a")))
		},
	} {
		t.Run(strings.ReplaceAll(name, "/", "_"), func(t *testing.T) {
			dir := repo(t, sample)
			must(t, change(dir))
			_, err := resolve(t, "git:HEAD", dir)
			wantCode(t, err, DirtyTree, name, "commit", "dir:.")
			_, err = resolve(t, "git:main", dir)
			wantCode(t, err, DirtyTree)
			for _, hidden := range []string{"--assume-unchanged", "--skip-worktree"} {
				if runGit(t, dir, "ls-files", name) != "" && name != "a/z" {
					runGit(t, dir, "update-index", hidden, name)
					_, err = resolve(t, "git:HEAD", dir)
					wantCode(t, err, DirtyTree)
				}
			}
		})
	}
}

func TestGitCleanTree(t *testing.T) {
	dir := repo(t, map[string]string{".gitignore": "*.o\n", ".gitattributes": "*.bat eol=crlf\n", "x.bat": "echo\n", "src/x.c": "int x;\n"})
	put(t, dir, map[string]string{"x.o": "ignored", ".sealock/x": "store", "out/app": "output"})
	must(t, os.WriteFile(filepath.Join(dir, "x.bat"), []byte("echo\r\n"), 0o644))
	_, err := resolve(t, "git:HEAD", dir)
	wantCode(t, err, DirtyTree, "2 paths", ".sealock/x", "out/app")
	r := resolved(t, "git:HEAD", dir, ".sealock", filepath.Join(dir, "out"))
	resolved(t, "git:HEAD", filepath.Join(dir, "src"))
	put(t, dir, map[string]string{"made.txt": "by the build"})
	if set, err := r.Rehash(t.Context()); err != nil || !set.Matches(r.Subject.Digest) {
		t.Errorf("untracked files count in Rehash: %v", err)
	}
	must(t, os.WriteFile(filepath.Join(dir, "src/x.c"), []byte("int x;\r\n"), 0o644))
	_, err = r.Rehash(t.Context())
	wantCode(t, err, DirtyTree, "src/x.c")
	runGit(t, dir, "commit", "-q", "-a", "-m", "moved")
	if set, err := r.Rehash(t.Context()); err != nil || set.Matches(r.Subject.Digest) {
		t.Errorf("HEAD moved, Rehash gives %v %v", set, err)
	}
	must(t, r.Verify(t.Context()))
}

// Own may be there untracked; once a commit has it, a change of it counts.
func TestGitOwnFilesMayBeUntracked(t *testing.T) {
	dir := repo(t, map[string]string{"main.go": "package main\n"})
	put(t, dir, map[string]string{"sealock.yaml": "kind: Pipeline\n", "policy/policy.yaml": "kind: Policy\n"})
	own := func() error {
		_, err := Resolve(t.Context(), Ref{Scheme: Git, Path: "HEAD"}, Options{Dir: dir, Env: testEnv, Own: []string{"sealock.yaml", "policy"}})
		return err
	}
	must(t, own())
	put(t, dir, map[string]string{"policy2": "x"})
	wantCode(t, own(), DirtyTree, "1 path: policy2")
	must(t, os.Remove(filepath.Join(dir, "policy2")))
	runGit(t, dir, "add", "-A")
	runGit(t, dir, "commit", "-q", "-m", "policy")
	must(t, own())
	put(t, dir, map[string]string{"policy/policy.yaml": "kind: Weaker\n"})
	wantCode(t, own(), DirtyTree, "policy/policy.yaml")
}

func TestGitSources(t *testing.T) {
	files := map[string]string{"d/up": "->../main.go", "d/out": "->../../x", "abs": "->/etc/passwd", "d/dir": "->..", "trick": "->d/dir/../..", "sub/.gitignore": "x"}
	for k, v := range sample {
		files[k] = v
	}
	r := resolved(t, "git:HEAD", repo(t, files))
	src, err := r.Sources(t.Context(), t.TempDir())
	must(t, err)
	for _, out := range []string{"d/out", "abs", "trick"} {
		if _, err := os.Lstat(filepath.Join(src[0].Path, out)); err == nil {
			t.Errorf("link %s was made", out)
		}
		if !strings.Contains(strings.Join(r.Notes, " "), out) {
			t.Errorf("notes do not name %s: %q", out, r.Notes)
		}
		delete(files, out)
	}
	for name, want := range files {
		name, exec := strings.CutSuffix(name, "*")
		p := filepath.Join(src[0].Path, name)
		if target, ok := strings.CutPrefix(want, "->"); ok {
			if got, err := os.Readlink(p); got != target {
				t.Errorf("link %s: %q %v", name, got, err)
			}
			continue
		}
		got, err := os.ReadFile(p)
		info, _ := os.Stat(p)
		if err != nil || string(got) != want || exec != (info.Mode()&0o111 != 0) {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
	if _, err := os.Stat(filepath.Join(src[0].Path, ".git")); err == nil {
		t.Error("the export has a .git")
	}
	if len(src) != 1 || src[0].Subject.Digest["gitCommit"] != r.Subject.Digest["gitCommit"] || !filepath.IsAbs(src[0].Path) {
		t.Errorf("source %+v", src)
	}
}

func BenchmarkGitTree256(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "big")
	must(b, os.Mkdir(dir, 0o755))
	runGit(b, dir, "init", "-q")
	for i := range 7000 {
		put(b, dir, map[string]string{fmt.Sprintf("pkg%02d/sub%d/file%d.go", i%97, i%7, i): strings.Repeat(fmt.Sprintf("line %d\n", i), 400)})
	}
	runGit(b, dir, "add", "-A")
	runGit(b, dir, "commit", "-q", "-m", "big")
	for _, kind := range []string{"git:HEAD", "dir:."} {
		b.Run(strings.ReplaceAll(kind, ":", "-"), func(b *testing.B) {
			for b.Loop() {
				resolved(b, kind, dir)
			}
		})
	}
	r := resolved(b, "git:HEAD", dir)
	b.Run("export", func(b *testing.B) {
		for b.Loop() {
			_, err := r.Sources(b.Context(), b.TempDir())
			must(b, err)
		}
	})
	if !slices.IsSortedFunc(r.content.(*repository).commit.tree, func(x, y entry) int { return strings.Compare(x.path, y.path) }) {
		b.Error("tree is not sorted")
	}
}
