# SPDX-License-Identifier: Apache-2.0

# What the rules over GitHub workflows and actions share.
package sealock.lib.config_github

import data.sealock.lib.config_shell as shell

workflows := [i | some i in input.github; i.kind == "workflow"]

# triggers(item) is the names of the events that start a workflow; none for an action.
triggers(item) := object.keys(e) if {
	e := object.get(item, "events", {})
	is_object(e)
} else := set()

# event_path(item, name) is where the workflow names an event.
event_path(item, name) := ["on", name] if {
	is_object(item.object.on)
} else := ["on", i] if {
	some i, n in item.object.on
	n == name
} else := ["on"]

jobs := [{"item": item, "job": job} | some item in input.github; some job in item.jobs; is_object(job.spec)]

steps := [{"item": item, "job": job, "index": n, "path": step.path, "spec": step.spec} |
	some item in input.github
	some job in item.jobs
	some n, step in job.steps
	is_object(step.spec)
]

# runs is the steps that run a script, with the script as text.
runs := [object.union(s, {"text": s.spec.run}) | some s in steps; is_string(object.get(s.spec, "run", null))]

# calls is everything with uses: steps, and jobs that call a reusable workflow.
calls := array.concat(
	[{"item": s.item, "job": s.job, "path": array.concat(s.path, ["uses"]), "value": s.spec.uses} |
		some s in steps
		is_string(object.get(s.spec, "uses", null))
	],
	[{"item": j.item, "job": j.job, "path": array.concat(j.job.path, ["uses"]), "value": j.job.spec.uses} |
		some j in jobs
		j.job.id != ""
		is_string(object.get(j.job.spec, "uses", null))
	],
)

# script_inputs is the inputs of actions that are scripts, or become part of one.
script_inputs := {
	"actions/github-script": {"script"}, "azure/powershell": {"inlinescript"}, "azure/cli": {"inlinescript"}, "appleboy/ssh-action": {"script"},
	"addnab/docker-run-action": {"run", "options"}, "jannekem/run-python-script-action": {"script"}, "amadevus/pwsh-script": {"script"},
	"cardinalby/js-eval-action": {"expression"}, "mikefarah/yq": {"cmd"}, "nick-fields/retry": {"command"}, "nick-invision/retry": {"command"},
	"reactivecircus/android-emulator-runner": {"script", "pre-emulator-launch-script"}, "cross-platform-actions/action": {"run"},
	"vmactions/freebsd-vm": {"run", "prepare"}, "uraimo/run-on-arch-action": {"run", "install", "setup"}, "devcontainers/ci": {"runcmd"},
	"google-github-actions/ssh-compute": {"command"}, "lycheeverse/lychee-action": {"args"},
}

# given_scripts is the scripts that steps give to actions: [{item, job, spec, path, text}].
given_scripts := [{"item": s.item, "job": s.job, "spec": s.spec, "path": array.concat(s.path, ["with", key]), "text": text} |
	some s in steps
	names := script_inputs[action(s.spec)]
	some key, text in object.get(s.spec, "with", {})
	lower(key) in names
	is_string(text)
]

# action(step) is the action that a step uses, in lower case and without its version: "actions/checkout"; "" if it uses none.
action(spec) := lower(split(uses, "@")[0]) if {
	uses := object.get(spec, "uses", "")
	is_string(uses)
} else := ""

version(spec) := parts[1] if {
	parts := split(object.get(spec, "uses", ""), "@")
	count(parts) == 2
} else := ""

# given(spec, name) is an input that a step gives to its action, or "" (names are compared without regard to case).
given(spec, name) := value if {
	inputs := object.get(spec, "with", {})
	is_object(inputs)
	some key, value in inputs
	lower(key) == name
	value != null
} else := ""

text_of(v) := v if {
	is_string(v)
} else := format_int(v, 10) if {
	is_number(v)
} else := "true" if {
	v == true
} else := "false" if {
	v == false
} else := ""

on(v) if lower(text_of(v)) == "true"

off(v) if lower(text_of(v)) == "false"

# environment(item, job, spec) is the variables that a step sees, its own before the job's and the workflow's.
environment(item, job, spec) := object.union_n([variables(object.get(item.object, "env", {})), variables(object.get(job.spec, "env", {})), variables(object.get(spec, "env", {}))])

variables(v) := v if {
	is_object(v)
} else := {}

# environments is every place where variables are set.
environments := array.concat(
	array.concat(
		[{"item": item, "path": ["env"], "values": item.object.env} | some item in input.github; is_object(object.get(item.object, "env", null))],
		[{"item": j.item, "path": array.concat(j.job.path, ["env"]), "values": j.job.spec.env} |
			some j in jobs
			j.job.id != ""
			is_object(object.get(j.job.spec, "env", null))
		],
	),
	[{"item": s.item, "path": array.concat(s.path, ["env"]), "values": s.spec.env} |
		some s in steps
		is_object(object.get(s.spec, "env", null))
	],
)

# condition(spec) is the text of an if, without ${{ }}.
condition(spec) := trim_space(regex.replace(text_of(object.get(spec, "if", "")), `(?s)\$\{\{(.*?)\}\}`, "$1"))

# expressions(text) is what stands between ${{ and }}.
expressions(text) := {trim_space(m[1]) | some m in regex.find_all_string_submatch_n(`(?s)\$\{\{(.*?)\}\}`, text, -1)}

# normal(expression) writes indexes as names: a['b'][0] is a.b.*.
normal(expression) := regex.replace(
	regex.replace(regex.replace(lower(expression), `\[\s*'([a-z0-9_-]+)'\s*\]`, ".$1"), `\[\s*([0-9]+|\*)\s*\]`, ".*"),
	`\s*\.\s*`, ".",
)

# value_of(expression) is the part of an expression that can become its text: without comparisons, tests, literals and what && only asks.
value_of(expression) := asked if {
	called := regex.replace(normal(expression), `\b(contains|startswith|endswith|hashfiles|always|success|failure|cancelled)\s*\((?:[^()]|\([^()]*\))*\)`, " ")
	compared := regex.replace(called, `([\w.*-]+|'[^']*')\s*(==|!=|<=|>=|<|>)\s*([\w.*-]+|'[^']*')`, " ")
	bare := regex.replace(compared, `'[^']*'|!\s*[\w.*-]+`, " ")
	asked := regex.replace(bare, `[\w.*-]+\s*&&`, " ")
}

# outside is what strangers can write: anybody who opens an issue or a pull request, comments or commits to a fork.
outside := concat("|", [
	`github\.event\.(issue|discussion|pull_request|changes)\.(title|body)(\.from)?`,
	`github\.event\.(comment|review|review_comment|discussion_comment)\.body`,
	`github\.event\.pull_request\.head\.(ref|label|repo\.(default_branch|description|homepage))`,
	`github\.event\.pages\.\*\.(page_name|title|summary)`,
	`github\.event\.commits(\.\*)?\.(message|author\.(email|name)|committer\.(email|name))`,
	`github\.event\.head_commit\.(message|author\.(email|name)|committer\.(email|name))`,
	`github\.event\.workflow_run\.(head_branch|display_title|head_repository\.description|pull_requests\.\*\.head\.ref|head_commit\.(message|author\.(email|name)|committer\.(email|name)))`,
	`github\.event\.merge_group\.head_commit\.(message|author\.(email|name))`,
	`github\.event\.(issue|pull_request)\.milestone\.(title|description)`,
	`github\.event\.\*(\.[\w*-]+)*\.(title|body|message|name|email|ref|label|page_name|description|default_branch)`,
	`github\.event\.changes(\.[\w*-]+)*\.(title|body|description|message|from)`,
	`github\.event\.check_(run|suite)(\.check_suite)?\.(head_branch|output\.(title|summary|text))`,
	`github\.head_ref`,
])

# members is what only those with rights in the repository can write.
members := `github\.(ref_name|base_ref)|github\.event\.(milestone\.(title|description)|release\.(tag_name|name|body|target_commitish)|ref|base_ref|label\.name|(issue|pull_request|discussion|changes\.new_\w+)\.labels\.\*\.name|pull_request\.base\.ref|workflow_run\.name|deployment\.(ref|payload)|project_card\.note|project(_column)?\.name)`

# callers is what comes from whoever starts or calls a workflow, or calls an action.
callers := `(?:github\.event\.)?inputs\.[\w-]+|github\.event\.client_payload(?:\.[\w-]+)*`

# writable(expression) is the fields in an expression that somebody can write who should not run code: [{"field", "by"}], by is "anybody",
# "members" or "callers" (inputs of the workflow).
writable(expression) := ({{"field": f, "by": "anybody"} | some f in found(outside, value)} | whole(value)) | ({{"field": f, "by": "members"} | some f in found(members, value)} | {{"field": f, "by": "callers"} | some f in found(callers, value)}) if {
	value := value_of(expression)
}

found(pattern, value) := {m[2] | some m in regex.find_all_string_submatch_n(sprintf(`(^|[^\w.-])(%s)($|[^\w.-])`, [pattern]), value, -1)}

whole(value) := {{"field": m[1], "by": "anybody"} |
	some m in regex.find_all_string_submatch_n(
		`tojson\s*\(\s*(github|github\.event|github\.event\.(issue|pull_request|comment|review|discussion|head_commit|commits|workflow_run|pull_request\.head))\s*\)`,
		value, -1,
	)
}

# stranger_triggers start a workflow with the repository's rights and secrets for what a stranger did.
stranger_triggers := {"pull_request_target", "workflow_run", "issue_comment", "issues", "discussion", "discussion_comment", "fork", "watch"}

privileged(item) if count(triggers(item) & stranger_triggers) > 0

# head_code is expressions and refs that name the code of a pull request or of the run that started a workflow_run.
head_code := concat("|", [
	`github\.event\.pull_request\.head\.(sha|ref|label|repo\.\w+)`,
	`github\.event\.pull_request\.merge_commit_sha`,
	`github\.head_ref`,
	`github\.event\.workflow_run\.(head_sha|head_branch|head_commit|head_repository|pull_requests)`,
	`refs/pull/`,
	`\bpull/[^\s]*/(head|merge)`,
	`github\.event\.check_(run|suite)\.(head_sha|head_branch|pull_requests)`,
])

names_head(text) if regex.match(head_code, normal(text))

# From a comment the code has to be looked up first, usually by a step.
names_looked_up(text) if regex.match(`(steps|needs)\.[\w-]+\.outputs\.[\w-]*(sha|ref|branch|head|commit)[\w-]*|steps\.[\w-]*(sha|ref|branch|head|commit)[\w-]*\.outputs\.|(steps|needs)\.[\w-]+\.outputs\.[^}]*\.head\.(sha|ref)`, normal(text))

# names_looked_up_head(text) is the same where the name of the output says that it is about a pull request.
names_looked_up_head(text) if {
	some e in expressions(text)
	regex.match(`(steps|needs)\.[\w-]+\.outputs\.[\w-]+`, normal(e))
	regex.match(`(^|[._-])(pr|pull|pull_request|head|fork)([._-]|$)`, normal(e))
	regex.match(`(sha|ref|branch|head|commit|repo)`, normal(e))
}

# own_only(condition) is true if the condition lets only code of the repository itself through.
own_only(text) if {
	regex.match(
		`head\.repo\.full_name\s*==\s*(github\.repository|'[^']+')|github\.repository\s*==\s*github\.event\.pull_request\.head\.repo\.full_name|head\.repo\.fork\s*==\s*false|!\s*github\.event\.pull_request\.head\.repo\.fork|head\.repo\.owner\.login\s*==|head_repository\.full_name\s*==\s*(github\.repository|'[^']+')|head_repository\.fork\s*==\s*false|workflow_run\.event\s*==\s*'(push|schedule|release|workflow_dispatch)'|workflow_run\.event\s*!=\s*'pull_request|head\.user\.login\s*==\s*'`,
		normal(text),
	)
	not contains(text, "||")
}

# not_for(condition, trigger) is true if the condition keeps the job from running for that event.
not_for(text, trigger) if regex.match(sprintf(`github\.event_name\s*!=\s*'%s'`, [trigger]), text)

not_for(text, trigger) if {
	names := [m[1] | some m in regex.find_all_string_submatch_n(`github\.event_name\s*==\s*'(\w+)'`, text, -1)]
	count(names) > 0
	not trigger in names
	not regex.match(`\|\|[^=]*$`, text)
}

not_for(text, trigger) if {
	startswith(trigger, "pull_request")
	regex.match(`github\.ref(_name)?\s*==\s*'|startswith\(github\.ref(_name)?\s*,\s*'refs/(tags|heads)|github\.ref_type\s*==\s*'tag'|github\.event\.pull_request\.merged(\s*==\s*true)?($|[\s&)])|github\.event\.action\s*==\s*'closed'`, lower(text))
}

# --- What publishes and what deploys

publishing_actions := {
	"pypa/gh-action-pypi-publish", "softprops/action-gh-release", "goreleaser/goreleaser-action", "ncipollo/release-action", "actions/create-release",
	"actions/upload-release-asset", "js-devtools/npm-publish", "rubygems/release-gem", "svenstaro/upload-release-action", "changesets/action",
	"cycjimmy/semantic-release-action", "elgohr/publish-docker-github-action", "helm/chart-releaser-action", "katyo/publish-crates", "release-drafter/release-drafter",
	"marvinpinto/action-automatic-releases", "slsa-framework/slsa-github-generator", "actions/attest-build-provenance", "crazy-max/ghaction-github-pages",
	"googleapis/release-please-action", "sigstore/gh-action-sigstore-python", "rust-lang/crates-io-auth-action",
}

# publishes(step) is true if the step hands something to the world.
publishes(spec) if {
	publishing_actions[action(spec)]
	not rehearsal(spec)
}

# Builds that GoReleaser does without publishing.
rehearsal(spec) if {
	action(spec) == "goreleaser/goreleaser-action"
	regex.match(`--snapshot\b|--skip[= ]\S*publish|(^|\s)(check|build|healthcheck)(\s|$)`, text_of(given(spec, "args")))
}

publishes(spec) if {
	action(spec) in {"docker/build-push-action", "docker/bake-action", "redhat-actions/push-to-registry", "mr-smithers-excellent/docker-build-push"}
	push := lower(text_of(given(spec, "push")))
	not push in {"", "false"}
}

publishes(spec) if {
	text := object.get(spec, "run", "")
	is_string(text)
	shell.publishes(text)
}

deploying_actions := {
	"azure/webapps-deploy", "azure/k8s-deploy", "azure/functions-action", "azure/container-apps-deploy-action", "aws-actions/amazon-ecs-deploy-task-definition",
	"aws-actions/aws-cloudformation-github-deploy", "google-github-actions/deploy-cloudrun", "google-github-actions/deploy-appengine",
	"google-github-actions/deploy-cloud-functions", "akhileshns/heroku-deploy", "superfly/flyctl-actions", "cloudflare/wrangler-action",
	"firebaseextended/action-hosting-deploy", "amondnet/vercel-action", "nwtgck/actions-netlify", "digitalocean/app_action/deploy",
	"actions/deploy-pages", "hashicorp/tfc-workflows-github/actions/apply-run", "appleboy/ssh-action", "bitovi/github-actions-deploy-docker-to-ec2",
}

# deploys(spec) is true if the step changes what runs somewhere.
deploys(spec) if deploying_actions[action(spec)]

deploys(spec) if {
	text := object.get(spec, "run", "")
	is_string(text)
	shell.deploys(text)
}

# throwaway(job) is true for jobs that deploy to a cluster which lives as long as the job.
throwaway(job) if {
	some step in job.steps
	regex.match(`(?i)\b(kind|minikube|k3d|k3s|microk8s|localstack|envtest|ctlptl)\b`, concat(" ", [action(step.spec), text_of(object.get(step.spec, "run", "")), text_of(object.get(step.spec, "name", ""))]))
}
