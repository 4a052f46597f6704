# SPDX-License-Identifier: Apache-2.0

package sealock.lib.config_gitlab_test

import data.sealock.lib.config_gitlab as gitlab

# pipeline(object) is a GitLab CI file as the scanner gives it, the only file of the tree, with jobs that extend nothing.
pipeline(o) := {"gitlab": [{
	"id": 5, "file": ".gitlab-ci.yml", "resource": ".gitlab-ci.yml", "object": o,
	"jobs": [{"name": name, "path": [name], "spec": spec, "hidden": startswith(name, "."), "script": lines(name, spec)} |
		some name, spec in o
		is_object(spec)
		not name in {"default", "variables", "workflow", "include", "stages", "image", "cache"}
	],
	"includes": [{"kind": kind, "value": value, "ref": object.get(entry, "ref", null), "path": ["include", n]} |
		some n, entry in object.get(o, "include", [])
		some kind, value in entry
		kind in {"local", "remote", "project", "template", "component"}
	],
}]}

lines(name, spec) := [{"text": text, "path": [name, part, n]} |
	some part in ["before_script", "script", "after_script"]
	some n, text in object.get(spec, part, [])
]

test_jobs if {
	some j in gitlab.jobs with input as pipeline({"a": {"script": ["ls"]}, ".b": {"script": ["ls"]}})
	j.job.name == "a"
}

test_images if {
	found := {i.value | some i in gitlab.images} with input as pipeline({
		"image": "a", "default": {"image": {"name": "b"}}, "job": {"image": "c", "services": ["d", {"name": "e"}]},
	})
	found == {"a", "b", "c", "d", "e"}
}

test_merge_requests if {
	gitlab.for_merge_requests({"rules": [{"if": `$CI_PIPELINE_SOURCE == "merge_request_event"`}]})
	gitlab.for_merge_requests({"only": ["merge_requests"]})
	not gitlab.for_merge_requests({"rules": [{"if": `$CI_PIPELINE_SOURCE == "merge_request_event"`, "when": "never"}, {"if": "$CI_COMMIT_TAG"}]})
	not gitlab.for_merge_requests({"only": ["main"]})
}
