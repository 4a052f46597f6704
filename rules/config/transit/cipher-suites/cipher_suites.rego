# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Kubernetes' own components offer strong ciphers only"
# description: "Old suites have no forward secrecy or can be broken: what is recorded today is read later."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.29 and 4.2.12"
# - ref: https://www.rfc-editor.org/rfc/rfc9325
#   description: "RFC 9325, recommendations for TLS"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-13"
# custom:
#   id: transit.cipher-suites
#   severity: medium
#   remediation: "Leave ciphers to Kubernetes, or name suites of ECDHE with GCM or ChaCha20 only."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.cipher_suites

import data.sealock.lib.config_control_plane as control
import data.sealock.lib.config_workload as pods

listed contains {"item": g.c.item.id, "path": g.x.path, "who": g.c.program, "suite": trim_space(s)} if {
	some g in control.given(control.programs, {"tls-cipher-suites", "cipher-suites"})
	some s in split(g.x.value, ",")
}

listed contains {"item": k.id, "path": ["tlsCipherSuites", i], "who": "kubelet", "suite": s} if {
	some k in control.kubelet_files
	some i, s in pods.list(k.object, ["tlsCipherSuites"])
	is_string(s)
}

weak(suite) := "medium" if {
	regex.match(`RC4|3DES|NULL|MD5|EXPORT|_DES_`, suite)
} else := "low" if {
	startswith(suite, "TLS_")
	not regex.match(`^TLS_(ECDHE_(ECDSA|RSA)_WITH_)?(AES_(128|256)_GCM_SHA|CHACHA20_POLY1305)`, suite)
}

finding contains f if {
	some l in listed
	severity := weak(l.suite)
	f := {
		"item": l.item, "path": l.path, "severity": severity, "message": sprintf("%s: the cipher suite %s is weak", [l.who, l.suite]), "found": l.suite,
		"expected": "ECDHE with GCM or ChaCha20",
	}
}
