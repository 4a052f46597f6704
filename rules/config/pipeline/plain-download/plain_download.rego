# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Pipelines download over encrypted connections, or compare with a digest
# description: What comes over plain HTTP, FTP or git:// can be changed by everybody on the way, and ends up in what the pipeline builds.
# related_resources:
# - ref: https://cwe.mitre.org/data/definitions/494.html
#   description: CWE-494, download of code without integrity check
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53, SC-8 transmission integrity
# custom:
#   id: pipeline.plain-download
#   severity: medium
#   remediation: "Use the https address, or compare the file with a digest that stands in the repository (sha256sum -c)."
#   zeroTrust: [Z1, Z10]
#   kinds: [github, gitlab, jenkins]
package sealock.config.pipeline.plain_download

import data.sealock.lib.config_pipeline as pipeline
import data.sealock.lib.config_shell as shell

finding contains f if {
	some script in pipeline.scripts
	regex.match(`\b(http|ftp|git)://`, script.text)
	not shell.checked(script.text)
	count(shell.remote_runs(script.text)) == 0
	urls := sort([u | some words in shell.commands(script.text); some u in shell.arguments(words); gets(words, u)])
	count(urls) > 0
	f := {
		"item": script.item.id, "path": script.path, "message": sprintf("%s is downloaded without encryption and without a digest", [shell.clip(urls[0])]),
		"found": shell.clip(urls[0]), "expected": "https, or a digest",
	}
}

gets(words, url) if {
	keeps(words)
	regex.match(`^(http|ftp)://`, url)
	outside(url)
}

gets(words, url) if {
	shell.name(words) == "git"
	regex.match(`^(http|git)://`, url)
	outside(url)
	some verb in {"clone", "fetch", "pull", "submodule", "remote"}
	verb in words
}

# A request whose answer is only looked at is no download.
keeps(words) if {
	shell.name(words) == "curl"
	some w in words
	regex.match(`^(-[a-zA-Z]*[oO]|--output|--remote-name|>|>>)$`, w)
	not "/dev/null" in words
}

keeps(words) if {
	shell.name(words) in {"wget", "aria2c"}
	not "--spider" in words
	not "/dev/null" in words
}

# Hosts of the job itself and of its own network.
outside(url) if {
	not regex.match(`^\w+://([^/@]*@)?(localhost|127\.|0\.0\.0\.0|\[::1\]|host\.docker\.internal|169\.254\.|10\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.)`, url)
	not regex.match(`^\w+://([^/@]*@)?([\w-]+|[\w.-]+\.(local|test|localhost|svc|internal|localdev\.me))([:/]|$)`, url)
	not regex.match(`^\w+://([^/@]*@)?\$`, url)
}
