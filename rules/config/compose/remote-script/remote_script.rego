# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "No service runs what it has just downloaded, unread"
# description: "Whoever controls the server, the name or a tag behind the address decides what the container does, at each of its starts anew; the digest of its image says nothing about it."
# related_resources:
# - ref: https://github.com/ossf/scorecard/blob/main/docs/checks.md#pinned-dependencies
#   description: "OpenSSF Scorecard, Pinned-Dependencies, downloads that are run"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.1.5 use of untrusted images"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53, SI-7 integrity of software"
# custom:
#   id: compose.remote-script
#   severity: high
#   remediation: "Have the program in the image; if it must be fetched at the start, take a fixed version and compare it with a digest (sha256sum -c) before it runs."
#   zeroTrust: [Z1, Z20]
#   kinds: [compose]
package sealock.config.compose.remote_script

import data.sealock.lib.config_downloads as downloads
import data.sealock.lib.config_shell as shell
import data.sealock.lib.config_workload as pods

finding contains f if {
	some s in scripts
	regex.match(`://|\$`, s.text)
	shown := sort([d | some d in downloads.runs(replace(s.text, "$$", "$"))])
	count(shown) > 0
	f := {
		"item": s.item.id, "path": s.path, "severity": downloads.severity(shown),
		"message": sprintf("service %q runs what it downloads, unchecked: %s", [s.name, shown[0]]), "found": shown[0],
		"expected": "a program of the image, or a fixed version, compared with a digest before it runs",
	}
}

# scripts is what a service has a shell run. Where the entrypoint is a shell that wants a script, the command is one.
scripts := array.concat(
	[{"item": x.item, "name": x.s.name, "path": array.concat(x.s.path, field), "text": text} |
		some x in pods.services
		some field in [["entrypoint"], ["command"], ["healthcheck", "test"]]
		value := pods.at(x.s.spec, field, null)
		text := script(value, given_to_shell(x.s.spec, field))
	],
	[{"item": x.item, "name": x.s.name, "path": array.flatten([x.s.path, hook, n, "command"]), "text": script(pods.at(h, ["command"], null), false)} |
		some x in pods.services
		some hook in ["post_start", "pre_stop"]
		some n, h in pods.list(x.s.spec, [hook])
	],
)

default given_to_shell(_, _) := false

given_to_shell(_, ["healthcheck", "test"])

given_to_shell(spec, ["command"]) if {
	words := regex.split(`\s+`, trim_space(joined(pods.at(spec, ["entrypoint"], ""))))
	shell.base(words[0]) in shell.shells
	regex.match(`^-[a-z]*c$`, words[count(words) - 1])
}

# script(value, given) is the text; no shell reads what is not given to one, but for those that it names itself.
script(value, given) := value if {
	is_string(value)
	given
} else := concat("\n", [inner | some inner in shell.nested(value)]) if {
	is_string(value)
} else := concat(" ", array.slice(words, 1, count(words))) if {
	words := [w | some w in value; is_string(w)]
	words[0] == "CMD-SHELL"
} else := value[0] if {
	is_array(value)
	given
	not value[0] in {"CMD", "NONE"}
	is_string(value[0])
} else := concat(" ", [quoted(w) | some w in value; is_string(w)])

joined(v) := v if {
	is_string(v)
} else := concat(" ", [w | some w in v; is_string(w)]) if {
	is_array(v)
} else := ""

quoted(w) := sprintf("'%s'", [w]) if {
	regex.match(`[\s;&|<>()$"]`, w)
	not contains(w, "'")
} else := w
