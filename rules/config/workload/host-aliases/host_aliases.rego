# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Pods ask DNS for names"
# description: "Names in hostAliases go to fixed addresses, whatever DNS, certificates' owners and network policies say; who may write the manifest can send traffic elsewhere."
# related_resources:
# - ref: https://kubernetes.io/docs/tasks/network/customize-hosts-file-for-pods/
#   description: "Kubernetes, HostAliases"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-20"
# custom:
#   id: workload.host-aliases
#   severity: low
#   remediation: "Use a Service, or ExternalName, in place of hostAliases."
#   zeroTrust: [Z14]
#   kinds: [kubernetes]
package sealock.config.workload.host_aliases

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

finding contains f if {
	some w in config.workloads
	count(pods.list(w.pod.spec, ["hostAliases"])) > 0
	f := {
		"item": w.id, "path": pods.spec_path(w, ["hostAliases"]), "message": "the pod has names in /etc/hosts that DNS knows nothing of", "found": "hostAliases",
		"expected": "names that DNS knows",
	}
}
