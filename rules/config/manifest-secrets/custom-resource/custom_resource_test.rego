# SPDX-License-Identifier: Apache-2.0

package sealock.config.manifest_secrets.custom_resource_test

import data.sealock.config.manifest_secrets.custom_resource as rule
import data.sealock.lib.samples_test as samples

resource(kind, body) := samples.kube([samples.namespaced(1, "example.com/v1", kind, "db", body)])

test_a_password_of_a_release if {
	samples.marks(rule.finding) == {"spec/values/auth/rootPassword"} with input as resource("HelmRelease", {"spec": {"values": {"auth": {"rootPassword": "hunter2"}}}})
}

test_a_parameter_of_an_application if {
	samples.marks(rule.finding) == {"spec/source/helm/parameters/0/value"} with input as resource("Application", {"spec": {"source": {"helm": {"parameters": [{"name": "admin.password", "value": "hunter2"}]}}}})
}

test_values_as_text if {
	samples.marks(rule.finding) == {"spec/source/helm/values"} with input as resource("Application", {"spec": {"source": {"helm": {"values": "replicas: 1\nadminPassword: hunter2\n"}}}})
}

test_a_kubeconfig if {
	count(rule.finding) == 1 with input as samples.kube([samples.global(1, "v1", "Config", "", {"users": [{"name": "u", "user": {"token": "abcdef0123456789"}}]})])
}

test_references_are_fine if {
	rule.finding == set() with input as resource("HelmRelease", {"spec": {"values": {"auth": {"existingSecret": "db", "passwordKey": "password", "password": ""}}}})
	rule.finding == set() with input as resource("Database", {"spec": {"passwordSecretRef": {"name": "db", "key": "password"}}})
}

test_kinds_that_only_refer if {
	rule.finding == set() with input as resource("ExternalSecret", {"spec": {"data": [{"secretKey": "password", "remoteRef": {"key": "shop/db"}}]}})
	rule.finding == set() with input as resource("CustomResourceDefinition", {"spec": {"properties": {"password": "string"}}})
}

test_metadata_is_left_out if {
	rule.finding == set() with input as resource("Thing", {"metadata": {"annotations": {"reset-password": "hunter2"}}})
}
