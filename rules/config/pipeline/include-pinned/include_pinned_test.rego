# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.include_pinned_test

import data.sealock.config.pipeline.include_pinned
import data.sealock.lib.config_gitlab_test as gitlab

# found(document) is where findings are, and the severities that they have of their own.
found(document) := found_with(document, defaults)

defaults := {"trusted": []}

found_with(document, params) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in include_pinned.finding} with input as document with data.params as {"pipeline.include-pinned": params}
}

test_remote if found(gitlab.pipeline({"include": [{"remote": "https://example.com/ci.yml"}], "a": {"script": ["x"]}})) == {"include/0": "high"}

test_plain if found(gitlab.pipeline({"include": [{"remote": "http://example.com/ci.yml"}]})) == {"include/0": "critical"}

test_project if found(gitlab.pipeline({"include": [{"project": "group/ci", "file": "a.yml"}]})) == {"include/0": "medium"}

test_branch if found(gitlab.pipeline({"include": [{"project": "group/ci", "ref": "main", "file": "a.yml"}]})) == {"include/0": "medium"}

test_component if found(gitlab.pipeline({"include": [{"component": "gitlab.com/group/c/x@~latest"}]})) == {"include/0": "medium"}

test_local_passes if found(gitlab.pipeline({"include": [{"local": "ci/a.yml"}, {"template": "Jobs/SAST.gitlab-ci.yml"}]})) == {}

test_commit_passes if found(gitlab.pipeline({"include": [{"project": "group/ci", "ref": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "file": "a.yml"}, {"component": "gitlab.com/group/c/x@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}, {"component": "gitlab.com/group/c/x@1.2.3"}]})) == {}

test_integrity_passes if found(gitlab.pipeline({"include": [{"remote": "https://example.com/ci.yml", "integrity": "sha256-abc="}]})) == {}

test_trusted_passes if found_with(gitlab.pipeline({"include": [{"project": "group/ci", "ref": "main", "file": "a.yml"}]}), {"trusted": ["group"]}) == {}
