// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds on sending.
const (
	every      = 5 * time.Second
	sendTime   = 10 * time.Second
	maxAnswer  = 64 << 10
	maxHeaders = 32
	maxRoots   = 1 << 20
)

// Options are what a Tracer is given. Now and Dropped are required.
type Options struct {
	URL      string // of the collector, the path with it
	Header   http.Header
	Resource map[string]string
	Scope    string
	Version  string
	Ratio    float64 // of the requests that bring no trace along
	Client   *http.Client
	Now      func() time.Time
	Dropped  func(spans int)
	Failed   func(error) // a batch was not taken; nil: nobody is told
}

// FromEnvironment reads the variables that OpenTelemetry defines (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/), and gives
// nil where no endpoint is named, or tracing is switched off. Now, Dropped, Scope and Version are left to the caller.
func FromEnvironment(getenv func(string) string) (*Options, error) {
	at := getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
	if base := getenv("OTEL_EXPORTER_OTLP_ENDPOINT"); at == "" && base != "" {
		at = strings.TrimSuffix(base, "/") + "/v1/traces"
	}
	if at == "" || strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true") || getenv("OTEL_TRACES_EXPORTER") == "none" {
		return nil, nil //nolint:nilnil // no tracing
	}
	u, err := url.Parse(at)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return nil, fmt.Errorf("address for traces (OTEL_EXPORTER_OTLP_ENDPOINT): expected http://HOST:PORT or https://HOST:PORT")
	}
	either := func(name string) string {
		if v := getenv("OTEL_EXPORTER_OTLP_TRACES_" + name); v != "" {
			return v
		}
		return getenv("OTEL_EXPORTER_OTLP_" + name)
	}
	switch p := either("PROTOCOL"); p {
	case "", "http/json", "http/protobuf": // collectors take both at one address, told apart by the content type
	default:
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL is %.40q: expected http/json\nhint: name the collector's HTTP port, usually 4318", p)
	}
	o := &Options{URL: at, Header: http.Header{}, Resource: map[string]string{"service.name": "sealock"}, Ratio: 1}
	headers, err := pairs("OTEL_EXPORTER_OTLP_HEADERS", either("HEADERS"))
	if err != nil {
		return nil, err
	}
	for name, v := range headers {
		o.Header.Set(name, v)
	}
	resource, err := pairs("OTEL_RESOURCE_ATTRIBUTES", getenv("OTEL_RESOURCE_ATTRIBUTES"))
	if err != nil {
		return nil, err
	}
	for name, v := range resource {
		o.Resource[name] = v
	}
	if name := getenv("OTEL_SERVICE_NAME"); name != "" {
		o.Resource["service.name"] = name
	}
	if err := o.sampler(getenv("OTEL_TRACES_SAMPLER"), getenv("OTEL_TRACES_SAMPLER_ARG")); err != nil {
		return nil, err
	}
	o.Client, err = client(either("CERTIFICATE"))
	return o, err
}

func (o *Options) sampler(name, arg string) error {
	switch name {
	case "", "parentbased_always_on":
	case "parentbased_always_off":
		o.Ratio = 0
	case "parentbased_traceidratio":
		r, err := strconv.ParseFloat(arg, 64)
		if err != nil || !(r >= 0 && r <= 1) {
			return fmt.Errorf("OTEL_TRACES_SAMPLER_ARG is %.40q: expected a number from 0 to 1", arg)
		}
		o.Ratio = r
	default:
		return fmt.Errorf("OTEL_TRACES_SAMPLER is %.60q: expected parentbased_always_on, parentbased_always_off or parentbased_traceidratio", name)
	}
	return nil
}

// pairs reads name=value,name=value with percent signs decoded. A value is never shown: it may be a secret.
func pairs(variable, text string) (map[string]string, error) {
	out := map[string]string{}
	for _, one := range strings.Split(text, ",") {
		if strings.TrimSpace(one) == "" {
			continue
		}
		name, v, ok := strings.Cut(one, "=")
		name = strings.TrimSpace(name)
		v, err := url.PathUnescape(strings.TrimSpace(v))
		if !ok || name == "" || err != nil || len(out) >= maxHeaders || strings.ContainsAny(v, "\r\n") {
			return nil, fmt.Errorf("%s: expected name=value, with commas between at most %d of them", variable, maxHeaders)
		}
		out[name] = v
	}
	return out, nil
}

func client(roots string) (*http.Client, error) {
	t := &http.Transport{MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}}
	if roots != "" {
		pem, err := os.ReadFile(roots)
		if err != nil || len(pem) > maxRoots {
			return nil, fmt.Errorf("reading the authority of the collector (OTEL_EXPORTER_OTLP_CERTIFICATE): %w", err)
		}
		t.TLSClientConfig.RootCAs = x509.NewCertPool()
		if !t.TLSClientConfig.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("authority of the collector %s (OTEL_EXPORTER_OTLP_CERTIFICATE): expected certificates in PEM", roots)
		}
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // headers may hold a token
	return &http.Client{Transport: t, Timeout: sendTime, CheckRedirect: stay}, nil
}

// Run sends what is collected until ctx ends, and then once more.
func (t *Tracer) Run(ctx context.Context) {
	if t == nil {
		return
	}
	for {
		timer := time.NewTimer(every)
		select {
		case <-timer.C:
		case <-t.full:
		case <-ctx.Done():
			timer.Stop()
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTime)
			defer cancel()
			t.flush(last)
			return
		}
		timer.Stop()
		t.flush(ctx)
	}
}

func (t *Tracer) flush(ctx context.Context) {
	for ctx.Err() == nil {
		var batch []*Span
		for len(batch) < maxBatch {
			select {
			case s := <-t.queue:
				batch = append(batch, s)
				continue
			default:
			}
			break
		}
		if len(batch) == 0 {
			return
		}
		if err := t.send(ctx, batch); err != nil {
			t.o.Dropped(len(batch))
			if t.o.Failed != nil {
				t.o.Failed(err)
			}
		}
	}
}

// The JSON form of ExportTraceServiceRequest.
type (
	request struct {
		ResourceSpans []resourceSpans `json:"resourceSpans"`
	}
	resourceSpans struct {
		Resource   attributed   `json:"resource"`
		ScopeSpans []scopeSpans `json:"scopeSpans"`
	}
	attributed struct {
		Attributes []attribute `json:"attributes"`
	}
	scopeSpans struct {
		Scope scope      `json:"scope"`
		Spans []spanJSON `json:"spans"`
	}
	scope struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	spanJSON struct {
		TraceID    string      `json:"traceId"` // hexadecimal, unlike other bytes
		SpanID     string      `json:"spanId"`
		ParentID   string      `json:"parentSpanId,omitempty"`
		Name       string      `json:"name"`
		Kind       int         `json:"kind"`
		Start      string      `json:"startTimeUnixNano"`
		End        string      `json:"endTimeUnixNano"`
		Attributes []attribute `json:"attributes,omitempty"`
		Status     *status     `json:"status,omitempty"`
	}
	status struct {
		Code    int    `json:"code"` // 2: error
		Message string `json:"message,omitempty"`
	}
)

func (s *Span) json() spanJSON {
	out := spanJSON{TraceID: hex.EncodeToString(s.trace[:]), SpanID: hex.EncodeToString(s.id[:]), Name: s.name, Kind: s.kind, Attributes: s.attributes,
		Start: strconv.FormatInt(s.start.UnixNano(), 10), End: strconv.FormatInt(s.end.UnixNano(), 10)}
	if s.parent != [8]byte{} {
		out.ParentID = hex.EncodeToString(s.parent[:])
	}
	if s.failed != "" {
		out.Status = &status{2, s.failed}
	}
	return out
}

func (t *Tracer) send(ctx context.Context, batch []*Span) error {
	var resource attributed
	for name, v := range t.o.Resource {
		resource.Attributes = append(resource.Attributes, attribute{name, value{String: &v}})
	}
	slices.SortFunc(resource.Attributes, func(a, b attribute) int { return strings.Compare(a.Key, b.Key) })
	spans := make([]spanJSON, len(batch))
	for i, s := range batch {
		spans[i] = s.json()
	}
	body, err := json.Marshal(request{[]resourceSpans{{resource, []scopeSpans{{scope{t.o.Scope, t.o.Version}, spans}}}}})
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.o.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header = t.o.Header.Clone()
	req.Header.Set("Content-Type", "application/json")
	res, err := t.o.Client.Do(req)
	if err != nil {
		var about *url.Error
		if errors.As(err, &about) { // its address may hold a secret
			err = about.Err
		}
		return fmt.Errorf("sending %d spans: %w", len(batch), err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxAnswer))
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("sending %d spans: the collector answers %d", len(batch), res.StatusCode)
	}
	return nil
}
