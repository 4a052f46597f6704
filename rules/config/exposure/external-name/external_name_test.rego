# SPDX-License-Identifier: Apache-2.0

package sealock.config.exposure.external_name_test

import data.sealock.config.exposure.external_name as rule
import data.sealock.lib.samples_test as samples

service(spec) := samples.kube([samples.namespaced(1, "v1", "Service", "ledger", {"spec": spec})])

leads(name) := service({"type": "ExternalName", "externalName": name})

test_out_of_the_cluster if {
	samples.marks(rule.finding) == {"low spec/externalName"} with input as leads("ledger.example.com")
	samples.marks(rule.finding) == {"low spec/externalName"} with input as leads("203.0.113.7")
}

test_to_the_metadata_of_the_node if {
	samples.marks(rule.finding) == {"medium spec/externalName"} with input as leads("169.254.169.254")
	samples.marks(rule.finding) == {"medium spec/externalName"} with input as leads("Metadata.Google.Internal.")
}

test_another_namespace_is_fine if {
	rule.finding == set() with input as leads("ledger.bank.svc.cluster.local")
	rule.finding == set() with input as leads("ledger.bank.svc")
	rule.finding == set() with input as leads("ledger.bank.svc.dev.example.org")
}

test_a_name_of_the_own_network_is_fine if {
	rule.finding == set() with input as leads("db.eu.rds.internal")
}

test_other_types_are_fine if {
	rule.finding == set() with input as service({"type": "ClusterIP", "externalName": "ledger.example.com"})
	rule.finding == set() with input as service({"selector": {"app": "ledger"}})
	rule.finding == set() with input as leads("${LEDGER_HOST}")
}
