# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.secret_exposed_test

import data.sealock.config.pipeline.secret_exposed
import data.sealock.lib.config_github_test as github
import data.sealock.lib.config_gitlab_test as gitlab
import data.sealock.lib.config_jenkins_test as jenkins

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in secret_exposed.finding} with input as document
}

test_all if found(github.steps([{"env": {"ALL": "${{ toJSON(secrets) }}"}, "run": "./x"}])) == {"jobs/build/steps/0/env/ALL": "high"}

test_chosen if found(github.steps([{"run": "./x", "env": {"T": "${{ secrets[matrix.name] }}"}}])) == {"jobs/build/steps/0/env/T": "medium"}

test_structured if found(github.steps([{"run": "./x", "env": {"T": "${{ fromJSON(secrets.ALL).token }}"}}])) == {"jobs/build/steps/0/env/T": "medium"}

test_condition if found(github.steps([{"if": "secrets.TOKEN != ''", "run": "./x"}])) == {"jobs/build/steps/0/if": "low"}

test_printed if found(github.steps([{"run": "echo ${{ secrets.TOKEN }}"}])) == {"jobs/build/steps/0/run": ""}

test_printed_variable if found(github.steps([{"env": {"TOKEN": "${{ secrets.TOKEN }}"}, "run": "echo \"token is $TOKEN\""}])) == {"jobs/build/steps/0/run": ""}

test_recoded if found(github.steps([{"env": {"TOKEN": "${{ secrets.TOKEN }}"}, "run": "echo \"$TOKEN\" | sed 's/./& /g'"}, {"run": "printf %s '${{ secrets.TOKEN }}' | base64 | rev"}])) == {"jobs/build/steps/0/run": "", "jobs/build/steps/1/run": ""}

test_listed_recoded if found(github.steps([{"env": {"TOKEN": "${{ secrets.TOKEN }}"}, "run": "env | base64 -w0"}])) == {"jobs/build/steps/0/run": "medium"}

test_address if found(github.steps([{"run": "curl -s 'https://api.example.com/x?a=1&token=${{ secrets.TOKEN }}'"}])) == {"jobs/build/steps/0/run": "medium"}

test_command_line if found(github.steps([{"run": "docker login -u octo -p ${{ secrets.TOKEN }} ghcr.io"}])) == {"jobs/build/steps/0/run": "low"}

test_gitlab_command_line if found(gitlab.pipeline({"a": {"script": ["docker login -u \"$CI_REGISTRY_USER\" -p \"$CI_REGISTRY_PASSWORD\" $CI_REGISTRY"]}})) == {"a/script/0": "low"}

test_request if found(github.steps([{"run": "curl -s -d 'key=${{ secrets.KEY }}' https://api.example.com/x"}])) == {"jobs/build/steps/0/run": "low"}

test_standard_input_passes if found(github.steps([{"env": {"TOKEN": "${{ secrets.TOKEN }}"}, "run": "echo \"$TOKEN\" | docker login -u octo --password-stdin ghcr.io"}])) == {}

test_decoded_into_a_file_passes if found(github.steps([{"env": {"KEY": "${{ secrets.KEY }}"}, "run": "echo \"$KEY\" | base64 -d > key.json\necho \"$KEY\" | base64 --decode | gpg --import"}])) == {}

test_substituted_passes if found(github.steps([{"run": "git config http.extraheader \"AUTHORIZATION: basic $(echo -n x:${{ secrets.PAT }} | base64)\""}])) == {}

test_header_passes if found(github.steps([{"env": {"TOKEN": "${{ secrets.TOKEN }}"}, "run": "curl -H \"Authorization: Bearer $TOKEN\" 'https://api.example.com/x?a=1'"}])) == {}

test_part if found(github.steps([{"env": {"ACCOUNT": "${{ secrets.ACCOUNT }}"}, "run": "KEY=$(echo \"$ACCOUNT\" | jq -r .private_key)\necho \"key: $KEY\""}])) == {"jobs/build/steps/0/run": ""}

test_masked_part_passes if found(github.steps([{"env": {"ACCOUNT": "${{ secrets.ACCOUNT }}"}, "run": "KEY=$(echo \"$ACCOUNT\" | jq -r .private_key)\necho \"::add-mask::$KEY\"\nprintf '%s' \"$KEY\" > key"}])) == {}

test_listed if found(github.steps([{"env": {"TOKEN": "${{ secrets.TOKEN }}"}, "run": "env"}])) == {"jobs/build/steps/0/run": "medium"}

test_gitlab_printed if found(gitlab.pipeline({"a": {"script": ["echo $CI_JOB_TOKEN"]}})) == {"a/script/0": ""}

test_gitlab_plain if found(gitlab.pipeline({"a": {"script": ["git clone http://gitlab-ci-token:${CI_JOB_TOKEN}@git.example.com/x"]}})) == {"a/script/0": ""}

test_piped_passes if found(github.steps([{"env": {"TOKEN": "${{ secrets.TOKEN }}"}, "run": "printf %s \"$TOKEN\" | docker login --password-stdin ghcr.io"}])) == {}

test_into_file_passes if found(github.steps([{"env": {"K": "${{ secrets.KEY }}"}, "run": "echo \"$K\" > key.pem"}])) == {}

test_length_passes if found(github.steps([{"env": {"K": "${{ secrets.KEY }}"}, "run": "echo \"${#K}\""}])) == {}

test_given_passes if found(github.steps([{"run": "./x", "env": {"T": "${{ secrets.TOKEN }}"}}])) == {}

test_masked_passes if found(github.steps([{"env": {"K": "${{ secrets.KEY }}"}, "run": "echo \"::add-mask::$K\""}])) == {}

test_gitlab_login_passes if found(gitlab.pipeline({"a": {"script": ["echo \"$CI_JOB_TOKEN\" | docker login -u x --password-stdin", "echo \"done\""]}})) == {}

test_captured_passes if found(github.steps([{"env": {"K": "${{ secrets.KEY }}"}, "run": "X=$(echo \"$K\" | sha256sum)"}])) == {}

test_name_only_passes if found(github.steps([{"if": "env.HAS_TOKEN == 'true'", "env": {"HAS_TOKEN": "${{ secrets.TOKEN != '' }}"}, "run": "./x"}])) == {}

test_jenkins if found(object_with(jenkins.step("echo $PASS", []))) == {"steps/0": ""}

test_jenkins_listing if found(object_with(object.union(jenkins.step("env", []), {"inside": ["withCredentials"]}))) == {"steps/0": "medium"}

test_jenkins_given_to_a_program_passes if found(object_with(jenkins.step("echo $PASS | docker login -u ci --password-stdin; echo $PASS > f; echo $USER", []))) == {}

object_with(step) := jenkins.pipeline({"secrets": [{"name": "PASS"}], "steps": [step]})

test_listing_on_gitlab if found(gitlab.pipeline({"a": {"script": ["printenv", "env | grep -c CI_", "env A=1 make", "export A=1"]}})) == {"a/script/0": "medium"}

test_sorted_listing_on_gitlab if found(gitlab.pipeline({"a": {"script": ["env | sort", "env | sort > vars.txt"]}})) == {"a/script/0": "medium"}
