// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
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

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/rogpeppe/go-internal/testscript"
)

// testRegistry is a registry in memory that counts, and fails where it is told to.
type testRegistry struct {
	mu       sync.Mutex
	password string // of the user gate; empty: nobody is asked
	requests []string
	broken   string // requests whose path contains this are answered with an error
	status   int
	handler  http.Handler
}

func (r *testRegistry) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	r.requests = append(r.requests, q.Method+" "+q.URL.Path)
	broken, status, password := r.broken, r.status, r.password
	r.mu.Unlock()
	if user, given, _ := q.BasicAuth(); password != "" && (user != "gate" || given != password) {
		w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
		http.Error(w, `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`, http.StatusUnauthorized)
		return
	}
	if broken != "" && strings.Contains(q.Method+" "+q.URL.Path, broken) {
		http.Error(w, `{"errors":[{"code":"UNKNOWN","message":"broken for a test"}]}`, status)
		return
	}
	r.handler.ServeHTTP(w, q)
}

// registries are those of one script, by the variable that holds their address.
type scriptRegistries map[string]*testRegistry

const registriesKey = "registries"

// cmdRegistry starts a registry and puts its address into a variable, or changes one: registry VARIABLE [-tags] | registry VARIABLE break TEXT STATUS | registry VARIABLE mend |
// registry VARIABLE forget | registry VARIABLE most COUNT | registry VARIABLE password WORD. With -tags it has no referrers API. "most" fails if more requests came since "forget", "wrote COUNT" unless so
// many of them were to write.
func cmdRegistry(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: registry VARIABLE [-tags|break TEXT STATUS|mend|forget|most COUNT]")
	}
	all := ts.Value(registriesKey).(scriptRegistries)
	r := all[args[0]]
	if r == nil {
		opts := []registry.Option{registry.Logger(log.New(io.Discard, "", 0))}
		if len(args) == 1 {
			opts = append(opts, registry.WithReferrersSupport(true))
		}
		r = &testRegistry{handler: registry.New(opts...)}
		all[args[0]] = r
		srv := httptest.NewServer(r)
		ts.Defer(srv.Close)
		ts.Setenv(args[0], strings.TrimPrefix(srv.URL, "http://"))
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case len(args) == 4 && args[1] == "break":
		r.broken = args[2]
		if _, err := fmt.Sscan(args[3], &r.status); err != nil {
			ts.Fatalf("%v", err)
		}
	case len(args) == 2 && args[1] == "mend":
		r.broken = ""
	case len(args) == 3 && args[1] == "password":
		r.password = args[2]
	case len(args) == 2 && args[1] == "forget":
		r.requests = nil
	case len(args) == 3 && args[1] == "most":
		most := 0
		if _, err := fmt.Sscan(args[2], &most); err != nil || len(r.requests) > most {
			ts.Fatalf("%d requests, expected at most %s:\n%s", len(r.requests), args[2], strings.Join(r.requests, "\n"))
		}
	case len(args) == 3 && args[1] == "wrote":
		wrote := slices.DeleteFunc(slices.Clone(r.requests), func(q string) bool { return strings.HasPrefix(q, "GET ") || strings.HasPrefix(q, "HEAD ") })
		if fmt.Sprint(len(wrote)) != args[2] {
			ts.Fatalf("%d requests that write, expected %s:\n%s", len(wrote), args[2], strings.Join(wrote, "\n"))
		}
	default:
		ts.Fatalf("registry: unknown %v", args[1:])
	}
}

// cmdPush pushes what an OCI layout holds: push LAYOUT REFERENCE
func cmdPush(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: push LAYOUT REFERENCE")
	}
	ts.Check(push(ts.MkAbs(args[0]), args[1]))
}

// pushImage is what a stage's command calls: pushimage LAYOUT REFERENCE, or pushimage -empty REFERENCE for an image without content.
func pushImage() {
	from, to := os.Args[1], os.Args[2]
	err := error(nil)
	if from != "-empty" {
		err = push(from, to)
	} else if ref, bad := name.ParseReference(to, name.Insecure); bad == nil {
		err = remote.Write(ref, empty.Image)
	} else {
		err = bad
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// push copies the one image or index of a layout to a registry.
func push(from, to string) error {
	ref, err := name.ParseReference(to, name.Insecure)
	if err != nil {
		return err
	}
	path, err := layout.FromPath(filepath.Clean(from))
	if err != nil {
		return err
	}
	top, err := path.ImageIndex()
	if err != nil {
		return err
	}
	index, err := top.IndexManifest()
	if err != nil {
		return err
	}
	if len(index.Manifests) != 1 {
		return fmt.Errorf("%s holds %d manifests, expected one", from, len(index.Manifests))
	}
	return pushOne(top, index.Manifests[0], ref)
}

func pushOne(top v1.ImageIndex, d v1.Descriptor, ref name.Reference) error {
	if d.MediaType.IsIndex() {
		x, err := top.ImageIndex(d.Digest)
		if err != nil {
			return err
		}
		return remote.WriteIndex(ref, x)
	}
	img, err := top.Image(d.Digest)
	if err != nil {
		return err
	}
	return remote.Write(ref, img)
}

// remoteDigest is what a tag names.
func remoteDigest(image string) (string, error) {
	ref, err := name.ParseReference(image, name.Insecure)
	if err != nil {
		return "", err
	}
	d, err := remote.Get(ref)
	if err != nil {
		return "", err
	}
	return d.Digest.String(), nil
}

// pushTag gives what a tag names another one.
func pushTag(repo, from, to string) error {
	ref, err := name.ParseReference(repo+":"+from, name.Insecure)
	if err != nil {
		return err
	}
	d, err := remote.Get(ref)
	if err != nil {
		return err
	}
	tag, err := name.NewTag(repo+":"+to, name.Insecure)
	if err != nil {
		return err
	}
	return remote.Tag(tag, d)
}
