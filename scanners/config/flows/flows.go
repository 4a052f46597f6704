// SPDX-License-Identifier: Apache-2.0

// Package flows computes from Kubernetes manifests who may open connections to whom, and holds that against the flows that a policy declares.
//
// Use: Compute the graph of all objects of a tree.
//
// What is read. Pod templates with their labels, service accounts and named ports; Namespaces and ServiceAccounts with their labels; Services that
// policies name; NetworkPolicy; AdminNetworkPolicy, BaselineAdminNetworkPolicy and ClusterNetworkPolicy; CiliumNetworkPolicy and
// CiliumClusterwideNetworkPolicy; Calico's NetworkPolicy and GlobalNetworkPolicy with its Tiers and (Global)NetworkSets; Antrea's NetworkPolicy and
// ClusterNetworkPolicy with its Tiers and (Cluster)Groups; Istio's AuthorizationPolicy.
// A flow is allowed if the egress of its source and the ingress of its destination allow it. An end asks its tiers in order: the administrators'
// policies with Antrea's before them, those of developers (NetworkPolicy, Cilium, and Calico in its default tier), the baseline, with Calico's own
// tiers where their order puts them. In a tier the first rule that means a connection allows or denies it, or passes it on to the next; what none
// means is denied if a policy of a closing tier selects the pod, and goes on if not. An end whose last tier leaves it open allows it. Of TCP to a
// workload with AuthorizationPolicies only those methods and paths are left that they let the caller have; if none are, the flow has an empty list of
// methods: the connection can be opened, and nothing asked.
//
// Ends of flows. A workload is namespace/name. What a policy names and the tree does not have is an endpoint: "istio-ingress/istio=ingress" is pods by
// namespace and labels, "[team=web]/*" by the labels of a namespace, "istio-ingress/sa:gateway" by service account, "*/*" any pod, "world" any address,
// else CIDRs, DNS names, or Cilium's entities. Peers in a namespace that the policy names are the workloads of the tree if there are such; peers in
// namespaces that are selected otherwise are an endpoint as well, since the cluster may have others.
//
// What stands for what. A workload that no rule keeps from pods in general has flows from "*/*", likewise "world" for addresses, and flows to them.
// Between a source and a destination that have such flows those stand for what no rule of either end decides, and it is not listed by itself, unless
// an AuthorizationPolicy limits it. An endpoint stands for all it names, even where a rule denies some of those. Flows outside the tree are not listed.
//
// Guarantees. The graph depends on the objects alone, not on their order; nothing that the manifests allow is missing from it. Where the manifests don't
// say (labels of a namespace without an object, which pods have which address), it shows what may be: rules that allow count if they may match, rules
// that deny if they surely do, and where two policies have no defined order, those that allow come first. A policy that the API server would refuse
// holds for nothing and is listed as unread; so is one whose meaning depends on what the tree does not have, such as a Tier: the graph then lacks
// what that allows. All sizes are bounded: past a limit is a *LimitError.
//
// Limits. Pods in the node's network are not isolated and not selected. Pods are taken to have IPv4 addresses; a block of addresses takes in pods only
// if it is all addresses (0.0.0.0/0 or ::/0) and leaves out no private network: what Calico and most others do; Cilium's own CIDR rules never do.
// Callers inside the mesh are taken to have their certificate (PeerAuthentication is judged elsewhere), and istio-system to be the mesh's root
// namespace. Conditions of AuthorizationPolicies on hosts, tokens and headers don't narrow a flow; CUSTOM, AUDIT, and policies for gateways or waypoints
// don't either; nor do those of Antrea on hosts and on names in TLS. Calico's policies for the interfaces of nodes, and staged ones, hold for no pod;
// nor do Antrea's for nodes and external machines.
// Traffic of a pod with itself and of the node with its pods, which no policy prevents, is not shown.
package flows

import (
	"fmt"
	"iter"
	"slices"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// Limits.
const (
	MaxWorkloads = 5000
	MaxPolicies  = 5000
	MaxParts     = 50000 // rules, peers, ports and operations of all policies
	MaxFlows     = 50000 // in the graph
	maxCuts      = 5000  // ports at which the rules between two ends differ
	maxOps       = 500   // different requests of one flow
	maxPairs     = 1000000
	maxWork      = 1 << 27 // rules × workloads
)

// LimitError says that manifests are more than is computed.
type LimitError struct {
	What  string
	Limit int
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("computing the flows that the manifests allow: more than %d %s, which is the limit\nhint: scan the parts of the tree by themselves", e.Limit, e.What)
}

// Object is one decoded manifest: maps with text keys, lists, text, numbers and booleans, as encoding/json or YAML decoders give them.
type Object struct {
	Item      int            // the number that rules of the graph and differences give
	Object    map[string]any // the whole manifest
	Namespace string         // the effective one; "" for objects of the cluster
}

// Declared is one flow that a policy declares.
type Declared = predicate.DeclaredFlow

// Compute gives the graph, and, if declared is not nil, how it differs from that. Declared flows have been checked (predicate.CheckDeclared).
func Compute(objects []Object, declared []Declared) (*predicate.FlowGraph, error) {
	objects = slices.Clone(objects)
	slices.SortStableFunc(objects, func(a, b Object) int { return a.Item - b.Item })
	return ComputeEach(slices.Values(objects), declared)
}

// ComputeEach is Compute for objects that are made when they are asked for, each time in the order of their items. None is kept.
func ComputeEach(objects iter.Seq[Object], declared []Declared) (*predicate.FlowGraph, error) {
	if err := predicate.CheckDeclared(declared); err != nil {
		return nil, err
	}
	w, err := read(objects)
	if err != nil {
		return nil, err
	}
	if err := w.bind(); err != nil {
		return nil, err
	}
	c := &computation{world: w, endpoints: map[string]peer{}}
	if err := c.run(); err != nil {
		return nil, err
	}
	g := c.graph()
	if declared != nil {
		g.Comparison = compare(c, g, declared)
	}
	return g, nil
}
