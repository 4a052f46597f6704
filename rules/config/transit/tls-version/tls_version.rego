# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "TLS is of version 1.2 or later"
# description: "TLS 1.0 and 1.1 rest on MD5 and SHA-1 and on block ciphers that are broken; no current client needs them."
# related_resources:
# - ref: https://datatracker.ietf.org/doc/html/rfc8996
#   description: "RFC 8996, deprecating TLS 1.0 and 1.1"
# - ref: https://csrc.nist.gov/pubs/sp/800/52/r2/final
#   description: "NIST SP 800-52 rev. 2, 3.1"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.29"
# custom:
#   id: transit.tls-version
#   severity: medium
#   remediation: "Set the least version to TLS 1.2, better 1.3."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.tls_version

import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

old contains {"item": g, "path": ["spec", "servers", i, "tls", "minProtocolVersion"], "value": v} if {
	some g in mesh.gateways
	some i, s in pods.list(g.object, ["spec", "servers"])
	v := pods.at(s, ["tls", "minProtocolVersion"], "")
	v in {"TLSV1_0", "TLSV1_1"}
}

old contains {"item": o, "path": ["spec", "minVersion"], "value": v} if {
	some o in pods.of_kind({"TLSOption"})
	v := pods.at(o.object, ["spec", "minVersion"], "")
	v in {"VersionTLS10", "VersionTLS11", "VersionSSL30"}
}

old contains {"item": p, "path": ["spec", "virtualhost", "tls", "minimumProtocolVersion"], "value": v} if {
	some p in mesh.of("projectcontour.io", "HTTPProxy")
	v := sprintf("%v", [pods.at(p.object, ["spec", "virtualhost", "tls", "minimumProtocolVersion"], "")])
	v in {"1.0", "1.1"}
}

# Lists of versions that a proxy offers, in annotations and in its ConfigMap.
old contains {"item": i, "path": array.concat(base, [key]), "value": v} if {
	some i in pods.of_kind({"Ingress", "ConfigMap", "Service"})
	some base in [["metadata", "annotations"], ["data"]]
	some key, v in pods.dict(i.object, base)
	regex.match(`(^|/)(ssl-protocols|proxy-ssl-protocols|ssl_protocols)$`, key)
	is_string(v)
	regex.match(`(?i)SSLv[23]|TLSv1(\s|$|,|\.[01](\s|$|,))`, v)
}

# Ready-made policies of load balancers in AWS that still offer TLS 1.0 or 1.1.
old contains {"item": i, "path": ["metadata", "annotations", key], "value": v} if {
	some i in pods.of_kind({"Ingress", "Service"})
	some key, v in mesh.annotations(i)
	regex.match(`(^|/)(ssl-policy|aws-load-balancer-ssl-negotiation-policy)$`, key)
	is_string(v)
	regex.match(`^ELBSecurityPolicy-(2016-08|2015-0[0-9]|2014-[0-9]+|2011-08|FS-2018-06|FS-1-1-.*|TLS-1-0-.*|TLS-1-1-.*|TLS13-1-0-.*|TLS13-1-1-.*)$`, v)
}

old contains {"item": c.item, "path": x.path, "value": x.value} if {
	some c in mesh.commands
	some x in c.flags
	x.flag in {"tls-min-version", "tls-minimum-version", "min-tls-version"}
	x.value in {"VersionTLS10", "VersionTLS11", "1.0", "1.1", "TLS1.0", "TLS1.1", "TLSv1.0", "TLSv1.1"}
}

old contains {"item": k, "path": ["tlsMinVersion"], "value": v} if {
	some k in pods.of_kind({"KubeletConfiguration"})
	v := pods.at(k.object, ["tlsMinVersion"], "")
	v in {"VersionTLS10", "VersionTLS11"}
}

old contains {"item": i, "path": ["spec", "tlsSecurityProfile", "type"], "value": "Old"} if {
	some i in pods.of_kind({"APIServer", "IngressController", "KubeletConfig"})
	pods.at(i.object, ["spec", "tlsSecurityProfile", "type"], "") == "Old"
}

finding contains f if {
	some o in old
	f := {
		"item": o.item.id, "path": o.path, "message": sprintf("%s accepts versions of TLS that are broken", [o.item.resource]), "found": o.value,
		"expected": "TLS 1.2 or later",
	}
}
