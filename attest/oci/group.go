// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/errgroup"
)

// group runs a function once for each key, whoever asks and however many at a time, and remembers what it gave. A failure is not
// remembered: the next who asks tries again.
type group[K comparable, V any] struct {
	mu    sync.Mutex
	calls map[K]*call[V]
}

type call[V any] struct {
	done  chan struct{}
	value V
	err   error
}

func (c *call[V]) finished() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// wait gives the value of a call that somebody else makes. It is to be made again if that was interrupted, and whoever waits was not.
func (c *call[V]) wait(ctx context.Context) (value V, again bool, err error) {
	select {
	case <-c.done:
	case <-ctx.Done():
		return value, false, ctx.Err()
	}
	return c.value, interrupted(c.err) && ctx.Err() == nil, c.err
}

// do gives the value of the key. Who waits for another's call that was interrupted runs it again, unless interrupted as well.
func (g *group[K, V]) do(ctx context.Context, key K, fn func() (V, error)) (V, error) {
	for {
		g.mu.Lock()
		c, there := g.calls[key]
		if !there {
			c = &call[V]{done: make(chan struct{})}
			if g.calls == nil {
				g.calls = map[K]*call[V]{}
			}
			g.calls[key] = c
			g.mu.Unlock()
			g.run(key, c, fn)
			return c.value, c.err
		}
		g.mu.Unlock()
		if v, again, err := c.wait(ctx); !again {
			return v, err
		}
	}
}

func (g *group[K, V]) run(key K, c *call[V], fn func() (V, error)) {
	c.value, c.err = fn()
	if c.err != nil {
		g.mu.Lock()
		if g.calls[key] == c {
			delete(g.calls, key)
		}
		g.mu.Unlock()
	}
	close(c.done)
}

// get gives a value that is there already.
func (g *group[K, V]) get(key K) (V, bool) {
	g.mu.Lock()
	c := g.calls[key]
	g.mu.Unlock()
	var none V
	if c == nil || !c.finished() {
		return none, false
	}
	return c.value, c.err == nil
}

// set replaces the value of a key. Values are never changed in place, so whoever holds the old one may go on with it.
func (g *group[K, V]) set(key K, fn func(old V, there bool) V) {
	done := make(chan struct{})
	close(done)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.calls == nil {
		g.calls = map[K]*call[V]{}
	}
	var old V
	there := false
	if c := g.calls[key]; c != nil && c.finished() {
		old, there = c.value, c.err == nil
	}
	g.calls[key] = &call[V]{done: done, value: fn(old, there)}
}

// running gives the calls that are under way.
func (g *group[K, V]) running() []*call[V] {
	g.mu.Lock()
	defer g.mu.Unlock()
	var out []*call[V]
	for _, c := range g.calls {
		if !c.finished() {
			out = append(out, c)
		}
	}
	return out
}

func interrupted(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// latest shares one value among all who ask for it at about the same time: nobody gets one that was begun before they asked.
type latest[V any] struct {
	mu            sync.Mutex
	running, next *call[V]
}

// do gives a value that fn began to make after do was called. Who waits for another's call that was interrupted runs it again, unless interrupted as well.
func (l *latest[V]) do(ctx context.Context, fn func() (V, error)) (V, error) {
	for {
		l.mu.Lock()
		c, before := l.next, l.running
		if c == nil {
			c = &call[V]{done: make(chan struct{})}
			l.next = c
			l.mu.Unlock()
			l.run(ctx, c, before, fn)
			return c.value, c.err
		}
		l.mu.Unlock()
		if v, again, err := c.wait(ctx); !again {
			return v, err
		}
	}
}

// run waits for the call before, so that others can join this one meanwhile.
func (l *latest[V]) run(ctx context.Context, c, before *call[V], fn func() (V, error)) {
	if before != nil {
		select {
		case <-before.done:
		case <-ctx.Done():
			c.err = ctx.Err()
		}
	}
	l.mu.Lock()
	l.next, l.running = nil, c
	l.mu.Unlock()
	if c.err == nil {
		c.value, c.err = fn()
	}
	close(c.done)
}

// atOnce is how many things are fetched side by side.
const atOnce = 8

// each calls fn for every item, some at a time, and gives the first error, which stops the rest.
func each[T any](ctx context.Context, items []T, fn func(ctx context.Context, item T) error) error {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, item := range items {
		if inner.Err() != nil {
			break
		}
		group.Go(func() error { return fn(inner, item) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// fetched calls fn for every item, some at a time, and gives the results in the order of the items: after an error as far as there are any.
func fetched[T, V any](ctx context.Context, items []T, fn func(ctx context.Context, item T) (V, error)) ([]V, error) {
	out, at := make([]V, len(items)), make([]int, len(items))
	for i := range at {
		at[i] = i
	}
	err := each(ctx, at, func(ctx context.Context, i int) (err error) {
		out[i], err = fn(ctx, items[i])
		return err
	})
	return out, err
}

// both runs some functions side by side and gives the first error, which stops the rest.
func both(ctx context.Context, fns ...func(ctx context.Context) error) error {
	return each(ctx, fns, func(ctx context.Context, fn func(context.Context) error) error { return fn(ctx) })
}
