// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// collector is an OTLP receiver over HTTP.
type collector struct {
	mu     sync.Mutex
	status int
	bodies []request
	header http.Header
	path   string
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	var in request
	if err != nil || json.Unmarshal(raw, &in) != nil || r.Header.Get("Content-Type") != "application/json" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bodies, c.header, c.path = append(c.bodies, in), r.Header, r.URL.Path
	w.WriteHeader(c.status)
}

func (c *collector) spans() []spanJSON {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []spanJSON
	for _, b := range c.bodies {
		out = append(out, b.ResourceSpans[0].ScopeSpans[0].Spans...)
	}
	return out
}

// started gives a tracer that sends to a collector, by the environment's variables. What it could not send is counted.
func started(t *testing.T, status int, vars map[string]string) (*Tracer, *collector, *atomic.Int64, func()) {
	t.Helper()
	c := &collector{status: status}
	srv := httptest.NewServer(c)
	t.Cleanup(srv.Close)
	all := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": srv.URL + "/"}
	for name, v := range vars {
		all[name] = v
	}
	o, err := FromEnvironment(func(name string) string { return all[name] })
	if err != nil {
		t.Fatal(err)
	}
	var dropped atomic.Int64
	at := time.Unix(1800000000, 5)
	o.Now, o.Scope, o.Version, o.Dropped = func() time.Time { return at }, "scope", "v1", func(n int) { dropped.Add(int64(n)) }
	tracer := New(*o)
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() { tracer.Run(ctx) })
	stop := sync.OnceFunc(func() { cancel(); done.Wait() })
	t.Cleanup(stop)
	return tracer, c, &dropped, stop
}

const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

func TestSpansArrive(t *testing.T) {
	tracer, c, dropped, stop := started(t, 200, map[string]string{"OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20s3cret,x=1", "OTEL_RESOURCE_ATTRIBUTES": "k8s.cluster.name=live", "OTEL_SERVICE_NAME": "gate"})
	ctx, outer := tracer.Serve(t.Context(), http.Header{"Traceparent": {parent}}, "review")
	_, inner := Start(ctx, "image")
	inner.Text("digest", "sha256:"+strings.Repeat("ä", maxValue))
	inner.Text("empty", "")
	inner.Fail("down")
	inner.End()
	outer.Flag("allowed", true)
	outer.End()
	stop()
	got := c.spans()
	if len(got) != 2 || dropped.Load() != 0 || c.path != "/v1/traces" || c.header.Get("Authorization") != "Bearer s3cret" {
		t.Fatalf("%+v, %d dropped, %s, %v", got, dropped.Load(), c.path, c.header)
	}
	in, out := got[0], got[1]
	if in.TraceID != "0af7651916cd43dd8448eb211c80319c" || out.TraceID != in.TraceID || out.ParentID != "b7ad6b7169203331" || in.ParentID != out.SpanID || len(in.SpanID) != 16 || in.SpanID == out.SpanID {
		t.Errorf("%+v\n%+v", in, out)
	}
	if out.Kind != kindServer || in.Kind != kindInternal || in.Start != "1800000000000000005" || out.Status != nil || in.Status.Code != 2 || len(in.Attributes) != 1 || len(*in.Attributes[0].Value.String) > maxValue || !*out.Attributes[0].Value.Bool {
		t.Errorf("%+v\n%+v", in, out)
	}
	raw, err := json.Marshal(c.bodies[0].ResourceSpans[0].Resource)
	if want := `{"attributes":[{"key":"k8s.cluster.name","value":{"stringValue":"live"}},{"key":"service.name","value":{"stringValue":"gate"}}]}`; err != nil || string(raw) != want {
		t.Errorf("%s", raw)
	}
}

func TestWhoIsTraced(t *testing.T) {
	for _, c := range []struct {
		header, ratio string
		want          bool
		trace         string
	}{
		{parent, "0", true, "0af7651916cd43dd8448eb211c80319c"},
		{strings.TrimSuffix(parent, "1") + "0", "1", false, ""},
		{"", "1", true, ""}, {"", "0", false, ""},
		{"01" + parent[2:] + "-more", "0", true, "0af7651916cd43dd8448eb211c80319c"},
		{parent + "-more", "0", false, ""}, {"ff" + parent[2:], "0", false, ""}, {strings.ToUpper(parent), "0", false, ""},
		{"00-00000000000000000000000000000000-b7ad6b7169203331-01", "0", false, ""}, {"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", "0", false, ""},
		{"00-xaf7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "0", false, ""}, {"nonsense", "0", false, ""},
	} {
		tracer, _, _, stop := started(t, 200, map[string]string{"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": c.ratio})
		_, s := tracer.Serve(t.Context(), http.Header{"Traceparent": {c.header}}, "x")
		if (s != nil) != c.want || s != nil && c.trace != "" && s.json().TraceID != c.trace {
			t.Errorf("%q, %s: %+v", c.header, c.ratio, s)
		}
		stop()
	}
}

// A collector that fails, or takes no end of time, costs spans and nothing else.
func TestNothingWaits(t *testing.T) {
	tracer, _, dropped, stop := started(t, 503, nil)
	_, s := tracer.Serve(t.Context(), http.Header{}, "x")
	s.End()
	stop()
	if dropped.Load() != 1 {
		t.Errorf("%d dropped", dropped.Load())
	}
	idle := New(Options{Ratio: 1, Now: time.Now, Dropped: func(n int) { dropped.Add(int64(n)) }}) // nobody sends
	for range maxQueue + 10 {
		_, s := idle.Serve(t.Context(), http.Header{}, "x")
		s.End()
	}
	if dropped.Load() != 11 {
		t.Errorf("%d dropped", dropped.Load())
	}
	var none *Tracer
	ctx, s := none.Serve(t.Context(), http.Header{}, "x")
	_, inner := Start(ctx, "y")
	if n := testing.AllocsPerRun(100, func() { _, x := Start(ctx, "y"); x.Text("a", "b"); x.End() }); s != nil || inner != nil || n != 0 {
		t.Errorf("%v, %v, %v allocations", s, inner, n)
	}
	none.Run(t.Context())
}

func TestEnvironment(t *testing.T) {
	for _, c := range []struct {
		vars map[string]string
		url  string
		bad  string
	}{
		{map[string]string{}, "", ""},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, "http://c:4318/v1/traces", ""},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://t/x"}, "https://t/x", ""},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "true"}, "", ""},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_TRACES_EXPORTER": "none"}, "", ""},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://u:s3cret@c:4318"}, "", "OTEL_EXPORTER_OTLP_ENDPOINT"},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "c:4317"}, "", "expected http"},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "", "4318"},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_EXPORTER_OTLP_HEADERS": "s3cret"}, "", "name=value"},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_EXPORTER_OTLP_HEADERS": "a=s3cret%0d%0ab"}, "", "name=value"},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_TRACES_SAMPLER": "always"}, "", "OTEL_TRACES_SAMPLER"},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "NaN"}, "", "from 0 to 1"},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c", "OTEL_EXPORTER_OTLP_CERTIFICATE": "missing.pem"}, "", "missing.pem"},
	} {
		o, err := FromEnvironment(func(name string) string { return c.vars[name] })
		switch {
		case c.bad != "" && (err == nil || !strings.Contains(err.Error(), c.bad) || strings.Contains(err.Error(), "s3cret")):
			t.Errorf("%v: %v", c.vars, err)
		case c.bad == "" && (err != nil || (o == nil) != (c.url == "") || o != nil && o.URL != c.url):
			t.Errorf("%v: %+v, %v", c.vars, o, err)
		}
	}
}
