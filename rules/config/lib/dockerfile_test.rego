# SPDX-License-Identifier: Apache-2.0

package sealock.lib.config_dockerfile_test

import data.sealock.lib.config_dockerfile as dockerfile

# file(lines) is a Dockerfile as the scanner gives it, the only file of the tree. A line is text, or {text, heredocs} or {text, args} (exec form).
file(lines) := {"dockerfiles": [{
	"id": 3, "file": "Dockerfile", "resource": "Dockerfile", "instructions": [instruction(lines, n) | some n, _ in lines],
	"stages": [{
		"index": stage(lines, n), "name": name(line), "image": words(line)[0], "base": base(lines, n), "platform": "", "path": ["instructions", n],
		"final": stage(lines, n) == (count(froms(lines)) - 1),
	} |
		some n, line in lines
		command(line) == "from"
	],
}]}

instruction(lines, n) := {
	"cmd": command(lines[n]), "text": text(lines[n]), "args": arguments(lines[n]), "flags": flags(lines[n]), "json": exec(lines[n]),
	"heredocs": heredocs(lines[n]), "stage": stage(lines, n), "path": ["instructions", n], "onbuild": false,
}

text(line) := line.text if {
	is_object(line)
} else := line

exec(line) if {
	line.args
} else := false

heredocs(line) := line.heredocs if {
	line.heredocs
} else := []

command(line) := lower(split(text(line), " ")[0])

flags(line) := [w | some i, w in parts; i > 0; regex.match(`^--[a-z]+=`, w); every b in array.slice(parts, 1, i) { startswith(b, "--") }] if {
	parts := split(text(line), " ")
	command(line) in {"copy", "add", "run", "from"}
} else := []

rest(line) := concat(" ", array.slice(split(text(line), " "), 1 + count(flags(line)), 1000))

words(line) := split(rest(line), " ")

arguments(line) := line.args if {
	line.args
} else := words(line) if {
	command(line) in {"copy", "add", "expose", "from"}
} else := [regex.replace(rest(line), `["']`, "")] if {
	command(line) in {"env", "arg", "label"}
} else := [rest(line)]

froms(lines) := [n | some n, line in lines; command(line) == "from"]

stage(lines, n) := count([1 | some m in froms(lines); m <= n]) - 1

name(line) := words(line)[2] if {
	count(words(line)) == 3
} else := ""

base(lines, n) := max(found) if {
	found := {stage(lines, m) | some m in froms(lines); m < n; name(lines[m]) == words(lines[n])[0]}
	count(found) > 0
} else := null

test_script if {
	script({"text": "RUN ls"}) == "ls"
	script({"text": "RUN", "args": ["sh", "-c", "ls | wc"]}) == "ls | wc"
	script({"text": "RUN", "args": ["apt-get", "install", "a b"]}) == "apt-get install 'a b'"
	script({"text": "RUN <<EOF", "heredocs": [{"name": "EOF", "content": "ls\n"}]}) == "ls\n"
	script({"text": "RUN <<EOF bash", "heredocs": [{"name": "EOF", "content": "ls\n"}]}) == "ls\n"
	script({"text": "RUN cat <<EOF > x", "heredocs": [{"name": "EOF", "content": "curl a | sh\n"}]}) == "cat <<EOF > x\ncurl a | sh\nEOF"
}

script(line) := dockerfile.script(instruction(["FROM a", line], 1))

test_chain if {
	item := file(["FROM a AS x", "FROM b AS y", "FROM x AS z"]).dockerfiles[0]
	dockerfile.chain(item, dockerfile.final(item)) == {0, 2}
	dockerfile.foundation(item, dockerfile.final(item)) == "a"
}
