# SPDX-License-Identifier: Apache-2.0

package sealock.config.manifest_secrets.config_map_test

import data.sealock.config.manifest_secrets.config_map as rule
import data.sealock.lib.samples_test as samples

map(entries) := samples.kube([samples.namespaced(1, "v1", "ConfigMap", "web", {"data": entries})])

test_by_its_name if {
	samples.marks(rule.finding) == {"data/DB_PASSWORD"} with input as map({"DB_HOST": "db", "DB_PASSWORD": "hunter2"})
}

test_by_its_value if {
	count(rule.finding) == 1 with input as map({"url": "amqp://shop:hunter2@mq:5672"})
	count(rule.finding) == 1 with input as map({"id_rsa": concat("", ["-----BEGIN RSA PRIV", "ATE KEY-----\nMIIEowIBAAKCAQEAxxxxxxxxxxxxxxxx\n"])})
}

test_in_a_file if {
	some f in rule.finding with input as map({"application.properties": "server.port=8080\nspring.datasource.password=hunter2\n"})
	f.path == ["data", "application.properties"]
	contains(f.message, "spring.datasource.password")
	not contains(json.marshal(f), "hunter2")
	count(rule.finding) == 1 with input as map({"config.yaml": "db:\n  host: db\n  password: \"hunter2\"\n"})
}

test_settings_that_are_none if {
	rule.finding == set() with input as map({"LOG_LEVEL": "info", "PASSWORD_MIN_LENGTH": "12", "TOKEN_TTL": "1h"})
	rule.finding == set() with input as map({"nginx.conf": "ssl_certificate_key /etc/tls/tls.key;\nproxy_pass http://web;\n"})
}

test_filled_in_later if {
	rule.finding == set() with input as map({"config.yaml": "password: ${DB_PASSWORD}\ntoken: {{ .Token }}\nsecret: \"\"\npassword: $PASSWORD\n"})
	rule.finding == set() with input as map({"run.sh": "PASSWORD=$(cat /run/secrets/db)\nexport TOKEN=\"$TOKEN\"\n"})
}

test_wrong_types if {
	rule.finding == set() with input as map(["PASSWORD"])
	rule.finding == set() with input as map({"x": null, "y": {"PASSWORD": "x"}})
}

test_a_single_setting if {
	samples.marks(rule.finding) == {"data/shop.env"} with input as map({"shop.env": "API_TOKEN=abcd1234efgh"})
}

test_numbers_of_keys_are_none if {
	rule.finding == set() with input as map({"grafana.ini": "[quota]\norg_api_key = 10\nglobal_api_key = -1\n"})
}
