# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Each workload has a policy for what it may do at run time"
# description: "A policy in the kernel (KubeArmor, Tetragon, or an AppArmor profile of one's own) holds the processes, files and sockets that a container may use to those it needs."
# related_resources:
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.4"
# - ref: https://docs.kubearmor.io/kubearmor/documentation/security_policy_specification
#   description: "KubeArmor, policy specification for containers"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Kubernetes Pod security"
# custom:
#   id: workload.runtime-policy
#   severity: low
#   remediation: "Add a KubeArmorPolicy whose selector matches the labels of the workload's pods."
#   zeroTrust: [Z27]
#   kinds: [kubernetes]
#   parameters:
#     require: {type: boolean, default: false, about: "ask for such a policy also where no manifest has one"}
package sealock.config.workload.runtime_policy

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

params := data.params["workload.runtime-policy"]

kubearmor := {"KubeArmorPolicy", "KubeArmorClusterPolicy", "KubeArmorHostPolicy"}

tetragon := {"TracingPolicy", "TracingPolicyNamespaced"}

policies := [p | some p in pods.of_kind(kubearmor | tetragon); p.group in {"security.kubearmor.com", "cilium.io"}]

asked if params.require

asked if count(policies) > 0

finding contains f if {
	asked
	some w in config.workloads
	pods.on_linux(w)
	not covered(w)
	not confined(w)
	f := {
		"item": w.id, "path": array.concat(w.pod.path, ["metadata", "labels"]), "message": "no runtime policy holds for the workload's pods",
		"found": "no KubeArmorPolicy, TracingPolicy or AppArmor profile of its own", "expected": "a policy whose selector matches the pods",
	}
}

covered(w) if {
	some p in policies
	p.kind == "KubeArmorPolicy"
	p.namespace == w.namespace
	labels := pods.dict(p.object, ["spec", "selector", "matchLabels"])
	every k, v in labels {
		object.get(w.pod.labels, k, null) == v
	}
}

covered(w) if {
	some p in policies
	p.kind in tetragon
	reaches(p, w)
	pods.selects(pods.dict(p.object, ["spec", "podSelector"]), w.pod.labels)
}

reaches(p, _) if p.kind == "TracingPolicy"

reaches(p, w) if p.namespace == w.namespace

# A policy for the whole cluster chooses namespaces.
covered(w) if {
	some p in policies
	p.kind == "KubeArmorClusterPolicy"
	every e in pods.list(p.object, ["spec", "selector", "matchExpressions"]) {
		chosen(e, w)
	}
}

chosen(e, w) if {
	e.key == "namespace"
	e.operator == "In"
	w.namespace in e.values
}

chosen(e, w) if {
	e.key == "namespace"
	e.operator == "NotIn"
	not w.namespace in e.values
}

chosen(e, _) if pods.at(e, ["key"], "") != "namespace"

# confined(w) if every container has an AppArmor profile of its own.
confined(w) if {
	count(w.pod.containers) > 0
	every c in w.pod.containers {
		local({"item": w, "c": c})
	}
}

local(x) if pods.at(pods.context(x, "appArmorProfile"), ["type"], "") == "Localhost"

local(x) if startswith(pods.text(object.get(x.item.pod.annotations, sprintf("container.apparmor.security.beta.kubernetes.io/%v", [x.c.name]), "")), "localhost/")

# A policy that only watches stops nothing.
finding contains f if {
	some p in policies
	p.kind in kubearmor
	lower(pods.text(pods.at(p.object, ["spec", "action"], ""))) == "audit"
	not blocks(p)
	f := {
		"item": p.id, "path": ["spec", "action"], "message": sprintf("the policy %s writes down what it should stop", [p.name]), "found": "action: Audit",
		"expected": "action: Block, or Allow for what is needed",
	}
}

blocks(p) if {
	some part in ["process", "file", "network", "capabilities", "syscalls"]
	some rules in pods.dict(p.object, ["spec", part])
	some r in rules
	lower(pods.text(pods.at(r, ["action"], ""))) in {"block", "allow"}
}

blocks(p) if {
	some part in ["process", "file", "network", "capabilities", "syscalls"]
	lower(pods.text(pods.at(p.object, ["spec", part, "action"], ""))) in {"block", "allow"}
}
