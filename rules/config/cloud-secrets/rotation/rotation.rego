# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Secrets are rotated
# description: A secret that is never changed is known to ever more people and copies.
# related_resources:
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html
#   description: OWASP Secrets Management Cheat Sheet, section 2.7 (secret rotation)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, IA-5 Authenticator Management
# custom:
#   id: cloud-secrets.rotation
#   severity: low
#   remediation: Add an aws_secretsmanager_secret_rotation of 90 days or less (rotation block of google_secret_manager_secret).
#   zeroTrust: [Z25, Z28]
#   kinds: [terraform]
package sealock.config.cloud_secrets.rotation

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

# A secret whose value is put there by Terraform is changed by nobody else. One that is empty here is filled, and changed, elsewhere.
finding contains f if {
	some i in cloud.managed({"aws_secretsmanager_secret"})
	count(versions(i)) > 0
	count(cloud.companions(i, {"aws_secretsmanager_secret_rotation"}, "secret_id")) == 0
	cloud.no_blocks(i, "rotation_rules")
	f := cloud.fault(i, [], "the secret is never changed", "no aws_secretsmanager_secret_rotation for it", "a rotation of 90 days or less")
}

versions(i) := [v |
	some v in cloud.managed({"aws_secretsmanager_secret_version"})
	v.module == i.module
	cloud.refers(v, cloud.own_name(i))
]

finding contains f if {
	some i in cloud.managed({"aws_secretsmanager_secret_rotation", "aws_secretsmanager_secret"})
	some p in cloud.at(i.values, ["rotation_rules"])
	days := cloud.number(object.get(p.block, "automatically_after_days", null))
	days > 90
	f := cloud.fault(i, config.child(p.path, ["automatically_after_days"]), "the secret is changed seldom", sprintf("every %v days", [days]), "every 90 days or more often")
}
