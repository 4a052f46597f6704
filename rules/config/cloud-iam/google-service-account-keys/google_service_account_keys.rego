# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Service accounts have no keys
# description: A key of a service account works from anywhere until somebody removes it, and Terraform keeps the private half in its state.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/google_cloud_computing_platform
#   description: CIS Google Cloud Platform Foundation Benchmark 3.0, 1.4 (only Google-managed keys for service accounts)
# - ref: https://cloud.google.com/iam/docs/best-practices-for-managing-service-account-keys
#   description: Best practices for managing service account keys
# custom:
#   id: cloud-iam.google-service-account-keys
#   severity: high
#   remediation: Use workload identity federation, an attached service account, or impersonation.
#   zeroTrust: [Z28, Z25]
#   kinds: [terraform]
package sealock.config.cloud_iam.google_service_account_keys

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"google_service_account_key", "google_storage_hmac_key"})
	f := cloud.fault(i, ["service_account_id"], "a key that does not expire is made for a service account", i.type, "workload identity federation or an attached service account")
}
