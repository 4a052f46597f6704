# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The API server limits the rate of events"
# description: "One faulty or hostile pod that sends events without end fills etcd and stops the API server for all."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.9"
# - ref: https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
#   description: "Kubernetes, admission controllers"
# custom:
#   id: exposure.event-rate-limit
#   severity: low
#   remediation: "Add EventRateLimit to --enable-admission-plugins."
#   zeroTrust: [Z14]
#   kinds: [kubernetes]
package sealock.config.exposure.event_rate_limit

import data.sealock.lib.config_control_plane as control

finding contains f if {
	some c in control.components
	c.program in control.api_server
	plugins := {p | some x in c.flags; x.flag in {"enable-admission-plugins", "admission-control"}; some p in split(x.value, ",")}
	not "EventRateLimit" in plugins
	f := control.missing(c, "enable-admission-plugins=EventRateLimit", "low", "nothing limits how many events a client sends")
}
