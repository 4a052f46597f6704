# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Downloads are encrypted, or compared with a digest
# description: What comes over plain HTTP can be changed by everybody on the way.
# related_resources:
# - ref: https://cwe.mitre.org/data/definitions/494.html
#   description: CWE-494, download of code without integrity check
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53, SC-8 transmission integrity
# custom:
#   id: dockerfile.plain-download
#   severity: medium
#   remediation: "Use the https address, or compare the file with a digest that stands in the Dockerfile (sha256sum -c)."
#   zeroTrust: [Z1, Z10]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.plain_download

import data.sealock.lib.config_dockerfile as dockerfile
import data.sealock.lib.config_shell as shell

finding contains f if {
	some r in dockerfile.runs
	regex.match(`(http|ftp)://`, r.text)
	not shell.checked(r.text)
	count(shell.remote_runs(r.text)) == 0
	urls := sort([u |
		some words in shell.commands(r.text)
		shell.name(words) in {"curl", "wget", "aria2c"}
		some u in shell.arguments(words)
		regex.match(`^(http|ftp)://`, u)
		not regex.match(`^\w+://(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]|host\.docker\.internal|169\.254\.)`, u)
	])
	count(urls) > 0
	f := {
		"item": r.item.id, "path": r.path, "message": sprintf("%s is downloaded without encryption and without a digest", [shell.clip(urls[0])]), "found": shell.clip(urls[0]),
		"expected": "https, or a digest",
	}
}
