// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/scanners"
)

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "shop")
	must(t, os.Mkdir(dir, 0o755))
	_, err := resolve(t, "dir:shop", filepath.Dir(dir))
	wantCode(t, err, Empty)
	put(t, dir, sample)
	want := resolved(t, "dir:shop", filepath.Dir(dir))
	if want.Subject.Name != "shop" || want.Subject.Digest["gitCommit"] != "" || len(want.Subject.Digest) != 2 {
		t.Errorf("%+v", want.Subject)
	}
	put(t, dir, map[string]string{".git/config": "x", "sub/.git": "gitdir: x", ".sealock/x": "x", "out/app": "x", "output": "stays", "nothing/.git/x": "x"})
	must(t, os.MkdirAll(filepath.Join(dir, "empty folder"), 0o755))
	r := resolved(t, "dir:.", dir, ".sealock", filepath.Join(dir, "out"), "..", ".", "output", "elsewhere")
	if !r.Subject.Digest.Matches(want.Subject.Digest) {
		t.Errorf("%v, expected %v", r.Subject, want.Subject)
	}
	src, err := r.Sources(t.Context(), "")
	must(t, err)
	if want := []string{".git", ".sealock", "elsewhere", "nothing/.git", "out", "output", "sub/.git"}; !slices.Equal(src[0].Exclude, want) || src[0].Kind != scanners.Dir || src[0].Path != realPath(dir) {
		t.Errorf("%+v, expected to leave out %v", src[0], want)
	}
	if all := resolved(t, "dir:.", dir); all.Subject.Digest.Matches(want.Subject.Digest) {
		t.Error("what was left out does not count otherwise")
	}
	must(t, os.Chmod(filepath.Join(dir, "main.go"), 0o755))
	_, err = r.Sources(t.Context(), "")
	wantCode(t, err, Changed, "gitTree256")
	set, err := r.Rehash(t.Context())
	if err != nil || set.Matches(r.Subject.Digest) {
		t.Errorf("Rehash after a change of mode: %v %v", set, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := r.Rehash(ctx); err == nil {
		t.Error("Rehash of a stopped context gives digests")
	}
}

// Every single change of a tree changes gitTree256.
func TestFolderEveryChangeCounts(t *testing.T) {
	seen := map[string]string{}
	for name, change := range map[string]map[string]string{
		"as is": {}, "content": {"main.go": "package main2\n"}, "mode": {"main.go*": "package main\n"}, "link target": {"link": "->a/z"}, "link to file": {"link": "a/b/c.txt"},
		"new": {"new": ""}, "gone": {"empty": "GONE"}, "moved": {"a/z": "GONE", "a/y": "z"}, "swapped": {"a-b": "y", "a.b": "x"}, "deeper": {"a/z": "GONE", "a/z/z": "z"},
	} {
		dir := t.TempDir()
		files := map[string]string{}
		for k, v := range sample {
			files[k] = v
		}
		for k, v := range change {
			delete(files, strings.TrimSuffix(k, "*"))
			if v != "GONE" {
				files[k] = v
			}
		}
		put(t, dir, files)
		id := resolved(t, "dir:.", dir).Subject.Digest["gitTree256"]
		if other, there := seen[id]; there {
			t.Errorf("%s and %s have the same gitTree256", name, other)
		}
		seen[id] = name
	}
}

// Links are hashed as links: what lies behind them is neither read nor part of the subject.
func TestS16_SymlinkOutOfRoot(t *testing.T) {
	dir, secret := t.TempDir(), filepath.Join(t.TempDir(), "secret")
	put(t, filepath.Dir(secret), map[string]string{"secret/key": "one"})
	put(t, dir, map[string]string{"x": "x", "env": "->/proc/self/environ", "out": "->" + secret, "file": "->" + secret + "/key", "up": "->../..", "loop": "->loop"})
	before := resolved(t, "dir:.", dir)
	put(t, secret, map[string]string{"key": "two"})
	if after := resolved(t, "dir:.", dir); !after.Subject.Digest.Matches(before.Subject.Digest) {
		t.Error("the digest depends on what lies outside")
	}
	for _, name := range []string{"env", "out", "file", "up"} {
		if !strings.Contains(strings.Join(before.Notes, " "), name) {
			t.Errorf("notes do not name %s: %q", name, before.Notes)
		}
	}
}

func TestFolderHasOnlyFiles(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, map[string]string{"x": "x"})
	l, err := net.Listen("unix", filepath.Join(dir, "sock"))
	must(t, err)
	defer l.Close()
	_, err = resolve(t, "dir:.", dir)
	wantCode(t, err, Unsupported, "sock")
	_, err = resolve(t, "file:sock", dir)
	wantCode(t, err, Unsupported)
	resolved(t, "dir:.", dir, "sock")
	_, err = resolve(t, "dir:nowhere", dir)
	wantCode(t, err, NotFound)
	deep := strings.Repeat("d/", MaxTreeDepth+1)
	put(t, dir, map[string]string{deep + "x": "x"})
	_, err = resolve(t, "dir:.", dir, "sock")
	wantCode(t, err, Limit, "nested deeper")
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, map[string]string{"app": "content", "empty": "", "link": "->app", "dangling": "->nowhere"})
	r := resolved(t, "file:app", dir)
	if want := sha256.Sum256([]byte("content")); r.Subject.Digest["sha256"] != hex.EncodeToString(want[:]) || len(r.Subject.Digest["sha512"]) != 128 || len(r.Notes) != 0 {
		t.Errorf("%+v", r)
	}
	l := resolved(t, "file:link", dir)
	if !l.Subject.Digest.Matches(r.Subject.Digest) || l.Subject.Name != "link" || len(l.Notes) != 1 || !strings.Contains(l.Notes[0], "symbolic link") {
		t.Errorf("%+v", l)
	}
	src, err := l.Sources(t.Context(), "")
	must(t, err)
	if src[0].Path != filepath.Join(realPath(dir), "app") || src[0].Kind != scanners.File {
		t.Errorf("%+v", src)
	}
	resolved(t, "file:empty", dir)
	for ref, code := range map[string]Code{"file:nowhere": NotFound, "file:dangling": NotFound, "file:.": Unsupported} {
		_, err := resolve(t, ref, dir)
		wantCode(t, err, code)
	}
}

// A file that is replaced or changed after it was resolved is not scanned as what it was.
func TestC17_FileChangesAfterResolve(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, map[string]string{"app": "content", "evil": "CONTENT"})
	r := resolved(t, "file:app", dir)
	must(t, os.Remove(filepath.Join(dir, "app")))
	must(t, os.Symlink("evil", filepath.Join(dir, "app")))
	_, err := r.Sources(t.Context(), "")
	wantCode(t, err, Unsupported, "symbolic link")
	must(t, os.Remove(filepath.Join(dir, "app")))
	must(t, os.Rename(filepath.Join(dir, "evil"), filepath.Join(dir, "app")))
	_, err = r.Sources(t.Context(), "")
	wantCode(t, err, Changed, "sha256")
	set, err := r.Rehash(t.Context())
	if err != nil || set.Matches(r.Subject.Digest) {
		t.Errorf("Rehash: %v %v", set, err)
	}
}

func TestStaysInside(t *testing.T) {
	for _, c := range []struct {
		link, text string
		want       bool
	}{
		{"a", "b", true}, {"a", "./b/c", true}, {"d/a", "../b", true}, {"d/a", "..", true}, {"d/e/a", "../../b/./c", true}, {"a", ".", true}, {"a", "b/", true},
		{"a", "..", false}, {"d/a", "../..", false}, {"a", "/etc", false}, {"a", "", false}, {"a", "b/../c", false}, {"d/a", "x/../../..", false}, {"a", `..\x`, false},
	} {
		if got := staysInside(c.link, c.text); got != c.want {
			t.Errorf("staysInside(%q, %q) = %v", c.link, c.text, got)
		}
	}
}
