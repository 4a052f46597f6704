# SPDX-License-Identifier: Apache-2.0

# Helpers of the gate's rules. Functions that build messages are total: an undefined part would make the whole reason disappear.
package sealock.lib

# evidence(kind) lists the evidence of a kind.
evidence(kind) := [e | some e in input.evidence; e.kind == kind]

# str(o, k) is the text at o[k], or "".
str(o, k) := o[k] if {
	is_object(o)
	is_string(o[k])
} else := ""

# array(o, k) is the list at o[k], or an empty one.
array(o, k) := o[k] if {
	is_object(o)
	is_array(o[k])
} else := []

# object_at(o, k) is the object at o[k], or an empty one.
object_at(o, k) := o[k] if {
	is_object(o)
	is_object(o[k])
} else := {}

# word(x) holds for text that is not empty.
word(x) if {
	is_string(x)
	trim_space(x) != ""
}

# show(x) is x for a message: text as it is, cut at 200 characters; other values as JSON, nothing for undefined is up to the caller.
show(x) := x if {
	is_string(x)
	count(x) <= 200
} else := concat("", [substring(x, 0, 200), "…"]) if {
	is_string(x)
} else := json.marshal(x) if {
	count(json.marshal(x)) <= 200
} else := concat("", [substring(json.marshal(x), 0, 200), "…"])

# found(o, k) is what stands at o[k], for a message.
found(o, k) := show(o[k]) if {
	is_object(o)
	not is_null(o[k])
} else := "nothing"

# subject_of(e) is the digest of what e is about, as a waiver names it: one of the leaves if there is one, else the first subject.
subject_of(e) := min(own) if {
	own := {d |
		some s in e.subjects
		some l in input.leaves
		same(s.digest, l.digest)
		d := digest_text(l.digest)
	}
	count(own) > 0
} else := digest_text(e.subjects[0].digest) if {
	count(e.subjects) > 0
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

# about(e, artifact) holds if one of the evidence's subjects is the artifact.
about(e, artifact) if {
	some s in e.subjects
	same(s.digest, artifact.digest)
}

# malformed(e, where, expected, what) is the reason for a predicate that can't be read.
malformed(e, where, expected, what) := {
	"code": "EVIDENCE_MALFORMED",
	"message": sprintf("the %s evidence of stage %q can't be judged: %s is not %s", [e.kind, e.stage, where, expected]),
	"expected": sprintf("%s: %s", [where, expected]),
	"found": what,
	"fix": "run the stage again with a tool that writes it; what can't be read counts as bad",
	"evidence": e.digest,
	"key": {"subject": subject_of(e)},
}
