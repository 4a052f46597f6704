# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Policies of buckets refuse plain HTTP"
# description: "S3 answers over HTTP too: a key in the request and what is read pass in clear text, unless the policy denies it."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/amazon_web_services
#   description: "CIS Amazon Web Services Foundations Benchmark 3.0, 2.1.1 (bucket policies deny HTTP requests)"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 Rev. 5, SC-8(1) Cryptographic Protection in transit"
# custom:
#   id: cloud-encryption.aws-s3-transport
#   severity: medium
#   remediation: "Add a statement with Effect Deny, Principal * and the condition Bool aws:SecureTransport = false."
#   zeroTrust: [Z10, Z25]
#   kinds: [terraform]
package sealock.config.cloud_encryption.aws_s3_transport

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

# The policies of buckets: the item, and all statements of it and of the documents it refers to; several, where they are spread.
policies contains {"item": i, "statements": statements} if {
	some i in cloud.managed({"aws_s3_bucket_policy", "aws_s3_bucket"})
	not object.get(i.values, "policy", null) in {null, ""}
	statements := written(i)
	count(statements) > 0
}

written(i) := own if {
	own := [s | some p in i.policies; some s in p.statements]
	count(own) > 0
} else := [s |
	some r in i.refs
	some d in documents[r]
	d.module == i.module
	some p in d.policies
	some s in p.statements
]

# The documents by their address.
documents[d.address] contains d if {
	some d in config.data_items({"aws_iam_policy_document"})
	whole(d)
}

# A document that takes others in is not all that there is.
whole(d) if {
	every key in ["source_policy_documents", "override_policy_documents", "source_json", "override_json"] {
		cloud.unset(d.values, key)
	}
}

finding contains f if {
	some p in policies
	count([s | some s in p.statements; refuses(s)]) == 0
	not all_encrypted(p.statements)
	f := cloud.fault(p.item, ["policy"], "the bucket answers over plain HTTP", "no statement denies aws:SecureTransport = false", "Deny with the condition Bool aws:SecureTransport = false")
}

refuses(s) if {
	s.effect == "Deny"
	some c in s.conditions
	secure(c, "false")
}

refuses(s) if {
	s.effect == "Deny"
	some c in s.conditions
	lower(c.variable) == "s3:tlsversion"
}

# What is allowed over TLS only needs no denial.
all_encrypted(statements) if {
	allowed := [s | some s in statements; s.effect == "Allow"]
	count(allowed) > 0
	every s in allowed {
		only_encrypted(s)
	}
}

only_encrypted(s) if {
	some c in s.conditions
	secure(c, "true")
}

secure(c, v) if {
	startswith(lower(c.test), "bool")
	lower(c.variable) == "aws:securetransport"
	every x in c.values {
		lower(x) == v
	}
}
