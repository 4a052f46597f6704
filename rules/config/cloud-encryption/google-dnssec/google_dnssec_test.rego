# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.google_dnssec_test

import data.sealock.config.cloud_encryption.google_dnssec as rule
import data.sealock.lib.config_cloud_test as t

test_off if {
	findings := rule.finding with input as t.doc([t.res("google_dns_managed_zone", {"dns_name": "shop.example.", "dnssec_config": [{"state": "off"}]})])
	t.paths(findings) == {["dnssec_config", 0, "state"]}
}

test_not_said if {
	findings := rule.finding with input as t.doc([t.res("google_dns_managed_zone", {"dns_name": "shop.example."})])
	t.severities(findings) == {"low"}
}

test_old_algorithm if {
	findings := rule.finding with input as t.doc([t.res("google_dns_managed_zone", {"dnssec_config": [{"state": "on", "default_key_specs": [{"algorithm": "rsasha256"}, {"algorithm": "rsasha1"}]}]})])
	t.paths(findings) == {["dnssec_config", 0, "default_key_specs", 1, "algorithm"]}
}

test_signed_or_private if {
	findings := rule.finding with input as t.doc([
		t.res("google_dns_managed_zone", {"dnssec_config": [{"state": "on"}]}),
		t.res("google_dns_managed_zone", {"visibility": "private"}),
	])
	findings == set()
}
