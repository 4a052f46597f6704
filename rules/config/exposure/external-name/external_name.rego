# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Services do not stand for names outside the cluster"
# description: "A Service of the type ExternalName answers with a name elsewhere: workloads that believe to talk within the cluster send their data wherever that name leads, and an ingress serves what is found there."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/services-networking/service/#externalname
#   description: "Kubernetes, Service, type ExternalName"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-7 and AC-4"
# custom:
#   id: exposure.external-name
#   severity: low
#   remediation: "Name the host in the workload's own settings, with an egress policy (or an Istio ServiceEntry with TLS) that allows it."
#   zeroTrust: [Z14]
#   kinds: [kubernetes]
package sealock.config.exposure.external_name

import data.sealock.lib.config_workload as pods

finding contains f if {
	some s in pods.of_kind({"Service"})
	s.group == ""
	pods.at(s.object, ["spec", "type"], "") == "ExternalName"
	name := lower(trim_suffix(pods.text(pods.at(s.object, ["spec", "externalName"], "")), "."))
	name != ""
	found := told(name)
	f := {
		"item": s.id, "path": ["spec", "externalName"], "severity": found.severity, "message": sprintf("the service %s leads %s, to %s", [s.name, found.where, name]),
		"found": name, "expected": "a service with a selector, or the name in the settings of the workload that needs it",
	}
}

told(name) := {"severity": "medium", "where": "to the node itself or its metadata"} if {
	regex.match(`^(localhost|127\.[0-9.]+|169\.254\.[0-9.]+|metadata(\.google\.internal)?|instance-data)$`, name)
} else := {"severity": "low", "where": "out of the cluster"} if {
	not regex.match(`\.(svc|cluster\.local|internal|local|intranet|lan|corp|private)$|\.svc\.`, name)
	not placeholder(name)
}

placeholder(name) if regex.match(`[${}<>%]`, name)
