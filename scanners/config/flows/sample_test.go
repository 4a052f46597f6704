// SPDX-License-Identifier: Apache-2.0

package flows_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/scanners/config/flows"
)

// objects reads manifests, numbered in their order.
func objects(t testing.TB, text string) []flows.Object {
	t.Helper()
	dec := yaml.NewDecoder(strings.NewReader(text))
	var out []flows.Object
	for {
		var m map[string]any
		err := dec.Decode(&m)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("reading YAML: %v", err)
		}
		if m == nil {
			continue
		}
		meta, _ := m["metadata"].(map[string]any)
		ns, _ := meta["namespace"].(string)
		kind, _ := m["kind"].(string)
		if ns == "" && kind != "Namespace" && !strings.HasPrefix(kind, "CiliumClusterwide") {
			ns = "default"
		}
		out = append(out, flows.Object{Item: len(out), Object: m, Namespace: ns})
	}
}

func sample(t testing.TB) string {
	t.Helper()
	files, err := filepath.Glob("../../../testdata/shop/deploy/k8s/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("the sample's manifests are not there: %v %v", files, err)
	}
	var b strings.Builder
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString("---\n")
		b.Write(raw)
	}
	return b.String()
}

const sampleDeclared = `
# The gateway calls what is public.
- {from: istio-ingress/istio=ingress, to: shop/auth, port: 8080, methods: [POST], paths: [/v1/token]}
- {from: istio-ingress/istio=ingress, to: shop/auth, port: 8080, methods: [GET], paths: [/.well-known/jwks.json]}
- {from: istio-ingress/istio=ingress, to: shop/catalog, port: 8080, methods: [GET], paths: [/, /index.html, /v1/products, /v1/products/*]}
- {from: istio-ingress/istio=ingress, to: shop/payments, port: 8080, methods: [POST], paths: [/v1/payments]}
- {from: istio-ingress/istio=ingress, to: shop/payments, port: 8080, methods: [GET], paths: [/v1/payments/*]}
# Payments asks for the keys that tokens are signed with, and for prices.
- {from: shop/payments, to: shop/auth, port: 8080, methods: [GET], paths: [/.well-known/jwks.json]}
- {from: shop/payments, to: shop/catalog, port: 8080, methods: [GET], paths: [/v1/products/*]}
# Everybody looks up names, and gets certificates from the mesh.
- {from: shop/*, to: kube-system/k8s-app=kube-dns, port: 53, protocol: UDP}
- {from: shop/*, to: kube-system/k8s-app=kube-dns, port: 53}
- {from: shop/*, to: istio-system/app=istiod, port: 15012}
`

func declared(t testing.TB, text string) []flows.Declared {
	t.Helper()
	out := []flows.Declared{}
	dec := yaml.NewDecoder(strings.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&out); err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return out
}

func compute(t testing.TB, manifests, flowsDeclared string) *predicate.FlowGraph {
	t.Helper()
	g, err := flows.Compute(objects(t, manifests), declared(t, flowsDeclared))
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func show(f predicate.Flow) string {
	s := fmt.Sprintf("%s -> %s %s", f.From, f.To, f.Protocol)
	switch {
	case f.PortName != "":
		s += " " + f.PortName
	case f.EndPort != 0:
		s += fmt.Sprintf(" %d-%d", f.Port, f.EndPort)
	case f.Port != 0:
		s += fmt.Sprintf(" %d", f.Port)
	}
	if f.Methods != nil {
		s += " " + strings.Join(f.Methods, ",")
	}
	if f.ExceptMethods != nil {
		s += " !" + strings.Join(f.ExceptMethods, ",")
	}
	if f.Paths != nil {
		s += " " + strings.Join(f.Paths, ",")
	}
	if f.ExceptPaths != nil {
		s += " but " + strings.Join(f.ExceptPaths, ",")
	}
	return s
}

func shown(g *predicate.FlowGraph) []string {
	out := []string{}
	for _, f := range g.Flows {
		out = append(out, show(f))
	}
	return out
}

func messages(g *predicate.FlowGraph) string {
	var b strings.Builder
	for _, d := range g.Comparison {
		b.WriteString(d.Kind + ": " + d.Message + "\n")
	}
	return b.String()
}

func TestSample_GraphEqualsDeclared(t *testing.T) {
	g := compute(t, sample(t), sampleDeclared)
	want := []string{
		"istio-ingress/istio=ingress -> shop/auth TCP 8080 GET /.well-known/jwks.json",
		"istio-ingress/istio=ingress -> shop/auth TCP 8080 POST /v1/token",
		"istio-ingress/istio=ingress -> shop/catalog TCP 8080 GET /,/index.html,/v1/products,/v1/products/*",
		"istio-ingress/istio=ingress -> shop/payments TCP 8080 GET /v1/payments/*",
		"istio-ingress/istio=ingress -> shop/payments TCP 8080 POST /v1/payments",
		"shop/payments -> shop/auth TCP 8080 GET /.well-known/jwks.json",
		"shop/payments -> shop/catalog TCP 8080 GET /v1/products/*",
	}
	for _, w := range []string{"auth", "catalog", "payments"} {
		want = append(want, "shop/"+w+" -> istio-system/app=istiod TCP 15012", "shop/"+w+" -> kube-system/k8s-app=kube-dns TCP 53", "shop/"+w+" -> kube-system/k8s-app=kube-dns UDP 53")
	}
	slices.Sort(want)
	if got := shown(g); !slices.Equal(got, want) {
		t.Errorf("flows:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if g.Comparison == nil || len(g.Comparison) != 0 {
		t.Errorf("differences:\n%s", messages(g))
	}
	for _, w := range g.Workloads {
		if !w.Ingress || !w.Egress || !w.Authorized {
			t.Errorf("%s: ingress %v, egress %v, authorized %v, want all", w.Name, w.Ingress, w.Egress, w.Authorized)
		}
	}
	if len(g.Unread) != 0 {
		t.Errorf("unread: %+v", g.Unread)
	}
}

// part is the manifest of a kind and name, with what stands between it and the next.
func part(t *testing.T, manifests, kind, name string) string {
	t.Helper()
	for _, doc := range strings.Split(manifests, "\n---\n") {
		if strings.Contains(doc, "\nkind: "+kind+"\n") && strings.Contains(doc, "\n  name: "+name+"\n") {
			return doc
		}
	}
	t.Fatalf("no %s %s in the sample", kind, name)
	return ""
}

// changed replaces text that stands once or more in one manifest.
func changed(t *testing.T, kind, name, old, replacement string) string {
	t.Helper()
	all := sample(t)
	doc := part(t, all, kind, name)
	if !strings.Contains(doc, old) {
		t.Fatalf("%s %s has no %q", kind, name, old)
	}
	return strings.Replace(all, doc, strings.Replace(doc, old, replacement, 1), 1)
}

func TestSample_WhatDiffers(t *testing.T) {
	gatewayPeer := `        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: istio-ingress
          podSelector:
            matchLabels:
              istio: ingress
`
	for _, c := range []struct {
		name, kind, object, old, replacement string
		want                                 []string // one for each difference, each a part of a message
	}{
		{"a peer more, outside the tree", "NetworkPolicy", "payments", gatewayPeer, gatewayPeer + "        - podSelector:\n            matchLabels:\n              app: debug\n",
			[]string{"undeclared: shop/app=debug may connect to shop/payments: TCP 8080, though AuthorizationPolicies let no request pass; no flow between them is declared"}},
		{"a namespace selector without a name", "NetworkPolicy", "auth", "kubernetes.io/metadata.name: istio-ingress", "team: web",
			[]string{"undeclared: [team=web]/istio=ingress may connect to shop/auth"}},
		{"every namespace", "NetworkPolicy", "auth", "            matchLabels:\n              kubernetes.io/metadata.name: istio-ingress\n", "            {}\n",
			[]string{"undeclared: */istio=ingress may connect to shop/auth: TCP 8080, though"}},
		{"a port of TCP more", "NetworkPolicy", "auth", "          port: 8080", "          port: 8080\n        - port: 9090",
			[]string{"undeclared: istio-ingress/istio=ingress may connect to shop/auth: TCP 9090, though AuthorizationPolicies let no request pass; declared is only TCP 8080, POST"}},
		{"a port more", "NetworkPolicy", "auth", "          port: 8080", "          port: 8080\n        - protocol: UDP\n          port: 9090",
			[]string{"undeclared: istio-ingress/istio=ingress may connect to shop/auth: UDP 9090; declared is only TCP 8080, POST"}},
		{"a range of ports", "NetworkPolicy", "allow-dns-and-mesh", "          port: 15012", "          port: 15012\n          endPort: 15014",
			[]string{"shop/auth may connect to istio-system/app=istiod: TCP 15013-15014", "shop/catalog may", "shop/payments may"}},
		{"egress to the internet", "NetworkPolicy", "payments", "  egress:\n", "  egress:\n    - to:\n        - ipBlock:\n            cidr: 0.0.0.0/0\n      ports:\n        - port: 443\n",
			[]string{"shop/payments may connect to 0.0.0.0/0: TCP 443; no flow between them is declared"}},
		{"a method restriction less", "AuthorizationPolicy", "catalog", "            methods: [GET]\n            paths: [/v1/products/*]\n", "            paths: [/v1/products/*]\n",
			[]string{"undeclared: shop/payments may connect to shop/catalog: TCP 8080, any method but GET on /v1/products/*; declared is only TCP 8080, GET on /v1/products/*"}},
		{"a method more", "AuthorizationPolicy", "auth", "methods: [GET]", "methods: [GET, DELETE]",
			[]string{"undeclared: istio-ingress/istio=ingress may connect to shop/auth: TCP 8080, DELETE on /.well-known/jwks.json"}},
		{"a wider path", "AuthorizationPolicy", "payments", "/v1/payments/*", "/v1/*",
			[]string{"undeclared: istio-ingress/istio=ingress may connect to shop/payments: TCP 8080, GET on /v1/* but /v1/payments/*"}},
		{"a principal more", "AuthorizationPolicy", "catalog", "cluster.local/ns/shop/sa/payments", "cluster.local/ns/shop/sa/payments, cluster.local/ns/istio-ingress/sa/other",
			nil}, // the gateway's own flows cover it
		{"a method that is declared and gone", "AuthorizationPolicy", "auth", "methods: [POST]", "methods: [PUT]",
			[]string{"undeclared: istio-ingress/istio=ingress may connect to shop/auth: TCP 8080, PUT on /v1/token", "impossible: the declared flow from istio-ingress/istio=ingress to shop/auth (TCP 8080, POST on /v1/token) is not possible as it stands"}},
		{"egress of the caller gone", "NetworkPolicy", "payments", "app.kubernetes.io/name: auth", "app.kubernetes.io/name: nobody",
			[]string{"undeclared: shop/payments may connect to shop/app.kubernetes.io/name=nobody,app.kubernetes.io/part-of=shop: TCP 8080",
				"impossible: the declared flow from shop/payments to shop/auth (TCP 8080, GET on /.well-known/jwks.json) is not possible: no egress rule of the policies of shop/payments allows it"}},
		{"ingress of the callee gone", "NetworkPolicy", "catalog", "        - podSelector:\n            matchLabels:\n              app.kubernetes.io/name: payments\n              app.kubernetes.io/part-of: shop\n", "",
			[]string{"impossible: the declared flow from shop/payments to shop/catalog (TCP 8080, GET on /v1/products/*) is not possible: no ingress rule of the policies of shop/catalog allows it"}},
		{"another service account", "Deployment", "payments", "serviceAccountName: payments", "serviceAccountName: pay",
			[]string{"impossible: the declared flow from shop/payments to shop/auth (TCP 8080, GET on /.well-known/jwks.json) is not possible: the AuthorizationPolicies of shop/auth don't allow it", "impossible"}},
		{"another name", "Deployment", "payments", "  name: payments\n", "  name: pay\n",
			[]string{"undeclared: shop/pay", "undeclared: shop/pay", "undeclared", "undeclared", "impossible", "impossible", "impossible", "the manifests have no workload shop/payments"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := compute(t, changed(t, c.kind, c.object, c.old, c.replacement), sampleDeclared)
			got := strings.Split(strings.TrimSuffix(messages(g), "\n"), "\n")
			if len(g.Comparison) == 0 {
				got = nil
			}
			if c.want == nil && got == nil {
				return
			}
			for _, want := range c.want {
				if !slices.ContainsFunc(got, func(m string) bool { return strings.Contains(m, want) }) {
					t.Errorf("no difference says %q", want)
				}
			}
			if len(got) != len(c.want) || t.Failed() {
				t.Errorf("%d differences, want %d:\n%s", len(got), len(c.want), messages(g))
			}
		})
	}
}
