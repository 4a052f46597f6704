# SPDX-License-Identifier: Apache-2.0

package sealock.config.manifest_secrets.secret_object_test

import data.sealock.config.manifest_secrets.secret_object as rule
import data.sealock.lib.samples_test as samples

secret(body) := samples.kube([samples.namespaced(1, "v1", "Secret", "db", body)])

test_data if {
	some f in rule.finding with input as secret({"type": "Opaque", "data": {"username": "c2hvcA==", "password": "aHVudGVyMg=="}})
	f.path == ["data", "password"]
	not contains(json.marshal(f), "hunter2")
	not contains(json.marshal(f), "aHVudGVyMg")
}

test_string_data if {
	samples.marks(rule.finding) == {"high stringData/token"} with input as secret({"stringData": {"token": "changeme"}})
}

test_a_private_key if {
	samples.marks(rule.finding) == {"high data/tls.key"} with input as secret({"type": "kubernetes.io/tls", "data": {"tls.crt": "LS0tLS1CRUdJTg==", "tls.key": "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t"}})
}

test_made_by_a_chart if {
	doc := samples.kube([object.union(samples.namespaced(1, "v1", "Secret", "db", {"data": {"password": "aHVudGVyMg=="}}), {"origin": "helm"})])
	samples.marks(rule.finding) == {"medium data/password"} with input as doc
}

test_empty_and_placeholders if {
	rule.finding == set() with input as secret({"data": {"password": ""}, "stringData": {"token": "<path:kv/data/shop#token>", "key": "${KEY}"}})
	rule.finding == set() with input as secret({"type": "Opaque"})
	rule.finding == set() with input as secret({"data": {"password": base64.encode("${PASSWORD}")}})
}

test_encrypted_with_sops if {
	rule.finding == set() with input as secret({"stringData": {"password": "ENC[AES256_GCM,data:Zm9v,iv:YQ==]"}, "sops": {"version": "3.9.0"}})
	rule.finding == set() with input as secret({"data": {"password": "ENC[AES256_GCM,data:Zm9v,iv:YQ==]"}})
}

test_certificates_and_addresses_are_public if {
	rule.finding == set() with input as secret({"data": {"ca.crt": "LS0tLS1CRUdJTg=="}})
	rule.finding == set() with input as secret({"stringData": {"url": "https://github.com/acme/shop", "type": "git"}})
}

test_sealed_secrets_are_another_kind if {
	rule.finding == set() with input as samples.kube([samples.namespaced(1, "bitnami.com/v1alpha1", "SealedSecret", "db", {"spec": {"encryptedData": {"password": "AgBy8h"}}})])
}
