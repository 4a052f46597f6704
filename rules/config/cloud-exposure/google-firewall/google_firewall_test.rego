# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.google_firewall_test

import data.sealock.config.cloud_exposure.google_firewall as rule
import data.sealock.lib.config_cloud_test as t

test_ssh if {
	findings := rule.finding with input as t.doc([t.res("google_compute_firewall", {"allow": [{"protocol": "tcp", "ports": ["22"]}], "source_ranges": ["0.0.0.0/0"]})])
	t.severities(findings) == {"critical"}
	t.paths(findings) == {["source_ranges"]}
}

test_no_source if {
	findings := rule.finding with input as t.doc([t.res("google_compute_firewall", {"allow": [{"protocol": "tcp", "ports": ["3306"]}]})])
	t.paths(findings) == {["source_ranges"]}
}

test_everything if {
	findings := rule.finding with input as t.doc([t.res("google_compute_firewall", {"allow": [{"protocol": "all"}], "source_ranges": ["::/0"]})])
	t.severities(findings) == {"critical"}
	t.paths(findings) == {["source_ranges"]}
}

test_range if {
	findings := rule.finding with input as t.doc([t.res("google_compute_firewall", {"allow": [{"protocol": "tcp", "ports": ["443", "8000-8010"]}], "source_ranges": ["0.0.0.0/0"]})])
	t.paths(findings) == {["source_ranges"]}
}

test_web if {
	findings := rule.finding with input as t.doc([t.res("google_compute_firewall", {"allow": [{"protocol": "tcp", "ports": ["443", 80]}], "source_ranges": ["0.0.0.0/0"]})])
	findings == set()
}

test_proxy if {
	findings := rule.finding with input as t.doc([t.res("google_compute_firewall", {"allow": [{"protocol": "tcp", "ports": ["22"]}], "source_ranges": ["35.235.240.0/20"]})])
	findings == set()
}

test_tags if {
	findings := rule.finding with input as t.doc([t.res("google_compute_firewall", {"allow": [{"protocol": "tcp", "ports": ["22"]}], "source_tags": ["bastion"]})])
	findings == set()
}

test_deny_or_outgoing if {
	findings := rule.finding with input as t.doc([t.res("google_compute_firewall", {"deny": [{"protocol": "all"}], "source_ranges": ["0.0.0.0/0"]}), t.res("google_compute_firewall", {"direction": "EGRESS", "allow": [{"protocol": "all"}], "destination_ranges": ["0.0.0.0/0"]})])
	findings == set()
}

test_ping if {
	findings := rule.finding with input as t.doc([t.res("google_compute_firewall", {"allow": [{"protocol": "icmp"}], "source_ranges": ["0.0.0.0/0"]})])
	findings == set()
}

policy_rule(more) := t.res("google_compute_network_firewall_policy_rule", object.union({"action": "allow", "direction": "INGRESS"}, more))

test_policy_rule if {
	findings := rule.finding with input as t.doc([policy_rule({"match": [{"src_ip_ranges": ["0.0.0.0/0"], "layer4_configs": [{"ip_protocol": "tcp", "ports": ["443", "22"]}]}]})])
	t.paths(findings) == {["match", 0, "src_ip_ranges"]}
	t.severities(findings) == {"critical"}
}

test_policy_rule_for_peers if {
	web := policy_rule({"match": [{"src_ip_ranges": ["0.0.0.0/0"], "layer4_configs": [{"ip_protocol": "tcp", "ports": ["443"]}]}]})
	office := policy_rule({"match": [{"src_ip_ranges": ["203.0.113.0/24"], "layer4_configs": [{"ip_protocol": "all"}]}]})
	deny := policy_rule({"action": "deny", "match": [{"src_ip_ranges": ["0.0.0.0/0"], "layer4_configs": [{"ip_protocol": "all"}]}]})
	findings := rule.finding with input as t.doc([web, office, deny])
	findings == set()
}
