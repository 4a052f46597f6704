# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Services say whether they are alive and ready"
# description: "Without probes, a container that hangs or was tampered with goes on getting traffic, and a rollout of a broken version is not stopped."
# related_resources:
# - ref: https://owasp.org/www-project-kubernetes-top-ten/
#   description: "OWASP Kubernetes Top Ten, K01 Insecure workload configurations"
# - ref: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
#   description: "Kubernetes, liveness, readiness and startup probes"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SI-13"
# custom:
#   id: workload.probes
#   severity: low
#   remediation: "Add a livenessProbe and a readinessProbe."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.probes

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.containers
	x.c.kind == "container"
	not pods.runs_to_completion(x.item)
	missing := [p | some p in ["livenessProbe", "readinessProbe"]; pods.dict(x.c.spec, [p]) == {}]
	count(missing) > 0
	f := {
		"item": x.item.id, "path": pods.path(x.c, [missing[0]]), "message": sprintf("container %q has no %s", [x.c.name, concat(" and no ", missing)]),
		"found": sprintf("no %s", [concat(" and no ", missing)]), "expected": "a livenessProbe and a readinessProbe",
	}
}
