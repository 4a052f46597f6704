// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// tier asks the policies of an administrator, one rule after the other; the answer is Allow, Deny, or nothing.
func (o oracle) tier(name string, egress bool, who, peer, to oraclePod, r request) string {
	var policies []obj
	for _, p := range o.policies {
		tier := str(dig(p, "spec", "tier"))
		if p["kind"] == "AdminNetworkPolicy" {
			tier = "Admin"
		}
		if p["kind"] == "BaselineAdminNetworkPolicy" {
			tier = "Baseline"
		}
		if tier == name {
			policies = append(policies, p)
		}
	}
	priority := func(p obj) int { n, _ := dig(p, "spec", "priority").(int); return n }
	slices.SortFunc(policies, func(a, b obj) int { return cmp.Compare(priority(a), priority(b)) })
	direction, field := "ingress", "from"
	if egress {
		direction, field = "egress", "to"
	}
	for _, p := range policies {
		if !adminMeans(dig(p, "spec", "subject"), who) {
			continue
		}
		for _, e := range list(dig(p, "spec", direction)) {
			rule := e.(obj)
			if !slices.ContainsFunc(list(rule[field]), func(q any) bool { return adminMeans(q, peer) }) || !adminAt(rule, to, r) {
				continue
			}
			switch action := str(rule["action"]); action {
			case "Pass":
				return ""
			case "Accept":
				return "Allow"
			default:
				return action
			}
		}
	}
	return ""
}

func adminMeans(x any, p oraclePod) bool {
	m := x.(obj)
	for _, n := range list(m["networks"]) {
		if !p.addr.IsValid() && n == "0.0.0.0/0" || p.addr.IsValid() && netip.MustParsePrefix(str(n)).Contains(p.addr) {
			return true
		}
	}
	if p.addr.IsValid() {
		return false
	}
	if ns, ok := m["namespaces"]; ok {
		return selects(ns, p.nsLabels)
	}
	pods, ok := m["pods"].(obj)
	return ok && selects(pods["namespaceSelector"], p.nsLabels) && selects(pods["podSelector"], p.labels)
}

func adminAt(rule obj, to oraclePod, r request) bool {
	ports := append(slices.Clone(list(rule["ports"])), list(rule["protocols"])...)
	if len(ports) == 0 {
		return true
	}
	for _, e := range ports {
		p := e.(obj)
		if n := p["portNumber"]; n != nil && dig(p, "portNumber", "protocol") == r.proto && dig(p, "portNumber", "port") == r.port {
			return true
		}
		if n := p["portRange"]; n != nil && dig(p, "portRange", "protocol") == r.proto && dig(p, "portRange", "start").(int) <= r.port && r.port <= dig(p, "portRange", "end").(int) {
			return true
		}
		if n := str(p["namedPort"]) + str(p["destinationNamedPort"]); n != "" && r.proto == "TCP" && to.named[n] == r.port && r.port != 0 {
			return true
		}
		target, ok := p[strings.ToLower(r.proto)].(obj)
		if !ok {
			continue
		}
		number, isNumber := dig(target, "destinationPort", "number").(int)
		start, isRange := dig(target, "destinationPort", "range", "start").(int)
		if !isNumber && !isRange || isNumber && number == r.port || isRange && start <= r.port && r.port <= dig(target, "destinationPort", "range", "end").(int) {
			return true
		}
	}
	return false
}

// adminPolicies gives policies of different priority and at most one that is the baseline.
func (g gen) adminPolicies() func() obj {
	next, baseline := g.IntN(3), false
	return func() obj {
		kind := pick(g, "AdminNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy")
		if kind == "BaselineAdminNetworkPolicy" && baseline {
			kind = "AdminNetworkPolicy"
		}
		spec := obj{"subject": g.adminPods()}
		switch kind {
		case "BaselineAdminNetworkPolicy":
			baseline = true
		case "ClusterNetworkPolicy":
			spec["tier"], spec["priority"] = "Admin", next
			if !baseline && g.IntN(2) == 0 {
				spec["tier"], baseline = "Baseline", true
			}
		default:
			spec["priority"] = next
		}
		next = (next + 7) % 20
		for _, d := range [][2]string{{"ingress", "from"}, {"egress", "to"}} {
			spec[d[0]] = g.some(4, func() any { return g.adminRule(kind, d[1]) })
		}
		return obj{"apiVersion": "policy.networking.k8s.io/v1alpha1", "kind": kind, "metadata": obj{"name": fmt.Sprint("p", next)}, "spec": spec}
	}
}

func (g gen) adminPods() obj {
	if g.IntN(2) == 0 {
		return obj{"namespaces": g.namespaces()}
	}
	return obj{"pods": obj{"namespaceSelector": g.namespaces(), "podSelector": g.pods()}}
}

func (g gen) adminRule(kind, field string) any {
	yes := "Allow"
	if kind == "ClusterNetworkPolicy" {
		yes = "Accept"
	}
	rule := obj{"action": pick(g, yes, "Deny", "Deny", "Pass")}
	if kind == "BaselineAdminNetworkPolicy" && rule["action"] == "Pass" {
		rule["action"] = "Deny"
	}
	peers := []any{g.adminPods()}
	if g.IntN(2) == 0 {
		peers = append(peers, g.adminPods())
	}
	if field == "to" && g.IntN(3) == 0 {
		peers = append(peers, obj{"networks": []any{pick(g, "0.0.0.0/0", "10.0.0.0/8", "203.0.113.0/24")}})
	}
	rule[field] = peers
	if g.IntN(2) == 0 {
		return rule
	}
	proto := pick(g, "TCP", "UDP", "SCTP")
	if kind == "ClusterNetworkPolicy" {
		target := pick(g, obj{}, obj{"destinationPort": obj{"number": pick(g, 80, 90)}}, obj{"destinationPort": obj{"range": obj{"start": 79, "end": 85}}})
		rule["protocols"] = []any{obj{strings.ToLower(proto): target}, pick(g, obj{"destinationNamedPort": "http"}, obj{"udp": obj{"destinationPort": obj{"number": 90}}})}
		return rule
	}
	rule["ports"] = []any{pick(g, obj{"portNumber": obj{"protocol": proto, "port": pick(g, 80, 90)}}, obj{"portRange": obj{"protocol": proto, "start": 79, "end": 85}}, obj{"namedPort": "http"})}
	return rule
}

func TestOracle_AdminPolicies(t *testing.T) {
	runOracle(t, 40, 4, false, func(g gen) []func() obj {
		a := g.adminPolicies()
		return []func() obj{a, a, a, g.networkPolicy}
	})
}

func TestOracle_AdminPoliciesAlone(t *testing.T) {
	runOracle(t, 25, 5, false, func(g gen) []func() obj { return []func() obj{g.adminPolicies()} })
}
