// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const workflow = `apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: build}
spec:
  serviceAccountName: builder
  volumes:
  - name: cache
    hostPath: {path: /cache}
  securityContext: {runAsNonRoot: true}
  templates:
  - name: compile
    securityContext:
      runAsUser: 1000
    volumes:
    - {name: out, emptyDir: {}}
    podSpecPatch: |
      hostPID: true
      containers:
      - name: main
        securityContext: {privileged: true}
    container:
      image: golang
      securityContext: {runAsNonRoot: true}
    sidecars:
    - {name: db, image: postgres}
  - name: report
    script:
      image: python
      source: print(1)
  - name: all
    dag:
      tasks:
      - name: lint
        inline:
          container: {image: lint}
`

// podsIn gives the containers of every pod, and the lines of what they have.
func podsIn(t *testing.T, text string, below ...[]any) []string {
	t.Helper()
	items, problems, err := Read(t.Context(), memoryTree{"a.yaml": text}, Options{})
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	var got []string
	for n := range items {
		pod := mapping(items[n].Doc["pod"])
		containers, _ := pod["containers"].([]any)
		for _, v := range containers {
			c := v.(map[string]any)
			line := fmt.Sprintf("%s %s %v %d", items[n].Doc["kind"], c["name"], mapping(c["spec"])["image"], items[n].Locate(c["path"].([]any)).Line)
			for _, more := range below {
				line += fmt.Sprintf(" %d", items[n].Locate(slices.Concat(c["path"].([]any), more)).Line)
			}
			got = append(got, line)
		}
	}
	return got
}

func TestArgoTemplates(t *testing.T) {
	got := podsIn(t, workflow, []any{"securityContext", "privileged"}, []any{"securityContext", "runAsNonRoot"}, []any{"securityContext", "readOnlyRootFilesystem"})
	want := []string{"Workflow main golang 21 16 23 23", "Workflow db postgres 25 25 25 25", "Workflow main python 27 27 27 27", "Workflow main lint 35 35 35 35"}
	if !slices.Equal(got, want) {
		t.Errorf("found %q", got)
	}
	items, _, err := Read(t.Context(), memoryTree{"a.yaml": workflow}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(items) != 4 || items[0].Doc["pod"] != nil {
		t.Fatalf("found %d items", len(items))
	}
	compile, report := items[1], items[2]
	spec := mapping(mapping(compile.Doc["pod"])["spec"])
	if spec["serviceAccountName"] != "builder" || spec["hostPID"] != true || mapping(spec["securityContext"])["runAsUser"] != 1000 || len(spec["volumes"].([]any)) != 2 {
		t.Errorf("spec %v", spec)
	}
	at := compile.Doc["pod"].(map[string]any)["path"].([]any)
	for _, c := range []struct {
		item Item
		path []any
		line int
	}{
		{compile, []any{"spec", "hostPID"}, 16}, {compile, []any{"spec", "securityContext", "runAsUser"}, 13}, {compile, []any{"spec", "volumes", 0, "emptyDir"}, 15},
		{compile, []any{"spec", "volumes", 1, "hostPath", "path"}, 8}, {compile, []any{"spec", "serviceAccountName"}, 5}, {compile, []any{"spec", "automountServiceAccountToken"}, 4},
		{report, []any{"spec", "securityContext", "runAsNonRoot"}, 9},
	} {
		where := at
		if c.item.Doc["pod"].(map[string]any)["path"].([]any)[2] != at[2] {
			where = []any{"spec", "templates", 1}
		}
		if line := c.item.Locate(slices.Concat(where, c.path)).Line; line != c.line {
			t.Errorf("%v: expected line %d, found %d", c.path, c.line, line)
		}
	}
	if a, b := stablePath(&items[1], slices.Concat(at, []any{"spec", "containers", 0})), stablePath(&items[2], []any{"spec", "templates", 1, "spec", "containers", 0}); a == b || !strings.Contains(a, "compile") {
		t.Errorf("the containers of two templates are %q and %q", a, b)
	}
}

func TestTektonSteps(t *testing.T) {
	text := `apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {name: run}
spec:
  serviceAccountName: bot
  podTemplate:
    hostNetwork: true
  taskSpec:
    stepTemplate:
      image: base
      securityContext:
        runAsNonRoot: true
    steps:
    - name: one
      script: make
    - image: two
      securityContext: {privileged: true}
      computeResources: {limits: {memory: 1Gi}}
    - name: elsewhere
      ref: {name: action}
    sidecars:
    - {name: docker, image: dind}
---
apiVersion: tekton.dev/v1
kind: StepAction
metadata: {name: action}
spec:
  image: act
---
apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {name: all}
spec:
  pipelineRef: {name: all}
  taskRunTemplate:
    podTemplate: {hostNetwork: true}
`
	got := podsIn(t, text, []any{"securityContext", "runAsNonRoot"}, []any{"securityContext", "privileged"})
	want := []string{"TaskRun one base 14 12 14", "TaskRun step 1 two 16 12 17", "TaskRun docker dind 22 22 22", "StepAction step act 27 27 27"}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("found %q", got)
	}
	items, _, err := Read(t.Context(), memoryTree{"a.yaml": text}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	last := items[len(items)-1]
	pod := mapping(last.Doc["pod"])
	if mapping(pod["spec"])["hostNetwork"] != true || last.Locate(slices.Concat(pod["path"].([]any), []any{"spec", "hostNetwork"})).Line != 36 {
		t.Errorf("pod of a run: %v, line %d", pod, last.Locate(slices.Concat(pod["path"].([]any), []any{"spec", "hostNetwork"})).Line)
	}
}

func TestSeveralTemplates(t *testing.T) {
	containers := "spec: {containers: [{name: a, image: b}]}"
	for _, c := range []struct {
		api, kind, text string
		n               int
	}{
		{"batch.volcano.sh/v1alpha1", "Job", "spec: {tasks: [{name: x, template: {" + containers + "}}, {name: y, template: {" + containers + "}}]}", 2},
		{"kubeflow.org/v1", "PyTorchJob", "spec: {pytorchReplicaSpecs: {Master: {template: {" + containers + "}}, Worker: {template: {" + containers + "}}}}", 2},
		{"kubeflow.org/v1", "XGBoostJob", "spec: {xgbReplicaSpecs: {Master: {template: {" + containers + "}}}}", 1},
		{"ray.io/v1", "RayCluster", "spec: {headGroupSpec: {template: {" + containers + "}}, workerGroupSpecs: [{template: {" + containers + "}}]}", 2},
		{"apps.kruise.io/v1alpha1", "CloneSet", "spec: {template: {" + containers + "}}", 1},
		{"apps.kruise.io/v1beta1", "StatefulSet", "spec: {template: {" + containers + "}}", 1},
		{"apps.kruise.io/v1alpha1", "SidecarSet", containers, 1},
		{"serving.kserve.io/v1beta1", "InferenceService", "spec: {predictor: {containers: [{name: a, image: b}]}}", 1},
		{"template.openshift.io/v1", "Template", "objects: [{apiVersion: v1, kind: Pod, metadata: {name: p}, " + containers + "}]", 1},
		{"triggers.tekton.dev/v1beta1", "TriggerTemplate", "spec: {resourcetemplates: [{apiVersion: tekton.dev/v1, kind: TaskRun, spec: {taskSpec: {steps: [{image: a}]}}}]}", 1},
		{"argoproj.io/v1alpha1", "CronWorkflow", "spec: {workflowSpec: {templates: [{name: x, container: {image: a}}, {name: y, suspend: {}}]}}", 1},
		{"argoproj.io/v1alpha1", "WorkflowTemplate", "spec: {templates: [wrong, {container: wrong}], podSpecPatch: '{'}", 0},
		{"tekton.dev/v1", "Task", "spec: {steps: [wrong, 3], stepTemplate: wrong, volumes: wrong}", 0},
		{"tekton.dev/v1", "Pipeline", "spec: {tasks: [{taskSpec: {steps: [{image: a}]}}], finally: [{taskRef: {name: x}}]}", 1},
		{"batch.volcano.sh/v1alpha1", "Job", "spec: {tasks: [{template: {spec: wrong}}, 3]}", 0},
	} {
		got := podsIn(t, fmt.Sprintf("apiVersion: %s\nkind: %s\nmetadata: {name: x}\n%s\n", c.api, c.kind, c.text))
		if len(got) != c.n {
			t.Errorf("%s: found %q", c.kind, got)
		}
	}
}
