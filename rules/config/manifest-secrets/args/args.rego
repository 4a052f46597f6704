# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "No secret stands in a container's command"
# description: "Arguments are shown with every listing of processes and every description of the pod, and stay in the history of the repository."
# related_resources:
# - ref: https://cwe.mitre.org/data/definitions/214.html
#   description: "CWE-214: Invocation of process using visible sensitive information"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.4.1"
# - ref: https://owasp.org/www-project-kubernetes-top-ten/
#   description: "OWASP Kubernetes Top Ten, K08 Secrets management failures"
# custom:
#   id: manifest-secrets.args
#   severity: high
#   remediation: "Let the program read a mounted file or a variable from a Secret; change the secret, as it has been seen."
#   zeroTrust: [Z25]
#   kinds: [kubernetes]
package sealock.config.manifest_secrets.args

import data.sealock.lib.config_literals as literals
import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

finding contains f if {
	some c in mesh.commands
	some x in c.flags
	not regex.match(`\s`, x.flag)
	literals.secret_name(x.flag)
	literals.literal(x.value)
	not name_only(x.flag, x.value)
	not literals.reference(x.flag, x.value)
	f := found(c.item, c.name, x.path, sprintf("--%s", [x.flag]))
}

# name_only(flag, value) if the flag rather names an object that holds the secret.
name_only(flag, value) if {
	regex.match(`(?i)(secret|token|credentials?)$`, flag)
	regex.match(`^[a-z0-9]([a-z0-9-]*/)?[a-z]*(-[a-z]+)+$`, value)
}

finding contains f if {
	some line in lines
	regex.match(`\s`, line.text)
	names := literals.typed(line.text)
	count(names) > 0
	f := found(line.item, line.name, line.path, concat(", ", sort({trim(n, " =\t") | some n in names})))
}

finding contains f if {
	some line in lines
	why := literals.known(line.text)
	f := found(line.item, line.name, line.path, why)
}

# lines is every word of what containers run, also to say that they are alive.
lines contains {"item": x.item, "name": x.c.name, "path": pods.path(x.c, array.concat(field, [i])), "text": v} if {
	some x in pods.containers
	some field in [
		["command"], ["args"], ["livenessProbe", "exec", "command"], ["readinessProbe", "exec", "command"], ["startupProbe", "exec", "command"],
		["lifecycle", "postStart", "exec", "command"], ["lifecycle", "preStop", "exec", "command"],
	]
	some i, v in pods.list(x.c.spec, field)
	is_string(v)
}

# The scripts of Tekton's steps and of Argo's templates.
lines contains {"item": x.item, "name": x.c.name, "path": pods.path(x.c, [field]), "text": text} if {
	some x in pods.containers
	some field in ["script", "source"]
	text := pods.at(x.c.spec, [field], null)
	is_string(text)
}

found(item, name, path, what) := {
	"item": item.id, "path": path, "message": sprintf("the command of container %q has a secret in it (%s)", [name, what]), "found": what,
	"expected": "a mounted file, or a variable from a Secret",
}
