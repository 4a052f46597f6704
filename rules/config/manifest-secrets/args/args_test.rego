# SPDX-License-Identifier: Apache-2.0

package sealock.config.manifest_secrets.args_test

import data.sealock.config.manifest_secrets.args as rule
import data.sealock.lib.samples_test as samples

args(list) := samples.one({"args": list})

test_a_flag if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/args/1"} with input as args(["--user=shop", "--password=hunter2"])
	count(rule.finding) == 1 with input as args(["--db-password", "hunter2"])
	count(rule.finding) == 1 with input as args(["--requirepass", "hunter2"])
}

test_in_a_shells_line if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/command/2"} with input as samples.one({"command": ["sh", "-c", "PGPASSWORD=hunter2 pg_dump shop"]})
	count(rule.finding) == 1 with input as samples.one({"command": ["sh", "-c", "mysqldump --password=hunter2 shop"]})
}

test_in_a_probe if {
	count(rule.finding) == 1 with input as samples.one({"livenessProbe": {"exec": {"command": ["sh", "-c", "redis-cli --token hunter2 ping"]}}})
}

test_an_address if {
	count(rule.finding) == 1 with input as args(["--database-url=postgres://shop:hunter2@db/shop"])
}

test_the_value_is_not_told if {
	some f in rule.finding with input as args(["--password=hunter2"])
	not contains(json.marshal(f), "hunter2")
}

test_references_are_fine if {
	rule.finding == set() with input as args(["--password=$(PASSWORD)", "--token-file=/run/token", "--password-file", "/run/pw", "--client-secret=${SECRET}"])
	rule.finding == set() with input as samples.one({"command": ["sh", "-c", "PGPASSWORD=\"$PASSWORD\" pg_dump; curl -H \"Authorization: Bearer $TOKEN\" x"]})
}

test_names_of_objects_are_fine if {
	rule.finding == set() with input as args(["--tls-secret=web-tls", "--secret=cert-manager/webhook-ca", "--token-ttl=1h", "--default-ssl-certificate=ns/web"])
}
