# SPDX-License-Identifier: Apache-2.0

# What the rules over Dockerfiles share.
package sealock.lib.config_dockerfile

import data.sealock.lib.config_shell as shell

instructions(commands) := [{"item": item, "instruction": i, "path": i.path} |
	some item in input.dockerfiles
	some i in item.instructions
	i.cmd in commands
]

# runs is every RUN with the script that its shell is given, and the commands of that script.
runs := [{"item": r.item, "instruction": r.instruction, "path": r.path, "text": text} |
	some r in instructions({"run"})
	text := script(r.instruction)
	text != ""
]

# commands is every command of every RUN.
commands := [{"item": r.item, "instruction": r.instruction, "path": r.path, "words": words} |
	some r in runs
	some words in shell.commands(r.text)
]

# script(i) is what a shell is given, here-documents with it. One that nothing else takes is the script itself.
script(i) := i.args[2] if {
	i.json == true
	shell.base(i.args[0]) in (shell.shells | {"cmd", "powershell", "pwsh"})
	regex.match(`^(-[a-z]*c|/[a-zA-Z]|-Command)$`, i.args[1])
} else := "" if {
	i.json == true
	count(i.args) == 0
} else := concat(" ", [quoted(a) | some a in i.args]) if {
	i.json == true
} else := concat("\n", [h.content | some h in i.heredocs]) if {
	count(i.heredocs) > 0
	regex.match(`^\s*<<-?\s*['"]?\w+['"]?\s*((/\w+)*/?(env )?\w*sh\b.*)?$`, concat(" ", i.args))
} else := concat("\n", array.concat([concat(" ", i.args)], [sprintf("%s\n%s", [trim_suffix(h.content, "\n"), h.name]) | some h in i.heredocs])) if {
	count(i.heredocs) > 0
} else := concat(" ", i.args)

# starts is what containers run at their start, and to tell how they are: each CMD, ENTRYPOINT and HEALTHCHECK with the script that a shell is given. A
# CMD is what the ENTRYPOINT of its stage is given, where that is a shell that wants a script.
starts := [{"item": i.item, "instruction": i.instruction, "path": i.path, "text": text} |
	some i in instructions({"cmd", "entrypoint", "healthcheck"})
	text := start(i.item, i.instruction)
	text != ""
]

start(item, i) := script(object.union(i, {"args": array.slice(i.args, 1, count(i.args))})) if {
	i.cmd == "healthcheck"
} else := i.args[0] if {
	i.cmd == "cmd"
	i.json == true
	some e in item.instructions
	e.cmd == "entrypoint"
	e.stage == i.stage
	e.json == true
	shell.base(e.args[0]) in shell.shells
	regex.match(`^-[a-z]*c$`, e.args[count(e.args) - 1])
} else := script(i)

quoted(a) := sprintf("'%s'", [a]) if {
	regex.match(`[\s;&|<>()$"]`, a)
	not contains(a, "'")
} else := a

# flag(i, name) is the values of a flag such as --from.
flags(i, name) := {v | some f in i.flags; startswith(f, sprintf("--%s=", [name])); v := substring(f, count(name) + 3, -1)}

final(item) := s if {
	some s in item.stages
	s.final == true
}

# chain(item, stage) is the indexes of the stage and of those that it is built on.
chain(item, stage) := graph.reachable({s.index: {b | some b in [s.base]; b != null} | some s in item.stages}, {stage.index})

# foundation(item, stage) is the image that a stage is built on in the end.
foundation(item, stage) := image if {
	first := min(chain(item, stage))
	some s in item.stages
	s.index == first
	image := s.image
}

in_final(item, i) if i.stage in chain(item, final(item))

# assignments is what ENV and ARG set: {item, path, cmd, name, value}; value is null where an ARG has no default.
assignments := [object.union({"item": i.item, "path": i.path, "cmd": i.instruction.cmd}, pair) |
	some i in instructions({"env", "arg"})
	some a in i.instruction.args
	pair := assigned(a)
]

assigned(a) := {"name": substring(a, 0, at), "value": substring(a, at + 1, -1)} if {
	at := indexof(a, "=")
	at > 0
} else := {"name": a, "value": null}

# copies is each source of COPY and ADD: {item, path, instruction, source}; here-documents are not sources.
copies := [{"item": i.item, "path": i.path, "instruction": i.instruction, "source": source} |
	some i in instructions({"copy", "add"})
	some source in array.slice(i.instruction.args, 0, count(i.instruction.args) - 1)
	not startswith(source, "<<")
]

# images is what an image is built of: the bases of its stages, and what COPY and RUN take from other images. [{item, path, value}]
images := array.concat(
	array.concat(
		[{"item": item, "path": s.path, "value": s.image} | some item in input.dockerfiles; some s in item.stages; s.base == null; s.image != "scratch"; s.image != ""],
		[{"item": i.item, "path": i.path, "value": value} |
			some i in instructions({"copy"})
			some value in flags(i.instruction, "from")
			external(i.item, i.instruction, value)
		],
	),
	[{"item": i.item, "path": i.path, "value": value} |
		some i in instructions({"run"})
		some mount in flags(i.instruction, "mount")
		some part in split(mount, ",")
		startswith(part, "from=")
		value := trim_prefix(part, "from=")
		external(i.item, i.instruction, value)
	],
)

# What names no stage of the file is an image. Build contexts have names without a tag; they can't be told from images of Docker Hub.
external(item, instruction, value) if {
	not regex.match(`^[0-9]+$`, value)
	count([1 | some s in item.stages; lower(s.name) == lower(value)]) == 0
	regex.match(`[:/@]`, value)
	instruction.stage >= 0
}

leaf(image) := parts[count(parts) - 1] if parts := split(image, "/")

# moving(image) if the name says no version: none at all, or one that stands for whatever was pushed last.
moving(image) if not contains(leaf(image), ":")

moving(image) if regex.match(`:(latest|stable|edge|master|main|nightly|dev|rolling|unstable|testing|current|lts|mainline)$`, leaf(image))
