# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Groovy does not put credentials into Jenkins scripts
# description: A credential that Groovy puts into a script stands in the arguments of the process, where every process of the agent can read it, and a character in it that means something to the shell runs as code.
# related_resources:
# - ref: https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#interpolation-of-sensitive-environment-variables
#   description: Jenkins, interpolation of sensitive environment variables
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-06-Insufficient-Credential-Hygiene
#   description: OWASP CI/CD risks, CICD-SEC-6
# - ref: https://cwe.mitre.org/data/definitions/214.html
#   description: CWE-214, invocation of a process using visible sensitive information
# custom:
#   id: pipeline.jenkins-secret-interpolation
#   severity: medium
#   remediation: "Write the script in single quotes, so that the shell reads the variable: sh 'curl -H \"Authorization: $TOKEN\" …'"
#   zeroTrust: [Z25, Z28]
#   kinds: [jenkins]
package sealock.config.pipeline.jenkins_secret_interpolation

import data.sealock.lib.config_jenkins as jenkins

finding contains f if {
	some e in jenkins.expressions("steps")
	names := {jenkins.plain(r) | some r in e.reads} & {s.name | some s in e.item.secrets}
	count(names) > 0
	f := {
		"item": e.item.id, "path": e.path, "message": sprintf("Groovy puts the credential %s into the script", [min(names)]),
		"found": sprintf("${%s}", [substring(e.name, 0, 100)]), "expected": sprintf("$%s, in a script between single quotes", [min(names)]),
	}
}
