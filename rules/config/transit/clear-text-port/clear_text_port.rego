# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Services offer no protocol that is always plain text"
# description: "Telnet, FTP, rsh, TFTP, POP3, IMAP, LDAP and HTTP on their well-known ports carry passwords as they are typed."
# related_resources:
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Network separation and hardening"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-8"
# - ref: https://cwe.mitre.org/data/definitions/319.html
#   description: "CWE-319: Cleartext transmission of sensitive information"
# custom:
#   id: transit.clear-text-port
#   severity: low
#   remediation: "Offer the protocol over TLS on its own port, as in 443, 636, 993 or 995."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.clear_text_port

import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

ports := {
	"21": "FTP", "23": "Telnet", "69": "TFTP", "110": "POP3", "143": "IMAP", "389": "LDAP", "512": "rexec", "513": "rlogin", "514": "rsh",
	"873": "rsync",
}

finding contains f if {
	some s in pods.of_kind({"Service"})
	s.group == ""
	some i, p in pods.list(s.object, ["spec", "ports"])
	port := sprintf("%v", [pods.at(p, ["port"], "")])
	protocol := ports[port]
	not excused(p, port)
	f := {
		"item": s.id, "path": ["spec", "ports", i, "port"], "severity": "medium", "message": sprintf("the service %s offers %s in plain text", [s.name, protocol]), "found": port,
		"expected": "the protocol over TLS",
	}
}

# syslog is 514 over UDP; LDAP and the mail protocols may start TLS on their own port, which a port's name can't tell.
excused(p, "514") if pods.at(p, ["protocol"], "TCP") == "UDP"

finding contains f if {
	some s in pods.of_kind({"Service"})
	s.group == ""
	pods.at(s.object, ["spec", "type"], "") == "LoadBalancer"
	all := {sprintf("%v", [pods.at(p, ["port"], "")]) | some p in pods.list(s.object, ["spec", "ports"])}
	not "443" in all
	some i, p in pods.list(s.object, ["spec", "ports"])
	port := sprintf("%v", [pods.at(p, ["port"], "")])
	port in {"80", "8080"}
	not terminated(s)
	f := {
		"item": s.id, "path": ["spec", "ports", i, "port"], "message": sprintf("the load balancer of %s takes HTTP in plain text, and no HTTPS", [s.name]), "found": port,
		"expected": "443",
	}
}

terminated(s) if {
	some key, v in mesh.annotations(s)
	regex.match(`ssl-cert|certificate|tls-secret|tls-ports|app-protocols|certificate-id`, key)
	v != ""
}
