# SPDX-License-Identifier: Apache-2.0

# What the rules over GitLab CI files share.
package sealock.lib.config_gitlab

import data.sealock.lib.config_shell as shell

# keywords are the names at the top of a file that are no jobs.
keywords := {"default", "include", "stages", "variables", "workflow", "image", "services", "cache", "before_script", "after_script", "spec", "pages_"}

# blocks is everything that can carry settings of a job, as it is written: the file itself, default, jobs and hidden jobs.
blocks := array.concat(
	[{"item": item, "path": [], "name": "", "spec": item.object} | some item in input.gitlab; is_object(item.object)],
	[{"item": item, "path": [name], "name": name, "spec": spec} |
		some item in input.gitlab
		is_object(item.object)
		some name, spec in item.object
		is_object(spec)
		not name in (keywords - {"default"})
	],
)

# jobs is the jobs that run, as they are after extends and default.
jobs := [{"item": item, "job": job} | some item in input.gitlab; some job in item.jobs; not hidden(job)]

hidden(job) if object.get(job, "hidden", false) == true

# lines is every line of the jobs' scripts. What several jobs take over from the same place is there once.
lines := [{"item": j.item, "job": j.job, "path": line.path, "text": line.text} |
	some j in jobs
	some line in j.job.script
	is_string(line.text)
	not repeated(j, line)
]

repeated(j, line) if {
	not writes(j.item, j.job.name, line.path)
	some name in heirs[line_key(j, line)]
	name < j.job.name
}

writes(item, name, path) if object.get(item.object, [name, path[1]], null) != null

# heirs is the jobs that have a line which they do not write themselves.
heirs := {key: names |
	some key in {h.key | some h in inherited}
	names := {h.name | some h in inherited; key == h.key}
}

inherited := [{"key": line_key(j, line), "name": j.job.name} |
	some j in jobs
	some line in j.job.script
	not writes(j.item, j.job.name, line.path)
]

line_key(j, line) := [j.item.id, array.slice(line.path, 1, count(line.path)), line.text]

# text(job) is all lines of a job's script, one after the other.
text(job) := concat("\n", [line.text | some line in job.script; is_string(line.text)])

images := [{"item": b.item, "path": array.concat(b.path, image.path), "value": image.value} |
	some b in blocks
	some image in named(b.spec)
	is_string(image.value)
	image.value != ""
]

named(spec) := array.concat(
	[{"path": ["image"], "value": object.get(spec, "image", null)}, {"path": ["image", "name"], "value": object.get(spec, ["image", "name"], null)}],
	array.concat(
		[{"path": ["services", n], "value": s} | some n, s in list(object.get(spec, "services", []))],
		[{"path": ["services", n, "name"], "value": object.get(s, "name", null)} | some n, s in list(object.get(spec, "services", [])); is_object(s)],
	),
)

list(v) := v if {
	is_array(v)
} else := [v] if {
	is_string(v)
} else := [v] if {
	is_object(v)
} else := []

# variables is every variable that is set in the file: [{item, path, name, value}].
variables := [{"item": b.item, "path": array.concat(b.path, v.path), "name": v.name, "value": v.value} |
	some b in blocks
	some v in set_in(b.spec)
]

set_in(spec) := array.concat(
	[{"path": ["variables", name], "name": name, "value": value} | some name, value in map(object.get(spec, "variables", {})); not is_object(value)],
	array.concat(
		[{"path": ["variables", name, "value"], "name": name, "value": value.value} |
			some name, value in map(object.get(spec, "variables", {}))
			is_object(value)
			not is_null(object.get(value, "value", null))
		],
		[{"path": ["rules", n, "variables", name], "name": name, "value": value} |
			some n, rule in list(object.get(spec, "rules", []))
			some name, value in map(object.get(rule, "variables", {}))
		],
	),
)

map(v) := v if {
	is_object(v)
} else := {}

# rules(spec) is the rules of a job that are objects.
rules(spec) := [{"index": n, "rule": r} | some n, r in list(object.get(spec, "rules", [])); is_object(r)]

# for_merge_requests(spec) is true if the job can run in a pipeline for a merge request.
for_merge_requests(spec) if {
	some r in rules(spec)
	object.get(r.rule, "when", "on_success") != "never"
	condition := object.get(r.rule, "if", "")
	is_string(condition)
	regex.match(`CI_PIPELINE_SOURCE\s*==\s*["']?(merge_request_event|external_pull_request_event)|\$CI_MERGE_REQUEST_(ID|IID)\b|\$CI_PIPELINE_SOURCE\s*=~\s*/[^/]*merge_request`, condition)
	not regex.match(`CI_MERGE_REQUEST_(ID|IID)\s*==\s*null`, condition)
	not regex.match(`CI_COMMIT_REF_PROTECTED\s*==|CI_MERGE_REQUEST_SOURCE_PROJECT_(ID|PATH)\s*==\s*\$CI_(MERGE_REQUEST_)?PROJECT_`, condition)
}

for_merge_requests(spec) if {
	only := object.get(spec, "only", [])
	"merge_requests" in array.concat(list(only), list(object.get(map(only), "refs", [])))
}

# deploys(job) is true if the job changes what runs somewhere, by its commands or because it says so.
deploys(job) if shell.deploys(text(job))

deploys(job) if {
	environment := object.get(job.spec, "environment", null)
	environment != null
	not object.get(map(environment), "action", "start") in {"stop", "verify", "access", "prepare"}
}

releases(job) if shell.publishes(text(job))

releases(job) if is_object(object.get(job.spec, "release", null))

# stages(item) is the order of stages.
stages(item) := array.concat(array.concat([".pre"], s), [".post"]) if {
	s := object.get(item.object, "stages", null)
	is_array(s)
} else := [".pre", "build", "test", "deploy", ".post"]

position(item, job) := n if {
	some n, name in stages(item)
	name == object.get(job.spec, "stage", "test")
} else := 2
