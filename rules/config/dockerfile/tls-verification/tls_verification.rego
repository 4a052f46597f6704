# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Certificates are checked
# description: A connection whose certificate nobody checks is open to everybody on the way, who can change what is downloaded, and read what is sent.
# related_resources:
# - ref: https://curl.se/docs/manpage.html#-k
#   description: curl, --insecure
# - ref: https://cwe.mitre.org/data/definitions/295.html
#   description: CWE-295, improper certificate validation
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53, SC-8 transmission integrity
# custom:
#   id: dockerfile.tls-verification
#   severity: high
#   remediation: Remove the option; install ca-certificates, or the certificate of your own certificate authority.
#   zeroTrust: [Z1, Z10]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.tls_verification

import data.sealock.lib.config_connections as connections
import data.sealock.lib.config_dockerfile as dockerfile

finding contains f if {
	some r in dockerfile.runs
	hits := connections.unchecked(r.text)
	count(hits) > 0
	f := {
		"item": r.item.id, "path": r.path, "severity": connections.severity(hits), "message": sprintf("the other side's identity is not checked (%s)", [hits[0]]),
		"found": concat(", ", hits), "expected": "connections whose certificates are checked",
	}
}

finding contains f if {
	some a in dockerfile.assignments
	is_string(a.value)
	connections.switched_off(a.name, a.value)
	f := {
		"item": a.item.id, "path": a.path, "message": sprintf("%s=%s switches the check of certificates off", [a.name, a.value]), "found": sprintf("%s=%s", [a.name, a.value]),
		"expected": "connections whose certificates are checked",
	}
}
