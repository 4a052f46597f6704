// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
)

// Bounds on what is read about one subject.
const (
	MaxEntries = 4096    // manifests beside it
	MaxLayers  = 1024    // layers of one of them
	MaxTotal   = 1 << 30 // bytes of all bundles
)

// Options are what the store can't know.
type Options struct {
	Now  func() time.Time                 // for the creation time that cosign notes in a manifest; needed by Put only
	Warn func(format string, args ...any) // told what was ignored; may be nil
	// Att asks for cosign's .att tag of an image even where there is an evidence list: for policies that count what others attest, who may do so later.
	Att bool
	// Bundle gives the envelope in a layer the form of a bundle, with what the layer's annotations say of its certificate and log entry; nil leaves
	// envelopes as they are.
	Bundle func(envelope []byte, annotations map[string]string) ([]byte, error)
}

// Store keeps evidence in one repository of a registry. It remembers what it read for as long as it lives: make one for each command.
type Store struct {
	repo *registry.Repository
	o    Options

	lists     group[attest.Digest, beside]            // what lies at the tag of the evidence list, by subject
	direct    group[attest.Digest, *view]             // subjects whose own listing was read
	indirect  group[attest.Digest, *view]             // subjects that a list of another subject covers
	manifests group[attest.Digest, registry.Manifest] // fetched by digest, or known by it since
	blobs     group[blobKey, []byte]
	written   group[blobKey, registry.Descriptor] // blobs put
	anchors   group[attest.Digest, registry.Descriptor]

	wrote atomic.Bool      // evidence, since it was opened
	tags  latest[[]string] // of the repository

	without    atomic.Bool            // the registry has no referrers API
	enumerated atomic.Bool            // the tags were listed: no evidence list makes that needless
	met        atomic.Pointer[string] // a tag that is there

	mu   sync.Mutex
	list contents               // everything that came in evidence lists
	kids map[attest.Digest]bool // manifests that an index names which this store answered
	owed referring              // what has tags of its own that are not in the index yet
}

type blobKey struct {
	digest attest.Digest
	size   int64
}

var (
	_ attest.Store     = (*Store)(nil)
	_ attest.Confirmer = (*Store)(nil)
)

// Open is the store of a repository. Nothing is requested yet.
func Open(repo *registry.Repository, o Options) *Store {
	return &Store{repo: repo, o: o, list: newContents(), kids: map[attest.Digest]bool{}, owed: referring{}}
}

// Name is the repository, HOST/PATH.
func (s *Store) Name() string { return s.repo.Name() }

func (s *Store) warn(format string, args ...any) {
	if s.o.Warn != nil {
		s.o.Warn(format, args...)
	}
}

// List gives every bundle about the digest: what refers to it as a manifest, or to its anchor, and what cosign's older tag holds. Copies of one
// bundle are given once. See attest.Store.
func (s *Store) List(ctx context.Context, subject attest.Digest) ([]attest.Stored, error) {
	if err := subject.Validate(); err != nil {
		return nil, fmt.Errorf("listing evidence: %w", err)
	}
	v, err := s.view(ctx, subject)
	if err != nil {
		return nil, s.failed("listing evidence about "+subject.Short(), err)
	}
	return append([]attest.Stored(nil), v.stored...), nil
}

// failed says what was being done. A bound that the registry passed is a Reject, as bounds are everywhere.
func (s *Store) failed(doing string, err error) error {
	if registry.CodeOf(err) == registry.Limit && attest.RejectCode(err) == "" {
		err = &attest.Reject{Code: attest.CodeLimit, Detail: "limit", Cause: err}
	}
	return fmt.Errorf("%s in %s: %w", doing, s.repo.Name(), err)
}

// Confirm checks that the bundle lies under the digest of each of its subjects, as far as this store has looked at those; it requests nothing.
// See attest.Confirmer.
func (s *Store) Confirm(ctx context.Context, e attest.Evidence) error {
	for _, d := range places(e.Statement()) {
		v, ok := s.direct.get(d)
		if !ok {
			if _, covered := s.coverage(d); !covered {
				continue
			}
			var err error
			if v, err = s.view(ctx, d); err != nil {
				return s.failed("confirming evidence "+e.ID().Short(), err)
			}
		}
		if !v.has[e.BundleID()] {
			return &attest.Reject{Code: attest.CodeIncomplete,
				Detail: fmt.Sprintf("evidence %s is not stored as it was signed: its bundle %s is not under %s in %s", e.ID().Short(), e.BundleID().Short(), d, s.repo.Name())}
		}
	}
	return nil
}

// Manifest gives a manifest by tag or digest. A digest is answered from the evidence list where that has it. Unless it is covered by a list, or
// part of an index that was answered before, its evidence begins to be read beside, as long as ctx lives: whoever asks for a manifest by name is
// about to ask for that.
func (s *Store) Manifest(ctx context.Context, ref string) (registry.Manifest, error) {
	if !strings.Contains(ref, ":") { // a tag
		m, err := s.repo.Manifest(ctx, ref)
		if err != nil {
			return m, err
		}
		s.know(m)
		s.answered(m)
		s.prefetch(ctx, m.Digest)
		return m, nil
	}
	d, err := attest.ParseDigest(ref)
	if err != nil {
		return registry.Manifest{}, err
	}
	m, known := s.known(d)
	if !known {
		if err := s.settle(ctx); err != nil {
			return m, err
		}
		if s.prefetch(ctx, d) {
			if _, err := s.beside(ctx, d, s.tagsOf(ctx, false)); err != nil && ctx.Err() != nil {
				return m, err // any other trouble is told by List
			}
		}
		if m, err = s.manifest(ctx, d); err != nil {
			return m, err
		}
	}
	s.answered(m)
	return m, nil
}

// answered remembers the children of an index: their evidence is read when it is asked for.
func (s *Store) answered(m registry.Manifest) {
	var w struct {
		Manifests []registry.Descriptor `json:"manifests"`
	}
	if attest.DecodeJSON(m.Raw, &w) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, child := range w.Manifests {
		s.kids[child.Digest] = true
	}
}

// prefetch begins to read the evidence about a digest. False: there is no reason to.
func (s *Store) prefetch(ctx context.Context, d attest.Digest) bool {
	s.mu.Lock()
	child := s.kids[d]
	s.mu.Unlock()
	if _, covered := s.coverage(d); covered || child {
		return false
	}
	go func() { _, _ = s.own(ctx, d, s.tagsOf(ctx, false)) }() // the listing beside the list; List meets the same error again
	return true
}

// Blob writes content of the repository to w. See registry.Repository.Blob.
func (s *Store) Blob(ctx context.Context, d registry.Descriptor, w io.Writer) error {
	return s.repo.Blob(ctx, d, w)
}
