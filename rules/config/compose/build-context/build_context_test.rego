# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.build_context_test

import data.sealock.config.compose.build_context as rule
import data.sealock.lib.samples_test as samples

test_short_form if {
	samples.marks(rule.finding) == {"medium services/web/build"} with input as samples.compose({"web": {"build": "https://github.com/example/app.git#main"}})
}

test_context if {
	samples.marks(rule.finding) == {"high services/web/build/context"} with input as samples.compose({"web": {"build": {"context": "git://git.example.com/app.git"}}})
}

test_more_contexts if {
	samples.marks(rule.finding) == {"medium services/web/build/additional_contexts/lib"} with input as samples.compose({"web": {"build": {"context": ".", "additional_contexts": {"lib": "git@github.com:example/lib.git", "docs": "./docs"}}}})
}

test_commit if {
	rule.finding == set() with input as samples.compose({"web": {"build": "https://github.com/example/app.git#0123456789abcdef0123456789abcdef01234567:src"}})
}

test_folder if {
	rule.finding == set() with input as samples.compose({"web": {"build": "."}, "db": {"build": {"context": "./db"}}, "c": {"image": "c"}})
}
