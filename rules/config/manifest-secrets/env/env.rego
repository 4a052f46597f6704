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
	why := secret(name, pods.at(e, ["value"], null))
	f := {
		"item": x.item.id, "path": pods.path(x.c, ["env", i, "value"]), "message": sprintf("the variable %s of container %q holds %s", [name, x.c.name, why]),
		"found": sprintf("a literal value in %s", [name]), "expected": "valueFrom.secretKeyRef, or a mounted file",
		"fix": sprintf("{name: %s, valueFrom: {secretKeyRef: {name: …, key: …}}}", [name]),
	}
}

secret(name, value) := literals.secret(name, value)

# SECRET_KEYS and the like: what begins with the word is one, unless it goes on to say where one is, or of what kind.
secret(name, value) := "a secret by its name" if {
	not literals.secret(name, value)
	w := literals.word(name)
	regex.match(`^SECRET_[A-Z0-9]+$`, w)
	not regex.match(concat("", [
		`^SECRET_(NAMES?|NAMESPACES?|PATH|FILE|DIR|REF|ARN|IDS?|STORE|MANAGER|PROVIDER|URL|URI|TYPE|VERSION|MOUNT|PREFIX|SUFFIX|ENGINE|REGION|BACKEND|PROJECT`,
		`|LENGTH|ROTATION|TTL|INTERVAL|SELECTOR|LABEL|ANNOTATION|SYNC|COUNT|LOCATION|VAULT|GROUP|ENABLED|KIND|FORMAT|SOURCE|TARGET|SCOPE|PERIOD|ADDR|HOST|PORT|ROOT|OWNER)$`,
	]), w)
	literals.literal(value)
	is_string(value)
	not regex.match(`[/:\s]`, value)
}
