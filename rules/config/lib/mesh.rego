# SPDX-License-Identifier: Apache-2.0

# What the rules about service meshes, gateways and the flags of Kubernetes' own components share.
package sealock.lib.config_mesh

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

# of(group, kind) is the objects of a kind of one API group.
of(group, kind) := [i | some i in pods.of_kind({kind}); i.group == group]

peers := of("security.istio.io", "PeerAuthentication")

tokens := of("security.istio.io", "RequestAuthentication")

policies := of("security.istio.io", "AuthorizationPolicy")

gateways := of("networking.istio.io", "Gateway")

destinations := of("networking.istio.io", "DestinationRule")

# root is the namespace whose policies hold for the whole mesh, unless it was installed otherwise.
root := "istio-system"

annotations(i) := pods.dict(i.object, ["metadata", "annotations"])

# policies_for(namespace) is the policies of a namespace and those for the whole mesh.
policies_for(namespace) := [p | some ns in {namespace, root}; some p in object.get(by_namespace, ns, [])]

by_namespace := {ns: found |
	some ns in {p.namespace | some p in policies}
	found := [p | some p in policies; ns == p.namespace]
}

# action(p) of an AuthorizationPolicy.
action(p) := upper(pods.text(pods.at(p.object, ["spec", "action"], "ALLOW")))

# labels(i) is what a policy's selector asks for; an empty object is all workloads of the namespace.
labels(i) := pods.dict(i.object, ["spec", "selector", "matchLabels"])

# within(a, b) if all of a's labels are b's.
within(a, b) if {
	every k, v in a {
		object.get(b, k, null) == v
	}
}

# targets(i) is the objects that a policy names instead of a selector: [kind, name].
targets(i) := {[pods.at(t, ["kind"], ""), pods.at(t, ["name"], "")] |
	some t in array.concat(pods.list(i.object, ["spec", "targetRefs"]), [pods.at(i.object, ["spec", "targetRef"], null)])
	is_object(t)
}

# egress(g) if an Istio gateway leads out of the mesh.
egress(g) if {
	some v in pods.dict(g.object, ["spec", "selector"])
	is_string(v)
	contains(v, "egress")
}

# plain(s) if a server of an Istio gateway takes requests without TLS and does more than to send them on to https.
plain(s) if {
	upper(pods.text(pods.at(s, ["port", "protocol"], ""))) in {"HTTP", "HTTP2", "GRPC", "GRPC-WEB", "MONGO", "MYSQL", "REDIS"}
	not config.truthy(pods.at(s, ["tls", "httpsRedirect"], false))
}

# commands is the flags of programs that containers start: {item, name, path, spec, program, flags}, spec being the container. flags is a list of
# {flag, value, path}; a flag without a value is true.
commands := [c |
	some x in pods.containers
	parts := [{"text": v, "path": pods.path(x.c, [field, i])} | some field in ["command", "args"]; some i, v in pods.list(x.c.spec, [field]); is_string(v)]
	c := {"item": x.item, "name": x.c.name, "path": x.c.path, "spec": x.c.spec, "program": program(x, parts), "flags": flags(parts)}
]

# program(x, parts) is the name of the program that a container starts, or what its image is called.
program(x, parts) := name if {
	count(pods.list(x.c.spec, ["command"])) > 0
	count(parts) > 0
	name := base(first_word(parts))
} else := base(pods.image(pods.text(pods.at(x.c.spec, ["image"], ""))).name)

first_word(parts) := parts[1].text if {
	base(parts[0].text) in {"hyperkube", "tini", "dumb-init", "kube", "exec"}
	count(parts) > 1
} else := parts[0].text

base(path) := segments[count(segments) - 1] if segments := split(path, "/")

flags(parts) := [f |
	some i, p in parts
	startswith(p.text, "-")
	halves := split(p.text, "=")
	f := {"flag": trim_left(halves[0], "-"), "value": flag_value(halves, parts, i), "path": p.path}
]

flag_value(halves, parts, i) := trim(concat("=", array.slice(halves, 1, count(halves))), "\"'") if {
	count(halves) > 1
} else := parts[i + 1].text if {
	i + 1 < count(parts)
	not startswith(parts[i + 1].text, "-")
} else := "true"

# of_program(names) is the commands of these programs.
of_program(names) := [c | some c in commands; c.program in names]

# flag(c, name) is the flags of that name.
flag(c, name) := [f | some f in c.flags; f.flag == name]

# anchor(c) is where something that a command leaves out should stand.
anchor(c) := array.concat(c.path, ["command"]) if {
	count(pods.list(c.spec, ["command"])) > 0
} else := array.concat(c.path, ["args"])

# delicate(s) is the ports of a Service that databases and administration listen on.
delicate(s) := [port |
	some p in pods.list(s.object, ["spec", "ports"])
	port := sprintf("%v", [pods.at(p, ["port"], "")])
	port in delicate_ports
]

delicate_ports := {
	"22", "23", "1433", "1521", "2375", "2379", "2380", "3306", "3389", "5432", "5984", "6379", "6443", "8500", "9042", "9200", "9300", "10250", "10255",
	"11211", "27017", "27018", "50000",
}

severity(ports) := "high" if {
	count(ports) > 0
} else := "medium"

told(ports) := sprintf(", with port %s of a database or for administration", [concat(", ", ports)]) if {
	count(ports) > 0
} else := ""
