# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_secrets.provider_credentials_test

import data.sealock.config.cloud_secrets.provider_credentials as rule
import data.sealock.lib.config_cloud_test as t

test_aws if {
	findings := rule.finding with input as t.doc([t.item("provider", "aws", "aws", {"region": "eu-central-1", "access_key": "AKIAIOSFODNN7EXAMPLE", "secret_key": "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"})])
	t.paths(findings) == {["secret_key"]}
}

test_azure if {
	findings := rule.finding with input as t.doc([t.item("provider", "azurerm", "azurerm", {"client_id": "a", "client_secret": "0123456789"})])
	t.paths(findings) == {["client_secret"]}
}

test_backend if {
	findings := rule.finding with input as t.doc([t.item("terraform", "", "", {"backend": [{"type": "s3", "secret_key": "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"}]})])
	t.paths(findings) == {["backend", 0, "secret_key"]}
}

test_id_only if {
	findings := rule.finding with input as t.doc([t.item("provider", "aws", "aws", {"access_key": "AKIAIOSFODNN7EXAMPLE", "secret_key": "${var.secret_key}"})])
	t.paths(findings) == {["access_key"]}
}

test_none if {
	findings := rule.finding with input as t.doc([t.item("provider", "aws", "aws", {"region": "eu-central-1", "assume_role": [{"role_arn": "arn:aws:iam::1:role/a"}]}), t.item("provider", "google", "google", {"credentials": "${file(\"key.json\")}"}), t.item("provider", "github", "github", {"token": "${var.token}"})])
	findings == set()
}
