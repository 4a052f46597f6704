// SPDX-License-Identifier: Apache-2.0

package attesttest

import (
	"bytes"
	"context"
	"fmt"
	"sort"
	"sync"

	"github.com/sealock-dev/sealock/attest"
)

// Store keeps bundles in memory, as an honest attest.Store does. What a dishonest one could do has methods of its own.
type Store struct {
	mu      sync.Mutex
	entries map[attest.Digest]map[string]attest.Stored
	broken  error
	lists   int
}

// NewStore gives an empty store.
func NewStore() *Store { return &Store{entries: map[attest.Digest]map[string]attest.Stored{}} }

// List gives what lies under a digest, in order of name.
func (s *Store) List(ctx context.Context, subject attest.Digest) ([]attest.Stored, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lists++
	if s.broken != nil {
		return nil, s.broken
	}
	out := make([]attest.Stored, 0, len(s.entries[subject]))
	for _, e := range s.entries[subject] {
		out = append(out, e)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out, nil
}

// Put stores evidence under every digest of every subject.
func (s *Store) Put(ctx context.Context, e attest.Evidence) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	name := fileName(e)
	for _, d := range digests(e) {
		s.PutRaw(d, name, e.Bundle())
	}
	return nil
}

// Confirm reports whether every copy that Put made is still there and the same.
func (s *Store) Confirm(_ context.Context, e attest.Evidence) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := fileName(e)
	for _, d := range digests(e) {
		if have, ok := s.entries[d][d.String()+"/"+name]; !ok || !bytes.Equal(have.Bundle, e.Bundle()) {
			return &attest.Reject{Code: attest.CodeIncomplete, Detail: fmt.Sprintf("no copy, or another one, of %s under %s", e.ID().Short(), d.Short())}
		}
	}
	return nil
}

// PutRaw lays any bytes under a digest.
func (s *Store) PutRaw(subject attest.Digest, name string, bundle []byte) {
	s.put(subject, attest.Stored{Name: subject.String() + "/" + name, Bundle: bundle})
}

// PutUnreadable lays an entry under a digest that is there and no evidence.
func (s *Store) PutUnreadable(subject attest.Digest, name string, why error) {
	s.put(subject, attest.Stored{Name: subject.String() + "/" + name, Err: why})
}

func (s *Store) put(subject attest.Digest, e attest.Stored) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entries[subject] == nil {
		s.entries[subject] = map[string]attest.Stored{}
	}
	s.entries[subject][e.Name] = e
}

// Break makes every List fail from now on; nil mends it.
func (s *Store) Break(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = err
}

// Lists counts the calls of List.
func (s *Store) Lists() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lists
}

// DeleteUnder removes what lies under one digest only.
func (s *Store) DeleteUnder(subject attest.Digest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.entries, subject)
}

func fileName(e attest.Evidence) string {
	return fmt.Sprintf("%s.%s.sigstore.json", e.ID().Hex, e.BundleID().Hex[:16])
}

func digests(e attest.Evidence) []attest.Digest {
	var out []attest.Digest
	for _, s := range e.Statement().Subject {
		out = append(out, s.Digest.Digests()...)
	}
	return out
}
