# SPDX-License-Identifier: Apache-2.0

# Programs from the network that run unseen, in the languages that scripts are written in.
package sealock.lib.config_downloads

import data.sealock.lib.config_shell as shell

# runs(text) describes each way in which a script runs what a download gave, unread: a set of short texts. Those with ", then " in them run a file that
# was saved before.
runs(text) := (shell.remote_runs(text) | saved_elsewhere(text)) | (evaluated(text) | modules(text))

# saved(text) is the files that were saved and run afterwards, with nothing in the text that checks them.
saved(text) := shell.saved(text) | saved_elsewhere(text)

# severity(shown) is that of some of these: who changes the answer to a request can give a file that is saved too, but it can be looked at.
severity(shown) := "medium" if {
	every s in shown { contains(s, ", then ") }
} else := "high"

uncommented(text) := regex.replace(text, `(?m)^[ \t]*(#|//).*$`, "")

requests := `(urlopen|urllib2?\.request|requests\.get|httpx\.get|net::http\.get|uri\.open|file_get_contents|fetch)`

# evaluated(text) is what Python, Ruby, Perl, PHP, JavaScript and PowerShell evaluate of an answer.
evaluated(text) := {shell.clip(found) |
	regex.match(`(?i)\b(exec|eval|instance_eval|iex|invoke-expression)\b`, text)
	bare := uncommented(text)
	some found in ((at_once(bare) | perl(bare)) | (kept(bare) | kept_by_powershell(bare)))
}

at_once(text) := {trim_left(found, " \t\n;\"'(") |
	some found in regex.find_n(sprintf(`(?i)(^|[^.\w])(exec|eval|instance_eval)[ \t]*\([^;\n]{0,160}?\b%s[ \t]*\([^;\n]*`, [requests]), text, 4)
}

perl(text) := {found | some found in regex.find_n(`\beval[ \t]+(LWP::Simple::|URI\.)?(get|open)[ \t(]+['"]https?://[^\s'"]+`, text, 4)}

# kept(text) is answers that are kept in a variable first.
kept(text) := {sprintf("%s = %s(…), %s", [m[1], m[2], use]) |
	some m in regex.find_all_string_submatch_n(sprintf(`(?i)(\w+)[ \t]*=[ \t]*[^;\n]*?\b%s[ \t]*\(`, [requests]), text, 8)
	some use in regex.find_n(sprintf(`(^|[^.\w])(exec|eval)[ \t]*\((compile\()?[ \t]*%s\b[^;\n]*`, [m[1]]), text, 1)
}

kept_by_powershell(text) := {sprintf("$%s = %s …; %s", [m[1], m[2], use]) |
	some m in regex.find_all_string_submatch_n(`(?i)\$(\w+)[ \t]*=[^\n;]*?\b(iwr|irm|invoke-webrequest|invoke-restmethod|downloadstring)\b`, text, 8)
	some use in regex.find_n(sprintf(`(?i)\b(iex|invoke-expression)\b[^\n;]*\$%s\b|\$%s\b[^\n;]*\|[ \t]*(iex|invoke-expression)\b`, [m[1], m[1]]), text, 1)
}

# modules(text) is programs that Deno and Bun take from an address that says no version.
modules(text) := {shell.clip(concat(" ", words)) |
	regex.match(`\b(deno|bun)\b`, text)
	some words in shell.commands(text)
	shell.name(words) in {"deno", "bun"}
	some a in shell.arguments(words)
	regex.match(`^https?://`, a)
	not regex.match(`@v?[0-9]|/[0-9a-f]{40}/`, a)
}

# saved_elsewhere(text) is the same for PowerShell, PHP and Python.
saved_elsewhere(text) := {sprintf("%s, then %s", [shell.clip(trim_space(d.shown)), shell.clip(trim_space(runner))]) |
	regex.match(`(?i)\b(outfile|destination|downloadfile|copy|urlretrieve)\b`, text)
	not shell.checked(text)
	bare := uncommented(text)
	some d in downloads(bare)
	leaf := regex.replace(regex.replace(d.file, `^.*[/\\]`, ""), `[^\w-]`, ".")
	count(leaf) > 2
	not regex.match(`(?i)\.(zip|7z|tar|t?gz|xz|bz2|zst|whl|nupkg|json|txt|xml|ya?ml|csv|crt|pem|asc|sha256)$`, d.file)
	some runner in regex.find_n(
		sprintf(`(?im)(^|[;&|{(]|start-process\b[^\n;]*?|msiexec\S*\s[^\n;]*?|\b(powershell|pwsh|python3?|php|bash|sh|cmd(\.exe)?[ \t]+/c)\b[ \t][^\n;]*?)[ \t]*["']?([\w$:.~-]*[/\\][\w$:./\\~-]*)?%s(["'\s;)]|$)[^\n;]*`, [leaf]),
		substring(bare, indexof(bare, d.shown) + count(d.shown), -1), 1,
	)
	not regex.match(`(?i)\b(remove-item|del|rm|unlink|test-path|expand-archive)\b`, runner)
}

downloads(text) := {{"shown": line, "file": file} |
	some line in regex.find_n(`(?i)\b(iwr|irm|invoke-webrequest|invoke-restmethod|start-bitstransfer)\b[^\n;|]*`, text, 16)
	some m in regex.find_all_string_submatch_n(`(?i)-(?:o|outfile|destination)[ \t]+["']?([^\s"';)]+)`, line, 1)
	file := m[1]
} | {{"shown": m[0], "file": m[1]} |
	some m in regex.find_all_string_submatch_n(`(?i)\b(?:downloadfile|copy|urlretrieve)\([ \t]*['"]https?://[^'"\s]+['"][ \t]*,[ \t]*['"]([^'"\s]+)['"]`, text, 16)
}
