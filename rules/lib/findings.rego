# SPDX-License-Identifier: Apache-2.0

# What the rules over findings, secrets and config, have in common.
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
scope(f) := {"advisory": f.rule, "path": f.path} if {
	f.resource == ""
} else := {"advisory": f.rule, "path": f.path, "resource": f.resource}

advice := {
	"secrets": "revoke the secret where it was issued, then remove it from the tree and its history",
	"config": "change the file as the finding says",
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
