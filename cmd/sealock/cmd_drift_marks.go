// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/oci"
	"github.com/sealock-dev/sealock/attest/subject"
)

// How a watch learns that something in a registry changed.
const (
	marksEvery   = 3 * time.Second        // between rounds
	marksBetween = 20 * time.Millisecond  // between requests: a few dozen a second, however many images run
	marksTimeout = 10 * time.Second       // of one request
	maxMarks     = 5000                   // what runs beyond that is seen on schedule
	unknownMark  = "it could not be read" // so that the first answer counts as a change
)

// marks are the digests of tags that change when an answer may: the evidence lists of images, and the policy's tag. Each is read before what it stands for is.
type marks struct {
	mu sync.Mutex
	by map[string]*mark
}

type mark struct {
	ask func(context.Context) (attest.Digest, error)
	was string
}

// read asks for a mark.
func (m *mark) read(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, marksTimeout)
	defer cancel()
	d, err := m.ask(ctx)
	return d.String(), err
}

// note reads a mark for the first time.
func (m *marks) note(ctx context.Context, key string, ask func(context.Context) (attest.Digest, error)) {
	m.mu.Lock()
	full := len(m.by) >= maxMarks || m.by[key] != nil
	m.mu.Unlock()
	if full {
		return
	}
	x := &mark{ask: ask, was: unknownMark}
	if now, err := x.read(ctx); err == nil {
		x.was = now
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.by[key] == nil { // the earliest counts
		m.by[key] = x
	}
}

// noteEvidence notes what there is about an image where its evidence lies.
func (m *marks) noteEvidence(ctx context.Context, a *app, ref string) {
	store, inRegistry := a.gate.Store.(*oci.Store)
	parsed, err := subject.Parse(ref)
	if m == nil || !inRegistry || err != nil || parsed.Digest.IsZero() {
		return
	}
	m.note(ctx, store.Name()+" "+parsed.Digest.String(), func(ctx context.Context) (attest.Digest, error) { return store.Mark(ctx, parsed.Digest) })
}

// notePolicy notes what the tag names from which the policy comes, if it is one.
func (m *marks) notePolicy(ctx context.Context, o *options) {
	parsed, err := subject.Parse(o.policy)
	if m == nil || err != nil || parsed.Scheme != subject.Registry || parsed.Tag == "" || !parsed.Digest.IsZero() {
		return
	}
	m.note(ctx, "policy", func(ctx context.Context) (attest.Digest, error) {
		r, err := o.repository(parsed.Path)
		if err != nil {
			return attest.Digest{}, err
		}
		d, err := r.Head(ctx, parsed.Tag)
		return d.Digest, err
	})
}

// changed reads the marks again, one after the other, until one is another than before; that one is noted. What can't be read is asked again the next time.
func (m *marks) changed(ctx context.Context, stale func() bool) bool {
	m.mu.Lock()
	keys := slices.Sorted(maps.Keys(m.by))
	m.mu.Unlock()
	for _, key := range keys {
		if stale() || !pause(ctx, marksBetween) {
			return false
		}
		m.mu.Lock()
		x := m.by[key]
		m.mu.Unlock()
		if now, err := x.read(ctx); err == nil && now != x.was {
			x.was = now
			return true
		}
	}
	return false
}

// pollMarks tells when a mark of the last comparison changes, until the context ends.
func pollMarks(ctx context.Context, current *atomic.Pointer[marks], every time.Duration, changed func()) {
	for pause(ctx, every) {
		m := current.Load()
		if m != nil && m.changed(ctx, func() bool { return current.Load() != m }) {
			changed()
		}
	}
}
