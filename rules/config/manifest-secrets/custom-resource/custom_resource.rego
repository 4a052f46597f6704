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
	"Secret", "ConfigMap", "CustomResourceDefinition", "SealedSecret", "ExternalSecret", "ClusterExternalSecret", "SecretStore", "ClusterSecretStore",
	"PushSecret", "SopsSecret", "EncryptionConfiguration", "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "SecretProviderClass", "VaultStaticSecret",
	"VaultDynamicSecret", "Service", "NetworkPolicy", "Namespace", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "ClusterPolicy", "Policy",
	"ConstraintTemplate", "Kustomization",
}

custom := [i | some i in input.kubernetes; i.pod == null; not i.kind in others; is_object(i.object)]

finding contains f if {
	some i in custom
	walk(i.object, [path, v])
	count(path) > 1
	path[0] != "metadata"
	key := path[count(path) - 1]
	is_string(key)
	password(i, key)
	literals.literal(v)
	not literals.reference(key, v)
	f := found(i, path, key)
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
	some i in custom
	walk(i.object, [path, v])
	is_object(v)
	name := pods.text(pods.at(v, ["name"], ""))
	count(path) > 1
	path[0] != "metadata"
	value := pods.at(v, ["value"], null)
	literals.secret(name, value)
	f := found(i, array.concat(path, ["value"]), name)
}

# Values of a chart as one text.
finding contains f if {
	some i in custom
	walk(i.object, [path, v])
	count(path) > 1
	path[0] != "metadata"
	path[count(path) - 1] in {"values", "valuesContent", "valuesYaml"}
	is_string(v)
	names := literals.inside(v)
	count(names) > 0
	f := found(i, path, concat(", ", sort(names)))
}

found(i, path, what) := {
	"item": i.id, "path": path, "message": sprintf("%s %s holds a secret (%s)", [i.kind, i.name, what]), "found": sprintf("a literal value in %s", [what]),
	"expected": "a reference to a Secret",
}
