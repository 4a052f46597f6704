# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Neither the build nor the container runs what it has just downloaded, unread
# description: Whoever controls the server, the name or a tag behind the address decides what gets into the image, or what its containers do.
# related_resources:
# - ref: https://github.com/ossf/scorecard/blob/main/docs/checks.md#pinned-dependencies
#   description: OpenSSF Scorecard, Pinned-Dependencies, downloads that are run
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: NIST SP 800-190, 4.1.5 use of untrusted images
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53, SI-7 integrity of software
# custom:
#   id: dockerfile.remote-script
#   severity: high
#   remediation: "Use ADD --checksum=sha256:… for a fixed version, or compare the download with a digest (sha256sum -c) before it runs."
#   zeroTrust: [Z1, Z20]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.remote_script

import data.sealock.lib.config_dockerfile as dockerfile
import data.sealock.lib.config_downloads as downloads

finding contains f if {
	some r in dockerfile.runs
	shown := sort([s | some s in downloads.runs(r.text)])
	count(shown) > 0
	f := told(r, shown, "the build")
}

finding contains f if {
	some s in dockerfile.starts
	shown := sort([d | some d in downloads.runs(s.text)])
	count(shown) > 0
	f := told(s, shown, "the container")
}

# A download of one step that a later one of the same stage runs.
finding contains f if {
	some steps in stages
	count(steps) > 1
	later := downloads.saved(concat("\n", [r.text | some r in steps])) - {d | some r in steps; some d in downloads.saved(r.text)}
	some r in steps
	shown := sort([d | some d in later; some u in regex.find_n(`https?://[^\s,"'@…]+`, d, 1); contains(r.text, u)])
	count(shown) > 0
	count(downloads.runs(r.text)) == 0
	f := told(r, shown, "the build")
}

# stages is the scripts by file and stage, where one of them downloads something.
stages := {key: steps |
	some key in {k.key | some k in keyed; regex.match(`(?i)\b(curl|wget|fetch|iwr|irm|invoke-webrequest|urlretrieve|copy|downloadfile)\b[^;&]*https?://`, k.run.text)}
	steps := [k.run | some k in keyed; key == k.key]
}

keyed := [{"key": [r.item.id, r.instruction.stage], "run": r} | some r in dockerfile.runs]

told(r, shown, who) := {
	"item": r.item.id, "path": r.path, "severity": downloads.severity(shown), "message": sprintf("%s runs what it downloads, unchecked: %s", [who, shown[0]]),
	"found": shown[0], "expected": "a fixed version, compared with a digest before it runs",
}
