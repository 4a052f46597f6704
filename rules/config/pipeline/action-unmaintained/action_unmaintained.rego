# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Actions are maintained
# description: Nobody mends the faults of an action whose repository is archived, nor those of what it brings along.
# related_resources:
# - ref: https://docs.zizmor.sh/audits/#archived-uses
#   description: zizmor, archived-uses
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-03-Dependency-Chain-Abuse
#   description: OWASP CI/CD risks, CICD-SEC-3
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53, SA-22 unsupported system components
# custom:
#   id: pipeline.action-unmaintained
#   severity: low
#   remediation: Take the action that its authors name as the successor, or the program itself in a script.
#   zeroTrust: [Z1, Z20]
#   kinds: [github]
#   parameters:
#     archived:
#       type: strings
#       default: [actions/create-release, actions/upload-release-asset, actions/setup-ruby, actions/setup-elixir, actions/setup-haskell, actions-rs/, tibdex/github-app-token, google-gemini/gemini-cli-action, marvinpinto/action-automatic-releases, repo-sync/pull-request, gradle/gradle-build-action, azure/container-scan, azure/docker-login, azure/k8s-actions, whelk-io/maven-settings-xml-action, dawidd6/action-get-tag]
#       about: "repositories (owner/name) that are archived or given up; a / at the end means all of an owner"
package sealock.config.pipeline.action_unmaintained

import data.sealock.lib.config_github as github

finding contains f if {
	some call in github.calls
	parts := split(lower(split(trim_space(call.value), "@")[0]), "/")
	count(parts) >= 2
	name := concat("/", array.slice(parts, 0, 2))
	some a in {lower(x) | some x in data.params["pipeline.action-unmaintained"].archived}
	is(name, a)
	f := {"item": call.item.id, "path": call.path, "message": sprintf("%s is not maintained any more", [name]), "found": call.value, "expected": "an action that is maintained"}
}

is(name, archived) if name == archived

is(name, archived) if {
	endswith(archived, "/")
	startswith(name, archived)
}
