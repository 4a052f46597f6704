# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Workloads stay out of Kubernetes' own namespaces"
# description: "Who may deploy to kube-system is near to the cluster's own credentials, and quotas, policies and admission often leave that namespace out."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
#   description: "Kubernetes, namespaces"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-7"
# custom:
#   id: workload.system-namespace
#   severity: low
#   remediation: "Give the workload a namespace of its own."
#   zeroTrust: [Z14]
#   kinds: [kubernetes]
package sealock.config.workload.system_namespace

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

own := {"kube-system", "kube-public", "kube-node-lease"}

# What runs the cluster is marked by these labels.
marks := {"k8s-app", "component", "tier", "kubernetes.io/cluster-service", "addonmanager.kubernetes.io/mode", "kubernetes.io/bootstrapping"}

finding contains f if {
	some w in config.workloads
	pods.at(w.object, ["metadata", "namespace"], "") in own
	not w.origin in {"helm", "kustomize"}
	count(marks & (object.keys(w.labels) | object.keys(w.pod.labels))) == 0
	not pods.at(w.pod.spec, ["priorityClassName"], "") in {"system-node-critical", "system-cluster-critical"}
	f := {
		"item": w.id, "path": ["metadata", "namespace"], "message": sprintf("the workload is put into Kubernetes' own namespace %s", [w.object.metadata.namespace]),
		"found": sprintf("namespace: %s", [w.object.metadata.namespace]), "expected": "a namespace of its own",
	}
}
