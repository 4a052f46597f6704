// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate/audit"
	"github.com/sealock-dev/sealock/gate/audit/sqlite"
)

// attacker writes to the file as anybody could who has it.
func (w *world) attacker() *sql.DB {
	w.t.Helper()
	db, err := sql.Open("sqlite", "file:"+w.file+"?_pragma=synchronous(OFF)&_pragma=busy_timeout(10000)")
	if err != nil {
		w.t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	w.t.Cleanup(func() { _ = db.Close() })
	return db
}

// do runs statements, looks at what is then said of the ledger, and puts everything back.
func (w *world) do(t testing.TB, db *sql.DB, backup []table, name string, look func(*audit.Report) bool, statements ...string) {
	t.Helper()
	for _, s := range statements {
		res, err := db.ExecContext(t.Context(), s)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 && !strings.HasPrefix(s, "CREATE") && !strings.HasPrefix(s, "DROP") {
			t.Fatalf("%s: %q changed nothing", name, s)
		}
	}
	r := w.verify("")
	if !look(r) {
		t.Errorf("%s: report %+v", name, r)
	}
	w.restore(t, db, backup)
}

// table is the content of one table.
type table struct {
	name string
	rows [][]any
}

func (w *world) snapshot(t testing.TB) []table {
	t.Helper()
	db := w.attacker()
	defer db.Close()
	var out []table
	for _, name := range []string{"entries", "terms", "documents", "head"} {
		rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+name)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		tb := table{name: name}
		for rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			tb.rows = append(tb.rows, values)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		out = append(out, tb)
	}
	return out
}

func (w *world) restore(t testing.TB, db *sql.DB, tables []table) {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	exec := func(statement string, args ...any) {
		t.Helper()
		if _, err := tx.ExecContext(t.Context(), statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec("DROP TRIGGER IF EXISTS x")
	exec("DROP VIEW IF EXISTS x")
	for _, tb := range tables {
		exec("DELETE FROM " + tb.name)
		for _, row := range tb.rows {
			exec("INSERT INTO "+tb.name+" VALUES (?"+strings.Repeat(", ?", len(row)-1)+")", row...)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

func unsound(r *audit.Report) bool { return !r.Sound() }

// firstAt demands that the first fault is told of an entry.
func firstAt(seq int64) func(*audit.Report) bool {
	return func(r *audit.Report) bool { return !r.Sound() && r.Faults[0].Seq == seq }
}

// Every value of every row of every table: whichever is changed, it shows.
func TestEveryEditIsFound(t *testing.T) {
	t.Parallel()
	w := filled(t)
	db, backup := w.attacker(), w.snapshot(t)
	for _, c := range []struct{ table, column, change string }{
		{"entries", "seq", "seq + 100"},
		{"entries", "hash", "'sha256:' || substr(hash, 9) || '0'"},
		{"entries", "recorded", "recorded + 1"},
		{"entries", "entry", "replace(entry, 'alice', 'malor')"},
		{"entries", "entry", "entry || ' '"},
		{"terms", "kind", "kind || 'x'"},
		{"terms", "value", "value || 'x'"},
		{"terms", "seq", "seq + 20"},
		{"documents", "digest", "'sha256:' || substr(digest, 9) || '0'"},
		{"documents", "size", "size + 1"},
		{"documents", "content", "(SELECT content FROM documents d WHERE d.digest <> documents.digest LIMIT 1)"},
		{"head", "seq", "seq - 1"},
		{"head", "hash", "''"},
	} {
		for _, where := range w.rows(t, db, c.table) {
			w.do(t, db, backup, fmt.Sprintf("%s.%s where %s", c.table, c.column, where), unsound, fmt.Sprintf("UPDATE %s SET %s = %s WHERE %s", c.table, c.column, c.change, where))
		}
	}
	if r := w.verify(""); !r.Sound() {
		t.Fatalf("the test did not put back what it changed: %+v", r)
	}
}

// rows gives a condition for each row of a table.
func (w *world) rows(t testing.TB, db *sql.DB, name string) []string {
	t.Helper()
	text := map[string]string{"entries": "'seq = ' || seq", "head": "'id = ' || id", "documents": "'digest = ''' || digest || ''''", "terms": "'kind = ''' || kind || ''' AND value = ''' || value || ''' AND seq = ' || seq"}[name]
	rows, err := db.QueryContext(t.Context(), "SELECT "+text+" FROM "+name)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		if out = append(out, s); testing.Short() && len(out) == 3 {
			break
		}
	}
	if err := rows.Err(); err != nil || len(out) == 0 {
		t.Fatalf("%d rows, %v", len(out), err)
	}
	return out
}

// Entries and documents that are removed, moved, put in between or cut off.
func TestEveryRemovalIsFound(t *testing.T) {
	t.Parallel()
	w := filled(t)
	db, backup := w.attacker(), w.snapshot(t)
	for seq := int64(1); seq <= 11; seq++ {
		first := firstAt(seq + 1)
		if seq == 11 {
			first = firstAt(11) // the head tells of it
		}
		w.do(t, db, backup, fmt.Sprintf("entry %d removed", seq), first, fmt.Sprintf("DELETE FROM entries WHERE seq = %d", seq), fmt.Sprintf("DELETE FROM terms WHERE seq = %d", seq))
		if seq < 11 {
			w.do(t, db, backup, fmt.Sprintf("entries %d and %d exchanged", seq, seq+1), firstAt(seq), fmt.Sprintf("UPDATE entries SET seq = -1 WHERE seq = %d", seq), fmt.Sprintf("UPDATE entries SET seq = %d WHERE seq = %d", seq, seq+1), fmt.Sprintf("UPDATE entries SET seq = %d WHERE seq = -1", seq+1))
			w.do(t, db, backup, fmt.Sprintf("entry %d removed and the others moved up", seq), firstAt(seq), fmt.Sprintf("DELETE FROM entries WHERE seq = %d", seq), fmt.Sprintf("UPDATE entries SET seq = seq - 1 WHERE seq = %d", seq+1))
		}
	}
	for _, where := range w.rows(t, db, "documents") {
		w.do(t, db, backup, "document removed", unsound, "DELETE FROM documents WHERE "+where)
	}
	for _, where := range w.rows(t, db, "terms") {
		w.do(t, db, backup, "term removed", unsound, "DELETE FROM terms WHERE "+where)
	}
	w.do(t, db, backup, "a term added", unsound, "INSERT INTO terms VALUES ('code', 'X', 1)")
	w.do(t, db, backup, "an entry put at the front", unsound, "INSERT INTO entries SELECT 0, 'x', recorded, entry FROM entries WHERE seq = 1")
	w.do(t, db, backup, "an entry put at the end", unsound, "INSERT INTO entries SELECT 12, 'x', recorded, entry FROM entries WHERE seq = 1")
	for seq := range 11 {
		w.do(t, db, backup, "the head set back", unsound, fmt.Sprintf("UPDATE head SET seq = %d, hash = coalesce((SELECT hash FROM entries WHERE seq = %d), '')", seq, seq))
	}
	w.do(t, db, backup, "a trigger", unsound, "CREATE TRIGGER x AFTER INSERT ON entries BEGIN DELETE FROM entries WHERE seq = NEW.seq; END")
	w.do(t, db, backup, "a view", unsound, "CREATE VIEW x AS SELECT * FROM entries")
}

// Who cuts the end off and writes the head to fit leaves a sound ledger, which lacks the hash that somebody noted.
func TestTruncationIsFoundByHead(t *testing.T) {
	t.Parallel()
	w := filled(t)
	db := w.attacker()
	for seq := int64(10); seq >= 0; seq-- {
		for _, s := range []string{"DELETE FROM entries WHERE seq > %d", "DELETE FROM terms WHERE seq > %d", "UPDATE head SET seq = %d, hash = coalesce((SELECT hash FROM entries ORDER BY seq DESC LIMIT 1), '')"} {
			if _, err := db.ExecContext(t.Context(), fmt.Sprintf(s, seq)); err != nil {
				t.Fatal(err)
			}
		}
		if r := w.verify(""); !r.Sound() || r.Entries != seq {
			t.Fatalf("%d entries left: %+v", seq, r)
		}
		if r := w.verify(w.heads[seq].Hash); r.Sound() {
			t.Errorf("entry %d was cut off, and its hash was not missed", seq+1)
		}
		if seq > 0 && !w.verify(w.heads[seq-1].Hash).Sound() {
			t.Errorf("entry %d is there, and its hash was missed", seq)
		}
	}
}

// A ledger that was cut off goes on where it was: what is missing stays missed.
func TestGapStaysAfterAppend(t *testing.T) {
	t.Parallel()
	w := filled(t)
	if _, err := w.attacker().ExecContext(t.Context(), "DELETE FROM entries WHERE seq = 11"); err != nil {
		t.Fatal(err)
	}
	w.check(w.entries()[0].Subject, "dev", "enter")
	r := w.verify("")
	if r.Sound() || r.Faults[0].Seq != 12 || r.Entries != 11 {
		t.Errorf("%+v", r)
	}
}

// Whoever rewrites an entry and every hash after it is found by a hash from elsewhere, and by a replay.
func TestRewrittenChain(t *testing.T) {
	t.Parallel()
	w := filled(t)
	db := w.attacker()
	entries, head := w.entries(), audit.Head{}
	for _, e := range entries {
		if e.Seq == 8 {
			e.Actor.User = "mallory"
		}
		_, line, err := e.Seal(head)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), "UPDATE entries SET hash = ?, entry = ? WHERE seq = ?", line.Hash, line.Raw, e.Seq); err != nil {
			t.Fatal(err)
		}
		head = audit.Head{Seq: line.Seq, Hash: line.Hash}
	}
	if _, err := db.ExecContext(t.Context(), "UPDATE head SET hash = ?", head.Hash); err != nil {
		t.Fatal(err)
	}
	if r := w.verify(""); !r.Sound() {
		t.Fatalf("the forger made a mistake: %+v", r)
	}
	if w.verify(w.heads[6].Hash).Sound() == false || w.verify(w.heads[7].Hash).Sound() {
		t.Error("the hash of the entry that was rewritten is not missed, or one before it is")
	}
}

// Content that was changed and packed again is found, and nothing is decided or told from it.
func TestForgedDocument(t *testing.T) {
	t.Parallel()
	w := filled(t)
	e := w.entries()[7]
	other, err := sqlite.Open(t.Context(), t.TempDir()+"/other.db")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	d, err := attest.ParseDigest(e.Case)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := w.ledger.Document(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	forged := []byte(strings.Replace(string(raw), "cyclonedx", "cyclonedy", 1))
	_, err = other.Append(t.Context(), []audit.Document{{Digest: d, Bytes: forged}}, func(h audit.Head) (audit.Entry, audit.Line, error) { return e.Seal(h) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (&audit.Replayer{Ledger: other}).Replay(t.Context(), e); err == nil {
		t.Error("a forged list of evidence was replayed")
	}
	if _, err := audit.WhoHas(t.Context(), other, "pkg:npm/left-pad"); err == nil {
		t.Error("a forged list of evidence was searched")
	}
	r, err := audit.Verify(t.Context(), other, audit.Options{})
	if err != nil || !slices.ContainsFunc(r.Faults, func(f audit.Fault) bool { return strings.Contains(f.What, "was edited") }) {
		t.Errorf("%+v, %v", r, err)
	}
}
