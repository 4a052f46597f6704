// SPDX-License-Identifier: Apache-2.0

package vulns

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	v6 "github.com/anchore/grype/grype/db/v6"
)

// database is the path of the imported database file.
func database(t testing.TB, dir string) string {
	t.Helper()
	st, err := ReadStatus(dir)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, st.Folder, v6.VulnerabilityDBFileName)
}

// altered is a database file like the sample's on which some SQL was run.
func altered(t testing.TB, statements ...string) string {
	t.Helper()
	b, err := os.ReadFile(database(t, imported(t)))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "altered.db")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	return file
}

func TestInfo(t *testing.T) {
	dir := imported(t)
	info := openDB(t, dir).Info()
	st, err := ReadStatus(dir)
	if err != nil {
		t.Fatal(err)
	}
	if info.Version != "6.1.10" || info.LastUpdate != "2026-11-20T00:00:00Z" || len(info.Providers) != 5 || info.Built == "" || info.Digest != st.Digest {
		t.Errorf("%+v", info)
	}
	if st.Built != info.Built || st.Schema != info.Version || st.Updated != info.LastUpdate || !strings.HasPrefix(st.Archive, "sha256:") {
		t.Errorf("%+v", st)
	}
}

func TestNoData(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", t.TempDir(), filepath.Join(t.TempDir(), "absent"), file} {
		began := time.Now()
		_, err := Open(t.Context(), dir, OpenOptions{Now: at})
		if !errors.Is(err, ErrNoData) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "SEALOCK_DB") {
			t.Errorf("%s: found %v", dir, err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s: took %s", dir, took)
		}
	}
	if _, err := Open(t.Context(), imported(t), OpenOptions{}); err == nil {
		t.Error("opened without a time")
	}
}

func TestS04_InvalidData(t *testing.T) {
	for name, c := range map[string]struct{ statement, message string }{
		"older schema":      {"UPDATE db_metadata SET model = 5", "schema 6"},
		"newer schema":      {"UPDATE db_metadata SET model = 7", "schema 6"},
		"newer revision":    {"UPDATE db_metadata SET revision = 9", "schema is 6.9"},
		"no build time":     {"UPDATE db_metadata SET build_timestamp = '0001-01-01 00:00:00+00:00'", "when it was built"},
		"no metadata":       {"DELETE FROM db_metadata", "schema 6"},
		"no provider":       {"DELETE FROM providers", "no provider"},
		"no database of it": {"DROP TABLE db_metadata", "schema 6"},
	} {
		dir := imported(t)
		before := database(t, dir)
		err := Import(t.Context(), altered(t, "PRAGMA foreign_keys = OFF", c.statement), dir)
		if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), c.message) {
			t.Errorf("%s: found %v", name, err)
		}
		if database(t, dir) != before {
			t.Errorf("%s: the old data is gone", name)
		}
		openDB(t, dir)
	}
}

func TestS04_BuiltInTheFuture(t *testing.T) {
	dir := t.TempDir()
	if err := Import(t.Context(), altered(t, "UPDATE db_metadata SET build_timestamp = '2030-01-01 00:00:00+00:00'"), dir); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, OpenOptions{Now: at}); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "after now") {
		t.Errorf("found %v", err)
	}
	dir = t.TempDir()
	if err := Import(t.Context(), altered(t, "UPDATE providers SET date_captured = '2030-01-01 00:00:00+00:00' WHERE id = 'kev'"), dir); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, OpenOptions{Now: at}); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "kev") {
		t.Errorf("found %v", err)
	}
}

// TestUnreadableKEV: where the exploited ones can't be read, grype would call nothing exploited.
func TestUnreadableKEV(t *testing.T) {
	dir := t.TempDir()
	if err := Import(t.Context(), altered(t, "DELETE FROM epss_metadata", "DELETE FROM epss_handles"), dir); err != nil {
		t.Fatal(err)
	}
	db := openDB(t, dir) // data without EPSS is valid
	if _, err := db.reader.GetEpss("CVE-2023-44487"); err == nil {
		t.Error("there is EPSS data")
	}
	file := filepath.Join(t.TempDir(), v6.VulnerabilityDBFileName)
	b, err := os.ReadFile(altered(t, "DROP TABLE known_exploited_vulnerability_handles"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := openReader(filepath.Dir(file))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := prime(r); err == nil {
		t.Error("data without the table of exploited vulnerabilities is taken")
	}
}

func TestS05_ChangedData(t *testing.T) {
	dir := imported(t)
	file := database(t, dir)
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	for name, content := range map[string][]byte{"flipped": b, "truncated": b[:len(b)/2], "empty": {}} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), dir, OpenOptions{Now: at}); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "changed since") {
			t.Errorf("%s: found %v", name, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, currentFile), []byte(`{"folder": "data-/../..", "digest": "x"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, OpenOptions{Now: at}); !errors.Is(err, ErrInvalid) {
		t.Errorf("found %v", err)
	}
}

func TestImportOfRubbish(t *testing.T) {
	sample, err := os.ReadFile(sampleData)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(altered(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"truncated.tar.zst": sample[:len(sample)/2], "flipped.tar.zst": flipped(sample), "empty.tar.zst": {}, "text.tar.zst": bytes.Repeat([]byte("text\n"), 100),
		"short.db": whole[:len(whole)/2], "page.db": whole[:100],
	} {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		dir := imported(t)
		before := database(t, dir)
		if err := Import(t.Context(), file, dir); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: found %v", name, err)
		}
		if database(t, dir) != before {
			t.Errorf("%s: the old data is gone", name)
		}
		if left, err := filepath.Glob(filepath.Join(dir, "tmp-*")); err != nil || len(left) > 0 {
			t.Errorf("%s: left %q, %v", name, left, err)
		}
	}
	if err := Import(t.Context(), filepath.Join(t.TempDir(), "absent"), t.TempDir()); err == nil {
		t.Error("imported what is not there")
	}
}

func flipped(b []byte) []byte {
	b = bytes.Clone(b)
	b[len(b)/2] ^= 0x10
	return b
}

func TestImportReplaces(t *testing.T) {
	dir := imported(t)
	before := database(t, dir)
	open := openDB(t, dir)
	if err := Import(t.Context(), altered(t, "DELETE FROM known_exploited_vulnerability_handles"), dir); err != nil {
		t.Fatal(err)
	}
	if after := database(t, dir); after == before {
		t.Error("nothing was replaced")
	}
	if _, err := os.Stat(before); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old data is still there: %v", err)
	}
	if n := len(scan(t, dirDocument(t, shop(t)), open).Scanner.Result); n == 0 { // who has the old data open keeps it
		t.Error("found nothing in the old data")
	}
	if err := Import(t.Context(), sampleData, dir); err != nil {
		t.Fatal(err)
	}
	if err := Import(t.Context(), sampleData, dir); err != nil {
		t.Errorf("importing the same again: %v", err)
	}
	openDB(t, dir)
}

func TestImportCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	if err := Import(ctx, sampleData, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("found %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}
