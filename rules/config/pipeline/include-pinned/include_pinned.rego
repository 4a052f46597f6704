# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Included GitLab configuration is pinned to a commit
# description: An include is part of this pipeline, with its variables and tokens. What comes from a URL, a branch or a tag can change without anybody here seeing it.
# related_resources:
# - ref: https://docs.gitlab.com/ci/pipeline_security/
#   description: GitLab, pipeline security
# - ref: https://docs.gitlab.com/ci/yaml/#includeproject
#   description: GitLab, include:project with ref, include:remote with integrity
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-03-Dependency-Chain-Abuse
#   description: OWASP CI/CD risks, CICD-SEC-3
# custom:
#   id: pipeline.include-pinned
#   severity: high
#   remediation: "Write ref: with the full commit for projects, @<commit> or a full version for components, and integrity: sha256-… for remote files."
#   zeroTrust: [Z1, Z3, Z20]
#   kinds: [gitlab]
#   parameters:
#     trusted: {type: strings, default: [], about: "projects or folders of projects (group/templates) whose branches and tags are accepted"}
package sealock.config.pipeline.include_pinned

finding contains f if {
	some item in input.gitlab
	some include in item.includes
	hit := problem(item, include)
	f := object.union({"item": item.id, "path": include.path, "found": shown(include)}, hit)
}

problem(item, include) := {
	"severity": severity, "message": sprintf("%s is included without a digest", [include.value]), "expected": "integrity: sha256-…, or a file of a project at a commit",
} if {
	include.kind == "remote"
	not startswith(object.get(entry(item, include), "integrity", ""), "sha256-")
	severity := transport(include.value)
} else := {
	"severity": "medium", "message": sprintf("%s is included %s", [include.value, by(include.ref)]), "expected": "ref: <full commit>",
} if {
	include.kind == "project"
	not commit(include.ref)
	not trusted(include.value)
} else := {
	"severity": "medium", "message": sprintf("component %s is included %s", [before_version(include.value), by(version(include))]),
	"expected": "@<full commit> or a full version",
} if {
	include.kind == "component"
	not commit(version(include))
	not regex.match(`^v?[0-9]+\.[0-9]+\.[0-9]+$`, version(include))
	not version(include) == "$CI_COMMIT_SHA"
	not trusted(before_version(include.value))
}

transport(url) := "critical" if {
	startswith(url, "http://")
} else := "high"

# entry(item, include) is the include as it is written.
entry(item, include) := e if {
	e := object.get(item.object, include.path, {})
	is_object(e)
} else := {}

version(include) := text(include.ref) if {
	text(include.ref) != ""
} else := parts[1] if {
	parts := split(include.value, "@")
	count(parts) > 1
} else := ""

before_version(value) := split(value, "@")[0]

text(v) := v if {
	is_string(v)
} else := ""

commit(ref) if regex.match(`^[0-9a-f]{40}([0-9a-f]{24})?$`, text(ref))

by(ref) := "without a ref, so from the default branch" if {
	text(ref) == ""
} else := sprintf("by %q, which can be moved", [ref])

trusted(value) if {
	some t in data.params["pipeline.include-pinned"].trusted
	startswith(sprintf("%s/", [bare(value)]), sprintf("%s/", [trim_suffix(t, "/")]))
}

# A component's address begins with the server.
bare(value) := regex.replace(value, `^(\$\{?CI_SERVER_(FQDN|HOST)\}?|[\w.-]+\.[a-z]+)/`, "")

shown(include) := sprintf("%s: %s", [include.kind, include.value])
