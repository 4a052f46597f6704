// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sealock-dev/sealock/gate/drift"
)

// How a watch reacts.
const (
	settleTime = 500 * time.Millisecond // after a change: others come with it
	pollEvery  = 2 * time.Second        // for files that changed
	maxPolled  = 100000                 // files that are looked at
)

// watchDrift compares again and again, and prints what changed. It ends when the program is told to; that is no failure.
func (o *driftOptions) watchDrift(ctx context.Context) error {
	if len(o.output) > 1 || len(o.output) == 1 && o.output[0] != "text" && o.output[0] != "json" {
		return usagef("--watch prints text or json on standard output, found -o %s", strings.Join(o.output, " -o "))
	}
	watched, err := o.watchedFiles(ctx)
	if err != nil {
		return err
	}
	wake := make(chan struct{}, 1)
	notify := func() {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
	var group sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	defer group.Wait()
	defer cancel()
	if o.images == "" {
		c, err := o.cluster()
		if err != nil {
			return err
		}
		group.Go(func() { c.Watch(ctx, notify) })
	}
	counted := newDriftMetrics()
	if o.metrics != "" {
		wait, err := counted.serve(ctx, o.metrics, o.say)
		if err != nil {
			return err
		}
		group.Go(wait)
	}
	before := fingerprint(watched) // ahead of the first comparison, so that no change falls in between
	group.Go(func() { pollFiles(ctx, watched, before, notify) })
	var current atomic.Pointer[marks]
	group.Go(func() { pollMarks(ctx, &current, marksEvery, notify) })
	return o.follow(ctx, wake, func(p driftPass) { current.Store(p.marks) }, counted)
}

// follow is the loop: at once, after each change, and on schedule.
func (o *driftOptions) follow(ctx context.Context, wake <-chan struct{}, compared func(driftPass), counted *driftMetrics) error {
	tick := time.NewTicker(o.every)
	defer tick.Stop()
	var before drift.Report
	touched := &remedies{touched: map[string]time.Time{}}
	for first := true; ; first = false {
		start := o.now()
		p, err := o.pass(ctx)
		if ctx.Err() == nil {
			counted.ran(p.report, err, o.now(), o.now().Sub(start))
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && first:
			return err
		case err != nil: // what was said last may not hold any more, and that is said
			o.say("not compared, so nothing is known since %s: %v", before.At, err)
		default:
			changes := drift.Changes(before, p.report)
			counted.changed(changes)
			if err := o.printChanges(changes); err != nil {
				return err
			}
			before = p.report
			compared(p)
			o.remedy(ctx, p, touched, counted.remedied)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-wake:
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(settleTime):
			}
		}
	}
}

// pass is one comparison, bounded by --timeout.
func (o *driftOptions) pass(ctx context.Context) (driftPass, error) {
	if o.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.timeout)
		defer cancel()
	}
	return o.compare(ctx)
}

func (o *driftOptions) printChanges(changes []drift.Change) error {
	return o.eachOutput(func(w io.Writer, format string) error { return drift.WriteChanges(w, format, changes) })
}

// watchedFiles are the files and folders on which the answers rest, as far as they are local: the list, the policy, the evidence, the vulnerability data.
func (o *driftOptions) watchedFiles(ctx context.Context) ([]string, error) {
	a, err := o.open(ctx, false, false)
	if err != nil {
		return nil, err
	}
	out := []string{}
	if uri := a.gate.Policy.URI; uri != "" && !strings.Contains(uri, "://") {
		out = append(out, a.path(uri))
	}
	if a.storeDir != "" {
		out = append(out, a.storeDir)
	}
	if o.images != "" {
		out = append(out, o.path(o.images))
	}
	if file := o.manifests.file(); file != "" {
		out = append(out, o.path(file))
	}
	if data, err := o.dataPlace(); err == nil && data.folder != "" {
		out = append(out, data.folder)
	}
	return out, nil
}

// pollFiles tells when one of the files, or anything in one of the folders, is another than before.
func pollFiles(ctx context.Context, paths []string, before string, changed func()) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if now := fingerprint(paths); now != before {
			before = now
			changed()
		}
	}
}

// fingerprint is over names, sizes and times. What can't be read has one of its own.
func fingerprint(paths []string) string {
	h, n := sha256.New(), 0
	for _, root := range paths {
		err := filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
			if n++; n > maxPolled {
				return errors.New("too many files")
			}
			if err != nil {
				fmt.Fprintf(h, "%s\x00%v\n", name, err)
				return nil
			}
			if info, err := e.Info(); err == nil {
				fmt.Fprintf(h, "%s\x00%d\x00%d\n", name, info.Size(), info.ModTime().UnixNano())
			}
			return nil
		})
		fmt.Fprintf(h, "%s\x00%v\n", root, err)
	}
	return string(h.Sum(nil))
}
