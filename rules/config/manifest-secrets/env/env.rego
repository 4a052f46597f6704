# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "No secret stands in a container's environment"
# description: "What stands in a manifest is known to everyone who reads the repository, the cluster's API or the pod's description, and stays in the history."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.4.1 and 5.4.2"
# - ref: https://cwe.mitre.org/data/definitions/798.html
#   description: "CWE-798: Use of hard-coded credentials"
# - ref: https://owasp.org/www-project-kubernetes-top-ten/
#   description: "OWASP Kubernetes Top Ten, K08 Secrets management failures"
# custom:
#   id: manifest-secrets.env
#   severity: high
#   remediation: "Use valueFrom.secretKeyRef or a mounted file, filled by an ExternalSecret or a SealedSecret; change the secret, as it has been seen."
#   zeroTrust: [Z25]
#   kinds: [kubernetes]
package sealock.config.manifest_secrets.env

import data.sealock.lib.config_literals as literals
import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.containers
	some i, e in pods.list(x.c.spec, ["env"])
	name := pods.text(pods.at(e, ["name"], ""))
	why := literals.secret(name, pods.at(e, ["value"], null))
	f := {
		"item": x.item.id, "path": pods.path(x.c, ["env", i, "value"]), "message": sprintf("the variable %s of container %q holds %s", [name, x.c.name, why]),
		"found": sprintf("a literal value in %s", [name]), "expected": "valueFrom.secretKeyRef, or a mounted file",
		"fix": sprintf("{name: %s, valueFrom: {secretKeyRef: {name: …, key: …}}}", [name]),
	}
}
