# SPDX-License-Identifier: Apache-2.0

# Which steps of a pipeline are a gate, and which scripts ignore what a gate says.
package sealock.lib.config_gate

import data.sealock.lib.config_github as github
import data.sealock.lib.config_shell as shell

# of_step(spec, params) is the name of the gate that a workflow's step runs.
of_step(spec, params) := name if {
	name := github.action(spec)
	name != ""
	some a in params.actions
	matches(name, lower(a))
} else := of_text(spec.run, params) if is_string(spec.run)

matches(name, pattern) if {
	endswith(pattern, "/")
	startswith(name, pattern)
}

matches(name, pattern) if name == pattern

matches(name, pattern) if startswith(name, sprintf("%s/", [pattern]))

# of_text(text, params) is the name of the first gate that a script runs.
of_text(text, params) := names[0] if {
	names := [name |
		mentioned(text, params.commands)
		some words in shell.commands(text)
		name := of_words(words, params.commands)
	]
	count(names) > 0
}

mentioned(text, commands) if regex.match(sprintf(`\b(%s)\b`, [concat("|", {split(c, " ")[0] | some c in commands})]), text)

of_words(words, commands) := max(found) if {
	found := {c |
		some c in commands
		parts := split(c, " ")
		shell.name(words) == parts[0]
		array.slice(shell.arguments(words), 0, count(parts) - 1) == array.slice(parts, 1, count(parts))
	}
	count(found) > 0
	not asks_for_help(shell.arguments(words))
}

asks_for_help(arguments) if arguments[0] in {"version", "help", "completion"}

asks_for_help(arguments) if {
	some a in arguments
	a in {"--version", "--help", "-h", "--download-db-only"}
}

# ignored(text, commands, modes) is the gates in a script whose failure has no consequence: [{command, why, found}]. modes.stops says that the shell
# ends at the first failure, modes.pipes that the failure of any command of a pipe is that of the pipe.
ignored(text, commands, modes) := {hit |
	mentioned(text, commands)
	pipes := shell.flat(text)
	some i, p in pipes
	some k, words in p.commands
	command := of_words(words, commands)
	not words[0] in {"if", "elif", "while", "until", "!"}
	why := lost(text, pipes, i, k, modes)
	hit := {"command": command, "why": why.text, "found": concat(" ", array.concat(words, why.shown))}
}

lost(text, pipes, i, k, modes) := {"text": "what follows || succeeds, whatever the gate says", "shown": array.concat(["||"], swallowing[0])} if {
	swallowing := [pipes[j].commands[0] |
		some j, p in pipes
		j > i
		pipes[j - 1].after == "or"
		linked(pipes, i, j)
		succeeds(p.commands[0])
	]
	count(swallowing) > 0
} else := {"text": "it runs in the background, and nobody asks how it ended", "shown": ["&"]} if {
	pipes[i].after == "&"
	not waits(pipes)
} else := {"text": "its failure is lost in the pipe", "shown": ["|", "…"]} if {
	k < count(pipes[i].commands) - 1
	not modes.pipes
	not contains(text, "pipefail")
	not contains(text, "PIPESTATUS")
} else := {"text": "set +e lets the script go on after it failed", "shown": []} if {
	set_off(pipes, i)
	i < count(pipes) - 1
	not contains(text, "$?")
	not contains(text, "PIPESTATUS")
} else := {"text": "the shell goes on after it failed", "shown": []} if {
	not modes.stops
	not turned_on(pipes, i)
	i < count(pipes) - 1
	not pipes[i].after in {"and", "or"}
	not contains(text, "$?")
	not contains(text, "LASTEXITCODE")
	not contains(text, "errorlevel")
}

# Pipelines i to j are one chain of && and ||.
linked(pipes, i, j) if {
	every k, p in array.slice(pipes, i, j) {
		p.after in {"and", "or"}
		k >= 0
	}
}

succeeds(words) if shell.name(words) in {"true", ":"}

succeeds(words) if {
	words[0] != "{"
	shell.name(words) in {"echo", "printf", "write-host"}
}

succeeds(words) if {
	shell.name(words) in {"exit", "return"}
	object.get({"0": true}, concat(" ", shell.arguments(words)), false)
}

waits(pipes) if {
	some p in pipes
	some words in p.commands
	shell.name(words) == "wait"
}

set_off(pipes, i) if {
	switches := [off |
		some j, p in pipes
		j < i
		words := p.commands[0]
		words[0] == "set"
		off := switched(words[1])
	]
	count(switches) > 0
	switches[count(switches) - 1] == true
}

turned_on(pipes, i) if {
	some j, p in pipes
	j < i
	p.commands[0][0] == "set"
	switched(p.commands[0][1]) == false
}

switched(word) if {
	regex.match(`^\+[a-z]*e`, word)
} else := false if regex.match("^-[a-z]*e", word)
