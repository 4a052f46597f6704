# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: The image does not run as root
# description: Without a user, programs in the container run as root, and a fault in the runtime or a mounted folder gives the host's root to whoever takes them over.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: CIS Docker Benchmark, 4.1 a user for the container has been created
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: NIST SP 800-190, 4.1.2 image configuration defects
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html#rule-2-set-a-user
#   description: OWASP Docker Security Cheat Sheet, rule 2
# custom:
#   id: dockerfile.user-non-root
#   severity: high
#   remediation: "End the last stage with a number that is not 0: USER 65532:65532"
#   zeroTrust: [Z13]
#   kinds: [dockerfiles]
#   parameters:
#     nonroot:
#       type: strings
#       default: [cgr.dev/chainguard/, docker.io/bitnami/, bitnami/, nginxinc/nginx-unprivileged, docker.io/nginxinc/nginx-unprivileged]
#       about: "base images, by how they begin, that have a user of their own"
package sealock.config.dockerfile.user_non_root

import data.sealock.lib.config_dockerfile as dockerfile

finding contains f if {
	some item in input.dockerfiles
	stage := dockerfile.final(item)
	users := [i | some i in item.instructions; i.cmd == "user"; i.onbuild != true; i.stage in dockerfile.chain(item, stage)]
	f := object.union({"item": item.id, "expected": "USER with a number that is not 0"}, problem(item, stage, users))
}

problem(item, stage, users) := {"path": stage.path, "message": "the image has no USER, so it runs as root", "found": "no USER"} if {
	count(users) == 0
	not own_user(dockerfile.foundation(item, stage))
	runs_something(item, stage)
	not steps_down(item, stage)
} else := {"path": last.path, "message": sprintf("the image runs as %s", [name]), "found": sprintf("USER %s", [name])} if {
	last := users[count(users) - 1]
	name := trim(last.args[0], `"'`)
	root(resolved(item, last, name))
}

# steps_down(item, stage) if the program that the image starts with gives its rights up before it starts another.
steps_down(item, stage) if {
	starts := [i | some i in item.instructions; i.cmd == "entrypoint"; i.stage in dockerfile.chain(item, stage)]
	user := taken(starts[count(starts) - 1].args)
	not root(user)
}

taken(words) := words[1] if {
	regex.match(`(^|/)(gosu|su-exec|setuidgid|s6-setuidgid)$`, words[0])
} else := trim_prefix(w, "--reuid=") if {
	regex.match(`(^|/)setpriv$`, words[0])
	some w in words
	startswith(w, "--reuid=")
} else := words[2] if {
	regex.match(`(^|/)chpst$`, words[0])
	words[1] == "-u"
}

root(name) if regex.match(`^(root|0+|containeradministrator)(:.*)?$`, lower(name))

# A variable is what the last ENV or ARG before it says, if it is said in the file.
resolved(item, at, name) := values[count(values) - 1] if {
	m := regex.find_all_string_submatch_n(`^\$\{?(\w+)(?::?-[^}]*)?\}?(:.*)?$`, name, 1)[0]
	values := [a.value |
		some a in dockerfile.assignments
		a.item.id == item.id
		a.path[1] < at.path[1]
		a.name == m[1]
		is_string(a.value)
	]
	count(values) > 0
} else := m[1] if {
	m := regex.find_all_string_submatch_n(`^\$\{\w+:?-([^}]*)\}`, name, 1)[0]
} else := name

own_user(image) if regex.match(`(?i)(nonroot|non-root|unprivileged|rootless|-chiseled|^mcr\.microsoft\.com/dotnet/.*distroless)`, image)

own_user(image) if {
	some begin in data.params["dockerfile.user-non-root"].nonroot
	startswith(image, begin)
}

# Which image that is, is only known when it is built.
own_user(image) if contains(image, "$")

# Windows has other users.
own_user(image) if regex.match(`(?i)(windows|nanoserver)`, image)

# A stage from nothing that starts nothing holds files for others.
runs_something(item, stage) if dockerfile.foundation(item, stage) != "scratch"

runs_something(item, stage) if {
	some i in item.instructions
	i.cmd in {"cmd", "entrypoint"}
	i.stage in dockerfile.chain(item, stage)
}
