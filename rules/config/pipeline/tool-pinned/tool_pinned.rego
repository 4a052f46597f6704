# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: The tools of the gate are installed in a fixed version
# description: A gate whose program comes from "latest" or a branch is decided by whoever publishes next. In 2026 tags and releases of a scanner were replaced by programs that stole secrets.
# related_resources:
# - ref: https://github.com/aquasecurity/trivy/security/advisories
#   description: Advisories of a scanner whose releases were replaced (CVE-2026-33634)
# - ref: https://github.com/ossf/scorecard/blob/main/docs/checks.md#pinned-dependencies
#   description: OpenSSF Scorecard, Pinned-Dependencies
# - ref: https://csrc.nist.gov/pubs/sp/800/204/d/final
#   description: NIST SP 800-204D, 5.1 integrity of build tools
# custom:
#   id: pipeline.tool-pinned
#   severity: medium
#   remediation: Install a fixed version (go install …@v1.2.3, an image by digest, a release by version) and check its digest or signature.
#   zeroTrust: [Z1, Z21]
#   kinds: [github, gitlab, jenkins]
#   parameters:
#     tools:
#       type: strings
#       default: [sealock, cosign, conftest, opa, trivy, grype, syft, gitleaks, trufflehog, slsa-verifier, osv-scanner, govulncheck, checkov, kubesec, crane, oras]
#       about: "names of the programs that decide what may go on"
package sealock.config.pipeline.tool_pinned

import data.sealock.lib.config_github as github
import data.sealock.lib.config_pipeline as pipeline
import data.sealock.lib.config_shell as shell

finding contains f if {
	some script in pipeline.scripts
	regex.match(`\b(latest|main|master|HEAD|docker|podman)\b`, script.text)
	some words in shell.commands(script.text)
	hit := moving(words)
	f := {
		"item": script.item.id, "path": script.path, "message": sprintf("%s is taken from %s, which changes", [hit.tool, hit.ref]), "found": hit.ref,
		"expected": "a fixed version",
	}
}

# Actions that install such a tool: what they take is the newest, because they are told so or because they are told nothing.
finding contains f if {
	some s in github.steps
	name := github.action(s.spec)
	some tool in tools
	regex.match(sprintf(`[/_-]%s([_-]|$)`, [tool]), name)
	some key, value in object.get(s.spec, "with", {})
	regex.match(`(^|[-_])version$`, lower(key))
	lower(github.text_of(value)) in {"latest", "main", "master", "*"}
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["with", key]), "message": sprintf("%s installs %s in version %q, which changes", [name, tool, github.text_of(value)]),
		"found": github.text_of(value), "expected": "a fixed version",
	}
}

finding contains f if {
	some s in github.steps
	name := github.action(s.spec)
	input_ := newest[name]
	github.given(s.spec, input_) in {"", "*", "latest"}
	not told_by_name(name, s.spec)
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["uses"]), "message": sprintf("%s installs the newest version, because %s says none", [name, input_]),
		"found": name, "expected": sprintf("%s: <version>", [input_]),
	}
}

# told_by_name(action, spec) if the version is one that the rule before tells.
told_by_name(name, spec) if {
	some tool in tools
	regex.match(sprintf(`[/_-]%s([_-]|$)`, [tool]), name)
	some key, value in object.get(spec, "with", {})
	regex.match(`(^|[-_])version$`, lower(key))
	lower(github.text_of(value)) in {"latest", "main", "master", "*"}
}

# newest is the input that fixes the version, for actions that take the newest without it.
newest := {"aquasecurity/setup-trivy": "version", "1password/load-secrets-action": "version", "extractions/setup-just": "just-version", "extractions/setup-crate": "version"}

tools := {t | some t in data.params["pipeline.tool-pinned"].tools}

moving(words) := {"tool": tool, "ref": a} if {
	shell.name(words) == "go"
	shell.arguments(words)[0] in {"install", "run"}
	some a in shell.arguments(words)
	regex.match(`@(latest|main|master|HEAD)$`, a)
	some tool in tools
	tool in {p | some p in split(split(a, "@")[0], "/")}
} else := {"tool": tool, "ref": u} if {
	shell.name(words) in {"curl", "wget"}
	some u in words
	regex.match(`releases/latest/download/|/(main|master|HEAD|latest)/`, u)
	some tool in tools
	regex.match(sprintf(`[/._-]%s([/._-]|$)`, [tool]), u)
	not regex.match(`\.(sha256|sig|pem|asc|txt)$`, u)
} else := {"tool": tool, "ref": a} if {
	shell.name(words) in {"docker", "podman", "nerdctl"}
	shell.arguments(words)[0] in {"run", "pull"}
	some a in shell.arguments(words)
	not startswith(a, "-")
	not contains(a, "@sha256:")
	not contains(a, "$")
	some tool in tools
	regex.match(sprintf(`^([\w.:-]+/)*%s(:latest)?$`, [tool]), a)
	contains(a, "/")
}
