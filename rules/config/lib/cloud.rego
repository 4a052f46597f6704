# SPDX-License-Identifier: Apache-2.0

# What the rules over Terraform's cloud resources share: values as the provider takes them, companion resources, addresses, ports, policies.
package sealock.lib.config_cloud

import data.sealock.lib.config

# managed(types) is the resources of these types, by an index: there are many rules and, in a large tree, many resources.
managed(types) := [i | some t in types; some i in by_type[t]]

# OPA makes an index for a comprehension in a comprehension: the items are gone through once.
by_type := {t: items |
	some t in present
	items := [i | some i in input.terraform; i.mode == "managed"; t == i.type]
}

present := {i.type | some i in input.terraform}

# get(o, key, otherwise) is a field or, if it is absent or null (as what is not set is in a plan), otherwise.
get(o, key, otherwise) := v if {
	v := object.get(o, key, null)
	v != null
} else := otherwise

# off_value(v) holds for what leaves a switch off: nothing, false, "false". What is not known yet is not off.
off_value(v) if v in {null, false, "false", ""}

# off(o, key) holds if a switch that is off by default was not put on.
off(o, key) if off_value(object.get(o, key, null))

# put_off(o, key) holds if a switch was put off in so many words.
put_off(o, key) if config.falsy(object.get(o, key, null))

# put_on(o, key) holds if a switch was put on.
put_on(o, key) if config.truthy(object.get(o, key, null))

# unset(o, key) holds if nothing was given.
unset(o, key) if object.get(o, key, null) in {null, "", []}

# list(v) is a list of v's elements, v alone if it is one value, and empty for nothing.
list(v) := v if {
	is_array(v)
} else := [] if {
	v == null
} else := [v]

# text(v) is v, or nothing if it is no text.
text(v) := v if {
	is_string(v)
} else := ""

# number(v) is a number, written as one or as text.
number(v) := v if is_number(v)

number(v) := to_number(regex.replace(v, `^(-?)0+([0-9])`, "$1$2")) if {
	is_string(v)
	regex.match(`^-?[0-9]{1,15}$`, v)
}

# at(values, names) is the blocks below one another by these names (three at most), each with its path.
at(values, names) := [{"path": [], "block": values}] if count(names) == 0

at(values, names) := below(values, names[0]) if count(names) == 1

at(values, names) := below_all(below(values, names[0]), names[1]) if count(names) == 2

at(values, names) := below_all(below_all(below(values, names[0]), names[1]), names[2]) if count(names) == 3

below(values, name) := [{"path": [name, i], "block": b} | some i, b in list(object.get(values, name, null)); is_object(b)]

below_all(places, name) := [{"path": array.concat(p.path, c.path), "block": c.block} | some p in places; some c in below(p.block, name)]

# settings(values, names, key) is what key is set to in each block below names, with its path; one null if there is no such block.
settings(values, names, key) := [{"path": array.concat(p.path, [key]), "value": object.get(p.block, key, null)} | some p in at(values, names)] if {
	count(at(values, names)) > 0
} else := [{"path": array.concat(names, [key]), "value": null}]

# no_blocks(item, name) holds if there is no block of this name.
no_blocks(item, name) if unset(item.values, name)

# fault(…) is a finding. found and expected are text.
fault(item, path, message, found, expected) := {"item": item.id, "path": path, "message": message, "found": found, "expected": expected}

# rated(f, severity) is a finding with a severity of its own.
rated(f, severity) := object.union(f, {"severity": severity})

# shown(v) is a value as text for a message; nothing is "not set".
shown(v) := "not set" if {
	v in {null, "", []}
} else := v if {
	is_string(v)
} else := json.marshal(v)

# own_name(item) is the name that others refer to the resource by.
own_name(item) := sprintf("%s.%s", [item.type, item.name])

# refers(item, name) holds if item refers to the resource of this name.
refers(item, name) if {
	some r in item.refs
	same(r, name)
}

same(r, name) if r == name

same(r, name) if startswith(r, sprintf("%s[", [name]))

same(r, name) if startswith(r, sprintf("%s.", [name]))

same(r, name) if endswith(r, sprintf(".%s", [name]))

# referrers[address] is the module and the type of what refers to it. An address means something in its module only.
referrers := {r: from |
	some r in {r | some i in input.terraform; some r in i.refs}
	from := {[i.module, i.type] | some i in input.terraform; some x in i.refs; r == x}
}

# in_module[module][type] is the resources of a type in a module.
in_module := {m: by |
	some m in modules
	items := [i | some i in input.terraform; i.mode == "managed"; m == i.module]
	by := {t: some_of | some t in {i.type | some i in items}; some_of := [i | some i in items; i.type == t]}
}

# companions(item, types, key) is the resources that configure item: they refer to it, or key gives its name, or nothing tells which one
# of its kind they are for.
companions(item, types, key) := [c |
	some t in types
	some c in in_module[item.module][t]
	belongs(c, item, key)
]

belongs(c, item, _) if refers(c, own_name(item))

belongs(c, item, key) if {
	name := object.get(c.values, key, null)
	plain(name)
	some k in ["bucket", "name", "id"]
	object.get(item.values, k, null) == name
}

belongs(c, item, key) if {
	not plain(object.get(c.values, key, null))
	not aimed(c, item.type)
}

aimed(c, type) if {
	some r in c.refs
	startswith(r, sprintf("%s.", [type]))
}

plain(v) if {
	is_string(v)
	v != ""
	config.known(v)
}

# world(v) is those of the addresses that are everybody's, or nearly.
world(v) := {a | some a in list(v); everybody(a)}

everybody(a) if regex.match(`^[0-9.]+/0*[0-7]$`, text(a))

everybody(a) if regex.match(`^[0-9a-fA-F:]*:[0-9a-fA-F:.]*/0+$`, text(a))

everybody(a) if lower(text(a)) in {"2000::/3", "*", "any", "internet", "0.0.0.0", "all", "/0"}

# ports that are named in messages: of administration and of stores.
named_ports := {
	20: "FTP", 21: "FTP", 22: "SSH", 23: "Telnet", 135: "RPC", 137: "NetBIOS", 138: "NetBIOS", 139: "NetBIOS", 389: "LDAP", 445: "SMB",
	1433: "SQL Server", 1434: "SQL Server", 1521: "Oracle", 2049: "NFS", 2375: "Docker", 2376: "Docker", 2379: "etcd", 2380: "etcd",
	2383: "SQL Server Analysis Services", 2483: "Oracle", 2484: "Oracle", 3306: "MySQL", 3389: "RDP", 4333: "mSQL", 5432: "PostgreSQL", 5439: "Redshift",
	5500: "VNC", 5601: "Kibana", 5672: "AMQP", 5900: "VNC", 5984: "CouchDB", 5985: "WinRM", 5986: "WinRM", 6379: "Redis", 6443: "Kubernetes", 7000: "Cassandra",
	7001: "Cassandra", 7199: "Cassandra", 8020: "Hadoop", 8500: "Consul", 8888: "Cassandra", 9042: "Cassandra", 9092: "Kafka", 9160: "Cassandra", 9200: "Elasticsearch",
	9300: "Elasticsearch", 10250: "kubelet", 10255: "kubelet", 11211: "Memcached", 11214: "Memcached", 11215: "Memcached", 15672: "RabbitMQ",
	27017: "MongoDB", 27018: "MongoDB", 27019: "MongoDB", 50070: "Hadoop", 61621: "Cassandra",
}

# covers(ranges, port) holds if one of the ranges [from, to] has the port.
covers(ranges, port) if {
	some r in ranges
	r[0] <= port
	port <= r[1]
}

# reach(ranges) says what ranges that everybody reaches amount to: {severity, what}. Undefined for the web's own ports.
reach(ranges) := {"severity": "critical", "what": "all ports"} if {
	some r in ranges
	r[1] - r[0] >= 60000
} else := {"severity": "critical", "what": sprintf("port %d (%s)", [port, named_ports[port]])} if {
	port := min([p | some p, _ in named_ports; covers(ranges, p)])
} else := {"severity": "high", "what": sprintf("ports %d to %d", [wide[0], wide[1]])} if {
	wide := max([r | some r in ranges; r[1] - r[0] >= 100])
} else := {"severity": "medium", "what": sprintf("port %d", [other])} if {
	other := min([p | some r in ranges; some p in r; not p in {80, 443}])
}

# port_range(text) is the range of "443", "8000-8080", "*" or a number.
port_range(p) := [0, 65535] if p == "*"

port_range(p) := [number(p), number(p)]

port_range(p) := [number(ends[0]), number(ends[1])] if {
	is_string(p)
	regex.match(`^[0-9]+-[0-9]+$`, p)
	ends := split(p, "-")
}

# statements is every statement of the IAM policies, with its item, the type of what uses it, and how it is written.
statements := [{"item": i, "path": s.path, "s": s} |
	some i in input.terraform
	some p in object.get(i, "policies", [])
	some s in p.statements
]

# grants is the statements that allow something to whom they are attached to. Service control policies, boundaries and endpoint policies
# only limit, so they are left out.
grants := [g |
	some g in statements
	g.s.effect == "Allow"
	to_holder(g)
	not limits(g.item)
]

# to_holder(g) holds for statements without principals, and where the policy is an identity's, for which principals mean nothing.
to_holder(g) if {
	count(g.s.principals) == 0
	count(g.s.notPrincipals) == 0
}

to_holder(g) if {
	count(g.s.principals) > 0
	of_identity(g.item)
}

# of_identity(item) holds for policies of users, groups and roles, and documents that only these use.
of_identity(item) if item.type in identity_policies

of_identity(item) if {
	item.mode == "data"
	used := users(item)
	count(used) > 0
	every type in used {
		type in identity_policies
	}
}

identity_policies := {"aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy", "aws_iam_group_policy"}

limits(item) if item.type in {"aws_organizations_policy", "aws_vpc_endpoint", "aws_vpc_endpoint_policy"}

# What a stack may change of itself is no grant to anybody.
limits(item) if item.type in {"aws_cloudformation_stack", "alicloud_ros_stack"}

limits(item) if {
	some type in users(item)
	type in {"aws_organizations_policy", "aws_vpc_endpoint", "aws_vpc_endpoint_policy"}
}

# users(item) is the types of what uses a policy document.
users(item) := {from[1] |
	some address in [sprintf("data.%s.%s", [item.type, item.name]), own_name(item)]
	some from in referrers[address]
	from[0] == item.module
}

# offered is the statements that allow something to principals which they name.
offered := [g |
	some g in statements
	g.s.effect == "Allow"
	count(g.s.principals) + count(g.s.notPrincipals) > 0
	not limits(g.item)
]

# part(g, name) is the path to a part of a statement, which is called otherwise in JSON.
part(g, name) := array.concat(g.path, [json_names[name]]) if {
	"Statement" in g.path
} else := array.concat(g.path, [name])

json_names := {
	"actions": "Action", "not_actions": "NotAction", "resources": "Resource", "not_resources": "NotResource",
	"principals": "Principal", "not_principals": "NotPrincipal", "condition": "Condition",
}

# everything(resources) holds if they take in all there is of a service.
everything(resources) if {
	some r in resources
	regex.match(`^(\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:\*(/\*)?|arn:\*)$`, known_text(r))
}

# known_text(v) is v with what is not known taken out, so that patterns over its parts work.
known_text(v) := regex.replace(text(v), `\$\{[^}]*\}`, "x")

# allows(statement, action) holds if the statement names the action, or a pattern of its actions does that is not a whole service.
allows(s, action) if {
	some a in s.actions
	not service_wide(a)
	matches(a, action)
}

# service_wide(action) holds for "*", "s3:*" and the like.
service_wide(a) if regex.match(`^([A-Za-z0-9-]+:)?\*+$`, a)

service_wide(a) if a == "*:*"

matches(pattern, action) if lower(pattern) == lower(action)

matches(pattern, action) if {
	regex.match(`^[A-Za-z0-9:*?-]+$`, pattern)
	contains(pattern, "*")
	expression := replace(replace(lower(pattern), "*", ".*"), "?", ".")
	regex.match(concat("", ["^", expression, "$"]), lower(action))
}

# narrowing is the condition keys that leave few callers of everybody.
narrowing := {
	"aws:sourcearn", "aws:sourceaccount", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths", "aws:principalorgid",
	"aws:principalorgpaths", "aws:principalaccount", "aws:principalarn", "aws:userid", "aws:username", "aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths",
	"aws:vpcsourceip", "aws:sourceip", "kms:calleraccount", "kms:grantisforawsresource", "aws:principalisawsservice", "aws:viaawsservice",
	"aws:principalservicename", "aws:calledvia", "elasticfilesystem:accesspointarn", "elasticfilesystem:accessedviamounttarget",
	"s3:dataaccesspointaccount", "s3:dataaccesspointarn", "lambda:sourcefunctionarn", "sts:externalid", "saml:aud", "saml:sub",
	"aws:federatedprovider", "sqs:sourcearn", "sns:endpoint",
}

# narrowed(statement) holds if a condition leaves few callers of everybody.
narrowed(s) if {
	some c in s.conditions
	narrows(c)
}

narrows(c) if {
	holds_for_few(c)
	lower(c.variable) in narrowing
}

narrows(c) if {
	holds_for_few(c)
	some end in [":aud", ":sub", ":amr", ":oaud", ":org_id"]
	endswith(lower(c.variable), end)
}

narrows(c) if {
	holds_for_few(c)
	startswith(lower(c.variable), "aws:principaltag/")
}

narrows(c) if {
	holds_for_few(c)
	not config.known(c.variable)
	not contains(c.variable, "}:")
}

# holds_for_few(condition) holds for comparisons that fail where the key is missing, with values that are not anything.
holds_for_few(c) if {
	regex.match(`^(ForAnyValue:)?(StringEquals|StringLike|StringEqualsIgnoreCase|ArnEquals|ArnLike|IpAddress|Bool|NumericEquals)$`, c.test)
	every v in c.values {
		not anything(v)
	}
}

anything(v) if regex.match(`^[*?]+$`, v)

anything(v) if regex.match(`^arn:[^:]*:\*(:\*)*$`, v)

anything(v) if everybody(v)

# anyone(statement) is the principals that are everybody.
anyone(s) := {v |
	some p in s.principals
	p.type in {"*", "AWS", "Service", "Federated", "CanonicalUser"}
	some v in p.identifiers
	regex.match(`^(\*|arn:[^:]*:iam::\*:.*)$`, v)
}

# secret_name(name) holds for names of values that are secrets themselves, not of where they are kept or how they are made.
secret_name(name) if {
	n := lower(replace(replace(text(name), "-", "_"), ".", "_"))
	regex.match(`(^|_)(pass|passwd|passphrase|pwd|password|passw|secret|secrets|token|api_?key|access_key|secret_key|private_key|client_secret|auth_key|account_key|encryption_key|signing_key|(pre_?)?shared_key|credential|credentials|connection_string|connectionstring|sas_token|jwt|pat)[0-9]*$|(password|passwd|secretkey|apikey|accesskey|privatekey|clientsecret|authtoken|accesstoken)$|(^|_)(password|passwd|secret|access_token|auth_token|private_key|api_key|apikey|secret_key)_(value|string|text|plain|base64|pem|content|default|prod|dev)$`, n)
}

# literal(v) holds for text that is a secret in itself: not empty, not a reference to where the secret is.
literal(v) if {
	is_string(v)
	not contains(v, "${")
	not contains(v, "%{")
	count(trim_space(v)) > 0
	not pointer(v)
}

pointer(v) if regex.match(`(?i)^(arn:|https?://|@Microsoft\.KeyVault\(|\{\{ ?resolve:|vault:|ref\+|ssm:|projects/|/|secretref:|keyvault:|sm://|op://|<[^>]*>$|\*+$|x{3,}$|file\(|data\.|var\.|local\.|module\.)`, v)

pointer(v) if lower(trim_space(v)) in {"true", "false", "null", "none", "n/a", "required", "optional", "default", "disabled", "enabled"}

# made(v) holds for text that looks as if a machine had made it.
made(v) if {
	count(v) >= 16
	not contains(v, " ")
	regex.match(`[0-9]`, v)
	not regex.match(`^[a-z0-9-]+(/[a-z0-9_-]+)+$`, v)
}

# issued(v) holds for tokens that tell by their form who issued them.
issued(v) if regex.match(`^(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,}|glpat-[A-Za-z0-9_-]{20,}|xox[abprs]-[A-Za-z0-9-]{20,}|[sr]k_live_[A-Za-z0-9]{16,}|AIza[A-Za-z0-9_-]{35}|npm_[A-Za-z0-9]{36}|dop_v1_[a-f0-9]{64}|hvs\.[A-Za-z0-9_-]{24,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,})$`, text(v))

# vague(name) holds for names that stand for where a secret is kept as often as for the secret itself.
vague(name) if {
	n := lower(replace(text(name), "-", "_"))
	regex.match(`(^|_)(pass|secrets?|token|credentials?|pat|jwt|access_key|auth_key)[0-9]*$`, n)
	not regex.match(`(client|shared|auth|access|api)_?(secret|token)$`, n)
}

# secret_value(name, v) holds for a secret that is written out under a name that says so.
secret_value(name, v) if {
	literal(v)
	secret_name(name)
	not vague(name)
}

secret_value(name, v) if {
	literal(v)
	vague(name)
	made(v)
}

# defaulted(item, v) holds if v is the default of a variable that item refers to. It is reported where it stands.
defaulted(item, v) if {
	some d in variable_defaults[item.module]
	d.value == v
	d.ref in item.refs
}

variable_defaults := {m: defaults |
	some m in modules
	defaults := [{"ref": sprintf("var.%s", [d.name]), "value": object.get(d.values, "default", null)} |
		some d in input.terraform
		d.mode == "variable"
		m == d.module
	]
}

modules := {i.module | some i in input.terraform}

# google_grants is who is given which role on Google Cloud: {item, path, role, members, several}.
google_grants := array.concat(array.concat(by_resource, by_document), by_text)

by_resource := [{"item": i, "path": [], "role": text(get(i.values, "role", "")), "members": members(i.values), "several": "members" in object.keys(i.values)} |
	some i in input.terraform
	i.mode == "managed"
	regex.match(`^google_.*_iam_(member|binding)$`, i.type)
]

by_document := [{"item": i, "path": p.path, "role": text(get(p.block, "role", "")), "members": members(p.block), "several": true} |
	some i in config.data_items({"google_iam_policy"})
	some p in at(i.values, ["binding"])
]

# Policies that are given as JSON.
by_text := [{"item": i, "path": array.concat(["policy_data"], p.path), "role": text(get(p.block, "role", "")), "members": members(p.block), "several": true} |
	some i in input.terraform
	i.mode == "managed"
	regex.match(`^google_.*_iam_policy$`, i.type)
	written := text(object.get(i.values, "policy_data", null))
	json.is_valid(written)
	policy := json.unmarshal(written)
	is_object(policy)
	some p in at(policy, ["bindings"])
]

# members(block) is the members that are known.
members(block) := [m |
	some key in ["member", "members"]
	some m in list(object.get(block, key, null))
	is_string(m)
]
