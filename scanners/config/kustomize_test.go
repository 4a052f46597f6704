// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// overlays is a base with two overlays.
func overlays() memoryTree {
	return memoryTree{
		"app/base/kustomization.yaml":         "resources:\n- deployment.yaml\n- service.yaml\n",
		"app/base/deployment.yaml":            deployment,
		"app/base/service.yaml":               service,
		"app/base/unused.yaml":                strings.ReplaceAll(deployment, "payments", "unused"),
		"app/overlays/dev/kustomization.yaml": "namespace: dev\nnamePrefix: dev-\nresources: [../../base]\ncommonLabels: {env: dev}\n",
		"app/overlays/prod/kustomization.yml": "namespace: prod\nresources: [../../base]\npatchesStrategicMerge: [patch.yaml]\nconfigMapGenerator:\n- name: settings\n  files: [settings.properties]\n",
		"app/overlays/prod/patch.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: payments}\nspec:\n  template:\n    spec:\n      hostPID: true\n      containers:\n" +
			"      - name: proxy\n        image: proxy\n      - name: app\n        image: registry.example/payments:2\n",
		"app/overlays/prod/settings.properties": "a=b\n",
	}
}

func TestKustomizationsAreBuilt(t *testing.T) {
	items := itemsOf(t, overlays())
	for _, resource := range []string{"Deployment dev/dev-payments", "Service dev/dev-payments", "Deployment prod/payments", "Service prod/payments", "Deployment default/unused"} {
		if _, there := items[resource]; !there {
			t.Errorf("%s is missing", resource)
		}
	}
	if len(items) != 6 {
		t.Errorf("found %d items", len(items))
	}
	i := items["Deployment prod/payments"]
	object := i.Doc["object"].(map[string]any)
	if _, there := object["metadata"].(map[string]any)["annotations"]; there || i.Doc["origin"] != "kustomize" || i.File != "app/base/deployment.yaml" {
		t.Errorf("origin %v in %s, metadata %v", i.Doc["origin"], i.File, object["metadata"])
	}
	containers := object["spec"].(map[string]any)["template"].(map[string]any)["spec"].(map[string]any)["containers"].([]any)
	index := map[string]int{}
	for n, c := range containers {
		index[c.(map[string]any)["name"].(string)] = n
	}
	at := func(container string, path ...any) []any {
		return append([]any{"spec", "template", "spec", "containers", index[container]}, path...)
	}
	for _, c := range []struct {
		name string
		path []any
		file string
		line int
	}{
		{"from the base", at("app", "securityContext", "privileged"), "app/base/deployment.yaml", 18},
		{"changed by the patch", at("app", "image"), "app/overlays/prod/patch.yaml", 12},
		{"added by the patch", []any{"spec", "template", "spec", "hostPID"}, "app/overlays/prod/patch.yaml", 7},
		{"in a container of the patch", at("proxy", "securityContext", "privileged"), "app/overlays/prod/patch.yaml", 9},
		{"nowhere", at("app", "resources"), "app/base/deployment.yaml", 15},
	} {
		if p := i.Locate(c.path); p.File != c.file || p.Line != c.line {
			t.Errorf("%s: expected %s:%d, found %s:%d", c.name, c.file, c.line, p.File, p.Line)
		}
	}
	for resource, i := range items {
		if strings.HasPrefix(resource, "ConfigMap prod/settings-") && (i.File != "app/overlays/prod/kustomization.yml" || i.Locate(nil).Line != 4) {
			t.Errorf("%s is in %s at %+v", resource, i.File, i.Locate(nil))
		}
	}
}

func TestOneFaultInTwoOverlaysIsOneFinding(t *testing.T) {
	path := []any{"spec", "template", "spec", "containers", 0, "securityContext", "privileged"}
	out := scanTree(t, overlays(), found{"Deployment dev/dev-payments": {result("r", "privileged in dev", path...)},
		"Deployment prod/payments": {result("r", "privileged in prod", "spec", "template", "spec", "containers", 1, "securityContext", "privileged")}})
	if len(out.Findings) != 1 || out.Findings[0].Line != 18 {
		t.Errorf("found %+v", out.Findings)
	}
}

func TestS20_KustomizeFetchesNothing(t *testing.T) {
	for _, ref := range []string{"https://example.com/a.yaml", "HTTP://example.com/a.yaml", "github.com/a/b", "GitHub.com/a/b//c?ref=v1", "git::https://example.com/a", "git@example.com:a/b.git",
		"https://user:hunter2@example.com/a//b", "ssh://example.com/a", "file:///etc/passwd", "http:example.com/a.yaml"} {
		tree := memoryTree{"a/kustomization.yaml": "resources:\n- pod.yaml\n- " + ref + "\n", "a/pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n", "a/github.com/a/b/kustomization.yaml": "namePrefix: x\n"}
		items, problems, err := Read(t.Context(), tree, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(items) != 1 || items[0].Doc["origin"] != "kustomize" {
			t.Errorf("%s: items %v", ref, items)
		}
		if len(problems) == 0 || problems[0].Line != 3 || problems[0].File != "a/kustomization.yaml" || strings.Contains(problems[0].Message, "hunter2") {
			t.Errorf("%s: problems %+v", ref, problems)
		}
	}
}

func TestS20_KustomizeRunsNoPlugins(t *testing.T) {
	pod := "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
	for name, c := range map[string]struct{ kustomization, plugin string }{
		"exec": {"resources: [pod.yaml]\ntransformers: [plugin.yaml]\n",
			"apiVersion: x.example/v1\nkind: Run\nmetadata:\n  name: a\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: ./run.sh}\n"},
		"container": {"resources: [pod.yaml]\ngenerators: [plugin.yaml]\n",
			"apiVersion: x.example/v1\nkind: Run\nmetadata:\n  name: a\n  annotations:\n    config.kubernetes.io/function: |\n      container: {image: example/a, network: true}\n"},
		"helm":          {"resources: [pod.yaml]\nhelmCharts: [{name: a, repo: 'https://example.com'}]\n", ""},
		"helm plugin":   {"resources: [pod.yaml]\ngenerators: [plugin.yaml]\n", "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: a}\nname: a\nrepo: https://example.com\n"},
		"patch by URL":  {"resources: [pod.yaml]\ntransformers: [plugin.yaml]\n", "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: a}\npath: https://example.com/a\n"},
		"inline by URL": {"resources: [pod.yaml]\ntransformers:\n- |-\n  apiVersion: builtin\n  kind: PatchTransformer\n  metadata: {name: a}\n  path: \"http\\x3A//example.com/a\"\n", ""},
		"openapi":       {"resources: [pod.yaml]\nopenapi: {path: 'https://example.com/a.json'}\n", ""},
		"crds":          {"resources: [pod.yaml]\ncrds: ['https://example.com/a.json']\n", ""},
		"patches":       {"resources: [pod.yaml]\npatches: [{path: 'https://example.com/a.json'}]\n", ""},
		"config map":    {"resources: [pod.yaml]\nconfigMapGenerator: [{name: a, files: ['a=https://example.com/a.json']}]\n", ""},
	} {
		tree := memoryTree{"kustomization.yaml": c.kustomization, "pod.yaml": pod, "plugin.yaml": c.plugin, "run.sh": "#!/bin/sh\ntouch /tmp/owned\n"}
		items, problems, err := Read(t.Context(), tree, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(problems) == 0 || problems[0].File != "kustomization.yaml" {
			t.Errorf("%s: problems %+v", name, problems)
		}
		pods := 0
		for _, i := range items {
			if i.Resource == "Pod default/p" {
				pods++
			}
		}
		if pods != 1 {
			t.Errorf("%s: the pod is judged %d times", name, pods)
		}
	}
}

func TestS17_KustomizeBomb(t *testing.T) {
	tree := memoryTree{"k0/kustomization.yaml": "resources: [a.yaml]\n", "k0/a.yaml": deployment}
	for n := range 20 {
		for _, side := range []string{"a", "b"} {
			bases := fmt.Sprintf("../k%da, ../k%db", n, n)
			if n == 0 {
				bases = "../k0"
			}
			tree[fmt.Sprintf("k%d%s/kustomization.yaml", n+1, side)] = fmt.Sprintf("namePrefix: %s%d-\nresources: [%s]\n", side, n, bases)
		}
	}
	_, _, err := Read(t.Context(), tree, Options{})
	if !errors.Is(err, ErrLimit) || !strings.Contains(err.Error(), "kustomization.yaml") {
		t.Errorf("expected a limit, found %v", err)
	}
}

func TestKustomizationsThatCannotBeBuilt(t *testing.T) {
	for name, tree := range map[string]memoryTree{
		"missing file":   {"kustomization.yaml": "resources: [a.yaml, none.yaml]\n", "a.yaml": deployment},
		"missing base":   {"kustomization.yaml": "resources: [a.yaml, base]\n", "a.yaml": deployment, "base/b.yaml": service},
		"cycle":          {"kustomization.yaml": "resources: [a.yaml, b]\n", "a.yaml": deployment, "b/kustomization.yaml": "resources: [../]\n", "z/kustomization.yaml": "resources: [../]\n"},
		"outside":        {"kustomization.yaml": "resources: [a.yaml, ../../etc]\n", "a.yaml": deployment},
		"twice the same": {"kustomization.yaml": "resources: [a.yaml, b.yaml]\n", "a.yaml": deployment, "b.yaml": deployment},
		"unknown field":  {"kustomization.yaml": "resources: [a.yaml]\nresourcez: []\n", "a.yaml": deployment},
		"odd folder":     {"my shop+1/kustomization.yaml": "resources: [a.yaml]\n", "my shop+1/a.yaml": deployment},
		"two files":      {"kustomization.yaml": "resources: [a.yaml]\n", "kustomization.yml": "resources: [a.yaml]\n", "a.yaml": deployment},
	} {
		items, problems, err := Read(t.Context(), tree, Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(problems) == 0 {
			t.Errorf("%s: no problem", name)
		}
		if len(items) == 0 || items[0].Resource != "Deployment default/payments" {
			t.Errorf("%s: the manifest is not judged: %v", name, items)
		}
	}
}

// TestManifestsCannotHideInKustomizations names a manifest in every field that reads files; only what is in the build in another form is left out.
func TestManifestsCannotHideInKustomizations(t *testing.T) {
	hidden := strings.Replace(deployment, "spec:\n", "spec:\n  selector: {matchLabels: {app: payments}}\n", 1)
	hidden = strings.ReplaceAll(strings.ReplaceAll(hidden, "payments", "hidden"), "      - name: migrate\n", "      - name: migrate\n        image: a\n")
	stub := "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: %s}\n"
	for name, tree := range map[string]memoryTree{
		"config map":              {"kustomization.yaml": "configMapGenerator: [{name: a, files: [hidden.yaml]}]\n"},
		"crds":                    {"kustomization.yaml": "resources: [a.yaml]\ncrds: [hidden.yaml]\n"},
		"configurations":          {"kustomization.yaml": "resources: [a.yaml]\nconfigurations: [hidden.yaml]\n"},
		"patch for nothing":       {"kustomization.yaml": "resources: [a.yaml]\npatches: [{path: hidden.yaml, target: {kind: Deployment, name: none}}]\n"},
		"patch for another kind":  {"kustomization.yaml": "resources: [a.yaml]\npatches: [{path: hidden.yaml, target: {kind: Service}}]\n"},
		"deleted":                 {"kustomization.yaml": "resources: [hidden.yaml, a.yaml]\npatches: [{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: hidden}, $patch: delete}'}]\n"},
		"local":                   {"kustomization.yaml": "resources: [hidden.yaml, a.yaml]\ncommonAnnotations: {config.kubernetes.io/local-config: 'true'}\n"},
		"component":               {"kustomization.yaml": "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nresources: [hidden.yaml]\n"},
		"library chart":           {"Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0\ntype: library\n", "templates/hidden.yaml": hidden},
		"chart that needs values": {"Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0\n", "templates/hidden.yaml": hidden, "templates/x.yaml": "a: {{ required \"x\" .Values.x }}"},
		"folder of a chart":       {"Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0\n", "charts/hidden.yaml": hidden},
		"values of a chart":       {"Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0\n", "ci/hidden.yaml": hidden},
	} {
		if _, chart := tree["Chart.yaml"]; !chart {
			tree["hidden.yaml"], tree["a.yaml"] = hidden, fmt.Sprintf(stub, "a")+"---\n"+service
		}
		items, _, err := Read(t.Context(), tree, Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		count := 0
		for _, i := range items {
			if i.Resource == "Deployment default/hidden" {
				count++
			}
		}
		if count != 1 {
			t.Errorf("%s: it is judged %d times", name, count)
		}
	}
}

func TestKustomizationWithAbsentKeys(t *testing.T) {
	tree := memoryTree{"kustomization.yaml": "resources: [a.yaml]\nsecretGenerator:\n- name: tls\n  files: [pki/tls.key, '<KEY>']\n  envs: [.env]\n", "a.yaml": deployment}
	out := scanTree(t, tree, found{})
	if len(out.Findings) > 0 || len(out.Skipped) != 3 {
		t.Errorf("found %+v, skipped %q", out.Findings, out.Skipped)
	}
	if items := itemsOf(t, tree); len(items) != 2 || items["Deployment default/payments"].Doc["origin"] != "kustomize" {
		t.Errorf("items %v", items)
	}
}

func TestTemplateThatIsYAML(t *testing.T) {
	out := scanTree(t, memoryTree{"a.yaml": "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ name }}\n---\n" + service}, found{"Service shop/payments": {result("r", "a")}})
	if len(out.Findings) != 1 || out.Findings[0].Line != 6 || len(out.Skipped) != 1 {
		t.Errorf("found %+v, skipped %q", out.Findings, out.Skipped)
	}
}

func TestDefinitionsBesideKustomizations(t *testing.T) {
	crd := "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: fleets.own.example}\nspec: {group: own.example, scope: Cluster, names: {kind: Fleet}}\n"
	for name, patch := range map[string]string{"unchanged": "", "patched": "patches:\n- target: {kind: CustomResourceDefinition}\n  patch: |\n    - op: add\n      path: /metadata/labels\n      value: {a: b}\n"} {
		items := itemsOf(t, memoryTree{"kustomization.yaml": "namePrefix: x-\nresources: [all.yaml, crd.yaml]\n" + patch, "all.yaml": service + "--- # next\n" + strings.ReplaceAll(crd, "leet", "oot"),
			"crd.yaml": crd, "fleet.yaml": "apiVersion: own.example/v1\nkind: Fleet\nmetadata: {name: f}\n"})
		for _, resource := range []string{"Service shop/x-payments", "CustomResourceDefinition fleets.own.example", "CustomResourceDefinition foots.own.example", "Fleet f"} {
			if _, there := items[resource]; !there {
				t.Errorf("%s: %s is missing in %v", name, resource, len(items))
			}
		}
		if len(items) != 4 {
			t.Errorf("%s: %d items", name, len(items))
		}
	}
}
