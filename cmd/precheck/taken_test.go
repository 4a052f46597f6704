// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/dir"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
)

// store gives the clone a folder of evidence.
func (c *clone) store(p *gate.Policy) *dir.Store {
	c.Helper()
	s, err := dir.Open(filepath.Join(c.TempDir(), "evidence"))
	if err != nil {
		c.Fatal(err)
	}
	c.opt.Evidence = &Evidence{Store: s, Name: "evidence", Folder: s.Path()}
	c.opt.Evidence.Verifier = func() (*attest.Verifier, error) {
		auth, err := sigstore.NewAuthenticator(p.Keys())
		if err != nil {
			return nil, err
		}
		return attest.NewVerifier(auth)
	}
	c.opt.Evidence.Resolve = func(ctx context.Context, ref string) (attest.Subject, error) {
		res, err := stage.Resolve(ctx, ref, subject.Options{Dir: c.dir, Env: c.opt.Env})
		if err != nil {
			return attest.Subject{}, err
		}
		return res.Subject, nil
	}
	return s
}

// source has a key sign what the source stage says of HEAD.
func (c *clone) source(s *dir.Store, key attesttest.Key) attest.Digest {
	c.Helper()
	about, err := c.opt.Evidence.Resolve(c.Context(), "git:"+c.git("rev-parse", "HEAD"))
	if err != nil {
		c.Fatal(err)
	}
	put := func(typ string, doc any) attest.Digest {
		e := attesttest.Verify(c, key.Attest(c, typ, doc, about), key)
		if err := s.Put(c.Context(), e); err != nil {
			c.Fatal(err)
		}
		return e.ID()
	}
	link := predicate.Link{Name: "source", Command: []string{}, Materials: []attest.ResourceDescriptor{}, Environment: predicate.Environment{Run: "run-1", StartedOn: predicate.Instant(now), FinishedOn: predicate.Instant(now)}}
	for _, kind := range []string{"secrets", "config"} {
		id := put(predicate.TypeFindings, attesttest.Findings(kind, now))
		link.Byproducts.Evidence = append(link.Byproducts.Evidence, predicate.EvidenceRef{Name: kind, PredicateType: predicate.TypeFindings, Digest: attest.DigestSet{"sha256": id.Hex}})
	}
	return put(predicate.TypeLink, link)
}

func wantStages(t testing.TB, r Report, want ...string) {
	t.Helper()
	var got []string
	for _, s := range r.Trees[0].Stages {
		got = append(got, s.From)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("stages %+v, expected %q; notes %q", r.Trees[0].Stages, want, r.Notes)
	}
}

// The store's word on this commit counts as it is: for it, against it, and for no other commit. A repeat looks again.
func TestPreviewTakesFromTheStore(t *testing.T) {
	key, stranger := attesttest.NewKey(t, sigstore.Ed25519), attesttest.NewKey(t, sigstore.Ed25519)
	c := newClone(t)
	p := policyWith(t, map[string][]byte{"source": key.PEM})
	c.judge(p)
	s := c.store(p)
	c.commit("go.mod", goMod)
	wantStages(t, c.check(Scope{Kind: Push}), Assumed, Assumed)

	id := c.source(s, key)
	r := c.check(Scope{Kind: Push})
	wantStages(t, r, Taken, Assumed)
	wantVerdict(t, r, gate.Allowed)
	if got := r.Trees[0].Stages[0]; got.Receipt != id.String() || r.Cached {
		t.Errorf("stage %+v, cached %v, expected receipt %s, looked at afresh", got, r.Cached, id)
	}

	c.commit("a.txt", "a\n")
	wantStages(t, c.check(Scope{Kind: Push}), Assumed, Assumed)
	c.source(s, stranger)
	r = c.check(Scope{Kind: Push})
	wantStages(t, r, Refused, Assumed)
	wantVerdict(t, r, gate.Refused)
	c.source(s, key)
	r = c.check(Scope{Kind: Push})
	wantStages(t, r, Taken, Assumed)
	wantVerdict(t, r, gate.Allowed)
}

// Whatever stands against asking the store is said once, and everything is assumed.
func TestPreviewWithoutTheStore(t *testing.T) {
	key := attesttest.NewKey(t, sigstore.Ed25519)
	for name, change := range map[string]func(c *clone){
		"not to be asked": func(c *clone) { c.opt.Evidence.Without = "--offline" },
		"no verifier": func(c *clone) {
			c.opt.Evidence.Verifier = func() (*attest.Verifier, error) { return nil, errors.New("no trust root") }
		},
		"not clean": func(c *clone) { c.write("a.txt", "b\n") },
		"no answer": func(c *clone) {
			broken := attesttest.NewStore()
			broken.Break(errors.New("no route to host"))
			c.opt.Evidence.Store, c.opt.Evidence.Folder = broken, ""
		},
		"not readable": func(c *clone) {
			folder := c.opt.Evidence.Folder
			for i := range maxLooked/maxReceipt + 1 {
				name := filepath.Join(folder, "sha256-"+strings.Repeat("0", 64), strings.Repeat("1", i+1)+".json")
				if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, nil, 0o600), os.Truncate(name, maxReceipt)); err != nil {
					c.Fatal(err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClone(t)
			p := policyWith(t, map[string][]byte{"source": key.PEM})
			c.judge(p)
			s := c.store(p)
			c.commit("a.txt", "a\n")
			c.source(s, key)
			change(c)
			r := c.check(Scope{Kind: Push})
			wantStages(t, r, Assumed, Assumed)
			wantVerdict(t, r, gate.Allowed)
			if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "every stage is assumed") {
				t.Errorf("notes %q, expected one that says so", r.Notes)
			}
		})
	}
}
