// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// 10,000 reviews at once about 1,000 images, a tenth of which may run, while the registry takes its time. None is let in that may not be, each
// image is looked up once at a time, what is known is answered meanwhile, and memory stays bounded.
func TestR02_TenThousandAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	w := newWorld(t, func(o *Options) { o.Limits.Deadline = time.Minute; o.Limits.Verify = 10 * time.Minute })
	const images, reviews = 1000, 10000
	refs, good := make([]string, images), map[string]bool{}
	for n := range images {
		level := "none"
		if n%10 == 0 {
			level = "prod"
		}
		refs[n] = w.image(fmt.Sprint("image-", n), level).Ref()
		good[refs[n]] = level == "prod"
	}
	known := w.image("known", "prod").Ref()
	w.allowed(asks{object: pod(known)})
	w.asked.Store(0)
	w.slow.Store(int64(5 * time.Millisecond))
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var wrong, in, out, busy atomic.Int64
	var all sync.WaitGroup
	for n := range reviews {
		ref := refs[n%images]
		body := asks{object: pod(ref)}.body(t)
		all.Go(func() {
			status, raw := w.post(body)
			if status == http.StatusTooManyRequests {
				busy.Add(1)
				return
			}
			r := response(t, raw)
			switch {
			case r.Allowed && !good[ref]:
				wrong.Add(1)
			case r.Allowed:
				in.Add(1)
			case r.Status.Code == http.StatusTooManyRequests:
				busy.Add(1)
			default:
				out.Add(1)
			}
		})
	}
	start := time.Now()
	w.allowed(asks{object: pod(known)})
	took := time.Since(start)
	all.Wait()
	runtime.ReadMemStats(&during)
	t.Logf("%d let in, %d refused, %d turned away; the known image took %s; %d lookups, %d at once; %d MB more from the system", in.Load(), out.Load(), busy.Load(), took, w.asked.Load(), w.most.Load(), (during.Sys-before.Sys)>>20)
	if wrong.Load() > 0 {
		t.Errorf("%d let in that may not be", wrong.Load())
	}
	if in.Load()+out.Load() < 2048 {
		t.Errorf("only %d were answered", in.Load()+out.Load())
	}
	if w.asked.Load() > images && !raceEnabled { // on a slow machine time runs out for some, and they are looked up again
		t.Errorf("%d lookups of %d images", w.asked.Load(), images)
	}
	if w.most.Load() > int64(w.server.l.PerRegistry) {
		t.Errorf("%d lookups at once", w.most.Load())
	}
	if more := (during.Sys - before.Sys) >> 20; more > 600 && !raceEnabled {
		t.Errorf("%d MB more", more)
	}
	for ref, ok := range good { // and afterwards each is what it is
		if rand.IntN(20) == 0 {
			if r := w.ask(asks{object: pod(ref)}); r.Allowed != ok {
				t.Errorf("%s: %+v", ref, r)
			}
		}
	}
}

func TestVerdictsAreBounded(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Limits.Verdicts = 50 })
	for n := range 200 {
		w.denied(asks{object: pod(w.image(fmt.Sprint(n), "none").Ref())})
	}
	if kept, pending := w.server.verdicts.size(); kept != 50 || pending != 0 {
		t.Errorf("%d kept, %d pending", kept, pending)
	}
	before := w.asked.Load()
	w.denied(asks{object: pod(w.image("199", "none").Ref())})
	if w.asked.Load() != before {
		t.Error("the newest is gone")
	}
	w.denied(asks{object: pod(w.image("0", "none").Ref())})
	if w.asked.Load() != before+1 {
		t.Error("the oldest is still there")
	}
}

// One lookup however many ask at once.
func TestOneLookupForAll(t *testing.T) {
	w := newWorld(t)
	good := w.image("good", "prod").Ref()
	w.slow.Store(int64(50 * time.Millisecond))
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() { w.allowed(asks{object: pod(good)}) })
	}
	all.Wait()
	if n := w.asked.Load(); n != 1 {
		t.Errorf("%d lookups", n)
	}
}

func TestOverload(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		o.Limits.Waiting = 2
		o.Limits.Reviews = 4
		o.Limits.Deadline = 300 * time.Millisecond
	})
	known := w.image("known", "prod").Ref()
	w.allowed(asks{object: pod(known)})
	w.slow.Store(int64(time.Hour))
	var all sync.WaitGroup
	for n := range 2 {
		ref := w.image(fmt.Sprint("slow", n), "prod").Ref()
		all.Go(func() { w.denied(asks{object: pod(ref)}) })
	}
	for len(w.server.waiting) < 2 {
		time.Sleep(time.Millisecond)
	}
	r := w.denied(asks{object: pod(w.image("third", "prod").Ref())}, CodeOverload)
	if r.Status.Code != http.StatusTooManyRequests || r.Status.Details.RetryAfterSeconds != 1 {
		t.Errorf("%+v", r.Status)
	}
	w.allowed(asks{object: pod(known)})
	for range 4 {
		w.server.reviews <- struct{}{}
		if len(w.server.reviews) == 4 {
			break
		}
	}
	if status, _ := w.post(asks{object: pod(known)}.body(t)); status != http.StatusTooManyRequests {
		t.Errorf("status %d", status)
	}
	all.Wait()
}
