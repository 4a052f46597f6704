# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Lists of allowed registries end where a name ends"
# description: "Gatekeeper compares the start of an image's name: registry.example.com allows registry.example.com.attacker.net too, and acme/web allows acme/webshell."
# related_resources:
# - ref: https://open-policy-agent.github.io/gatekeeper-library/website/validation/allowedrepos/
#   description: "Gatekeeper library, allowed repositories"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.2.1"
# custom:
#   id: workload.allowed-repos
#   severity: high
#   remediation: "End each entry with a slash, or with the whole name and its tag or digest."
#   zeroTrust: [Z20]
#   kinds: [kubernetes]
package sealock.config.workload.allowed_repos

import data.sealock.lib.config_workload as pods

finding contains f if {
	some c in pods.of_kind({"K8sAllowedRepos", "K8sAllowedReposv2"})
	some i, repo in pods.list(c.object, ["spec", "parameters", "repos"])
	is_string(repo)
	open_ended(repo)
	f := {
		"item": c.id, "path": ["spec", "parameters", "repos", i], "message": sprintf("%q allows names that only start like it", [repo]), "found": repo,
		"expected": sprintf("%s/", [repo]),
	}
}

# In a name after the registry a colon comes before the tag.
open_ended(repo) if {
	not endswith(repo, "/")
	not contains(repo, "@")
	not regex.match(`/[^/]*:[^/]+$`, repo)
}
