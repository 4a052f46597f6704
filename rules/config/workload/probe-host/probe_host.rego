# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Probes and hooks ask their own pod only"
# description: "The kubelet itself asks what a probe or a lifecycle hook names. With a host of its own, a manifest makes the node send requests to other machines, from inside the network."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, baseline: Host Probes and Lifecycle Hooks"
# - ref: https://cwe.mitre.org/data/definitions/918.html
#   description: "CWE-918: Server-side request forgery"
# custom:
#   id: workload.probe-host
#   severity: medium
#   remediation: "Remove the host field."
#   zeroTrust: [Z13, Z14]
#   kinds: [kubernetes]
package sealock.config.workload.probe_host

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.containers
	some field in [["livenessProbe"], ["readinessProbe"], ["startupProbe"], ["lifecycle", "postStart"], ["lifecycle", "preStop"]]
	some how in ["httpGet", "tcpSocket"]
	below := array.flatten([field, how, "host"])
	host := pods.at(x.c.spec, below, "")
	host != ""
	f := {
		"item": x.item.id, "path": pods.path(x.c, below), "severity": severity(host),
		"message": sprintf("the node asks %v when it checks container %q", [host, x.c.name]), "found": sprintf("host: %v", [host]), "expected": "no host",
	}
}

severity(host) := "low" if {
	host in {"localhost", "127.0.0.1", "::1"}
} else := "medium"
