# SPDX-License-Identifier: Apache-2.0

package sealock.lib.config_jenkins_test

import data.sealock.lib.config_jenkins as jenkins

# pipeline(fields) is a Jenkinsfile as the scanner gives it, the only file of the tree.
pipeline(fields) := {"jenkins": [object.union({
	"id": 6, "file": "Jenkinsfile", "resource": "Jenkinsfile", "libraries": [], "steps": [], "images": [], "options": [], "environment": [], "secrets": [], "parameters": [],
}, fields)]}

# sh(text, reads) is a file with one step, into whose script Groovy puts these names.
sh(text, reads) := pipeline({"steps": [step(text, reads)]})

step(text, reads) := {
	"id": "a", "step": "sh", "text": text, "statusDropped": false, "inside": ["pipeline", "stages", "stage", "steps"],
	"expressions": [{"name": r, "reads": [r]} | some r in reads],
}

test_writers if {
	item := {"parameters": [{"name": "WHO", "type": "string"}, {"name": "DRY", "type": "booleanParam"}, {"name": "LEVEL", "type": "choice"}]}
	by := {name: w |
		some name in [
			"env.CHANGE_TITLE", "pullRequest.body", "params.X", "params.DRY", "params.LEVEL", "WHO", "env.WHO", "DRY", "env.BRANCH_NAME", "TAG_NAME",
			"env.BUILD_NUMBER", "WORKSPACE", "branch", "env.CHANGE_ID", "params",
		]
		w := jenkins.writer(item, name)
	}
	by == {
		"env.CHANGE_TITLE": "anybody", "pullRequest.body": "anybody", "params.X": "callers", "params": "callers", "WHO": "callers", "env.WHO": "callers",
		"env.BRANCH_NAME": "members", "TAG_NAME": "members",
	}
}
