// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// A watch is told when what a registry says of evidence or policy is another than before the last comparison, also if it could not be asked then.
func TestMarks(t *testing.T) {
	t.Parallel()
	var what atomic.Value
	what.Store("down")
	ask := func(context.Context) (attest.Digest, error) {
		if s := what.Load().(string); s != "down" {
			return attest.SHA256([]byte(s)), nil
		}
		return attest.Digest{}, errors.New("registry down")
	}
	m := &marks{by: map[string]*mark{}}
	m.note(t.Context(), "image", ask)
	m.note(t.Context(), "none", func(context.Context) (attest.Digest, error) { return attest.Digest{}, nil })
	var current atomic.Pointer[marks]
	current.Store(m)
	told := make(chan struct{}, 10)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { pollMarks(ctx, &current, time.Millisecond, func() { told <- struct{}{} }); close(ended) }()
	expect := func(state string, want bool) {
		t.Helper()
		what.Store(state)
		wait := time.Minute
		if !want {
			wait = 300 * time.Millisecond
		}
		select {
		case <-told:
			if !want {
				t.Errorf("%s: told", state)
			}
		case <-time.After(wait):
			if want {
				t.Errorf("%s: not told", state)
			}
		}
	}
	expect("down", false)
	expect("one", true)
	expect("one", false)
	expect("down", false)
	expect("one", false)
	expect("two", true)
	cancel()
	<-ended
}
