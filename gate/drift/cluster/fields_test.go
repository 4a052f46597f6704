// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

func fromYAML(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	var m map[string]any
	if err := yaml.UnmarshalStrict([]byte(text), &m); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return &unstructured.Unstructured{Object: m}
}

const deployment = `{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, labels: {app: a}}, spec: {replicas: 2, selector: {matchLabels: {app: a}}, template: {spec: {hostNetwork: false, containers: [
  {name: a, image: x, args: [one, two], env: [{name: A, value: secret-a}, {name: B}], ports: [{containerPort: 80}], resources: {limits: {cpu: 0.5, memory: 1Gi}}, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]}}}}`

// Only what a manifest sets is compared, as Kubernetes understands it: what the API server fills in, adds, leaves out or writes otherwise is no difference.
func TestCompareFields(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, new, want string }{
		"as it is":                    {"", "", ""},
		"defaults":                    {"image: x,", "image: x, imagePullPolicy: Always, terminationMessagePath: /dev/termination-log,", ""},
		"status":                      {"spec: {replicas", "status: {replicas: 7}, spec: {replicas", ""},
		"order of containers' ports":  {"ports: [{containerPort: 80}]", "ports: [{containerPort: 90}, {containerPort: 80, protocol: TCP}]", ""},
		"quantities":                  {"{cpu: 0.5, memory: 1Gi}", "{cpu: 500m, memory: 1024Mi}", ""},
		"left out where it is false":  {"hostNetwork: false, ", "", ""},
		"another label":               {"labels: {app: a}", "labels: {app: a, team: b}", ""},
		"image":                       {"image: x", "image: z", `spec.template.spec.containers[name=a].image "x" "z"`},
		"label":                       {"labels: {app: a}", "labels: {app: b}", `metadata.labels.app "a" "b"`},
		"replicas":                    {"replicas: 2", "replicas: 3", `spec.replicas 2 3`},
		"false is not nothing":        {"allowPrivilegeEscalation: false, ", "", `spec.template.spec.containers[name=a].securityContext.allowPrivilegeEscalation false nothing`},
		"turned on":                   {"hostNetwork: false", "hostNetwork: true", `spec.template.spec.hostNetwork false true`},
		"a part that is gone":         {"securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}", "x: 1", `spec.template.spec.containers[name=a].securityContext {"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}} nothing`},
		"one argument more":           {"args: [one, two]", "args: [one, two, three]", `spec.template.spec.containers[name=a].args ["one","two"] ["one","two","three"]`},
		"environment, without values": {"value: secret-a", "value: secret-b", `spec.template.spec.containers[name=a].env[name=A].value a value that is not shown a value that is not shown`},
		"selector, as a whole":        {"matchLabels: {app: a}", "matchLabels: {app: a, b: c}", `spec.selector {"matchLabels":{"app":"a"}} {"matchLabels":{"app":"a","b":"c"}}`},
		"limit":                       {"cpu: 0.5", "cpu: 600m", `spec.template.spec.containers[name=a].resources.limits.cpu 0.5 "600m"`},
		"container that is gone":      {"containers: [", "containers: [], x: [", `nothing`},
		"another kind of value":       {"containers: [", "x: [", `nothing`},
	} {
		live := strings.Replace(deployment, c.old, c.new, 1)
		if live == deployment && name != "as it is" {
			t.Fatalf("%s: nothing was changed", name)
		}
		var said []string
		for _, d := range compareFields(fromYAML(t, deployment), fromYAML(t, live), nil) {
			said = append(said, d.path+" "+d.expected+" "+d.found)
		}
		got := strings.Join(said, "\n")
		if got != c.want && (c.want == "" || len(said) != 1 || !strings.HasSuffix(got, c.want)) {
			t.Errorf("%s: found\n%s\nexpected\n%s", name, got, c.want)
		}
		if strings.Contains(got, "secret-") {
			t.Errorf("%s: a value that may be secret is shown: %s", name, got)
		}
	}
}

func TestCompareOtherKinds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		want, live string
		differ     int
	}{
		"rules of a policy, as a whole": {"{kind: NetworkPolicy, apiVersion: networking.k8s.io/v1, spec: {ingress: [{ports: [{port: 80}]}]}}", "{kind: NetworkPolicy, apiVersion: networking.k8s.io/v1, spec: {ingress: [{ports: [{port: 80}]}, {}]}}", 1},
		"nothing let in, as sent":       {"{kind: NetworkPolicy, apiVersion: networking.k8s.io/v1, spec: {podSelector: {}, ingress: []}}", "{kind: NetworkPolicy, apiVersion: networking.k8s.io/v1, spec: {podSelector: {}}}", 0},
		"nothing let in, and now some":  {"{kind: NetworkPolicy, apiVersion: networking.k8s.io/v1, spec: {ingress: []}}", "{kind: NetworkPolicy, apiVersion: networking.k8s.io/v1, spec: {ingress: [{}]}}", 1},
		"everybody, and now some":       {"{kind: NetworkPolicy, apiVersion: networking.k8s.io/v1, spec: {podSelector: {}}}", "{kind: NetworkPolicy, apiVersion: networking.k8s.io/v1, spec: {podSelector: {matchLabels: {a: b}}}}", 1},
		"text of a secret":              {"{kind: Secret, apiVersion: v1, stringData: {a: hello}}", "{kind: Secret, apiVersion: v1, data: {a: aGVsbG8=}}", 0},
		"secret that changed":           {"{kind: Secret, apiVersion: v1, stringData: {a: hello}}", "{kind: Secret, apiVersion: v1, data: {a: eA==}}", 1},
		"ports of a service":            {"{kind: Service, apiVersion: v1, spec: {ports: [{port: 80, targetPort: http}]}}", "{kind: Service, apiVersion: v1, spec: {ports: [{port: 81}, {port: 80, protocol: TCP, targetPort: http}]}}", 0},
		"role that may more":            {"{kind: Role, apiVersion: rbac.authorization.k8s.io/v1, rules: [{verbs: [get]}]}", "{kind: Role, apiVersion: rbac.authorization.k8s.io/v1, rules: [{verbs: [get, list]}]}", 1},
		"nothing is set":                {"{kind: X, apiVersion: v1, spec: null, metadata: {creationTimestamp: null}}", "{kind: X, apiVersion: v1, spec: {a: b}}", 0},
	} {
		got := compareFields(fromYAML(t, c.want), fromYAML(t, c.live), nil)
		if len(got) != c.differ {
			t.Errorf("%s: found %+v", name, got)
		}
		for _, d := range got {
			if strings.Contains(d.expected+d.found, "aGVsbG8") || strings.Contains(d.found, "eA==") {
				t.Errorf("%s: a secret is shown: %+v", name, d)
			}
		}
	}
}

// What an autoscaler sets through the scale subresource, and what a named manager owns alone, is theirs. Whoever changes a field otherwise takes it over, and that
// shows; nobody excuses what somebody else owns as well.
func TestOwnership(t *testing.T) {
	t.Parallel()
	owner := func(manager, subresource, fields string) metav1.ManagedFieldsEntry {
		if !json.Valid([]byte(fields)) {
			t.Fatal(fields)
		}
		return metav1.ManagedFieldsEntry{Manager: manager, Subresource: subresource, FieldsV1: metav1.NewFieldsV1(fields)}
	}
	const replicas, image = `{"f:spec":{"f:replicas":{}}}`, `{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:image":{}}}}}}}`
	for name, c := range map[string]struct {
		live   string
		owners []metav1.ManagedFieldsEntry
		differ bool
		by     string
	}{
		"autoscaler":                {"replicas: 3", []metav1.ManagedFieldsEntry{owner("kube-controller-manager", "scale", replicas), owner("kubectl", "", image)}, false, ""},
		"autoscaler of an image":    {"image: z", []metav1.ManagedFieldsEntry{owner("kube-controller-manager", "scale", image)}, true, "kube-controller-manager (scale)"},
		"by hand":                   {"replicas: 3", []metav1.ManagedFieldsEntry{owner("kubectl-edit", "", replicas)}, true, "kubectl-edit"},
		"nobody":                    {"replicas: 3", nil, true, ""},
		"both":                      {"replicas: 3", []metav1.ManagedFieldsEntry{owner("kube-controller-manager", "scale", replicas), owner("kubectl-edit", "", replicas)}, true, "kube-controller-manager (scale), kubectl-edit"},
		"named":                     {"image: z", []metav1.ManagedFieldsEntry{owner("image-updater", "", image)}, false, ""},
		"named, of something else":  {"image: z", []metav1.ManagedFieldsEntry{owner("image-updater", "", replicas), owner("kubectl-set", "", image)}, true, "kubectl-set"},
		"another container's image": {"image: z", []metav1.ManagedFieldsEntry{owner("image-updater", "", strings.ReplaceAll(image, `\"a\"`, `\"b\"`))}, true, ""},
		"the list as a whole":       {"image: z", []metav1.ManagedFieldsEntry{owner("image-updater", "", `{"f:spec":{"f:template":{"f:spec":{"f:containers":{}}}}}`)}, false, ""},
		"another subresource":       {"replicas: 3", []metav1.ManagedFieldsEntry{owner("kubelet", "status", replicas)}, true, "kubelet (status)"},
		"unreadable":                {"replicas: 3", []metav1.ManagedFieldsEntry{owner("x", "scale", `"no"`), {Manager: "y"}}, true, ""},
	} {
		field, _, _ := strings.Cut(c.live, ":")
		old := map[string]string{"replicas": "replicas: 2", "image": "image: x"}[field]
		live := fromYAML(t, strings.Replace(deployment, old, c.live, 1))
		live.SetManagedFields(c.owners)
		got := compareFields(fromYAML(t, deployment), live, []string{"image-updater"})
		if len(got) > 0 != c.differ || c.differ && got[0].by != c.by {
			t.Errorf("%s: found %+v", name, got)
		}
	}
}

func TestReadManifests(t *testing.T) {
	t.Parallel()
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	const object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\ndata: {on: \"yes\"}\n"
	one, two := strings.Replace(object, "%s", "one", 1), strings.Replace(object, "%s", "two", 1)
	m, err := ReadManifests(fstest.MapFS{
		"a/one.yaml": file("# comment\n---\n" + one + "---\n" + two + "---\n"), "a/b/list.json": file(`{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Service","metadata":{"name":"s","namespace":"n"}}]}`),
		"a/kustomization.yaml": file("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"), "a/values.yml": file("a: 1\n"), "a/array.yaml": file("- 1\n"),
		"a/readme.md": file("{{"), "a/.git/x.yaml": file("{{"), "other/broken.yaml": file("{{ .Values.a }}"),
	}, "a")
	if err != nil || len(m.Objects) != 3 || len(m.Skipped) != 3 {
		t.Fatalf("%v %+v", err, m)
	}
	if m.Objects[1].File != "a/one.yaml" && m.Objects[0].File != "a/b/list.json" {
		t.Errorf("found %+v", m.Objects)
	}
	for name, files := range map[string]fstest.MapFS{
		"template":       {"x.yaml": file("a: {{ .Values.a }}")},
		"duplicate keys": {"x.yaml": file("apiVersion: v1\nkind: ConfigMap\nkind: Secret\nmetadata: {name: a}\n")},
		"twice":          {"x.yaml": file(one), "y.yaml": file(one)},
		"nothing":        {"x.yaml": file("a: 1")},
		"no file":        {},
		"too large":      {"x.yaml": file("a: " + strings.Repeat("x", maxManifestFile))},
	} {
		if m, err := ReadManifests(files, "."); err == nil {
			t.Errorf("%s: read as %+v", name, m)
		}
	}
}

// What others add to a pod is a difference if it changes what runs; what the API server adds is none.
func TestAddedFields(t *testing.T) {
	t.Parallel()
	const pod, token = "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {serviceAccount: shop, containers: [{name: a, image: x, env: [{name: A, value: b}]}]}}",
		`{name: kube-api-access-x2x9z, projected: {defaultMode: 420, sources: [{serviceAccountToken: {path: token}}, {configMap: {name: kube-root-ca.crt}}, {downwardAPI: {items: []}}]}}`
	const mount = "volumeMounts: [{name: kube-api-access-x2x9z, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true}]"
	for name, c := range map[string]struct{ manifest, old, new, want string }{
		"a container":             {deployment, "containers: [", "containers: [{name: sidecar, image: y}, ", "spec.template.spec.containers[name=sidecar]"},
		"an init container":       {deployment, "containers: [", "initContainers: [{name: i, image: y}], containers: [", "spec.template.spec.initContainers[name=i]"},
		"an ephemeral container":  {pod, "containers: [", "ephemeralContainers: [{name: debug, image: y}], containers: [", "spec.ephemeralContainers[name=debug]"},
		"a volume":                {deployment, "containers: [", "volumes: [{name: host, hostPath: {path: /}}], containers: [", "spec.template.spec.volumes[name=host]"},
		"a mount":                 {deployment, "image: x,", "image: x, volumeMounts: [{name: v, mountPath: /etc}],", "spec.template.spec.containers[name=a].volumeMounts[mountPath=/etc]"},
		"a variable":              {deployment, "{name: B}", "{name: B}, {name: C, value: secret-c}", "spec.template.spec.containers[name=a].env[name=C]"},
		"all of a secret":         {deployment, "image: x,", "image: x, envFrom: [{secretRef: {name: s}}],", "spec.template.spec.containers[name=a].envFrom"},
		"a command":               {deployment, "image: x,", "image: x, command: [sh],", "spec.template.spec.containers[name=a].command"},
		"a hook":                  {deployment, "image: x,", "image: x, lifecycle: {postStart: {exec: {command: [sh]}}},", "spec.template.spec.containers[name=a].lifecycle"},
		"a capability":            {deployment, "drop: [ALL]", "drop: [ALL], add: [SYS_ADMIN]", "spec.template.spec.containers[name=a].securityContext.capabilities.add"},
		"privilege":               {deployment, "allowPrivilegeEscalation: false,", "allowPrivilegeEscalation: false, privileged: true,", "spec.template.spec.containers[name=a].securityContext.privileged"},
		"another user":            {deployment, "containers: [", "securityContext: {runAsUser: 0}, containers: [", "spec.template.spec.securityContext.runAsUser"},
		"an account":              {deployment, "containers: [", "serviceAccountName: admin, containers: [", "spec.template.spec.serviceAccountName"},
		"the host's processes":    {deployment, "containers: [", "hostPID: true, containers: [", "spec.template.spec.hostPID"},
		"an empty context":        {deployment, "containers: [", "securityContext: {}, serviceAccountName: default, hostIPC: false, restartPolicy: Always, containers: [", ""},
		"defaults of a container": {deployment, "allowPrivilegeEscalation: false,", "allowPrivilegeEscalation: false, procMount: Default,", ""},
		"the older name":          {pod, "serviceAccount: shop,", "serviceAccount: shop, serviceAccountName: shop,", ""},
		"another by that name":    {pod, "serviceAccount: shop,", "serviceAccount: shop, serviceAccountName: admin,", "spec.serviceAccountName"},
		"the account's token":     {pod, "containers: [{name: a, ", "volumes: [" + token + "], containers: [{name: a, " + mount + ", ", ""},
		"a token in a template":   {deployment, "containers: [", "volumes: [" + token + "], containers: [", "spec.template.spec.volumes[name=kube-api-access-x2x9z]"},
		"a secret by its name":    {pod, "containers: [", "volumes: [" + strings.Replace(token, "serviceAccountToken: {path: token}", "secret: {name: s}", 1) + "], containers: [", "spec.volumes[name=kube-api-access-x2x9z]"},
		"the host by its name":    {pod, "containers: [", "volumes: [{name: kube-api-access-x2x9z, hostPath: {path: /}}], containers: [", "spec.volumes[name=kube-api-access-x2x9z]"},
	} {
		live := strings.Replace(c.manifest, c.old, c.new, 1)
		if live == c.manifest {
			t.Fatalf("%s: nothing was changed", name)
		}
		var said []string
		for _, d := range compareFields(fromYAML(t, c.manifest), fromYAML(t, live), nil) {
			said = append(said, d.path)
			if d.expected != "nothing" || strings.Contains(d.found, "secret-c") {
				t.Errorf("%s: expected %s, found %s", name, d.expected, d.found)
			}
		}
		if got := strings.Join(said, "\n"); got != c.want {
			t.Errorf("%s: found\n%s\nexpected\n%s", name, got, c.want)
		}
	}
	live := fromYAML(t, strings.Replace(deployment, "containers: [", "containers: [{name: mesh, image: y}, ", 1))
	live.SetManagedFields([]metav1.ManagedFieldsEntry{{Manager: "mesh-injector", FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"mesh\"}":{".":{},"f:image":{}}}}}}}`)}})
	if got := compareFields(fromYAML(t, deployment), live, []string{"mesh-injector"}); len(got) != 0 {
		t.Errorf("what a manager that is named added: %+v", got)
	}
	if got := compareFields(fromYAML(t, deployment), live, nil); len(got) != 1 || got[0].by != "mesh-injector" {
		t.Errorf("what a manager that is not named added: %+v", got)
	}
}
