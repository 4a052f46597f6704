// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// space is the part of the address space in which a server stands. A registry may lead us to public servers and to those of its
// own space, to no others: a name or a redirect must not reach what only this machine or its network can reach.
type space int

const (
	public    space = iota
	loopback        // this machine
	private         // RFC 1918, RFC 4193, RFC 6598 (carrier-grade NAT)
	linkLocal       // RFC 3927, RFC 4291
	nowhere         // no registry leads there: unspecified, multicast, reserved, and the metadata services of clouds
)

func (s space) String() string {
	return [...]string{"public", "loopback", "private", "link-local", "reserved"}[s]
}

// metadata services answer with credentials of the machine: AWS, Azure and Google (IPv4), AWS (IPv6), Alibaba, Oracle.
var metadata = []netip.Addr{
	netip.MustParseAddr("169.254.169.254"), netip.MustParseAddr("fd00:ec2::254"), netip.MustParseAddr("100.100.100.200"), netip.MustParseAddr("192.0.0.192"),
	netip.MustParseAddr("169.254.170.2"), netip.MustParseAddr("fd00:ec2::23"), netip.MustParseAddr("168.63.129.16"),
}

// reserved blocks of the IANA special-purpose registries (RFC 6890), where they are not in one of the spaces.
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("fec0::/10"),
}

var (
	sharedSpace = netip.MustParsePrefix("100.64.0.0/10")
	nat64       = netip.MustParsePrefix("64:ff9b::/96") // RFC 6052: the last 32 bits are an IPv4 address
	sixToFour   = netip.MustParsePrefix("2002::/16")    // RFC 3056: the 32 bits after the prefix are
)

// spaceOf says where an address stands. IPv4 addresses within IPv6 ones count as what they are.
func spaceOf(ip netip.Addr) space {
	ip = ip.WithZone("").Unmap()
	if raw := ip.As16(); ip.Is6() && nat64.Contains(ip) {
		ip = netip.AddrFrom4([4]byte(raw[12:16]))
	} else if ip.Is6() && sixToFour.Contains(ip) {
		ip = netip.AddrFrom4([4]byte(raw[2:6]))
	}
	for _, m := range metadata {
		if ip == m {
			return nowhere
		}
	}
	for _, p := range reserved {
		if p.Contains(ip) {
			return nowhere
		}
	}
	switch {
	case !ip.IsValid(), ip.IsUnspecified(), ip.IsMulticast():
		return nowhere
	case ip.IsLoopback():
		return loopback
	case ip.IsPrivate(), sharedSpace.Contains(ip):
		return private
	case ip.IsLinkLocalUnicast():
		return linkLocal
	}
	return public
}

// allowed reports whether a server of one space may lead to one of another.
func (s space) allowed(to space) bool { return to == public || to == s && to != nowhere }

// transports are one set of connections for the hosts that were named to us, and one for each space from which others are reached.
type transports struct {
	named   *http.Transport
	foreign map[space]*http.Transport
	proxy   func(*http.Request) (*url.URL, error)
}

func (c *Client) transports() transports {
	t := transports{named: c.transport(c.dialNamed), foreign: map[space]*http.Transport{}, proxy: c.o.Proxy}
	t.named.Proxy = c.o.Proxy
	for _, from := range []space{public, loopback, private, linkLocal} {
		t.foreign[from] = c.transport(guarded(from))
	}
	return t
}

func (c *Client) transport(dial func(ctx context.Context, network, address string) (net.Conn, error)) *http.Transport {
	t := &http.Transport{
		DialContext: dial, ForceAttemptHTTP2: true, DisableCompression: true, TLSHandshakeTimeout: DialTime, IdleConnTimeout: IdleTime,
		MaxIdleConns: 64, MaxIdleConnsPerHost: MaxAtOnce, MaxResponseHeaderBytes: MaxHeaders, ExpectContinueTimeout: time.Second,
	}
	if c.o.Roots != nil {
		t.TLSClientConfig = &tls.Config{RootCAs: c.o.Roots, MinVersion: tls.VersionTLS12}
	}
	return t
}

// dialNamed connects to a host that the user named, wherever it is, and remembers where. A name for this machine must lead to it.
func (c *Client) dialNamed(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: DialTime}).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	found := nowhere
	if tcp, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		found = spaceOf(tcp.AddrPort().Addr())
	}
	if isLoopbackName(addr) && found != loopback {
		_ = conn.Close()
		return nil, fail(RefusedAddress, "%s is not on this machine: it resolves to %s", addr, conn.RemoteAddr())
	}
	c.spaces.Store(addr, found)
	return conn, nil
}

// guarded connects to hosts that a registry named. The address is judged after it was resolved, for each attempt, so that a name
// which resolves to something else the second time gains nothing.
func guarded(from space) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		d := &net.Dialer{Timeout: DialTime, Control: func(_, resolved string, _ syscall.RawConn) error {
			ip, err := netip.ParseAddrPort(resolved)
			if err != nil {
				return fail(RefusedAddress, "%s resolves to %.100q, which is no address", addr, resolved)
			}
			return refuse(from, spaceOf(ip.Addr()), fmt.Sprintf("%s resolves to %s", addr, ip.Addr()))
		}}
		return d.DialContext(ctx, network, addr)
	}
}

func refuse(from, to space, what string) error {
	if from.allowed(to) {
		return nil
	}
	return fail(RefusedAddress, "the registry leads to a %s address: %s", to, what).
		hint("a registry may lead to public addresses and to those of its own network; nothing internal is contacted because a registry says so")
}

// route chooses the connections for an address. The registry's own, mirrors and plain hosts were named by the user; every other must
// be public or in the registry's own space, and use TLS unless the registry itself does without.
func (c *Client) route(h *host, req *http.Request) (*http.Transport, error) {
	u := req.URL
	named := c.plain[strings.ToLower(u.Host)] || c.mirrors[strings.ToLower(u.Host)] || address(u) == h.address(u.Scheme)
	plain := h.mayBePlain() || c.plain[strings.ToLower(u.Host)]
	switch {
	case u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.Opaque != "":
		return nil, fail(RefusedAddress, "the registry leads to an address that is not plain https: scheme %.20q", u.Scheme)
	case u.Scheme == "http" && !plain:
		return nil, fail(RefusedAddress, "the registry leads away from TLS, to %s", shown(u)).hint("name the host as one that may be spoken to without TLS, if that is meant")
	}
	if named {
		return c.lines.named, nil
	}
	from := c.spaceOf(h, u.Scheme)
	if to, known := literal(u.Host); known {
		if err := refuse(from, to, u.Host); err != nil {
			return nil, err
		}
	}
	if c.lines.proxy != nil {
		if via, err := c.lines.proxy(req); err != nil || via != nil {
			return c.lines.named, err // the proxy resolves the name
		}
	}
	return c.lines.foreign[from], nil
}

// literal is where a host stands that needs no resolving.
func literal(host string) (space, bool) {
	name := hostname(host)
	if isLoopbackName(name) {
		return loopback, true
	}
	ip, err := netip.ParseAddr(name)
	if err != nil {
		return public, false
	}
	return spaceOf(ip), true
}

// spaceOf is where the registry was found to stand, public where it was not yet seen.
func (c *Client) spaceOf(h *host, scheme string) space {
	for _, s := range []string{scheme, "https", "http"} {
		if found, ok := c.spaces.Load(h.address(s)); ok && found != nowhere {
			return found.(space)
		}
	}
	if s, ok := literal(h.api); ok && s != nowhere {
		return s
	}
	return public
}
