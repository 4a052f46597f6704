# SPDX-License-Identifier: Apache-2.0

package sealock.config.manifest_secrets.etcd_encryption_test

import data.sealock.config.manifest_secrets.etcd_encryption as rule
import data.sealock.lib.samples_test as samples

encryption(providers) := samples.kube([samples.global(1, "apiserver.config.k8s.io/v1", "EncryptionConfiguration", "", {"resources": [{"resources": ["secrets"], "providers": providers}]})])

server(args) := samples.pod({"containers": [{"name": "kube-apiserver", "command": array.concat(["kube-apiserver"], args)}]})

test_plain_text_first if {
	samples.marks(rule.finding) == {"resources/0/providers/0"} with input as encryption([{"identity": {}}, {"kms": {"name": "k"}}])
}

test_a_key_in_the_tree if {
	samples.marks(rule.finding) == {"resources/0/providers/0/aescbc/keys/0/secret"} with input as encryption([{"aescbc": {"keys": [{"name": "k", "secret": "c2VjcmV0IGlzIHNlY3VyZQ=="}]}}, {"identity": {}}])
}

test_not_switched_on if {
	samples.marks(rule.finding) == {"medium spec/containers/0/command"} with input as server(["--secure-port=6443"])
}

test_kms_is_fine if {
	rule.finding == set() with input as encryption([{"kms": {"apiVersion": "v2", "name": "k", "endpoint": "unix:///run/kms.sock"}}, {"identity": {}}])
}

test_a_key_put_in_later if {
	rule.finding == set() with input as encryption([{"aescbc": {"keys": [{"name": "k", "secret": "<BASE 64 ENCODED SECRET>"}]}}])
}

test_switched_on if {
	rule.finding == set() with input as server(["--encryption-provider-config=/etc/kubernetes/enc.yaml"])
}
