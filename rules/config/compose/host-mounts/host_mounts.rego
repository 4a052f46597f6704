# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Services mount no system folders of the host"
# description: "With /, /etc, /proc or a home's keys in it, a container reads or changes what makes up the host."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: "CIS Docker Benchmark 1.6, 5.6"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.3"
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
#   description: "OWASP Docker Security Cheat Sheet, RULE 8"
# custom:
#   id: compose.host-mounts
#   severity: medium
#   remediation: "Use a named volume, or mount the one file that is needed, read-only."
#   zeroTrust: [Z13]
#   kinds: [compose]
package sealock.config.compose.host_mounts

import data.sealock.lib.config_workload as pods

roots := {"", "/etc", "/root", "/boot", "/dev", "/proc", "/sys", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/run", "/var/run", "/var", "/var/lib", "/var/lib/docker", "/var/lib/kubelet", "/etc/kubernetes", "/etc/passwd", "/etc/shadow", "/etc/sudoers", "/etc/ssh", "/etc/cron.d"}

finding contains f if {
	some x in pods.services
	some i, v in pods.list(x.s.spec, ["volumes"])
	m := mount(v)
	sensitive(m.source)
	f := {
		"item": x.item.id, "path": array.concat(x.s.path, ["volumes", i]), "severity": severity(m), "message": sprintf("service %q has %s of the host", [x.s.name, m.source]),
		"found": sprintf("%s%s", [m.source, told(m)]), "expected": "a named volume",
	}
}

mount(v) := {"source": parts[0], "readOnly": "ro" in split(options, ",")} if {
	is_string(v)
	parts := split(v, ":")
	count(parts) > 1
	options := concat(",", array.slice(parts, 2, count(parts)))
}

mount(v) := {"source": pods.text(pods.at(v, ["source"], "-")), "readOnly": pods.at(v, ["read_only"], false) in {true, "true"}} if {
	is_object(v)
	pods.at(v, ["type"], "bind") == "bind"
}

sensitive(source) if {
	startswith(source, "/")
	trim_right(source, "/") in roots
}

sensitive(source) if regex.match(`^(~|\$\{?HOME\}?)(/?$|/\.(ssh|aws|kube|docker|gnupg|config/gcloud|azure)(/|$))`, source)

severity(m) := "high" if {
	not m.readOnly
	not m.source in {"/dev", "/sys", "/proc"}
} else := "medium"

told(m) := ", read-only" if {
	m.readOnly
} else := ""
