// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"cuelabs.dev/go/oci/ociregistry/ocimem"
	"cuelabs.dev/go/oci/ociregistry/ociserver"
	ggcr "github.com/google/go-containerregistry/pkg/registry"
)

// User and Password are the credentials of the registries that ask for some.
const (
	User     = "gate"
	Password = "s3cret" //nolint:gosec // of servers on loopback that live for one test
)

// Kinds of registries that Start knows.
const (
	Memory       = "mem"        // go-containerregistry's: referrers API, manifests in memory, blobs in a folder
	Cue          = "cue"        // cuelabs': referrers API, all in memory
	Distribution = "dist"       // distribution v3: no referrers API, deletion allowed
	DistAuth     = "dist-auth"  // the same with TLS and htpasswd
	DistToken    = "dist-token" // the same with bearer tokens
)

// Kinds is all of them.
var Kinds = []string{Memory, Cue, Distribution, DistAuth, DistToken}

// Registry is a running registry.
type Registry struct {
	Kind      string `json:"kind"`
	Host      string `json:"host"` // 127.0.0.1:port, as a reference names it
	User      string `json:"user,omitempty"`
	Password  string `json:"password,omitempty"`
	CA        string `json:"ca,omitempty"`        // PEM file of the authority to trust; then the registry speaks TLS
	Referrers bool   `json:"referrers,omitempty"` // has the referrers API

	stop []func()
}

// Options of Start.
type Options struct {
	Dir string           // for data, certificates and logs; it must exist
	Now func() time.Time // for certificates and tokens
	Log io.Writer        // what building a tool prints
}

// Start starts a registry of a kind on a free port of 127.0.0.1 and waits until it answers. Stop ends it.
func Start(ctx context.Context, kind string, o Options) (*Registry, error) {
	dir, err := os.MkdirTemp(o.Dir, kind+"-*")
	if err != nil {
		return nil, err
	}
	r := &Registry{Kind: kind}
	switch kind {
	case Memory:
		blobs := filepath.Join(dir, "blobs")
		if err = os.Mkdir(blobs, 0o755); err == nil {
			r.Referrers = true
			err = r.serve(ggcr.New(ggcr.WithReferrersSupport(true), ggcr.Logger(log.New(io.Discard, "", 0)), ggcr.WithBlobHandler(ggcr.NewDiskBlobHandler(blobs))))
		}
	case Cue:
		r.Referrers = true
		err = r.serve(ociserver.New(ocimem.New(), nil))
	case Distribution, DistAuth, DistToken:
		err = r.distribution(ctx, dir, o)
	default:
		return nil, fmt.Errorf("no registry is called %q: expected one of %v", kind, Kinds)
	}
	if err != nil {
		r.Stop()
		return nil, fmt.Errorf("starting the registry %s: %w", kind, err)
	}
	return r, nil
}

// Stop ends the registry and what belongs to it.
func (r *Registry) Stop() {
	for i := len(r.stop) - 1; i >= 0; i-- {
		r.stop[i]()
	}
	r.stop = nil
}

// serve runs a handler of this process.
func (r *Registry) serve(h http.Handler) error {
	host, stop, err := listen(h)
	if err == nil {
		r.Host = host
		r.stop = append(r.stop, stop)
	}
	return err
}

func listen(h http.Handler) (host string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Printf("server on %s: %v", l.Addr(), err)
		}
	}()
	return l.Addr().String(), func() { _ = srv.Close(); <-done }, nil
}
