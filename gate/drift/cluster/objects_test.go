// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sealock-dev/sealock/gate/drift"
)

// discovered is what the API server says that it has.
var discovered = map[string]string{
	"/api":    `{"kind":"APIVersions","versions":["v1"]}`,
	"/apis":   `{"kind":"APIGroupList","apiVersion":"v1","groups":[]}`,
	"/api/v1": `{"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"pods","namespaced":true,"kind":"Pod","verbs":["get"]},{"name":"namespaces","namespaced":false,"kind":"Namespace","verbs":["get"]}]}`,
}

func TestObjects(t *testing.T) {
	t.Parallel()
	s, c := newServer(t)
	s.discovery = discovered
	s.put(namespacesPath, "", "shop", map[string]any{"metadata": map[string]any{"labels": map[string]any{DefaultLabel: "prod"}}})
	s.put(namespacesPath, "", "other", map[string]any{})
	s.put(podsPath, "shop", "same", simple(nil, image("a"), image("a")))
	s.put(podsPath, "shop", "patched", simple(nil, image("b"), image("a")))
	s.put(podsPath, "shop", "planted", simple(nil, image("a"), image("a")))
	s.put(podsPath, "other", "planted", simple(nil, image("a"), image("a")))
	pod := func(name, namespace string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + ", namespace: " + namespace + "}\nspec: {containers: [{name: app, image: \"" + image("a") + "\"}]}\n---\n"
	}
	m, err := ReadManifests(fstest.MapFS{"m.yaml": &fstest.MapFile{Data: []byte(pod("same", "") + pod("patched", "shop") + pod("missing", "shop") + pod("there", "other") +
		"apiVersion: acme.io/v1\nkind: Rollout\nmetadata: {name: x}\n")}}, ".")
	if err != nil {
		t.Fatal(err)
	}
	l, err := c.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := func() []string {
		t.Helper()
		all, err := c.Objects(t.Context(), m, l, ObjectOptions{Namespace: "shop"})
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, o := range all {
			code := ""
			if len(o.Reasons) > 0 {
				code = " " + o.Reasons[0].Code
			}
			out = append(out, strings.TrimSpace(o.Environment+" "+o.Place()+" "+string(o.Status)+code))
		}
		slices.Sort(out)
		return out
	}
	want := []string{"Rollout/x spec-changed " + drift.CodeObjectMissing, "prod shop/Pod/missing spec-changed " + drift.CodeObjectMissing, "prod shop/Pod/patched spec-changed " + drift.CodeSpecChanged,
		"prod shop/Pod/planted not-in-manifests " + drift.CodeNotInManifests, "prod shop/Pod/same verified"}
	if found := got(); !slices.Equal(found, want) {
		t.Errorf("found\n%s", strings.Join(found, "\n"))
	}
	// What can't be read is not known, and nothing else suffers.
	s.forbid["/api/v1/namespaces/shop/pods/missing"] = true
	s.discovery["/apis"] = `{"kind":"APIGroupList","apiVersion":"v1","groups":[{"name":"broken.io","versions":[{"groupVersion":"broken.io/v1","version":"v1"}],"preferredVersion":{"groupVersion":"broken.io/v1","version":"v1"}}]}`
	if found := got(); !slices.Contains(found, "Rollout/x undecided "+drift.CodeObjectUnreadable) && !slices.Contains(found, "prod shop/Pod/same verified") {
		t.Errorf("found\n%s", strings.Join(found, "\n"))
	}
	c.opt.Skip = []string{"shop"}
	if found := got(); slices.ContainsFunc(found, func(s string) bool { return strings.Contains(s, "Pod/same") }) {
		t.Errorf("a namespace that is not looked at is: %q", found)
	}
}
