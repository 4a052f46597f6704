// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// liar is a registry that answers one path with something else.
type liar struct {
	handler http.Handler

	mu    sync.Mutex
	hide  string // paths that end so are never there
	path  string // the path to lie about
	lie   func(w http.ResponseWriter, honest *httptest.ResponseRecorder)
	heard map[string][]byte // honest answers, by path
	alias [2]string         // requests about the first are answered as if about the second
}

func (l *liar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	asked := r.URL.Path
	if l.hide != "" && strings.HasSuffix(asked, l.hide) {
		http.Error(w, `{"errors":[{"code":"MANIFEST_UNKNOWN","message":"not there"}]}`, http.StatusNotFound)
		return
	}
	if l.alias[0] != "" {
		r.URL.Path = strings.ReplaceAll(asked, l.alias[0], l.alias[1])
	}
	honest := httptest.NewRecorder()
	l.handler.ServeHTTP(honest, r)
	if r.Method == http.MethodGet && l.lie == nil {
		l.heard[asked] = bytes.Clone(honest.Body.Bytes())
	}
	if l.lie != nil && asked == l.path {
		l.lie(w, honest)
		return
	}
	for k, v := range honest.Header() {
		w.Header()[k] = v
	}
	w.WriteHeader(honest.Code)
	_, _ = w.Write(honest.Body.Bytes())
}

func (l *liar) set(hide, path string, lie func(http.ResponseWriter, *httptest.ResponseRecorder)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hide, l.path, l.lie = hide, path, lie
}

// pose makes the registry answer about one digest as if about another.
func (l *liar) pose(as, of string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.alias = [2]string{as, of}
}

func (l *liar) paths() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for p := range l.heard {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// answer sends a body with the status and headers of the honest answer.
func answer(body func(honest []byte) []byte) func(http.ResponseWriter, *httptest.ResponseRecorder) {
	return func(w http.ResponseWriter, honest *httptest.ResponseRecorder) {
		for k, v := range honest.Header() {
			if k != "Content-Length" {
				w.Header()[k] = v
			}
		}
		w.WriteHeader(honest.Code)
		_, _ = w.Write(body(bytes.Clone(honest.Body.Bytes())))
	}
}

func status(code int) func(http.ResponseWriter, *httptest.ResponseRecorder) {
	return func(w http.ResponseWriter, _ *httptest.ResponseRecorder) { http.Error(w, `{"errors":[]}`, code) }
}

// lies are what a registry may answer instead of the truth; each answer of another path comes on top.
var lies = map[string]func(http.ResponseWriter, *httptest.ResponseRecorder){
	"not there": status(http.StatusNotFound), "forbidden": status(http.StatusForbidden), "broken": status(http.StatusNotImplemented),
	"nothing":   answer(func([]byte) []byte { return nil }),
	"no object": answer(func([]byte) []byte { return []byte("{}") }),
	"page":      answer(func([]byte) []byte { return []byte("<html><body>log in</body></html>") }),
	"empty index": answer(func([]byte) []byte {
		return []byte(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}`)
	}),
	"half": answer(func(b []byte) []byte { return b[:len(b)/2] }),
	"flipped": answer(func(b []byte) []byte {
		if len(b) > 0 {
			b[len(b)/2] ^= 1
		}
		return b
	}),
	"more": answer(func(b []byte) []byte { return append(b, ' ') }),
}

// TestLyingRegistryNeverAllows: whatever a registry answers instead of the truth, an artifact is allowed only on the very evidence on which an
// honest registry allows it, and one without evidence never is.
func TestLyingRegistryNeverAllows(t *testing.T) {
	if raceEnabled {
		t.Skip("SKIPPED under the race detector: hundreds of decisions; go test without -race makes them")
	}
	w := newWorld(t)
	sample := w.sampleRun(t)
	for _, mode := range []struct {
		name, hide string
		options    []registry.Option
	}{
		{"list", "", []registry.Option{registry.WithReferrersSupport(true)}},
		{"no list", ".sealock", []registry.Option{registry.WithReferrersSupport(true)}},
		{"tags", "", nil},
	} {
		t.Run(mode.name, func(t *testing.T) {
			t.Parallel()
			l := &liar{handler: registry.New(append(mode.options, registry.Logger(log.New(io.Discard, "", 0)))...), heard: map[string][]byte{}}
			srv := httptest.NewServer(l)
			t.Cleanup(srv.Close)
			repo := strings.TrimPrefix(srv.URL, "http://") + "/shop"
			shop := filepath.Join(sample, "shop")
			ask := inProcess(t, sample, w)
			digest := pushed(t, filepath.Join(shop, "out", "shop"), repo)
			if code, out := ask("evidence", "copy", "oci-layout:out/shop", "--from", ".sealock", "--to-store", "oci://"+repo); code != exitAllowed {
				t.Fatalf("copying the evidence: exit %d\n%s", code, out)
			}
			l.set(mode.hide, "", nil)
			verify := func(d string) (int, string) {
				return ask("verify", repo+"@"+d, "--env", "staging", "-o", "json", "--store", "oci://"+repo)
			}
			l.mu.Lock()
			clear(l.heard)
			l.mu.Unlock()
			code, out := verify(digest)
			honest := inputsOf(t, out)
			if code != exitAllowed || len(honest) == 0 {
				t.Fatalf("an honest registry: exit %d\n%s", code, out)
			}
			check := func(what string) {
				if code, out := verify(digest); code == exitAllowed && !slices.Equal(inputsOf(t, out), honest) {
					t.Errorf("%s: allowed on other evidence\n%s", what, out)
				} else if code == exitCommand || code == exitUsage && !strings.Contains(what, digest+": not there") {
					t.Errorf("%s: exit %d, expected a decision\n%s", what, code, out)
				}
			}
			paths := l.paths()
			for i, path := range paths {
				for what, lie := range lies {
					if strings.Contains(path, "/sha256:") && !strings.Contains(path, "/referrers/") && !slices.Contains([]string{"not there", "broken", "flipped"}, what) {
						continue // content by digest: the client's own tests tell these apart
					}
					l.set(mode.hide, path, lie)
					check(path + ": " + what)
				}
				other := l.heard[paths[(i+1)%len(paths)]]
				l.set(mode.hide, path, answer(func([]byte) []byte { return other }))
				check(path + ": the answer of another path")
			}
			l.set(mode.hide, "", nil)

			// Another image, about which there is nothing, while the registry answers as if it were the first.
			bare := bareImage(t, repo)
			hex := strings.TrimPrefix(bare, "sha256:")
			for _, pose := range [][2]string{{"/referrers/" + bare, "/referrers/" + digest}, {"sha256-" + hex, "sha256-" + strings.TrimPrefix(digest, "sha256:")}, {hex, strings.TrimPrefix(digest, "sha256:")}} {
				l.pose(pose[0], pose[1])
				if code, out := verify(bare); code == exitAllowed {
					t.Errorf("an image without evidence is allowed when %s is answered as %s\n%s", pose[0], pose[1], out)
				}
			}
		})
	}
}

// inProcess runs the program in this process, in the sample's folder.
func inProcess(t *testing.T, sample string, w *world) func(args ...string) (int, string) {
	t.Helper()
	env := append(w.environ(filepath.Join(sample, "home")), "PATH="+os.Getenv("PATH"), "TMPDIR="+t.TempDir())
	return func(args ...string) (int, string) {
		var out, errs bytes.Buffer
		h := &host{environ: env, stdin: strings.NewReader(""), stdout: &out, stderr: &errs, now: time.Now}
		code := run(h, append([]string{"-C", filepath.Join(sample, "shop")}, args...))
		return code, out.String() + errs.String()
	}
}

func pushed(t *testing.T, layout, repo string) string {
	t.Helper()
	if err := push(layout, repo+":dev"); err != nil {
		t.Fatal(err)
	}
	return digestOf(t, repo+":dev")
}

func bareImage(t *testing.T, repo string) string {
	t.Helper()
	ref, err := name.ParseReference(repo+":bare", name.Insecure)
	if err == nil {
		err = remote.Write(ref, empty.Image)
	}
	if err != nil {
		t.Fatal(err)
	}
	return digestOf(t, repo+":bare")
}

func digestOf(t *testing.T, image string) string {
	t.Helper()
	ref, err := name.ParseReference(image, name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	d, err := remote.Get(ref)
	if err != nil {
		t.Fatal(err)
	}
	return d.Digest.String()
}

// inputsOf are the statements that a decision rests on.
func inputsOf(t *testing.T, out string) []string {
	t.Helper()
	var d struct {
		Inputs []struct{ Digest, Signer string }
	}
	if err := json.NewDecoder(strings.NewReader(out)).Decode(&d); err != nil {
		return nil // no decision: a message
	}
	var all []string
	for _, i := range d.Inputs {
		all = append(all, fmt.Sprint(i))
	}
	slices.Sort(all)
	return all
}
