# SPDX-License-Identifier: Apache-2.0

package sealock.config.manifest_secrets.secret_generator_test

import data.sealock.config.manifest_secrets.secret_generator as rule
import data.sealock.lib.samples_test as samples

kustomization(body) := samples.kube([samples.global(1, "kustomize.config.k8s.io/v1beta1", "Kustomization", "", body)])

test_a_secret if {
	samples.marks(rule.finding) == {"secretGenerator/0/literals/1"} with input as kustomization({"secretGenerator": [{"name": "db", "literals": ["username=shop", "password=hunter2=="]}]})
}

test_a_config_map if {
	samples.marks(rule.finding) == {"configMapGenerator/0/literals/0"} with input as kustomization({"configMapGenerator": [{"name": "db", "literals": ["DB_PASSWORD=hunter2", "LOG=info"]}]})
}

test_files_are_fine if {
	rule.finding == set() with input as kustomization({"secretGenerator": [{"name": "db", "envs": [".env"]}]})
}

test_placeholders_are_fine if {
	rule.finding == set() with input as kustomization({"secretGenerator": [{"name": "db", "literals": ["password=", "token=${TOKEN}", 5, "alone"]}]})
}
