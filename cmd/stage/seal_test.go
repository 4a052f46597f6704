// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package stage

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/sigstore/keyless"
)

// watched is a signer that notes what it signs when, and lets several statements wait for each other.
type watched struct {
	attest.Signer
	mu      sync.Mutex
	now     int
	most    int
	order   []string // predicate types, as they were finished
	arrived chan struct{}
}

func (w *watched) Sign(ctx context.Context, statement []byte) ([]byte, error) {
	s, err := attest.DecodeStatement(statement)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.now++
	w.most = max(w.most, w.now)
	w.mu.Unlock()
	if s.PredicateType != predicate.TypeLink {
		select { // two at a time can only go on together
		case w.arrived <- struct{}{}:
		case <-w.arrived:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	b, err := w.Signer.Sign(ctx, statement)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now--
	w.order = append(w.order, s.PredicateType)
	return b, err
}

// Statements are signed side by side, a few at a time; the receipt comes last, and names them in the order of the pipeline.
func TestSignaturesSideBySide(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run(t, "source")
	kinds := []string{"provenance", "sbom", "secrets"} // four statements: an SBOM is written in two formats
	b.configure("build", func(c *Config) { c.Evidence = kinds })
	w := &watched{Signer: b.one.Signer, arrived: make(chan struct{})}
	b.Signer = func(string) (attest.Signer, error) { return w, nil }
	res := b.run(t, "build")
	var names []string
	for _, e := range res.Evidence {
		names = append(names, e.Name)
	}
	if !slices.Equal(names, []string{"provenance", "sbom", "spdx", "secrets"}) {
		t.Errorf("the receipt names %v", names)
	}
	if w.most < 2 || w.most > atOnce {
		t.Errorf("%d at once, expected 2 to %d", w.most, atOnce)
	}
	if len(w.order) != 5 || w.order[4] != predicate.TypeLink {
		t.Errorf("signed in the order %v, expected the receipt last", w.order)
	}
}

// failing is a signer that fails from some statement on.
type failing struct {
	attest.Signer
	mu   sync.Mutex
	good int // so many signatures are made
}

var errBroken = errors.New("the token was pulled")

func (f *failing) Sign(ctx context.Context, statement []byte) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.good--; f.good < 0 {
		return nil, errBroken
	}
	return f.Signer.Sign(ctx, statement)
}

// Whichever signature fails, nothing is stored, and the error is that of the signature and not of those that were ended because of it.
func TestSignatureFails(t *testing.T) {
	t.Parallel()
	for good := range 5 {
		b := newBench(t)
		b.run(t, "source")
		b.configure("build", func(c *Config) { c.Evidence = []string{"provenance", "sbom", "secrets"} })
		b.Signer = func(string) (attest.Signer, error) { return &failing{Signer: b.one.Signer, good: good}, nil }
		before := b.stored(t)
		if _, err := b.Run(t.Context(), "build"); !errors.Is(err, errBroken) || errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), `stage "build"`) {
			t.Errorf("after %d signatures: %v", good, err)
		}
		if after := b.stored(t); after != before {
			t.Errorf("after %d signatures: %d files in the store, there were %d", good, after, before)
		}
	}
}

// A log or authority that goes down half-way: the stage ends when the first request has given up, names the server and stores nothing; a signer
// that has found it down does not wait for it again.
func TestServerGoesDownHalfWay(t *testing.T) {
	t.Parallel()
	const budget = time.Second
	for server, service := range map[string]string{attesttest.ServerLogV2: "transparency log", attesttest.ServerTime: "time stamp authority"} {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			at := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
			instance := attesttest.NewSigstore(t, at)
			servers := instance.Serve(t)
			services, err := keyless.ParseSigningConfig(servers.SigningConfig(t, attesttest.LogV2), at)
			if err != nil {
				t.Fatal(err)
			}
			signer, err := keyless.New(keyless.Options{Services: services, HTTP: http.DefaultTransport, Now: func() time.Time { return at }, Budget: budget,
				Token: keyless.Static("test", servers.Token(t, attesttest.GitHubJob("acme/shop", "build.yml", "refs/heads/main"), nil)).Token})
			if err != nil {
				t.Fatal(err)
			}
			auth, err := sigstore.NewAuthenticator(nil, sigstore.Trust{Root: instance.Root(t), Logs: 1, Timestamps: 1, SCT: true})
			if err != nil {
				t.Fatal(err)
			}
			if b.Gate.Verifier, err = attest.NewVerifier(auth); err != nil {
				t.Fatal(err)
			}
			b.Signer = func(string) (attest.Signer, error) { return signer, nil }
			b.configure("source", func(c *Config) { c.Evidence = []string{"sbom", "secrets"} })
			servers.Fault(server, func(n int, w http.ResponseWriter) bool {
				return n > 2 && attesttest.Status(http.StatusServiceUnavailable, 0)(n, w)
			})
			var down *keyless.DownError
			if _, err := b.Run(t.Context(), "source"); !errors.As(err, &down) || down.Service != service {
				t.Errorf("expected that the %s is down, got %v", service, err)
			}
			asked := servers.Asked(server)
			start := time.Now()
			if _, err := b.Run(t.Context(), "source"); !errors.As(err, &down) {
				t.Errorf("again: %v", err)
			}
			if took := time.Since(start); servers.Asked(server) != asked || took > 20*budget {
				t.Errorf("the second time it was asked %d times in %s", servers.Asked(server)-asked, took)
			}
			if servers.Asked(attesttest.ServerCA) != 1 {
				t.Errorf("%d certificates, expected one", servers.Asked(attesttest.ServerCA))
			}
			if n := b.stored(t); n != 0 {
				t.Errorf("%d files in the store", n)
			}
		})
	}
}
