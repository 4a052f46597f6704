# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Containers are not started with sudo"
# description: "sudo in a container's command needs a program with the setuid bit and an account that may become root: whoever takes the container over has both."
# related_resources:
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.3"
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, restricted: Privilege Escalation and Running as Non-root"
# custom:
#   id: workload.sudo
#   severity: medium
#   remediation: "Start the program as the user that it runs as, with the files' rights set when the image is built."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.sudo

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.linux
	some field in ["command", "args"]
	some i, text in pods.list(x.c.spec, [field])
	is_string(text)
	becomes_root(text, i)
	f := {
		"item": x.item.id, "path": pods.path(x.c, [field, i]), "message": sprintf("container %q is started with sudo", [x.c.name]), "found": "sudo",
		"expected": "a command that needs no other user",
	}
}

becomes_root(text, 0) if regex.match(`^(/usr)?(/local)?(/bin/)?(sudo|doas)$`, text)

# A script begins a command with it, after nothing or after what ends another.
becomes_root(text, _) if regex.match(`(^|[;&|(]|\n|\b(then|do|else))\s*(/usr)?(/local)?(/bin/)?(sudo|doas)\s+\S`, text)
