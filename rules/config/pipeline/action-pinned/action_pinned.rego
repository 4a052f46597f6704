# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Actions and reusable workflows are pinned to a commit
# description: A tag or branch can be moved; whoever takes over the action's repository then runs code in this pipeline, with its token and secrets.
# related_resources:
# - ref: https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions
#   description: GitHub secure use reference, using third-party actions
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-08-Ungoverned-Usage-of-3rd-Party-Services
#   description: OWASP CI/CD risks, CICD-SEC-8; and CICD-SEC-3, dependency chain abuse
# - ref: https://csrc.nist.gov/pubs/sp/800/204/d/final
#   description: NIST SP 800-204D, 5.1.1 secure build
# custom:
#   id: pipeline.action-pinned
#   severity: high
#   remediation: "Write the full commit behind the @, with the version as a comment: uses: owner/repo@<40 hexadecimal digits> # v1.2.3"
#   zeroTrust: [Z1, Z3, Z20]
#   kinds: [github]
#   parameters:
#     trusted: {type: strings, default: [], about: "owners (octo-org) or repositories (octo-org/action) whose tags are accepted"}
package sealock.config.pipeline.action_pinned

import data.sealock.lib.config_github as github

params := data.params["pipeline.action-pinned"]

finding contains f if {
	some call in github.calls
	value := trim_space(call.value)
	not local(value)
	reference := split(value, "@")
	not regex.match(`^([0-9a-f]{40}|[0-9a-f]{64})$`, lower(ref(reference)))
	owner := lower(split(reference[0], "/")[0])
	not trusted(lower(reference[0]), owner)
	f := {
		"item": call.item.id, "path": call.path, "severity": severity(owner),
		"message": sprintf("%s is taken by %s", [reference[0], described(ref(reference))]),
		"found": value, "expected": sprintf("%s@<full commit>", [reference[0]]),
	}
}

# $/ is the repository itself, at the commit that runs.
local(value) if strings.any_prefix_match(value, ["./", "../", "$/", "docker://"])

trusted(name, owner) if {
	some t in params.trusted
	lower(t) in {owner, concat("/", array.slice(split(name, "/"), 0, 2))}
}

# GitHub's own actions come from those who run the pipeline anyway.
severity(owner) := "medium" if {
	owner in {"actions", "github"}
} else := "high"

described("") := "no version at all"

described(ref) := sprintf("%q, which is too short to name one commit for sure", [ref]) if regex.match(`^[0-9a-f]{7,39}$`, ref)

described(ref) := sprintf("the tag or branch %q, which can be moved", [ref]) if {
	ref != ""
	not regex.match(`^[0-9a-f]{7,39}$`, ref)
}

ref(parts) := parts[1] if {
	count(parts) > 1
} else := ""
