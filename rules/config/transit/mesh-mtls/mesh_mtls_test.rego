# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.mesh_mtls_test

import data.sealock.config.transit.mesh_mtls as rule
import data.sealock.lib.samples_test as samples

peer(spec) := samples.kube([samples.namespaced(1, "security.istio.io/v1", "PeerAuthentication", "default", {"spec": spec})])

test_permissive if {
	samples.marks(rule.finding) == {"medium spec/mtls/mode"} with input as peer({"mtls": {"mode": "PERMISSIVE"}})
}

test_disabled if {
	samples.marks(rule.finding) == {"high spec/mtls/mode"} with input as peer({"mtls": {"mode": "DISABLE"}})
}

test_one_port if {
	samples.marks(rule.finding) == {"high spec/portLevelMtls/8080/mode"} with input as peer({"mtls": {"mode": "STRICT"}, "portLevelMtls": {"8080": {"mode": "DISABLE"}}})
}

test_strict_is_fine if {
	rule.finding == set() with input as peer({"mtls": {"mode": "STRICT"}, "portLevelMtls": {"8080": {"mode": "STRICT"}}})
}

test_what_is_inherited_is_fine if {
	rule.finding == set() with input as peer({"mtls": {"mode": "UNSET"}})
	rule.finding == set() with input as peer({})
}
