# SPDX-License-Identifier: Apache-2.0

package sealock.config.exposure.kubelet_streams_test

import data.sealock.config.exposure.kubelet_streams as rule
import data.sealock.lib.samples_test as samples

test_never if {
	samples.marks(rule.finding) == {"medium spec/containers/0/command/1"} with input as samples.component("kubelet", ["--streaming-connection-idle-timeout=0"])
	samples.marks(rule.finding) == {"medium streamingConnectionIdleTimeout"} with input as samples.kubelet_file({"streamingConnectionIdleTimeout": "0s"})
	samples.marks(rule.finding) == {"medium streamingConnectionIdleTimeout"} with input as samples.kubelet_file({"streamingConnectionIdleTimeout": 0})
}

test_after_a_time if {
	rule.finding == set() with input as samples.component("kubelet", ["--streaming-connection-idle-timeout=30m"])
	rule.finding == set() with input as samples.kubelet_file({"streamingConnectionIdleTimeout": "4h0m0s"})
}

test_by_default if {
	rule.finding == set() with input as samples.component("kubelet", [])
	rule.finding == set() with input as samples.kubelet_file({})
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--streaming-connection-idle-timeout=0"])
}
