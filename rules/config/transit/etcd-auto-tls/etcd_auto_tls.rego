# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "etcd makes up no certificates"
# description: "A certificate that etcd makes for itself says nothing about who it is, and nobody can tell it from another's."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 2.3 and 2.6"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-12"
# custom:
#   id: transit.etcd-auto-tls
#   severity: high
#   remediation: "Remove --auto-tls and --peer-auto-tls, and give etcd certificates."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.etcd_auto_tls

import data.sealock.lib.config
import data.sealock.lib.config_control_plane as control

finding contains f if {
	some g in control.given({"etcd"}, {"auto-tls", "peer-auto-tls"})
	config.truthy(g.x.value)
	f := control.wrong(g, "high", "certificates are made up, and nobody can check them", sprintf("--%s=false", [g.x.flag]))
}
