# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "No secret stands in other manifests"
# description: "Releases, applications, kubeconfigs and other custom resources take passwords as plain text too; in a repository everyone reads them."
# related_resources:
# - ref: https://cwe.mitre.org/data/definitions/798.html
#   description: "CWE-798: Use of hard-coded credentials"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.4.2"
# - ref: https://owasp.org/www-project-kubernetes-top-ten/
#   description: "OWASP Kubernetes Top Ten, K08 Secrets management failures"
# custom:
#   id: manifest-secrets.custom-resource
#   severity: high
#   remediation: "Refer to a Secret, as most resources can with a field such as passwordSecretRef or valuesFrom; change the value, as it has been seen."
#   zeroTrust: [Z25]
#   kinds: [kubernetes]
package sealock.config.manifest_secrets.custom_resource

import data.sealock.lib.config_literals as literals
import data.sealock.lib.config_workload as pods

# others have rules of their own, or hold schemas and references.
others := {
	"SealedSecret", "ExternalSecret", "ClusterExternalSecret", "SecretStore", "ClusterSecretStore", "PushSecret", "SopsSecret", "EncryptionConfiguration",
	"SecretProviderClass", "VaultStaticSecret", "VaultDynamicSecret", "ClusterPolicy", "ConstraintTemplate", "Kustomization", "CustomResourceDefinition",
}

# plain is groups of the API whose objects have no place for a secret.
plain := {
	"", "admissionregistration.k8s.io", "apiextensions.k8s.io", "apps", "autoscaling", "batch", "cilium.io", "coordination.k8s.io", "gateway.networking.k8s.io",
	"networking.istio.io", "networking.k8s.io", "node.k8s.io", "policy", "rbac.authorization.k8s.io", "scheduling.k8s.io", "security.istio.io",
	"security.kubearmor.com", "storage.k8s.io",
}

# custom is the rest, if a word or a form of secrets is in it anywhere: walking through all would take its time.
custom := [i |
	some i in input.kubernetes
	i.pod == null
	not i.kind in others
	placed(i)
	is_object(i.object)
	regex.match(`(?i)passw|passphrase|secret|token|credential|key|://[^/\s"@]*:[^/\s"@]*@|AKIA|ASIA|xox|glpat|gh[opsur]_`, json.marshal(object.remove(i.object, ["metadata"])))
]

placed(i) if not i.group in plain

placed(i) if i.kind == "Config"

# nodes is everything in them, but for their metadata.
nodes := [{"item": i, "path": path, "value": v} |
	some i in custom
	walk(i.object, [path, v])
	count(path) > 1
	path[0] != "metadata"
]

finding contains f if {
	some n in nodes
	is_string(n.value)
	key := n.path[count(n.path) - 1]
	is_string(key)
	password(n.item, key)
	literals.literal(n.value)
	not literals.reference(key, n.value)
	f := found(n.item, n.path, key)
}

password(_, key) if {
	key != "secretKey" # the name of a key, as in an ExternalSecret
	regex.match(`(^|_)(PASSWORD|PASSWD|PASSPHRASE|CLIENT_SECRET|SECRET_ACCESS_KEY|SECRET_KEY|API_KEY|AUTH_TOKEN|ACCESS_TOKEN|API_TOKEN)$`, literals.word(key))
}

password(i, key) if {
	i.kind == "Config"
	key in {"token", "client-key-data"}
}

# Pairs of a name and a value, as in parameters of a release.
finding contains f if {
	some n in nodes
	is_object(n.value)
	name := pods.text(object.get(n.value, "name", ""))
	name != ""
	literals.secret(name, object.get(n.value, "value", null))
	f := found(n.item, array.concat(n.path, ["value"]), name)
}

# Values of a chart as one text.
finding contains f if {
	some n in nodes
	n.path[count(n.path) - 1] in {"values", "valuesContent", "valuesYaml"}
	is_string(n.value)
	names := literals.inside(n.value)
	count(names) > 0
	f := found(n.item, n.path, concat(", ", sort(names)))
}

found(i, path, what) := {
	"item": i.id, "path": path, "message": sprintf("%s %s holds a secret (%s)", [i.kind, i.name, what]), "found": sprintf("a literal value in %s", [what]),
	"expected": "a reference to a Secret",
}
