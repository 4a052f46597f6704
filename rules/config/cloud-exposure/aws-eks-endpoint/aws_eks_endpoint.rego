# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: The Kubernetes API is not open to the internet
# description: Everybody can try stolen tokens and new flaws on an API server that the internet reaches.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: CIS Kubernetes Benchmarks, EKS, 5.4.1 and 5.4.2 (access to the control plane endpoint)
# - ref: https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
#   description: EKS, cluster API server endpoint access
# custom:
#   id: cloud-exposure.aws-eks-endpoint
#   severity: high
#   remediation: Set endpoint_public_access = false and endpoint_private_access = true, or list the ranges in public_access_cidrs.
#   zeroTrust: [Z14]
#   kinds: [terraform]
package sealock.config.cloud_exposure.aws_eks_endpoint

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_eks_cluster"})
	places := cloud.at(i.values, ["vpc_config"])
	some p in places
	public(p.block)
	cidrs := cloud.get(p.block, "public_access_cidrs", ["0.0.0.0/0"])
	open := cloud.world(cidrs)
	count(open) > 0
	f := cloud.fault(i, config.child(p.path, [where(p.block)]), "everybody reaches the API server", sprintf("public access from %s", [concat(", ", sort([a | some a in open]))]), "endpoint_public_access = false, or public_access_cidrs of one's own")
}

public(block) if cloud.get(block, "endpoint_public_access", true) in {true, "true"}

where(block) := "public_access_cidrs" if {
	object.get(block, "public_access_cidrs", null) != null
} else := "endpoint_public_access"
