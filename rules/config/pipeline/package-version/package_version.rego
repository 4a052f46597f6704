# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Packages that a script installs by name have a version
# description: A package without a version is whatever its publisher, or who took over the publisher's account, put up last. It runs in the job, with its token and secrets, on the day of the attack.
# related_resources:
# - ref: https://github.com/ossf/scorecard/blob/main/docs/checks.md#pinned-dependencies
#   description: OpenSSF Scorecard, Pinned-Dependencies
# - ref: https://docs.zizmor.sh/audits/#adhoc-packages
#   description: zizmor, adhoc-packages
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-03-Dependency-Chain-Abuse
#   description: OWASP CI/CD risks, CICD-SEC-3
# custom:
#   id: pipeline.package-version
#   severity: low
#   remediation: "Install from a lock file (npm ci, pip install --require-hashes -r, bundle install, go run of a tool in go.mod), or write the exact version."
#   zeroTrust: [Z1, Z20]
#   kinds: [github, gitlab, jenkins]
package sealock.config.pipeline.package_version

import data.sealock.lib.config_pipeline as pipeline
import data.sealock.lib.config_shell as shell

# One finding for a script, whatever it installs.
finding contains f if {
	some script in pipeline.scripts
	regex.match(`\b(pip3?|pipx|uv|npm|pnpm|yarn|bunx?|npx|gem|go|cargo|dotnet|choco)\b`, script.text)
	names := sort([n | some words in shell.commands(script.text); some n in loose(words)])
	count(names) > 0
	f := {
		"item": script.item.id, "path": script.path, "message": sprintf("%s installed without a version", [listed(names)]), "found": shell.clip(concat(", ", names)),
		"expected": "a lock file, or exact versions",
	}
}

listed(names) := sprintf("%s is", [shell.clip(names[0])]) if {
	count(names) == 1
} else := sprintf("%s and %d more are", [shell.clip(names[0]), count(names) - 1])

# loose(words) is the packages without a version that a command installs.
loose(words) := found if {
	how := installs(words)
	not how.locked
	found := {a |
		some a in how.packages
		name_of_package(a)
		not regex.match(how.exact, a)
	}
}

# The tools with which Python installs packages are there already, and are brought up to date everywhere.
name_of_package(a) if {
	regex.match(`^@?[A-Za-z][\w./@^~<>=!:*\[\]-]*$`, a)
	not regex.match(`^(pip|setuptools|wheel|npm|corepack)(@latest|@\d+)?$`, a)
	not regex.match(`^(https?|git|ssh|file)[+:]|^\.|\.(whl|tgz|tar\.gz|zip|gem|nupkg|txt|toml)$|^(github|gitlab|link|workspace):`, a)
}

installs(words) := {"packages": operands(words, 1, python_values), "exact": `[=]=|@`, "locked": locked(words, `^(-r|--requirement|-c|--constraint|-e|--editable|--require-hashes|--no-index|--dry-run|-[a-zA-Z]*r)$`)} if {
	shell.name(words) in {"pip", "pip3", "pipx"}
	shell.arguments(words)[0] == "install"
} else := {"packages": operands(words, 3, python_values), "exact": `[=]=|@`, "locked": locked(words, `^(-r|--requirement|-c|--constraint|-e|--editable|--require-hashes|--no-index|-[a-zA-Z]*r)$`)} if {
	regex.match(`^python[0-9.]*$`, shell.name(words))
	array.slice(shell.arguments(words), 0, 3) == ["-m", "pip", "install"]
} else := {"packages": operands(words, 2, python_values), "exact": `[=]=|@`, "locked": locked(words, `^(-r|-c|-e|--require-hashes|--constraint)$`)} if {
	shell.name(words) == "uv"
	array.slice(shell.arguments(words), 0, 2) in [["pip", "install"], ["tool", "install"]]
} else := {"packages": operands(words, 1, {"--prefix", "--registry", "-C", "--cache", "--loglevel", "-w", "--workspace", "--tag"}), "exact": exact_npm, "locked": false} if {
	shell.name(words) in {"npm", "pnpm", "bun"}
	shell.arguments(words)[0] in {"install", "i", "add"}
} else := {"packages": operands(words, 1, {"--registry"}), "exact": exact_npm, "locked": false} if {
	shell.name(words) == "yarn"
	shell.arguments(words)[0] in {"add", "dlx"}
} else := {"packages": operands(words, 2, {"--registry"}), "exact": exact_npm, "locked": false} if {
	shell.name(words) == "yarn"
	array.slice(shell.arguments(words), 0, 2) == ["global", "add"]
} else := {"packages": first(operands(words, 1, set())), "exact": exact_npm, "locked": false} if {
	shell.name(words) == "pnpm"
	shell.arguments(words)[0] == "dlx"
} else := {"packages": first(operands(words, 0, set())), "exact": exact_npm, "locked": false} if {
	shell.name(words) == "npx"
	some a in array.slice(shell.arguments(words), 0, 2)
	a in {"-y", "--yes"}
} else := {"packages": operands(words, 1, {"-v", "--version", "--source", "-s", "--install-dir", "-i", "-n", "--bindir", "-P"}), "exact": `:\d`, "locked": locked(words, `^(-v.*|--version.*|--help|-g|--file.*|--local)$`)} if {
	shell.name(words) == "gem"
	shell.arguments(words)[0] in {"install", "i"}
} else := {"packages": [a | some a in operands(words, 1, set()); regex.match(`@(latest|main|master|HEAD)$`, a); not gate_tool(a)], "exact": `^$`, "locked": false} if {
	shell.name(words) == "go"
	shell.arguments(words)[0] in {"install", "run", "get"}
} else := {"packages": operands(words, 1, {"--root", "--target", "--features", "--profile", "--bin", "-j"}), "exact": `@\d`, "locked": locked(words, `^(--version.*|--vers.*|--path.*|--git.*|--rev.*|--locked)$`)} if {
	shell.name(words) == "cargo"
	shell.arguments(words)[0] == "install"
} else := {"packages": operands(words, 2, {"--tool-path", "--add-source"}), "exact": `@\d`, "locked": locked(words, `^--version.*$`)} if {
	shell.name(words) == "dotnet"
	array.slice(shell.arguments(words), 0, 2) == ["tool", "install"]
} else := {"packages": operands(words, 1, {"--source", "-s", "--params"}), "exact": `^$`, "locked": locked(words, `^--version.*$|\.config$`)} if {
	shell.name(words) == "choco"
	shell.arguments(words)[0] == "install"
}

exact_npm := `.@v?\d+\.\d+\.\d+|.@npm:.*@\d+\.\d+\.\d+`

python_values := {"-i", "--index-url", "--extra-index-url", "-f", "--find-links", "-t", "--target", "--prefix", "--python", "--platform", "--trusted-host", "--progress-bar", "--timeout", "--retries", "-p"}

# operands(words, from, valued) is the arguments behind the verb without options and their values, up to what the shell makes of the output.
operands(words, from, valued) := [a |
	rest := shell.arguments(words)
	end := min(array.concat([count(rest)], [i | some i, a in rest; regex.match(`^\d*[<>]`, a)]))
	some i, a in array.slice(rest, 0, end)
	i >= from
	not startswith(a, "-")
	not contains(a, "$")
	not rest[i - 1] in valued
]

first(list) := array.slice(list, 0, 1)

locked(words, pattern) if {
	some a in shell.arguments(words)
	regex.match(pattern, a)
} else := false

# tool-pinned has those.
gate_tool(a) if {
	some tool in data.params["pipeline.tool-pinned"].tools
	tool in split(split(a, "@")[0], "/")
}
