# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Jobs do not run a Docker daemon of their own
# description: Docker in Docker needs a privileged runner, where every job can take over the machine. Without TLS, everything in the job's network can use the daemon.
# related_resources:
# - ref: https://docs.gitlab.com/ci/docker/using_docker_build/#use-docker-in-docker
#   description: GitLab, Docker-in-Docker, its TLS and its need for privileges
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: NIST SP 800-190, 4.4.3 insecure container runtime configurations
# custom:
#   id: pipeline.privileged-docker
#   severity: medium
#   remediation: "Build with BuildKit without root, Buildah or another tool that needs no daemon; if it has to be Docker in Docker, keep DOCKER_TLS_CERTDIR: /certs."
#   zeroTrust: [Z2, Z13]
#   kinds: [github, gitlab, jenkins]
package sealock.config.pipeline.privileged_docker

import data.sealock.lib.config_github as github
import data.sealock.lib.config_gitlab as gitlab
import data.sealock.lib.config_jenkins as jenkins
import data.sealock.lib.config_shell as shell

finding contains f if {
	some image in gitlab.images
	"services" in image.path
	regex.match(`(^|/)docker(:[^@]*)?dind(-rootless)?|(^|/)docker-dind`, image.value)
	not contains(image.value, "dind-rootless")
	f := {
		"item": image.item.id, "path": image.path, "message": sprintf("the service %s needs a privileged runner", [image.value]), "found": image.value,
		"expected": "a builder that needs no privileges",
	}
}

finding contains f if {
	some v in gitlab.variables
	hit := plain(v)
	f := {
		"item": v.item.id, "path": v.path, "severity": "high", "message": hit, "found": sprintf("%s: %q", [v.name, v.value]),
		"expected": "DOCKER_TLS_CERTDIR: /certs, and DOCKER_HOST with port 2376",
	}
}

plain(v) := "the Docker daemon is used without TLS" if {
	v.name == "DOCKER_TLS_CERTDIR"
	v.value == ""
}

# The same fault, where the file does not say it in DOCKER_TLS_CERTDIR too.
plain(v) := "the Docker daemon is reached without TLS" if {
	v.name == "DOCKER_HOST"
	regex.match(`^tcp://.*:2375/?$`, v.value)
	count([1 | some o in gitlab.variables; o.item.id == v.item.id; o.name == "DOCKER_TLS_CERTDIR"; o.value == ""]) == 0
}

# Containers that a job starts with the rights of the machine.
finding contains f if {
	some j in github.jobs
	some place in array.concat(
		[{"path": ["container", "options"], "value": object.get(j.job.spec, ["container", "options"], "")}],
		[{"path": ["services", name, "options"], "value": object.get(s, "options", "")} | some name, s in object.get(j.job.spec, "services", {}); is_object(s)],
	)
	is_string(place.value)
	regex.match(`--privileged\b|--cap-add[= ](ALL|SYS_ADMIN)\b|--pid[= ]host\b`, place.value)
	f := told(j.item, array.concat(j.job.path, place.path), place.value)
}

# Whoever reaches the machine's daemon is its administrator.
finding contains f if {
	some j in github.jobs
	some place in array.concat(
		[{"path": ["container", "volumes", n], "value": v} | some n, v in object.get(j.job.spec, ["container", "volumes"], [])],
		[{"path": ["services", name, "volumes", n], "value": v} | some name, s in object.get(j.job.spec, "services", {}); is_object(s); some n, v in object.get(s, "volumes", [])],
	)
	is_string(place.value)
	regex.match(`/(docker|containerd|crio|podman)\.sock\b|^/(etc|proc|root|var/run)?:`, place.value)
	f := told(j.item, array.concat(j.job.path, place.path), place.value)
}

finding contains f if {
	some line in gitlab.lines
	contains(line.text, "--privileged")
	some words in shell.commands(line.text)
	runs_privileged(words)
	f := told(line.item, line.path, concat(" ", words))
}

# Jenkins: the options of the container that an agent or a step runs in, and what scripts start.
finding contains f if {
	some item in input.jenkins
	some n, option in item.options
	regex.match(`--privileged\b|--cap-add[= ](ALL|SYS_ADMIN)\b|--pid[= ]host\b|/(docker|containerd|podman)\.sock\b`, option.text)
	f := told(item, ["options", n], option.text)
}

finding contains f if {
	some s in jenkins.scripts
	contains(s.step.text, "--privileged")
	some words in shell.commands(s.step.text)
	runs_privileged(words)
	f := told(s.item, s.path, concat(" ", words))
}

runs_privileged(words) if {
	shell.name(words) in {"docker", "podman", "nerdctl"}
	some a in shell.arguments(words)
	regex.match(`^--privileged(=true)?$`, a)
	not "binfmt" in {b | some w in words; some b in split(w, "/")}
	not "--reset" in words
	not "multiarch/qemu-user-static" in words
}

told(item, path, found) := {
	"item": item.id, "path": path, "message": "a container is started with the rights of the machine", "found": shell.clip(found), "expected": "a container without privileges",
}
