# SPDX-License-Identifier: Apache-2.0

# The graph of flows, which the Go package scanners/config/flows computes from the manifests and describes. Without workloads only what policies
# themselves say is judged, and every other list is empty.
package sealock.lib.config_segmentation

workloads := part("workloads")

endpoints := part("endpoints")

# A policy is as open where its pods are not in the tree.
rules := list if {
	list := object.get(input, ["graph", "rules"], [])
	is_array(list)
} else := []

flows := part("flows")

unread := part("unread")

# differences between the graph and the declared flows; none if none are declared.
differences := part("comparison")

part(name) := list if {
	count(input.graph.workloads) > 0
	list := object.get(input.graph, name, [])
	is_array(list)
} else := []

# allowing(direction) is the rules of network policies that let somebody through.
allowing(direction) := [r | some r in rules; r.direction == direction; r.effect == "allow"]

# every_port(r) if a rule does not say which ports, or names all of a protocol's.
every_port(r) if count(r.ports) == 0

every_port(r) if {
	some p in r.ports
	p.port == 0
	object.get(p, "portName", "") == ""
	p.protocol != "other"
}

# port_text(p) is a port as people write it.
port_text(p) := sprintf("%s %s", [p.protocol, name]) if {
	name := object.get(p, "portName", "")
	name != ""
} else := sprintf("any %s port", [p.protocol]) if {
	p.port == 0
} else := sprintf("%s %d-%d", [p.protocol, p.port, p.endPort]) if {
	object.get(p, "endPort", 0) != 0
} else := sprintf("%s %d", [p.protocol, p.port])
