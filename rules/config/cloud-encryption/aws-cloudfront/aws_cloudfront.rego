# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: CloudFront speaks TLS 1.2 or later on both sides
# description: Over plain HTTP everybody on the way reads and changes what is sent, tokens included; TLS 1.0 and 1.1 are broken.
# related_resources:
# - ref: https://csrc.nist.gov/pubs/sp/800/52/r2/final
#   description: NIST SP 800-52 Rev. 2, section 3.1 (protocol version support)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-8(1) Cryptographic Protection in transit
# custom:
#   id: cloud-encryption.aws-cloudfront
#   severity: high
#   remediation: "Set viewer_protocol_policy = \"redirect-to-https\", minimum_protocol_version = \"TLSv1.2_2021\" with a certificate of one's own, and origin_protocol_policy = \"https-only\"."
#   zeroTrust: [Z10]
#   kinds: [terraform]
package sealock.config.cloud_encryption.aws_cloudfront

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

distributions := cloud.managed({"aws_cloudfront_distribution"})

finding contains f if {
	some i in distributions
	some behaviour in ["default_cache_behavior", "ordered_cache_behavior"]
	some p in cloud.at(i.values, [behaviour])
	object.get(p.block, "viewer_protocol_policy", "") == "allow-all"
	f := cloud.fault(i, config.child(p.path, ["viewer_protocol_policy"]), "viewers may use plain HTTP", "viewer_protocol_policy = allow-all", "redirect-to-https")
}

finding contains f if {
	some i in distributions
	some p in cloud.at(i.values, ["viewer_certificate"])
	not cloud.put_on(p.block, "cloudfront_default_certificate")
	version := cloud.get(p.block, "minimum_protocol_version", "TLSv1")
	version in {"SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016"}
	f := cloud.fault(i, config.child(p.path, ["minimum_protocol_version"]), "viewers may use old versions of TLS", version, "TLSv1.2_2021")
}

# With CloudFront's own certificate the minimum is TLS 1.0, whatever else is said.
finding contains f if {
	some i in distributions
	some p in cloud.at(i.values, ["viewer_certificate"])
	cloud.put_on(p.block, "cloudfront_default_certificate")
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["cloudfront_default_certificate"]), "viewers may use old versions of TLS", "cloudfront_default_certificate = true", "a certificate of one's own, with minimum_protocol_version"), "medium")
}

finding contains f if {
	some i in distributions
	some p in cloud.at(i.values, ["origin", "custom_origin_config"])
	policy := object.get(p.block, "origin_protocol_policy", "")
	policy in {"http-only", "match-viewer"}
	plain(i, policy)
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["origin_protocol_policy"]), "the way to the origin is plain HTTP", policy, "https-only"), "medium")
}

plain(_, "http-only")

plain(i, "match-viewer") if {
	some behaviour in ["default_cache_behavior", "ordered_cache_behavior"]
	some p in cloud.at(i.values, [behaviour])
	object.get(p.block, "viewer_protocol_policy", "") == "allow-all"
}

finding contains f if {
	some i in distributions
	some p in cloud.at(i.values, ["origin", "custom_origin_config"])
	object.get(p.block, "origin_protocol_policy", "") != "http-only"
	old := [v | some v in cloud.list(object.get(p.block, "origin_ssl_protocols", null)); v in {"SSLv3", "TLSv1", "TLSv1.1"}]
	count(old) > 0
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["origin_ssl_protocols"]), "the way to the origin may use old versions of TLS", concat(", ", old), "TLSv1.2"), "medium")
}
