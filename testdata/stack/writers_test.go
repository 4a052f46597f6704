// SPDX-License-Identifier: Apache-2.0

package stack_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/testdata/stack"
)

const writers = 20

// attested starts a process that attests one predicate of an image.
func (w *world) attested(dir, image string, n int) *exec.Cmd {
	return w.command(dir, w.sealock, "attest", image, "--type", "test", "--predicate", w.predicate(n), "--as", "builder")
}

// stored are the digests of the verified statements about an image.
func (w *world) stored(dir, image string) map[string]bool {
	w.Helper()
	var list any
	raw := w.exit(0, dir, w.sealock, "evidence", "ls", image, "-o", "json")
	w.must(json.Unmarshal([]byte(raw), &list))
	found := map[string]bool{}
	for _, part := range strings.FieldsFunc(raw, func(r rune) bool { return r == '"' || r == ',' || r == ' ' || r == '\n' }) {
		if strings.HasPrefix(part, "sha256:") {
			found[part] = true
		}
	}
	return found
}

// Twenty processes store evidence about one image at once; none of it is lost.
func TestWritersAtOnce(t *testing.T) {
	each(t, []string{stack.Memory, stack.Cue, stack.Distribution}, func(w *world) {
		w.cosignKeys("cosign")
		image := w.smallImage("busy")
		dir := w.pipeline("busy", image, false)
		w.exit(0, dir, w.sealock, "run", "build", "-q")
		ids := make([]string, writers)
		var all sync.WaitGroup
		for i := range writers {
			cmd := w.attested(dir, image, i)
			all.Go(func() {
				out, err := cmd.Output()
				if err != nil {
					t.Errorf("writer %d: %v %s", i, err, errorText(err))
					return
				}
				ids[i] = strings.Fields(string(out))[0]
			})
		}
		all.Wait()
		found := w.stored(dir, image)
		for i, id := range ids {
			if !found[id] {
				t.Errorf("the statement of writer %d, %s, is lost", i, id)
			}
		}
		w.exit(0, dir, w.sealock, "verify", image, "--env", "dev", "-q")
	})
}

// Half of the writers are killed, each at another moment. What they said was stored is there, and the store verifies.
func TestWritersKilled(t *testing.T) {
	each(t, []string{stack.Memory, stack.Cue, stack.Distribution}, func(w *world) {
		w.cosignKeys("cosign")
		image := w.smallImage("killed")
		dir := w.pipeline("killed", image, false)
		w.exit(0, dir, w.sealock, "run", "build", "-q")
		var mu sync.Mutex
		var done []string
		var all sync.WaitGroup
		for i := range writers {
			cmd := w.attested(dir, image, 100+i)
			var out strings.Builder
			cmd.Stdout = &out
			w.must(cmd.Start())
			all.Go(func() {
				if i%2 == 0 {
					defer time.AfterFunc(time.Duration(200+i*300)*time.Millisecond, func() { _ = cmd.Process.Kill() }).Stop()
				}
				if cmd.Wait() == nil {
					mu.Lock()
					defer mu.Unlock()
					done = append(done, strings.Fields(out.String())[0])
				}
			})
		}
		all.Wait()
		found := w.stored(dir, image)
		for _, id := range done {
			if !found[id] {
				t.Errorf("%s was stored and is lost", id)
			}
		}
		t.Logf("%d of %d writers lived", len(done), writers)
		w.exit(0, dir, w.sealock, "verify", image, "--env", "dev", "-q")
		out, err := w.attested(dir, image, 99).Output() // and it can be written to again
		if err != nil {
			t.Fatalf("writing after the others were killed: %v %s", err, errorText(err))
		}
		if id := strings.Fields(string(out))[0]; !w.stored(dir, image)[id] {
			t.Errorf("%s was stored after the others were killed and is lost", id)
		}
	})
}

func errorText(err error) string {
	if e, ok := err.(*exec.ExitError); ok { //nolint:errorlint // as exec gives it
		return string(e.Stderr)
	}
	return fmt.Sprint(err)
}
