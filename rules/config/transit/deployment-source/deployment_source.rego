# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "What is deployed comes over checked connections"
# description: "Argo CD and Flux apply what they fetch: over plain HTTP, or without looking at the certificate, whoever sits in between puts his own manifests into the cluster."
# related_resources:
# - ref: https://fluxcd.io/flux/security/best-practices/
#   description: "Flux, security best practices"
# - ref: https://argo-cd.readthedocs.io/en/stable/operator-manual/security/
#   description: "Argo CD, security"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-8 and SR-4"
# custom:
#   id: transit.deployment-source
#   severity: high
#   remediation: "Use an https, ssh or oci address, and give the certificate of a private authority instead of insecure: true."
#   zeroTrust: [Z10, Z20]
#   kinds: [kubernetes]
package sealock.config.transit.deployment_source

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

# Flux's sources.
finding contains f if {
	some s in pods.of_kind({"GitRepository", "HelmRepository", "OCIRepository", "Bucket"})
	s.group == "source.toolkit.fluxcd.io"
	url := pods.text(pods.at(s.object, ["spec", "url"], ""))
	clear(url)
	f := found(s, ["spec", "url"], url)
}

finding contains f if {
	some s in pods.of_kind({"HelmRepository", "OCIRepository", "Bucket"})
	s.group == "source.toolkit.fluxcd.io"
	config.truthy(pods.at(s.object, ["spec", "insecure"], false))
	f := found(s, ["spec", "insecure"], "insecure: true")
}

# Argo CD's.
finding contains f if {
	some a in pods.of_kind({"Application", "ApplicationSet"})
	a.group == "argoproj.io"
	some base in [["spec"], ["spec", "template", "spec"]]
	some path in array.concat([array.concat(base, ["source"])], [array.concat(base, ["sources", i]) | some i, _ in pods.list(a.object, array.concat(base, ["sources"]))])
	url := pods.text(object.get(a.object, array.concat(path, ["repoURL"]), ""))
	clear(url)
	f := found(a, array.concat(path, ["repoURL"]), url)
}

# How Argo CD is told of repositories.
finding contains f if {
	some s in pods.of_kind({"Secret"})
	object.get(s.labels, "argocd.argoproj.io/secret-type", "") in {"repository", "repo-creds"}
	some field in ["insecure", "insecureIgnoreHostKey", "enableInsecure"]
	config.truthy(pods.at(s.object, ["stringData", field], false))
	f := found(s, ["stringData", field], sprintf("%s: true", [field]))
}

clear(url) if {
	regex.match(`^(http|git|ftp)://`, url)
	not regex.match(`^[a-z]+://([^/@]+@)?(localhost|127\.0\.0\.1|[a-z0-9.-]+\.svc(\.cluster\.local\.?)?)([:/]|$)`, url)
}

found(item, path, what) := {
	"item": item.id, "path": path, "message": sprintf("%s %s takes manifests over a connection that nobody checks", [item.kind, item.name]),
	"found": regex.replace(what, `://[^/@]+@`, "://…@"), "expected": "https, ssh or oci, with a certificate that is checked",
}
