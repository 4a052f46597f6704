// SPDX-License-Identifier: Apache-2.0

// Package prometheus counts what a server does and writes it in Prometheus' text format.
//
// Use: New with the families that there are, Count and Observe while working, and Handler, or Write, to show it. What is read only when metrics are is a Gauge.
//
// Guarantees: a family has at most MaxSeries series, whatever its labels hold; the output is in a stable order. All of it is safe for concurrent use.
//
// Limits: counters, gauges and histograms of seconds over fixed buckets; labels are written in the order in which they are given.
package prometheus

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Type is the media type of the text format
// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
const Type = "text/plain; version=0.0.4; charset=utf-8"

// MaxSeries bounds the series of one metric. Labels have values from fixed sets, or from the policy; what is past the bound counts as "other".
const MaxSeries = 300

// buckets of the histograms, in seconds.
var buckets = [...]float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

// Family is one metric.
type Family struct{ Name, Help string }

// Gauge is one value that is read when metrics are. Labels are name, value, name, value. Gauges of one name stand together.
type Gauge struct {
	Family
	Labels []string
	Value  float64
}

// Set holds what is counted.
type Set struct {
	counters, durations []Family

	mu      sync.Mutex
	counts  map[string]map[string]uint64     // metric → labels as they are written → count
	buckets map[string]map[string]*histogram // the same of durations
}

type histogram struct {
	counts [len(buckets) + 1]uint64
	sum    float64
}

// New makes a set of counters, and of histograms over seconds.
func New(counters, durations []Family) *Set {
	s := &Set{counters: counters, durations: durations, counts: map[string]map[string]uint64{}, buckets: map[string]map[string]*histogram{}}
	for _, f := range counters {
		s.counts[f.Name] = map[string]uint64{}
	}
	for _, f := range durations {
		s.buckets[f.Name] = map[string]*histogram{}
	}
	return s
}

// Zero shows counters without labels from the start, so that their first increase is seen.
func (s *Set) Zero(names ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		s.counts[name][""] += 0
	}
}

// Count adds one. Labels come as name, value, name, value.
func (s *Set) Count(name string, labels ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	series := s.counts[name]
	series[bounded(series, labels)]++
}

// Observe notes how long something took.
func (s *Set) Observe(name string, took time.Duration, labels ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	series := s.buckets[name]
	key := bounded(series, labels)
	h := series[key]
	if h == nil {
		h = &histogram{}
		series[key] = h
	}
	seconds := took.Seconds()
	i, _ := slices.BinarySearch(buckets[:], seconds)
	h.counts[i]++
	h.sum += seconds
}

// bounded is the key of a series: that of the labels, or of "other" where there are too many.
func bounded[V any](series map[string]V, labels []string) string {
	key := written(labels)
	if _, ok := series[key]; ok || len(series) < MaxSeries {
		return key
	}
	labels = slices.Clone(labels)
	for i := 1; i < len(labels); i += 2 {
		labels[i] = "other"
	}
	return written(labels)
}

// written is labels as they stand between braces.
func written(labels []string) string {
	b := make([]byte, 0, 96)
	for i := 0; i+1 < len(labels); i += 2 {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, labels[i]...), '='), quote(labels[i+1])...)
	}
	return string(b)
}

// quote writes a label's value.
func quote(s string) string {
	if strings.ContainsAny(s, "\\\n\"") {
		s = strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), "\n", `\n`), `"`, `\"`)
	}
	return `"` + s + `"`
}

// braced is a series' labels behind its name, nothing where there are none.
func braced(labels ...string) string {
	all := strings.Join(slices.DeleteFunc(labels, func(s string) bool { return s == "" }), ",")
	if all == "" {
		return ""
	}
	return "{" + all + "}"
}

// Write writes everything in Prometheus' text format.
func (s *Set) Write(w io.Writer, gauges []Gauge) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.counters {
		head(w, f, "counter")
		for _, key := range slices.Sorted(maps.Keys(s.counts[f.Name])) {
			fmt.Fprintf(w, "%s%s %d\n", f.Name, braced(key), s.counts[f.Name][key])
		}
	}
	for _, f := range s.durations {
		head(w, f, "histogram")
		for _, key := range slices.Sorted(maps.Keys(s.buckets[f.Name])) {
			s.buckets[f.Name][key].write(w, f.Name, key)
		}
	}
	last := ""
	for _, g := range gauges {
		if last != g.Name {
			head(w, g.Family, "gauge")
		}
		last = g.Name
		fmt.Fprintf(w, "%s%s %s\n", g.Name, braced(written(g.Labels)), number(g.Value))
	}
}

func (h *histogram) write(w io.Writer, name, key string) {
	total := uint64(0)
	for i, n := range h.counts {
		le := "+Inf"
		if i < len(buckets) {
			le = number(buckets[i])
		}
		total += n
		fmt.Fprintf(w, "%s_bucket%s %d\n", name, braced(key, "le="+quote(le)), total)
	}
	fmt.Fprintf(w, "%s_sum%s %s\n%s_count%s %d\n", name, braced(key), number(h.sum), name, braced(key), total)
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

func head(w io.Writer, f Family, kind string) {
	fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", f.Name, f.Help, f.Name, kind)
}

// Handler shows the set, and the gauges as they are then.
func (s *Set) Handler(gauges func() []Gauge) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "expected GET", http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Content-Type", Type)
		s.Write(w, gauges())
	})
}
