// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/sealock-dev/sealock/gate/audit"
	"github.com/sealock-dev/sealock/gate/drift/cluster"
)

// How fast drift is put right: a policy that refuses everything by mistake must not empty a cluster.
const (
	remedyPeriod = 10 * time.Minute // in which at most --remediate-limit objects are touched, and none of them twice
	remedyPause  = time.Second      // between two
)

// remedyFlags say what is done about drift.
type remedyFlags struct {
	action string
	yes    bool
	limit  int
}

func (r *remedyFlags) register(f *pflag.FlagSet) {
	f.StringVar(&r.action, "remediate", "", "what to do about images that the policy refuses, or that the spec does not name: restart, scale-to-zero or evict; without --yes it only says to what")
	f.BoolVar(&r.yes, "yes", false, "with --remediate: do it")
	f.IntVar(&r.limit, "remediate-limit", 3, "with --remediate: touch at most this many workloads, or pods, in ten minutes")
}

func (r *remedyFlags) check(list bool) error {
	switch {
	case r.action == "" && (r.yes || r.limit != 3):
		return usagef("--yes and --remediate-limit say more about --remediate, which is missing")
	case r.action == "":
		return nil
	case list:
		return usagef("--remediate: --images names a list, and there is nothing to put right in it")
	case !slices.Contains(cluster.Actions(), cluster.Action(r.action)):
		return usagef("--remediate %s: expected restart, scale-to-zero or evict", r.action)
	case r.limit < 1:
		return usagef("--remediate-limit %d: expected 1 or more", r.limit)
	}
	return nil
}

// remedies remembers what was touched, by uid, and when; and what was said the last time.
type remedies struct {
	touched map[string]time.Time
	said    map[string]bool
}

// recent counts what was touched lately, and forgets the rest.
func (r *remedies) recent(now time.Time) int {
	for uid, at := range r.touched {
		if now.Sub(at) >= remedyPeriod {
			delete(r.touched, uid)
		}
	}
	return len(r.touched)
}

// remedy says what would put an end to the drift of a pass, and does it if that is asked for. What fails is said, and changes no verdict.
func (o *driftOptions) remedy(ctx context.Context, p driftPass, r *remedies, told func(action string, ok bool)) {
	if o.remedies.action == "" || p.cluster == nil {
		return
	}
	left, acted, said := 0, false, map[string]bool{}
	say := func(text string) { // once, for as long as it holds
		if said[text] = true; !r.said[text] {
			o.say("%s", text)
		}
	}
	if !o.now().Before(p.app.gate.Policy.Expires) { // it refuses everything, since somebody forgot to look at it again
		say("nothing is put right by a policy that has expired")
		r.said = said
		return
	}
	for _, s := range cluster.Plan(p.report, p.listing, cluster.Action(o.remedies.action)) {
		what := fmt.Sprintf("%s %s/%s: %s", s.Action, s.Namespace, s.Target, strings.Join(s.Why, "; "))
		switch lately := r.recent(o.now()); {
		case s.Cannot != "":
			say(fmt.Sprintf("not put right: %s/%s: %s", s.Namespace, s.Target, s.Cannot))
			continue
		case !o.remedies.yes:
			say("would " + what + "\nhint: --yes does it")
			continue
		case !r.touched[s.UID].IsZero():
			continue
		case lately >= o.remedies.limit:
			left++
			continue
		}
		if acted && !pause(ctx, remedyPause) {
			return
		}
		acted, r.touched[s.UID] = true, o.now()
		err := o.put(ctx, p, s)
		told(string(s.Action), err == nil)
		if err != nil {
			o.say("not put right: %v", err)
			continue
		}
		o.say("did %s", what)
	}
	if left > 0 {
		say(fmt.Sprintf("%d more are left as they are: --remediate-limit is %d in %s", left, o.remedies.limit, remedyPeriod))
	}
	r.said = said
}

// put does one step, which is on the record before.
func (o *driftOptions) put(ctx context.Context, p driftPass, s cluster.Step) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r, ok := p.app.gate.Recorder.(*recorder); ok {
		for _, id := range s.Decisions {
			if err := r.remediation(context.WithoutCancel(ctx), p.judge.decision(id), audit.Remedied{Action: string(s.Action), Target: s.Namespace + "/" + s.Target}); err != nil {
				return fmt.Errorf("recording that %s/%s is to be put right: %w", s.Namespace, s.Target, err)
			}
		}
	}
	return p.cluster.Do(ctx, s, o.now())
}

// pause waits, and reports whether there is still something to wait for.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
