# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.google_gke_identity_test

import data.sealock.config.cloud_iam.google_gke_identity as rule
import data.sealock.lib.config_cloud_test as t

identity := {"workload_identity_config": [{"workload_pool": "shop.svc.id.goog"}]}

test_no_identity if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"name": "shop"})])
	t.paths(findings) == {["workload_identity_config"]}
}

test_token_of_the_node if {
	pool := t.res("google_container_node_pool", {"node_config": [{"workload_metadata_config": [{"mode": "GCE_METADATA"}]}]})
	cluster := t.res("google_container_cluster", object.union(identity, {"node_config": [{"workload_metadata_config": [{"node_metadata": "EXPOSE"}]}]}))
	findings := rule.finding with input as t.doc([pool, cluster])
	t.paths(findings) == {["node_config", 0, "workload_metadata_config", 0, "mode"], ["node_config", 0, "workload_metadata_config", 0, "node_metadata"]}
	t.severities(findings) == {"high"}
}

test_legacy_endpoints if {
	cluster := t.res("google_container_cluster", object.union(identity, {"node_pool": [{"node_config": [{"metadata": {"disable-legacy-endpoints": "false"}}]}]}))
	findings := rule.finding with input as t.doc([cluster])
	t.paths(findings) == {["node_pool", 0, "node_config", 0, "metadata", "disable-legacy-endpoints"]}
}

test_own_identities if {
	findings := rule.finding with input as t.doc([
		t.res("google_container_cluster", identity),
		t.res("google_container_cluster", {"enable_autopilot": true}),
		t.res("google_container_node_pool", {"node_config": [{"workload_metadata_config": [{"mode": "GKE_METADATA"}], "metadata": {"disable-legacy-endpoints": true}}]}),
	])
	findings == set()
}
