# SPDX-License-Identifier: Apache-2.0

package sealock.config.manifest_secrets.env_test

import data.sealock.config.manifest_secrets.env as rule
import data.sealock.lib.samples_test as samples

env(name, value) := samples.one({"env": [{"name": "LOG_LEVEL", "value": "info"}, {"name": name, "value": value}]})

test_by_its_name if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/env/1/value"} with input as env("POSTGRES_PASSWORD", "changeme")
	count(rule.finding) == 1 with input as env("dbPassword", "s3cr3t")
	count(rule.finding) == 1 with input as env("JWT_SECRET", "0f5e2b")
	count(rule.finding) == 1 with input as env("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY")
	count(rule.finding) == 1 with input as env("MYSQL_ROOT_PASSWORD", 123456)
}

test_by_its_value if {
	count(rule.finding) == 1 with input as env("DATABASE_URL", "postgres://shop:hunter2@db:5432/shop")
	count(rule.finding) == 1 with input as env("REDIS_URL", "redis://:hunter2@redis:6379")
	count(rule.finding) == 1 with input as env("DB", "Server=db;Database=shop;User Id=sa;Password=hunter2")
	count(rule.finding) == 1 with input as env("WHATEVER", concat("", ["AKIA", "QYLPMN5HHHFPZAM2"]))
}

test_the_value_is_not_told if {
	some f in rule.finding with input as env("POSTGRES_PASSWORD", "hunter2")
	not contains(json.marshal(f), "hunter2")
}

test_in_an_init_container_of_a_cron_job if {
	doc := samples.kube([samples.workload(1, "CronJob", "dump", {"containers": [], "initContainers": [{"name": "i", "env": [{"name": "API_KEY", "value": "abcdef0123"}]}]})])
	samples.marks(rule.finding) == {"spec/jobTemplate/spec/template/spec/initContainers/0/env/0/value"} with input as doc
}

test_references_are_fine if {
	rule.finding == set() with input as samples.one({"env": [{"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}], "envFrom": [{"secretRef": {"name": "db"}}]})
	rule.finding == set() with input as env("PASSWORD", "$(DB_PASSWORD)")
	rule.finding == set() with input as env("DATABASE_URL", "postgres://shop:$(DB_PASSWORD)@db:5432/shop")
	rule.finding == set() with input as env("API_TOKEN", "vault:secret/data/shop#token")
}

test_placeholders_are_fine if {
	rule.finding == set() with input as env("PASSWORD", "${PASSWORD}")
	rule.finding == set() with input as env("PASSWORD", "<your password>")
	rule.finding == set() with input as env("PASSWORD", "")
	rule.finding == set() with input as env("PASSWORD", null)
}

test_names_that_only_speak_of_secrets if {
	rule.finding == set() with input as env("POSTGRES_PASSWORD_FILE", "/run/secrets/db")
	rule.finding == set() with input as env("TOKEN_URL", "https://issuer.example.com/token")
	rule.finding == set() with input as env("ALLOW_EMPTY_PASSWORD", "yes")
	rule.finding == set() with input as env("SECRET_NAME", "db-credentials")
	rule.finding == set() with input as env("TLS_SECRET", "web-tls")
	rule.finding == set() with input as env("PRIVATE_KEY", "/etc/keys/tls.key")
	rule.finding == set() with input as env("PWD", "/app")
	rule.finding == set() with input as env("DB_SECRET", "shop-db-credentials")
}

test_secrets_by_their_first_word if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/env/0/value"} with input as samples.one({"env": [{"name": "SECRET_SEED", "value": "acorns-in-winter"}]})
	rule.finding == set() with input as samples.one({"env": [
		{"name": "SECRET_NAME", "value": "shop-tls"}, {"name": "SECRET_STORE", "value": "vault"}, {"name": "SECRET_MOUNTS", "value": "/run/secrets"},
		{"name": "SECRET_ROTATION", "value": "daily"},
	]})
}

test_more_names_and_forms if {
	count(rule.finding) == 4 with input as samples.one({"env": [
		{"name": "DBPASS", "value": "tiger99"}, {"name": "PASSWORD2", "value": "tiger99"}, {"name": "AUTHORIZATION", "value": "Bearer 0123456789abcdef"},
		{"name": "ALERTS", "value": "https://hooks.slack.com/services/T01ABCDEF/B01ABCDEF/abcdefghijklmnopqrstuvwx"},
	]})
	rule.finding == set() with input as samples.one({"env": [{"name": "PWD", "value": "/shop"}, {"name": "BYPASS", "value": "cache"}, {"name": "COMPASS", "value": "north"}]})
}
