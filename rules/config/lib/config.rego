# SPDX-License-Identifier: Apache-2.0

# What the rules over configuration share. The document they see is described in the Go package scanners/config.
package sealock.lib.config

# workloads are the Kubernetes objects that run pods.
workloads := [i | some i in input.kubernetes; i.pod != null]

# of_kind(kinds) is the Kubernetes objects of these kinds.
of_kind(kinds) := [i | some i in input.kubernetes; i.kind in kinds]

# managed(types) is the Terraform resources of these types.
managed(types) := [i | some i in input.terraform; i.mode == "managed"; i.type in types]

# data_items(types) is the Terraform data sources of these types.
data_items(types) := [i | some i in input.terraform; i.mode == "data"; i.type in types]

# known(v) is false for what Terraform knows only when it is applied.
known(v) := false if {
	is_string(v)
	contains(v, "${")
} else := true

# truthy(v) and falsy(v) take booleans as Terraform does, as text too.
truthy(v) if v == true

truthy(v) if v == "true"

falsy(v) if v == false

falsy(v) if v == "false"

# child(path, more) is the path to something below.
child(path, more) := array.concat(path, more)
