# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.clear_text_port_test

import data.sealock.config.transit.clear_text_port as rule
import data.sealock.lib.samples_test as samples

service(type, ports, annotations) := samples.kube([samples.namespaced(1, "v1", "Service", "web", {"metadata": {"annotations": annotations}, "spec": {"type": type, "ports": ports}})])

test_telnet_and_ftp if {
	samples.marks(rule.finding) == {"medium spec/ports/0/port", "medium spec/ports/1/port"} with input as service("ClusterIP", [{"port": 23}, {"port": 21}], {})
}

test_a_load_balancer_for_http_only if {
	samples.marks(rule.finding) == {"spec/ports/0/port"} with input as service("LoadBalancer", [{"port": 80, "targetPort": 8080}], {})
}

test_http_within_the_cluster if {
	rule.finding == set() with input as service("ClusterIP", [{"port": 80}, {"port": 8080, "appProtocol": "http"}], {})
}

test_a_load_balancer_with_tls if {
	rule.finding == set() with input as service("LoadBalancer", [{"port": 80}, {"port": 443}], {})
	rule.finding == set() with input as service("LoadBalancer", [{"port": 80}], {"service.beta.kubernetes.io/aws-load-balancer-ssl-cert": "arn:aws:acm:x"})
}

test_syslog_is_no_rsh if {
	rule.finding == set() with input as service("ClusterIP", [{"port": 514, "protocol": "UDP"}], {})
}
