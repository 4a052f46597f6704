# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Repositories are public only where that is meant
# description: The provider makes a repository public where nothing is said; what was pushed once stays known, secrets in its history too.
# related_resources:
# - ref: https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/managing-repository-settings/setting-repository-visibility
#   description: Setting repository visibility
# - ref: https://www.cisecurity.org/benchmark/software_supply_chain_security
#   description: CIS Software Supply Chain Security Guide 1.0, 1.2 and 1.3 (repository management, contribution access)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-22 Publicly Accessible Content
# custom:
#   id: cloud-exposure.public-repositories
#   severity: medium
#   remediation: "Set visibility = \"private\" (visibility_level of GitLab), and leave vulnerability_alerts on."
#   zeroTrust: [Z13]
#   kinds: [terraform]
package sealock.config.cloud_exposure.public_repositories

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"github_repository"})
	object.get(i.values, "visibility", "") == "public"
	f := cloud.fault(i, ["visibility"], "everybody may read the repository", "visibility = public", "private or internal")
}

finding contains f if {
	some i in cloud.managed({"github_repository"})
	cloud.unset(i.values, "visibility")
	cloud.off(i.values, "private")
	f := cloud.fault(i, [key(i)], "everybody may read the repository", "neither visibility nor private is set", "visibility = \"private\"")
}

key(i) := "private" if {
	cloud.put_off(i.values, "private")
} else := "visibility"

finding contains f if {
	some i in cloud.managed({"gitlab_project", "gitlab_group"})
	object.get(i.values, "visibility_level", "") == "public"
	f := cloud.fault(i, ["visibility_level"], "everybody may read the repository", "visibility_level = public", "private or internal")
}

finding contains f if {
	some i in cloud.managed({"github_repository"})
	cloud.put_off(i.values, "vulnerability_alerts")
	not cloud.put_on(i.values, "archived")
	f := cloud.rated(cloud.fault(i, ["vulnerability_alerts"], "nobody hears of dependencies with known flaws", "vulnerability_alerts = false", "true"), "low")
}

# Whoever may push to the branch may push in another's name.
finding contains f if {
	some i in cloud.managed({"github_branch_protection", "github_branch_protection_v3"})
	cloud.put_off(i.values, "require_signed_commits")
	f := cloud.rated(cloud.fault(i, ["require_signed_commits"], "commits are taken that nobody signed", "require_signed_commits = false", "true"), "low")
}

finding contains f if {
	some i in cloud.managed({"github_branch_protection"})
	some key in ["allows_force_pushes", "allows_deletions"]
	cloud.put_on(i.values, key)
	f := cloud.fault(i, [key], "the history of the branch can be changed", sprintf("%s = true", [key]), "false")
}
