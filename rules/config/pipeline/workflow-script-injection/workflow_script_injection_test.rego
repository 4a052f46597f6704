# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.workflow_script_injection_test

import data.sealock.config.pipeline.workflow_script_injection as rule
import data.sealock.lib.samples_test as samples

tekton(kind, spec) := samples.kube([samples.namespaced(1, "tekton.dev/v1", kind, "build", {"spec": spec})])

argo(kind, spec) := samples.kube([samples.namespaced(1, "argoproj.io/v1alpha1", kind, "build", {"spec": spec})])

step(script) := {"steps": [{"name": "a", "image": "b"}, {"name": "c", "script": script}]}

shell(text) := {"image": "alpine", "command": ["sh", "-c"], "args": [text]}

who := {"parameters": [{"name": "who"}]}

template(container) := {"name": "greet", "inputs": who, "container": container}

test_g10_tekton_script if {
	samples.marks(rule.finding) == {"medium spec/steps/1/script"} with input as tekton("Task", step("git checkout $(params.branch)"))
	samples.marks(rule.finding) == {"medium spec/steps/1/script"} with input as tekton("ClusterTask", step(`echo $(params["branch"])`))
	samples.marks(rule.finding) == {"medium spec/steps/0/args/1"} with input as tekton("Task", {"steps": [{"command": ["bash"], "args": ["-ec", "echo $(params.a.url)", "$(params.b)"]}]})
	samples.marks(rule.finding) == {"medium spec/script"} with input as tekton("StepAction", {"script": "echo $(params.a)"})
}

test_g10_embedded if {
	samples.marks(rule.finding) == {"medium spec/finally/0/taskSpec/steps/1/script"} with input as tekton("Pipeline", {"finally": [{"taskSpec": step("echo $(tasks.t.results.r)")}]})
	task := {"params": [{"name": "v", "value": "$(params.v)"}], "taskSpec": step("echo $(params.v)")}
	samples.marks(rule.finding) == {"medium spec/tasks/0/taskSpec/steps/1/script"} with input as tekton("Pipeline", {"tasks": [task]})
}

test_g10_event if {
	samples.marks(rule.finding) == {"high spec/taskSpec/steps/1/script"} with input as tekton("TaskRun", {"taskSpec": step("git checkout $(tt.params.ref)")})
}

test_tekton_passes if {
	rule.finding == set() with input as tekton("Task", step("cd $(workspaces.source.path) && make VERSION=$VERSION > $(results.out.path)"))
	rule.finding == set() with input as tekton("Task", {"steps": [{"image": "$(params.image)", "command": ["git"], "args": ["checkout", "-c", "$(params.a)"], "env": [{"name": "A", "value": "$(params.a)"}]}]})
	rule.finding == set() with input as tekton("Task", object.union(step("deploy $(params.to)"), {"params": [{"name": "to", "enum": ["staging", "live"]}]}))
	rule.finding == set() with input as tekton("TaskRun", {"params": [{"name": "v", "value": "1"}], "taskSpec": step("echo $(params.v)")})
	rule.finding == set() with input as tekton("Task", {"steps": "wrong"})
}

test_g10_argo_container if {
	samples.marks(rule.finding) == {"medium spec/templates/0/container/args/0"} with input as argo("WorkflowTemplate", {"templates": [template(shell("echo {{inputs.parameters.who}}"))]})
	samples.marks(rule.finding) == {"medium spec/templates/0/container/args/0"} with input as argo("Workflow", {"templates": [{"name": "a", "container": shell("echo {{workflow.parameters.who}}")}]})
	samples.marks(rule.finding) == {"medium spec/templates/0/sidecars/0/command/2"} with input as argo("Workflow", {"templates": [{"name": "a", "sidecars": [{"command": ["sh", "-c", "echo {{ workflow.parameters }}"]}]}]})
}

test_g10_argo_script if {
	script := {"name": "a", "inputs": who, "script": {"command": ["python"], "source": "print('{{=inputs.parameters.who}}')"}}
	samples.marks(rule.finding) == {"medium spec/templates/0/script/source"} with input as argo("ClusterWorkflowTemplate", {"templates": [script]})
}

test_g10_argo_inline if {
	task := {"name": "a", "inline": {"script": {"command": ["sh"], "source": "echo {{workflow.parameters.who}}"}}}
	samples.marks(rule.finding) == {"medium spec/templates/0/steps/0/0/inline/script/source"} with input as argo("Workflow", {"templates": [{"name": "main", "steps": [[task]]}]})
	samples.marks(rule.finding) == {"medium spec/templates/0/dag/tasks/0/inline/script/source"} with input as argo("Workflow", {"templates": [{"name": "main", "dag": {"tasks": [task]}}]})
}

called(value, more) := {"templates": [template(shell("echo {{inputs.parameters.who}}")), {
	"name": "main",
	"dag": {"tasks": [object.union({"name": "a", "template": "greet", "arguments": {"parameters": [{"name": "who", "value": value}]}}, more)]},
}]}

test_g10_argo_call if {
	count(rule.finding) == 1 with input as argo("Workflow", called("{{workflow.parameters.name}}", {}))
	count(rule.finding) == 1 with input as argo("Workflow", called("{{item}}", {"withParam": "{{tasks.list.outputs.result}}"}))
}

test_argo_passes if {
	rule.finding == set() with input as argo("Workflow", called("alice", {}))
	rule.finding == set() with input as argo("Workflow", called("{{item}}", {"withItems": ["alice", "bob"]}))
	rule.finding == set() with input as argo("WorkflowTemplate", {"templates": [template({"command": ["cowsay"], "args": ["{{inputs.parameters.who}}"]})]})
	rule.finding == set() with input as argo("WorkflowTemplate", {"templates": [template({"command": ["sh", "-c"], "args": ["echo \"$1\"", "greet", "{{inputs.parameters.who}}"]})]})
	rule.finding == set() with input as argo("WorkflowTemplate", {"templates": [template(shell("echo {{workflow.name}} {{pod.name}} \"$WHO\""))]})
	rule.finding == set() with input as argo("Workflow", {"arguments": {"parameters": [{"name": "who", "enum": ["alice"]}]}, "templates": [{"name": "a", "container": shell("echo {{workflow.parameters.who}}")}]})
}

cron(arguments) := argo("CronWorkflow", {"workflowSpec": {
	"entrypoint": "greet", "arguments": arguments,
	"templates": [{"name": "a", "container": shell("echo {{workflow.parameters.who}}")}],
}})

test_argo_cron if {
	samples.marks(rule.finding) == {"medium spec/workflowSpec/templates/0/container/args/0"} with input as cron({})
}

test_argo_cron_passes if {
	rule.finding == set() with input as cron({"parameters": [{"name": "who", "value": "alice"}]})
}
