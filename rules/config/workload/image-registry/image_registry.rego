# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Images come from the registries that are allowed"
# description: "Where images may come from is a short list; anything else was checked by nobody. Off until the policy gives the list."
# related_resources:
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.2.1"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.5.1"
# - ref: https://owasp.org/www-project-kubernetes-top-ten/
#   description: "OWASP Kubernetes Top Ten, K02 Supply chain vulnerabilities"
# custom:
#   id: workload.image-registry
#   severity: high
#   remediation: "Copy the image to a registry of the list, and name it there; or add its registry to the policy."
#   zeroTrust: [Z20]
#   kinds: [kubernetes]
#   parameters:
#     registries: {type: strings, default: [], about: "registries, or folders in them, that images may come from, as in registry.example.com/shop; empty allows all"}
package sealock.config.workload.image_registry

import data.sealock.lib.config_workload as pods

params := data.params["workload.image-registry"]

finding contains f if {
	count(params.registries) > 0
	some x in pods.containers
	ref := pods.at(x.c.spec, ["image"], "")
	is_string(ref)
	not pods.placeholder(ref)
	name := pods.image(ref).name
	not listed(name)
	f := {
		"item": x.item.id, "path": pods.path(x.c, ["image"]), "message": sprintf("the image of container %q comes from a registry that is not on the list", [x.c.name]),
		"found": name, "expected": concat(", ", sort(params.registries)),
	}
}

# Whole segments of the path are compared: registry.example.com/shop does not allow registry.example.com/shop2.
listed(name) if {
	some r in params.registries
	startswith(name, sprintf("%s/", [trim_right(r, "/")]))
}

listed(name) if name in params.registries
