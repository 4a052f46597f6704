# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.jenkins_script_injection_test

import data.sealock.config.pipeline.jenkins_script_injection
import data.sealock.lib.config_jenkins_test as jenkins

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in jenkins_script_injection.finding} with input as document
}

test_g10_parameter if found(jenkins.sh("git checkout ${params.BRANCH}", ["params.BRANCH"])) == {"steps/0/expressions/0": "high"}

test_g10_title if found(jenkins.sh("echo ${BUILD_NUMBER} ${env.CHANGE_TITLE}", ["BUILD_NUMBER", "env.CHANGE_TITLE"])) == {"steps/0/expressions/1": "high"}

test_branch_name if found(jenkins.sh("docker build -t app:${BRANCH_NAME} .", ["BRANCH_NAME"])) == {"steps/0/expressions/0": "low"}

test_through_a_variable if {
	step := object.union(jenkins.step("echo ${title}", []), {"expressions": [{"name": "title", "reads": ["env.BRANCH_NAME", "env.CHANGE_TITLE"]}]})
	document := jenkins.pipeline({"steps": [step]})
	found(document) == {"steps/0/expressions/0": "high"}
	some f in jenkins_script_injection.finding with input as document
	startswith(f.message, "CHANGE_TITLE (title), which whoever opens a change request can write")
}

test_declared_parameter if found(object.union(
	jenkins.sh("", []),
	jenkins.pipeline({"parameters": [{"name": "WHO", "type": "text"}], "steps": [jenkins.step("echo ${WHO}", ["WHO"])]}),
)) == {"steps/0/expressions/0": "high"}

test_own_values_passes if found(jenkins.sh("x", ["BUILD_NUMBER", "env.WORKSPACE", "env.JOB_NAME", "version", "scm.url", "env.CHANGE_ID"])) == {}

test_choices_passes if found(jenkins.pipeline({
	"parameters": [{"name": "LEVEL", "type": "choice"}, {"name": "DRY", "type": "booleanParam"}],
	"steps": [jenkins.step("x", ["params.LEVEL", "params.DRY", "env.LEVEL"])],
})) == {}

test_literal_passes if found(jenkins.sh("echo $CHANGE_TITLE", [])) == {}
