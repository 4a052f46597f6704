// SPDX-License-Identifier: Apache-2.0

package flows_test

import (
	"slices"
	"strings"
	"testing"
)

// pod is a workload in YAML: namespace/name, then labels as k=v, ports as name:number, and sa=account.
func pod(spec string) string {
	words := strings.Fields(spec)
	ns, name, _ := strings.Cut(words[0], "/")
	labels, ports, account, more := "", "", "", ""
	for _, w := range words[1:] {
		k, v, isLabel := strings.Cut(w, "=")
		n, number, isPort := strings.Cut(w, ":")
		switch {
		case k == "sa":
			account = "      serviceAccountName: " + v + "\n"
		case w == "hostNetwork":
			more = "      hostNetwork: true\n"
		case isLabel:
			labels += "        " + k + ": \"" + v + "\"\n"
		case isPort:
			ports += "            - {name: " + n + ", containerPort: " + number + "}\n"
		}
	}
	if labels == "" {
		labels = "        {}\n"
	}
	if ports != "" {
		ports = "          ports:\n" + ports
	}
	return "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: " + name + "\n  namespace: " + ns +
		"\nspec:\n  template:\n    metadata:\n      labels:\n" + labels + "    spec:\n" + account + more + "      containers:\n        - name: c\n" + ports
}

func world(pods ...string) string {
	var b strings.Builder
	for _, p := range pods {
		b.WriteString(pod(p))
	}
	return b.String()
}

func policyYAML(kind, nsName, spec string) string {
	ns, name, _ := strings.Cut(nsName, "/")
	version := map[string]string{"NetworkPolicy": "networking.k8s.io/v1", "AuthorizationPolicy": "security.istio.io/v1"}[kind]
	if version == "" {
		version = "cilium.io/v2"
	}
	return "---\napiVersion: " + version + "\nkind: " + kind + "\nmetadata:\n  name: " + name + "\n  namespace: " + ns + "\nspec: " + spec + "\n"
}

const (
	closed = "{podSelector: {}, policyTypes: [Ingress, Egress]}"
	noIn   = "{podSelector: {}, policyTypes: [Ingress]}"
)

// about keeps the flows to one end, in short.
func about(flows []string, end string) []string {
	out := []string{}
	for _, f := range flows {
		if strings.Contains(f, " -> "+end+" ") {
			out = append(out, f)
		}
	}
	return out
}

func TestNetworkPolicies(t *testing.T) {
	ab := world("a/one app=one http:8080", "a/two app=two", "b/three app=three")
	for _, c := range []struct {
		name, manifests string
		to              string
		want            []string
	}{
		{"closed", ab + policyYAML("NetworkPolicy", "a/x", closed), "a/one", nil},
		{"no policyTypes: ingress", ab + policyYAML("NetworkPolicy", "a/x", "{podSelector: {}}"), "a/one", nil},
		{"an empty egress without types does not isolate", world("a/one app=one") + policyYAML("NetworkPolicy", "a/x", "{podSelector: {}, egress: []}"), "world",
			[]string{"a/one -> world any"}},
		{"egress without types does", world("a/one app=one") + policyYAML("NetworkPolicy", "a/x", "{podSelector: {}, egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}"), "10.0.0.0/8",
			[]string{"a/one -> 10.0.0.0/8 any"}},
		{"rules of a type that is not named count for nothing", ab + policyYAML("NetworkPolicy", "a/x", "{podSelector: {}, policyTypes: [Egress], ingress: [{}]}"), "a/one",
			[]string{"*/* -> a/one any", "world -> a/one any"}},
		{"podSelector alone is the policy's namespace", ab + policyYAML("NetworkPolicy", "a/x", noIn) + policyYAML("NetworkPolicy", "a/y", "{podSelector: {matchLabels: {app: one}}, ingress: [{from: [{podSelector: {}}]}]}"), "a/one",
			[]string{"a/one -> a/one any", "a/two -> a/one any"}},
		{"both selectors in one peer: and", ab + policyYAML("NetworkPolicy", "a/y", "{podSelector: {matchLabels: {app: one}}, ingress: [{from: [{podSelector: {matchLabels: {app: three}}, namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}}]}]}"), "a/one",
			[]string{"b/three -> a/one any"}},
		{"in two peers: or", ab + policyYAML("NetworkPolicy", "a/y", "{podSelector: {matchLabels: {app: one}}, ingress: [{from: [{podSelector: {matchLabels: {app: two}}}, {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}}]}]}"), "a/one",
			[]string{"a/two -> a/one any", "b/three -> a/one any"}},
		{"an empty namespaceSelector is all, known or not", ab + policyYAML("NetworkPolicy", "a/y", "{podSelector: {matchLabels: {app: one}}, ingress: [{from: [{namespaceSelector: {}}]}]}"), "a/one",
			[]string{"*/* -> a/one any", "a/one -> a/one any", "a/two -> a/one any", "b/three -> a/one any"}},
		{"from missing is everyone", ab + policyYAML("NetworkPolicy", "a/y", "{podSelector: {matchLabels: {app: one}}, ingress: [{ports: [{port: 80}]}]}"), "a/one",
			[]string{"*/* -> a/one TCP 80", "a/one -> a/one TCP 80", "a/two -> a/one TCP 80", "b/three -> a/one TCP 80", "world -> a/one TCP 80"}},
		{"names of ports are the callee's", ab + policyYAML("NetworkPolicy", "a/y", "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: two}}}], ports: [{port: http}]}]}"), "a/one",
			[]string{"a/two -> a/one TCP 8080"}},
		{"a name that nobody has", ab + policyYAML("NetworkPolicy", "a/y", "{podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: two}}}], ports: [{port: grpc}]}]}"), "a/one", nil},
		{"a name outside the tree stays", world("a/one app=one") + policyYAML("NetworkPolicy", "a/y", "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}], ports: [{port: dns, protocol: UDP}]}]}"), "kube-system/*",
			[]string{"a/one -> kube-system/* UDP dns"}},
		{"ranges join", ab + policyYAML("NetworkPolicy", "a/y", "{podSelector: {matchLabels: {app: one}}, ingress: [{from: [{podSelector: {matchLabels: {app: two}}}], ports: [{port: 80, endPort: 90}, {port: 91}, {port: 85, endPort: 100}]}]}"), "a/one",
			[]string{"a/two -> a/one TCP 80-100"}},
		{"expressions", ab + policyYAML("NetworkPolicy", "a/y", "{podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [two]}]}, ingress: [{from: [{podSelector: {matchExpressions: [{key: app, operator: In, values: [two, four]}]}}]}]}"), "a/one",
			[]string{"a/two -> a/one any"}},
		{"both ends have to allow", ab + policyYAML("NetworkPolicy", "a/x", closed) + policyYAML("NetworkPolicy", "a/y", "{podSelector: {matchLabels: {app: one}}, ingress: [{from: [{podSelector: {matchLabels: {app: two}}}], ports: [{port: 80}, {port: 81}]}]}") +
			policyYAML("NetworkPolicy", "a/z", "{podSelector: {matchLabels: {app: two}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: one}}}], ports: [{port: 81}, {port: 82}]}]}"), "a/one",
			[]string{"a/two -> a/one TCP 81"}},
		{"the internet alone holds no pods", ab + policyYAML("NetworkPolicy", "a/y", "{podSelector: {matchLabels: {app: one}}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]}"), "a/one",
			[]string{"0.0.0.0/0 except 10.0.0.0/8 -> a/one any"}},
		{"all addresses hold pods", ab + policyYAML("NetworkPolicy", "a/y", "{podSelector: {matchLabels: {app: one}}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [169.254.169.254/32]}}]}]}"), "a/one",
			[]string{"0.0.0.0/0 except 169.254.169.254/32 -> a/one any", "a/one -> a/one any", "a/two -> a/one any", "b/three -> a/one any"}},
		{"a namespace by its labels may be another", ab + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: b, labels: {team: x}}\n" + policyYAML("NetworkPolicy", "a/y", "{podSelector: {matchLabels: {app: one}}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: x}}}]}]}"), "a/one",
			[]string{"[team=x]/* -> a/one any", "a/one -> a/one any", "a/two -> a/one any", "b/three -> a/one any"}}, // the labels of a are not known
		{"a namespace known to have other labels", ab + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: b, labels: {team: x}}\n" + policyYAML("NetworkPolicy", "a/y", "{podSelector: {matchLabels: {app: one}}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: x}}}]}]}"), "a/one",
			[]string{"[team=x]/* -> a/one any", "b/three -> a/one any"}},
		{"a peer that nobody is", ab + policyYAML("NetworkPolicy", "a/y", "{podSelector: {matchLabels: {app: one}}, ingress: [{from: [{podSelector: {matchLabels: {app: four}}}]}]}"), "a/one",
			[]string{"a/app=four -> a/one any"}},
		{"the node's network is not selected", world("a/one app=one", "a/host app=two hostNetwork") + policyYAML("NetworkPolicy", "a/y", "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}"), "a/one",
			[]string{"a/one -> a/one any"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := compute(t, c.manifests, "")
			if got := about(shown(g), c.to); !slices.Equal(got, append([]string{}, c.want...)) {
				t.Errorf("flows to %s:\n%s\nwant:\n%s", c.to, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			if len(g.Unread) > 0 {
				t.Errorf("unread: %+v", g.Unread)
			}
		})
	}
}

func TestNetworkPolicies_Refused(t *testing.T) {
	for name, spec := range map[string]string{
		"a field misspelt":              "{podSelectr: {}}",
		"a field in the wrong place":    "{podSelector: {}, ingress: [{from: [{podSelector: {}, ports: [{port: 80}]}]}]}",
		"an empty peer":                 "{podSelector: {}, ingress: [{from: [{}]}]}",
		"a peer of two kinds":           "{podSelector: {}, ingress: [{from: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]}",
		"from is no list":               "{podSelector: {}, ingress: [{from: {podSelector: {}}}]}",
		"ingress is no list":            "{podSelector: {}, ingress: {}}",
		"an operator unknown":           "{podSelector: {matchExpressions: [{key: a, operator: in, values: [b]}]}}",
		"values missing":                "{podSelector: {matchExpressions: [{key: a, operator: In}]}}",
		"values too many":               "{podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}",
		"a label that is a number":      "{podSelector: {matchLabels: {version: 1}}}",
		"a port as text":                "{podSelector: {}, ingress: [{ports: [{port: \"8080\"}]}]}",
		"a port too large":              "{podSelector: {}, ingress: [{ports: [{port: 70000}]}]}",
		"endPort before port":           "{podSelector: {}, ingress: [{ports: [{port: 80, endPort: 79}]}]}",
		"endPort without port":          "{podSelector: {}, ingress: [{ports: [{endPort: 79}]}]}",
		"endPort after a name":          "{podSelector: {}, ingress: [{ports: [{port: http, endPort: 79}]}]}",
		"a protocol in lower case":      "{podSelector: {}, ingress: [{ports: [{port: 80, protocol: tcp}]}]}",
		"an address":                    "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.1}}]}]}",
		"an exception that is outside":  "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]}]}",
		"an exception that is all":      "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]}]}",
		"policyTypes in lower case":     "{podSelector: {}, policyTypes: [ingress]}",
		"the spec is a list":            "[]",
		"a rule is text":                "{podSelector: {}, ingress: [all]}",
		"a selector is text":            "{podSelector: all}",
		"a null among values":           "{podSelector: {matchExpressions: [{key: a, operator: In, values: [null]}]}}",
		"a selector with another field": "{podSelector: {app: web}}",
	} {
		t.Run(name, func(t *testing.T) {
			g := compute(t, world("a/one app=one")+policyYAML("NetworkPolicy", "a/x", spec), "")
			if len(g.Unread) != 1 || g.Unread[0].Kind != "invalid" || g.Unread[0].Policy != "NetworkPolicy a/x" || g.Unread[0].Item != 1 || g.Unread[0].Path == nil {
				t.Errorf("unread: %+v", g.Unread)
			}
			if g.Workloads[0].Ingress {
				t.Error("a policy that is refused isolates")
			}
		})
	}
}

func TestCilium(t *testing.T) {
	ab := world("a/one app=one http:8080", "a/two app=two", "b/three app=three sa=caller")
	in := func(spec string) string {
		return ab + policyYAML("CiliumNetworkPolicy", "a/c", "{endpointSelector: {matchLabels: {app: one}}, "+spec+"}")
	}
	for _, c := range []struct {
		name, manifests, to string
		want                []string
	}{
		{"an empty rule denies", in("ingress: [{}]"), "a/one", nil},
		{"no rules, no isolation", in("ingress: []"), "a/one", []string{"*/* -> a/one any", "world -> a/one any"}},
		{"endpoints stay in the namespace", in("ingress: [{fromEndpoints: [{}]}]"), "a/one", []string{"a/one -> a/one any", "a/two -> a/one any"}},
		{"another namespace is named", in("ingress: [{fromEndpoints: [{matchLabels: {k8s:io.kubernetes.pod.namespace: b, k8s:app: three}}]}]"), "a/one", []string{"b/three -> a/one any"}},
		{"a service account", in("ingress: [{fromEndpoints: [{matchLabels: {k8s:io.kubernetes.pod.namespace: b, io.cilium.k8s.policy.serviceaccount: caller}}]}]"), "a/one", []string{"b/three -> a/one any"}},
		{"a service account that nobody has", in("ingress: [{fromEndpoints: [{matchLabels: {io.cilium.k8s.policy.serviceaccount: nobody}}]}]"), "a/one", []string{"a/sa:nobody -> a/one any"}},
		{"namespaces by labels", in("ingress: [{fromEndpoints: [{matchLabels: {io.cilium.k8s.namespace.labels.team: x}}]}]") + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: b, labels: {team: x}}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n", "a/one",
			[]string{"[team=x]/* -> a/one any", "b/three -> a/one any"}},
		{"entities", in("ingress: [{fromEntities: [world]}, {fromEntities: [host]}]"), "a/one", []string{"host -> a/one any", "world -> a/one any"}},
		{"the cluster", in("ingress: [{fromEntities: [cluster]}]"), "a/one", []string{"*/* -> a/one any", "a/one -> a/one any", "a/two -> a/one any", "b/three -> a/one any"}},
		{"ports without peers are for everyone", in("ingress: [{toPorts: [{ports: [{port: \"80\", protocol: TCP}]}]}]"), "a/one",
			[]string{"*/* -> a/one TCP 80", "a/one -> a/one TCP 80", "a/two -> a/one TCP 80", "b/three -> a/one TCP 80", "world -> a/one TCP 80"}},
		{"an empty list of peers is nobody", in("ingress: [{fromEndpoints: [], toPorts: [{ports: [{port: \"80\"}]}]}]"), "a/one", nil},
		{"requests", in("ingress: [{fromEndpoints: [{matchLabels: {app: two}}], toPorts: [{ports: [{port: http, protocol: TCP}], rules: {http: [{method: GET, path: /v1/.*}, {method: GET|HEAD, path: \"/keys[0-9]\"}]}}]}]"), "a/one",
			[]string{"a/two -> a/one TCP 8080 GET /v1/*,regex:/keys[0-9]", "a/two -> a/one TCP 8080 HEAD regex:/keys[0-9]"}},
		{"a port without requests is wider", in("ingress: [{fromEndpoints: [{matchLabels: {app: two}}], toPorts: [{ports: [{port: \"80\", protocol: TCP}], rules: {http: [{method: GET}]}}, {ports: [{port: \"80\", protocol: TCP}]}]}]"), "a/one",
			[]string{"a/two -> a/one TCP 80"}},
		{"to deny outweighs", in("ingress: [{fromEndpoints: [{}]}], ingressDeny: [{fromEndpoints: [{matchLabels: {app: two}}], toPorts: [{ports: [{port: \"1\", endPort: 79, protocol: ANY}]}]}]"), "a/one",
			[]string{"a/one -> a/one any", "a/two -> a/one SCTP 80-65535", "a/two -> a/one TCP 80-65535", "a/two -> a/one UDP 80-65535", "a/two -> a/one other"}},
		{"to deny outweighs a NetworkPolicy", in("ingressDeny: [{fromEndpoints: [{matchLabels: {app: two}}]}]") + policyYAML("NetworkPolicy", "a/n", "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}"), "a/one",
			[]string{"a/one -> a/one any"}},
		{"default deny off", in("enableDefaultDeny: {ingress: false}, ingress: [{fromEndpoints: [{}]}]"), "a/one", []string{"*/* -> a/one any", "world -> a/one any"}},
		{"icmp", in("ingress: [{fromEndpoints: [{matchLabels: {app: two}}], icmps: [{fields: [{type: 8}]}]}]"), "a/one", []string{"a/two -> a/one other"}},
		{"names", in("egress: [{toFQDNs: [{matchName: API.example.com.}], toPorts: [{ports: [{port: \"443\", protocol: TCP}]}]}]"), "api.example.com", []string{"a/one -> api.example.com TCP 443"}},
		{"any name", in("egress: [{toFQDNs: [{matchPattern: \"*\"}]}]"), "world", []string{"a/one -> world any", "a/two -> world any", "b/three -> world any"}},
		{"addresses", in("egress: [{toCIDRSet: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}]}]"), "10.0.0.0/8 except 10.1.0.0/16", []string{"a/one -> 10.0.0.0/8 except 10.1.0.0/16 any"}},
		{"a service of the tree", in("egress: [{toServices: [{k8sService: {serviceName: s, namespace: b}}]}]") + "---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: b}\nspec: {selector: {app: three}}\n", "b/three",
			[]string{"*/* -> b/three any", "a/one -> b/three any", "world -> b/three any"}},
		{"a service of another", in("egress: [{toServices: [{k8sService: {serviceName: s, namespace: c}}]}]"), "c/service:s", []string{"a/one -> c/service:s any"}},
		{"services by labels", in("egress: [{toServices: [{k8sServiceSelector: {selector: {matchLabels: {team: x}}}}]}]") + "---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: b, labels: {team: x}}\nspec: {selector: {app: three}}\n", "b/three",
			[]string{"*/* -> b/three any", "a/one -> b/three any", "world -> b/three any"}},
		{"nodes", ab + world("a/host hostNetwork") + policyYAML("CiliumNetworkPolicy", "a/c", "{endpointSelector: {}, egress: [{toNodes: [{}]}]}"), "a/host",
			[]string{"*/* -> a/host any", "a/one -> a/host any", "a/two -> a/host any", "world -> a/host any"}},
		{"some types of icmp denied", in("ingressDeny: [{fromEndpoints: [{}], icmps: [{fields: [{type: 8}]}]}], ingress: [{fromEndpoints: [{matchLabels: {app: two}}]}]"), "a/one", []string{"a/two -> a/one any"}},
		{"whatever comes is somebody", in("egress: [{toGroups: [{aws: {}}]}]"), "groups", []string{"a/one -> groups any"}},
		{"the whole cluster's policy", ab + policyYAML("CiliumClusterwideNetworkPolicy", "/c", "{endpointSelector: {}, ingress: [{fromEndpoints: [{matchLabels: {app: three}}]}]}"), "a/one",
			[]string{"*/app=three -> a/one any", "b/three -> a/one any"}},
		{"about nodes", ab + policyYAML("CiliumClusterwideNetworkPolicy", "/c", "{nodeSelector: {}, ingress: [{}]}"), "a/one", []string{"*/* -> a/one any", "world -> a/one any"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := compute(t, c.manifests, "")
			if got := about(shown(g), c.to); !slices.Equal(got, append([]string{}, c.want...)) {
				t.Errorf("flows to %s:\n%s\nwant:\n%s", c.to, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			if len(g.Unread) > 0 {
				t.Errorf("unread: %+v", g.Unread)
			}
		})
	}
}

func TestAuthorization(t *testing.T) {
	ab := world("a/one app=one", "a/two app=two sa=two", "b/three app=three sa=three") + policyYAML("NetworkPolicy", "a/n", "{podSelector: {matchLabels: {app: one}}, ingress: [{from: [{namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [a, b]}]}, podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [one]}]}}], ports: [{port: 80}, {port: 81}]}]}")
	allow := func(spec string) string { return ab + policyYAML("AuthorizationPolicy", "a/p", spec) }
	const two, three = "a/two -> a/one ", "b/three -> a/one "
	nothing := []string{two + "TCP 80-81  ", three + "TCP 80-81  "} // no method, no path
	for _, c := range []struct {
		name, manifests string
		want            []string
	}{
		{"an empty spec denies", allow("{}"), nothing},
		{"no spec denies", strings.TrimSuffix(allow(""), " \n") + "\n", nothing},
		{"an empty rule allows", allow("{rules: [{}]}"), []string{two + "TCP 80-81", three + "TCP 80-81"}},
		{"another's policy", allow("{selector: {matchLabels: {app: two}}}"), []string{two + "TCP 80-81", three + "TCP 80-81"}},
		{"the mesh's policy", ab + policyYAML("AuthorizationPolicy", "istio-system/p", "{}"), nothing},
		{"another namespace's", ab + policyYAML("AuthorizationPolicy", "b/p", "{}"), []string{two + "TCP 80-81", three + "TCP 80-81"}},
		{"principals", allow("{rules: [{from: [{source: {principals: [cluster.local/ns/a/sa/two]}}], to: [{operation: {methods: [GET]}}]}]}"), []string{two + "TCP 80-81 GET", three + "TCP 80-81  "}},
		{"another trust domain is ours", allow("{rules: [{from: [{source: {principals: [td.example/ns/b/sa/*]}}]}]}"), []string{two + "TCP 80-81  ", three + "TCP 80-81"}},
		{"namespaces", allow("{rules: [{from: [{source: {namespaces: [b]}}]}]}"), []string{two + "TCP 80-81  ", three + "TCP 80-81"}},
		{"not these namespaces", allow("{rules: [{from: [{source: {notNamespaces: [b]}}]}]}"), []string{two + "TCP 80-81", three + "TCP 80-81  "}},
		{"service accounts", allow("{rules: [{from: [{source: {serviceAccounts: [two]}}]}]}"), []string{two + "TCP 80-81", three + "TCP 80-81  "}},
		{"all fields of a source", allow("{rules: [{from: [{source: {principals: [cluster.local/ns/a/sa/two], namespaces: [b]}}]}]}"), nothing},
		{"ports", allow("{rules: [{to: [{operation: {ports: [\"80\"]}}]}]}"), []string{two + "TCP 80", two + "TCP 81  ", three + "TCP 80", three + "TCP 81  "}},
		{"not these", allow("{rules: [{to: [{operation: {notPorts: [\"80\"], notMethods: [GET], notPaths: [/admin*]}}]}]}"), []string{two + "TCP 80  ", two + "TCP 81 !GET but /admin*", three + "TCP 80  ", three + "TCP 81 !GET but /admin*"}},
		{"when", allow("{rules: [{when: [{key: source.namespace, values: [a]}, {key: destination.port, notValues: [\"81\"]}]}]}"), []string{two + "TCP 80", two + "TCP 81  ", three + "TCP 80-81  "}},
		{"a condition that nobody knows may hold", allow("{rules: [{when: [{key: \"request.headers[x]\", values: [y]}]}]}"), []string{two + "TCP 80-81", three + "TCP 80-81"}},
		{"deny", allow("{action: DENY, rules: [{to: [{operation: {methods: [DELETE], paths: [/v1/*]}}]}]}"), []string{two + "TCP 80-81 !DELETE", two + "TCP 80-81 DELETE but /v1/*", three + "TCP 80-81 !DELETE", three + "TCP 80-81 DELETE but /v1/*"}},
		{"to deny comes first", allow("{rules: [{to: [{operation: {methods: [GET, PUT]}}]}]}") + policyYAML("AuthorizationPolicy", "a/d", "{action: DENY, rules: [{from: [{source: {namespaces: [b]}}], to: [{operation: {methods: [PUT]}}]}]}"),
			[]string{two + "TCP 80-81 GET,PUT", three + "TCP 80-81 GET"}},
		{"to deny on a condition denies nothing surely", allow("{action: DENY, rules: [{from: [{source: {notRequestPrincipals: [\"*\"]}}]}]}"), []string{two + "TCP 80-81", three + "TCP 80-81"}},
		{"to deny with nothing to match denies nothing", allow("{action: DENY}"), []string{two + "TCP 80-81", three + "TCP 80-81"}},
		{"audit and custom allow nothing less", allow("{action: AUDIT, rules: [{}]}") + policyYAML("AuthorizationPolicy", "a/c", "{action: CUSTOM, provider: {name: x}, rules: [{}]}"), []string{two + "TCP 80-81", three + "TCP 80-81"}},
		{"about a gateway", allow("{targetRefs: [{kind: Gateway, name: g, group: gateway.networking.k8s.io}]}"), []string{two + "TCP 80-81", three + "TCP 80-81"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := compute(t, c.manifests, "")
			if got := about(shown(g), "a/one"); !slices.Equal(got, append([]string{}, c.want...)) {
				t.Errorf("flows:\n%q\nwant:\n%q", got, c.want)
			}
			if len(g.Unread) > 0 {
				t.Errorf("unread: %+v", g.Unread)
			}
		})
	}
}

func TestAuthorization_WhatGoesAroundTheProxy(t *testing.T) {
	base := world("a/one app=one", "a/two app=two") + policyYAML("NetworkPolicy", "a/n", "{podSelector: {matchLabels: {app: one}}, ingress: [{from: [{podSelector: {matchLabels: {app: two}}}], ports: [{port: 80}, {port: 9090}]}]}") +
		policyYAML("AuthorizationPolicy", "a/p", "{}")
	for name, c := range map[string]struct {
		annotations string
		want        []string
	}{
		"nothing":        {"{}", []string{"a/two -> a/one TCP 80  ", "a/two -> a/one TCP 9090  "}},
		"a port":         {"{traffic.sidecar.istio.io/excludeInboundPorts: \"9090, 1\"}", []string{"a/two -> a/one TCP 80  ", "a/two -> a/one TCP 9090"}},
		"all but a port": {"{traffic.sidecar.istio.io/includeInboundPorts: \"80\"}", []string{"a/two -> a/one TCP 80  ", "a/two -> a/one TCP 9090"}},
		"no proxy":       {"{sidecar.istio.io/inject: \"false\"}", []string{"a/two -> a/one TCP 80", "a/two -> a/one TCP 9090"}},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(base, "      labels:\n        app: \"one\"", "      annotations: "+c.annotations+"\n      labels:\n        app: \"one\"", 1)
			if got := about(shown(compute(t, text, "")), "a/one"); !slices.Equal(got, c.want) {
				t.Errorf("flows %q, want %q", got, c.want)
			}
		})
	}
}

// In a mesh without network policies those who are named are told from everybody else.
func TestAuthorization_Alone(t *testing.T) {
	g := compute(t, world("a/one app=one", "a/two sa=two", "a/three sa=three")+policyYAML("AuthorizationPolicy", "a/p",
		"{selector: {matchLabels: {app: one}}, rules: [{from: [{source: {principals: [cluster.local/ns/a/sa/two, cluster.local/ns/ingress/sa/gateway]}}, {source: {namespaces: [web]}}], to: [{operation: {methods: [GET], ports: [\"80\"]}}]}]}"), "")
	want := []string{
		"*/* -> a/one SCTP", "*/* -> a/one TCP  ", "*/* -> a/one UDP", "*/* -> a/one other", "a/two -> a/one TCP 80 GET", "ingress/sa:gateway -> a/one TCP 80 GET", "web/* -> a/one TCP 80 GET",
		"world -> a/one SCTP", "world -> a/one TCP  ", "world -> a/one UDP", "world -> a/one other",
	}
	if got := about(shown(g), "a/one"); !slices.Equal(got, want) {
		t.Errorf("flows:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What the policies of Antrea name beside pods: names of DNS, Services, nodes; and what a rule asks that a manifest doesn't say.
func TestAntrea_OtherPeers(t *testing.T) {
	g := compute(t, world("a/one app=one", "a/two app=two")+`---
apiVersion: v1
kind: Service
metadata: {name: two, namespace: a}
spec: {selector: {app: two}}
---
apiVersion: crd.antrea.io/v1beta1
kind: ClusterNetworkPolicy
metadata: {name: p}
spec:
  priority: 5
  tier: platform
  appliedTo: [{podSelector: {matchLabels: {app: one}}}]
  ingress:
  - {action: Drop, ports: [{protocol: UDP, sourcePort: 53}]}
  - {action: Drop}
  egress:
  - {action: Allow, to: [{fqdn: API.example.com}], ports: [{protocol: TCP, port: 443}], l7Protocols: [{tls: {sni: api.example.com}}]}
  - {action: Allow, toServices: [{name: two, namespace: a}]}
  - {action: Allow, to: [{nodeSelector: {}}], ports: [{protocol: TCP, port: 10250}]}
  - {action: Reject}
`, "")
	want := []string{"*/* -> a/two any", "a/one -> a/two any", "a/one -> api.example.com TCP 443", "a/one -> nodes TCP 10250", "a/two -> */* any", "a/two -> world any", "world -> a/two any"}
	if got := shown(g); !slices.Equal(got, want) {
		t.Errorf("flows:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
