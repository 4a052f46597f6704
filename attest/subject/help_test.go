// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"archive/tar"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

var testEnv = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.DevNull}

// runGit runs the real Git with a configuration of its own.
func runGit(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "user.name=alice", "-c", "user.email=alice@example.org", "-c", "commit.gpgsign=false", "-c", "gc.auto=0",
		"-c", "init.defaultBranch=main", "-c", "protocol.file.allow=always"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append([]string{"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_DATE=2026-11-01T10:00:00Z",
		"GIT_COMMITTER_DATE=2026-11-01T12:00:00Z"}, testEnv...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// put writes a file below dir; a name ending in * is executable, content starting with -> makes a link.
func put(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		name, exec := strings.CutSuffix(name, "*")
		p := filepath.Join(dir, filepath.FromSlash(name))
		must(t, os.MkdirAll(filepath.Dir(p), 0o755))
		if target, ok := strings.CutPrefix(content, "->"); ok {
			must(t, os.Symlink(target, p))
			continue
		}
		mode := fs.FileMode(0o644)
		if exec {
			mode = 0o755
		}
		must(t, os.WriteFile(p, []byte(content), mode))
	}
}

// repo makes a repository with one commit of the files.
func repo(t testing.TB, files map[string]string, init ...string) string {
	t.Helper()
	dir := filepath.Join(realPath(t.TempDir()), "shop")
	must(t, os.Mkdir(dir, 0o755))
	runGit(t, dir, append([]string{"init", "-q"}, init...)...)
	put(t, dir, files)
	runGit(t, dir, "add", "-A")
	runGit(t, dir, "commit", "-q", "-m", "first")
	return dir
}

var sample = map[string]string{
	"go.mod": "module example.org/shop\n", "main.go": "package main\n", "run.sh*": "#!/bin/sh\n", "a/b/c.txt": "c\n", "a-b": "x", "a.b": "y", "a/z": "z",
	"link": "->a/b/c.txt", "web/é.txt": "é", "empty": "",
}

func resolve(t testing.TB, ref, dir string, exclude ...string) (*Resolved, error) {
	t.Helper()
	r, err := Parse(ref)
	if err != nil {
		return nil, err
	}
	return Resolve(t.Context(), r, Options{Dir: dir, Env: testEnv, Exclude: exclude})
}

func resolved(t testing.TB, ref, dir string, exclude ...string) *Resolved {
	t.Helper()
	r, err := resolve(t, ref, dir, exclude...)
	must(t, err)
	return r
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, code Code, contains ...string) {
	t.Helper()
	if CodeOf(err) != code {
		t.Fatalf("code %q, expected %q: %v", CodeOf(err), code, err)
	}
	var e *Error
	if errors.As(err, &e); e.Ref == "" {
		t.Errorf("error names no reference: %v", err)
	}
	for _, s := range contains {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("error does not say %q: %v", s, err)
		}
	}
}

// dirHashH1 writes a hex dirHash as golang.org/x/mod does.
func dirHashH1(hexed string) (string, error) {
	raw, err := hex.DecodeString(hexed)
	return "h1:" + base64.StdEncoding.EncodeToString(raw), err
}

// writeArchive writes an image as docker save does.
func writeArchive(t testing.TB, p string, img v1.Image) name.Tag {
	t.Helper()
	tag, err := name.NewTag("example.org/shop:v1")
	must(t, err)
	must(t, tarball.WriteToFile(p, tag, img))
	return tag
}

func untar(t testing.TB, p string) map[string]string {
	t.Helper()
	f, err := os.Open(p)
	must(t, err)
	defer f.Close()
	out := map[string]string{}
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		must(t, err)
		raw, err := io.ReadAll(r)
		must(t, err)
		out[h.Name] = string(raw)
	}
}

// tarWith writes the files and then the entries; an entry named =NAME replaces a file.
func tarWith(t testing.TB, p string, files map[string]string, entries [][2]string) {
	t.Helper()
	f, err := os.Create(p)
	must(t, err)
	defer f.Close()
	w := tar.NewWriter(f)
	add := func(name, content string) {
		must(t, w.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Mode: 0o644, Typeflag: tar.TypeReg}))
		_, err := io.WriteString(w, content)
		must(t, err)
	}
	var more [][2]string
	replaced := map[string]bool{}
	for _, e := range entries {
		if name, ok := strings.CutPrefix(e[0], "="); ok {
			replaced[name], e[0] = true, name
		}
		more = append(more, e)
	}
	for name, content := range files {
		if !replaced[name] {
			add(name, content)
		}
	}
	for _, e := range more {
		add(e[0], e[1])
	}
	must(t, w.Close())
}
