// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// protocol indexes what policies tell apart.
type protocol int

const (
	tcp protocol = iota
	udp
	sctp
	other     // such as ICMP; it has no ports, and stands as port 1 alone
	protocols // how many there are, and all of them
)

func (p protocol) String() string { return [...]string{"TCP", "UDP", "SCTP", "other", "any"}[p] }

// last is the last port of a protocol.
func (p protocol) last() int {
	if p == other {
		return 1
	}
	return 65535
}

// port is one entry of a rule's ports: a range, or a name, of one or several protocols, with the requests that may pass.
type port struct {
	protos []protocol
	lo, hi int
	name   string
	ops    ops // nil: any
}

// wire is a port without its requests, as the graph shows it.
func (p port) wire() []predicate.FlowPort {
	if len(p.protos) == int(protocols) {
		return []predicate.FlowPort{flowPort(protocols.String(), p.lo, p.hi, p.name)}
	}
	var out []predicate.FlowPort
	for _, proto := range p.protos {
		out = append(out, flowPort(proto.String(), p.lo, p.hi, p.name))
	}
	return out
}

func flowPort(proto string, lo, hi int, name string) predicate.FlowPort {
	f := predicate.FlowPort{Protocol: proto, PortName: name}
	switch {
	case name != "" || proto == other.String() || lo <= 1 && hi >= 65535:
	case lo == hi:
		f.Port = lo
	default:
		f.Port, f.EndPort = lo, hi
	}
	return f
}

// span is ports of one protocol that a rule allows or denies, already numbers unless nobody knows which pod answers.
type span struct {
	lo, hi int
	name   string
	ops    ops
}

// resolve is the spans of ports for one protocol. A name means what the pod that is called calls so; outside the tree it stays a name.
func resolve(ports []port, all bool, proto protocol, to *workload) []span {
	if all {
		return []span{{1, proto.last(), "", anything()}}
	}
	var out []span
	for _, p := range ports {
		if !slices.Contains(p.protos, proto) {
			continue
		}
		o := p.ops
		if o == nil {
			o = anything()
		}
		switch {
		case p.name == "":
			out = append(out, span{p.lo, min(p.hi, proto.last()), "", o})
		case to == nil:
			out = append(out, span{0, 0, p.name, o})
		default:
			for _, c := range to.ports {
				if c.name == p.name && c.proto == proto {
					out = append(out, span{c.number, c.number, "", o})
				}
			}
		}
	}
	return out
}

// readProtocol is what a protocol's name stands for; TCP if there is none.
func readProtocol(x value, withAny bool) ([]protocol, error) {
	s, err := x.text()
	if err != nil {
		return nil, err
	}
	if withAny {
		s = strings.ToUpper(s)
	}
	switch {
	case s == "TCP", s == "" && !withAny:
		return []protocol{tcp}, nil
	case s == "UDP":
		return []protocol{udp}, nil
	case s == "SCTP":
		return []protocol{sctp}, nil
	case withAny && (s == "" || s == "ANY"):
		return []protocol{tcp, udp, sctp}, nil
	case withAny && (s == "ICMP" || s == "ICMPV6"):
		return []protocol{other}, nil
	}
	return nil, x.wrong("protocol %q: expected TCP, UDP or SCTP", s)
}
