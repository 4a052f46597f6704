// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"net/netip"
	"slices"
	"strings"
)

func unknown(identity) trust { return maybe }

// anyOf is the best answer for the values of a field.
func anyOf(values []string, match func(id identity, v string) trust) condition {
	return func(id identity) trust {
		best := no
		for _, v := range values {
			best = max(best, match(id, v))
		}
		return best
	}
}

func sourceCondition(name string, x value, values []string, own string) (condition, error) {
	switch name {
	case "principals":
		return anyOf(values, identity.principal), nil
	case "namespaces":
		return anyOf(values, identity.inNamespace), nil
	case "serviceAccounts":
		return anyOf(values, func(id identity, v string) trust {
			if !strings.Contains(v, "/") {
				v = own + "/" + v
			}
			ns, sa, _ := strings.Cut(v, "/")
			return id.principal(trustDomain + "/ns/" + ns + "/sa/" + sa)
		}), nil
	case "ipBlocks":
		var blocks []netip.Prefix
		l, err := x.list()
		if err != nil {
			return nil, err
		}
		for _, e := range l {
			b, err := readPrefix(e)
			if err != nil {
				return nil, err
			}
			blocks = append(blocks, b)
		}
		return func(id identity) trust { return id.within(blocks) }, nil
	}
	return unknown, nil // tokens, addresses that a proxy passes on, and what comes later
}

// The trust domain that policies write, whatever the mesh's own is.
const trustDomain = "cluster.local"

// principal reports whether the caller's certificate is one that a pattern means: exact, prefix*, *suffix, or * for any.
func (id identity) principal(p string) trust {
	if !id.pod || id.outcast {
		return no
	}
	if p == "*" {
		return sure(id.account != "")
	}
	if id.generic {
		return truthOfGeneric(p)
	}
	if id.namespace == "" {
		return maybe
	}
	if domain, rest, ok := strings.Cut(p, "/ns/"); ok && !strings.HasPrefix(p, "*") && domain != "" {
		p = trustDomain + "/ns/" + rest
	}
	stem := trustDomain + "/ns/" + id.namespace + "/sa/"
	if id.account != "" {
		return truth(wildcard(p, stem+id.account))
	}
	if pre, ok := strings.CutSuffix(p, "*"); ok {
		if strings.HasPrefix(stem, pre) {
			return yes
		}
		p = pre
	} else if suf, ok := strings.CutPrefix(p, "*"); ok {
		if i := strings.LastIndex(suf, "/"); i >= 0 { // what stands before the account's name has to fit
			return min(maybe, truth(strings.HasSuffix(stem, suf[:i+1])))
		}
		return maybe
	}
	return min(maybe, truth(strings.HasPrefix(p, stem)))
}

// truthOfGeneric: rules that name a namespace or an account are asked for by that name, others may mean some pod.
func truthOfGeneric(p string) trust {
	if _, _, ok := principalParts(p); ok {
		return no
	}
	return maybe
}

// principalParts is the namespace and the account that a pattern names; the account is empty for all of the namespace's.
func principalParts(p string) (ns, account string, ok bool) {
	_, rest, ok := strings.Cut(p, "/ns/")
	if !ok {
		return "", "", false
	}
	ns, account, ok = strings.Cut(rest, "/sa/")
	if !ok {
		ns, ok = strings.CutSuffix(rest, "/*")
	}
	if strings.Contains(ns, "*") || strings.Contains(ns, "/") || ns == "" {
		return "", "", false
	}
	if strings.Contains(account, "*") {
		account = ""
	}
	return ns, account, ok
}

func (id identity) inNamespace(p string) trust {
	switch {
	case !id.pod || id.outcast:
		return no
	case p == "*":
		return id.principal(p)
	case id.generic && !strings.Contains(p, "*"):
		return no
	case id.namespace == "":
		return maybe
	}
	return truth(wildcard(p, id.namespace))
}

func (id identity) within(blocks []netip.Prefix) trust {
	if id.pod {
		return maybe // a pod's address is not in the manifests
	}
	if blockCovers(blocks, nil, id.in, id.out) && len(id.in) > 0 {
		return yes
	}
	for _, b := range blocks {
		if len(id.in) == 0 || slices.ContainsFunc(id.in, b.Overlaps) {
			return maybe
		}
	}
	return no
}

// wildcard matches as Istio does: exact, prefix*, *suffix, * for any.
func wildcard(p, s string) bool {
	if suf, ok := strings.CutPrefix(p, "*"); ok {
		return strings.HasSuffix(s, suf)
	}
	if pre, ok := strings.CutSuffix(p, "*"); ok {
		return strings.HasPrefix(s, pre)
	}
	return p == s
}

func (c clause) holds(id identity) trust {
	all := yes
	for _, cond := range c {
		all = min(all, cond(id))
	}
	return all
}

// from reports whether the rule is about a caller.
func (r *authRule) from(id identity) trust {
	best := truth(len(r.sources) == 0)
	for _, s := range r.sources {
		best = max(best, s.holds(id))
	}
	return min(best, r.when.holds(id))
}

// at is what the rule says of requests to a port; sure keeps only what it certainly means.
func (r *authRule) at(port int, sure bool) ops {
	if len(r.operations) == 0 {
		return anything()
	}
	var out ops
	for _, o := range r.operations {
		if o.at(port) && (o.sure || !sure) {
			out = append(out, o.op)
		}
	}
	return out
}

// authorization is what the policies that hold for a workload say.
type authorization struct {
	limited bool // there is an ALLOW policy: what none allows is denied
	allow   []*authRule
	deny    []*authRule
}

// narrow is what a caller may ask on a port, and which rules allow it.
func (a authorization) narrow(id identity, port int) (ops, []int) {
	may, via := ops(nil), []int(nil)
	if !a.limited {
		may = anything()
	}
	for _, r := range a.allow {
		if r.from(id) == no {
			continue
		}
		if o := r.at(port, false); len(o) > 0 {
			may, via = append(may, o...), append(via, r.index)
		}
	}
	may = may.canonical()
	id.generic = false // to be denied it has to be meant whoever it is
	for _, r := range a.deny {
		if !r.sure || r.from(id) != yes {
			continue
		}
		for _, o := range r.at(port, true) {
			may = may.without(o)
		}
	}
	return may, via
}

// cuts are the ports at which the answer may change.
func (a authorization) cuts() []int {
	var out []int
	for _, r := range append(slices.Clone(a.allow), a.deny...) {
		for _, o := range r.operations {
			out = append(append(out, o.ports...), o.notPorts...)
		}
	}
	return out
}
