// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/sealock-dev/sealock/gate/report"
)

// watchEvery is how often a line of progress is drawn again.
const watchEvery = 200 * time.Millisecond

// watch shows on a terminal what is being done, and for how long, in one line that goes away when it is done. Elsewhere it is nil: lines that
// are printed when something is finished are enough there.
func (o *options) watch() func(what string) (done func()) {
	f, ok := o.stderr.(*os.File)
	if !ok || o.quiet || o.getenv("TERM") == "dumb" || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return func(what string) func() {
		start, stop := o.now(), make(chan struct{})
		var drawn sync.WaitGroup
		drawn.Go(func() {
			tick := time.NewTicker(watchEvery)
			defer tick.Stop()
			for {
				select {
				case <-stop:
					fmt.Fprint(f, "\r\x1b[K")
					return
				case <-tick.C:
					fmt.Fprintf(f, "\r\x1b[K  %s  %s", shorten(report.Clean(what), f), o.now().Sub(start).Truncate(time.Second))
				}
			}
		})
		return func() {
			close(stop)
			drawn.Wait()
		}
	}
}

// shorten cuts a text so that a line of progress does not wrap.
func shorten(s string, f *os.File) string {
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width < 20 {
		width = 80
	}
	r := []rune(s)
	if room := width - 12; len(r) > room {
		return string(r[:room-1]) + "…"
	}
	return s
}
