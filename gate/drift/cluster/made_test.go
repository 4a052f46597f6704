// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// operated is an API server with an operator: a Database of the manifests made a StatefulSet, that made a pod.
func operated(t *testing.T) (*apiServer, *Cluster) {
	t.Helper()
	s, c := newServer(t)
	s.discovery = maps.Clone(discovered)
	s.discovery["/apis"] = `{"kind":"APIGroupList","apiVersion":"v1","groups":[{"name":"apps","versions":[{"groupVersion":"apps/v1","version":"v1"}]},{"name":"acme.io","versions":[{"groupVersion":"acme.io/v1","version":"v1"}]}]}`
	s.discovery["/apis/apps/v1"] = `{"kind":"APIResourceList","groupVersion":"apps/v1","resources":[{"name":"statefulsets","namespaced":true,"kind":"StatefulSet","verbs":["get"]}]}`
	s.discovery["/apis/acme.io/v1"] = `{"kind":"APIResourceList","groupVersion":"acme.io/v1","resources":[{"name":"databases","namespaced":true,"kind":"Database","verbs":["get"]}]}`
	s.put(namespacesPath, "", "shop", map[string]any{"metadata": map[string]any{"labels": map[string]any{DefaultLabel: "prod"}}})
	s.put(podsPath, "shop", "app", simple(nil, image("a"), image("a")))
	s.put(databasesPath, "shop", "orders", map[string]any{})
	s.put(statefulPath, "shop", "orders", madeBy("acme.io/v1", "Database", "orders"))
	pod := simple(nil, image("a"), image("a"))
	maps.Copy(pod, madeBy("apps/v1", "StatefulSet", "orders"))
	s.put(podsPath, "shop", "orders-0", pod)
	return s, c
}

func madeBy(version, kind, name string) map[string]any {
	return map[string]any{"metadata": map[string]any{"ownerReferences": []any{map[string]any{"apiVersion": version, "kind": kind, "name": name, "uid": "uid-shop-" + name, "controller": true}}}}
}

// What an object of the manifests made through an operator stands in them; what claims that and is not, does not.
func TestMadeByOperators(t *testing.T) {
	t.Parallel()
	const app, database = "apiVersion: v1\nkind: Pod\nmetadata: {name: app, namespace: shop}\n---\n", "apiVersion: acme.io/v1\nkind: Database\nmetadata: {name: orders, namespace: shop}\n---\n"
	for name, c := range map[string]struct {
		manifests string
		change    func(s *apiServer)
		want      string
	}{
		"in the manifests":       {app + database, nil, ""},
		"its operator alone":     {app, nil, "shop/StatefulSet/orders not-in-manifests"},
		"of another name":        {app + strings.ReplaceAll(database, "orders", "other"), nil, "shop/StatefulSet/orders not-in-manifests"},
		"of another namespace":   {app + strings.ReplaceAll(database, "namespace: shop", "namespace: other"), nil, "shop/StatefulSet/orders not-in-manifests"},
		"of another group":       {app + strings.ReplaceAll(database, "acme.io", "evil.io"), nil, "shop/StatefulSet/orders not-in-manifests"},
		"nobody is behind it":    {app + database, func(s *apiServer) { s.put(statefulPath, "shop", "orders", map[string]any{}) }, "shop/StatefulSet/orders not-in-manifests"},
		"a claim of another uid": {app + database, func(s *apiServer) { s.put(statefulPath, "shop", "orders", wrongUID()) }, "shop/StatefulSet/orders not-in-manifests"},
		"who made it is secret":  {app + database, func(s *apiServer) { s.forbid["/apis/apps/v1/namespaces/shop/statefulsets/orders"] = true }, "shop/StatefulSet/orders not-in-manifests"},
	} {
		s, cluster := operated(t)
		if c.change != nil {
			c.change(s)
		}
		m, err := ReadManifests(fstest.MapFS{"m.yaml": &fstest.MapFile{Data: []byte(c.manifests)}}, ".")
		if err != nil {
			t.Fatal(err)
		}
		l, err := cluster.List(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all, err := cluster.Objects(t.Context(), m, l, ObjectOptions{Namespace: "shop"})
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, o := range all {
			if strings.HasPrefix(o.Workload, "StatefulSet/") {
				said = append(said, o.Place()+" "+string(o.Status))
			}
		}
		if slices.Sort(said); strings.Join(said, "\n") != c.want {
			t.Errorf("%s: found %q, expected %q", name, said, c.want)
		}
	}
}

func wrongUID() map[string]any {
	out := madeBy("acme.io/v1", "Database", "orders")
	out["metadata"].(map[string]any)["ownerReferences"].([]any)[0].(map[string]any)["uid"] = "uid-before"
	return out
}
