// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"sort"
	"sync"
	"time"
)

// Counts is what passed through a Proxy. Registries are asked at /v2/; the ping (/v2/ itself) and token requests are counted apart.
type Counts struct {
	Requests int      // all but pings
	Pings    int      // GET /v2/
	Bytes    int64    // of response bodies
	Twice    []string // digests whose content was asked for more than once
	Log      []string // method, path and status of each request, in order of arrival
}

// Proxy stands before a registry that speaks plain HTTP, counts what is asked of it, and makes each request take longer.
type Proxy struct {
	Host string // where it listens

	mu     sync.Mutex
	delay  time.Duration
	counts Counts
	seen   map[string]int
	stop   func()
}

var digestPath = regexp.MustCompile(`^/v2/.+/(?:manifests|blobs)/(sha256:[0-9a-f]{64})$`)

// NewProxy starts a proxy before the registry at host.
func NewProxy(host string) (*Proxy, error) {
	p := &Proxy{seen: map[string]int{}}
	target := &url.URL{Scheme: "http", Host: host}
	back := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // so that upload locations lead through the proxy again
		},
		Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true},
	}
	var err error
	p.Host, p.stop, err = listen(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		delay := p.delay
		p.mu.Unlock()
		if delay > 0 {
			time.Sleep(delay)
		}
		c := &counter{ResponseWriter: w, status: http.StatusOK}
		back.ServeHTTP(c, r)
		p.count(r, c)
	}))
	if err != nil {
		return nil, fmt.Errorf("starting a proxy before %s: %w", host, err)
	}
	return p, nil
}

// SetDelay makes each further request take longer.
func (p *Proxy) SetDelay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
}

// Take gives what was counted since it was last called.
func (p *Proxy) Take() Counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.counts
	for digest, n := range p.seen {
		if n > 1 {
			c.Twice = append(c.Twice, digest)
		}
	}
	sort.Strings(c.Twice)
	p.counts, p.seen = Counts{}, map[string]int{}
	return c
}

// Stop ends it.
func (p *Proxy) Stop() { p.stop() }

func (p *Proxy) count(r *http.Request, c *counter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts.Bytes += c.n
	if r.URL.Path == "/v2/" {
		p.counts.Pings++
		return
	}
	p.counts.Requests++
	p.counts.Log = append(p.counts.Log, fmt.Sprintf("%s %s %d", r.Method, r.URL.RequestURI(), c.status))
	if m := digestPath.FindStringSubmatch(r.URL.Path); m != nil && r.Method == http.MethodGet && c.status == http.StatusOK {
		p.seen[m[1]]++
	}
}

// counter counts the bytes of a response.
type counter struct {
	http.ResponseWriter
	status int
	n      int64
}

func (c *counter) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.n += int64(n)
	return n, err
}

// ReadFrom is there so that io.Copy does not go round Write.
func (c *counter) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{c}, r)
}

// Flush passes on what was written so far.
func (c *counter) Flush() {
	if f, ok := c.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}
