// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

// watch ends a request that stalls, or takes too long in all.
type watch struct {
	stall  time.Duration
	idle   *time.Timer
	total  *time.Timer
	cancel context.CancelCauseFunc
}

func newWatch(cancel context.CancelCauseFunc, stall, total time.Duration) *watch {
	w := &watch{stall: stall, cancel: cancel}
	w.idle = time.AfterFunc(stall, func() {
		cancel(fail(Timeout, "nothing came for %s", stall).hint("try again; the registry or the network stalls"))
	})
	w.total = time.AfterFunc(total, func() {
		cancel(fail(Timeout, "not done within %s", total).hint("try again; the registry or the network is slow"))
	})
	return w
}

func (w *watch) touch() { w.idle.Reset(w.stall) }

func (w *watch) stop() {
	w.idle.Stop()
	w.total.Stop()
	w.cancel(context.Canceled)
}

// sending is a request's body.
type sending struct {
	*bytes.Reader
	w *watch
}

func (s *sending) Read(p []byte) (int, error) {
	s.w.touch()
	return s.Reader.Read(p)
}

// body is an answer's body. It ends the request when it is ended.
type body struct {
	rest    io.Reader
	src     io.Closer
	watch   *watch
	ctx     context.Context
	n       int64
	once    sync.Once
	release func()
	trace   func(int64)
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.rest.Read(p)
	if n > 0 {
		b.n += int64(n)
		b.watch.touch()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = sortError(cause(b.ctx, err))
	}
	return n, err
}

func (b *body) end() {
	b.once.Do(func() {
		if b.src != nil {
			b.src.Close()
		}
		b.watch.stop()
		b.release()
		if b.trace != nil {
			b.trace(b.n)
		}
	})
}

// cause is why a request was ended, if it was us who ended it.
func cause(ctx context.Context, err error) error {
	var e *Error
	if errors.As(context.Cause(ctx), &e) {
		return e
	}
	return err
}
