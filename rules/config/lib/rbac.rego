# SPDX-License-Identifier: Apache-2.0

# What the rules about roles and bindings share: each entry of a role's rules as a grant, and where its rights reach.
package sealock.lib.config_rbac

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

groups := {"rbac.authorization.k8s.io", "authorization.openshift.io"}

# roles are the roles that somebody wrote; those of Kubernetes itself are left out.
roles := [r |
	some r in pods.of_kind({"Role", "ClusterRole"})
	r.group in groups
	not startswith(r.name, "system:")
	object.get(r.labels, "kubernetes.io/bootstrapping", "") != "rbac-defaults"
]

bindings := [b |
	some b in pods.of_kind({"RoleBinding", "ClusterRoleBinding"})
	b.group in groups
	not startswith(b.name, "system:")
]

# grants is the entries of all roles: what may be done (verbs, as a set) to what (resources and urls, as lists) of which API groups, and whether
# only to things named in the role.
grants := [g |
	some r in roles
	some i, rule in pods.list(r.object, ["rules"])
	is_object(rule)
	g := {
		"item": r, "path": ["rules", i], "verbs": {v | some v in words(rule, "verbs")}, "resources": words(rule, "resources"),
		"groups": {v | some v in words(rule, "apiGroups")}, "urls": words(rule, "nonResourceURLs"), "names": words(rule, "resourceNames"),
		"wide": wide(r),
	}
]

# words is a list of texts; a single text is taken for a list of one.
words(rule, field) := [v] if {
	v := object.get(rule, field, null)
	is_string(v)
} else := [v | some v in pods.list(rule, [field]); is_string(v)]

# wide(r) if a role's rights hold in all namespaces: a ClusterRole, unless the tree binds it in single namespaces only.
default wide(_) := false

wide(r) if {
	r.kind == "ClusterRole"
	not narrowed(r)
}

narrowed(r) if {
	kinds := object.get(bound, r.name, set())
	"RoleBinding" in kinds
	not "ClusterRoleBinding" in kinds
	not aggregated(r)
}

# bound is the kinds of bindings by the name of the ClusterRole that they bind.
bound := {name: kinds |
	some name in {b.name | some b in to_cluster_roles}
	kinds := {b.kind | some b in to_cluster_roles; name == b.name}
}

to_cluster_roles := [{"name": name, "kind": b.kind} |
	some b in bindings
	pods.at(b.object, ["roleRef", "kind"], "") == "ClusterRole"
	name := pods.at(b.object, ["roleRef", "name"], "")
]

# aggregated(r) if a role's rights are added to a role of Kubernetes.
aggregated(r) if {
	some to in ["admin", "edit", "view"]
	config.truthy(object.get(r.labels, sprintf("rbac.authorization.k8s.io/aggregate-to-%s", [to]), ""))
}

# hits(g, group, resources, verbs) is the places in a grant's list of resources where one of these is named, if one of the verbs goes with it. What
# is granted by resources: "*" is told by rbac.wildcard alone.
hits(g, group, resources, verbs) := [i |
	may(g, verbs)
	in_group(g, group)
	some i, r in g.resources
	named(r, resources)
]

named(r, resources) if r in resources

named(r, resources) if {
	startswith(r, "*/")
	some want in resources
	endswith(want, substring(r, 1, -1))
}

may(g, verbs) if count(g.verbs & (verbs | {"*"})) > 0

in_group(g, group) if group in g.groups

in_group(g, _) if "*" in g.groups

in_group(g, _) if count(g.groups) == 0

# path(g, places) is the path to the first of the places that hits gave.
path(g, places) := array.concat(g.path, ["resources", places[0]])

# told(g) says a grant in one line.
told(g) := sprintf("%s on %s", [concat(", ", sort(g.verbs)), concat(", ", array.concat(g.resources, g.urls))])

# by_reach(g, wide, narrow) is the severity for rights in the whole cluster, and in one namespace.
by_reach(g, severe, _) := severe if g.wide

by_reach(g, _, mild) := mild if not g.wide

# where(g) says how far it reaches.
where(g) := "in every namespace" if {
	g.wide
} else := "in its namespace"

# subjects is everyone whom a binding of the tree names.
subjects := [s |
	some b in bindings
	some i, v in pods.list(b.object, ["subjects"])
	is_object(v)
	s := {
		"item": b, "path": ["subjects", i], "kind": pods.text(object.get(v, "kind", "")), "name": pods.text(object.get(v, "name", "")),
		"namespace": namespace(b, v), "role": pods.text(pods.at(b.object, ["roleRef", "name"], "")),
	}
]

namespace(b, v) := n if {
	n := object.get(v, "namespace", "")
	is_string(n)
	n != ""
} else := b.namespace

# accounts is the service accounts that some binding gives rights to, as namespace/name.
accounts contains sprintf("%s/%s", [s.namespace, s.name]) if {
	some s in subjects
	s.kind == "ServiceAccount"
}

# holds(w, name) if some binding gives rights to an account of a workload's namespace. What a chart or a manifest leaves to the installation has its
# namespace from there, so the account's name is enough.
holds(w, name) if sprintf("%s/%s", [w.namespace, name]) in accounts

holds(w, name) if {
	unplaced(w)
	name in account_names
}

account_names contains s.name if {
	some s in subjects
	s.kind == "ServiceAccount"
	s.name != "default"
}

unplaced(w) if pods.at(w.object, ["metadata", "namespace"], null) == null

unplaced(w) if {
	w.origin == "helm"
	w.namespace == "default"
}
