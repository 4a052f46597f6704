# SPDX-License-Identifier: Apache-2.0

# What the rules over Compose files share.
package sealock.lib.config_compose

import data.sealock.lib.config_workload as pods

# ports is every port that a service publishes: {item, service, path, text, target, first, address}. first is the lowest port of the host, "" if Docker
# chooses one; address is "" if the port is open on all of them.
ports := [object.union({"item": x.item, "service": x.s.name, "path": array.concat(x.s.path, ["ports", i]), "text": shown(p)}, published(p)) |
	some x in pods.services
	some i, p in pods.list(x.s.spec, ["ports"])
	p != null
]

shown(p) := sprintf("%v", [p]) if {
	not is_object(p)
} else := sprintf("target: %v", [object.get(p, "target", "")])

# published(p) takes a port apart: "127.0.0.1:5432:5432/tcp", 5432, {target: 5432, host_ip: …}.
published(p) := {"target": sprintf("%v", [pods.at(p, ["target"], "")]), "first": lowest(host), "address": everywhere(concat("", [pods.text(pods.at(p, ["host_ip"], "")), address]))} if {
	is_object(p)
	parts := split(plain(pods.at(p, ["published"], "")), ":")
	host := parts[count(parts) - 1]
	address := concat(":", array.slice(parts, 0, count(parts) - 1))
} else := {"target": parts[count(parts) - 1], "first": lowest(host), "address": everywhere(concat(":", array.slice(parts, 0, count(parts) - 2)))} if {
	parts := split(split(plain(p), "/")[0], ":")
	host := object.get({n: part | some n, part in parts}, count(parts) - 2, "")
}

# Variables are what they fall back to.
plain(p) := regex.replace(regex.replace(sprintf("%v", [p]), `\$\{\w+:?-([^{}$]*)\}`, "$1"), `\$\{[^}]*\}|\$\w+`, "x")

lowest(host) := split(host, "-")[0]

everywhere(address) := "" if {
	address in {"0.0.0.0", "[::]", "::", "*"}
} else := address

# local(port) if only the machine itself reaches it.
local(port) if regex.match(`^(127\.|localhost$|\[?::1\]?$)`, port.address)

# mounted(i, v) is the path to what a mount of a service names, its source in the long form.
mounted(i, v) := ["volumes", i, "source"] if {
	is_object(v)
	"source" in object.keys(v)
} else := ["volumes", i]

# volumes is the named volumes of a file that have options of a driver: {item, name, path, options}.
volumes := [{"item": file, "name": name, "path": ["volumes", name, "driver_opts"], "options": options} |
	some file in input.compose
	some name, volume in pods.dict(file.object, ["volumes"])
	options := pods.dict(volume, ["driver_opts"])
]
