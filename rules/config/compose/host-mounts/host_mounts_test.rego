# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.host_mounts_test

import data.sealock.config.compose.host_mounts as rule
import data.sealock.lib.samples_test as samples

test_the_root if {
	samples.marks(rule.finding) == {"high services/web/volumes/0"} with input as samples.compose({"web": {"volumes": ["/:/host"]}})
}

test_read_only_is_less_bad if {
	samples.marks(rule.finding) == {"medium services/web/volumes/0"} with input as samples.compose({"web": {"volumes": ["/etc/:/host/etc:ro,z"]}})
	samples.marks(rule.finding) == {"medium services/web/volumes/0/source"} with input as samples.compose({"web": {"volumes": [{"type": "bind", "source": "/etc", "target": "/e", "read_only": true}]}})
}

test_keys_of_a_home if {
	samples.marks(rule.finding) == {"high services/web/volumes/0", "high services/web/volumes/1/source"} with input as samples.compose({"web": {"volumes": ["~/.ssh:/root/.ssh", {"type": "bind", "source": "${HOME}/.aws", "target": "/root/.aws"}]}})
}

test_folders_of_the_project_are_fine if {
	rule.finding == set() with input as samples.compose({"web": {"volumes": [".:/app", "./etc:/etc/app", "data:/data", "/app/node_modules", "~/projects:/p"]}})
}

test_single_files_are_fine if {
	rule.finding == set() with input as samples.compose({"web": {"volumes": ["/etc/localtime:/etc/localtime:ro", "/srv/data:/data", {"type": "volume", "source": "/etc", "target": "/e"}]}})
}

test_below_folders_of_the_system if {
	samples.marks(rule.finding) == {"medium services/web/volumes/0", "low services/web/volumes/1", "medium services/web/volumes/2/source"} with input as samples.compose({"web": {"volumes": [
		"/etc/app:/etc/app", "/var/log/audit:/logs:ro", {"type": "bind", "source": "/usr/local/bin", "target": "/tools"},
	]}})
}

test_named_volumes_of_the_host if {
	doc := samples.compose({"web": {"volumes": ["data:/data"]}})
	file := object.union(doc.compose[0], {"object": {"volumes": {
		"data": {"driver": "local", "driver_opts": {"type": "none", "o": "bind", "device": "/etc"}}, "plain": {}, "none": null,
		"share": {"driver_opts": {"type": "nfs", "device": ":/exports/data"}},
	}}})
	samples.marks(rule.finding) == {"high volumes/data/driver_opts/device"} with input as object.union(doc, {"compose": [file]})
}

test_certificates_and_zones_are_fine if {
	rule.finding == set() with input as samples.compose({"web": {"volumes": ["/etc/ssl/certs:/etc/ssl/certs:ro", "/etc/hosts:/etc/hosts:ro", "/lib/modules:/lib/modules:ro", "/var/lib/app:/data", "/var/run/docker.sock:/var/run/docker.sock"]}})
}
