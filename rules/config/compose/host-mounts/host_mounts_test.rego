# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.host_mounts_test

import data.sealock.config.compose.host_mounts as rule
import data.sealock.lib.samples_test as samples

test_the_root if {
	samples.marks(rule.finding) == {"high services/web/volumes/0"} with input as samples.compose({"web": {"volumes": ["/:/host"]}})
}

test_read_only_is_less_bad if {
	samples.marks(rule.finding) == {"medium services/web/volumes/0"} with input as samples.compose({"web": {"volumes": ["/etc/:/host/etc:ro,z"]}})
	samples.marks(rule.finding) == {"medium services/web/volumes/0"} with input as samples.compose({"web": {"volumes": [{"type": "bind", "source": "/etc", "target": "/e", "read_only": true}]}})
}

test_keys_of_a_home if {
	samples.marks(rule.finding) == {"high services/web/volumes/0", "high services/web/volumes/1"} with input as samples.compose({"web": {"volumes": ["~/.ssh:/root/.ssh", {"type": "bind", "source": "${HOME}/.aws", "target": "/root/.aws"}]}})
}

test_folders_of_the_project_are_fine if {
	rule.finding == set() with input as samples.compose({"web": {"volumes": [".:/app", "./etc:/etc/app", "data:/data", "/app/node_modules", "~/projects:/p"]}})
}

test_single_files_are_fine if {
	rule.finding == set() with input as samples.compose({"web": {"volumes": ["/etc/localtime:/etc/localtime:ro", "/srv/data:/data", {"type": "volume", "source": "/etc", "target": "/e"}]}})
}
