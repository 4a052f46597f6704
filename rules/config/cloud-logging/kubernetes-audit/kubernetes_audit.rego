# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: The control plane writes an audit log
# description: Who read a secret or changed a role is in the audit log of the API server, or nowhere.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: CIS Kubernetes Benchmarks, EKS, 2.1.1 (enable audit logs)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AU-12 Audit Record Generation
# custom:
#   id: cloud-logging.kubernetes-audit
#   severity: medium
#   remediation: "Set enabled_cluster_log_types to [\"api\", \"audit\", \"authenticator\", …]; leave logging of GKE on; add oms_agent to AKS."
#   zeroTrust: [Z19]
#   kinds: [terraform]
package sealock.config.cloud_logging.kubernetes_audit

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_eks_cluster"})
	types := cloud.list(object.get(i.values, "enabled_cluster_log_types", null))
	every t in types {
		config.known(t)
	}
	missing := [t | some t in ["api", "audit", "authenticator"]; not t in types]
	count(missing) > 0
	f := cloud.fault(i, ["enabled_cluster_log_types"], sprintf("logs of the control plane are missing: %s", [concat(", ", missing)]), cloud.shown(types), "api, audit and authenticator")
}

finding contains f if {
	some i in cloud.managed({"google_container_cluster"})
	service := object.get(i.values, "logging_service", "")
	service == "none"
	f := cloud.fault(i, ["logging_service"], "the cluster writes no logs", "none", "logging.googleapis.com/kubernetes")
}
