# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.jenkins_library_pin_test

import data.sealock.config.pipeline.jenkins_library_pin
import data.sealock.lib.config_jenkins_test as jenkins

# found(document) is where findings are, and the severities that they have of their own.
found(document) := found_with(document, {"trusted": []})

found_with(document, params) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in jenkins_library_pin.finding} with input as document with data.params as {"pipeline.jenkins-library-pin": params}
}

versions(list) := jenkins.pipeline({"libraries": [{"name": "shared", "version": v, "expressions": []} | some v in list]})

test_g10_unpinned if found(versions(["", "main", "master", "develop", "feature/x", "1.x", "latest", "feature-17"])) == {concat("/", ["libraries", n]): "" | some n in split("0 1 2 3 4 5 6 7", " ")}

test_version_of_the_caller if found(jenkins.pipeline({"libraries": [{"name": "shared", "version": "${params.V}", "expressions": [{"name": "params.V", "reads": ["params.V"]}]}]})) == {"libraries/0/expressions/0": "high"}

test_pinned_passes if found(versions(["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "v1.2.3", "2", "1.2", "shared-1.2.3", "v1.0.0-rc.1", "1.2.3.RELEASE"])) == {}

test_trusted_passes if found_with(versions(["main"]), {"trusted": ["shared"]}) == {}

test_unknown_passes if found(jenkins.pipeline({"libraries": [{"name": "shared", "version": "${version}", "expressions": [{"name": "version", "reads": []}]}]})) == {}
