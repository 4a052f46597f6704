// SPDX-License-Identifier: Apache-2.0

package config

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// chartTree is a chart with a subchart, a test hook and values in ci/.
func chartTree() memoryTree {
	return memoryTree{
		"charts/shop/Chart.yaml":             "apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n- {name: cache, version: 1.0.0, repository: 'file://charts/cache'}\n",
		"charts/shop/values.yaml":            "image: registry.example/shop:1\nprivileged: true\nsecurityContext:\n  allowPrivilegeEscalation: true\nlookup: false\n",
		"charts/shop/templates/_helpers.tpl": "{{ define \"shop.labels\" }}app: shop{{ end }}\n",
		"charts/shop/templates/NOTES.txt":    "apiVersion: v1\nkind: Pod\n",
		"charts/shop/templates/deployment.yaml": `{{- /* the service */}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  labels: {{- include "shop.labels" . | nindent 4 }}
spec:
  template:
    spec:
      hostNetwork: true
      containers:
      - name: shop
        image: {{ .Values.image | quote }}
        securityContext:
          {{- toYaml .Values.securityContext | nindent 10 }}
      {{- range list "a" "b" }}
      - name: {{ . }}
        image: other
        tty: true
      {{- end }}
`,
		"charts/shop/templates/tests/test.yaml":           "apiVersion: v1\nkind: Pod\nmetadata:\n  name: probe\n  annotations: {helm.sh/hook: test}\n",
		"charts/shop/templates/job.yaml":                  "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\n  annotations: {helm.sh/hook: 'pre-install, test'}\n",
		"charts/shop/templates/lookup.yaml":               "{{ if lookup \"v1\" \"Secret\" \"a\" \"b\" }}\napiVersion: v1\nkind: Secret\n{{ end }}{{ getHostByName \"example.com\" }}",
		"charts/shop/crds/crd.yaml":                       "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a}\nspec: {}\n",
		"charts/shop/ci/tls-values.yaml":                  "image: registry.example/shop:2\n",
		"charts/shop/charts/cache/Chart.yaml":             "apiVersion: v2\nname: cache\nversion: 1.0.0\n",
		"charts/shop/charts/cache/templates/service.yaml": "apiVersion: v1\nkind: Service\nmetadata:\n  name: cache\nspec:\n  type: NodePort\n",
	}
}

func TestChartsAreRendered(t *testing.T) {
	items, problems, err := Read(t.Context(), chartTree(), Options{})
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	count := map[string]int{}
	var first *Item
	for n, i := range items {
		count[i.Resource]++
		if i.Resource == "Deployment default/shop" && first == nil {
			first = &items[n]
		}
	}
	want := map[string]int{"Deployment default/shop": 2, "Job default/migrate": 1, "Service default/cache": 1, "CustomResourceDefinition a": 1}
	for resource, n := range want {
		if count[resource] != n {
			t.Errorf("%s: expected %d, found %d", resource, n, count[resource])
		}
	}
	if len(count) != len(want) {
		t.Errorf("found %v", count)
	}
	at := func(path ...any) []any { return append([]any{"spec", "template", "spec"}, path...) }
	for _, c := range []struct {
		name         string
		path         []any
		line, column int
	}{
		{"plain text", at("hostNetwork"), 10, 7},
		{"a value of the chart", at("containers", 0, "image"), 13, 9},
		{"inside toYaml", at("containers", 0, "securityContext", "allowPrivilegeEscalation"), 14, 9},
		{"missing", at("containers", 0, "resources"), 12, 7},
		{"in a loop", at("containers", 2, "tty"), 19, 9},
		{"the name", []any{"metadata", "name"}, 5, 3},
		{"nothing", []any{"status"}, 2, 1},
	} {
		if p := first.Locate(c.path); p.File != "charts/shop/templates/deployment.yaml" || p.Line != c.line || p.Column != c.column {
			t.Errorf("%s: expected %d:%d, found %+v", c.name, c.line, c.column, p)
		}
	}
	for _, i := range items {
		if i.Resource == "Service default/cache" && (i.File != "charts/shop/charts/cache/templates/service.yaml" || i.Locate([]any{"spec", "type"}).Line != 6 || i.Doc["origin"] != "helm") {
			t.Errorf("subchart: %s %+v", i.File, i.Locate([]any{"spec", "type"}))
		}
	}
}

func TestChartsThatCannotBeRendered(t *testing.T) {
	chart := "apiVersion: v2\nname: c\nversion: 1.0.0\n"
	for _, c := range []struct {
		name, template, values, chart string
		problem, skipped              string
		line                          int
	}{
		{"required", `a: {{ required "set a" .Values.a }}`, "", chart, "", "set a", 0},
		{"syntax", "a: b\n{{ if }}\n", "", chart, "can't be rendered", "", 2},
		{"nil", "a: b\nb: {{ .Values.a.b.c }}\n", "", chart, "can't be rendered", "", 2},
		{"no YAML", "apiVersion: v1\nkind: Pod\nmetadata: {name: a\nb: c\n", "", chart, "renders to is no YAML", "", 3},
		{"duplicate key", "apiVersion: v1\nkind: Pod\nspec: {}\nspec: {}\n", "", chart, "twice", "", 4},
		{"values", "a: b\n", "a: [", chart, "no YAML", "", 1},
		{"no name", "a: b\n", "", "apiVersion: v2\nversion: 1.0.0\n", "chart.metadata.name", "", 1},
		{"library", "a: {{ fail \"no\" }}", "", chart + "type: library\n", "", "library", 0},
		{"missing dependency", `{{ include "common.x" . }}`, "", chart + "dependencies: [{name: common, version: 1.x, repository: 'https://example.com'}]\n", "helm dependency build", "", 1},
		{"missing dependency without use", "apiVersion: v1\nkind: Pod\n", "", chart + "dependencies: [{name: redis, version: 1.x, repository: 'https://example.com'}]\n", "", "redis", 0},
		{"schema by URL", "apiVersion: v1\nkind: Pod\n", "", chart, "", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree := memoryTree{"Chart.yaml": c.chart, "values.yaml": c.values, "templates/a.yaml": c.template, "values.schema.json": `{"$ref": "http://127.0.0.1:1/schema.json"}`}
			out := scanTree(t, tree, found{})
			if c.problem == "" && len(out.Findings) > 0 || c.problem != "" && (len(out.Findings) != 1 || !strings.Contains(out.Findings[0].Message, c.problem) || out.Findings[0].Line != c.line) {
				t.Errorf("expected %q at line %d, found %+v", c.problem, c.line, out.Findings)
			}
			if c.skipped == "" && len(out.Skipped) > 0 || c.skipped != "" && (len(out.Skipped) != 1 || !strings.Contains(out.Skipped[0], c.skipped)) {
				t.Errorf("expected %q, skipped %q", c.skipped, out.Skipped)
			}
		})
	}
}

// A chart that demands values is judged by what does not depend on them; what becomes unreadable without them is no fault.
func TestChartThatNeedsValues(t *testing.T) {
	pod := "apiVersion: v1\nkind: Pod\nmetadata: {name: one}\nspec:\n  hostNetwork: true\n"
	for name, template := range map[string]string{
		"required":           pod + "  nodeName: {{ required \"set the node\" .Values.node | quote }}\n",
		"required by pipe":   pod + "  nodeName: {{ .Values.node | required `set the node` | quote }}\n",
		"required and made":  pod + "  nodeName: {{ required (printf \"set %s\" \"it\") .Values.node | quote }}\n",
		"fail":               "{{- if not .Values.node }}{{ fail \"set the node\" }}{{ end }}\n" + pod,
		"fail by pipe":       "{{- if not .Values.node }}{{ printf \"set %s\" \"it\" | fail }}{{ end }}\n" + pod,
		"beside what breaks": "a: {{ required \"x\" .Values.x }}{\n---\n" + pod,
	} {
		items := itemsOf(t, memoryTree{"Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", "templates/a.yaml": template})
		if i, there := items["Pod default/one"]; !there || i.Locate([]any{"spec", "hostNetwork"}).File != "templates/a.yaml" {
			t.Errorf("%s: found %v", name, items)
		}
	}
}

func TestS14_ArchivedSubcharts(t *testing.T) {
	archive := func(template string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		w := tar.NewWriter(z)
		for _, f := range [][2]string{{"cache/Chart.yaml", "apiVersion: v2\nname: cache\nversion: 1.0.0\n"}, {"cache/templates/a.yaml", template}} {
			if err := w.WriteHeader(&tar.Header{Name: f[0], Mode: 0o600, Size: int64(len(f[1]))}); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte(f[1])); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(w.Close(), z.Close()); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	tree := memoryTree{"Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", "charts/cache-1.0.0.tgz": archive(service)}
	items := itemsOf(t, tree)
	if i, there := items["Service shop/payments"]; !there || i.File != "charts/cache-1.0.0.tgz" || i.Locate([]any{"spec"}).Line != 1 {
		t.Errorf("found %v", items)
	}
	tree["charts/cache-1.0.0.tgz"] = archive(strings.Repeat("#", 6<<20))
	out := scanTree(t, tree, found{})
	if len(out.Findings) != 1 || !strings.Contains(out.Findings[0].Message, "larger than the maximum file size") {
		t.Errorf("a large file in an archive: %+v", out.Findings)
	}
}

func TestS17_ChartBombs(t *testing.T) {
	chart := "apiVersion: v2\nname: c\nversion: 1.0.0\n"
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for n := range 8 {
		p := string(rune('0' + n))
		bomb += "a" + string(rune('1'+n)) + ": &a" + string(rune('1'+n)) + " [" + strings.TrimSuffix(strings.Repeat("*a"+p+", ", 10), ", ") + "]\n"
	}
	for name, tree := range map[string]memoryTree{
		"output": {"Chart.yaml": chart, "templates/a.yaml": `{{ range until 40000 }}{{ repeat 1000 "#" }}{{ end }}`},
		"values": {"Chart.yaml": chart, "templates/a.yaml": "a: b", "values.yaml": bomb},
	} {
		if _, _, err := Read(t.Context(), tree, Options{}); !errors.Is(err, ErrLimit) {
			t.Errorf("%s: expected a limit, found %v", name, err)
		}
	}
}

func TestWatched(t *testing.T) {
	if err := watched(t.Context(), "x", func() error { panic("odd") }); err == nil || !strings.Contains(err.Error(), "odd") {
		t.Errorf("a panic gave %v", err)
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		stop := make(chan struct{})
		err := watched(ctx, "rendering", func() error { <-stop; return nil })
		if !errors.Is(err, ErrLimit) || !strings.Contains(err.Error(), "rendering took more than") {
			t.Errorf("what does not end gave %v", err)
		}
		close(stop)
		time.Sleep(time.Second)
	})
}
