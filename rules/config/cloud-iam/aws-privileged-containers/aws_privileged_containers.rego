# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Containers of ECS, Batch and CodeBuild have no rights on the host"
# description: "A privileged container is root on its machine, and has the role and the secrets of all others there."
# related_resources:
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html
#   description: "AWS Security Hub, ECS.1, ECS.3, ECS.4 and ECS.17"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.3 Insecure container runtime configurations"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 Rev. 5, AC-6 Least Privilege"
# custom:
#   id: cloud-iam.aws-privileged-containers
#   severity: high
#   remediation: "Leave out privileged, namespaces of the host and added capabilities; CodeBuild builds images without privileged_mode by a rootless builder."
#   zeroTrust: [Z13, Z20]
#   kinds: [terraform]
package sealock.config.cloud_iam.aws_privileged_containers

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

# The containers that are written out: {item, path, container}.
containers contains {"item": i, "path": ["container_definitions", n], "c": c} if {
	some i in cloud.managed({"aws_ecs_task_definition"})
	text := object.get(i.values, "container_definitions", null)
	json.is_valid(text)
	some n, c in json.unmarshal(text)
	is_object(c)
}

containers contains {"item": i, "path": ["container_properties"], "c": c} if {
	some i in cloud.managed({"aws_batch_job_definition"})
	text := object.get(i.values, "container_properties", null)
	json.is_valid(text)
	c := json.unmarshal(text)
	is_object(c)
}

finding contains f if {
	some x in containers
	cloud.put_on(x.c, "privileged")
	f := cloud.fault(x.item, config.child(x.path, ["privileged"]), "the container is privileged", "privileged is true", "false")
}

strong := {"ALL", "SYS_ADMIN", "SYS_PTRACE", "SYS_MODULE", "NET_ADMIN", "DAC_READ_SEARCH", "SYS_RAWIO", "BPF"}

finding contains f if {
	some x in containers
	added := [a | some a in cloud.list(object.get(x.c, ["linuxParameters", "capabilities", "add"], null)); a in strong]
	count(added) > 0
	f := cloud.fault(x.item, config.child(x.path, ["linuxParameters"]), "the container has rights of the host's root", concat(", ", added), "no added capabilities")
}

finding contains f if {
	some i in cloud.managed({"aws_ecs_task_definition"})
	some key in ["pid_mode", "ipc_mode", "network_mode"]
	object.get(i.values, key, "") == "host"
	f := cloud.rated(cloud.fault(i, [key], "the task shares a namespace of the host", sprintf("%s = host", [key]), shared[key]), "medium")
}

shared := {"pid_mode": "task", "ipc_mode": "task or none", "network_mode": "awsvpc"}

finding contains f if {
	some i in cloud.managed({"aws_ecs_task_definition"})
	some p in cloud.at(i.values, ["volume"])
	host := cloud.text(object.get(p.block, "host_path", null))
	regex.match(`^/(|etc|root|proc|sys|dev|var|var/run|run|var/lib|(var/)?run/(docker|containerd)[^/]*(/.*)?|var/lib/docker)/?$`, host)
	f := cloud.fault(i, config.child(p.path, ["host_path"]), "the task reads or changes the host", sprintf("host_path = %s", [host]), "a volume of its own")
}

finding contains f if {
	some i in cloud.managed({"aws_codebuild_project"})
	some p in cloud.at(i.values, ["environment"])
	cloud.put_on(p.block, "privileged_mode")
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["privileged_mode"]), "the build runs as root of its machine", "privileged_mode = true", "false"), "low")
}
