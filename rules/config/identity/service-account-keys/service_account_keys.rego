# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Tokens of service accounts are checked with keys of their own"
# description: "Tokens that are signed with a key that serves for TLS too can be made by whoever gets at the certificate."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.22 and 1.3.4"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, IA-5"
# custom:
#   id: identity.service-account-keys
#   severity: medium
#   remediation: "Set --service-account-key-file and --service-account-private-key-file."
#   zeroTrust: [Z4, Z28]
#   kinds: [kubernetes]
package sealock.config.identity.service_account_keys

import data.sealock.lib.config_control_plane as control

finding contains f if {
	some c in control.without(control.api_server, {"service-account-key-file"})
	f := control.missing(c, "service-account-key-file", "medium", "tokens are checked with the key of the server's certificate")
}

finding contains f if {
	some g in control.given(control.api_server, {"service-account-key-file"})
	some x in g.c.flags
	x.flag == "tls-private-key-file"
	x.value == g.x.value
	f := control.wrong(g, "medium", "tokens and TLS share one key", "a key for tokens alone")
}

finding contains f if {
	some c in control.without({"kube-controller-manager"}, {"service-account-private-key-file"})
	f := control.missing(c, "service-account-private-key-file", "medium", "no key for tokens is named")
}
