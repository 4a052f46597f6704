# SPDX-License-Identifier: Apache-2.0

# Package URLs (https://github.com/package-url/purl-spec).
package sealock.lib.purl

# canonical(p) is one form for purls that differ only in spelling: type in lower case, qualifiers sorted and without empty ones, escapes of characters that
# need none undone. What is not a purl stays as it is.
canonical(p) := p if {
	regex.match(`^pkg:[a-z0-9.+-]+/[A-Za-z0-9._~/@+:-]+$`, p)
} else := concat("", [lower(head), "/", plain(rest), qualifiers, subpath]) if {
	startswith(lower(p), "pkg:")
	body := split(p, "#")
	parts := split(body[0], "?")
	slash := indexof(parts[0], "/")
	slash > 4
	head := substring(parts[0], 0, slash)
	rest := trim(substring(parts[0], slash, -1), "/")
	qualifiers := qualifiers_of(parts)
	subpath := concat("", [concat("", ["#", s]) | some i, s in body; i > 0])
} else := p

qualifiers_of(parts) := concat("", ["?", concat("&", sort(set))]) if {
	count(parts) > 1
	set := {q |
		some pair in split(concat("?", array.slice(parts, 1, count(parts))), "&")
		kv := split(pair, "=")
		count(kv) > 1
		kv[1] != ""
		q := plain(concat("=", array.concat([lower(kv[0])], array.slice(kv, 1, count(kv)))))
	}
	count(set) > 0
} else := ""

# plain(s) undoes the escapes that writers disagree about. %2F stays: it is part of a name, not a separator.
plain(s) := strings.replace_n({"%3A": ":", "%3a": ":", "%2B": "+", "%2b": "+", "%7E": "~", "%7e": "~", "%2D": "-", "%2d": "-", "%2E": ".", "%2e": ".", "%5F": "_", "%5f": "_", "%2f": "%2F", "%40": "@"}, s)
