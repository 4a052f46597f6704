// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"

	"github.com/sealock-dev/sealock/gate/promotion"
)

// faulty is a registry in memory that does what a fault says in place of answering.
type faulty struct {
	handler http.Handler
	mu      sync.Mutex
	fault   func(w http.ResponseWriter, r *http.Request, next http.Handler) // nil: honest
	seen    []string
	sent    int64 // bytes of blobs that were written
}

func (f *faulty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	fault := f.fault
	f.seen = append(f.seen, r.Method+" "+r.URL.Path)
	if r.Method != http.MethodGet && strings.Contains(r.URL.Path, "/blobs/") {
		f.sent += max(r.ContentLength, 0)
	}
	f.mu.Unlock()
	if fault != nil {
		fault(w, r, f.handler)
		return
	}
	f.handler.ServeHTTP(w, r)
}

func (f *faulty) use(fault func(http.ResponseWriter, *http.Request, http.Handler)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault, f.seen, f.sent = fault, nil, 0
}

func (f *faulty) log() (requests []string, sent int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen, f.sent
}

func newFaulty(t testing.TB, options ...registry.Option) (*faulty, string) {
	t.Helper()
	f := &faulty{handler: registry.New(append(options, registry.Logger(log.New(io.Discard, "", 0)))...)}
	srv := httptest.NewServer(f)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(srv.Close)
	return f, strings.TrimPrefix(srv.URL, "http://")
}

// release is a copy of the sample that was pushed, with its evidence, to a registry of its own.
type release struct {
	t      testing.TB
	dir    string // of the sample
	env    []string
	source *faulty
	image  string // HOST/REPOSITORY@DIGEST
	digest string
	before func(promotion.Step) error
}

func newRelease(t testing.TB) *release {
	t.Helper()
	if raceEnabled {
		t.Skip("SKIPPED under the race detector: hundreds of promotions; go test without -race makes them")
	}
	w := newWorld(t)
	sample := w.sampleRun(t)
	r := &release{t: t, dir: sample, env: append(w.environ(filepath.Join(sample, "home")), "PATH="+os.Getenv("PATH"), "TMPDIR="+t.TempDir())}
	var host string
	r.source, host = newFaulty(t, registry.WithReferrersSupport(true))
	r.publish(host + "/dev/shop")
	return r
}

// publish pushes what the sample made.
func (r *release) publish(repo string) {
	r.t.Helper()
	if err := push(filepath.Join(r.dir, "shop", "out", "shop"), repo+":dev"); err != nil {
		r.t.Fatal(err)
	}
	if code, out := r.run("evidence", "copy", "oci-layout:out/shop", "--from", ".sealock", "--to-store", "oci://"+repo); code != exitAllowed {
		r.t.Fatalf("copying the evidence: exit %d\n%s", code, out)
	}
	d, err := remoteDigest(repo + ":dev")
	if err != nil {
		r.t.Fatal(err)
	}
	r.digest, r.image = d, repo+"@"+d
}

// run runs the program in this process.
func (r *release) run(args ...string) (int, string) {
	var out, errs bytes.Buffer
	h := &host{environ: r.env, stdin: strings.NewReader(""), stdout: &out, stderr: &errs, now: time.Now, beforeStep: r.before}
	code := run(h, append([]string{"-C", filepath.Join(r.dir, "shop")}, args...))
	return code, out.String() + errs.String()
}

func (r *release) promote(to string, more ...string) (int, string) {
	repo, _, _ := strings.Cut(r.image, "@")
	return r.run(append([]string{"promote", r.image, "--to", "staging", "--dest", to, "--store", "oci://" + repo}, more...)...)
}

// stays reports whether what lies at a destination allows the artifact to stay, by itself.
func (r *release) stays(repo string) (bool, string) {
	code, out := r.run("verify", repo+"@"+r.digest, "--env", "staging", "--promoted", "--store", "oci://"+repo)
	return code == exitAllowed, out
}

// sound fails if the tag moved to the release and the evidence is not there, or to anything else; it reports whether it moved.
func (r *release) sound(what, repo, tag, old string) bool {
	r.t.Helper()
	now, err := remoteDigest(repo + ":" + tag)
	switch {
	case err != nil && old == "" || err == nil && now == old:
		return false
	case err != nil || now != r.digest:
		r.t.Fatalf("%s: the tag is %s (%v), expected %s or %s", what, now, err, old, r.digest)
	}
	if ok, out := r.stays(repo); !ok {
		r.t.Errorf("%s: the tag moved, and the evidence is not there\n%s", what, out)
	}
	return true
}

// crash is what a killed process does: nothing any more.
type crash struct{ at promotion.Step }

func (r *release) killedAt(step promotion.Step, to string) (reached bool) {
	defer func() {
		r.before = nil
		if c, ok := recover().(crash); ok && c.at == step {
			reached = true
		}
	}()
	r.before = func(s promotion.Step) error {
		if s == step {
			panic(crash{s})
		}
		return nil
	}
	r.promote(to)
	return false
}

// TestT08_KilledAtEveryStep: a promotion that is killed anywhere never leaves a tag without evidence, and the next one finishes the job.
func TestT08_KilledAtEveryStep(t *testing.T) {
	t.Parallel()
	r := newRelease(t)
	for _, api := range []bool{true, false} {
		for i, step := range promotion.Steps() {
			if !api && step != promotion.StepReadBack && step != promotion.StepSwitch { // the steps are the same ones
				continue
			}
			_, host := newFaulty(t, registry.WithReferrersSupport(api))
			repo, old := host+"/shop", ""
			if i%2 == 0 { // the tag holds something from before
				old = bareImage(r.testing(), repo)
			}
			to := repo + ":bare"
			if !r.killedAt(step, to) {
				t.Fatalf("step %s is never reached", step)
			}
			if moved := r.sound("killed before "+string(step), repo, "bare", old); moved != (step == promotion.StepLookAgain) {
				t.Errorf("killed before %s: the tag moved: %v", step, moved)
			}
			if code, out := r.promote(to); code != exitAllowed {
				t.Fatalf("again, after it was killed before %s: exit %d\n%s", step, code, out)
			}
			if !r.sound("again", repo, "bare", old) {
				t.Errorf("again, after it was killed before %s: the tag did not move", step)
			}
		}
	}
}

func (r *release) testing() *testing.T { return r.t.(*testing.T) }

// TestT08_RegistryDiesAtAnyRequest: whichever request is the last that the destination answers, the tag is as it was, or moved with all evidence there.
func TestT08_RegistryDiesAtAnyRequest(t *testing.T) {
	t.Parallel()
	r := newRelease(t)
	f, host := newFaulty(t, registry.WithReferrersSupport(true))
	if code, out := r.promote(host + "/shop:v1"); code != exitAllowed {
		t.Fatalf("exit %d\n%s", code, out)
	}
	seen, _ := f.log()
	t.Logf("a promotion makes %d requests at the destination", len(seen))
	for n := 0; n < len(seen); n += 1 + len(seen)/12 {
		f, host := newFaulty(t, registry.WithReferrersSupport(true))
		var count atomic.Int64
		f.use(func(w http.ResponseWriter, q *http.Request, next http.Handler) {
			if count.Add(1) > int64(n) {
				http.Error(w, `{"errors":[{"code":"UNKNOWN","message":"out of disk"}]}`, http.StatusInternalServerError)
				return
			}
			next.ServeHTTP(w, q)
		})
		code, out := r.promote(host + "/shop:v1")
		f.use(nil)
		moved := r.sound(fmt.Sprintf("dead after %d requests", n), host+"/shop", "v1", "")
		if code == exitAllowed && !moved || code == exitCommand || code == exitUsage {
			t.Errorf("dead after %d requests: exit %d, moved %v\n%s", n, code, moved, out)
		}
		if code, out := r.promote(host + "/shop:v1"); code != exitAllowed || !r.sound("again", host+"/shop", "v1", "") {
			t.Errorf("again, after it died after %d requests: exit %d\n%s", n, code, out)
		}
	}
}

// faults are what a destination may do instead of what it is asked. None of them lets a promotion succeed that has not happened.
var faults = map[string]func(http.ResponseWriter, *http.Request, http.Handler){
	"stores nothing": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPut {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusCreated)
			return
		}
		next.ServeHTTP(w, r)
	},
	"stores no manifest": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/manifests/") {
			w.WriteHeader(http.StatusCreated)
			return
		}
		next.ServeHTTP(w, r)
	},
	"moves no tag": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/manifests/v1") {
			w.WriteHeader(http.StatusCreated)
			return
		}
		next.ServeHTTP(w, r)
	},
	"says it has every blob": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodHead && strings.Contains(r.URL.Path, "/blobs/") {
			w.WriteHeader(http.StatusOK)
			return
		}
		next.ServeHTTP(w, r)
	},
	"gives a web page": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodGet {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html>log in</html>")
			return
		}
		next.ServeHTTP(w, r)
	},
	"gives garbage for blobs": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/blobs/") {
			_, _ = io.WriteString(w, "garbage")
			return
		}
		next.ServeHTTP(w, r)
	},
	"hides the referrers": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.Contains(r.URL.Path, "/referrers/") || strings.Contains(r.URL.Path, "/manifests/sha256-") && r.Method == http.MethodGet || strings.Contains(r.URL.Path, "/tags/") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		next.ServeHTTP(w, r)
	},
	"hides a page of referrers": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.Contains(r.URL.Path, "/referrers/") {
			if r.URL.Query().Get("page") != "" {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			w.Header().Set("Link", "<"+r.URL.Path+`?page=2>; rel="next"`)
		}
		next.ServeHTTP(w, r)
	},
	"breaks off": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/blobs/") {
			http.Error(w, "", http.StatusInsufficientStorage)
			return
		}
		next.ServeHTTP(w, r)
	},
	"refuses": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPost {
			http.Error(w, `{"errors":[{"code":"DENIED","message":"read only"}]}`, http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	},
}

func TestT13_LyingDestination(t *testing.T) {
	t.Parallel()
	r := newRelease(t)
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, host := newFaulty(t, registry.WithReferrersSupport(true))
			old := bareImage(t, host+"/shop")
			if err := pushTag(host+"/shop", "bare", "v1"); err != nil {
				t.Fatal(err)
			}
			f.use(fault)
			code, out := r.promote(host+"/shop:v1", "--read-whole")
			f.use(nil)
			if moved := r.sound(name, host+"/shop", "v1", old); code == exitAllowed || moved {
				t.Errorf("exit %d, the tag moved: %v\n%s", code, moved, out)
			}
			if code, out := r.promote(host + "/shop:v1"); code != exitAllowed || !r.sound(name+", again", host+"/shop", "v1", old) {
				t.Errorf("then honest: exit %d\n%s", code, out)
			}
		})
	}
}

// A registry that asks to wait gets what it asks for.
func TestThrottledDestination(t *testing.T) {
	t.Parallel()
	r := newRelease(t)
	f, host := newFaulty(t, registry.WithReferrersSupport(true))
	var n atomic.Int64
	f.use(func(w http.ResponseWriter, q *http.Request, next http.Handler) {
		if n.Add(1)%9 == 0 {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, q)
	})
	if code, out := r.promote(host + "/shop:v1"); code != exitAllowed || !r.sound("throttled", host+"/shop", "v1", "") {
		t.Errorf("exit %d\n%s", code, out)
	}
}

// TestC19_SourceChangesItsAnswers: whatever the source says instead of the truth, nothing but what was verified gets a name.
func TestC19_SourceChangesItsAnswers(t *testing.T) {
	t.Parallel()
	r := newRelease(t)
	for name, lie := range map[string]func(http.ResponseWriter, *http.Request, http.Handler){
		"garbage": faults["gives garbage for blobs"], "web page": faults["gives a web page"], "no referrers": faults["hides the referrers"], "a page less": faults["hides a page of referrers"],
		"blobs gone": func(w http.ResponseWriter, q *http.Request, next http.Handler) {
			if strings.Contains(q.URL.Path, "/blobs/") {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			next.ServeHTTP(w, q)
		},
		"half of a blob": func(w http.ResponseWriter, q *http.Request, next http.Handler) {
			if q.Method == http.MethodGet && strings.Contains(q.URL.Path, "/blobs/") {
				honest := httptest.NewRecorder()
				next.ServeHTTP(honest, q)
				_, _ = w.Write(honest.Body.Bytes()[:honest.Body.Len()/2])
				return
			}
			next.ServeHTTP(w, q)
		},
	} {
		_, host := newFaulty(t, registry.WithReferrersSupport(true))
		r.source.use(lie)
		code, out := r.promote(host + "/shop:v1")
		r.source.use(nil)
		if moved := r.sound(name, host+"/shop", "v1", ""); moved || code == exitAllowed {
			t.Errorf("%s: exit %d, the tag moved: %v\n%s", name, code, moved, out)
		}
	}
}

// second is a release of the same sample that was made later, by the same keys.
func (r *release) second() *release {
	r.t.Helper()
	dir := r.t.TempDir()
	for _, name := range []string{"shop", "vulndb", "home"} {
		if err := copyTree(filepath.Join(r.dir, name), filepath.Join(dir, name)); err != nil {
			r.t.Fatal(err)
		}
	}
	w := newWorld(r.t)
	n := &release{t: r.t, dir: dir, env: append(w.environ(filepath.Join(dir, "home")), "PATH="+os.Getenv("PATH"), "TMPDIR="+r.t.TempDir())}
	page := filepath.Join(dir, "shop", "web", "public", "index.html")
	raw, err := os.ReadFile(page)
	if err == nil {
		err = os.WriteFile(page, append(raw, "<!-- second -->\n"...), 0o600)
	}
	if err == nil {
		err = commit(filepath.Join(dir, "shop"), n.env)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	cmd := exec.CommandContext(r.testing().Context(), "sealock", "run", "--all")
	cmd.Dir, cmd.Env = filepath.Join(dir, "shop"), n.env
	if out, err := cmd.CombinedOutput(); err != nil {
		r.t.Fatalf("running the sample again: %v\n%s", err, out)
	}
	var host string
	n.source, host = newFaulty(r.t, registry.WithReferrersSupport(true))
	n.publish(host + "/dev/shop")
	if n.digest == r.digest {
		r.t.Fatal("both releases are the same")
	}
	return n
}

// Two promotions of one tag at once: it ends at one of both, and whoever got past its copy has left all evidence.
func TestTwoPromotionsOfOneTag(t *testing.T) {
	t.Parallel()
	a := newRelease(t)
	b := a.second()
	won := map[string]int{}
	for range 6 {
		_, host := newFaulty(t, registry.WithReferrersSupport(true))
		var codes [2]int
		var outs [2]string
		var wg sync.WaitGroup
		for i, r := range []*release{a, b} {
			wg.Go(func() { codes[i], outs[i] = r.promote(host + "/shop:current") })
		}
		wg.Wait()
		now, err := remoteDigest(host + "/shop:current")
		if err != nil || now != a.digest && now != b.digest || codes[0] != exitAllowed && codes[1] != exitAllowed {
			t.Fatalf("the tag is %s (%v); exits %v\n%s\n%s", now, err, codes, outs[0], outs[1])
		}
		won[now]++
		for i, r := range []*release{a, b} {
			ok, out := r.stays(host + "/shop")
			refused := codes[i] == exitRefused && strings.Contains(outs[i], "ROLLBACK") && r == a || codes[i] == exitUndecided && strings.Contains(outs[i], "TAG_MOVED")
			if !ok && (now == r.digest || codes[i] == exitAllowed) || codes[i] != exitAllowed && !refused {
				t.Errorf("release %d: exit %d, its evidence is there: %v\n%s\n%s", i, codes[i], ok, outs[i], out)
			}
		}
	}
	t.Logf("%v", won)
}

// Nothing is sent twice, and no byte that is there.
func TestPromotionMovesNoByteTwice(t *testing.T) {
	t.Parallel()
	r := newRelease(t)
	f, host := newFaulty(t, registry.WithReferrersSupport(true))
	f.use(nil)
	if code, out := r.promote(host + "/shop:v1"); code != exitAllowed {
		t.Fatalf("exit %d\n%s", code, out)
	}
	seen, sent := f.log()
	uploads := map[string]bool{}
	for _, q := range seen {
		if strings.HasPrefix(q, "PUT ") && strings.Contains(q, "/manifests/sha256:") {
			if uploads[q] {
				t.Errorf("sent twice: %s", q)
			}
			uploads[q] = true
		}
	}
	f.use(nil)
	if code, out := r.promote(host + "/shop:v1"); code != exitAllowed {
		t.Fatalf("exit %d\n%s", code, out)
	}
	_, more := f.log()
	t.Logf("%d requests, %d bytes of blobs; again: %d bytes, a summary and the list of all evidence", len(seen), sent, more)
	if more > sent/10 {
		t.Errorf("%d bytes were sent again, after %d", more, sent)
	}
}
