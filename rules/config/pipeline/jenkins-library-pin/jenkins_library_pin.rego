# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Shared Jenkins libraries are pinned to a version
# description: A shared library is part of the pipeline, with its credentials and, for global ones, outside of the sandbox. From a branch, or without a version, it can change without anybody here seeing it.
# related_resources:
# - ref: https://www.jenkins.io/doc/book/pipeline/shared-libraries/#library-versions
#   description: Jenkins, library versions
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-03-Dependency-Chain-Abuse
#   description: OWASP CI/CD risks, CICD-SEC-3
# custom:
#   id: pipeline.jenkins-library-pin
#   severity: medium
#   remediation: "Write the full commit, or a tag that nobody can move, after the name: @Library('shared@<commit>') _"
#   zeroTrust: [Z1, Z3, Z20]
#   kinds: [jenkins]
#   parameters:
#     trusted: {type: strings, default: [], about: "names of libraries whose branches are accepted"}
package sealock.config.pipeline.jenkins_library_pin

import data.sealock.lib.config_jenkins as jenkins

finding contains f if {
	some item in input.jenkins
	some n, library in item.libraries
	library.name != ""
	count(library.expressions) == 0
	not pinned(library.version)
	not library.name in data.params["pipeline.jenkins-library-pin"].trusted
	f := {
		"item": item.id, "path": ["libraries", n], "message": sprintf("library %s is loaded %s", [library.name, by(library.version)]),
		"found": shown(library), "expected": sprintf("%s@<full commit>", [library.name]),
	}
}

# A version that somebody chooses for a build is the code that the build runs.
finding contains f if {
	some e in jenkins.expressions("libraries")
	hit := jenkins.worst(e.item, e.reads)
	f := {
		"item": e.item.id, "path": e.path, "severity": severity[hit.by],
		"message": sprintf("%s, which %s can write, says which library or version is loaded", [jenkins.shown(e, hit), jenkins.who[hit.by]]),
		"found": sprintf("${%s}", [substring(e.name, 0, 100)]), "expected": "a full commit",
	}
}

severity := {"anybody": "high", "callers": "high", "members": "medium"}

pinned(version) if regex.match(`^[0-9a-f]{40}([0-9a-f]{24})?$`, version)

# Tags: v2, 1.2.3, 1.0.0-rc.1, shared-1.2.3; neither 1.x nor feature-17, which are branches.
pinned(version) if regex.match(`^(v?[0-9]+|([A-Za-z][\w.]*[-_]v?)?[0-9]+(\.[0-9]+)+|v[0-9]+(\.[0-9]+)+)([-+][0-9A-Za-z.+-]+|\.[A-Z0-9]+)?$`, version)

by("") := "without a version, so from the branch that Jenkins is set to"

by(version) := sprintf("by %q, which can be moved", [version]) if version != ""

shown(library) := library.name if {
	library.version == ""
} else := sprintf("%s@%s", [library.name, library.version])
