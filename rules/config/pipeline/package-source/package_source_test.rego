# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.package_source_test

import data.sealock.config.pipeline.package_source
import data.sealock.lib.config_github_test as github
import data.sealock.lib.config_gitlab_test as gitlab

# found(document) is where findings are.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]) | some f in package_source.finding} with input as document
}

test_http_index if found(github.steps([{"run": "pip install --index-url http://pypi.example.com/simple twine==6.1.0"}])) == {"jobs/build/steps/0/run"}

test_trusted_host if found(gitlab.pipeline({"a": {"script": ["pip install --trusted-host pypi.example.com -r requirements.txt"]}})) == {"a/script/0"}

test_unsigned if found(github.steps([{"run": "sudo apt-get install -y --allow-unauthenticated tool"}])) == {"jobs/build/steps/0/run"}

test_variable if found(gitlab.pipeline({"variables": {"PIP_INDEX_URL": "http://pypi.example.com/simple"}, "a": {"script": ["make"]}})) == {"variables/PIP_INDEX_URL"}

test_https_passes if found(github.steps([{"run": "pip install --index-url https://pypi.example.com/simple -r requirements.txt"}])) == set()

test_signed_passes if found(github.steps([{"run": "echo 'deb [signed-by=/usr/share/keyrings/x.gpg] https://apt.example.com stable main' | sudo tee /etc/apt/sources.list.d/x.list\nsudo apt-get update && sudo apt-get install -y tool"}])) == set()

test_local_passes if found(github.steps([{"run": "npm install --registry http://localhost:4873"}])) == set()
