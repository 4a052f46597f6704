// SPDX-License-Identifier: Apache-2.0

package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/gate/audit"
	"github.com/sealock-dev/sealock/gate/audit/sqlite"
)

// writerVariable makes the test binary a process that appends to a ledger until it is killed.
const writerVariable = "AUDIT_TEST_WRITER"

func TestMain(m *testing.M) {
	if file := os.Getenv(writerVariable); file != "" {
		write(file)
		return
	}
	os.Exit(m.Run())
}

// write opens, appends, closes, and tells the hash of each entry that was acknowledged; every other time several go through one opening.
func write(file string) {
	ctx := context.Background()
	for i := 0; ; {
		l, err := sqlite.Open(ctx, file)
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		for n := 0; n <= i%4; n++ {
			head, err := appendOne(ctx, l, os.Getpid()*100000+i)
			if err != nil {
				fmt.Println("error", err)
				os.Exit(1)
			}
			fmt.Println(head.Seq, head.Hash)
			i++
		}
		if err := l.Close(); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
	}
}

// Twenty processes write to a ledger that none of them found, and are killed in the middle of it: every entry that was acknowledged is there, under
// the number and hash that were told, and the whole is as it was written.
func TestKilledProcessesLoseNothing(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "folder", "ledger #1?.db")
	const writers = 20
	told := make([][]string, writers)
	var wg sync.WaitGroup
	for i := range writers {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), writerVariable+"="+file)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			in := bufio.NewScanner(out)
			for in.Scan() {
				told[i] = append(told[i], in.Text())
				if len(told[i]) == 10+i { // each after another number of entries, at whatever it is doing
					_ = cmd.Process.Kill()
				}
			}
			_ = cmd.Wait()
		})
	}
	wg.Wait()
	l, err := sqlite.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	there := map[string]bool{}
	for line, err := range l.Lines(t.Context(), audit.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		there[fmt.Sprintf("%d %s", line.Seq, line.Hash)] = true
	}
	n := 0
	for i, lines := range told {
		if len(lines) < 10+i {
			t.Errorf("process %d told of %d entries, expected %d or more: %q", i, len(lines), 10+i, lines)
		}
		for _, s := range lines {
			n++
			if !there[s] {
				t.Errorf("process %d was told of an entry that is not there: %s", i, s)
			}
		}
	}
	r, err := audit.Verify(t.Context(), l, audit.Options{})
	if err != nil || !r.Sound() || r.Entries < int64(n) {
		t.Errorf("%d entries were acknowledged; %+v, %v", n, r, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// What is no ledger is left alone.
func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	note := filepath.Join(dir, "note.txt")
	if err := os.WriteFile(note, []byte(strings.Repeat("this is a note, and no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(dir, "foreign.db")
	makeDatabase(t, foreign, "CREATE TABLE notes (text TEXT)")
	newer := filepath.Join(dir, "newer.db")
	l, err := sqlite.Open(t.Context(), newer)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	makeDatabase(t, newer, "PRAGMA user_version = 99")
	dangling := filepath.Join(dir, "dangling")
	if err := os.Symlink(filepath.Join(dir, "nowhere", "x"), dangling); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{note: "it is no ledger", foreign: "a database of something else", newer: "use a newer one", dir: "expected a file", dangling: "no such file", filepath.Join(note, "below"): "not a directory"} {
		before, _ := os.ReadFile(file)
		if l, err := sqlite.Open(t.Context(), file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v; expected %q", file, l, err, want)
		}
		if after, _ := os.ReadFile(file); string(before) != string(after) {
			t.Errorf("%s was changed", file)
		}
		if l, err := sqlite.Read(t.Context(), file); err == nil {
			t.Errorf("%s was opened to read: %v", file, l)
		}
	}
	if _, err := sqlite.Read(t.Context(), filepath.Join(dir, "absent.db")); err == nil {
		t.Error("a ledger that is not there was read")
	}
	if _, err := os.Stat(filepath.Join(dir, "absent.db")); err == nil {
		t.Error("a ledger was made by reading it")
	}
}

// An append waits for a writer before it, and gives up when its time is over.
func TestAppendWaits(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ledger.db")
	l, err := sqlite.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	db := openRaw(t, file)
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), "UPDATE head SET seq = seq"); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(300*time.Millisecond, func() { _ = tx.Rollback() })
	if head, err := appendOne(t.Context(), l, 1); err != nil || head.Seq != 1 {
		t.Errorf("%+v, %v", head, err)
	}
}

// A ledger that is written to while it is verified is sound.
func TestVerifyWhileWriting(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ledger.db")
	w, err := sqlite.Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	r, err := sqlite.Read(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				add(t, w, i)
			}
		}
	})
	for range 20 {
		if rep, err := audit.Verify(t.Context(), r, audit.Options{}); err != nil || !rep.Sound() {
			t.Errorf("%+v, %v", rep, err)
		}
	}
	close(stop)
	wg.Wait()
}
