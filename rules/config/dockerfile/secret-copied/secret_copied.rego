# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Files with secrets are not copied into the image
# description: What is copied stays in its layer, even if a later instruction deletes it; everybody who can pull the image can read it.
# related_resources:
# - ref: https://docs.docker.com/build/building/secrets/
#   description: Docker, build secrets
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: CIS Docker Benchmark, 4.10 secrets are not stored in Dockerfiles
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: NIST SP 800-190, 4.1.4 embedded clear text secrets
# custom:
#   id: dockerfile.secret-copied
#   severity: high
#   remediation: "Mount the file for the one command that needs it: RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci"
#   zeroTrust: [Z25]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.secret_copied

import data.sealock.lib.config_dockerfile as dockerfile

finding contains f if {
	some c in dockerfile.copies
	what := secret(c.source)
	f := {
		"item": c.item.id, "path": c.path, "severity": severity(c), "message": sprintf("%s is copied into the image; %s", [c.source, what]),
		"found": c.source, "expected": "a file that is mounted for the build, or given at the start",
	}
}

severity(c) := "high" if {
	dockerfile.in_final(c.item, c.instruction)
} else := "medium"

leaf(source) := parts[count(parts) - 1] if parts := split(trim_suffix(source, "/"), "/")

secret(source) := "it is a private key" if {
	regex.match(`^id_(rsa|dsa|ecdsa|ed25519)(_\w+)?$`, leaf(source))
} else := "it usually is a private key" if {
	regex.match(`(?i)\.(key|p12|pfx|jks|keystore|ppk)$`, leaf(source))
	not public(source)
} else := "it usually is a private key" if {
	regex.match(`(?i)(key|private|priv|id)[\w.-]*\.pem$`, leaf(source))
	not public(source)
} else := "it usually holds passwords and keys" if {
	regex.match(`^\.env(\.(local|prod|production|dev|development|staging|test|secret|secrets))?$`, leaf(source))
} else := "it holds credentials" if {
	regex.match(`^(\.netrc|_netrc|\.pypirc|\.git-credentials|\.htpasswd|\.pgpass|\.my\.cnf|\.dockercfg|\.vault-token|kubeconfig|\.s3cfg|\.boto|credentials\.json|client_secrets?\.json|service[-_]?account[\w-]*\.json|secrets?\.(ya?ml|json|env|toml|properties)|[\w.-]*\.tfstate(\.backup)?|\.terraformrc)$`, leaf(source))
} else := "it often holds a token" if {
	leaf(source) in {".npmrc", ".yarnrc.yml"}
} else := "it is a folder of credentials" if {
	regex.match(`(^|/)\.(ssh|aws|kube|gnupg|azure|gcloud|docker)(/|$)`, source)
	not regex.match(`known_hosts|\.pub$|/config$`, source)
} else := "it is a folder of credentials" if {
	regex.match(`(^|/)(\.kube/config|\.aws/config|\.docker/config\.json)$`, source)
} else := "it holds the history, and often a token in its config" if {
	regex.match(`(^|/)\.git/?$`, source)
}

public(source) if regex.match(`(?i)(\bca\b|cert|chain|bundle|pub(lic)?[._-]|\.pub|root|keyring|apt|repo|gpg|signing-key|release)`, leaf(source))
