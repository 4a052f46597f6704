# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Scanners are trusted
# description: |
#   Holds the tools that made evidence, and their versions, against a list of those that count and a list of those that do not, such as releases that were
#   tampered with. It says nothing until one of them is set.
#   A version is `1.2.3`, a range as `>=1.2.3 <2.0.0`, the digest of the rules that the tool ran with (`sha256:…`), or `*`.
# related_resources:
# - ref: https://slsa.dev/spec/v1.0/verifying-artifacts
#   description: Verifying artifacts (SLSA)
# custom:
#   id: scanners
#   severity: high
#   remediation: Run the stage again with a tool and a version that the policy trusts.
#   zeroTrust: [Z2, Z20, Z29]
#   kinds: [vulns, secrets, config, sast, dast]
#   parameters:
#     trusted: {type: values, about: "the tools whose evidence counts, each with its versions; none means any"}
#     untrusted: {type: values, about: "tools and versions whose evidence does not count"}
package sealock.gate.scanners

import data.sealock.lib

params := data.params.scanners

trusted := listed(params.trusted)

untrusted := listed(params.untrusted)

listed(x) := x if {
	is_object(x)
} else := {}

# tools is who made each piece of evidence: where reports were imported their tools, else the scanner itself.
tools contains t if {
	count(trusted) + count(untrusted) > 0
	some e in input.evidence
	e.kind in {"vulns", "secrets", "config", "sast", "dast"}
	some x in made_by(e.kind, e.predicate)
	t := {
		"name": text(x, ["name"]), "version": text(x, ["version"]), "rules": text(x, ["rulesDigest"]), "kind": e.kind, "stage": e.stage, "evidence": e.digest,
		"subject": lib.subject_of(e.subjects),
	}
}

made_by(kind, p) := [{"name": text(p, ["scanner", "uri"]), "version": text(p, ["scanner", "version"])}] if {
	kind == "vulns"
} else := p.tools if {
	is_array(p.tools)
	count(p.tools) > 0
} else := [object.get(p, "scanner", {})] if {
	is_object(p)
} else := [{}]

text(x, path) := s if {
	is_object(x)
	s := object.get(x, path, "")
	is_string(s)
} else := ""

refuse contains r if {
	count(trusted) > 0
	some t in tools
	not among(t, trusted)
	r := reason(t, sprintf("one of %s", [concat(", ", [shown(name, trusted[name]) | some name in sort(object.keys(trusted))])]))
}

refuse contains r if {
	some t in tools
	some name, versions in untrusted
	named(t.name, name)
	excluded(t, versions)
	r := reason(t, sprintf("not %s", [shown(name, versions)]))
}

among(t, list) if {
	some name, versions in list
	named(t.name, name)
	fits(t, versions)
}

# named(tool, name) holds for the whole name, and for the last part of one that is a URI.
named(tool, name) if tool == name

named(tool, name) if {
	contains(tool, "/")
	parts := split(tool, "/")
	parts[count(parts) - 1] == name
}

fits(_, versions) if count(versions) == 0

fits(t, versions) if {
	some v in versions
	within(t, v)
}

excluded(t, versions) if fits(t, versions)

# A version that can't be compared could be any.
excluded(t, versions) if {
	not semver.is_valid(trim_prefix(t.version, "v"))
	some v in versions
	contains_range(v)
}

contains_range(v) if regex.match(`[<>]`, v)

within(_, "*")

within(t, v) if {
	startswith(v, "sha256:")
	t.rules == v
}

within(t, v) if {
	not startswith(v, "sha256:")
	v != "*"
	bounds := [b | some b in split(v, " "); b != ""]
	count(bounds) > 0
	every b in bounds { holds(t.version, b) }
}

holds(version, bound) if {
	startswith(bound, "<=")
	compare(version, substring(bound, 2, -1)) <= 0
}

holds(version, bound) if {
	startswith(bound, ">=")
	compare(version, substring(bound, 2, -1)) >= 0
}

holds(version, bound) if {
	startswith(bound, "<")
	not startswith(bound, "<=")
	compare(version, substring(bound, 1, -1)) < 0
}

holds(version, bound) if {
	startswith(bound, ">")
	not startswith(bound, ">=")
	compare(version, substring(bound, 1, -1)) > 0
}

holds(version, bound) if version == trim_prefix(bound, "=")

holds(version, bound) if compare(version, trim_prefix(bound, "=")) == 0

compare(a, b) := semver.compare(trim_prefix(a, "v"), trim_prefix(b, "v")) if {
	semver.is_valid(trim_prefix(a, "v"))
	semver.is_valid(trim_prefix(b, "v"))
}

shown(name, []) := name

shown(name, versions) := sprintf("%s %s", [name, concat(" or ", versions)]) if count(versions) > 0

reason(t, expected) := {
	"code": "TOOL_NOT_TRUSTED",
	"message": sprintf("the %s evidence of stage %q is by a tool that is not trusted", [t.kind, t.stage]),
	"expected": expected,
	"found": lib.first(trim_space(concat(" ", [lib.first(t.name), lib.first(t.version)]))),
	"fix": "run the stage again with a tool and a version that the policy trusts",
	"evidence": t.evidence,
	"key": {"subject": t.subject},
}
