// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"maps"
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

// cloudPieces are of Terraform modules. %[1]d is a number of the module.
var cloudPieces = []string{
	"resource \"aws_s3_bucket\" \"logs\" {\n  bucket = \"b-%[1]d\"\n}\n",
	"resource \"aws_s3_bucket_public_access_block\" \"logs\" {\n  bucket = aws_s3_bucket.logs.id\n  block_public_acls = true\n}\n",
	"resource \"aws_s3_bucket_logging\" \"l\" {\n  bucket = \"x\"\n  target_bucket = aws_s3_bucket.logs.id\n}\n",
	"resource \"aws_instance\" \"i\" {\n  ami = \"a\"\n  user_data = var.start\n  root_block_device {\n    volume_size = 8\n  }\n}\n",
	"resource \"aws_db_instance\" \"d\" {\n  storage_encrypted = var.encrypted\n  password = var.password\n  publicly_accessible = var.open\n}\n",
	"resource \"aws_security_group_rule\" \"r\" {\n  type = \"ingress\"\n  from_port = 22\n  to_port = 22\n  protocol = \"tcp\"\n  cidr_blocks = var.from\n}\n",
	"data \"aws_iam_policy_document\" \"p\" {\n  statement {\n    actions = [\"*\"]\n    resources = [\"*\"]\n  }\n}\n",
	"resource \"aws_iam_policy\" \"p\" {\n  policy = data.aws_iam_policy_document.p.json\n}\n",
	"resource \"aws_organizations_policy\" \"o\" {\n  content = data.aws_iam_policy_document.p.json\n}\n",
	"resource \"aws_ebs_encryption_by_default\" \"e\" {\n  enabled = true\n}\n",
	"resource \"aws_cloudtrail\" \"t\" {\n  name = \"t-%[1]d\"\n}\n",
	"resource \"aws_cloudwatch_log_metric_filter\" \"f\" {\n  name = \"f\"\n  pattern = \"{ $.eventName = ConsoleLogin }\"\n  metric_transformation {\n    name = \"m-%[1]d\"\n  }\n}\n",
	"resource \"aws_cloudwatch_metric_alarm\" \"a\" {\n  metric_name = \"m-1\"\n}\n",
	"resource \"google_project_iam_binding\" \"k\" {\n  role = \"roles/cloudkms.admin\"\n  members = [\"group:a@x.example\"]\n}\n",
	"resource \"google_project_iam_member\" \"u\" {\n  role = \"roles/cloudkms.cryptoKeyDecrypter\"\n  member = \"group:a@x.example\"\n}\n",
	"resource \"kubernetes_service_account\" \"s\" {\n  metadata {\n    name = \"app-%[1]d\"\n    namespace = var.namespace\n  }\n}\n",
	"resource \"kubernetes_deployment\" \"s\" {\n  metadata {\n    name = \"tf\"\n    namespace = kubernetes_service_account.s.metadata[0].namespace\n  }\n  spec {\n    template {\n      spec {\n        service_account_name = \"app-%[1]d\"\n        container {\n          name = \"a\"\n          image = \"b\"\n        }\n      }\n    }\n  }\n}\n",
}

// called says what a module does with what it is given.
const called = "variable \"start\" {\n  default = \"\"\n}\nvariable \"encrypted\" {\n  default = false\n}\nvariable \"password\" {\n  default = \"hunter2hunter2\"\n}\n" +
	"variable \"open\" {\n  default = true\n}\nvariable \"from\" {\n  default = [\"10.0.0.0/8\"]\n}\nvariable \"namespace\" {\n  default = \"team-1\"\n}\n"

// modules are roots and the modules that they call, by plain sources and by others, one of them by several roots, and a plan.
func modules(r *rand.Rand) memoryTree {
	t := memoryTree{}
	body := func(n int) string {
		text := called
		for _, some := range r.Perm(len(cloudPieces))[:4+r.IntN(6)] {
			text += fmt.Sprintf(cloudPieces[some], n%4) + "\n"
		}
		return text
	}
	for n, dir := range []string{"infra/modules/shared", "infra/modules/inner", "infra/examples/basic", "infra/lone", "infra/vendored", "infra/by-json", "infra/computed"} {
		t[dir+"/main.tf"] = body(n)
	}
	for n, source := range []string{"\"../modules/shared\"", "\"../modules/../modules/shared\"", "/* the team's */ \"../modules/shared\"", "\"./../vendored\"", "\"../examples/basic\"", "local.where"} {
		if n == 5 && r.IntN(2) == 0 {
			continue
		}
		root := fmt.Sprintf("infra/root%d", n)
		t[root+"/main.tf"] = fmt.Sprintf("locals {\n  where = \"../computed\"\n}\nmodule \"m\" {\n  source = %s\n  password = \"p-%d\"\n  from = [\"%d.0.0.0/0\"]\n  encrypted = %v\n  start = var.start\n}\n", source, n, n%2, n%2 == 0) + body(n)
		t[root+"/terraform.tfvars"] = fmt.Sprintf("start = \"export AWS_SECRET_ACCESS_KEY=abcdefghij%d\"\nopen = %v\n", n, n%3 == 0)
	}
	t["infra/modules/shared/inner.tf"] = "module \"inner\" {\n  source = \"../inner\"\n  open = var.open\n  namespace = \"team-2\"\n}\n"
	t["infra/root1/more.tf.json"] = `{"module": {"j": {"source": "../by-json", "open": false}}}`
	t["infra/plan.json"] = `{"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {"root_module": {"resources": [` +
		`{"address": "aws_s3_bucket.logs", "mode": "managed", "type": "aws_s3_bucket", "name": "logs", "values": {"bucket": "b"}}, ` +
		`{"address": "aws_instance.i", "mode": "managed", "type": "aws_instance", "name": "i", "values": {"root_block_device": [{"volume_size": 8}]}}]}}, "resource_changes": []}`
	return t
}

// pipelines are workflows, actions, and files of GitLab and Jenkins, some of which read others.
func pipelines(r *rand.Rand) memoryTree {
	t := memoryTree{}
	for n := range 2 + r.IntN(4) {
		t[fmt.Sprintf(".github/workflows/w%d.yml", n)] = fmt.Sprintf("on: [push, workflow_run]\njobs:\n  build:\n    runs-on: self-hosted\n    steps: [{uses: ./.github/actions/a%d}, {uses: 'x/y@v%d'}, {run: 'curl http://x | sh'}]\n"+
			"  deploy:\n    runs-on: x\n    steps: [{run: 'cosign verify x'}, {run: 'kubectl apply -f x'}]\n  call: {uses: ./.github/workflows/w%d.yml, secrets: inherit}\n", n%2, n, (n+1)%3)
		t[fmt.Sprintf("ci/part%d.yml", n)] = fmt.Sprintf(".base: {script: [\"echo $CI_COMMIT_TITLE\", 'curl http://x | sh']}\njob%d: {extends: .base, image: 'a:%d', variables: {TOKEN: hunter2hunter2}}\n", n, n)
		t[fmt.Sprintf("%d/Jenkinsfile", n)] = fmt.Sprintf("pipeline { agent any\n environment { PASSWORD = 'hunter2hunter2' }\n stages { stage('a') { steps { sh \"echo ${env.CHANGE_TITLE} %d\"\n sh 'curl http://x | sh' } } } }\n", n)
	}
	t[".github/actions/a0/action.yml"] = "name: a\nruns: {using: composite, steps: [{run: 'echo ${{ inputs.x }}', shell: bash}, {uses: 'b/c@main'}]}\n"
	t["team/.gitlab-ci.yml"] = "include: [{local: /ci/part0.yml}, {local: /ci/part1.yml}]\nb: {extends: .base, stage: deploy, script: [kubectl apply -f x]}\n"
	return t
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
	maps.Copy(t, modules(r))
	maps.Copy(t, pipelines(r))
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
