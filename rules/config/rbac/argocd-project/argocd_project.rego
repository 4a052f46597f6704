# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Projects of Argo CD say what may be deployed where
# description: Argo CD deploys with rights over whole clusters. A project without limits hands these to whoever may write an Application in it, or a commit to any repository.
# related_resources:
# - ref: https://argo-cd.readthedocs.io/en/stable/user-guide/projects/
#   description: Argo CD, projects
# - ref: https://argo-cd.readthedocs.io/en/stable/operator-manual/security/
#   description: Argo CD, security considerations
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 rev. 5, AC-6
# custom:
#   id: rbac.argocd-project
#   severity: medium
#   remediation: "Name the repositories under sourceRepos and the namespaces under destinations, and leave clusterResourceWhitelist out."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.rbac.argocd_project

import data.sealock.lib.config_workload as pods

projects := [p | some p in pods.of_kind({"AppProject"}); p.group == "argoproj.io"]

# Everything in the cluster, of every kind.
finding contains f if {
	some p in projects
	some i, d in pods.list(p.object, ["spec", "destinations"])
	pods.at(d, ["namespace"], "") == "*"
	some allowed in pods.list(p.object, ["spec", "clusterResourceWhitelist"])
	pods.at(allowed, ["group"], "") == "*"
	pods.at(allowed, ["kind"], "") == "*"
	f := {
		"item": p.id, "path": ["spec", "destinations", i, "namespace"],
		"message": sprintf("applications of the project %s may change everything in their clusters", [p.name]), "found": "namespace: \"*\" and every kind of the cluster",
		"expected": "named namespaces, or no clusterResourceWhitelist",
	}
}

finding contains f if {
	some p in projects
	some i, repository in pods.list(p.object, ["spec", "sourceRepos"])
	repository == "*"
	not denied(p)
	count(pods.list(p.object, ["spec", "signatureKeys"])) == 0
	f := {
		"item": p.id, "path": ["spec", "sourceRepos", i], "severity": "low", "message": sprintf("applications of the project %s come from any repository", [p.name]),
		"found": "sourceRepos: \"*\"", "expected": "named repositories",
	}
}

# With exceptions the list says what may not be used.
denied(p) if {
	some repository in pods.list(p.object, ["spec", "sourceRepos"])
	startswith(pods.text(repository), "!")
}
