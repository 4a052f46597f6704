// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"sync"
	"time"
)

// hosts limits and suspends registries one by one, so that one that is slow or down does not hold up the others.
type hosts struct {
	atOnce   int           // images looked up at one host at the same time
	failures int           // in a row after which it is left alone
	rest     time.Duration // for so long
	now      func() time.Time

	mu  sync.Mutex
	all map[string]*hostState // of hosts that the policy or the configuration names, so there are not many
}

type hostState struct {
	slots  chan struct{}
	failed int
	until  time.Time // left alone until then
	trying bool      // one request is on its way to find out whether it answers again
}

// maxHosts bounds the table; past it, the states of all are forgotten, which costs no more than a few requests.
const maxHosts = 1024

func newHosts(atOnce, failures int, rest time.Duration, now func() time.Time) *hosts {
	return &hosts{atOnce: atOnce, failures: failures, rest: rest, now: now, all: map[string]*hostState{}}
}

func (h *hosts) state(host string) *hostState {
	s := h.all[host]
	if s == nil {
		if len(h.all) >= maxHosts {
			clear(h.all)
		}
		s = &hostState{slots: make(chan struct{}, h.atOnce)}
		h.all[host] = s
	}
	return s
}

// enter waits for a turn at a host. Not ok: the host is left alone for now. leave is called with whether the host answered.
func (h *hosts) enter(ctx context.Context, host string) (leave func(answered bool), ok bool, err error) {
	h.mu.Lock()
	s := h.state(host)
	suspended := s.failed >= h.failures && (h.now().Before(s.until) || s.trying)
	if !suspended && s.failed >= h.failures {
		s.trying = true
	}
	h.mu.Unlock()
	if suspended {
		return nil, false, nil
	}
	select {
	case s.slots <- struct{}{}:
	case <-ctx.Done():
		h.report(s, false)
		return nil, true, ctx.Err()
	}
	return func(answered bool) {
		<-s.slots
		h.report(s, answered)
	}, true, nil
}

func (h *hosts) report(s *hostState, answered bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.trying = false
	if answered {
		s.failed = 0
		return
	}
	if s.failed++; s.failed >= h.failures {
		s.until = h.now().Add(h.rest)
	}
}

// suspended counts the hosts that are left alone.
func (h *hosts) suspended() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, s := range h.all {
		if s.failed >= h.failures && h.now().Before(s.until) {
			n++
		}
	}
	return n
}
