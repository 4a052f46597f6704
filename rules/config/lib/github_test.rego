# SPDX-License-Identifier: Apache-2.0

package sealock.lib.config_github_test

import data.sealock.lib.config_github as github

# workflow(object) is a workflow as the scanner gives it, the only file of the tree.
workflow(object_) := {"github": [item(object_, "workflow", 7)]}

item(o, kind, id) := {
	"id": id, "file": ".github/workflows/ci.yml", "resource": "workflow ci", "kind": kind, "object": o, "events": events(object.get(o, "on", null)),
	"jobs": [{
		"id": name, "path": ["jobs", name], "spec": spec, "permissions": object.get(spec, "permissions", object.get(o, "permissions", null)),
		"steps": [{"path": ["jobs", name, "steps", n], "spec": step} | some n, step in object.get(spec, "steps", [])],
	} |
		some name, spec in object.get(o, "jobs", {})
	],
}

# steps(list) is a workflow for pushes to main with one job of these steps.
steps(list) := workflow({"on": {"push": {"branches": ["main"]}}, "permissions": {}, "jobs": {"build": {"runs-on": "ubuntu-24.04", "steps": list}}})

# on(trigger, list) is the same for another event.
on(trigger, list) := workflow({"on": {trigger: null}, "permissions": {}, "jobs": {"build": {"runs-on": "ubuntu-24.04", "steps": list}}})

# action(list) is a composite action.
action(list) := {"github": [{
	"id": 7, "file": "action.yml", "resource": "action", "kind": "action", "events": {}, "object": {"name": "a", "runs": {"using": "composite", "steps": list}},
	"jobs": [{
		"id": "", "path": ["runs"], "spec": {"using": "composite", "steps": list}, "permissions": null,
		"steps": [{"path": ["runs", "steps", n], "spec": step} | some n, step in list],
	}],
}]}

events(on_) := on_ if {
	is_object(on_)
} else := {on_: null} if {
	is_string(on_)
} else := {e: null | some e in on_} if {
	is_array(on_)
} else := {}

fields(expression) := {w.field | some w in github.writable(expression)}

test_writable if {
	fields("github.event.issue.title") == {"github.event.issue.title"}
	fields("github.event['issue'].body") == {"github.event.issue.body"}
	fields("github.event.commits[0].message") == {"github.event.commits.*.message"}
	fields("format('{0}', github.head_ref)") == {"github.head_ref"}
	fields("github.head_ref || github.ref_name") == {"github.head_ref", "github.ref_name"}
	fields("toJSON(github.event)") == {"github.event"}
	fields("GitHub.Event.Comment.Body") == {"github.event.comment.body"}
	fields("github.event.pull_request.head.ref && github.head_ref") == {"github.head_ref"}
}

test_not_writable if {
	every e in [
		"github.event.pull_request.number", "github.event.pull_request.head.sha", "contains(github.event.comment.body, '/run')",
		"github.event.pull_request.title == 'x' && 'a' || 'b'", "github.sha", "secrets.TOKEN", "matrix.go", "startsWith(github.head_ref, 'x')",
		"!github.head_ref", "steps.x.outputs.y", "'github.head_ref'",
	] {
		fields(e) == set()
	}
}

test_own_only if {
	github.own_only("github.event.pull_request.head.repo.full_name == github.repository")
	github.own_only("github.event.workflow_run.event == 'push'")
	not github.own_only("github.event.label.name == 'safe'")
}

test_not_for if {
	github.not_for("github.event_name == 'push'", "pull_request")
	github.not_for("github.event_name != 'pull_request'", "pull_request")
	github.not_for("startsWith(github.ref, 'refs/tags/')", "pull_request")
	not github.not_for("github.event_name == 'pull_request'", "pull_request")
	not github.not_for("github.actor != 'x'", "pull_request")
}
