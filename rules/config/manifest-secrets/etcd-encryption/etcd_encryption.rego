# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Secrets are encrypted in etcd, with a key that is not in the tree"
# description: "Without encryption at rest, who gets at etcd's files or backups has every secret of the cluster; a key in the repository is no key."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.27 and 1.2.28"
# - ref: https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/
#   description: "Kubernetes, encrypting confidential data at rest"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-28"
# custom:
#   id: manifest-secrets.etcd-encryption
#   severity: high
#   remediation: "Put a kms provider first in the EncryptionConfiguration, and name the file with --encryption-provider-config."
#   zeroTrust: [Z25]
#   kinds: [kubernetes]
package sealock.config.manifest_secrets.etcd_encryption

import data.sealock.lib.config_control_plane as control
import data.sealock.lib.config_literals as literals
import data.sealock.lib.config_workload as pods

finding contains f if {
	some c in pods.of_kind({"EncryptionConfiguration", "EncryptionConfig"})
	some i, r in pods.list(c.object, ["resources"])
	covers(pods.list(r, ["resources"]))
	providers := pods.list(r, ["providers"])
	count(providers) > 0
	"identity" in object.keys(pods.dict({"p": providers[0]}, ["p"]))
	f := {
		"item": c.id, "path": ["resources", i, "providers", 0], "message": "secrets are written to etcd in plain text", "found": "identity is the first provider",
		"expected": "kms, or aescbc, secretbox or aesgcm",
	}
}

covers(resources) if "secrets" in resources

covers(resources) if {
	some r in resources
	r in {"*.", "*.*"}
}

finding contains f if {
	some c in pods.of_kind({"EncryptionConfiguration", "EncryptionConfig"})
	some i, r in pods.list(c.object, ["resources"])
	some j, p in pods.list(r, ["providers"])
	some name in ["aescbc", "aesgcm", "secretbox"]
	some k, key in pods.list(p, [name, "keys"])
	literals.literal(pods.at(key, ["secret"], ""))
	f := {
		"item": c.id, "path": ["resources", i, "providers", j, name, "keys", k, "secret"], "message": "the key that encrypts etcd stands in the tree",
		"found": sprintf("a literal key of %s", [name]), "expected": "a kms provider, or a key put in at installation",
	}
}

finding contains f if {
	some c in control.without(control.api_server, {"encryption-provider-config", "experimental-encryption-provider-config"})
	f := control.missing(c, "encryption-provider-config", "medium", "secrets are written to etcd in plain text")
}
