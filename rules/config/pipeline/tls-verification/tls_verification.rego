# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Pipelines check certificates
# description: A connection whose other end nobody checks is open to everybody on the way, who can change the tools and sources that a build takes, and read the secrets that it sends.
# related_resources:
# - ref: https://curl.se/docs/manpage.html#-k
#   description: curl, --insecure
# - ref: https://cwe.mitre.org/data/definitions/295.html
#   description: CWE-295, improper certificate validation
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53, SC-8 transmission integrity
# custom:
#   id: pipeline.tls-verification
#   severity: high
#   remediation: Remove the option; give the runner the certificate of your own certificate authority, and ssh the keys of the hosts.
#   zeroTrust: [Z1, Z10]
#   kinds: [github, gitlab, jenkins]
package sealock.config.pipeline.tls_verification

import data.sealock.lib.config_connections as connections
import data.sealock.lib.config_github as github
import data.sealock.lib.config_pipeline as pipeline

finding contains f if {
	some script in pipeline.scripts
	hits := connections.unchecked(script.text)
	count(hits) > 0
	not itself(script.text)
	f := told(script.item, script.path, connections.severity(hits), sprintf("the other side's identity is not checked (%s)", [hits[0]]), concat(", ", hits))
}

finding contains f if {
	some v in pipeline.variables
	value := github.text_of(v.value)
	connections.switched_off(v.name, value)
	f := told(v.item, v.path, level(v.name), sprintf("%s switches the check of the other side off", [v.name]), sprintf("%s=%s", [v.name, substring(value, 0, 60)]))
}

level(name) := "medium" if {
	name == "GIT_SSH_COMMAND"
} else := "high"

# What a job asks of a server that it started itself stays on its machine.
itself(text) if {
	urls := regex.find_n(`https?://[^\s"'/:]+`, text, -1)
	count(urls) > 0
	every u in urls { regex.match(`://(localhost|127\.0\.0\.1|0\.0\.0\.0|[\w.-]+\.(local|test|localhost|localdev\.me)|\$)`, u) }
}

told(item, path, severity, message, found) := {
	"item": item.id, "path": path, "severity": severity, "message": message, "found": found, "expected": "connections whose certificates are checked",
}
