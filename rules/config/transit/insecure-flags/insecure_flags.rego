# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Programs check the certificates of whom they talk to"
# description: "A flag or variable that switches off the check of certificates gives every connection of the program to whoever stands in between."
# related_resources:
# - ref: https://cwe.mitre.org/data/definitions/295.html
#   description: "CWE-295: Improper certificate validation"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-8"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-23"
# custom:
#   id: transit.insecure-flags
#   severity: medium
#   remediation: "Remove the flag, and mount the certificate of the authority that signed the other side's."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.insecure_flags

import data.sealock.lib.config
import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

flags := {
	"insecure-skip-tls-verify", "insecure-skip-verify", "kubelet-insecure-tls", "skip-tls-verify", "tls-skip-verify", "no-check-certificate",
	"tls-insecure-skip-verify", "insecure-tls", "skip-ssl-validation", "ssl-insecure", "insecure-tls-skip-verify", "skip-verify-tls", "skip-verify",
	"disable-ssl-verification",
}

finding contains f if {
	some c in mesh.commands
	some x in c.flags
	x.flag in flags
	not config.falsy(x.value)
	f := found(c.item, c.name, x.path, sprintf("--%s", [x.flag]))
}

# off is the variables that switch the check off, and the values that do.
off(name, value) if {
	name == "NODE_TLS_REJECT_UNAUTHORIZED"
	value in {"0", 0}
}

off(name, value) if {
	name in {"PYTHONHTTPSVERIFY", "CURL_SSL_VERIFY", "SSL_VERIFY", "TLS_VERIFY"}
	lower(sprintf("%v", [value])) in {"0", "false", "no", "off"}
}

off(name, value) if {
	regex.match(`(^|_)(SKIP_TLS_VERIFY|TLS_SKIP_VERIFY|INSECURE_SKIP_VERIFY|INSECURE_SKIP_TLS_VERIFY|SKIP_VERIFY|SSL_NO_VERIFY|SKIP_SSL_VALIDATION)$`, name)
	lower(sprintf("%v", [value])) in {"1", "true", "yes", "on"}
}

finding contains f if {
	some x in pods.containers
	some i, e in pods.list(x.c.spec, ["env"])
	name := pods.text(pods.at(e, ["name"], ""))
	value := pods.at(e, ["value"], null)
	off(upper(name), value)
	f := found(x.item, x.c.name, pods.path(x.c, ["env", i, "value"]), sprintf("%s=%v", [name, value]))
}

found(item, name, path, what) := {
	"item": item.id, "path": path, "message": sprintf("container %q believes any certificate", [name]), "found": what, "expected": "certificates are checked",
}

# resources is the custom resources in which operators are told how to connect.
resources := [i | some i in input.kubernetes; i.group in groups]

groups := {
	"monitoring.coreos.com", "traefik.io", "traefik.containo.us", "external-secrets.io", "cert-manager.io", "gloo.solo.io", "configuration.konghq.com",
	"grafana.integreatly.org", "secrets.hashicorp.com", "gateway.kgateway.dev",
}

skips := {"insecureSkipVerify", "insecureSkipTLSVerify", "insecureSkipTlsVerify", "insecure_skip_verify", "tlsSkipVerify", "skipTLSVerify"}

finding contains f if {
	some i in resources
	walk(i.object, [path, value])
	count(path) > 0
	path[count(path) - 1] in skips
	config.truthy(value)
	f := {
		"item": i.id, "path": path, "severity": severity(i), "message": sprintf("%s %s believes any certificate", [i.kind, i.name]),
		"found": sprintf("%v: true", [path[count(path) - 1]]), "expected": "certificates are checked",
	}
}

# Metrics are the least that is lost.
severity(i) := "low" if {
	i.group == "monitoring.coreos.com"
} else := "medium"

# Secrets and certificates are fetched from Vault.
finding contains f if {
	some i in resources
	i.group in {"external-secrets.io", "cert-manager.io", "secrets.hashicorp.com"}
	some path in [["spec", "provider", "vault", "server"], ["spec", "vault", "server"], ["spec", "address"]]
	server := pods.text(pods.at(i.object, path, ""))
	startswith(server, "http://")
	f := {
		"item": i.id, "path": path, "message": sprintf("%s %s fetches secrets in plain text", [i.kind, i.name]), "found": server, "expected": "https",
	}
}
