# SPDX-License-Identifier: Apache-2.0

# Times and durations in nanoseconds. Times are never compared as text.
package sealock.lib.times

now := time.now_ns()

# tolerance is how far two clocks may be apart: 5 minutes.
tolerance := 300000000000

hour := 3600000000000

# impossible(d) is what can't be true about the times of a piece of evidence.
impossible(d) := {what |
	some what, holds in {
		"it finished before it started": after(d.times.started, d.times.finished, 0),
		"it was signed before it finished": after(d.times.finished, d.signed, tolerance),
		"it lies in the future": future(d),
	}
	holds
}

# after(a, b, slack) is whether a is later than b; false where one of them is not known.
after(a, b, slack) := a.ns > b.ns + slack if {
	is_number(a.ns)
	is_number(b.ns)
} else := false

default future(_) := false

future(d) if d.signed.ns > now + tolerance

future(d) if {
	some t in d.times
	t.ns > now + tolerance
}

# text(d) is a duration for a message.
text(d) := sprintf("%dd", [floor(d / (24 * hour))]) if {
	d >= 48 * hour
} else := sprintf("%dh", [floor(d / hour)]) if {
	d >= hour
} else := sprintf("%dm", [floor(d / 60000000000)])
