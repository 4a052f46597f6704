# SPDX-License-Identifier: Apache-2.0

# Evidence of the findings predicate, which the secrets and config rules share.
package sealock.lib.findings

import data.sealock.lib
import data.sealock.lib.levels

# unreadable(kind) is the reasons for predicates of the kind that do not have the form of findings.
unreadable(kind) := {r |
	some e in lib.evidence(kind)
	some problem in problems(e)
	r := lib.malformed(e, problem[0], problem[1], problem[2])
}

problems(e) := {["category", e.kind, lib.found(e.predicate, "category")] | not e.predicate.category == e.kind} |
({[name, "a list", lib.found(e.predicate, name)] | some name in ["findings", "suppressed"]; not is_array(e.predicate[name])} |
({["a finding", "an object with rule, message and path", lib.show(f)] | some f in lib.array(e.predicate, "findings"); not readable(f)} |
{["a suppression", "an object with path and kind", lib.show(s)] | some s in lib.array(e.predicate, "suppressed"); not lib.word(s.path)}))

readable(f) if {
	lib.word(f.rule)
	is_string(f.message)
	is_string(f.path)
}

# incomplete(kind) is the reasons for scans that did not see everything.
incomplete(kind) := {r |
	some e in lib.evidence(kind)
	not e.predicate.complete == true
	r := {
		"code": "SCAN_INCOMPLETE",
		"message": sprintf("the %s scan of stage %q does not say that it is complete", [kind, e.stage]),
		"expected": "complete: true",
		"found": lib.found(e.predicate, "complete"),
		"fix": "run the stage again",
		"evidence": e.digest,
		"key": {"subject": lib.subject_of(e)},
	}
}

# above(kind, threshold, code) is the reasons for findings at or above a level. A level that is not known counts as critical.
above(kind, threshold, code) := {r |
	some e in lib.evidence(kind)
	subject := lib.subject_of(e)
	some f in lib.array(e.predicate, "findings")
	is_object(f)
	level := levels.of_word(object.get(f, "severity", ""))
	level >= levels.rank[threshold]
	r := {
		"code": code,
		"message": sprintf("%s: %s (%s)", [place(f), lib.show(lib.str(f, "message")), lib.show(lib.str(f, "rule"))]),
		"expected": sprintf("nothing of severity %s or worse", [threshold]),
		"found": sprintf("severity %s", [lib.found(f, "severity")]),
		"fix": advice[kind],
		"evidence": e.digest,
		"key": {"advisory": lib.str(f, "rule"), "path": lib.str(f, "path"), "subject": subject},
	}
}

advice := {
	"secrets": "revoke the secret where it was issued, then remove it from the tree and its history",
	"config": "change the file as the finding says",
}

# suppressions(kind) is the reasons for markers in the tree that ask a scanner to look away.
suppressions(kind) := {r |
	some e in lib.evidence(kind)
	subject := lib.subject_of(e)
	some s in lib.array(e.predicate, "suppressed")
	is_object(s)
	r := {
		"code": "SUPPRESSION_FOUND",
		"message": sprintf("%s: the tree asks for findings to be ignored (%s); the gate does not", [place(s), lib.show(lib.str(s, "kind"))]),
		"fix": "remove the marker; exceptions belong into the policy's waivers.yaml",
		"evidence": e.digest,
		"key": {"path": lib.str(s, "path"), "subject": subject},
	}
}

place(x) := sprintf("%s:%v", [lib.show(lib.str(x, "path")), x.line]) if {
	is_number(x.line)
	x.line > 0
} else := lib.show(lib.str(x, "path")) if {
	lib.str(x, "path") != ""
} else := "(no path)"
