# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Containers have requests and limits"
# description: "Without a limit, one container takes a node's memory or processor from all others; without requests, the scheduler does not know what it needs."
# related_resources:
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Kubernetes Pod security"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.3"
# - ref: https://owasp.org/www-project-kubernetes-top-ten/
#   description: "OWASP Kubernetes Top Ten, K01 Insecure workload configurations"
# custom:
#   id: workload.resources
#   severity: low
#   remediation: "Set resources.requests and resources.limits for cpu and memory."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
#   parameters:
#     cpuLimit: {type: boolean, default: true, about: "whether a limit for the processor is asked for"}
package sealock.config.workload.resources

import data.sealock.lib.config_workload as pods

params := data.params["workload.resources"]

wanted contains ["limits", "memory"]

wanted contains ["requests", "memory"]

wanted contains ["requests", "cpu"]

wanted contains ["limits", "cpu"] if params.cpuLimit

finding contains f if {
	some x in pods.containers
	x.c.kind != "ephemeral"
	missing := [concat(".", p) | some p in wanted; not given(x, p)]
	count(missing) > 0
	f := {
		"item": x.item.id, "path": pods.path(x.c, ["resources"]),
		"message": sprintf("container %q says nothing about %s", [x.c.name, concat(", ", sort(missing))]),
		"found": sprintf("no %s", [concat(", ", sort(missing))]), "expected": "requests and limits",
	}
}

given(x, p) if set_at(x.c.spec, array.concat(["resources"], p))

given(x, p) if set_at(x.item.pod.spec, array.concat(["resources"], p))

# What is not requested is as much as the limit.
given(x, ["requests", what]) if given_limit(x, what)

given(x, [field, what]) if what in defaults[x.item.namespace][field]

given_limit(x, what) if set_at(x.c.spec, ["resources", "limits", what])

given_limit(x, what) if set_at(x.item.pod.spec, ["resources", "limits", what])

set_at(v, path) if not pods.at(v, path, null) in {null, 0, "0", ""}

# defaults[namespace][field] is what LimitRanges give to containers that do not say. OPA makes an index for a comprehension in a comprehension: the
# given are gone through once, and not for each namespace.
defaults := {namespace: {"limits": of_limits, "requests": of_requests} |
	some namespace in {d.namespace | some d in ranged}
	of_limits := {d.what | some d in ranged_limits; namespace == d.namespace}
	of_requests := {d.what | some d in ranged_requests; namespace == d.namespace}
}

ranged_limits := [d | some d in ranged; d.field == "limits"]

ranged_requests := [d | some d in ranged; d.field == "requests"]

ranged := [{"namespace": r.namespace, "field": field, "what": what} |
	some r in pods.of_kind({"LimitRange"})
	some l in pods.list(r.object, ["spec", "limits"])
	l.type == "Container"
	some of, fields in {"default": ["limits", "requests"], "defaultRequest": ["requests"]}
	some field in fields
	some what, _ in pods.dict(l, [of])
]
