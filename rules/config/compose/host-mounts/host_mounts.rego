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

import data.sealock.lib.config_compose as compose
import data.sealock.lib.config_workload as pods

roots := {"", "/etc", "/root", "/boot", "/dev", "/proc", "/sys", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/run", "/var/run", "/var", "/var/lib", "/var/lib/docker", "/var/lib/kubelet", "/etc/kubernetes", "/etc/passwd", "/etc/shadow", "/etc/sudoers", "/etc/ssh", "/etc/cron.d"}

finding contains f if {
	some x in pods.services
	some i, v in pods.list(x.s.spec, ["volumes"])
	m := mount(v)
	f := {
		"item": x.item.id, "path": array.concat(x.s.path, compose.mounted(i, v)), "severity": severity(m), "message": sprintf("service %q has %s of the host", [x.s.name, m.source]),
		"found": sprintf("%s%s", [m.source, told(m)]), "expected": "a named volume",
	}
}

# A named volume can be a folder of the host too.
finding contains f if {
	some v in compose.volumes
	some option in ["device", "mountpoint"]
	m := {"source": pods.text(object.get(v.options, option, "")), "readOnly": "ro" in split(pods.text(object.get(v.options, "o", "")), ",")}
	f := {
		"item": v.item.id, "path": array.concat(v.path, [option]), "severity": severity(m), "message": sprintf("volume %q is %s of the host", [v.name, m.source]),
		"found": sprintf("%s%s", [m.source, told(m)]), "expected": "a volume of its own",
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

# What belongs to the system, below those folders. Zones, names and certificates are for everybody to read.
inside(source) if {
	regex.match(`^/(etc|root|boot|proc|sys|bin|sbin|lib|lib64|usr/(bin|sbin|lib|lib64|local/s?bin)|var/lib/(docker|containerd|kubelet|etcd|rancher|cni)|var/spool/cron|var/log|run/(systemd|containerd|crio)|dev/(mem|kmem|port|sd[a-z]+[0-9]*|nvme\w*|mapper))(/|$)`, source)
	not regex.match(`^/etc/(localtime|timezone|hosts|hostname|resolv\.conf|machine-id|os-release|nsswitch\.conf|mime\.types|ssl|ca-certificates|pki|letsencrypt)(/|$)|^/usr/lib/os-release$|^/(lib|usr/lib)/modules(/|$)|^/sys/fs/cgroup(/|$)`, source)
	not pods.runtime_socket(source)
}

# severity(m) is undefined for what is not delicate.
severity(m) := level if {
	sensitive(m.source)
	level := {true: "medium", false: "high"}[weak(m)]
} else := level if {
	inside(m.source)
	level := {true: "low", false: "medium"}[m.readOnly]
}

weak(m) if {
	m.readOnly
} else if {
	m.source in {"/dev", "/sys", "/proc"}
} else := false

told(m) := ", read-only" if {
	m.readOnly
} else := ""
