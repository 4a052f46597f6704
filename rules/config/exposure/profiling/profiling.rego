# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Kubernetes' own components show no profiles"
# description: "Profiles tell what a component works on and how it was started, and making them costs it much time."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.15, 1.3.2 and 1.4.1"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, CM-7"
# custom:
#   id: exposure.profiling
#   severity: low
#   remediation: "Set --profiling=false."
#   zeroTrust: [Z4, Z14]
#   kinds: [kubernetes]
package sealock.config.exposure.profiling

import data.sealock.lib.config
import data.sealock.lib.config_control_plane as control
import data.sealock.lib.config_workload as pods

profiled := control.api_server | {"kube-controller-manager", "kube-scheduler"}

finding contains f if {
	some g in control.given(profiled, {"profiling"})
	config.truthy(g.x.value)
	f := control.wrong(g, "low", "profiles are shown", "--profiling=false")
}

# A scheduler is told by a file or by flags.
finding contains f if {
	some c in control.without(control.api_server | {"kube-controller-manager"}, {"profiling"})
	f := control.missing(c, "profiling=false", "low", "profiles are shown, which is the default")
}

finding contains f if {
	some k in pods.of_kind({"KubeSchedulerConfiguration"})
	not config.falsy(pods.at(k.object, ["enableProfiling"], true))
	f := {
		"item": k.id, "path": ["enableProfiling"], "message": "kube-scheduler: profiles are shown", "found": "enableProfiling is not false",
		"expected": "enableProfiling: false",
	}
}
