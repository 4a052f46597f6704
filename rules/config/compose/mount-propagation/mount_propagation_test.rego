# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.mount_propagation_test

import data.sealock.config.compose.mount_propagation as rule
import data.sealock.lib.samples_test as samples

test_short_form if {
	samples.marks(rule.finding) == {"services/web/volumes/0"} with input as samples.compose({"web": {"volumes": ["/mnt:/mnt:rw,shared"]}})
}

test_long_form if {
	samples.marks(rule.finding) == {"services/web/volumes/0/bind/propagation"} with input as samples.compose({"web": {"volumes": [{"type": "bind", "source": "/mnt", "target": "/mnt", "bind": {"propagation": "rshared"}}]}})
}

test_slave if {
	rule.finding == set() with input as samples.compose({"web": {"volumes": ["/mnt:/mnt:ro,rslave", {"type": "bind", "source": "/mnt", "target": "/m", "bind": {"propagation": "private"}}]}})
}

test_a_folder_of_that_name if {
	rule.finding == set() with input as samples.compose({"web": {"volumes": ["shared:/shared", "./shared:/data"]}})
}
