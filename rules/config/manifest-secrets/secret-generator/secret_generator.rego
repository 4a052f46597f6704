# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Kustomize makes no Secret from literals in the tree"
# description: "What stands in secretGenerator.literals is known to everyone who reads the repository."
# related_resources:
# - ref: https://cwe.mitre.org/data/definitions/798.html
#   description: "CWE-798: Use of hard-coded credentials"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.4.2"
# custom:
#   id: manifest-secrets.secret-generator
#   severity: high
#   remediation: "Let an ExternalSecret or a SealedSecret hold the values, or generate from a file that is not in the repository."
#   zeroTrust: [Z25]
#   kinds: [kubernetes]
package sealock.config.manifest_secrets.secret_generator

import data.sealock.lib.config_literals as literals
import data.sealock.lib.config_workload as pods

finding contains f if {
	some k in pods.of_kind({"Kustomization", "Component"})
	some field in ["secretGenerator", "configMapGenerator"]
	some i, g in pods.list(k.object, [field])
	some j, l in pods.list(g, ["literals"])
	is_string(l)
	name := split(l, "=")[0]
	value := substring(l, count(name) + 1, -1)
	bad(field, name, value)
	f := {
		"item": k.id, "path": [field, i, "literals", j], "message": sprintf("%s is made from a literal value", [name]), "found": sprintf("a literal value for %s", [name]),
		"expected": "a value from outside the tree",
	}
}

bad("secretGenerator", name, value) if {
	literals.literal(value)
	not regex.match(`(?i)^(user(name)?|host|port|database|url|name|type)$`, name)
}

bad("configMapGenerator", name, value) if literals.secret(name, value)
