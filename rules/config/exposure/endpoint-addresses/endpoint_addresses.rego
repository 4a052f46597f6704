# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Endpoints do not lead to the node itself"
# description: "Endpoints written by hand with a loopback or link-local address make the proxy of each node send the traffic of a Service to the node's own ports, or to the metadata of the cloud with its credentials."
# related_resources:
# - ref: https://nvd.nist.gov/vuln/detail/CVE-2021-25737
#   description: "CVE-2021-25737, addresses of the node in EndpointSlices"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-7"
# custom:
#   id: exposure.endpoint-addresses
#   severity: medium
#   remediation: "Select pods with the Service, and let Kubernetes write its endpoints."
#   zeroTrust: [Z14]
#   kinds: [kubernetes]
package sealock.config.exposure.endpoint_addresses

import data.sealock.lib.config_workload as pods

finding contains f if {
	some e in pods.of_kind({"Endpoints", "EndpointSlice"})
	some a in addresses(e)
	own(a.ip)
	f := {
		"item": e.id, "path": a.path, "message": sprintf("%s sends traffic to %s, which is the node itself or its metadata", [e.name, a.ip]), "found": a.ip,
		"expected": "addresses of pods or of hosts",
	}
}

addresses(e) := [{"ip": pods.text(pods.at(a, ["ip"], "")), "path": ["subsets", i, field, j, "ip"]} |
	some i, s in pods.list(e.object, ["subsets"])
	some field in ["addresses", "notReadyAddresses"]
	some j, a in pods.list(s, [field])
] if {
	e.kind == "Endpoints"
}

addresses(e) := [{"ip": pods.text(a), "path": ["endpoints", i, "addresses", j]} |
	some i, s in pods.list(e.object, ["endpoints"])
	some j, a in pods.list(s, ["addresses"])
] if {
	e.kind == "EndpointSlice"
}

own(ip) if regex.match(`^(127\.|169\.254\.|0\.0\.0\.0$|::1$|fe80:|localhost$)`, lower(ip))
