# SPDX-License-Identifier: Apache-2.0

# Helpers of the gate's rules, and of a policy's own.
#
# Two traps of Rego shape them. `not f(x.y)` is undefined, not true, where x has no y; and one undefined part makes a whole reason disappear. So rules judge
# what evidence.read gives, where every field is there.
package sealock.lib

# documents is all evidence, as evidence.read brings it to one form. ref is what reasons say about it: the statement, and the
# subject that a waiver names. It is small, so that functions need not take the whole of d.
documents := [object.union(d, {"ref": {"evidence": d.digest, "subject": subject_of(d.subjects)}}) |
	some e in input.evidence
	d := evidence.read(e)
]

# read(kind) is the evidence of a kind.
read(kind) := [d | some d in documents; d.kind == kind]

# unreadable(d, code) is the reasons for what can't be read in d.
unreadable(d, code) := {r |
	some p in d.problems
	r := {
		"code": code,
		"message": sprintf("the %s evidence of stage %q can't be judged: %s is not as it should be", [d.kind, d.stage, p.where]),
		"expected": p.expected,
		"found": p.found,
		"fix": "run the stage again with a tool that writes it; what can't be read counts as bad",
		"evidence": d.digest,
		"key": {"subject": d.ref.subject},
	}
}

# subject_of(subjects) is the digest of what evidence is about: one of the leaves if there is one, else the first subject.
subject_of(subjects) := min(own) if {
	own := {digest_text(l.digest) | some l in input.leaves; some s in subjects; same(s.digest, l.digest)}
	count(own) > 0
} else := digest_text(subjects[0].digest) if {
	count(subjects) > 0
} else := ""

# digest_text(set) is algorithm:hex of the digest by which an artifact is named.
digest_text(set) := concat(":", [alg, set[alg]]) if {
	alg := [a | some a in ["sha256", "gitTree256", "sha512", "sha384"]; set[a]][0]
} else := ""

# same(a, b) holds if two digest sets name one artifact: a strong algorithm in both agrees, none in both differs, and a Git commit is in both or in
# neither.
same(a, b) if {
	some alg in ["sha256", "sha384", "sha512", "gitTree256"]
	a[alg] == b[alg]
	not conflict(a, b)
	is_string(object.get(a, "gitCommit", null)) == is_string(object.get(b, "gitCommit", null))
}

# conflict(a, b) holds if two digest sets have different values for one algorithm.
conflict(a, b) if {
	some alg, hex in a
	b[alg] != hex
}

# about(subjects, artifact) holds if one of the subjects is the artifact.
about(subjects, artifact) if {
	some s in subjects
	same(s.digest, artifact.digest)
}

# first(text) is the beginning of a text, for messages.
first(text) := text if {
	count(text) <= 200
} else := concat("", [substring(text, 0, 200), "…"])
