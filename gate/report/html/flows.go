// SPDX-License-Identifier: Apache-2.0

package html

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// flowsView is who may open connections to whom.
type flowsView struct {
	Pictures []picture
	Summary  string
	Listed   listed
}

// What is to say about a flow.
const (
	flowDeclared   = "declared"
	flowUndeclared = "not declared"
	flowImpossible = "declared, but not possible"
	flowOpen       = "nothing is declared"
)

// flow is one connection between two ends.
type flow struct {
	from, to, port, methods, paths, state string
}

func flows(id string, c Case, x counted) flowsView {
	var v flowsView
	var all []flow
	ends, workloads := map[string]string{}, 0 // class of the box by name, of those whose names begin with a namespace
	for _, a := range x.of[predicate.KindConfig] {
		var f predicate.Findings
		if err := predicate.Decode(a.st, &f); err != nil {
			v.Listed.Notes = append(v.Listed.Notes, unreadable(a, err))
			continue
		}
		if f.Graph == nil {
			continue
		}
		all = append(all, flowsOf(*f.Graph)...)
		for _, w := range f.Graph.Workloads {
			ends[w.Name] = "ok"
			if !w.Ingress || !w.Egress {
				ends[w.Name] = "open"
			}
		}
		workloads += len(f.Graph.Workloads)
		for _, e := range f.Graph.Endpoints {
			if e.Kind == predicate.EndpointPods {
				ends[e.Name] = "plain"
			}
		}
		for _, u := range f.Graph.Unread {
			v.Listed.Notes = append(v.Listed.Notes, plain("Not understood, so it counts for nothing: "+u.Policy+": "+u.Message))
		}
	}
	if len(all) == 0 && len(ends) == 0 {
		v.Listed.Empty = absent(c, "a graph of the flows that Kubernetes manifests allow")
		return v
	}
	g := &grid{ID: id + "-flows", Caption: "Connections that may be opened", Noun: "flows",
		Columns: []column{text("From"), text("To"), code("Port"), code("Methods"), code("Paths"), choice("State")}}
	for _, f := range all {
		g.add(f.from, f.to, f.port, f.methods, f.paths, f.state)
	}
	v.Listed.Grid = g
	v.Summary = flowSummary(all, workloads)
	v.Pictures = drawFlows(all, ends)
	return v
}

// flowsOf lists the flows of a graph and, after them, those that were declared and are not possible.
func flowsOf(g predicate.FlowGraph) []flow {
	undeclared := map[string]bool{}
	var out []flow
	for _, d := range g.Comparison {
		if d.Kind == predicate.FlowUndeclared {
			undeclared[d.From+"\x00"+d.To+"\x00"+port(d.FlowPort)] = true
		}
	}
	for _, f := range g.Flows {
		state := flowDeclared
		switch {
		case g.Comparison == nil:
			state = flowOpen
		case undeclared[f.From+"\x00"+f.To+"\x00"+port(f.FlowPort)]:
			state = flowUndeclared
		}
		out = append(out, flow{f.From, f.To, port(f.FlowPort), anyOf(f.Methods, f.ExceptMethods), anyOf(f.Paths, f.ExceptPaths), state})
	}
	for _, d := range g.Comparison {
		if d.Kind == predicate.FlowImpossible {
			out = append(out, flow{d.From, d.To, port(d.FlowPort), anyOf(d.Methods, nil), anyOf(d.Paths, nil), flowImpossible})
		}
	}
	return out
}

func port(p predicate.FlowPort) string {
	switch {
	case p.PortName != "":
		return p.Protocol + " " + p.PortName
	case p.Port == 0:
		return cmp.Or(p.Protocol, "any")
	case p.EndPort > p.Port:
		return fmt.Sprintf("%s %d-%d", p.Protocol, p.Port, p.EndPort)
	}
	return fmt.Sprintf("%s %d", p.Protocol, p.Port)
}

// anyOf writes what is allowed: null is anything, an empty list nothing.
func anyOf(list, except []string) string {
	out := strings.Join(list, ", ")
	switch {
	case list == nil:
		out = "any"
	case len(list) == 0:
		out = "none"
	}
	if len(except) > 0 {
		out += " but " + strings.Join(except, ", ")
	}
	return out
}

func flowSummary(all []flow, workloads int) string {
	n := map[string]int{}
	for _, f := range all {
		n[f.state]++
	}
	out := fmt.Sprintf("%s, %s that may be opened", plural(workloads, "workload"), plural(len(all)-n[flowImpossible], "flow"))
	switch {
	case n[flowOpen] > 0:
		return out + ". The policy declares none to hold them against."
	case n[flowUndeclared]+n[flowImpossible] == 0:
		return out + ", each of them declared."
	}
	return fmt.Sprintf("%s: %d not declared, %d declared that can't be.", out, n[flowUndeclared], n[flowImpossible])
}

// drawFlows draws one arrow from end to end, whatever the number of ports.
func drawFlows(all []flow, ends map[string]string) []picture {
	number := map[string]int{}
	var nodes []node
	end := func(name string) int {
		if i, ok := number[name]; ok {
			return i
		}
		n := node{Title: plain(name), Class: cmp.Or(ends[name], "plain")}
		if namespace, rest, ok := strings.Cut(name, "/"); ok && ends[name] != "" { // of an address the slash is part
			n.Title, n.Lines = plain(rest), []string{plain(namespace)}
		}
		number[name] = len(nodes)
		nodes = append(nodes, n)
		return number[name]
	}
	worst := map[[2]int]string{}
	rank := []string{"plain", "faint", "bad"}
	var order [][2]int
	for _, f := range all {
		pair := [2]int{end(f.from), end(f.to)}
		class := map[string]string{flowUndeclared: "bad", flowImpossible: "faint"}[f.state]
		class = cmp.Or(class, "plain")
		if was, ok := worst[pair]; !ok {
			order = append(order, pair)
		} else if slices.Index(rank, was) > slices.Index(rank, class) {
			class = was
		}
		worst[pair] = class
	}
	for _, name := range slices.Sorted(maps.Keys(ends)) {
		end(name) // those that nobody may talk to
	}
	var links []link
	for _, p := range order {
		if p[0] != p[1] {
			links = append(links, link{p[0], p[1], worst[p]})
		}
	}
	return draw(nodes, links)
}
