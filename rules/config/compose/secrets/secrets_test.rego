# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.secrets_test

import data.sealock.config.compose.secrets as rule
import data.sealock.lib.samples_test as samples

test_a_map if {
	samples.marks(rule.finding) == {"high services/db/environment/POSTGRES_PASSWORD"} with input as samples.compose({"db": {"environment": {"POSTGRES_USER": "shop", "POSTGRES_PASSWORD": "hunter2"}}})
}

test_a_list if {
	samples.marks(rule.finding) == {"high services/db/environment/1"} with input as samples.compose({"db": {"environment": ["POSTGRES_USER=shop", "MYSQL_ROOT_PASSWORD=a=b", "API_TOKEN"]}})
}

test_a_default if {
	samples.marks(rule.finding) == {"medium services/db/environment/DB_PASSWORD"} with input as samples.compose({"db": {"environment": {"DB_PASSWORD": "${DB_PASSWORD:-postgres}"}}})
}

test_an_address_a_build_and_a_command if {
	doc := samples.compose({"web": {"environment": {"URL": "mongodb://root:hunter2@db"}, "build": {"args": {"NPM_TOKEN": "abcdef0123"}}, "command": "redis-server --requirepass hunter2"}})
	count(rule.finding) == 3 with input as doc
}

test_the_value_is_not_told if {
	some f in rule.finding with input as samples.compose({"db": {"environment": {"POSTGRES_PASSWORD": "hunter2"}}})
	not contains(json.marshal(f), "hunter2")
}

test_variables_and_files_are_fine if {
	rule.finding == set() with input as samples.compose({"db": {"environment": {"POSTGRES_PASSWORD": "${POSTGRES_PASSWORD}", "POSTGRES_PASSWORD_FILE": "/run/secrets/db", "X_PASSWORD": "${X_PASSWORD:?set it}", "TOKEN": null}}})
}

test_references_are_fine if {
	rule.finding == set() with input as samples.compose({"db": {"environment": ["API_TOKEN", "DB_PASSWORD=", "DB_PASSWORD=$PW"], "command": ["redis-server", "--requirepass", "$REDIS_PASSWORD"], "secrets": ["db"]}})
}
