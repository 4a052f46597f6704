# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Builds of services stay in their sandbox"
# description: "With privileged or security.insecure a build has the rights of the builder's machine, with network: host its network, cloud metadata and neighbouring services included."
# related_resources:
# - ref: https://docs.docker.com/reference/compose-file/build/#entitlements
#   description: "Docker, Compose build specification"
# - ref: https://slsa.dev/spec/v1.1/requirements#isolated
#   description: "SLSA, build level 3, isolated"
# custom:
#   id: compose.build-sandbox
#   severity: high
#   remediation: "Remove the setting; do what needs the rights outside the build."
#   zeroTrust: [Z2, Z13]
#   kinds: [compose]
package sealock.config.compose.build_sandbox

import data.sealock.lib.config_workload as pods

risky := {
	"security.insecure": {"severity": "high", "what": "the rights of the machine"}, "privileged": {"severity": "high", "what": "the rights of the machine"},
	"network.host": {"severity": "medium", "what": "the network of the machine"}, "host": {"severity": "medium", "what": "the network of the machine"},
}

settings := array.concat(
	array.concat(
		[{"x": x, "path": ["privileged"], "value": "privileged"} | some x in pods.services; pods.at(x.s.spec, ["build", "privileged"], false) in {true, "true"}],
		[{"x": x, "path": ["network"], "value": "host"} | some x in pods.services; pods.at(x.s.spec, ["build", "network"], "") == "host"],
	),
	[{"x": x, "path": ["entitlements", i], "value": v} | some x in pods.services; some i, v in pods.list(x.s.spec, ["build", "entitlements"]); is_string(v)],
)

finding contains f if {
	some setting in settings
	hit := risky[setting.value]
	f := {
		"item": setting.x.item.id, "path": array.flatten([setting.x.s.path, "build", setting.path]), "severity": hit.severity,
		"message": sprintf("the build of service %q has %s", [setting.x.s.name, hit.what]), "found": setting.value, "expected": "the sandbox of the builder",
	}
}
