// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func gz(t testing.TB, content string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, content)
	return finish(t, &b, err, w)
}

func zst(t testing.TB, content string) string {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b)
	if err == nil {
		_, err = io.WriteString(w, content)
	}
	return finish(t, &b, err, w)
}

func tarball(t testing.TB, name, content string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Mode: 0o644})
	if err == nil {
		_, err = io.WriteString(w, content)
	}
	return finish(t, &b, err, w)
}

func zipped(t testing.TB, name, content string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create(name)
	if err == nil {
		_, err = io.WriteString(f, content)
	}
	return finish(t, &b, err, w)
}

func finish(t testing.TB, b *bytes.Buffer, err error, c io.Closer) string {
	t.Helper()
	if err = errors.Join(err, c.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestS10_Archives(t *testing.T) {
	token := "a\nb " + githubToken("archived") + "\n"
	cases := []struct{ file, content, path string }{
		{"a.zip", zipped(t, "in/x.txt", token), "a.zip!in/x.txt"},
		{"a.tar", tarball(t, "in/x.txt", token), "a.tar!in/x.txt"},
		{"a.txt.gz", gz(t, token), "a.txt.gz"},
		{"a.zst", zst(t, token), "a.zst"},
		{"a.tgz", gz(t, tarball(t, "x", token)), "a.tgz!x"},
		{"named-like-nothing", gz(t, tarball(t, "x", token)), "named-like-nothing!x"},
		{"deep.zip", zipped(t, "b.jar", zipped(t, "c.tgz", gz(t, tarball(t, "x", token)))), "deep.zip!b.jar!c.tgz!x"},
		{"up.tar", tarball(t, "../../x", token), "up.tar!../../x"},
		{"up.zip", zipped(t, "../../x", token), "up.zip!../../x"},
		{"cut.gz", gz(t, token+letters("noise", alnum, 5000))[:2000], "cut.gz"},
	}
	for _, c := range cases {
		t.Run(c.file, func(t *testing.T) {
			if f := only(t, scanTree(t, tree{c.file: c.content}), "github-pat"); f.Path != c.path || f.Line != 2 || f.Column != 3 {
				t.Errorf("expected %s:2:3, found %s:%d:%d", c.path, f.Path, f.Line, f.Column)
			}
		})
	}
}

func TestBrokenArchivesAreNamed(t *testing.T) {
	whole := gz(t, strings.Repeat("some text\n", 5000))
	flipped := []byte(zipped(t, "x", strings.Repeat("some text\n", 5000)))
	flipped[60] ^= 0xff
	encrypted := []byte(zipped(t, "x", "abc"))
	encrypted[bytes.Index(encrypted, []byte("PK\x01\x02"))+8] |= 1
	got := scanTree(t, tree{"cut.gz": whole[:len(whole)/2], "no.zip": "PK\x03\x04 but no more", "bad.zip": string(flipped), "locked.zip": string(encrypted),
		"fine.txt": "x", "in.zip": zipped(t, "node_modules/x.js", githubToken("x"))})
	want := []string{"bad.zip!x", "cut.gz", "in.zip!node_modules/x.js", "locked.zip!x", "no.zip"}
	if !slices.Equal(got.Skipped, want) {
		t.Errorf("skipped: expected %q, found %q", want, got.Skipped)
	}
}

func TestS14_Bombs(t *testing.T) {
	zeros := strings.Repeat("\x00", 4<<20)
	nested := "x"
	for range maxDepth + 1 {
		nested = zipped(t, "n.zip", nested)
	}
	cases := map[string]string{
		"bytes.gz":   gz(t, zeros),
		"bytes.zip":  zipped(t, "z", zeros),
		"twice.gz":   gz(t, gz(t, zeros)),
		"concat.gz":  gz(t, zeros[:1<<20]) + gz(t, zeros[:1<<20]),
		"in-tar.tgz": gz(t, tarball(t, "z", zeros)),
		"depth.zip":  nested,
	}
	for name, content := range cases {
		t.Run(name, func(t *testing.T) {
			opt := options()
			opt.MaxUnpacked = 1 << 20
			opt.TempDir = t.TempDir()
			if _, err := Scan(t.Context(), tree{name: content}, opt); !errors.Is(err, ErrLimit) || !strings.Contains(err.Error(), name) {
				t.Errorf("expected a limit error that names the file, found %v", err)
			}
			if left, err := os.ReadDir(opt.TempDir); err != nil || len(left) > 0 {
				t.Errorf("temporary files were left: %v, %v", left, err)
			}
		})
	}
}

// An archive on disk is read in place.
func TestZipOnDisk(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.zip")
	content := zipped(t, "x", githubToken("disk"))
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	opt := options()
	opt.TempDir = filepath.Join(t.TempDir(), "missing")
	got, err := Scan(t.Context(), one(int64(len(content)), func() (io.ReadCloser, error) { return os.Open(name) }), opt)
	if err != nil {
		t.Fatal(err)
	}
	only(t, got, "github-pat")
}
