// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sealock-dev/sealock/gate"
)

// metricsType is the text format of Prometheus
// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
const metricsType = "text/plain; version=0.0.4; charset=utf-8"

// maxSeries bounds the series of one metric. Labels have values from fixed sets, or from the policy; what is past the bound counts as "other".
const maxSeries = 300

// buckets of the latency histograms, in seconds.
var buckets = [...]float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}

// metrics counts what the server does.
type metrics struct {
	mu       sync.Mutex
	counters map[string]map[string]uint64 // metric → labels as they are written → count
	latency  map[string]*histogram        // by the label cached
}

type histogram struct {
	counts [len(buckets) + 1]uint64
	sum    float64
}

// family is one metric.
type family struct{ name, kind, help string }

var counterFamilies = []family{
	{"sealock_admission_reviews_total", "counter", "Reviews answered, by verdict on the object, mode of the namespace and operation."},
	{"sealock_admission_images_total", "counter", "Images judged, by verdict and first reason code."},
	{"sealock_admission_cache_total", "counter", "How verdicts on images came about: hit (kept), shared (somebody else was asking), miss (looked up), static (no request needed)."},
	{"sealock_admission_registry_errors_total", "counter", "Failures of registries, by reason code."},
	{"sealock_admission_overload_total", "counter", "Reviews turned away because too many were in progress."},
	{"sealock_admission_faults_total", "counter", "Reviews refused because of a fault in sealock."},
	{"sealock_admission_malformed_total", "counter", "Requests that held no review that can be answered."},
	{"sealock_admission_break_glass_total", "counter", "Images let in against a refusal by a signed statement, by environment. Alert on it."},
	{"sealock_policy_reloads_total", "counter", "Attempts to load the policy, by result."},
}

func newMetrics() *metrics {
	m := &metrics{counters: map[string]map[string]uint64{}, latency: map[string]*histogram{}}
	for _, f := range counterFamilies {
		m.counters[f.name] = map[string]uint64{}
	}
	for _, name := range []string{"sealock_admission_overload_total", "sealock_admission_faults_total", "sealock_admission_malformed_total"} {
		m.counters[name][""] = 0
	}
	return m
}

// count adds one. Labels come as name, value, name, value.
func (m *metrics) count(name string, labels ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	series := m.counters[name]
	key := written(labels)
	if _, ok := series[key]; !ok && len(series) >= maxSeries {
		for i := 1; i < len(labels); i += 2 {
			labels[i] = "other"
		}
		key = written(labels)
	}
	series[key]++
}

func written(labels []string) string {
	var parts []string
	for i := 0; i+1 < len(labels); i += 2 {
		parts = append(parts, labels[i]+"="+quote(labels[i+1]))
	}
	if len(parts) == 0 {
		return ""
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// quote writes a label's value.
func quote(s string) string {
	if strings.ContainsAny(s, "\\\n\"") {
		s = strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), "\n", `\n`), `"`, `\"`)
	}
	return `"` + s + `"`
}

func (m *metrics) cache(result string) { m.count("sealock_admission_cache_total", "result", result) }

func (m *metrics) registry(code string) {
	m.count("sealock_admission_registry_errors_total", "code", code)
}

func (m *metrics) reload(ok bool) {
	result := "failed"
	if ok {
		result = "ok"
	}
	m.count("sealock_policy_reloads_total", "result", result)
}

func (m *metrics) image(o outcome) {
	code := ""
	if len(o.reasons) > 0 && o.verdict != gate.Allowed {
		code = o.reasons[0].Code
	}
	m.count("sealock_admission_images_total", "verdict", o.verdict.String(), "code", code)
}

// observe notes how long a review took, apart for those that needed no request.
func (m *metrics) observe(cached bool, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := strconv.FormatBool(cached)
	h := m.latency[key]
	if h == nil {
		h = &histogram{}
		m.latency[key] = h
	}
	seconds := took.Seconds()
	i, _ := slices.BinarySearch(buckets[:], seconds)
	h.counts[i]++
	h.sum += seconds
}

// gauge is one value that is read when metrics are.
type gauge struct {
	name, help string
	value      float64
}

// write writes everything in Prometheus' text format.
func (m *metrics) write(w io.Writer, gauges []gauge) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range counterFamilies {
		head(w, f)
		for _, key := range slices.Sorted(maps.Keys(m.counters[f.name])) {
			fmt.Fprintf(w, "%s%s %d\n", f.name, key, m.counters[f.name][key])
		}
	}
	const name = "sealock_admission_review_duration_seconds"
	head(w, family{name, "histogram", "How long answers took, apart for those that needed no request to a registry."})
	for _, key := range slices.Sorted(maps.Keys(m.latency)) {
		h, total := m.latency[key], uint64(0)
		for i, le := range buckets {
			total += h.counts[i]
			fmt.Fprintf(w, "%s_bucket{cached=%q,le=\"%s\"} %d\n", name, key, strconv.FormatFloat(le, 'g', -1, 64), total)
		}
		total += h.counts[len(buckets)]
		fmt.Fprintf(w, "%s_bucket{cached=%q,le=\"+Inf\"} %d\n%s_sum{cached=%q} %s\n%s_count{cached=%q} %d\n", name, key, total, name, key, strconv.FormatFloat(h.sum, 'g', -1, 64), name, key, total)
	}
	for _, g := range gauges {
		head(w, family{g.name, "gauge", g.help})
		fmt.Fprintf(w, "%s %s\n", g.name, strconv.FormatFloat(g.value, 'g', -1, 64))
	}
}

func head(w io.Writer, f family) {
	fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", f.name, f.help, f.name, f.kind)
}
