# SPDX-License-Identifier: Apache-2.0

# What the rules over Jenkinsfiles share.
package sealock.lib.config_jenkins

# scripts is every script that a step gives to a shell: [{item, path, step}].
scripts := [{"item": item, "path": ["steps", n], "step": step} | some item in input.jenkins; some n, step in item.steps]

# environment is the variables whose value is written out: [{item, path, name, value}].
environment := [{"item": item, "path": ["environment", n], "name": v.name, "value": v.value} | some item in input.jenkins; some n, v in item.environment]

# expressions(list) is what Groovy puts into the texts of a list: [{item, path, name, reads}].
expressions(list) := [{"item": item, "path": [list, n, "expressions", k], "name": e.name, "reads": e.reads} |
	some item in input.jenkins
	some n, entry in item[list]
	some k, e in entry.expressions
]

# plain(name) is the name of a variable of the environment without env.
plain(name) := trim_prefix(name, "env.")

# writer(item, name) is who chooses the text of a name: "anybody" who opens a change request or comments on it, "callers" who start the build, "members" who
# push branches and tags. Undefined for all that Jenkins makes itself.
writer(item, name) := "anybody" if {
	regex.match(concat("|", [
		`^CHANGE_(TITLE|BRANCH|AUTHOR_DISPLAY_NAME|AUTHOR_EMAIL)$`,
		`^pullRequest\.(title|body|headRef)$`,
		`^ghprb(PullTitle|PullDescription|PullLongDescription|SourceBranch|CommentBody|ActualCommitAuthor|ActualCommitAuthorEmail|PullAuthorEmail)$`,
		`^gitlab(SourceBranch|Branch|MergeRequestTitle|MergeRequestDescription|UserName|UserEmail|TriggerPhrase)$`,
		`^BITBUCKET_(SOURCE_BRANCH|PULL_REQUEST_TITLE)$`,
		`^GERRIT_(CHANGE_SUBJECT|TOPIC|CHANGE_OWNER_NAME|PATCHSET_UPLOADER_NAME)$`,
	]), plain(name))
} else := "callers" if {
	startswith(name, "params.")
	free(item, trim_prefix(name, "params."))
} else := "callers" if {
	name == "params"
} else := "callers" if {
	some p in item.parameters
	p.name == plain(name)
	free(item, p.name)
} else := "members" if plain(name) in {"BRANCH_NAME", "GIT_BRANCH", "GIT_LOCAL_BRANCH", "TAG_NAME"}

# free(item, name) if a build parameter takes any text. Jenkins refuses what is not among the choices.
free(item, name) if {
	types := {p.type | some p in item.parameters; p.name == name}
	count(types - {"booleanParam", "choice"}) > 0
} else if {
	count([1 | some p in item.parameters; p.name == name]) == 0
}

# worst(item, reads) is the name among those that the most people choose: {name, by}.
worst(item, reads) := found[0] if {
	found := [{"name": plain(name), "by": by} |
		some by in ["anybody", "callers", "members"]
		some name in reads
		writer(item, name) == by
	]
	count(found) > 0
}

# who says it in a message.
who := {
	"anybody": "whoever opens a change request", "callers": "whoever starts the build", "members": "anybody with the right to push",
}

# shown(e) is an expression and, where that is another one, the name behind it.
shown(e, hit) := hit.name if {
	plain(e.name) == hit.name
} else := sprintf("%s (%s)", [hit.name, substring(e.name, 0, 60)])
