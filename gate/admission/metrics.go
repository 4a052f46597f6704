// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"strconv"
	"time"

	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/prometheus"
)

// metrics counts what the server does.
type metrics struct{ *prometheus.Set }

const latency = "sealock_admission_review_duration_seconds"

func newMetrics() *metrics {
	m := &metrics{prometheus.New([]prometheus.Family{
		{Name: "sealock_admission_reviews_total", Help: "Reviews answered, by verdict on the object, mode of the namespace and operation."},
		{Name: "sealock_admission_images_total", Help: "Images judged, by verdict and first reason code."},
		{Name: "sealock_admission_cache_total", Help: "How verdicts on images came about: hit (kept), shared (somebody else was asking), miss (looked up), static (no request needed)."},
		{Name: "sealock_admission_registry_errors_total", Help: "Failures of registries, by reason code."},
		{Name: "sealock_admission_overload_total", Help: "Reviews turned away because too many were in progress."},
		{Name: "sealock_admission_faults_total", Help: "Reviews refused because of a fault in sealock."},
		{Name: "sealock_admission_malformed_total", Help: "Requests that held no review that can be answered."},
		{Name: "sealock_admission_break_glass_total", Help: "Images let in against a refusal by a signed statement, by environment. Alert on it."},
		{Name: "sealock_admission_pull_secret_errors_total", Help: "Pull secrets and service accounts that could not be read."},
		{Name: "sealock_policy_reloads_total", Help: "Attempts to load the policy, by result."},
		{Name: "sealock_admission_unrecorded_total", Help: "Refusals without evidence that the ledger does not have: too many at once, or it could not be written."},
		{Name: "sealock_trace_spans_dropped_total", Help: "Spans of traces that were lost: the queue was full, or the collector did not take them."},
	}, []prometheus.Family{{Name: latency, Help: "How long answers took, apart for those that needed no request to a registry."}})}
	m.Zero("sealock_admission_overload_total", "sealock_admission_faults_total", "sealock_admission_malformed_total", "sealock_admission_pull_secret_errors_total", "sealock_admission_unrecorded_total", "sealock_trace_spans_dropped_total")
	return m
}

func (m *metrics) cache(result string) { m.Count("sealock_admission_cache_total", "result", result) }

func (m *metrics) registry(code string) {
	m.Count("sealock_admission_registry_errors_total", "code", code)
}

func (m *metrics) reload(ok bool) {
	result := "failed"
	if ok {
		result = "ok"
	}
	m.Count("sealock_policy_reloads_total", "result", result)
}

func (m *metrics) image(o outcome) {
	code := ""
	if len(o.reasons) > 0 && o.verdict != gate.Allowed {
		code = o.reasons[0].Code
	}
	m.Count("sealock_admission_images_total", "verdict", o.verdict.String(), "code", code)
}

// observe notes how long a review took, apart for those that needed no request.
func (m *metrics) observe(cached bool, took time.Duration) {
	m.Observe(latency, took, "cached", strconv.FormatBool(cached))
}

// gauge is one value without labels.
func gauge(name, help string, value float64) prometheus.Gauge {
	return prometheus.Gauge{Family: prometheus.Family{Name: name, Help: help}, Value: value}
}
