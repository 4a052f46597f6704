# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "No ConfigMap holds secrets"
# description: "A ConfigMap is shown to everyone who may look at the namespace, and is never encrypted at rest."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.4.2"
# - ref: https://cwe.mitre.org/data/definitions/798.html
#   description: "CWE-798: Use of hard-coded credentials"
# - ref: https://owasp.org/www-project-kubernetes-top-ten/
#   description: "OWASP Kubernetes Top Ten, K08 Secrets management failures"
# custom:
#   id: manifest-secrets.config-map
#   severity: high
#   remediation: "Put the value into a Secret that an ExternalSecret or a SealedSecret fills; change it, as it has been seen."
#   zeroTrust: [Z25]
#   kinds: [kubernetes]
package sealock.config.manifest_secrets.config_map

import data.sealock.lib.config_literals as literals
import data.sealock.lib.config_workload as pods

finding contains f if {
	some c in pods.of_kind({"ConfigMap"})
	c.group == ""
	some key, v in pods.dict(c.object, ["data"])
	why := literals.secret(key, single(v))
	f := found(c, key, why)
}

# A file in a ConfigMap: its settings are judged line by line.
finding contains f if {
	some c in pods.of_kind({"ConfigMap"})
	c.group == ""
	some key, v in pods.dict(c.object, ["data"])
	is_string(v)
	names := literals.inside(v)
	count(names) > 0
	not literals.known(v)
	f := found(c, key, sprintf("values for %s", [concat(", ", sort(names))]))
}

# single(v) is v, but a file's text is not taken for the value of a setting, only looked through for well-known forms.
single(v) := v if {
	not file(v)
} else := v if literals.known(v)

file(v) if {
	is_string(v)
	contains(trim_space(v), "\n")
}

found(c, key, why) := {
	"item": c.id, "path": ["data", key], "message": sprintf("%s of the ConfigMap %s holds %s", [key, c.name, why]), "found": sprintf("a literal value in %s", [key]),
	"expected": "a Secret",
}
