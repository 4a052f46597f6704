# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.storage_class_test

import data.sealock.config.cloud_encryption.storage_class as rule
import data.sealock.lib.samples_test as samples

class(body) := samples.kube([samples.global(1, "storage.k8s.io/v1", "StorageClass", "fast", body)])

test_not_encrypted if {
	samples.marks(rule.finding) == {"medium parameters/encrypted"} with input as class({"provisioner": "ebs.csi.aws.com", "parameters": {"type": "gp3", "encrypted": "false"}})
}

test_not_said if {
	samples.marks(rule.finding) == {"low parameters/encrypted"} with input as class({"provisioner": "ebs.csi.aws.com", "parameters": {"type": "gp3"}})
	samples.marks(rule.finding) == {"low parameters/encrypted"} with input as class({"provisioner": "kubernetes.io/aws-ebs"})
}

test_encrypted_is_fine if {
	rule.finding == set() with input as class({"provisioner": "ebs.csi.aws.com", "parameters": {"encrypted": "true"}})
	rule.finding == set() with input as class({"provisioner": "ebs.csi.aws.com", "parameters": {"encrypted": true}})
}

test_drivers_that_always_encrypt_are_fine if {
	rule.finding == set() with input as class({"provisioner": "pd.csi.storage.gke.io", "parameters": {"type": "pd-ssd"}})
	rule.finding == set() with input as class({"provisioner": 3})
}
