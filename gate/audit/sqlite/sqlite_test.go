// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"fmt"
	"path/filepath"
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
	doc := fmt.Appendf(nil, `{"schema":"sealock/decision/v1","n":%d,"text":%q}`, i, strings.Repeat("a decision has some thousand bytes; ", 100))
	c := []byte(`{"schema":"sealock/case/v1"}`)
	_, err := l.Append(t.Context(), []audit.Document{{Digest: attest.SHA256(doc), Bytes: doc}, {Digest: attest.SHA256(c), Bytes: c}}, func(h audit.Head) (audit.Entry, audit.Line, error) {
		e := audit.Entry{Kind: audit.KindPromotion, Time: time.Date(2026, 11, 22, 0, 0, i, 0, time.UTC).Format("2006-01-02T15:04:05.000Z"), Decision: attest.SHA256(doc).String(), Verdict: gate.Verdict(i % 3),
			Question: gate.Enter, Environment: []string{"dev", "staging", "prod"}[i%3], Subject: attest.Subject{Name: fmt.Sprintf("app-%d", i%200), Digest: attest.DigestSet{"sha256": attest.SHA256(fmt.Append(nil, i%1000)).Hex}},
			Reasons: []audit.Cause{{Code: "VULNERABILITY"}}, Document: attest.SHA256(doc).String(), Promotion: &audit.Promoted{Bundle: attest.SHA256(c).String()}}
		sealed, line, err := e.Seal(h)
		return sealed, line, err
	})
	if err != nil {
		t.Fatal(err)
	}
}
