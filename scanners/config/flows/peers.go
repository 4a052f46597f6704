// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// The label of a namespace that the API server sets to its name.
const nameLabel = "kubernetes.io/metadata.name"

type peerKind int

const (
	everyone peerKind = iota
	pods
	block
	named
)

// peer is whom a rule lets in or out.
type peer struct {
	kind peerKind
	path []any

	namespace string   // pods: the one namespace they are in, if the policy says so
	ns        selector // pods: what their namespace must be like beside that
	pod       selector // pods
	account   string   // pods: the one service account they run as, if the policy says so
	accounts  selector // pods: what the labels of their service account must be
	hosts     bool     // pods, named: what runs in the node's network counts too

	in, out []netip.Prefix // block
	inPods  bool           // block: pods' addresses are in it

	name     string           // named
	service  string           // named: the Service, as namespace/name, whose pods they are
	services *serviceSelector // named: Services by their labels, whose pods they are
	unsure   bool             // more was asked than could be read: it may be fewer than this
}

// holds reports whether a workload is, or may be, one of the peers.
func (p peer) holds(w *workload) bool {
	switch p.kind {
	case everyone:
		return true
	case block:
		return p.inPods
	case named:
		return p.hosts && w.hostNetwork
	case pods:
	}
	if w.hostNetwork {
		return p.hosts
	}
	switch {
	case p.namespace != "" && p.namespace != w.namespace.name:
		return false
	case p.account != "" && p.account != w.account:
		return false
	case !w.namespace.may(p.ns), !w.accountMay(p.accounts):
		return false
	}
	return p.pod.matches(w.labels)
}

// surely reports whether a workload is certainly one of the peers: what a deny rule may rest on.
func (p peer) surely(w *workload) bool {
	return !p.unsure && p.holds(w) && (p.kind != pods || w.knows(p))
}

// contains reports that everything in e is certainly among the peers.
func (p peer) contains(e peer) bool {
	switch {
	case p.unsure:
		return false
	case p.kind == everyone:
		return true
	case p.kind == block && e.kind == pods:
		return p.inPods
	case p.kind != e.kind:
		return false
	case p.kind == named:
		return p.name == e.name
	case p.kind == block:
		return blockCovers(p.in, p.out, e.in, e.out)
	}
	return (p.namespace == "" || p.namespace == e.namespace) && (p.account == "" || p.account == e.account) && e.ns.implies(p.ns) && e.pod.implies(p.pod) && e.accounts.implies(p.accounts)
}

// blockCovers reports that the addresses in, without those of out, are all in big without bigOut.
func blockCovers(big, bigOut, in, out []netip.Prefix) bool {
	for _, x := range in {
		if !slices.ContainsFunc(big, func(b netip.Prefix) bool { return covers(b, x) }) {
			return false
		}
		for _, hole := range bigOut {
			if hole.Overlaps(x) && !slices.ContainsFunc(out, func(o netip.Prefix) bool { return covers(o, hole) }) {
				return false
			}
		}
	}
	return true
}

func covers(big, small netip.Prefix) bool {
	return big.Addr().Is4() == small.Addr().Is4() && big.Bits() <= small.Bits() && big.Overlaps(small)
}

// endpoint is the peer's name as an end of flows.
func (p peer) endpoint() string {
	switch p.kind {
	case everyone:
		return "everyone"
	case named:
		return p.name
	case block:
		return blockName(p.in, p.out)
	case pods:
	}
	ns := p.namespace
	switch {
	case ns == "" && len(p.ns) == 0:
		ns = "*"
	case ns == "":
		ns = "[" + p.ns.String() + "]"
	}
	if len(p.accounts) > 0 {
		return ns + "/sa:[" + p.accounts.String() + "]" + strings.TrimPrefix(","+p.account, ",") + strings.TrimPrefix(","+p.pod.String(), ",*")
	}
	if p.account != "" {
		return ns + "/sa:" + p.account + strings.TrimPrefix(","+p.pod.String(), ",*")
	}
	return ns + "/" + p.pod.String()
}

func blockName(in, out []netip.Prefix) string {
	text := func(l []netip.Prefix) string {
		parts := make([]string, len(l))
		for i, p := range l {
			parts[i] = p.String()
		}
		slices.Sort(parts)
		return strings.Join(slices.Compact(parts), ",")
	}
	name := text(in)
	if name == "0.0.0.0/0,::/0" {
		name = predicate.EndpointWorld
	}
	if len(out) > 0 {
		name += " except " + text(out)
	}
	return name
}

// wholeWorld reports that a block is so much of the address space that it is the internet.
func wholeWorld(in []netip.Prefix) bool {
	return slices.ContainsFunc(in, func(p netip.Prefix) bool { return p.Bits() < 8 && p.Addr().Is4() || p.Bits() < 4 && p.Addr().Is6() })
}

// endpointKind is the kind that the graph gives to the peer.
func (p peer) endpointKind() string {
	switch {
	case p.kind == named:
		return predicate.EndpointName
	case p.kind == block && wholeWorld(p.in):
		return predicate.EndpointWorld
	case p.kind == block:
		return predicate.EndpointCIDR
	}
	return predicate.EndpointPods
}

// wire is the peer as the graph shows it.
func (p peer) wire() predicate.FlowPeer {
	w := predicate.FlowPeer{Kind: p.endpointKind(), Name: p.endpoint(), Path: p.path}
	switch {
	case p.kind == everyone:
		w.Kind = "everyone"
	case p.kind == pods && p.namespace == "" && len(p.ns) == 0 && len(p.pod) == 0 && p.account == "" && len(p.accounts) == 0:
		w.Kind = "cluster"
	}
	return w
}

var (
	anywhere   = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
	privateNet = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
		netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("fc00::/7")}
)

func worldPeer(path []any) peer { return peer{kind: block, in: anywhere, path: path} }

// ends splits a peer into what can stand as endpoints.
func (p peer) ends() []peer {
	if p.kind == everyone {
		return []peer{worldPeer(p.path), {kind: pods, path: p.path}}
	}
	return []peer{p}
}

// coversPods reports whether a block of addresses takes in those of pods. Nobody knows those from manifests; a block without length does, unless
// it leaves out a private network of some size, which is how the internet alone is written.
func coversPods(in, out []netip.Prefix) bool {
	if !slices.ContainsFunc(in, func(p netip.Prefix) bool { return p.Bits() == 0 }) {
		return false
	}
	return !slices.ContainsFunc(out, func(o netip.Prefix) bool {
		return (o.Addr().Is4() && o.Bits() <= 20 || o.Addr().Is6() && o.Bits() <= 64) && slices.ContainsFunc(privateNet, o.Overlaps)
	})
}

// readPrefix reads a CIDR; bits beyond its length are ignored, as the API server does.
func readPrefix(x value) (netip.Prefix, error) {
	s, err := x.text()
	if err != nil {
		return netip.Prefix{}, err
	}
	if p, err := netip.ParsePrefix(s); err == nil {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()).Masked(), nil
	}
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	return netip.Prefix{}, x.wrong("expected a CIDR such as 10.0.0.0/8, found %q", s)
}
