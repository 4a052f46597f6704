// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// covers reports that whatever an end of the graph is, the declared end means it.
func (m *comparison) covers(declared, actual string) bool {
	if declared == actual {
		return true
	}
	p, isEndpoint := m.c.endpoints[actual]
	inCluster := !isEndpoint || p.kind == pods
	if isEndpoint && p.account != "" { // the same pods, without saying as which account
		p.account = ""
		if declared == p.endpoint() {
			return true
		}
	}
	if ns, ok := strings.CutSuffix(declared, "/*"); ok {
		if isEndpoint {
			return inCluster && (ns == "*" || p.namespace == ns)
		}
		return ns == "*" || strings.HasPrefix(actual, ns+"/")
	}
	switch {
	case inCluster:
		return false
	case p.kind == block && declared == predicate.EndpointWorld:
		return true
	case p.kind == block:
		cidr, err := netip.ParsePrefix(declared)
		return err == nil && blockCovers([]netip.Prefix{cidr}, nil, p.in, nil)
	}
	return declared == predicate.EndpointWorld && strings.Contains(p.name, ".") && !strings.ContainsAny(p.name, "/:")
}

// meets reports that an end of the graph may be what is declared.
func (m *comparison) meets(declared, actual string) bool {
	if m.covers(declared, actual) {
		return true
	}
	p, isEndpoint := m.c.endpoints[actual]
	if !isEndpoint {
		return false
	}
	ns, rest, inCluster := strings.Cut(declared, "/")
	cidr, err := netip.ParsePrefix(declared)
	switch {
	case p.kind == block && err == nil:
		return slices.ContainsFunc(p.in, cidr.Overlaps)
	case p.kind == block:
		return declared == predicate.EndpointWorld || !inCluster && p.endpointKind() == predicate.EndpointWorld
	case p.kind != pods || !inCluster || err == nil || m.byName[declared] != nil:
		return false
	case p.namespace != "" && ns != "*" && p.namespace != ns:
		return false
	}
	return rest == "*" || len(p.pod) == 0 && p.account == "" || strings.HasSuffix(actual, "/"+rest)
}

// ports are the numbers that a declaration means for a destination, as spans.
func (m *comparison) ports(d declaration, to string, proto protocol) []span {
	if d.portName == "" {
		return []span{{lo: d.lo, hi: d.hi}}
	}
	out := []span{{name: d.portName}}
	for _, w := range m.byName[to] {
		for _, p := range w.ports {
			if p.name == d.portName && p.proto == proto {
				out = append(out, span{lo: p.number, hi: p.number})
			}
		}
	}
	return out
}

func rangeOf(f predicate.FlowPort) (lo, hi int) {
	switch {
	case f.Port == 0:
		return 1, 65535
	case f.EndPort == 0:
		return f.Port, f.Port
	}
	return f.Port, f.EndPort
}

func opOf(f predicate.Flow) op {
	o := op{allMethods(), allPaths()}
	if f.Methods != nil {
		o.m = methods{set: f.Methods}
	} else if len(f.ExceptMethods) > 0 {
		o.m = methods{true, f.ExceptMethods}
	}
	if f.Paths != nil {
		o.p.in = patterns(f.Paths)
	}
	o.p.out = patterns(f.ExceptPaths)
	return o
}
