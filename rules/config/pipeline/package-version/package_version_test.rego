# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.package_version_test

import data.sealock.config.pipeline.package_version
import data.sealock.lib.config_github_test as github
import data.sealock.lib.config_gitlab_test as gitlab

# found(text) is what a step with this script installs without a version.
found(text) := names if {
	names := [f.found | some f in package_version.finding] with input as github.steps([{"run": text}])
		with data.params as {"pipeline.tool-pinned": {"tools": ["cosign"]}}
}

test_pip if found("pip install --upgrade pip requests==2.32.0 twine") == ["twine"]

test_python if found("python3 -m pip install build > /dev/null") == ["build"]

test_range if found("pip install 'flask>=3'") == ["flask>=3"]

test_npm if found("npm install -g oxlint@^1.55.0 @acme/tool") == ["@acme/tool, oxlint@^1.55.0"]

test_npx if found("npx --yes semantic-release") == ["semantic-release"]

test_gem if found("gem install --no-document rake") == ["rake"]

test_go if found("go install golang.org/x/tools/cmd/goimports@latest") == ["golang.org/x/tools/cmd/goimports@latest"]

test_cargo if found("cargo install cargo-audit") == ["cargo-audit"]

test_dotnet if found("dotnet tool install --global dotnet-ef") == ["dotnet-ef"]

test_gitlab if {
	count(package_version.finding) == 1 with input as gitlab.pipeline({"a": {"script": ["pip install twine"]}})
}

test_lock_file_passes if {
	every text in [
		"npm ci", "npm install", "npm i --no-fund", "pip install -r requirements.txt", "pip install --require-hashes -r r.txt", "pip install -e .", "pip install .[dev]",
		"bundle install", "cargo install --locked cargo-audit", "go install ./cmd/x", "npx eslint .", "pip install -U pip setuptools wheel", "pip install ./dist/x.whl",
	] { found(text) == [] }
}

test_version_passes if {
	every text in [
		"pip install twine==6.1.0", "npm i -g typescript@5.9.2", "gem install rake -v 13.0.6", "go install golang.org/x/tools/cmd/goimports@v0.30.0",
		"cargo install cargo-audit --version 0.21.0", "dotnet tool install dotnet-ef --version 9.0.0", "npx -y cowsay@1.6.0", "pip install \"twine==${V}\"",
	] { found(text) == [] }
}

test_gate_tool_passes if found("go install github.com/sigstore/cosign/v3/cmd/cosign@latest") == []

test_other_passes if found("echo pip install twine") == []
