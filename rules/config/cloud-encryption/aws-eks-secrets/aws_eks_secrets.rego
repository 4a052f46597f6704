# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Secrets in etcd are encrypted with a key of one's own"
# description: Without envelope encryption a copy of etcd, or of its backup, gives away every secret of the cluster.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: CIS Kubernetes Benchmarks, EKS, 5.3.1 (Kubernetes secrets are encrypted using keys in KMS)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-28(1) Cryptographic Protection of information at rest
# custom:
#   id: cloud-encryption.aws-eks-secrets
#   severity: high
#   remediation: "Add encryption_config with resources = [\"secrets\"] and provider.key_arn."
#   zeroTrust: [Z25]
#   kinds: [terraform]
package sealock.config.cloud_encryption.aws_eks_secrets

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_eks_cluster"})
	encrypted := [r | some p in cloud.at(i.values, ["encryption_config"]); some r in cloud.list(object.get(p.block, "resources", null))]
	not "secrets" in encrypted
	every r in encrypted {
		config.known(r)
	}
	f := cloud.fault(i, ["encryption_config"], "secrets in etcd are not encrypted with a key of one's own", "no encryption_config for secrets", "encryption_config with resources = [\"secrets\"]")
}

# Without a key the block encrypts nothing.
finding contains f if {
	some i in cloud.managed({"aws_eks_cluster"})
	some p in cloud.at(i.values, ["encryption_config"])
	"secrets" in cloud.list(object.get(p.block, "resources", null))
	some s in cloud.settings(p.block, ["provider"], "key_arn")
	s.value in {null, ""}
	f := cloud.fault(i, array.concat(p.path, s.path), "secrets in etcd are not encrypted with a key of one's own", "no key_arn", "provider with key_arn")
}
