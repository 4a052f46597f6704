# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Kubernetes' own components talk TLS with certificates on both sides"
# description: "etcd holds every secret, and the API server commands every node: whoever can talk to them without a certificate owns the cluster."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.2 to 1.2.5, 1.2.24 to 1.2.28 and 2.1 to 2.7"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Control plane hardening"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-8"
# custom:
#   id: transit.control-plane-tls
#   severity: high
#   remediation: "Serve on the secure port only, and set --client-cert-auth and the files with certificates for etcd."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.control_plane_tls

import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

api := {"kube-apiserver", "apiserver"}

refused(program, "insecure-port", port) := ["critical", "everything is allowed to whoever reaches the insecure port"] if {
	program in api
	port != "0"
}

refused(program, flag, _) := ["critical", "everything is allowed to whoever reaches the insecure address"] if {
	program in api
	flag in {"insecure-bind-address", "address"}
}

refused(program, "secure-port", "0") := ["critical", "there is no port with TLS"] if program in api

refused(program, "kubelet-https", "false") := ["high", "kubelets are commanded in plain text"] if program in api

refused(program, "etcd-servers", urls) := ["high", "secrets go to etcd in plain text"] if {
	program in api
	contains(urls, "http://")
	not regex.match(`^(http://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?,?)+$`, urls)
}

refused("etcd", flag, "true") := ["high", "any certificate is made up and believed"] if flag in {"auto-tls", "peer-auto-tls"}

refused("etcd", flag, "false") := ["critical", "everyone who reaches etcd reads every secret"] if flag == "client-cert-auth"

refused("etcd", flag, "false") := ["high", "everyone who reaches etcd may join it"] if flag == "peer-client-cert-auth"

refused(program, "tls-cipher-suites", suites) := ["medium", "broken ciphers are offered"] if {
	regex.match(`^kube`, program)
	regex.match(`RC4|3DES|NULL|MD5|EXPORT`, suites)
}

refused("kubelet", "rotate-certificates", "false") := ["medium", "the node's certificate is never renewed"]

finding contains f if {
	some c in array.concat(mesh.commands, mesh.kubeadm)
	some x in c.flags
	[severity, why] := refused(c.program, x.flag, x.value)
	f := {
		"item": c.item.id, "path": x.path, "severity": severity, "message": sprintf("%s: %s", [c.program, why]), "found": sprintf("--%s=%s", [x.flag, x.value]),
		"expected": "TLS with certificates on both sides",
	}
}

# etcd asks for no certificate unless it is told to.
finding contains f if {
	some c in mesh.of_program({"etcd"})
	count(c.flags) > 0
	count(mesh.flag(c, "client-cert-auth")) + count(mesh.flag(c, "config-file")) == 0
	not by_environment(c, "ETCD_CLIENT_CERT_AUTH")
	not local(c, "listen-client-urls")
	f := {
		"item": c.item.id, "path": mesh.anchor(c), "message": "everyone who reaches etcd reads and writes all that it holds", "found": "no --client-cert-auth",
		"expected": "--client-cert-auth=true, --trusted-ca-file, --cert-file and --key-file",
	}
}

# What kubeadm sets, and what is forgotten in manifests made by hand.
finding contains f if {
	some c in mesh.of_program(api)
	count(c.flags) > 0
	missing := [name | some name in ["client-ca-file", "etcd-cafile", "etcd-certfile", "kubelet-client-certificate", "tls-cert-file"]; forgotten(c, name)]
	count(missing) > 0
	f := {
		"item": c.item.id, "path": mesh.anchor(c), "severity": "medium", "message": sprintf("kube-apiserver is not told %s", [concat(", ", missing)]),
		"found": sprintf("no --%s", [concat(", no --", missing)]), "expected": "certificates for clients, etcd and kubelets",
	}
}

forgotten(c, name) if {
	count(mesh.flag(c, name)) == 0
	not startswith(name, "etcd-")
}

forgotten(c, name) if {
	count(mesh.flag(c, name)) == 0
	startswith(name, "etcd-")
	some x in mesh.flag(c, "etcd-servers")
	contains(x.value, "https://")
}

by_environment(c, name) if {
	some x in pods.containers
	x.item.id == c.item.id
	x.c.path == c.path
	some e in pods.list(x.c.spec, ["env"])
	pods.at(e, ["name"], "") == name
}

local(c, flag) if {
	some x in mesh.flag(c, flag)
	every url in split(x.value, ",") {
		regex.match(`^https?://(127\.0\.0\.1|localhost|\[::1\])(:|/|$)`, url)
	}
}
