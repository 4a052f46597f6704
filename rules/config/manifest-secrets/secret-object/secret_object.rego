# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "No Secret with values stands in the tree"
# description: "The values of a Secret are base64, which is no encryption; in a repository they are known to everyone who reads it, for ever."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.4.2"
# - ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
#   description: "Kubernetes, good practices for Secrets"
# - ref: https://cwe.mitre.org/data/definitions/798.html
#   description: "CWE-798: Use of hard-coded credentials"
# - ref: https://owasp.org/www-project-kubernetes-top-ten/
#   description: "OWASP Kubernetes Top Ten, K08 Secrets management failures"
# custom:
#   id: manifest-secrets.secret-object
#   severity: high
#   remediation: "Replace it with an ExternalSecret, a SealedSecret or a file encrypted with SOPS; change the values, as they have been seen."
#   zeroTrust: [Z25]
#   kinds: [kubernetes]
package sealock.config.manifest_secrets.secret_object

import data.sealock.lib.config_literals as literals
import data.sealock.lib.config_workload as pods

finding contains f if {
	some s in pods.of_kind({"Secret"})
	s.group == ""
	pods.at(s.object, ["type"], "") != "kubernetes.io/service-account-token"
	pods.at(s.object, ["sops"], null) == null
	some field in ["data", "stringData"]
	keys := sort([k | some k, v in pods.dict(s.object, [field]); given(k, plain(field, v))])
	count(keys) > 0
	f := {
		"item": s.id, "path": [field, keys[0]], "severity": severity(s), "message": sprintf("the secret %s stands in the tree with its values", [s.name]),
		"found": sprintf("values for %s", [concat(", ", keys)]), "expected": "an ExternalSecret, a SealedSecret or a file encrypted with SOPS",
	}
}

# What a chart makes may be made anew at each installation.
severity(s) := "medium" if {
	s.origin == "helm"
} else := "high"

plain("data", v) := base64.decode(v) if {
	is_string(v)
	base64.is_valid(v)
} else := v

plain("stringData", v) := v

# given(k, v) if a value is a secret: not empty, no placeholder, no certificate, no address.
given(k, v) if {
	is_string(v)
	t := trim(v, " \t\r\n")
	t != ""
	not literals.filled_in(t)
	not public(k, t)
}

given(_, v) if is_number(v)

public(k, _) if regex.match(`(?i)(\.(crt|cer|pub)|^ca\.pem|^(ca|tls|client|server)[._-]?cert(ificate)?(\.pem)?|public[._-]?key)$`, k)

public(_, t) if {
	regex.match(`^-----BEGIN (CERTIFICATE|PUBLIC KEY|TRUSTED CERTIFICATE)-----`, t)
	not contains(t, "PRIVATE KEY")
}

public(k, t) if {
	regex.match(`(?i)(url|username|hostname|_host|[_-]id|[a-z]ID)$`, k)
	not literals.known(t)
}

public(_, t) if lower(t) in {"true", "false"}

public(k, t) if {
	regex.match(`(?i)^(url|user(name)?|login|host(name)?|port|database|db(name)?|name|type|project|region|endpoint|issuer|email|namespace|insecure|enablelfs|server|bucket|realm|domain|client[_-]?id|tenant[_-]?id)$`, k)
	not literals.known(t)
}
