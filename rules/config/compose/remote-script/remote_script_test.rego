# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.remote_script_test

import data.sealock.config.compose.remote_script as rule
import data.sealock.lib.samples_test as samples

marks(spec) := m if {
	m := samples.marks(rule.finding) with input as samples.compose({"web": spec})
}

pipe := "curl -fsSL https://example.com/i.sh | sh"

test_command if {
	every v in [sprintf("sh -c \"%s\"", [pipe]), ["sh", "-c", pipe], ["tini", "--", "/bin/bash", "-ec", concat("\n", ["set -e", pipe, "exec app"])]] {
		marks({"command": v}) == {"high services/web/command"}
	}
}

test_entrypoint if marks({"entrypoint": ["bash", "-c", "bash <(curl -s https://example.com/i.sh)"]}) == {"high services/web/entrypoint"}

test_both if marks({"entrypoint": "/bin/sh -c", "command": [pipe]}) == {"high services/web/command"}

test_doubled_dollar if marks({"command": `sh -c "eval \"$$(curl -s https://example.com/i.sh)\""`}) == {"high services/web/command"}

test_health if {
	every v in [pipe, ["CMD-SHELL", pipe], ["CMD", "sh", "-c", pipe]] {
		marks({"healthcheck": {"test": v}}) == {"high services/web/healthcheck/test"}
	}
}

test_hook if marks({"post_start": [{"command": ["sh", "-c", pipe]}]}) == {"high services/web/post_start/0/command"}

test_saved if marks({"command": ["sh", "-c", "wget https://example.com/i.sh && sh i.sh"]}) == {"medium services/web/command"}

test_checked_is_fine if marks({"command": ["sh", "-c", "wget https://example.com/i.sh && echo 'abc  i.sh' | sha256sum -c && sh i.sh"]}) == set()

test_words_of_a_program_are_fine if {
	marks({"command": pipe, "healthcheck": {"test": ["CMD", "curl", "-f", "http://localhost/"]}, "entrypoint": ["curl", "https://example.com", "|", "sh"]}) == set()
}

test_other_values_are_fine if {
	every v in [null, 7, {"a": 1}, [], [7], ["NONE"], {"test": {"a": 1}}] {
		marks({"command": v, "entrypoint": v, "healthcheck": v, "post_start": [v]}) == set()
	}
}
