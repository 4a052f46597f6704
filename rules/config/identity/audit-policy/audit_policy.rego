# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The audit policy records what matters, without secrets in the log"
# description: "Who read a secret, opened a shell in a pod or changed a role is what an investigation asks first; and a log that holds the contents of secrets gives them away."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 3.2.2"
# - ref: https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
#   description: "Kubernetes, auditing"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AU-12"
# custom:
#   id: identity.audit-policy
#   severity: low
#   remediation: "Record secrets, config maps and token reviews at Metadata, pods/exec and its like at Request, and everything else at Metadata in a last rule."
#   zeroTrust: [Z19]
#   kinds: [kubernetes]
package sealock.config.identity.audit_policy

import data.sealock.lib.config_workload as pods

policies := [p | some p in pods.of_kind({"Policy"}); p.group == "audit.k8s.io"]

# needed is what has to be in the log, by API group.
needed := [
	{"group": "", "resources": ["secrets", "configmaps", "pods", "pods/exec", "pods/portforward", "pods/proxy", "services/proxy"]},
	{"group": "authentication.k8s.io", "resources": ["tokenreviews"]}, {"group": "apps", "resources": ["deployments"]},
]

finding contains f if {
	some p in policies
	lacking := [r | some n in needed; some r in n.resources; not recorded(p, n.group, r)]
	count(lacking) > 0
	f := {
		"item": p.id, "path": ["rules"], "message": sprintf("the audit policy does not record %s", [concat(", ", lacking)]),
		"found": sprintf("no rule for %s", [concat(", ", lacking)]), "expected": "level: Metadata or more",
	}
}

recorded(p, group, resource) if {
	some r in pods.list(p.object, ["rules"])
	level(r) in {"Metadata", "Request", "RequestResponse"}
	(count(pods.list(r, ["verbs"])) + count(pods.list(r, ["users"]))) + count(pods.list(r, ["namespaces"])) == 0
	covers(r, group, resource)
}

# A rule with neither resources nor addresses is about everything.
covers(r, _, _) if count(pods.list(r, ["resources"])) + count(pods.list(r, ["nonResourceURLs"])) == 0

# Some write the resources of all groups under the core group: nothing else has these names.
covers(r, group, resource) if {
	some entry in pods.list(r, ["resources"])
	pods.text(pods.at(entry, ["group"], "")) in {group, ""}
	count(pods.list(entry, ["resourceNames"])) == 0
	named(pods.list(entry, ["resources"]), resource)
}

named(resources, _) if count(resources) == 0

named(resources, resource) if {
	some n in resources
	n in {resource, "*", "*/*"}
}

level(r) := pods.text(pods.at(r, ["level"], ""))

# The first rule that is about a request decides.
finding contains f if {
	some p in policies
	some i, r in pods.list(p.object, ["rules"])
	level(r) in {"Request", "RequestResponse"}
	some j, entry in pods.list(r, ["resources"])
	pods.text(pods.at(entry, ["group"], "")) == ""
	some k, n in pods.list(entry, ["resources"])
	n in {"secrets", "configmaps", "serviceaccounts/token", "*"}
	not kept_out(p, i)
	f := {
		"item": p.id, "path": ["rules", i, "resources", j, "resources", k], "severity": "medium", "message": sprintf("the audit log holds the contents of %s", [n]),
		"found": sprintf("level: %s", [level(r)]), "expected": "level: Metadata for secrets and config maps",
	}
}

kept_out(p, i) if {
	some before, r in pods.list(p.object, ["rules"])
	before < i
	level(r) in {"None", "Metadata"}
	covers(r, "", "secrets")
}
