# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Caches, notebooks and data pipelines of Google Cloud ask for credentials and have no public addresses"
# description: A cache without a password serves whoever is in the network, and workers with public addresses carry data past it.
# related_resources:
# - ref: https://cloud.google.com/memorystore/docs/redis/auth-overview
#   description: Memorystore for Redis, AUTH
# - ref: https://cloud.google.com/dataproc/docs/concepts/configuring-clusters/network
#   description: Dataproc, clusters with internal IP addresses only
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-3 Access Enforcement and SC-7 Boundary Protection
# custom:
#   id: cloud-exposure.google-data-services
#   severity: medium
#   remediation: "Set auth_enabled = true, internal_ip_only = true, ip_configuration = \"WORKER_IP_PRIVATE\", private_instance = true or private nodes."
#   zeroTrust: [Z10, Z14]
#   kinds: [terraform]
package sealock.config.cloud_exposure.google_data_services

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"google_redis_instance"})
	cloud.off(i.values, "auth_enabled")
	f := cloud.fault(i, ["auth_enabled"], "the cache asks for no password", sprintf("auth_enabled is %s", [cloud.shown(object.get(i.values, "auth_enabled", null))]), "true")
}

finding contains f if {
	some i in cloud.managed({"google_redis_cluster", "google_memorystore_instance"})
	mode := cloud.get(i.values, "authorization_mode", "AUTH_MODE_DISABLED")
	mode in {"AUTH_MODE_DISABLED", "AUTH_DISABLED"}
	f := cloud.fault(i, ["authorization_mode"], "the cache asks for no sign-in", mode, "AUTH_MODE_IAM_AUTH")
}

# Public unless it is said otherwise: types, blocks, attribute, values that are private.
workers := [
	[{"google_dataproc_cluster"}, ["cluster_config", "gce_cluster_config"], "internal_ip_only", {true, "true"}],
	[{"google_dataflow_job", "google_dataflow_flex_template_job"}, [], "ip_configuration", {"WORKER_IP_PRIVATE"}],
	[{"google_data_fusion_instance"}, [], "private_instance", {true, "true"}],
	[{"google_composer_environment"}, ["config", "private_environment_config"], "enable_private_endpoint", {true, "true"}],
]

finding contains f if {
	some w in workers
	some i in cloud.managed(w[0])
	some s in cloud.settings(i.values, w[1], w[2])
	not s.value in w[3]
	config.known(s.value)
	f := cloud.rated(cloud.fault(i, s.path, "it has public addresses", sprintf("%s is %s", [w[2], cloud.shown(s.value)]), "private addresses only"), rate(s.value))
}

rate(v) := "low" if {
	v == null
} else := "medium"

finding contains f if {
	some i in cloud.managed({"google_alloydb_instance"})
	some p in cloud.at(i.values, ["network_config"])
	cloud.put_on(p.block, "enable_public_ip")
	f := cloud.fault(i, config.child(p.path, ["enable_public_ip"]), "the database has a public address", "enable_public_ip = true", "false")
}

finding contains f if {
	some i in cloud.managed({"google_cloudbuild_worker_pool"})
	some p in cloud.at(i.values, ["worker_config"])
	cloud.put_off(p.block, "no_external_ip")
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["no_external_ip"]), "builders have public addresses", "no_external_ip = false", "true"), "low")
}

# Lists of addresses that take in everybody: types, blocks, attribute, severity.
lists := [
	[{"google_alloydb_instance"}, ["network_config", "authorized_external_networks"], "cidr_range", "critical"],
	[{"google_composer_environment"}, ["config", "web_server_network_access_control", "allowed_ip_range"], "value", "medium"],
	[{"google_filestore_instance"}, ["file_shares", "nfs_export_options"], "ip_ranges", "medium"],
]

finding contains f if {
	some l in lists
	some i in cloud.managed(l[0])
	some p in cloud.at(i.values, l[1])
	some range in cloud.world(object.get(p.block, l[2], null))
	f := cloud.rated(cloud.fault(i, config.child(p.path, [l[2]]), "every address is let in", range, "the clients' ranges"), l[3])
}

finding contains f if {
	some i in cloud.managed({"google_vertex_ai_index_endpoint"})
	cloud.put_on(i.values, "public_endpoint_enabled")
	f := cloud.rated(cloud.fault(i, ["public_endpoint_enabled"], "it has public addresses", "public_endpoint_enabled = true", "false, and a network"), "low")
}

# A gateway before the function can ask for more than the function does.
finding contains f if {
	some place in [[{"google_cloudfunctions_function"}, []], [{"google_cloudfunctions2_function"}, ["service_config"]]]
	some i in cloud.managed(place[0])
	some p in cloud.at(i.values, place[1])
	object.get(p.block, "ingress_settings", "") == "ALLOW_ALL"
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["ingress_settings"]), "the function's address answers the whole internet", "ingress_settings = ALLOW_ALL", "ALLOW_INTERNAL_ONLY or ALLOW_INTERNAL_AND_GCLB"), "low")
}
