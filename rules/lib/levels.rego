# SPDX-License-Identifier: Apache-2.0

# Severities, from the least (0) to the worst (4).
package sealock.lib.levels

rank := {"negligible": 0, "low": 1, "medium": 2, "high": 3, "critical": 4}

# names has the words that tools use for the same level.
names := {
	"none": 0, "negligible": 0, "info": 0, "informational": 0, "unimportant": 0,
	"low": 1, "minor": 1, "note": 1,
	"medium": 2, "moderate": 2, "warning": 2,
	"high": 3, "important": 3, "error": 3,
	"critical": 4,
}

word(n) := [w | some w, r in rank; r == n][0]

# of_word(x) is the rank of a level in words. What is not a known word is the worst: a typing error must not hide a finding.
of_word(x) := names[lower(trim_space(x))] if {
	is_string(x)
} else := 4

# of_score(x) is the rank of a CVSS base score in text (CVSS v3.1, table 14: from 9.0 critical, 7.0 high, 4.0 medium, 0.1 low).
of_score(x) := r if {
	regex.match(`^(10|[0-9])(\.[0-9]{1,2})?$`, x)
	n := to_number(x)
	n <= 10
	r := tier(n)
}

tier(n) := 4 if {
	n >= 9
} else := 3 if {
	n >= 7
} else := 2 if {
	n >= 4
} else := 1 if {
	n > 0
} else := 0
