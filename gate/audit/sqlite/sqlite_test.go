// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/audit"
	"github.com/sealock-dev/sealock/gate/audit/sqlite"
)

func BenchmarkOpenAppendClose(b *testing.B) {
	file := filepath.Join(b.TempDir(), "ledger.db")
	for i := 0; b.Loop(); i++ {
		l, err := sqlite.Open(b.Context(), file)
		if err != nil {
			b.Fatal(err)
		}
		add(b, l, i)
		if err := l.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	l, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "ledger.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	for i := 0; b.Loop(); i++ {
		add(b, l, i)
	}
}

// add appends a made-up entry of a usual size.
func add(t testing.TB, l audit.Ledger, i int) {
	t.Helper()
	if _, err := appendOne(t.Context(), l, i); err != nil {
		t.Fatal(err)
	}
}

func appendOne(ctx context.Context, l audit.Ledger, i int) (audit.Head, error) {
	doc := fmt.Appendf(nil, `{"schema":"sealock/decision/v1","n":%d,"text":%q}`, i, strings.Repeat("a decision has some thousand bytes; ", 100))
	shared := fmt.Appendf(nil, `{"n":%d,"text":%q}`, i%1000, strings.Repeat("evidence is shared by many decisions; ", 100))
	digest, about := attest.SHA256(doc).String(), attest.SHA256(shared)
	return l.Append(ctx, []audit.Document{{Digest: attest.SHA256(doc), Bytes: doc}, {Digest: about, Bytes: shared}}, func(h audit.Head) (audit.Entry, audit.Line, error) {
		e := audit.Entry{Kind: audit.KindPromotion, Time: time.Unix(1795305600+int64(i), 0).UTC().Format("2006-01-02T15:04:05.000Z"), Decision: digest, Verdict: gate.Verdict(i % 3), Actor: audit.Actor{Via: "verify", User: "alice"},
			Question: gate.Enter, Environment: []string{"dev", "staging", "prod"}[i%3], Subject: attest.Subject{Name: fmt.Sprintf("app-%d", i%200), Digest: attest.DigestSet{"sha256": about.Hex}},
			Policy: gate.PolicyRef{Name: "shop", Version: 1, URI: "policy", Digest: attest.DigestSet{"sha256": about.Hex}}, Evaluator: gate.Evaluator{Version: "1", Rules: about.String()}, TrustRoot: about.String(),
			Reasons: []audit.Cause{{Code: "VULNERABILITY"}}, Document: digest, Promotion: &audit.Promoted{Bundle: about.String()}}
		return e.Seal(h)
	})
}

// openRaw opens the file without anything of ours.
func openRaw(t testing.TB, file string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func makeDatabase(t testing.TB, file, statement string) {
	t.Helper()
	db := openRaw(t, file)
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkLarge asks a ledger of 100,000 entries: queries are to take milliseconds, verifying it seconds.
func BenchmarkLarge(b *testing.B) {
	file := filepath.Join(b.TempDir(), "ledger.db")
	l, err := sqlite.Open(b.Context(), file)
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	entries := 100_000
	if n, err := strconv.Atoi(os.Getenv("AUDIT_BENCH_ENTRIES")); err == nil {
		entries = n
	}
	for i := range entries {
		add(b, l, i)
	}
	if info, err := os.Stat(file); err == nil {
		b.Logf("%d MB", info.Size()>>20)
	}
	digest := attest.SHA256(fmt.Appendf(nil, `{"n":%d,"text":%q}`, 7, strings.Repeat("evidence is shared by many decisions; ", 100))).String()
	for name, q := range map[string]audit.Query{
		"newest":              {Newest: 50},
		"digest":              {Terms: []audit.Term{{Kind: "subject", Value: digest}}},
		"environment+verdict": {Terms: []audit.Term{{Kind: "environment", Value: "prod"}, {Kind: "verdict", Value: "allowed"}}, Newest: 50},
		"code+none":           {Terms: []audit.Term{{Kind: "code", Value: "VULNERABILITY"}, {Kind: "verdict", Value: "none"}}, Newest: 50},
		"environment+since":   {Terms: []audit.Term{{Kind: "environment", Value: "prod"}}, Since: time.Unix(1795305600+int64(entries-1000), 0), Newest: 50},
		"since":               {Since: time.Unix(1795305600+int64(entries-1000), 0)},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				for _, err := range l.Lines(b.Context(), q) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
	b.Run("append", func(b *testing.B) {
		for i := entries; b.Loop(); i++ {
			add(b, l, i)
		}
	})
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			if r, err := audit.Verify(b.Context(), l, audit.Options{}); err != nil || !r.Sound() {
				b.Fatalf("%+v, %v", r, err)
			}
		}
	})
}
