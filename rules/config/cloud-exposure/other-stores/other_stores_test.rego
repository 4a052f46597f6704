# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.other_stores_test

import data.sealock.config.cloud_exposure.other_stores as rule
import data.sealock.lib.config_cloud_test as t

test_public_buckets if {
	findings := rule.finding with input as t.doc([t.res("digitalocean_spaces_bucket", {"acl": "public-read"}), t.res("oci_objectstorage_bucket", {"access_type": "ObjectRead"})])
	t.paths(findings) == {["acl"], ["access_type"]}
}

test_public_database if {
	findings := rule.finding with input as t.doc([t.res("nifcloud_db_instance", {"publicly_accessible": true})])
	t.paths(findings) == {["publicly_accessible"]}
}

test_open_disks if {
	findings := rule.finding with input as t.doc([t.res("alicloud_ecs_disk", {"size": 40}), t.res("tencentcloud_cbs_storage", {"encrypt": false})])
	t.paths(findings) == {["encrypted"], ["encrypt"]}
	t.severities(findings) == {"medium"}
}

test_private if {
	findings := rule.finding with input as t.doc([
		t.res("digitalocean_spaces_bucket", {"acl": "private"}),
		t.res("alicloud_oss_bucket", {"bucket": "shop"}),
		t.res("oci_objectstorage_bucket", {"access_type": "NoPublicAccess"}),
		t.res("alicloud_disk", {"encrypted": true}),
		t.res("nifcloud_db_instance", {"publicly_accessible": false}),
	])
	findings == set()
}
