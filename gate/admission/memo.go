// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"
)

// errFault is what those get who waited for work that panicked, errFull what those get who find too much of it under way.
var (
	errFault = errors.New("a fault in sealock")
	errFull  = errors.New("too much is under way")
)

// memo keeps a bounded number of values, each for its own time, and works out each of them once however many ask at the same time.
type memo[K comparable, V any] struct {
	most    int // values kept; the one that was not asked for the longest goes first
	pending int // works under way
	now     func() time.Time
	fault   func(what any) // told of work that panicked

	mu    sync.Mutex
	kept  map[K]*list.Element
	order list.List // of *entry, the newest in front
	calls map[K]*call[V]
}

type entry[K comparable, V any] struct {
	key     K
	value   V
	expires time.Time
}

// call is one piece of work that somebody waits for.
type call[V any] struct {
	done  chan struct{}
	value V
	err   error
}

func newMemo[K comparable, V any](most, pending int, now func() time.Time, fault func(any)) *memo[K, V] {
	return &memo[K, V]{most: most, pending: pending, now: now, fault: fault, kept: map[K]*list.Element{}, calls: map[K]*call[V]{}}
}

// get gives a value that is kept.
func (m *memo[K, V]) get(k K) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.lookup(k)
}

func (m *memo[K, V]) lookup(k K) (V, bool) {
	e, ok := m.kept[k]
	if !ok {
		var zero V
		return zero, false
	}
	v := e.Value.(*entry[K, V])
	if !m.now().Before(v.expires) {
		m.order.Remove(e)
		delete(m.kept, k)
		var zero V
		return zero, false
	}
	m.order.MoveToFront(e)
	return v.value, true
}

// do gives the value for a key: the kept one, that of work under way, or what work makes. Work goes on after ctx has ended, for those who ask later; a
// value is kept as long as work says. shared reports that somebody else had begun it.
func (m *memo[K, V]) do(ctx context.Context, k K, work func() (V, time.Duration)) (value V, shared bool, err error) {
	m.mu.Lock()
	if v, ok := m.lookup(k); ok {
		m.mu.Unlock()
		return v, true, nil
	}
	c, shared := m.calls[k]
	if !shared {
		if len(m.calls) >= m.pending {
			m.mu.Unlock()
			return value, false, errFull
		}
		c = &call[V]{done: make(chan struct{}), err: errFault}
		m.calls[k] = c
		go m.run(k, c, work)
	}
	m.mu.Unlock()
	select {
	case <-c.done:
		return c.value, shared, c.err
	case <-ctx.Done():
		return value, shared, ctx.Err()
	}
}

func (m *memo[K, V]) run(k K, c *call[V], work func() (V, time.Duration)) {
	var life time.Duration
	defer func() {
		if what := recover(); what != nil {
			life = 0
			m.fault(what)
		}
		m.mu.Lock()
		delete(m.calls, k)
		if life > 0 {
			m.put(k, c.value, life)
		}
		m.mu.Unlock()
		close(c.done)
	}()
	c.value, life = work()
	c.err = nil
}

// keep notes a value that needed no work.
func (m *memo[K, V]) keep(k K, v V, life time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(k, v, life)
}

func (m *memo[K, V]) put(k K, v V, life time.Duration) {
	if old, ok := m.kept[k]; ok {
		m.order.Remove(old)
	}
	m.kept[k] = m.order.PushFront(&entry[K, V]{k, v, m.now().Add(life)})
	for last := m.order.Back(); len(m.kept) > m.most || !m.now().Before(last.Value.(*entry[K, V]).expires); last = m.order.Back() {
		m.order.Remove(last)
		delete(m.kept, last.Value.(*entry[K, V]).key)
		if m.order.Len() == 0 {
			return
		}
	}
}

// size is how many values are kept and how many are being worked out.
func (m *memo[K, V]) size() (kept, pending int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.kept), len(m.calls)
}
