# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Roles do not let their holders create or change pods"
# description: "Whoever creates pods in a namespace, or changes what a controller runs, can mount each of its secrets and use each of its service accounts; in all namespaces that is the whole cluster."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.1.4"
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: "Kubernetes RBAC good practices, workload creation"
# custom:
#   id: rbac.pod-create
#   severity: medium
#   remediation: "Give the right in the one namespace where it is needed, with a Role."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.rbac.pod_create

import data.sealock.lib.config_rbac as rbac

# Each of these makes pods of what stands in it.
workloads := {
	"": {"pods", "replicationcontrollers"}, "apps": {"deployments", "daemonsets", "statefulsets", "replicasets"}, "batch": {"jobs", "cronjobs"},
	"apps.openshift.io": {"deploymentconfigs"}, "argoproj.io": {"workflows", "cronworkflows", "rollouts"}, "tekton.dev": {"taskruns", "pipelineruns"},
	"serving.knative.dev": {"services", "configurations"}, "keda.sh": {"scaledjobs"}, "batch.volcano.sh": {"jobs"}, "jobset.x-k8s.io": {"jobsets"},
	"kubeflow.org": {"pytorchjobs", "tfjobs", "mpijobs", "xgboostjobs", "notebooks"}, "ray.io": {"rayclusters", "rayjobs", "rayservices"},
	"apps.kruise.io": {"clonesets", "statefulsets", "daemonsets", "broadcastjobs", "advancedcronjobs", "sidecarsets"},
}

finding contains f if {
	some g in rbac.grants
	count(g.names) == 0
	places := [p | some group, resources in workloads; some p in rbac.hits(g, group, resources, {"create", "update", "patch"})]
	count(places) > 0
	f := {
		"item": g.item.id, "path": rbac.path(g, [min(places)]), "severity": rbac.by_reach(g, "medium", "low"),
		"message": sprintf("the role %s lets its holders %s pods %s", [g.item.name, verb(g), rbac.where(g)]), "found": rbac.told(g),
		"expected": "create, update and patch of pods and their controllers for the pipeline alone",
	}
}

verb(g) := "create" if {
	rbac.may(g, {"create"})
} else := "change"
