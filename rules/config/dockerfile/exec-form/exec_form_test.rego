# SPDX-License-Identifier: Apache-2.0

package sealock.config.dockerfile.exec_form_test

import data.sealock.config.dockerfile.exec_form
import data.sealock.lib.config_dockerfile_test as docker

# found(lines) is the instructions that are findings.
found(lines) := at if {
	at := [f.path[1] | some f in exec_form.finding] with input as docker.file(lines)
}

test_command if found(["FROM debian:13", "CMD python3 app.py"]) == [1]

test_entry_point if found(["FROM debian:13", "ENTRYPOINT /usr/local/bin/app --verbose"]) == [1]

test_quotes_that_are_missing if found(["FROM debian:13", "CMD [python3, app.py]"]) == [1]

test_single_quotes if found(["FROM debian:13", "ENTRYPOINT ['/app']"]) == [1]

test_list_passes if found(["FROM debian:13", {"text": "CMD", "args": ["python3", "app.py"]}]) == []

test_exec_passes if found(["FROM debian:13", "ENTRYPOINT exec java -jar app.jar"]) == []

test_shell_on_purpose_passes if found(["FROM debian:13", "CMD migrate && serve --port $PORT"]) == []

test_own_shell_passes if found(["FROM debian:13", "SHELL [\"/bin/bash\", \"-c\"]", "CMD serve"]) == []

test_other_stage_passes if found(["FROM debian:13 AS test", "CMD make test", "FROM scratch"]) == []
