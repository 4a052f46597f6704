// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestPods(t *testing.T) {
	containers := "containers: [{name: a, image: b}]"
	for _, c := range []struct {
		api, kind, text string
		path            []any
		containers      int
	}{
		{"v1", "Pod", "spec: {" + containers + "}", []any{}, 1},
		{"apps/v1", "Deployment", "spec: {template: {spec: {" + containers + "}}}", []any{"spec", "template"}, 1},
		{"apps/v1", "StatefulSet", "spec: {template: {spec: {" + containers + "}}}", []any{"spec", "template"}, 1},
		{"apps/v1", "DaemonSet", "spec: {}", []any{"spec", "template"}, 0},
		{"v1", "ReplicationController", "spec: {template: {spec: {" + containers + "}}}", []any{"spec", "template"}, 1},
		{"batch/v1", "Job", "spec: {template: {spec: {" + containers + "}}}", []any{"spec", "template"}, 1},
		{"batch/v1", "CronJob", "spec: {jobTemplate: {spec: {template: {spec: {" + containers + "}}}}}", []any{"spec", "jobTemplate", "spec", "template"}, 1},
		{"v1", "PodTemplate", "template: {spec: {" + containers + "}}", []any{"template"}, 1},
		{"argoproj.io/v1alpha1", "Rollout", "spec: {template: {spec: {" + containers + "}}}", []any{"spec", "template"}, 1},
		{"serving.knative.dev/v1", "Service", "spec: {template: {spec: {" + containers + "}}}", []any{"spec", "template"}, 1},
		{"serving.knative.dev/v1", "Revision", "spec: {" + containers + "}", []any{}, 1},
		{"keda.sh/v1alpha1", "ScaledJob", "spec: {jobTargetRef: {template: {spec: {" + containers + "}}}}", []any{"spec", "jobTargetRef", "template"}, 1},
		{"v1", "Service", "spec: {}", nil, 0},
		{"apps/v1", "Deployment", "spec: [wrong]", []any{"spec", "template"}, 0},
		{"v1", "Pod", "spec: {containers: [text, 3, null], initContainers: wrong}", []any{}, 0},
	} {
		items := itemsOf(t, memoryTree{"a.yaml": fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata: {name: x}\n%s\n", c.api, c.kind, c.text)})
		item := items[c.kind+" default/x"]
		pod, _ := item.Doc["pod"].(map[string]any)
		if c.path == nil {
			if item.Doc["pod"] != nil {
				t.Errorf("%s has a pod", c.kind)
			}
			continue
		}
		if pod == nil || !reflect.DeepEqual(pod["path"], c.path) || len(pod["containers"].([]any)) != c.containers || pod["labels"] == nil || pod["annotations"] == nil {
			t.Errorf("%s: pod is %v", c.kind, pod)
		}
	}
}

func TestContainers(t *testing.T) {
	item := itemsOf(t, memoryTree{"a.yaml": deployment})["Deployment default/payments"]
	pod := item.Doc["pod"].(map[string]any)
	var got []string
	for _, c := range pod["containers"].([]any) {
		c := c.(map[string]any)
		got = append(got, fmt.Sprintf("%v %v %v %d", c["name"], c["kind"], c["path"], item.Locate(c["path"].([]any)).Line))
	}
	want := []string{"mesh sidecar [spec template spec initContainers 0] 11", "migrate init [spec template spec initContainers 1] 13", "app container [spec template spec containers 0] 15"}
	if !slices.Equal(got, want) {
		t.Errorf("found %q", got)
	}
	if labels := pod["labels"]; !reflect.DeepEqual(labels, map[string]any{"app": "payments"}) {
		t.Errorf("labels %v", labels)
	}
}

func TestNamespaces(t *testing.T) {
	tree := memoryTree{"a.yaml": `
apiVersion: v1
kind: Namespace
metadata: {name: shop, namespace: odd}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: r}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r, namespace: shop}
---
apiVersion: own.example/v1
kind: Fleet
metadata: {generateName: f-}
---
apiVersion: own.example/v1
kind: Boat
metadata: {name: b}
---
apiVersion: other.example/v1
kind: Namespace
metadata: {name: mine}
`, "z/crd.yaml": `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: fleets.own.example}
spec: {group: own.example, scope: Cluster, names: {kind: Fleet}}
`}
	items := itemsOf(t, tree)
	for resource, namespace := range map[string]string{"Namespace shop": "", "ClusterRole r": "", "Role shop/r": "shop", "Fleet f-": "", "Boat default/b": "default",
		"Namespace default/mine": "default", "CustomResourceDefinition fleets.own.example": ""} {
		if i, there := items[resource]; !there || i.Doc["namespace"] != namespace {
			t.Errorf("%s: there is %v, namespace %q", resource, there, i.Doc["namespace"])
		}
	}
	if i := items["Role shop/r"]; i.Doc["group"] != "rbac.authorization.k8s.io" || i.Doc["version"] != "v1" || i.Doc["origin"] != "manifest" || i.Doc["labels"] == nil {
		t.Errorf("role: %v", i.Doc)
	}
}

func TestLists(t *testing.T) {
	text := "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: a\n  spec: {hostPID: true}\n- apiVersion: v1\n  kind: PodList\n  items:\n  - metadata: {name: b}\n    spec:\n      hostPID: true\n"
	items := itemsOf(t, memoryTree{"a.yaml": text})
	if len(items) != 2 {
		t.Fatalf("found %v", items)
	}
	for resource, line := range map[string]int{"Pod default/a": 8, "Pod default/b": 14} {
		i := items[resource]
		if p := i.Locate([]any{"spec", "hostPID"}); p.Line != line {
			t.Errorf("%s: line %d, expected %d", resource, p.Line, line)
		}
	}
	if kinds := itemsOf(t, memoryTree{"a.yaml": "apiVersion: x.example/v1\nkind: AllowList\nmetadata: {name: a}\nspec: {}"}); len(kinds) != 1 {
		t.Errorf("a kind that ends in List and is none: %v", kinds)
	}
}

func TestClassification(t *testing.T) {
	for _, c := range []struct {
		path, text string
		want       class
	}{
		{"Dockerfile", "", dockerFile}, {"cmd/a.dockerfile", "", dockerFile}, {"Containerfile", "", dockerFile}, {"docker/Dockerfile.prod", "ARG A\nfrom a\n", dockerFile},
		{"Dockerfile-alpine", "FROM a", dockerFile}, {"Dockerfile.txt", "nothing", nothing}, {"dockerfile.go", "FROM a", nothing}, {"Dockerfile.md", "FROM a", nothing},
		{"compose.yaml", "", composeFile}, {"docker-compose.prod.yml", "", composeFile}, {"my-compose.yml", "services: {a: {image: b}}", composeFile}, {"compose-notes.yml", "a: b", nothing},
		{"other/base.yaml", "x-a: {}\nservices: {a: {image: b, privileged: true}}", composeFile}, {"other/base.yaml", "services: {a: {image: b}}\nreplicas: 2", nothing}, {"values.yaml", "services: {a: {image: b}}", nothing},
		{".github/workflows/a.yml", "", githubFile}, {"sub/.github/workflows/a.yaml", "", githubFile}, {"ci/github/workflows/a.yml", "on: push\njobs: {a: {runs-on: x}}", githubFile},
		{"w.yaml", "'on': push\njobs: {a: {uses: x}}", githubFile}, {"action.yml", "name: a\nruns: {using: composite}", githubFile}, {"action.yml", "a: b", nothing}, {"x.yml", "jobs: {a: {steps: []}}", nothing},
		{".gitlab-ci.yml", "", gitlabFile}, {"ci/build.gitlab-ci.yml", "", gitlabFile}, {".gitlab/ci/a.yml", "a: {script: [x]}", gitlabFile}, {"ci/a.yml", "stages: [a]\nb: {script: [x]}", gitlabFile},
		{"main.tf", "", terraformFile}, {"main.tf.json", "", terraformFile}, {"main.tofu", "", terraformFile}, {"main.tofu.json", "", terraformFile}, {"terraform.tfvars", "", terraformFile}, {"plan.json", `{"format_version": "1.2", "planned_values": {}}`, planFile},
		{"a.json", `{"\u0061piVersion": "v1", "kind": "Pod"}`, kubernetesFile}, {"a.yml", "# apiVersion\nkind: Pod\n", nothing}, {"package.json", `{"scripts": {"kind": "apiVersion"}}`, nothing},
		{"a.yaml", "a: b\n---\napiVersion: v1\nkind: Pod\n", kubernetesFile}, {"a.yaml", "? \"api\\\n  Version\"\n: v1\nkind: Pod\n", kubernetesFile}, {"a.txt", "apiVersion: v1\nkind: Pod", nothing},
		{"a.yaml", "\xff\xfea\x00p\x00i\x00V\x00e\x00r\x00s\x00i\x00o\x00n\x00:\x00 \x00v\x001\x00\n\x00k\x00i\x00n\x00d\x00:\x00 \x00P\x00\n\x00", kubernetesFile},
	} {
		if got := classOf(file{c.path, []byte(c.text)}); got != c.want {
			t.Errorf("%s %q: expected %d, found %d", c.path, c.text, c.want, got)
		}
	}
}

// classOf puts the steps of the walk together.
func classOf(f file) class {
	c := byName(f.path)
	switch {
	case c == maybeDockerfile && fromLine().Match(f.data):
		return dockerFile
	case c == maybeDockerfile, c == dataFile && !ofInterest(f.data):
		return nothing
	case c == dataFile:
		docs, _ := parseYAML(f)
		return byContent(f.path, docs)
	}
	return c
}

func TestDocumentHasEveryList(t *testing.T) {
	items, _, err := Read(t.Context(), memoryTree{"a.yaml": deployment, "main.tf": "resource \"a_b\" \"c\" {}\n"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	doc, _, err := Document(items, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, n := range map[string]int{"kubernetes": 1, "terraform": 1, "dockerfiles": 0, "compose": 0, "github": 0, "gitlab": 0} {
		if list, ok := doc[name].([]any); !ok || len(list) != n {
			t.Errorf("%s: %v", name, doc[name])
		}
	}
	if v, there := doc["declared"]; !there || v != nil {
		t.Errorf("declared: %v", v)
	}
	if workloads := doc["graph"].(map[string]any)["workloads"].([]any); len(workloads) != 1 {
		t.Errorf("workloads of the graph: %v", workloads)
	}
	if doc, graph, err := Document(nil, nil); err != nil || graph != nil || doc["graph"] != nil {
		t.Errorf("without manifests the graph is %v, %v", doc["graph"], err)
	}
	if first := doc["kubernetes"].([]any)[0].(map[string]any); first["id"] != 0 || first["file"] != "a.yaml" || !strings.HasPrefix(first["resource"].(string), "Deployment") {
		t.Errorf("item %v", first)
	}
}
