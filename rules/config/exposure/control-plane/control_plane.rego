# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Kubernetes' own components listen locally and ask for a login"
# description: "The scheduler and the controller manager are asked by nobody outside their node; a dashboard without a login gives everyone its rights."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.3.7 and 1.4.2"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Control plane hardening"
# custom:
#   id: exposure.control-plane
#   severity: low
#   remediation: "Set --bind-address=127.0.0.1 for the scheduler and the controller manager; remove the flags that skip the dashboard's login."
#   zeroTrust: [Z4, Z14]
#   kinds: [kubernetes]
package sealock.config.exposure.control_plane

import data.sealock.lib.config
import data.sealock.lib.config_control_plane as control
import data.sealock.lib.config_mesh as mesh

local := {"kube-controller-manager", "kube-scheduler"}

finding contains f if {
	some g in control.given(local, {"bind-address", "address"})
	not g.x.value in {"127.0.0.1", "::1", "localhost"}
	f := control.wrong(g, "low", "it listens beyond its node", "127.0.0.1")
}

finding contains f if {
	some c in control.without(local, {"bind-address", "address"})
	f := control.missing(c, "bind-address=127.0.0.1", "low", "it listens beyond its node, which is the default")
}

finding contains f if {
	some c in mesh.of_program({"kubernetes-dashboard", "kubernetes-dashboard-amd64", "dashboard"})
	some x in c.flags
	x.flag in {"enable-skip-login", "enable-insecure-login", "disable-settings-authorizer"}
	config.truthy(x.value)
	f := {
		"item": c.item.id, "path": x.path, "severity": "high", "message": "the dashboard can be used without a login", "found": sprintf("--%s", [x.flag]), "expected": "a login",
	}
}
