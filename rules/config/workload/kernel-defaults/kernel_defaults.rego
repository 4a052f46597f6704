# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The kubelet does not change the kernel's settings by itself"
# description: "A kubelet that sets what it likes undoes how the node was hardened, and nobody is told."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 4.2.6 of release 1.23"
# - ref: https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/
#   description: "Kubernetes, KubeletConfiguration, protectKernelDefaults"
# custom:
#   id: workload.kernel-defaults
#   severity: medium
#   remediation: "Set protectKernelDefaults: true."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.kernel_defaults

import data.sealock.lib.config
import data.sealock.lib.config_control_plane as control
import data.sealock.lib.config_workload as pods

finding contains f if {
	some g in control.given({"kubelet"}, {"protect-kernel-defaults"})
	config.falsy(g.x.value)
	f := control.wrong(g, "medium", "the kubelet changes settings of the kernel", "--protect-kernel-defaults=true")
}

finding contains f if {
	some k in control.kubelet_files
	config.falsy(pods.at(k.object, ["protectKernelDefaults"], true))
	f := control.setting(k, ["protectKernelDefaults"], "medium", "the kubelet changes settings of the kernel", "true")
}

finding contains f if {
	some k in control.kubelet_files
	pods.at(k.object, ["protectKernelDefaults"], null) == null
	f := control.setting(k, ["protectKernelDefaults"], "low", "the kubelet changes settings of the kernel, which is the default", "true")
}
