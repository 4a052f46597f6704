# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.jenkins_secret_interpolation_test

import data.sealock.config.pipeline.jenkins_secret_interpolation
import data.sealock.lib.config_jenkins_test as jenkins

# found(document) is where findings are.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]) | some f in jenkins_secret_interpolation.finding} with input as document
}

with_secret(reads) := jenkins.pipeline({"secrets": [{"name": "TOKEN"}], "steps": [jenkins.step("curl", reads)]})

test_variable if found(with_secret(["BUILD_NUMBER", "TOKEN"])) == {"steps/0/expressions/1"}

test_environment if found(with_secret(["env.TOKEN"])) == {"steps/0/expressions/0"}

test_others_passes if found(with_secret(["USER", "env.BUILD_NUMBER", "params.TOKEN"])) == set()

test_shell_passes if found(with_secret([])) == set()
