// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/scanners/config/flows"
)

// Document is what the rules see of the items, and the graph of flows in it, which is nil if there are no manifests. The error wraps ErrLimit where
// the manifests are more than is computed.
func Document(items []Item, declared []predicate.DeclaredFlow) (map[string]any, *predicate.FlowGraph, error) {
	doc := lists(items)
	var err error
	if doc["declared"], err = plainJSON(declared); err != nil {
		return nil, nil, err
	}
	graph, err := flowGraph(items, declared)
	if err != nil {
		return nil, nil, err
	}
	doc["graph"], err = plainJSON(graph)
	return doc, graph, err
}

// lists is the document of items without flows.
func lists(items []Item) map[string]any {
	lists := map[Kind][]any{Kubernetes: {}, Terraform: {}, Dockerfile: {}, Compose: {}, GitHub: {}, GitLab: {}, Jenkins: {}}
	for n := range items {
		lists[items[n].Kind] = append(lists[items[n].Kind], items[n].document())
	}
	doc := map[string]any{"graph": nil, "declared": nil}
	for kind, list := range lists {
		doc[string(kind)] = list
	}
	return doc
}

// flowGraph is the flows that the Kubernetes manifests allow, or nil if there are none.
func flowGraph(items []Item, declared []predicate.DeclaredFlow) (*predicate.FlowGraph, error) {
	var objects []flows.Object
	for n := range items {
		if i := &items[n]; i.Kind == Kubernetes {
			namespace, _ := i.Doc["namespace"].(string)
			objects = append(objects, flows.Object{Item: i.ID, Object: i.body(), Namespace: namespace})
		}
	}
	if len(objects) == 0 && declared == nil {
		return nil, nil
	}
	return computed(flows.Compute(objects, declared))
}

// computed tells the limits of the graph as the scan's own.
func computed(graph *predicate.FlowGraph, err error) (*predicate.FlowGraph, error) {
	var limit *flows.LimitError
	if errors.As(err, &limit) {
		return nil, fmt.Errorf("%w: %w", ErrLimit, err)
	}
	return graph, err
}

// wireGraph is what plainJSON gives of a graph; the elements of its lists are made one by one, when they are asked for.
func wireGraph(g *predicate.FlowGraph) map[string]any {
	return map[string]any{
		"workloads": wireList(g.Workloads), "endpoints": wireList(g.Endpoints), "rules": wireList(g.Rules), "flows": wireList(g.Flows), "unread": wireList(g.Unread),
		"comparison": wireList(g.Comparison),
	}
}

func wireList[T any](list []T) any {
	if list == nil {
		return nil
	}
	return iter.Seq[any](func(yield func(any) bool) {
		for i := range list {
			v, err := plainJSON(list[i])
			if err != nil {
				v = err
			}
			if !yield(v) {
				return
			}
		}
	})
}

// plainJSON is a value as rules see it: maps, lists, text, numbers and booleans. A nil pointer or list is null.
func plainJSON(v any) (any, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("writing the flows for the rules: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var out any
	if err := dec.Decode(&out); err != nil {
		return nil, fmt.Errorf("reading the flows for the rules: %w", err)
	}
	return out, nil
}
