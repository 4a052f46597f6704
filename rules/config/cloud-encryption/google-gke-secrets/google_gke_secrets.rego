# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Secrets in etcd are encrypted with a key of one's own"
# description: Without application-layer encryption a copy of etcd gives away every secret of the cluster.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: CIS Kubernetes Benchmarks, GKE, 5.3.1 (Kubernetes secrets are encrypted using keys in Cloud KMS)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-28(1) Cryptographic Protection of information at rest
# custom:
#   id: cloud-encryption.google-gke-secrets
#   severity: medium
#   remediation: "Add database_encryption with state = \"ENCRYPTED\" and key_name."
#   zeroTrust: [Z25]
#   kinds: [terraform]
package sealock.config.cloud_encryption.google_gke_secrets

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"google_container_cluster"})
	some s in cloud.settings(i.values, ["database_encryption"], "state")
	s.value in {null, "", "DECRYPTED"}
	f := cloud.fault(i, s.path, "secrets in etcd are not encrypted with a key of one's own", sprintf("state is %s", [cloud.shown(s.value)]), "ENCRYPTED")
}
