# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Load balancers take TLS 1.2 or later, and no plain HTTP
# description: TLS 1.0 and 1.1 are broken, and over plain HTTP everybody on the way reads and changes what is sent.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/google_cloud_computing_platform
#   description: CIS Google Cloud Platform Foundation Benchmark 3.0, 3.9 (no SSL policies permit SSL with weak cipher suites)
# - ref: https://csrc.nist.gov/pubs/sp/800/52/r2/final
#   description: NIST SP 800-52 Rev. 2, section 3.1 (protocol version support)
# custom:
#   id: cloud-encryption.google-tls
#   severity: medium
#   remediation: "Use a google_compute_ssl_policy with min_tls_version = \"TLS_1_2\" and profile \"MODERN\" on every HTTPS proxy; let the HTTP proxy only redirect."
#   zeroTrust: [Z10]
#   kinds: [terraform]
package sealock.config.cloud_encryption.google_tls

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"google_compute_ssl_policy", "google_compute_region_ssl_policy"})
	version := cloud.get(i.values, "min_tls_version", "TLS_1_0")
	version in {"TLS_1_0", "TLS_1_1"}
	f := cloud.rated(cloud.fault(i, ["min_tls_version"], "old versions of TLS are taken", version, "TLS_1_2"), "high")
}

finding contains f if {
	some i in cloud.managed({"google_compute_target_https_proxy", "google_compute_target_ssl_proxy", "google_compute_region_target_https_proxy"})
	cloud.unset(i.values, "ssl_policy")
	f := cloud.fault(i, ["ssl_policy"], "old versions of TLS are taken", "no ssl_policy", "a policy with min_tls_version = \"TLS_1_2\"")
}

finding contains f if {
	some i in cloud.managed({"google_compute_target_http_proxy", "google_compute_region_target_http_proxy"})
	maps := [m |
		some m in cloud.managed({"google_compute_url_map", "google_compute_region_url_map"})
		m.module == i.module
		cloud.refers(i, cloud.own_name(m))
	]
	count(maps) > 0
	every m in maps {
		not redirects(m)
	}
	f := cloud.fault(i, ["url_map"], "plain HTTP is taken and not redirected", sprintf("%v", [object.get(i.values, "url_map", "")]), "a URL map with default_url_redirect.https_redirect = true")
}

redirects(m) if {
	some p in cloud.at(m.values, ["default_url_redirect"])
	cloud.put_on(p.block, "https_redirect")
}

finding contains f if {
	some i in cloud.managed({"google_redis_instance"})
	mode := cloud.get(i.values, "transit_encryption_mode", "DISABLED")
	mode == "DISABLED"
	f := cloud.fault(i, ["transit_encryption_mode"], "the cache takes unencrypted connections", mode, "SERVER_AUTHENTICATION")
}

# The profile that is taken where none is said offers ciphers without forward secrecy.
finding contains f if {
	some i in cloud.managed({"google_compute_ssl_policy", "google_compute_region_ssl_policy"})
	cloud.get(i.values, "min_tls_version", "TLS_1_0") == "TLS_1_2"
	cloud.get(i.values, "profile", "COMPATIBLE") == "COMPATIBLE"
	f := cloud.rated(cloud.fault(i, ["profile"], "weak ciphers are taken", sprintf("profile is %s", [cloud.shown(object.get(i.values, "profile", null))]), "MODERN or RESTRICTED"), "low")
}

finding contains f if {
	some i in cloud.managed({"google_compute_ssl_policy", "google_compute_region_ssl_policy"})
	object.get(i.values, "profile", "") == "CUSTOM"
	weak := [c | some c in cloud.list(object.get(i.values, "custom_features", null)); regex.match(`^TLS_RSA_|_3DES_|_CBC_SHA$`, cloud.text(c))]
	count(weak) > 0
	f := cloud.fault(i, ["custom_features"], "weak ciphers are taken", concat(", ", array.slice(weak, 0, 3)), "ciphers with ECDHE and GCM")
}

# Functions and handlers that take plain HTTP: types, blocks, attribute.
handlers := [
	[{"google_cloudfunctions_function"}, [], "https_trigger_security_level"],
	[{"google_app_engine_standard_app_version", "google_app_engine_flexible_app_version"}, ["handlers"], "security_level"],
]

finding contains f if {
	some h in handlers
	some i in cloud.managed(h[0])
	some p in cloud.at(i.values, h[1])
	level := object.get(p.block, h[2], "")
	level in {"SECURE_OPTIONAL", "SECURE_NEVER"}
	f := cloud.fault(i, array.concat(p.path, [h[2]]), "plain HTTP is taken", level, "SECURE_ALWAYS")
}

# Stores: types, blocks, attribute, values that leave connections in the open.
stores := [
	[{"google_redis_cluster", "google_memorystore_instance"}, [], "transit_encryption_mode", {"TRANSIT_ENCRYPTION_MODE_DISABLED", "TRANSIT_ENCRYPTION_DISABLED"}],
	[{"google_alloydb_instance"}, ["client_connection_config", "ssl_config"], "ssl_mode", {"ALLOW_UNENCRYPTED_AND_ENCRYPTED"}],
]

finding contains f if {
	some s in stores
	some i in cloud.managed(s[0])
	some p in cloud.at(i.values, s[1])
	v := object.get(p.block, s[2], "")
	v in s[3]
	f := cloud.fault(i, array.concat(p.path, [s[2]]), "the store takes unencrypted connections", v, "encrypted connections only")
}

# Addresses that messages and calls are sent to, and the way to what is behind a load balancer.
finding contains f if {
	some place in [[{"google_pubsub_subscription"}, ["push_config"], "push_endpoint"], [{"google_cloud_scheduler_job"}, ["http_target"], "uri"]]
	some i in cloud.managed(place[0])
	some p in cloud.at(i.values, place[1])
	startswith(lower(cloud.text(object.get(p.block, place[2], null))), "http://")
	f := cloud.fault(i, array.concat(p.path, [place[2]]), "messages are sent by plain HTTP", sprintf("%s begins with http://", [place[2]]), "https://")
}

finding contains f if {
	some i in cloud.managed({"google_compute_backend_service", "google_compute_region_backend_service"})
	object.get(i.values, "protocol", "") == "HTTP"
	not object.get(i.values, "load_balancing_scheme", "") in {"INTERNAL", "INTERNAL_SELF_MANAGED"}
	f := cloud.rated(cloud.fault(i, ["protocol"], "requests are passed on by plain HTTP", "protocol = HTTP", "HTTPS or HTTP2"), "low")
}
