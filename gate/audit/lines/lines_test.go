// SPDX-License-Identifier: Apache-2.0

package lines

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/audit"
)

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// appendOne appends a made-up entry that rests on a document of its own and on one that others rest on.
func appendOne(ctx context.Context, l audit.Ledger, i int) (audit.Head, error) {
	doc, shared := fmt.Appendf(nil, `{"n":%d}`, i), []byte(`{"shared":true}`)
	digest, about := attest.SHA256(doc), attest.SHA256(shared)
	return l.Append(ctx, []audit.Document{{Digest: digest, Bytes: doc}, {Digest: about, Bytes: shared}}, func(h audit.Head) (audit.Entry, audit.Line, error) {
		e := audit.Entry{Kind: audit.KindPromotion, Time: fmt.Sprintf("2026-11-22T12:00:%02d.000Z", i%60), Decision: digest.String(), Verdict: gate.Verdict(i % 3), Actor: audit.Actor{Via: "verify", User: "alice"}, Question: gate.Enter,
			Environment: []string{"dev", "prod"}[i%2], Subject: attest.Subject{Name: "app", Digest: attest.DigestSet{"sha256": about.Hex}}, Reasons: []audit.Cause{}, Document: digest.String(), Promotion: &audit.Promoted{Bundle: about.String()}}
		return e.Seal(h)
	})
}

func numbers(t *testing.T, l audit.Ledger, q audit.Query) []int64 {
	t.Helper()
	var out []int64
	for x, err := range l.Lines(t.Context(), q) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, x.Seq)
	}
	return out
}

func written(t *testing.T, n int) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "new", "ledger.jsonl")
	l := must[*File](t)(Open(t.Context(), file))
	for i := range n {
		must[audit.Head](t)(appendOne(t.Context(), l, i))
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestAppendAndAsk(t *testing.T) {
	t.Parallel()
	file := written(t, 6)
	if info := must[os.FileInfo](t)(os.Stat(file)); info.Mode().Perm() != 0o600 || !Is(file) {
		t.Errorf("%s", info.Mode())
	}
	l := must[*File](t)(Read(t.Context(), file))
	defer l.Close()
	for _, c := range []struct {
		q    audit.Query
		want []int64
	}{
		{audit.Query{}, []int64{1, 2, 3, 4, 5, 6}},
		{audit.Query{Newest: 2}, []int64{6, 5}},
		{audit.Query{After: 2, Oldest: 2}, []int64{3, 4}},
		{audit.Query{Seq: 3}, []int64{3}},
		{audit.Query{Seq: 9}, nil},
		{audit.Query{Terms: []audit.Term{{Kind: "environment", Value: "prod"}}}, []int64{2, 4, 6}},
		{audit.Query{Terms: []audit.Term{{Kind: "environment", Value: "prod"}, {Kind: "verdict", Value: gate.Allowed.String()}}, Newest: 5}, nil},
	} {
		if got := numbers(t, l, c.q); !slices.Equal(got, c.want) && c.want != nil {
			t.Errorf("%+v: found %v, expected %v", c.q, got, c.want)
		}
	}
	if _, err := appendOne(t.Context(), l, 7); err == nil {
		t.Error("what was opened to be read was written")
	}
	if _, err := l.Document(t.Context(), attest.SHA256([]byte("x"))); !errors.Is(err, audit.ErrNoDocument) {
		t.Errorf("found %v", err)
	}
	r, err := audit.Verify(t.Context(), l, audit.Options{})
	if err != nil || r.Entries != 6 || r.Documents != 7 || len(r.Faults) > 0 { // the shared document is there once
		t.Errorf("%v %+v", err, r)
	}
}

// Many writers, each with the file open for itself, lose nothing and overwrite nobody.
func TestManyWriters(t *testing.T) {
	t.Parallel()
	file := written(t, 0)
	const writers, each = 8, 25
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			l, err := Open(t.Context(), file)
			if err != nil {
				t.Error(err)
				return
			}
			defer l.Close()
			for i := range each {
				if _, err := appendOne(t.Context(), l, w*each+i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	l := must[*File](t)(Read(t.Context(), file))
	defer l.Close()
	if r, err := audit.Verify(t.Context(), l, audit.Options{}); err != nil || r.Entries != writers*each || !r.Sound() {
		t.Errorf("%v %+v", err, r)
	}
}

// Half a line at the end was never acknowledged: readers pass it over, and the next writer cuts it off.
func TestKilledWriter(t *testing.T) {
	t.Parallel()
	whole := must[[]byte](t)(os.ReadFile(written(t, 3)))
	last := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	for _, cut := range []int{last + 1, len(whole) - 1, last} {
		file := filepath.Join(t.TempDir(), "ledger.jsonl")
		if err := os.WriteFile(file, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		l := must[*File](t)(Open(t.Context(), file))
		h := must[audit.Head](t)(appendOne(t.Context(), l, 5))
		if r, err := audit.Verify(t.Context(), l, audit.Options{}); err != nil || h.Seq != 3 || r.Entries != 3 || !r.Sound() {
			t.Errorf("cut at %d: %v %+v", cut, err, r)
		}
		_ = l.Close()
	}
}

// Whatever is edited, removed, moved or put in shows.
func TestTamperedLinesShow(t *testing.T) {
	t.Parallel()
	file := written(t, 4)
	head := func() string {
		l := must[*File](t)(Read(t.Context(), file))
		defer l.Close()
		return must[audit.Head](t)(l.Head(t.Context())).Hash
	}()
	whole := strings.SplitAfter(strings.TrimSuffix(string(must[[]byte](t)(os.ReadFile(file))), "\n"), "\n")
	entries := []int{}
	for i, x := range whole {
		if strings.Contains(x, `"entry"`) {
			entries = append(entries, i)
		}
	}
	swap := func(a, b int) func([]string) []string {
		return func(x []string) []string { x[a], x[b] = x[b], x[a]; return x }
	}
	for name, change := range map[string]func([]string) []string{
		"edited": func(x []string) []string { x[entries[1]] = strings.Replace(x[entries[1]], "alice", "bob", 1); return x },
		"its hash as well": func(x []string) []string {
			x[entries[1]] = strings.Replace(x[entries[1]], `"hash":"sha256:`, `"hash":"sha256:0`, 1)
			return x
		},
		"removed":            func(x []string) []string { return slices.Delete(x, entries[1], entries[1]+1) },
		"the first":          func(x []string) []string { return slices.Delete(x, entries[0], entries[0]+1) },
		"moved":              swap(entries[1], entries[2]),
		"put in twice":       func(x []string) []string { return slices.Insert(x, entries[2], x[entries[1]]) },
		"a line of anything": func(x []string) []string { return slices.Insert(x, entries[2], "{\"x\":1}\n") },
		"no JSON":            func(x []string) []string { return slices.Insert(x, entries[2], "x\n") },
		"a document removed": func(x []string) []string { return slices.Delete(x, 1, 2) },
		"a document edited":  func(x []string) []string { x[1] = strings.Replace(x[1], `"bytes":"e`, `"bytes":"f`, 1); return x },
		"cut off":            func(x []string) []string { return x[:entries[3]] },
	} {
		changed := filepath.Join(t.TempDir(), "ledger.jsonl")
		text := strings.Join(change(slices.Clone(whole)), "")
		if err := os.WriteFile(changed, []byte(strings.TrimSuffix(text, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		l := must[*File](t)(Read(t.Context(), changed))
		if r, err := audit.Verify(t.Context(), l, audit.Options{Head: head}); err != nil || r.Sound() {
			t.Errorf("%s: %v %+v", name, err, r)
		}
		_ = l.Close()
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{"database": "SQLite format 3\x00\n", "export": `{"schema":"sealock/ledger-export/v1"}` + "\n", "text": "hello\n"} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), file); err == nil || Is(file) {
			t.Errorf("%s is taken", name)
		}
		if got := must[[]byte](t)(os.ReadFile(file)); string(got) != content {
			t.Errorf("%s was changed", name)
		}
	}
	if _, err := Open(t.Context(), dir); err == nil {
		t.Error("a folder is taken")
	}
	if _, err := Read(t.Context(), filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("found %v", err)
	}
	file := written(t, 2)
	l := must[*File](t)(Open(t.Context(), file))
	defer l.Close()
	if err := os.Truncate(file, 60); err != nil {
		t.Fatal(err)
	}
	if _, err := appendOne(t.Context(), l, 3); !errors.Is(err, audit.ErrDamaged) {
		t.Errorf("a file that became shorter: %v", err)
	}
	if err := os.Rename(file, file+".1"); err != nil {
		t.Fatal(err)
	}
	if _, err := appendOne(t.Context(), l, 3); err == nil {
		t.Error("a file that is gone is written")
	}
}

func BenchmarkAppend(b *testing.B) {
	l := must[*File](b)(Open(b.Context(), filepath.Join(b.TempDir(), "ledger.jsonl")))
	defer l.Close()
	for i := 0; b.Loop(); i++ {
		must[audit.Head](b)(appendOne(b.Context(), l, i))
	}
}
