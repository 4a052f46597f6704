# SPDX-License-Identifier: Apache-2.0

# Times and durations. Times are compared as nanoseconds, never as text.
package sealock.lib.times

now := time.now_ns()

# tolerance is how far two clocks may be apart: 5 minutes.
tolerance := 300000000000

day := 86400000000000

hour := 3600000000000

minute := 60000000000

# valid(s) holds for an RFC 3339 time of the years 1900 to 2199, so that parsing it can't fail.
valid(s) if {
	is_string(s)
	regex.match(`^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`, s)
	to_number(trim_left(substring(s, 8, 2), "0")) <= days_in(to_number(substring(s, 0, 4)), substring(s, 5, 2))
}

days_in(_, month) := 30 if {
	month in {"04", "06", "09", "11"}
} else := 31 if {
	month != "02"
}

days_in(year, "02") := 29 if {
	leap(year)
} else := 28

leap(year) if {
	year % 4 == 0
	year % 100 != 0
}

leap(year) if year % 400 == 0

# ns(s) is a time in nanoseconds, undefined if it is not valid.
ns(s) := time.parse_rfc3339_ns(s) if valid(s)

# future(t) holds for a time that no clock should show yet.
future(t) if t > now + tolerance

# text(d) is a duration for a message.
text(d) := sprintf("%dd", [floor(d / day)]) if {
	d >= 2 * day
} else := sprintf("%dh", [floor(d / hour)]) if {
	d >= hour
} else := sprintf("%dm", [floor(d / minute)])
