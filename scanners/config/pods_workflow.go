// SPDX-License-Identifier: Apache-2.0

package config

import (
	"maps"
	"slices"
	"strconv"
)

// assembly puts a pod together of parts that stand apart.
type assembly struct {
	whole map[string]any
	spec  map[string]any
	bases map[string][]base
}

func (o object) assembly() *assembly {
	return &assembly{whole: o.value, spec: map[string]any{}, bases: map[string][]base{}}
}

// settings takes fields of a pod's spec from a place; what another place said before stands.
func (a *assembly) settings(path []any, fields ...string) {
	from := mapping(follow(a.whole, path))
	for _, field := range fields {
		if v := from[field]; v != nil && a.spec[field] == nil {
			a.spec[field] = v
		}
	}
	a.bases["spec"] = append(a.bases["spec"], base{path: path})
}

// list adds the elements of a list at a place to a list of the spec.
func (a *assembly) list(name string, path []any) {
	list, _ := follow(a.whole, path).([]any)
	for n := range list {
		a.element(name, beneath(path, n), "")
	}
}

// element adds what stands at a place to a list of the spec. Defaults are where fields stand that it does not have itself.
func (a *assembly) element(list string, path []any, name string, defaults ...[]any) {
	e, ok := follow(a.whole, path).(map[string]any)
	if !ok {
		return
	}
	bases := []base{{path: path}}
	for _, d := range defaults {
		if m, ok := follow(a.whole, d).(map[string]any); ok {
			e, bases = filled(e, m), append(bases, base{path: d})
		}
	}
	if e = maps.Clone(e); textOr(e["name"], "") == "" && name != "" {
		e["name"] = name
	}
	if e["resources"] == nil && e["computeResources"] != nil { // Tekton's name for them
		e["resources"] = e["computeResources"]
	}
	all, _ := a.spec[list].([]any)
	a.bases["spec/"+list+"/"+strconv.Itoa(len(all))] = bases
	a.spec[list] = append(all, e)
}

// filled is an object with what it lacks taken from defaults.
func filled(v, defaults map[string]any) map[string]any {
	out := maps.Clone(v)
	for k, d := range defaults {
		own, both := out[k].(map[string]any)
		if m, ok := d.(map[string]any); both && ok {
			out[k] = filled(own, m)
		} else if out[k] == nil {
			out[k] = d
		}
	}
	return out
}

// pod is what was put together, shown at a place of the object.
func (a *assembly) pod(at []any, metadata []any) madePod {
	template := map[string]any{"spec": a.spec}
	if m, ok := follow(a.whole, metadata).(map[string]any); ok {
		template["metadata"] = m
		a.bases["metadata"] = []base{{path: metadata}}
	}
	return madePod{at: at, template: template, bases: a.bases}
}

// argoPods are the pods of Argo's workflows: one for each template that runs containers.
func (o object) argoPods() []madePod {
	root := []any{"spec"}
	switch o.kind {
	case "Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate":
	case "CronWorkflow":
		root = []any{"spec", "workflowSpec"}
	default:
		return nil
	}
	var out []madePod
	for _, pattern := range []string{"templates.*", "templates.*.steps.*.*.inline", "templates.*.dag.tasks.*.inline"} {
		for _, rest := range patternPlaces(follow(o.value, root), pattern) {
			out = append(out, o.argoPod(root, beneath(root, rest...)))
		}
	}
	return out
}

func (o object) argoPod(root, at []any) madePod {
	a, defaults := o.assembly(), beneath(root, "templateDefaults")
	a.settings(at, "serviceAccountName", "automountServiceAccountToken", "securityContext", "hostAliases")
	if follow(o.value, defaults) != nil {
		a.settings(defaults, "serviceAccountName", "automountServiceAccountToken", "securityContext", "hostAliases")
	}
	a.settings(root, "serviceAccountName", "automountServiceAccountToken", "securityContext", "hostAliases", "hostNetwork", "imagePullSecrets")
	for _, field := range []string{"container", "script"} {
		a.element("containers", beneath(at, field), "main", beneath(defaults, field))
	}
	a.list("containers", beneath(at, "containerSet", "containers"))
	a.list("containers", beneath(at, "sidecars"))
	a.list("initContainers", beneath(at, "initContainers"))
	for _, from := range [][]any{at, root} {
		a.list("volumes", beneath(from, "volumes"))
	}
	for _, from := range [][]any{at, defaults, root} {
		a.patch(beneath(from, "podSpecPatch"))
	}
	return a.pod(at, beneath(at, "metadata"))
}

// patch applies text that is merged into a pod's spec, as far as it can be read before its parameters are filled in.
func (a *assembly) patch(path []any) {
	text, _ := follow(a.whole, path).(string)
	docs, problems, err := readYAML(file{data: []byte(text)}, yaml11, defaultLimits())
	if err != nil || len(problems) > 0 || len(docs) != 1 {
		return
	}
	patch := mapping(docs[0].value)
	for _, field := range slices.Sorted(maps.Keys(patch)) {
		v := patch[field]
		list, isList := v.([]any)
		if !isList {
			a.spec[field] = v
			continue
		}
		for _, e := range list {
			a.patchElement(field, mapping(e), path)
		}
	}
	a.bases["spec"] = slices.Insert(a.bases["spec"], 0, base{path, patch})
}

func (a *assembly) patchElement(list string, e map[string]any, path []any) {
	all, _ := a.spec[list].([]any)
	n := slices.IndexFunc(all, func(v any) bool { return e["name"] != nil && mapping(v)["name"] == e["name"] })
	if n < 0 {
		n, all = len(all), append(all, map[string]any{})
	}
	all[n] = filled(e, mapping(all[n]))
	a.spec[list] = all
	key := "spec/" + list + "/" + strconv.Itoa(n)
	a.bases[key] = slices.Insert(a.bases[key], 0, base{path, e})
}

// tektonPods are the pods of Tekton's tasks, of those in pipelines too, and what runs say of pods whose tasks are elsewhere.
func (o object) tektonPods() []madePod {
	switch o.kind {
	case "Task", "ClusterTask":
		return []madePod{o.taskPod([]any{"spec"}, nil)}
	case "StepAction":
		a := o.assembly()
		a.element("containers", []any{"spec"}, "step")
		return []madePod{a.pod([]any{"spec"}, nil)}
	case "TaskRun":
		return o.runPods([]string{"spec.taskSpec"}, [][]any{{"spec"}})
	case "Pipeline":
		return o.runPods([]string{"spec.tasks.*.taskSpec", "spec.finally.*.taskSpec"}, nil)
	case "PipelineRun":
		return o.runPods([]string{"spec.pipelineSpec.tasks.*.taskSpec", "spec.pipelineSpec.finally.*.taskSpec"}, [][]any{{"spec", "taskRunTemplate"}, {"spec"}})
	}
	return nil
}

// runPods are the pods of tasks that are written out, with what a run says of all of them; what it says by itself if there are none.
func (o object) runPods(patterns []string, runs [][]any) []madePod {
	var out []madePod
	for _, pattern := range patterns {
		for _, at := range patternPlaces(o.value, pattern) {
			out = append(out, o.taskPod(at, runs))
		}
	}
	if len(out) == 0 && len(runs) > 0 {
		p := o.taskPod([]any{"spec", "podTemplate"}, runs)
		p.settings = true
		out = append(out, p)
	}
	for _, at := range patternPlaces(o.value, "spec.taskRunSpecs.*") {
		p := o.taskPod(at, [][]any{at})
		p.settings = true
		out = append(out, p)
	}
	return out
}

func (o object) taskPod(at []any, runs [][]any) madePod {
	a := o.assembly()
	for _, run := range runs {
		template := beneath(run, "podTemplate")
		if v, ok := follow(o.value, template).(map[string]any); ok {
			a.settings(template, slices.Sorted(maps.Keys(v))...)
			volumes := a.spec["volumes"]
			delete(a.spec, "volumes")
			if volumes != nil {
				a.list("volumes", beneath(template, "volumes"))
			}
		}
		a.settings(run, "serviceAccountName")
		if name := mapping(follow(o.value, run))["taskServiceAccountName"]; name != nil {
			a.spec["serviceAccountName"] = name
		}
	}
	if len(runs) == 0 {
		a.settings(at)
	}
	steps, defaults := beneath(at, "steps"), beneath(at, "stepTemplate")
	list, _ := follow(o.value, steps).([]any)
	for n, step := range list {
		if mapping(step)["ref"] == nil { // what a StepAction says is judged there
			a.element("containers", beneath(steps, n), "step "+strconv.Itoa(n), defaults)
		}
	}
	a.list("containers", beneath(at, "sidecars"))
	a.list("volumes", beneath(at, "volumes"))
	return a.pod(at, nil)
}
