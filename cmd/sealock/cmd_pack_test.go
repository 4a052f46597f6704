// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// member is a file of an archive.
type member struct {
	header tar.Header
	text   string
}

func archived(t *testing.T, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range members {
		h := m.header
		if h.Typeflag == 0 {
			h.Typeflag, h.Size = tar.TypeReg, int64(len(m.text))
		}
		h.Mode, h.Format = 0o644, tar.FormatPAX
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(m.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// holes are the PAX records of a file of a terabyte of which the archive holds nothing: the writer refuses them, so they are put in place of others as long.
func holes(t *testing.T) []byte {
	t.Helper()
	records := map[string]string{"X00.sparse.major": "1", "X00.sparse.minor": "0", "X00.sparse.name": "file/app", "X00.sparse.realsize": "1099511627776"}
	body := fmt.Sprintf("%-512s", "1\n1099511627776\n0\n")
	raw := archived(t, member{tar.Header{Name: "file/app", PAXRecords: records}, strings.ReplaceAll(body, " ", "\x00")})
	return bytes.ReplaceAll(raw, []byte("X00.sparse."), []byte("GNU.sparse."))
}

// S-14, S-15, T-04: a pack writes what it holds, under the names that packs have, and nothing else.
func TestS15_PacksThatAreNone(t *testing.T) {
	good := member{tar.Header{Name: "file/app"}, "content"}
	link := func(kind byte, name, to string) member {
		return member{header: tar.Header{Name: name, Linkname: to, Typeflag: kind}}
	}
	whole := archived(t, good)
	for name, c := range map[string]struct {
		raw  []byte
		want string
	}{
		"sound":                      {whole, ""},
		"padded with nothing":        {append(bytes.Clone(whole), make([]byte, 20480)...), ""},
		"a file of holes":            {holes(t), "with holes"},
		"a second archive behind it": {append(bytes.Clone(whole), archived(t, member{tar.Header{Name: "policy.tar.gz"}, "x"})...), "goes on behind its end"},
		"a byte behind it":           {append(bytes.Clone(whole), 1), "goes on behind its end"},
		"a file twice":               {archived(t, good, good), `holds "file/app" twice`},
		"a symbolic link":            {archived(t, link(tar.TypeSymlink, "file/app", "/etc/passwd")), "which no pack does"},
		"a link to write through":    {archived(t, link(tar.TypeSymlink, "file", "/tmp"), good), "which no pack does"},
		"a hard link":                {archived(t, link(tar.TypeLink, "file/app", "policy.tar.gz")), "which no pack does"},
		"a pipe":                     {archived(t, link(tar.TypeFifo, "file/app", "")), "which no pack does"},
		"a folder":                   {archived(t, link(tar.TypeDir, "file/", "")), "which no pack does"},
		"a way up":                   {archived(t, member{tar.Header{Name: "file/.."}, ""}), "which no pack does"},
		"a way up and down":          {archived(t, member{tar.Header{Name: "../file/app"}, ""}), "which no pack does"},
		"a path from the root":       {archived(t, member{tar.Header{Name: "/file/app"}, ""}), "which no pack does"},
		"another spelling":           {archived(t, member{tar.Header{Name: "./file/app"}, ""}), "which no pack does"},
		"another case":               {archived(t, member{tar.Header{Name: "Policy.tar.gz"}, ""}), "which no pack does"},
		"a name with a line break":   {archived(t, member{tar.Header{Name: "file/a\nb"}, ""}), "which no pack does"},
		"a blob of another name":     {archived(t, member{tar.Header{Name: "image/blobs/sha256/" + strings.Repeat("A", 64)}, ""}), "which no pack does"},
		"cut in a file":              {whole[:515], "unexpected EOF"},
		"no archive":                 {[]byte(strings.Repeat("x", 1024)), "no sound tar archive"},
	} {
		dir := t.TempDir()
		u, err := unpack(t.Context(), bytes.NewReader(c.raw), dir)
		if c.want == "" {
			if err != nil || len(u.files) != 1 || u.files["file/app"].Size != 7 {
				t.Errorf("%s: %v, %+v", name, err, u)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, expected %q", name, err, c.want)
		}
		if found, err := filepath.Glob(filepath.Join(dir, "*", "*")); err != nil || len(found) > 1 || len(found) == 1 && filepath.Base(found[0]) != "app" {
			t.Errorf("%s: it wrote %v, %v", name, found, err)
		}
		if info, err := os.Stat(filepath.Join(dir, "file", "app")); err == nil && info.Size() > 7 {
			t.Errorf("%s: it wrote %d bytes", name, info.Size())
		}
	}
}
