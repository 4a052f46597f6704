// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
)

// Who waits for a call that is interrupted makes it again; who is interrupted while waiting does not.
func TestGroupInterrupted(t *testing.T) {
	var g group[string, int]
	var calls atomic.Int64
	started, end := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	go func() {
		_, err := g.do(t.Context(), "k", func() (int, error) {
			calls.Add(1)
			close(started)
			<-end
			return 0, context.Canceled
		})
		first <- err
	}()
	<-started
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.do(gone, "k", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted while waiting: %v", err)
	}
	if len(g.running()) != 1 {
		t.Error("the call is not running")
	}
	second := make(chan int, 1)
	go func() {
		v, err := g.do(t.Context(), "k", func() (int, error) { calls.Add(1); return 7, nil })
		if err != nil {
			t.Error(err)
		}
		second <- v
	}()
	close(end)
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("first: %v", err)
	}
	if v := <-second; v != 7 || calls.Load() != 2 {
		t.Errorf("got %d after %d calls", v, calls.Load())
	}
	if v, ok := g.get("k"); !ok || v != 7 {
		t.Error("the value is not remembered")
	}
}

// A failure is told to all who wait, and not remembered.
func TestGroupFailure(t *testing.T) {
	var g group[string, int]
	trouble := errors.New("trouble")
	if _, err := g.do(t.Context(), "k", func() (int, error) { return 0, trouble }); !errors.Is(err, trouble) {
		t.Fatal(err)
	}
	if v, err := g.do(t.Context(), "k", func() (int, error) { return 1, nil }); err != nil || v != 1 {
		t.Fatal(v, err)
	}
	g.set("k", func(old int, there bool) int {
		if !there || old != 1 {
			t.Error("not there")
		}
		return 2
	})
	if v, ok := g.get("k"); !ok || v != 2 {
		t.Error(v, ok)
	}
}

// The first error stops the rest, and is the one that is told.
func TestEach(t *testing.T) {
	trouble := errors.New("trouble")
	var n atomic.Int64
	items := make([]int, 1000)
	err := each(t.Context(), items, func(ctx context.Context, _ int) error {
		if n.Add(1) == 5 {
			return trouble
		}
		return ctx.Err()
	})
	if !errors.Is(err, trouble) || n.Load() > 100 {
		t.Errorf("%v after %d", err, n.Load())
	}
	if err := each(t.Context(), nil, func(context.Context, int) error { return trouble }); err != nil {
		t.Error(err)
	}
}

// Nobody gets a value that was begun before they asked, and those who ask while one is made share the next.
func TestLatestIsShared(t *testing.T) {
	var l latest[int]
	var calls atomic.Int64
	started, end := make(chan struct{}), make(chan struct{})
	first := make(chan int, 1)
	go func() {
		v, _ := l.do(t.Context(), func() (int, error) {
			close(started)
			<-end
			return int(calls.Add(1)), nil
		})
		first <- v
	}()
	<-started
	const many = 5
	others := make(chan int, many)
	for range many {
		go func() {
			v, err := l.do(t.Context(), func() (int, error) { return int(calls.Add(1)), nil })
			if err != nil {
				t.Error(err)
			}
			others <- v
		}()
	}
	close(end)
	if v := <-first; v != 1 {
		t.Errorf("the first got %d", v)
	}
	for range many {
		if v := <-others; v < 2 {
			t.Error("somebody got a value that was begun before they asked")
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.do(gone, func() (int, error) { return 0, gone.Err() }); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	if v, err := l.do(t.Context(), func() (int, error) { return 9, nil }); v != 9 || err != nil {
		t.Errorf("after that: %d, %v", v, err)
	}
}
