// SPDX-License-Identifier: Apache-2.0

package prometheus

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestWrite(t *testing.T) {
	t.Parallel()
	s := New([]Family{{"a_total", "As."}, {"b_total", "Bs."}}, []Family{{"took_seconds", "Time."}})
	s.Zero("b_total")
	s.Count("a_total", "x", "1", "y", "2")
	s.Count("a_total", "x", "1", "y", "2")
	s.Count("a_total", "x", "\"\\\n", "y", "")
	s.Observe("took_seconds", 2*time.Millisecond, "kept", "true")
	s.Observe("took_seconds", time.Minute, "kept", "true")
	s.Observe("took_seconds", time.Second)
	var b strings.Builder
	s.Write(&b, []Gauge{{Family{"g", "G."}, nil, 1.5}, {Family{"h", "H."}, []string{"of", "a"}, 1}, {Family{"h", "H."}, []string{"of", "b"}, 2}})
	for _, want := range []string{
		"# HELP a_total As.\n# TYPE a_total counter\na_total{x=\"1\",y=\"2\"} 2\na_total{x=\"\\\"\\\\\\n\",y=\"\"} 1\n", "\nb_total 0\n",
		"# TYPE took_seconds histogram\n", "took_seconds_bucket{le=\"1\"} 1\n", "took_seconds_count 1\n", "took_seconds_bucket{kept=\"true\",le=\"0.0025\"} 1\n",
		"took_seconds_bucket{kept=\"true\",le=\"+Inf\"} 2\ntook_seconds_sum{kept=\"true\"} 60.002\ntook_seconds_count{kept=\"true\"} 2\n",
		"# TYPE g gauge\ng 1.5\n# HELP h H.\n# TYPE h gauge\nh{of=\"a\"} 1\nh{of=\"b\"} 2\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestSeriesAreBounded(t *testing.T) {
	t.Parallel()
	s := New([]Family{{"a_total", "As."}}, []Family{{"t_seconds", "Time."}})
	for i := range 10 * MaxSeries {
		s.Count("a_total", "x", fmt.Sprint(i))
		s.Observe("t_seconds", time.Second, "x", fmt.Sprint(i))
	}
	if n, m := len(s.counts["a_total"]), len(s.buckets["t_seconds"]); n != MaxSeries+1 || m != MaxSeries+1 || s.counts["a_total"][`x="other"`] != 9*MaxSeries {
		t.Errorf("%d and %d series, %d others", n, m, s.counts["a_total"][`x="other"`])
	}
}

func TestHandler(t *testing.T) {
	t.Parallel()
	h := New(nil, nil).Handler(func() []Gauge { return []Gauge{{Family{"g", "G."}, nil, 1}} })
	for method, want := range map[string]int{http.MethodGet: 200, http.MethodHead: 200, http.MethodPost: 405} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "/metrics", nil))
		if w.Code != want || want == 200 && w.Header().Get("Content-Type") != Type {
			t.Errorf("%s: %d %v", method, w.Code, w.Header())
		}
	}
}
