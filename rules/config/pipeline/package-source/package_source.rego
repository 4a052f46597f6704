# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Packages in pipelines come over checked connections, and signed ones are checked
# description: Over plain HTTP, from a host whose certificate nobody checks, or without its signature, anybody on the way can put another package into the job, where it runs with the job's token and secrets.
# related_resources:
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-03-Dependency-Chain-Abuse
#   description: OWASP CI/CD risks, CICD-SEC-3
# - ref: https://wiki.debian.org/SecureApt
#   description: Debian, SecureApt
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53, CM-14 signed components; SC-8 transmission integrity
# custom:
#   id: pipeline.package-source
#   severity: high
#   remediation: Use the https address of the index, add the key of the repository (signed-by=), and remove the option that switches the check off.
#   zeroTrust: [Z1, Z10, Z20]
#   kinds: [github, gitlab, jenkins]
package sealock.config.pipeline.package_source

import data.sealock.config.dockerfile.package_index
import data.sealock.config.dockerfile.package_signatures
import data.sealock.lib.config_pipeline as pipeline
import data.sealock.lib.config_shell as shell

# The same commands as in an image that is built.
finding contains f if {
	some script in pipeline.scripts
	regex.match(`http://|trusted-host|secure-http|disable-tls`, script.text)
	hits := sort([h | some words in shell.commands(script.text); some h in package_index.insecure(words)])
	count(hits) > 0
	f := told(script.item, script.path, sprintf("packages are taken without a checked connection (%s)", [hits[0]]), hits)
}

finding contains f if {
	some script in pipeline.scripts
	hits := sort([h | some h in package_signatures.ignoring(script.text)])
	count(hits) > 0
	f := told(script.item, script.path, sprintf("packages are installed without checking who signed them (%s)", [hits[0]]), hits)
}

finding contains f if {
	some v in pipeline.variables
	is_string(v.value)
	package_index.problem(v.name, v.value)
	f := told(v.item, v.path, sprintf("%s lets packages be taken without a checked connection", [v.name]), [sprintf("%s=%s", [v.name, v.value])])
}

told(item, path, message, hits) := {
	"item": item.id, "path": path, "message": message, "found": shell.clip(concat(", ", hits)), "expected": "https and signed packages, both checked",
}
