# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Kubernetes' own components bound what requests and dead pods may cost"
# description: "Requests without a bound, and dead pods that are never cleared away, let one client or one failing job slow the whole cluster down."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.20 and 1.3.1"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-5"
# custom:
#   id: exposure.control-plane-load
#   severity: low
#   remediation: "Leave --request-timeout at 60s, and set --terminated-pod-gc-threshold to a number such as 100."
#   zeroTrust: [Z14]
#   kinds: [kubernetes]
package sealock.config.exposure.control_plane_load

import data.sealock.lib.config_control_plane as control

finding contains f if {
	some g in control.given(control.api_server, {"request-timeout"})
	seconds(g.x.value) > 300
	f := control.wrong(g, "low", "a request may keep the API server busy for more than five minutes", "60s to 300s")
}

finding contains f if {
	some g in control.given({"kube-controller-manager"}, {"terminated-pod-gc-threshold"})
	regex.match(`^-?[0-9]+$`, g.x.value)
	outside(to_number(g.x.value))
	f := control.wrong(g, "low", "dead pods are never cleared away, or very late", "1 to 12500")
}

seconds(text) := time.parse_duration_ns(text) / 1000000000 if regex.match(`^([0-9]+(h|m|s|ms))+$`, text)

outside(n) if n < 1

outside(n) if n > 12500
