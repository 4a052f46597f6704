# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Namespaces enforce a Pod Security Standard"
# description: "The label makes the API server refuse pods that are worse than the standard, also those that no pipeline has seen."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-admission/
#   description: "Kubernetes, Pod Security Admission"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.2.1"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Kubernetes Pod security"
# custom:
#   id: workload.pod-security-namespace
#   severity: low
#   remediation: "Label the namespace with pod-security.kubernetes.io/enforce: restricted."
#   zeroTrust: [Z13, Z21]
#   kinds: [kubernetes]
package sealock.config.workload.pod_security_namespace

import data.sealock.lib.config_workload as pods

label := "pod-security.kubernetes.io/enforce"

finding contains f if {
	some n in pods.of_kind({"Namespace"})
	n.group == ""
	not n.name in {"kube-system", "kube-public", "kube-node-lease"}
	level := object.get(n.labels, label, "")
	not level in {"restricted", "baseline"}
	f := {
		"item": n.id, "path": ["metadata", "labels", label], "severity": severity(level), "message": sprintf("the namespace %s %s", [n.name, why(level)]),
		"found": told(level), "expected": "restricted, or at least baseline",
	}
}

# That it is said is worse than that nobody thought of it: clusters may have a default.
severity("privileged") := "medium"

severity(level) := "low" if level != "privileged"

why(level) := "admits pods of every kind" if {
	level in {"", "privileged"}
} else := "enforces a level that does not exist"

told(level) := "no such label" if {
	level == ""
} else := sprintf("%v", [level])
