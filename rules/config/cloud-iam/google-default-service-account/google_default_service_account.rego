# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Machines and nodes have a service account of their own
# description: The default service account of Compute Engine is shared by all that runs in a project and is often editor of it.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/google_cloud_computing_platform
#   description: CIS Google Cloud Platform Foundation Benchmark 3.0, 4.1 and 4.2 (no default service account, no full access)
# - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster
#   description: GKE, harden your cluster, least privilege service accounts
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-6 Least Privilege
# custom:
#   id: cloud-iam.google-default-service-account
#   severity: medium
#   remediation: Make a google_service_account with the roles that are needed and set it, with the scope cloud-platform.
#   zeroTrust: [Z10, Z13]
#   kinds: [terraform]
package sealock.config.cloud_iam.google_default_service_account

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"google_compute_instance", "google_compute_instance_template", "google_compute_region_instance_template"})
	some p in cloud.at(i.values, ["service_account"])
	default_account(p.block, "email")
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["email"]), "the machine runs as the default service account", cloud.shown(object.get(p.block, "email", null)), "a service account of its own"), severity(p.block))
}

finding contains f if {
	some i in cloud.managed({"google_container_cluster", "google_container_node_pool"})
	object.get(i.values, "enable_autopilot", false) != true
	not_pools_only(i)
	places := cloud.at(i.values, ["node_config"])
	some p in places
	default_account(p.block, "service_account")
	f := cloud.fault(i, config.child(p.path, ["service_account"]), "the nodes run as the default service account", cloud.shown(object.get(p.block, "service_account", null)), "a service account of its own")
}

# Where nothing is said of the nodes, it is the default one too.
finding contains f if {
	some i in cloud.managed({"google_container_cluster", "google_container_node_pool"})
	not cloud.put_on(i.values, "enable_autopilot")
	not_pools_only(i)
	cloud.no_blocks(i, "node_config")
	cloud.no_blocks(i, "node_pool")
	f := cloud.fault(i, ["node_config"], "the nodes run as the default service account", "no node_config", "a service account of its own")
}

finding contains f if {
	some i in cloud.managed({"google_container_cluster"})
	some place in [["node_pool", "node_config"], ["cluster_autoscaling", "auto_provisioning_defaults"]]
	some p in cloud.at(i.values, place)
	default_account(p.block, "service_account")
	not cloud.put_on(i.values, "enable_autopilot")
	f := cloud.fault(i, config.child(p.path, ["service_account"]), "the nodes run as the default service account", cloud.shown(object.get(p.block, "service_account", null)), "a service account of its own")
}

finding contains f if {
	some g in cloud.google_grants
	some m in g.members
	regex.match(`((-compute@developer|@appspot)\.gserviceaccount\.com|\$\{data\.google_(compute|app_engine)_default_service_account\.[^}]*\})$`, m)
	not g.role in {"roles/owner", "roles/editor"} # reported as such
	f := cloud.fault(g.item, config.child(g.path, ["role"]), "a role is given to the default service account", m, "a service account of its own")
}

# A cluster whose first pool is removed has no nodes of its own.
not_pools_only(i) if i.type == "google_container_node_pool"

not_pools_only(i) if cloud.off(i.values, "remove_default_node_pool")

default_account(block, key) if cloud.unset(block, key)

default_account(block, key) if {
	who := object.get(block, key, "")
	is_string(who)
	endswith(who, "@developer.gserviceaccount.com")
}

default_account(block, key) if object.get(block, key, "") == "default"

default_account(block, key) if contains(cloud.text(object.get(block, key, "")), "data.google_compute_default_service_account.")

severity(block) := "high" if {
	some s in cloud.list(object.get(block, "scopes", null))
	s in {"cloud-platform", "https://www.googleapis.com/auth/cloud-platform"}
} else := "medium"
