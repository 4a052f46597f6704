// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"crypto/x509"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options say how registries are spoken to. The zero Options are anonymous, over TLS, without a proxy.
type Options struct {
	Credentials *Credentials                                      // nil: anonymous
	Plain       []string                                          // hosts (as written in references) that may be spoken to without TLS, besides those of this machine
	Mirrors     map[string][]string                               // host -> hosts (host[/prefix]) that are asked first, for reads by digest only
	Roots       *x509.CertPool                                    // who may certify registries; nil: the system's
	Proxy       func(*http.Request) (*url.URL, error)             // nil: none
	UserAgent   string                                            // empty: sealock
	Offline     bool                                              // every request is an error with code OFFLINE
	Retries     int                                               // further tries of what may be repeated; 0: DefaultRetries, negative: none
	Trace       func(method, url string, status int, bytes int64) // told of each request when it is over; status 0: no answer
}

// Client speaks to registries. It is safe for concurrent use, and keeps connections, tokens and what it learned of each host.
type Client struct {
	o       Options
	plain   map[string]bool
	mirrors map[string]bool
	lines   transports
	spaces  *sync.Map // host:port of a named host -> space; of all clients that share connections

	mu    sync.Mutex
	hosts map[string]*host

	stall, small, backoff time.Duration
}

// New gives a Client. It sends nothing.
func New(o Options) *Client {
	c := &Client{o: o, plain: map[string]bool{}, mirrors: map[string]bool{}, hosts: map[string]*host{}, spaces: &sync.Map{}, stall: StallTime, small: SmallTime, backoff: firstBackoff}
	switch {
	case o.Retries == 0:
		c.o.Retries = DefaultRetries
	case o.Retries < 0:
		c.o.Retries = 0
	}
	if o.UserAgent == "" {
		c.o.UserAgent = "sealock"
	}
	for _, h := range o.Plain {
		c.plain[apiHost(hubAlias(strings.ToLower(h)))] = true
	}
	for _, list := range o.Mirrors {
		for _, m := range list {
			h, _, _ := strings.Cut(m, "/")
			c.mirrors[apiHost(hubAlias(strings.ToLower(h)))] = true
		}
	}
	c.lines = c.transports()
	return c
}

// As gives a client that speaks with other credentials, over the same connections. It shares no token and nothing else that a credential was exchanged for.
func (c *Client) As(credentials *Credentials) *Client {
	o := c.o
	o.Credentials = credentials
	return &Client{o: o, plain: c.plain, mirrors: c.mirrors, lines: c.lines, spaces: c.spaces, hosts: map[string]*host{}, stall: c.stall, small: c.small, backoff: c.backoff}
}

// Repository is one repository of one registry.
type Repository struct {
	client  *Client
	host    *host
	name    string // host/path as people write it
	path    string
	mirrors []*Repository
	retries int
}

// Repository gives the repository host/path. It sends nothing.
func (c *Client) Repository(name string) (*Repository, error) {
	r, err := c.repository(name)
	if err != nil {
		return nil, err
	}
	hostName, _, _ := strings.Cut(r.name, "/")
	for key, list := range c.o.Mirrors {
		if hubAlias(strings.ToLower(key)) != hostName {
			continue
		}
		for _, m := range list {
			mirror, err := c.repository(strings.TrimSuffix(m, "/") + "/" + r.path)
			if err != nil {
				return nil, fail(Malformed, "mirror %.200q of %s", m, hostName).because(err)
			}
			mirror.retries = 0 // the next one is asked instead
			r.mirrors = append(r.mirrors, mirror)
		}
	}
	return r, nil
}

func (c *Client) repository(name string) (*Repository, error) {
	h, path, err := ParseName(name)
	if err != nil {
		return nil, err
	}
	return &Repository{client: c, host: c.host(h), name: h + "/" + path, path: path, retries: c.o.Retries}, nil
}

// Name is host/path in its one spelling (ParseName).
func (r *Repository) Name() string { return r.name }

// host is what is known of one registry.
type host struct {
	name     string // as people write it
	api      string // host[:port] of its API
	loopback bool   // by its name
	plain    bool   // the user says that it may be spoken to without TLS
	slots    chan struct{}
	copies   chan struct{} // held while a blob is read here and sent here: both ends take a slot, and those that send must not take all

	mu     sync.Mutex
	scheme string            // found out to work; "" is not known yet
	method *challenge        // how it wants to be convinced; nil is not known yet
	tokens map[string]string // by scope

	fetching chan struct{} // held while a token is fetched
}

func (c *Client) host(name string) *host {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.hosts[name]
	if h == nil {
		api := apiHost(name)
		h = &host{name: name, api: api, loopback: isLoopbackName(api), plain: c.plain[api], slots: make(chan struct{}, MaxAtOnce), copies: make(chan struct{}, MaxAtOnce/2),
			tokens: map[string]string{}, fetching: make(chan struct{}, 1)}
		c.hosts[name] = h
	}
	return h
}

func (h *host) mayBePlain() bool { return h.loopback || h.plain }

func (h *host) address(scheme string) string { return address(&url.URL{Scheme: scheme, Host: h.api}) }

// schemes are the ones to try, in order. On this machine nobody listens in and most registries have no certificate; elsewhere TLS
// comes first, and going without is only ever tried where the user allows it.
func (h *host) schemes() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.scheme != "":
		return []string{h.scheme}
	case h.loopback:
		return []string{"http", "https"}
	case h.plain:
		return []string{"https", "http"}
	}
	return []string{"https"}
}

func (h *host) learn(scheme string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.scheme = scheme
}

// sameHost reports whether an address is the registry's own, so that it may see the registry's credentials.
func (h *host) sameHost(u *url.URL) bool {
	return slices.Contains(h.schemes(), u.Scheme) && address(u) == h.address(u.Scheme)
}
