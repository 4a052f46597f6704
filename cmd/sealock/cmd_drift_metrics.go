// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/sealock-dev/sealock/gate/drift"
	"github.com/sealock-dev/sealock/gate/prometheus"
)

// The counters of a watch.
const (
	runsTotal       = "sealock_drift_runs_total"
	remediesTotal   = "sealock_drift_remediations_total"
	changesTotal    = "sealock_drift_changes_total"
	runDuration     = "sealock_drift_run_duration_seconds"
	metricsPath     = "/metrics"
	metricsShutdown = 5 * time.Second
)

// driftMetrics counts what a watch does, and knows its last comparison.
type driftMetrics struct {
	*prometheus.Set
	mu   sync.Mutex
	last drift.Report
	at   time.Time
}

func newDriftMetrics() *driftMetrics {
	return &driftMetrics{Set: prometheus.New([]prometheus.Family{
		{Name: runsTotal, Help: "Comparisons, by result: ok, or failed where nothing could be found out."},
		{Name: changesTotal, Help: "Changes of status that were told, by what it is now."},
		{Name: remediesTotal, Help: "What was done about drift, by action and result."},
	}, []prometheus.Family{{Name: runDuration, Help: "How long comparisons took."}})}
}

// ran notes a comparison.
func (m *driftMetrics) ran(r drift.Report, err error, at time.Time, took time.Duration) {
	m.Observe(runDuration, took)
	if err != nil {
		m.Count(runsTotal, "result", "failed")
		return
	}
	m.Count(runsTotal, "result", "ok")
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last, m.at = r, at
}

func (m *driftMetrics) changed(changes []drift.Change) {
	for _, c := range changes {
		m.Count(changesTotal, "status", string(c.Is))
	}
}

func (m *driftMetrics) remedied(action string, ok bool) {
	result := "failed"
	if ok {
		result = "ok"
	}
	m.Count(remediesTotal, "action", action, "result", result)
}

// gauges are what the last comparison that came to an end found.
func (m *driftMetrics) gauges() []prometheus.Gauge {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.at.IsZero() {
		return nil
	}
	var out []prometheus.Gauge
	for _, s := range drift.Statuses() {
		out = append(out, prometheus.Gauge{Family: prometheus.Family{Name: "sealock_drift_items", Help: "Images by where they run, and objects, by status."}, Labels: []string{"status", string(s)}, Value: float64(m.last.Summary[s])})
	}
	one := func(name, help string, v float64) {
		out = append(out, prometheus.Gauge{Family: prometheus.Family{Name: name, Help: help}, Value: v})
	}
	one("sealock_drift_excluded", "Namespaces and the like that were not looked at.", float64(len(m.last.Excluded)))
	one("sealock_drift_judged", "Different images that were judged.", float64(m.last.Judged))
	one("sealock_drift_last_success_timestamp_seconds", "When the last comparison that came to an end did so. Alert if it is long ago.", float64(m.at.Unix()))
	one("sealock_policy_version", "Version of the policy that judged.", float64(m.last.Policy.Version))
	return out
}

// serve answers on an address until the context ends.
func (m *driftMetrics) serve(ctx context.Context, address string, say func(string, ...any)) (wait func(), err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, usagef("listening on %s for metrics: %w", address, err)
	}
	mux := http.NewServeMux()
	mux.Handle(metricsPath, m.Handler(m.gauges))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	web := &http.Server{Handler: mux, ReadHeaderTimeout: headerTime, ReadTimeout: requestTime, WriteTimeout: requestTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHeaderBytes}
	var group sync.WaitGroup
	group.Go(func() {
		if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			say("metrics are not served any more: %v", err)
		}
	})
	group.Go(func() {
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), metricsShutdown)
		defer cancel()
		_ = web.Shutdown(end) // nobody waits for metrics of a program that ends
	})
	say("metrics on http://%s%s", listener.Addr(), metricsPath)
	return group.Wait, nil
}
