# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Jobs that release take nothing from a cache
# description: Caches can be filled by jobs for other branches, and are used unchecked. A poisoned one ends up in what is released.
# related_resources:
# - ref: https://docs.zizmor.sh/audits/#cache-poisoning
#   description: zizmor, cache-poisoning
# - ref: https://adnanthekhan.com/2024/05/06/the-monsters-in-your-build-cache-github-actions-cache-poisoning/
#   description: Attacks on the build cache
# - ref: https://slsa.dev/spec/v1.1/requirements#isolated
#   description: SLSA, build level 3, caches must not change what is built
# custom:
#   id: pipeline.release-cache
#   severity: medium
#   remediation: "Switch the cache off in the job that releases (cache: false, or no cache step), or build in another job without one."
#   zeroTrust: [Z1, Z2]
#   kinds: [github, gitlab]
package sealock.config.pipeline.release_cache

import data.sealock.lib.config_github as github
import data.sealock.lib.config_gitlab as gitlab

finding contains f if {
	some s in github.steps
	why := releases(s.item, s.job)
	what := cached(s.spec)
	f := {
		"item": s.item.id, "path": array.concat(s.path, what.path),
		"message": sprintf("job %s %s and uses a cache (%s)", [s.job.id, why, what.name]), "found": what.name, "expected": "no cache in jobs that release",
	}
}

# A workflow that only ever runs for releases builds them in any of its jobs.
releases(item, job) := "publishes" if {
	publishing(job)
} else := "runs for releases only" if {
	names := github.triggers(item) - {"workflow_dispatch"}
	count(names) > 0
	every name in names { only_releases(name, item.events[name]) }
}

publishing(job) if {
	some step in job.steps
	github.publishes(step.spec)
}

only_releases("release", _)

only_releases("push", config) if {
	is_object(config)
	"tags" in object.keys(config)
	count(object.keys(config) & {"branches", "branches-ignore"}) == 0
}

cached(spec) := {"path": ["uses"], "name": github.action(spec)} if {
	github.action(spec) in {"actions/cache", "actions/cache/restore", "mozilla-actions/sccache-action", "determinatesystems/magic-nix-cache-action", "nix-community/cache-nix-action", "awalsh128/cache-apt-pkgs-action", "buildjet/cache", "runs-on/cache", "whywaita/actions-cache-s3"}
	not github.on(github.given(spec, "lookup-only"))
} else := {"path": ["with", "cache"], "name": sprintf("cache: %s", [github.text_of(github.given(spec, "cache"))])} if {
	opted_in[github.action(spec)]
	not github.text_of(github.given(spec, "cache")) in {"", "false"}
} else := {"path": ["uses"], "name": sprintf("%s, whose cache is on unless it is switched off", [github.action(spec)])} if {
	switch := by_default[github.action(spec)]
	not old(spec)
	not off(spec, switch)
} else := {"path": ["with", "sccache"], "name": "sccache: true"} if {
	github.action(spec) == "pyo3/maturin-action"
	github.on(github.given(spec, "sccache"))
} else := {"path": ["with", "bundler-cache"], "name": "bundler-cache: true"} if {
	github.action(spec) == "ruby/setup-ruby"
	github.on(github.given(spec, "bundler-cache"))
} else := {"path": ["with", "cache-from"], "name": "cache-from: type=gha"} if {
	github.action(spec) in {"docker/build-push-action", "docker/bake-action"}
	regex.match(`type=(gha|registry|s3|azblob)`, concat(" ", [github.text_of(github.given(spec, "cache-from")), github.text_of(github.given(spec, "set"))]))
}

opted_in := {"actions/setup-node", "actions/setup-python", "actions/setup-java", "actions/setup-dotnet", "pnpm/action-setup", "erlef/setup-beam", "subosito/flutter-action", "graalvm/setup-graalvm"}

# by_default is the input that switches the cache off, and to what.
by_default := {
	"actions/setup-go": {"cache": "false"}, "swatinem/rust-cache": {"lookup-only": "true"}, "gradle/actions/setup-gradle": {"cache-disabled": "true"},
	"gradle/gradle-build-action": {"cache-disabled": "true"}, "astral-sh/setup-uv": {"enable-cache": "false"},
	"actions-rust-lang/setup-rust-toolchain": {"cache": "false"}, "golangci/golangci-lint-action": {"skip-cache": "true"},
	"prefix-dev/setup-pixi": {"cache": "false"}, "moonrepo/setup-rust": {"cache": "false"},
	"oven-sh/setup-bun": {"no-cache": "true"}, "mlugg/setup-zig": {"use-cache": "false"}, "jdx/mise-action": {"cache": "false"}, "ramsey/composer-install": {"ignore-cache": "true"},
	
}

off(spec, switch) if {
	some name, value in switch
	lower(github.text_of(github.given(spec, name))) == value
}

# A cache that depends on the branch is decided when the job runs.
off(spec, switch) if {
	some name, _ in switch
	contains(github.text_of(github.given(spec, name)), "${{")
}

old(spec) if {
	github.action(spec) == "actions/setup-go"
	regex.match(`^v[123](\.|$)`, github.version(spec))
}

# GitLab: protected branches have caches of their own unless that is switched off, and jobs of one ref share them.
finding contains f if {
	some j in gitlab.jobs
	gitlab.releases(j.job)
	some n, cache in gitlab.list(object.get(j.job.spec, "cache", []))
	is_object(cache)
	count(gitlab.list(object.get(cache, "paths", []))) > 0
	object.get(cache, "policy", "pull-push") != "push"
	why := shared(cache)
	f := {
		"item": j.item.id, "path": array.concat(j.job.path, place(j.job.spec, n)),
		"message": sprintf("job %s releases and uses a cache %s", [j.job.name, why]), "found": "cache", "expected": "cache: [], in jobs that release",
	}
}

place(spec, _) := ["cache"] if is_object(spec.cache)

place(spec, n) := ["cache", n] if is_array(spec.cache)

shared(cache) := "that is shared with branches that are not protected" if {
	object.get(cache, "unprotect", false) == true
} else := "whose key is the same for every branch" if {
	not regex.match(`CI_COMMIT_(REF|TAG|SHA|SHORT_SHA|BRANCH)|CI_PIPELINE_I?ID|CI_JOB_ID`, keyed(object.get(cache, "key", "default")))
}

keyed(key) := key if {
	is_string(key)
} else := concat(" ", [github.text_of(object.get(key, "prefix", ""))]) if {
	is_object(key)
} else := ""
