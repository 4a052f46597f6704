# SPDX-License-Identifier: Apache-2.0

# Makes items for the tests of the rules over Terraform, and tests what those rules share.
package sealock.lib.config_cloud_test

import data.sealock.lib.config_cloud as cloud

# doc(items) is a document that has only Terraform items.
doc(items) := {
	"kubernetes": [], "dockerfiles": [], "compose": [], "github": [], "gitlab": [],
	"terraform": items, "graph": null, "declared": null,
}

# item(mode, type, name, values) is a block as the scanner gives it, from HCL.
item(mode, type, name, values) := {
	"id": 1, "file": "main.tf", "resource": sprintf("%s.%s", [type, name]), "mode": mode, "type": type, "name": name,
	"address": sprintf("%s.%s", [type, name]), "module": "", "source": "hcl", "values": values, "refs": [], "policies": [],
}

# res(type, values) is a resource called "this".
res(type, values) := item("managed", type, "this", values)

# res_refs(type, values, refs) is a resource that refers to others.
res_refs(type, values, refs) := object.union(res(type, values), {"id": 2, "refs": refs})

# planned(type, values) is a resource called "this" from a plan.
planned(type, values) := object.union(res(type, values), {"source": "plan"})

# statement(more) is a statement of a policy with these fields.
statement(more) := object.union(
	{
		"path": ["statement", 0], "effect": "Allow", "actions": [], "notActions": [], "resources": [], "notResources": [],
		"principals": [], "notPrincipals": [], "conditions": [],
	},
	more,
)

# with_policy(item, statements) is an item that has a policy of these statements.
with_policy(i, statements) := object.union(i, {"policies": [{"path": ["policy"], "statements": statements}]})

# document(statements) is a data source of a policy document called "this".
document(statements) := with_policy(object.union(item("data", "aws_iam_policy_document", "this", {}), {"address": "data.aws_iam_policy_document.this"}), statements)

# paths(findings) and severities(findings) are what tests look at.
paths(findings) := {f.path | some f in findings}

severities(findings) := {f.severity | some f in findings}

test_values if {
	cloud.get({"a": null}, "a", 3) == 3
	cloud.off({}, "a")
	cloud.off({"a": "false"}, "a")
	not cloud.off({"a": "${var.a}"}, "a")
	cloud.number("22") == 22
	cloud.number("-022") == -22
	cloud.number("0") == 0
	cloud.port_range("08000-8080") == [8000, 8080]
	not cloud.number("22a")
}

test_unset if {
	cloud.unset({}, "a")
	cloud.unset({"a": null}, "a")
	not cloud.unset({"a": "${aws_kms_key.a.arn}"}, "a")
}

test_parts_of_statements if {
	cloud.part({"path": ["policy", "Statement", 1]}, "not_actions") == ["policy", "Statement", 1, "NotAction"]
	cloud.part({"path": ["statement", 1]}, "actions") == ["statement", 1, "actions"]
}

test_settings if {
	cloud.settings({"a": [{"b": [{"c": 1}, {}]}]}, ["a", "b"], "c") == [{"path": ["a", 0, "b", 0, "c"], "value": 1}, {"path": ["a", 0, "b", 1, "c"], "value": null}]
	cloud.settings({}, ["a", "b"], "c") == [{"path": ["a", "b", "c"], "value": null}]
}

test_world if {
	cloud.world(["0.0.0.0/0", "10.0.0.0/8", "192.168.0.0/16", "128.0.0.0/1", "::/0", "fd00::/0", "fc00::/7", "${var.a}"]) == {"0.0.0.0/0", "128.0.0.0/1", "::/0", "fd00::/0"}
	cloud.world("0.0.0.0/0") == {"0.0.0.0/0"}
	cloud.world(null) == set()
}

test_reach if {
	cloud.reach([[0, 65535]]).what == "all ports"
	cloud.reach([[20, 30]]).severity == "critical"
	cloud.reach([[8080, 8080]]).severity == "medium"
	not cloud.reach([[443, 443], [80, 80]])
}

test_companions if {
	bucket := res("aws_s3_bucket", {"bucket": "shop"})
	refers := res_refs("c", {"bucket": "${aws_s3_bucket.this.id}"}, ["aws_s3_bucket.this"])
	named := res_refs("c", {"bucket": "shop"}, [])
	unknown := object.union(res_refs("c", {}, []), {"source": "plan"})
	every c in [refers, named, unknown] {
		count(cloud.companions(bucket, {"c"}, "bucket")) == 1 with input as doc([bucket, c])
	}
	every c in [res_refs("c", {"bucket": "other"}, []), res_refs("c", {"bucket": "${aws_s3_bucket.other.id}"}, ["aws_s3_bucket.other"])] {
		count(cloud.companions(bucket, {"c"}, "bucket")) == 0 with input as doc([bucket, c])
	}
}

test_actions if {
	cloud.allows(statement({"actions": ["iam:Create*"]}), "iam:CreatePolicyVersion")
	not cloud.allows(statement({"actions": ["iam:*"]}), "iam:CreatePolicyVersion")
	cloud.everything(["arn:aws:s3:::*"])
	not cloud.everything(["${aws_s3_bucket.this.arn}/*"])
	not cloud.everything(["arn:aws:s3:::shop/*"])
}

test_narrowed if {
	cloud.narrowed(statement({"conditions": [{"test": "StringEquals", "variable": "aws:PrincipalOrgID", "values": ["o-1"]}]}))
	not cloud.narrowed(statement({"conditions": [{"test": "IpAddress", "variable": "aws:SourceIp", "values": ["0.0.0.0/0"]}]}))
	not cloud.narrowed(statement({"conditions": [{"test": "StringEqualsIfExists", "variable": "aws:SourceArn", "values": ["a"]}]}))
	not cloud.narrowed(statement({"conditions": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["true"]}]}))
}

test_secret_names if {
	every n in ["password", "db_password", "master_password", "API_KEY", "aws_secret_access_key", "client-secret", "PGPASSWORD", "github_token"] {
		cloud.secret_name(n)
	}
	every n in ["password_length", "secret_name", "secret_arn", "kms_key_id", "token_ttl", "key", "public_key", "secretsmanager", "path"] {
		not cloud.secret_name(n)
	}
}

test_secret_values if {
	cloud.secret_value("db_password", "hunter2")
	cloud.secret_value("api_token", "abcdef")
	cloud.secret_value("token", "0123456789abcdef")
	not cloud.secret_value("image_pull_secret", "regcred")
	not cloud.secret_value("secret", "shop/prod/database1")
	not cloud.secret_value("name", "0123456789abcdef")
}

test_defaulted if {
	variable := item("variable", "", "password", {"default": "hunter2"})
	user := res_refs("aws_db_instance", {"password": "hunter2"}, ["var.password"])
	cloud.defaulted(user, "hunter2") with input as doc([variable, user])
	not cloud.defaulted(user, "hunter3") with input as doc([variable, user])
}

test_literals if {
	every v in ["hunter2", "Passw0rd!"] {
		cloud.literal(v)
	}
	every v in ["", "${var.a}", "arn:aws:secretsmanager:eu-central-1:1:secret:a", "@Microsoft.KeyVault(SecretUri=x)", null, 3] {
		not cloud.literal(v)
	}
}
