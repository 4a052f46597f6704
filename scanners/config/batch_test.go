// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest/predicate"
	configrules "github.com/sealock-dev/sealock/rules/config"
	"github.com/sealock-dev/sealock/scanners"
)

// pieces are manifests that mean something to each other: rules look at several of them at once. %[1]d is a number of the file, %[2]d one of few.
var pieces = []string{
	"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web-%[1]d, namespace: team-%[2]d}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n" +
		"    spec: {serviceAccountName: app-%[2]d, containers: [{name: web, image: acme/web, ports: [{containerPort: 80, name: http}]}]}\n",
	"apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: agent-%[1]d, namespace: team-%[2]d}\nspec:\n  template:\n    metadata: {labels: {app: agent, gen: v%[1]d}, annotations: {sidecar.istio.io/inject: 'false'}}\n" +
		"    spec:\n      automountServiceAccountToken: true\n      containers: [{name: agent, image: 'quay.io/acme/agent:v3', securityContext: {privileged: true}, env: [{name: DB_PASSWORD, value: hunter2hunter2}]}]\n",
	"apiVersion: v1\nkind: Pod\nmetadata: {name: etcd, namespace: kube-system, labels: {component: etcd, tier: control-plane}}\nspec:\n  hostNetwork: true\n  containers: [{name: etcd, command: [etcd, --trusted-ca-file=/pki/ca-%[2]d.crt, --data-dir=/x]}]\n",
	"apiVersion: v1\nkind: Pod\nmetadata: {name: api, namespace: kube-system}\nspec: {containers: [{name: a, command: [kube-apiserver, --client-ca-file=/pki/ca-%[2]d.crt]}]}\n",
	"apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: app-%[2]d, namespace: team-%[2]d}\nautomountServiceAccountToken: false\n",
	"apiVersion: v1\nkind: Namespace\nmetadata: {name: team-%[2]d, labels: {istio-injection: enabled}}\n",
	"apiVersion: v1\nkind: LimitRange\nmetadata: {name: l, namespace: team-%[2]d}\nspec: {limits: [{type: Container, default: {cpu: 1, memory: 1Gi}}]}\n",
	"apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: team-%[2]d}\nspec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 5432}]}\n",
	"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cni-%[1]d, namespace: kube-system}\ndata:\n  cni-conf.json: '{\"type\": \"flannel\"}'\n  token: ghp_%[1]d\n",
	"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: reader-%[2]d}\nrules: [{apiGroups: [''], resources: [secrets, pods/exec], verbs: ['*']}]\n",
	"apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b-%[1]d, namespace: team-%[2]d}\nroleRef: {kind: ClusterRole, name: reader-%[2]d}\nsubjects: [{kind: ServiceAccount, name: default}]\n",
	"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: c-%[1]d}\nroleRef: {kind: ClusterRole, name: reader-3}\nsubjects: [{kind: ServiceAccount, name: app-%[2]d, namespace: team-%[2]d}]\n",
	"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: n-%[1]d, namespace: team-%[2]d}\nspec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress], ingress: [{from: [{namespaceSelector: {}}]}]}\n",
	"apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: n-%[1]d, namespace: team-%[2]d}\nspec: {endpointSelector: {}, egress: [{toCIDR: [0.0.0.0/0]}]}\n",
	"apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: a-%[1]d, namespace: team-%[2]d}\nspec: {selector: {matchLabels: {app: web}}, rules: [{to: [{operation: {methods: [GET]}}]}]}\n",
	"apiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {name: r-%[1]d, namespace: team-%[2]d}\nspec: {selector: {matchLabels: {app: web}}, jwtRules: [{issuer: x}]}\n",
	"apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: p, namespace: team-%[2]d}\nspec: {mtls: {mode: STRICT}}\n",
	"apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g-%[1]d, namespace: team-%[2]d}\nspec: {selector: {app: web}, servers: [{port: {number: 80, protocol: HTTP}, hosts: ['*']}]}\n",
	"apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: h-%[2]d, namespace: team-%[2]d}\nspec: {gatewayClassName: istio, listeners: [{name: http, port: 80, protocol: HTTP}]}\n",
	"apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: r-%[1]d, namespace: team-%[2]d}\nspec: {parentRefs: [{name: h-%[2]d}], rules: [{filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]}]}\n",
	"apiVersion: security.kubearmor.com/v1\nkind: KubeArmorPolicy\nmetadata: {name: k-%[1]d, namespace: team-%[2]d}\nspec: {selector: {matchLabels: {app: web}}}\n",
	"apiVersion: own.example/v1\nkind: Fleet\nmetadata: {name: f-%[1]d}\nspec: {password: hunter2hunter2, template: {spec: {containers: [{name: c, image: acme/x}]}}}\n",
	"apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: fleets.own.example}\nspec: {group: own.example, scope: Cluster, names: {kind: Fleet}}\n",
	"apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Pod, metadata: {name: l-%[1]d}, spec: {hostPID: true, containers: [{name: a, image: b}]}}, {apiVersion: v1, kind: Pod}]\n",
	"apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: o-%[1]d, namespace: team-%[2]d}\nspec: {selector: {matchLabels: {app: agent}}, rules: [{to: [{operation: {ports: ['%[1]d']}}]}, {}]}\n",
	"apiVersion: v1\nkind: Pod\nmetadata: {name: broken-%[1]d\n",
}

// mixed is a tree of all kinds of files, in which pieces come in any order.
func mixed(seed uint64) memoryTree {
	r := rand.New(rand.NewPCG(seed, 7))
	t := memoryTree{}
	for n := range 30 + r.IntN(30) {
		var docs []string
		for range 1 + r.IntN(3) {
			docs = append(docs, fmt.Sprintf(pieces[r.IntN(len(pieces))], r.IntN(6), r.IntN(4)))
		}
		t[fmt.Sprintf("%c/%02d.yaml", 'a'+r.IntN(3), n)] = strings.Join(docs, "---\n")
	}
	t["Dockerfile"], t["b/Dockerfile"] = "FROM debian\nRUN curl http://x | sh\n", "FROM scratch\nADD https://x/y /\n"
	t["compose.yaml"] = "services: {a: {image: b, privileged: true}}\n"
	t[".github/workflows/ci.yml"] = "on: pull_request_target\njobs: {a: {runs-on: x, steps: [{uses: 'a/b@v1'}, {run: 'echo ${{ github.event.issue.title }}'}]}}\n"
	t[".gitlab-ci.yml"] = "include: [{remote: 'https://x/y.yml'}]\na: {script: [make]}\n"
	t["main.tf"] = "resource \"aws_s3_bucket\" \"a\" {\n  bucket = \"a\"\n}\nresource \"kubernetes_pod\" \"p\" {\n  metadata { name = \"p\" }\n  spec {\n    host_pid = true\n    container {\n      name  = \"a\"\n      image = \"b\"\n    }\n  }\n}\n"
	t["z/main.tf"] = "resource \"kubernetes_manifest\" \"m\" {\n  manifest = {apiVersion = \"v1\", kind = \"ServiceAccount\", metadata = {name = \"app-1\", namespace = \"team-1\"}, automountServiceAccountToken = false}\n}\n"
	t["chart/Chart.yaml"], t["chart/values.yaml"] = "apiVersion: v2\nname: c\nversion: 1.0.0\n", "n: 2\n"
	for n := range 3 {
		t[fmt.Sprintf("chart/templates/%d.yaml", n)] = fmt.Sprintf(pieces[r.IntN(22)], n, n) + "# {{ .Values.n }}\n"
	}
	if seed%3 == 0 {
		t["c/calico.yaml"] = "apiVersion: v1\nkind: Pod\nmetadata: {name: node}\nspec: {containers: [{name: a, image: quay.io/calico/node:v3}]}\n"
	}
	if seed%2 == 0 {
		t["k/kustomization.yaml"] = "namePrefix: x-\nresources: [a.yaml]\npatches: [{path: p.yaml}]\n"
		t["k/a.yaml"], t["k/p.yaml"] = fmt.Sprintf(pieces[0], 1, 1)+"---\n"+fmt.Sprintf(pieces[4], 1, 1), "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web-1, namespace: team-1}\nspec: {replicas: 3}\n"
	}
	return t
}

// What is found batch by batch is what is found in the whole tree at once, graph included, whatever the batches.
func TestBatchesFindWhatTheWholeTreeHas(t *testing.T) {
	set, err := configrules.Compile(nil)
	if err != nil {
		t.Fatal(err)
	}
	declared := []predicate.DeclaredFlow{{From: "team-1/*", To: "team-2/*", Port: "80"}}
	trees := map[string]scanners.Files{"shop": diskTree("../../testdata/shop")}
	for seed := range uint64(8) {
		trees[fmt.Sprintf("mixed %d", seed)] = mixed(seed)
	}
	found := map[string]bool{}
	for name, tree := range trees {
		opt := Options{Now: clock, Rules: set, Params: map[string]map[string]any{"workload.image-registry": {"registries": []any{"quay.io"}}}}
		if strings.HasSuffix(name, "1") {
			opt.Flows = declared
		}
		want, err := scanIn(t.Context(), tree, opt, bounds{text: math.MaxInt64, batch: math.MaxInt64})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range want.Findings {
			found[f.Rule] = true
		}
		for _, size := range []int64{1, 700, 3000} {
			have, err := scanIn(t.Context(), tree, opt, bounds{text: size, batch: size})
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(want, have) {
				t.Errorf("%s in batches of %d bytes: %d findings, expected %d", name, size, len(have.Findings), len(want.Findings))
				differ(t, want.Findings, have.Findings)
			}
		}
	}
	for _, v := range set.Views() {
		for _, id := range v.Rules {
			if !found[id] && !strings.HasPrefix(id, "rbac.") {
				t.Errorf("%s found nothing", id)
			}
		}
	}
	if len(found) < 75 {
		t.Errorf("only %d rules found something", len(found))
	}
}

func differ(t *testing.T, want, have []predicate.Finding) {
	t.Helper()
	count := map[string]int{}
	for _, f := range want {
		count[fmt.Sprintf("%+v", f)]++
	}
	for _, f := range have {
		count[fmt.Sprintf("%+v", f)]--
	}
	for text, n := range count {
		if n != 0 {
			t.Errorf("%+d %s", -n, text)
		}
	}
}

// What is put on a shelf comes back as it was.
func TestShelf(t *testing.T) {
	values := []any{nil, true, false, 0, -7, math.MaxInt64, 1.5, -0.25, "", "text", []any{}, map[string]any{},
		map[string]any{"a": []any{1, "a", map[string]any{"b": nil}}, "b": 2.0, "c": map[string]any{"a": "a"}}}
	s := shelf{texts: &texts{numbers: map[string]uint64{}}}
	for n, v := range values {
		if err := s.put(slot{job: n}, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.put(slot{}, struct{}{}); err == nil || len(s.entries) != len(values) {
		t.Errorf("a value without a form was taken: %v", err)
	}
	for n, e := range s.entries {
		if got := s.get(e); !reflect.DeepEqual(got, values[n]) || int(e.job) != n {
			t.Errorf("found %#v, expected %#v", got, values[n])
		}
	}
}
