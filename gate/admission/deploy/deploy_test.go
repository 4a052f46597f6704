// SPDX-License-Identifier: Apache-2.0

// Package deploy holds what runs the webhook in a cluster: a Helm chart, and the manifests that it renders to with its own values.
package deploy

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"

	"github.com/sealock-dev/sealock/gate/admission"
)

var update = flag.Bool("update", false, "write manifests/sealock.yaml")

const head = "# SPDX-License-Identifier: Apache-2.0\n#\n# What the chart beside this folder renders to with its own values: go test ./gate/admission/deploy -update\n# Before it is applied: the image and its digest, the policy and its key, the namespaces, the networks.\n"

// render is the chart with values over its own.
func render(t *testing.T, values map[string]any) string {
	t.Helper()
	c, err := loader.Load("chart")
	if err != nil {
		t.Fatal(err)
	}
	v, err := chartutil.ToRenderValues(c, values, chartutil.ReleaseOptions{Name: "sealock", Namespace: "default"}, chartutil.DefaultCapabilities)
	if err != nil {
		t.Fatal(err)
	}
	files, err := engine.Render(c, v)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	names := []string{}
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if text := strings.TrimSpace(files[name]); text != "" && strings.HasSuffix(name, ".yaml") {
			b.WriteString("---\n" + text + "\n")
		}
	}
	return b.String()
}

// objects reads what was rendered.
func objects(t *testing.T, text string) map[string]map[string]any {
	t.Helper()
	out := map[string]map[string]any{}
	for d := yaml.NewDecoder(strings.NewReader(text)); ; {
		var o map[string]any
		if err := d.Decode(&o); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		if o != nil {
			out[o["kind"].(string)+"/"+at(o, "metadata", "name").(string)] = o
		}
	}
}

// at walks down a path of names and indexes.
func at(v any, path ...any) any {
	for _, p := range path {
		switch x := v.(type) {
		case map[string]any:
			v = x[p.(string)]
		case []any:
			v = x[p.(int)]
		default:
			return nil
		}
	}
	return v
}

func TestManifestsAreTheChart(t *testing.T) {
	file := filepath.Join("manifests", "sealock.yaml")
	want := head + render(t, nil)
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != want {
		t.Errorf("%s is not what the chart renders to (%v); run: go test ./gate/admission/deploy -update", file, err)
	}
}

// it fails closed, answers before the API server gives up, and no label takes its own change out of sight.
func TestA20_FailsClosed(t *testing.T) {
	all := objects(t, render(t, map[string]any{"rules": []any{map[string]any{"apiGroups": []any{"argoproj.io"}, "apiVersions": []any{"*"}, "operations": []any{"CREATE", "UPDATE"}, "resources": []any{"rollouts"}, "scope": "Namespaced"}}}))
	hooks, _ := at(all["ValidatingWebhookConfiguration/sealock"], "webhooks").([]any)
	if len(hooks) != 2 {
		t.Fatalf("%d webhooks", len(hooks))
	}
	for _, h := range hooks {
		if at(h, "failurePolicy") != "Fail" || at(h, "matchPolicy") != "Equivalent" || at(h, "sideEffects") != "None" || at(h, "timeoutSeconds") != 10 || at(h, "clientConfig", "service", "path") != admission.PathValidate {
			t.Errorf("%v", h)
		}
	}
	if at(hooks[1], "namespaceSelector") != nil || at(hooks[1], "objectSelector") != nil || at(hooks[1], "rules", 0, "scope") != "Cluster" {
		t.Errorf("%v", hooks[1])
	}
	var resources []string
	for _, r := range at(hooks[0], "rules").([]any) {
		for _, name := range at(r, "resources").([]any) {
			resources = append(resources, name.(string))
		}
		if ops, _ := at(r, "operations").([]any); len(ops) != 2 || at(r, "apiVersions", 0) != "*" {
			t.Errorf("%v", r)
		}
	}
	for _, name := range []string{"pods", "pods/ephemeralcontainers", "podtemplates", "replicationcontrollers", "deployments", "replicasets", "statefulsets", "daemonsets", "controllerrevisions", "jobs", "cronjobs", "rollouts"} {
		if !slices.Contains(resources, name) {
			t.Errorf("%s are not judged", name)
		}
	}
	if at(hooks[0], "namespaceSelector", "matchExpressions", 0, "key") != admission.LabelExclude {
		t.Errorf("%v", at(hooks[0], "namespaceSelector"))
	}
}

// What the configuration map holds is a configuration, and it lists the webhook's own namespace.
func TestConfiguration(t *testing.T) {
	all := objects(t, render(t, nil))
	text, _ := at(all["ConfigMap/sealock"], "data", "admission.yaml").(string)
	c, err := admission.ParseConfig("admission.yaml", []byte(text))
	if err != nil || !slices.Contains(c.Excluded, "sealock-system") {
		t.Fatalf("%v\n%s", err, text)
	}
	if at(all["Namespace/sealock-system"], "metadata", "labels", admission.LabelExclude) != "true" {
		t.Errorf("%v", all["Namespace/sealock-system"])
	}
	rules, _ := at(all["ClusterRole/sealock-namespaces"], "rules").([]any)
	if len(rules) != 1 || len(at(rules[0], "verbs").([]any)) != 1 || at(rules[0], "verbs", 0) != "get" || at(rules[0], "resources", 0) != "namespaces" {
		t.Errorf("%v", rules)
	}
}

// Pull secrets are read where they are asked for, and nowhere else.
func TestPullSecrets(t *testing.T) {
	if out := render(t, nil); strings.Contains(out, "secrets, serviceaccounts") || strings.Contains(out, "pullSecrets") {
		t.Error(out)
	}
	out := render(t, map[string]any{"pullSecrets": []any{"shop", "live"}})
	all := objects(t, out)
	rules, _ := at(all["Role/sealock-pull-secrets"], "rules").([]any)
	if len(rules) != 1 || len(at(rules[0], "verbs").([]any)) != 1 || at(rules[0], "verbs", 0) != "get" || strings.Count(out, "kind: Role\n") != 4 || strings.Count(out, "kind: RoleBinding\n") != 2 {
		t.Errorf("%v\n%s", rules, out)
	}
	text, _ := at(all["ConfigMap/sealock"], "data", "admission.yaml").(string)
	if c, err := admission.ParseConfig("admission.yaml", []byte(text)); err != nil || !c.PullSecrets {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestOtherValues(t *testing.T) {
	out := render(t, map[string]any{"namespace": "gate", "registrySecret": "pull", "tls": map[string]any{"certManager": false, "authority": "PEM"}, "policy": map[string]any{"key": "", "identity": "https://example.com/x", "issuer": "https://issuer.example.com"}})
	for _, want := range []string{"namespace: gate", "caBundle: UEVN", "--policy-identity=https://example.com/x", "--policy-issuer=https://issuer.example.com", "--registry-config=/etc/sealock-registry/.dockerconfigjson", "secretName: pull"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	for _, not := range []string{"cert-manager", "policy.pub", "sealock-system\n"} {
		if strings.Contains(strings.ReplaceAll(out, "excluded:\n    - kube-system\n    - sealock-system", ""), not) {
			t.Errorf("%q in\n%s", not, out)
		}
	}
	if !bytes.Contains([]byte(out), []byte("replicas: 2")) {
		t.Error(out)
	}
}
