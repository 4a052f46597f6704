// SPDX-License-Identifier: Apache-2.0

package config

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// podTemplates is where kinds keep several pod templates, or one that is not where most have it. A star is any element of a list or member of an object.
func podTemplates(group, kind string) []string {
	switch group + "/" + kind {
	case "batch.volcano.sh/Job", "flow.volcano.sh/JobTemplate":
		return []string{"spec.tasks.*.template"}
	case "kubeflow.org/PyTorchJob", "kubeflow.org/TFJob", "kubeflow.org/MPIJob", "kubeflow.org/XGBoostJob", "kubeflow.org/PaddleJob", "kubeflow.org/JAXJob", "kubeflow.org/MXJob":
		return []string{"spec." + replicaSpecs(kind) + ".*.template"}
	case "trainer.kubeflow.org/TrainingRuntime", "trainer.kubeflow.org/ClusterTrainingRuntime":
		return []string{"spec.template.spec.replicatedJobs.*.template.spec.template"}
	case "jobset.x-k8s.io/JobSet":
		return []string{"spec.replicatedJobs.*.template.spec.template"}
	case "leaderworkerset.x-k8s.io/LeaderWorkerSet":
		return []string{"spec.leaderWorkerTemplate.leaderTemplate", "spec.leaderWorkerTemplate.workerTemplate"}
	case "kueue.x-k8s.io/Workload":
		return []string{"spec.podSets.*.template"}
	case "ray.io/RayCluster":
		return []string{"spec.headGroupSpec.template", "spec.workerGroupSpecs.*.template"}
	case "ray.io/RayJob":
		return []string{"spec.rayClusterSpec.headGroupSpec.template", "spec.rayClusterSpec.workerGroupSpecs.*.template", "spec.submitterPodTemplate"}
	case "ray.io/RayService":
		return []string{"spec.rayClusterConfig.headGroupSpec.template", "spec.rayClusterConfig.workerGroupSpecs.*.template"}
	case "apps.kruise.io/AdvancedCronJob":
		return []string{"spec.template.jobTemplate.spec.template", "spec.template.broadcastJobTemplate.spec.template"}
	case "apps.kruise.io/UnitedDeployment":
		return []string{"spec.template.*.spec.template"}
	case "argoproj.io/AnalysisTemplate", "argoproj.io/ClusterAnalysisTemplate", "argoproj.io/AnalysisRun":
		return []string{"spec.metrics.*.provider.job.spec.template"}
	case "argoproj.io/Experiment":
		return []string{"spec.templates.*.template"}
	case "agones.dev/Fleet", "agones.dev/GameServerSet":
		return []string{"spec.template.spec.template"}
	case "machinelearning.seldon.io/SeldonDeployment":
		return []string{"spec.predictors.*.componentSpecs.*"}
	case "pkg.crossplane.io/DeploymentRuntimeConfig":
		return []string{"spec.deploymentTemplate.spec.template"}
	case "flink.apache.org/FlinkDeployment":
		return []string{"spec.podTemplate", "spec.jobManager.podTemplate", "spec.taskManager.podTemplate"}
	}
	return nil
}

// replicaSpecs is the field of a training job that has its pods by their part in it.
func replicaSpecs(kind string) string {
	name := strings.ToLower(strings.TrimSuffix(kind, "Job"))
	if name == "xgboost" {
		name = "xgb"
	}
	return name + "ReplicaSpecs"
}

// podSpecs is where kinds have the fields of a pod's spec among their own.
func podSpecs(group, kind string) []string {
	switch group + "/" + kind {
	case "serving.kserve.io/InferenceService":
		return []string{"spec.predictor", "spec.transformer", "spec.explainer"}
	case "apps.kruise.io/SidecarSet":
		return []string{"spec"}
	}
	return nil
}

// heldObjects is where kinds have whole objects that are made of them.
func heldObjects(group, kind string) []string {
	switch group + "/" + kind {
	case "template.openshift.io/Template", "/Template":
		return []string{"objects.*"}
	case "triggers.tekton.dev/TriggerTemplate":
		return []string{"spec.resourcetemplates.*"}
	case "argoproj.io/Sensor":
		return []string{"spec.triggers.*.template.k8s.source.resource", "spec.triggers.*.template.argoWorkflow.source.resource"}
	case "work.open-cluster-management.io/ManifestWork":
		return []string{"spec.workload.manifests.*"}
	case "kubernetes.crossplane.io/Object":
		return []string{"spec.forProvider.manifest"}
	case "workload.codeflare.dev/AppWrapper":
		return []string{"spec.components.*.template"}
	}
	return nil
}

// places are the paths in a value that a pattern means and that are there, in order.
func patternPlaces(v any, pattern string) [][]any {
	found := [][]any{{}}
	for step := range strings.SplitSeq(pattern, ".") {
		var next [][]any
		for _, path := range found {
			switch here := follow(v, path).(type) {
			case map[string]any:
				names := []string{step}
				if step == "*" {
					names = slices.Sorted(maps.Keys(here))
				}
				for _, name := range names {
					if here[name] != nil {
						next = append(next, beneath(path, name))
					}
				}
			case []any:
				for n := range here {
					if step == "*" {
						next = append(next, beneath(path, n))
					}
				}
			}
		}
		found = next
	}
	return found
}

// beneath is a path and more of it, apart from others that begin so.
func beneath(path []any, more ...any) []any {
	return append(append(make([]any, 0, len(path)+len(more)), path...), more...)
}

// morePods are the items of an object's pods where it has several, or not in the form of a template. The object itself is an item without one.
func (o object) morePods(group string) []madePod {
	var out []madePod
	for _, pattern := range podTemplates(group, o.kind) {
		for _, path := range patternPlaces(o.value, pattern) {
			out = append(out, templatePod(path, mapping(follow(o.value, path))))
		}
	}
	for _, pattern := range podSpecs(group, o.kind) {
		for _, path := range patternPlaces(o.value, pattern) {
			out = append(out, inlinePod(path, mapping(follow(o.value, path))))
		}
	}
	switch group {
	case "argoproj.io":
		out = append(out, o.argoPods()...)
	case "tekton.dev":
		out = append(out, o.tektonPods()...)
	}
	return slices.DeleteFunc(out, func(p madePod) bool {
		containers, _ := mapping(p.template["spec"])["containers"].([]any)
		return len(containers) == 0 && !p.settings
	})
}

// templatePod is one that is written as a template.
func templatePod(path []any, template map[string]any) madePod {
	return madePod{at: path, template: template, bases: map[string][]base{"spec": {{path: beneath(path, "spec")}}, "metadata": {{path: beneath(path, "metadata")}}}}
}

// inlinePod is one whose spec is the object's own, or a part of it.
func inlinePod(path []any, spec map[string]any) madePod {
	return madePod{at: path, template: map[string]any{"spec": spec}, bases: map[string][]base{"spec": {{path: path}}}}
}

// madePod is a pod that an object describes at a place of it: in the form of a template, which may be put together of several parts of the object.
type madePod struct {
	at       []any
	template map[string]any
	bases    map[string][]base // where parts of the template are written, by their path in it
	settings bool              // it says how pods run that others describe
}

// base is a place where a part of a pod is written. Where it is text that says so, held is what it says.
type base struct {
	path []any
	held any
}

// madePlace is the locator of a pod that was put together.
type madePlace struct {
	object locator
	value  map[string]any
	at     []any
	bases  map[string][]base
}

func (m madePlace) position(path []any) Position { return m.object.position(m.real(path)) }

// real is where something stands in the object, or should.
func (m madePlace) real(path []any) []any {
	if len(path) <= len(m.at) || !slices.Equal(path[:len(m.at)], m.at) {
		return path
	}
	rest := path[len(m.at):]
	for n := min(len(rest), 3); n > 0; n-- {
		if bases, there := m.bases[baseKey(rest[:n])]; there {
			return written(m.value, bases, rest[n:], n == 1)
		}
	}
	return m.at
}

// written is where something stands that one of several places can say. What none says belongs into the first, or into that which says what holds for all.
func written(object map[string]any, bases []base, rest []any, last bool) []any {
	if n := slices.IndexFunc(bases, func(b base) bool { return b.has(object, rest) }); n >= 0 {
		if bases[n].held != nil {
			return bases[n].path
		}
		return beneath(bases[n].path, rest...)
	}
	own := slices.DeleteFunc(slices.Clone(bases), func(b base) bool { return b.held != nil })
	switch {
	case len(own) == 0:
		return bases[0].path
	case last:
		return beneath(own[len(own)-1].path, rest...)
	}
	return beneath(own[0].path, rest...)
}

func (b base) has(object map[string]any, rest []any) bool {
	if b.held != nil {
		return len(rest) > 0 && follow(b.held, rest) != nil
	}
	return follow(object, beneath(b.path, rest...)) != nil
}

func baseKey(path []any) string {
	var key strings.Builder
	for _, step := range path {
		switch step := step.(type) {
		case string:
			key.WriteString("/" + step)
		case int:
			key.WriteString("/" + strconv.Itoa(step))
		}
	}
	return strings.TrimPrefix(key.String(), "/")
}

// part is the object as far as a pod of it goes: what it is called, and the pod at its place.
func (p madePod) part(whole map[string]any) map[string]any {
	var v any = p.template
	for n := len(p.at) - 1; n >= 0; n-- {
		switch step := p.at[n].(type) {
		case string:
			v = map[string]any{step: v}
		case int:
			list := make([]any, step+1)
			list[step] = v
			v = list
		}
	}
	called := map[string]any{}
	for _, field := range []string{"name", "generateName", "namespace"} {
		if name := mapping(whole["metadata"])[field]; name != nil {
			called[field] = name
		}
	}
	out := mapping(v)
	out["metadata"] = called
	return out
}
