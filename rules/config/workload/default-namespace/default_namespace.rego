# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Nothing runs in the namespace default"
# description: "Rights, quotas and network policies belong to namespaces; in default everything is in reach of everything."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.7.4"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Network separation and hardening"
# custom:
#   id: workload.default-namespace
#   severity: low
#   remediation: "Give the workload a namespace of its own."
#   zeroTrust: [Z14]
#   kinds: [kubernetes]
package sealock.config.workload.default_namespace

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

# Manifests that name no namespace are put into one when they are applied.
finding contains f if {
	some w in config.workloads
	pods.at(w.object, ["metadata", "namespace"], "") == "default"
	f := {
		"item": w.id, "path": ["metadata", "namespace"], "message": "the workload is put into the namespace default", "found": "namespace: default",
		"expected": "a namespace of its own",
	}
}
