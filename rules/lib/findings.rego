# SPDX-License-Identifier: Apache-2.0

# What the rules over findings have in common: secrets, config, sast and dast.
package sealock.lib.findings

import data.sealock.lib
import data.sealock.lib.levels

# unsound(kind) is the reasons for evidence of the kind that can't be read or is not complete.
unsound(kind) := {r |
	some d in lib.read(kind)
	some r in lib.unreadable(d, "EVIDENCE_MALFORMED") | incomplete(d)
}

incomplete(d) := set() if {
	d.complete
} else := {reason(
	d.ref, "SCAN_INCOMPLETE", sprintf("the %s scan of stage %q does not say that it is complete", [d.kind, d.stage]),
	"complete: true", d.found, "run the stage again", {},
)}

# above(kind, threshold, code) is the reasons for findings at or above a level.
above(kind, threshold, code) := {r |
	some d in lib.read(kind)
	some f in d.findings
	f.level >= levels.rank[threshold]
	r := reason(
		d.ref, code, sprintf("%s: %s (%s)", [f.place, f.message, f.rule]), told(f.expected, sprintf("nothing of severity %s or worse", [threshold])),
		told(f.found, sprintf("severity %s", [f.severity])), told(f.fix, advice[kind]), scope(f),
	)
}

# told(text, otherwise) is what the finding itself says, if it does.
told(text, otherwise) := otherwise if {
	text == ""
} else := text

# scope(f) is what a waiver can name.
scope(f) := object.union(named, {"resource": f.resource}) if {
	f.resource != ""
	named := by_name(f)
} else := by_name(f)

by_name(f) := {"advisory": f.rule, "path": f.path} if {
	f.fingerprint == ""
} else := {"advisory": f.rule, "aliases": f.fingerprints, "path": f.path, "fingerprint": f.fingerprint}

# tools(kind, allowed, required) is the reasons for reports of tools that do not count, and for the lack of one that must be there.
tools(kind, allowed, required) := unlisted(kind, allowed) | missing(kind, required)

unlisted(kind, allowed) := {r |
	count(allowed) > 0
	some d in lib.read(kind)
	some t in d.tools
	not t in allowed
	r := reason(
		d.ref, "TOOL_NOT_ALLOWED", sprintf("the %s evidence of stage %q is by a tool that does not count", [kind, d.stage]), concat(", ", allowed), lib.first(t),
		"scan with a tool that the policy lists, or list this one in the rule's parameter tools", {},
	)
}

# replaced(kind, allowed) is the reasons for reports of other tools in place of our own scan: which reports there are is said in the tree under judgement.
replaced(kind, allowed) := {r |
	some d in lib.read(kind)
	not counts(d, allowed)
	not counted_beside(d, kind, allowed)
	r := reason(
		d.ref, "TOOL_NOT_ALLOWED", sprintf("the %s evidence of stage %q is a report of another tool in place of the scan", [kind, d.stage]),
		concat(", ", array.concat(["a scan by sealock"], allowed)), lib.first(concat(", ", d.tools)),
		sprintf("scan in that stage too (evidence: [%s]), or list the tool in the rule's parameter tools", [kind]), {},
	)
}

counts(d, _) if not d.imported

counts(d, allowed) if {
	some t in d.tools
	t in allowed
}

# counted_beside(d, kind, allowed) holds if what counts is about all that d is about.
counted_beside(d, kind, allowed) if {
	some other in lib.read(kind)
	counts(other, allowed)
	count(d.subjects) > 0
	every s in d.subjects { lib.about(other.subjects, s) }
}

missing(kind, required) := {r |
	count(lib.read(kind)) > 0
	some t in required
	not t in {x | some d in lib.read(kind); some x in d.tools}
	r := {
		"code": "TOOL_MISSING",
		"message": sprintf("no %s evidence is by %s", [kind, t]),
		"expected": concat(", ", required),
		"found": lib.first(concat(", ", {x | some d in lib.read(kind); some x in d.tools})),
		"fix": "import its report too",
	}
}

advice := {
	"secrets": "revoke the secret where it was issued, then remove it from the tree and its history",
	"config": "change the file as the finding says",
	"sast": "change the code as the tool says",
	"dast": "change the service as the tool says",
}

# suppressions(kind) is the reasons for markers in the tree that ask a scanner to look away.
suppressions(kind) := {r |
	some d in lib.read(kind)
	some s in d.suppressed
	r := reason(
		d.ref, "SUPPRESSION_FOUND", sprintf("%s: the tree asks for findings to be ignored (%s); the gate does not", [s.place, s.kind]), "", s.kind,
		"remove the marker; exceptions belong into the policy's waivers.yaml", {"path": s.path},
	)
}

reason(ref, code, message, expected, found, fix, key) := {
	"code": code,
	"message": message,
	"expected": expected,
	"found": found,
	"fix": fix,
	"evidence": ref.evidence,
	"key": object.union({"subject": ref.subject}, key),
}
