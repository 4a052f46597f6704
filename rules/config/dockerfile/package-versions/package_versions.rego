# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Packages are installed in named versions
# description: Without a version, each build takes what is newest that day; a bad release gets into the image without anybody choosing it, and the build can't be repeated.
# related_resources:
# - ref: https://docs.docker.com/build/building/best-practices/#apt-get
#   description: Docker, building best practices, version pinning
# - ref: https://csrc.nist.gov/pubs/sp/800/204/d/final
#   description: NIST SP 800-204D, 5.1 dependencies of a build
# custom:
#   id: dockerfile.package-versions
#   severity: low
#   remediation: "Name the version (apt-get install curl=8.5.0-2, pip install requests==2.32.3), or install from a lock file or a snapshot of the repository."
#   zeroTrust: [Z1, Z20]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.package_versions

import data.sealock.lib.config_dockerfile as dockerfile
import data.sealock.lib.config_shell as shell

finding contains f if {
	some r in dockerfile.runs
	regex.match(`\b(apt|apt-get|apk|pip[0-9.]*|npm|gem|go)\b`, r.text)
	packages := sort([p | some words in shell.commands(r.text); some p in unpinned(words)])
	count(packages) > 0
	f := {
		"item": r.item.id, "path": r.path, "message": sprintf("%s without a version", [several(packages)]), "found": several(packages),
		"expected": "a version for each package",
	}
}

several(packages) := concat(", ", packages) if {
	count(packages) <= 5
} else := sprintf("%s and %d more", [concat(", ", array.slice(packages, 0, 4)), count(packages) - 4])

# unpinned(words) is the packages that a command installs in whatever version there is.
unpinned(words) := {p | some p in operands(rest(words, {"install"}), {"-t", "--target-release", "-o", "-c"}); not regex.match(`=|\.deb$|^\.?/`, p); not contains(p, "$")} if {
	shell.name(words) in {"apt-get", "apt", "aptitude"}
	"install" in shell.arguments(words)
} else := {p | some p in operands(rest(words, {"add"}), {"-t", "--virtual", "-X", "--repository", "--root", "-p"}); not regex.match(`[=<>~]|\.apk$|^\.|^!`, p); not contains(p, "$")} if {
	shell.name(words) == "apk"
	"add" in shell.arguments(words)
} else := {p | some p in operands(pip, pip_options); named(p)} if {
	pip := pip_arguments(words)
	count({a | some a in pip; regex.match(`^(-c|--constraint|--require-hashes)`, a)}) == 0
} else := {p | some p in operands(rest(words, {"install", "i", "add"}), {"--registry", "--prefix"}); not regex.match(`.@[^@]*[0-9]|^\.?\.?/|\.tgz$|^(git|https?|file):|^\$`, p); not contains(p, "$")} if {
	shell.name(words) == "npm"
	count({"-g", "--global"} & {a | some a in words}) > 0
	count({"install", "i", "add"} & {a | some a in words}) > 0
} else := {p | some p in operands(rest(words, {"install"}), {"-n", "--bindir", "-i", "--install-dir", "--source", "-s"}); not regex.match(`:[0-9]|\.gem$`, p); not contains(p, "$")} if {
	shell.name(words) == "gem"
	"install" in words
	count([a | some a in words; regex.match(`^(-v|--version)`, a)]) == 0
} else := {p | some p in rest(words, {"install"}); regex.match(`@(latest|main|master|HEAD)$`, p)} if {
	shell.name(words) == "go"
	"install" in words
}

pip_options := {
	"-r", "--requirement", "-i", "--index-url", "--extra-index-url", "--trusted-host", "-f", "--find-links", "-t", "--target", "--prefix", "--cache-dir", "-e",
	"--editable", "--root", "--no-binary", "--only-binary", "--global-option", "--timeout", "--retries", "--proxy", "--platform", "--python-version",
	"--progress-bar", "--config-settings",
}

pip_arguments(words) := rest(words, {"install"}) if {
	regex.match(`^pip[0-9.]*$`, shell.name(words))
	"install" in words
} else := rest(words, {"install"}) if {
	regex.match(`^python[0-9.]*$`, shell.name(words))
	array.slice(shell.arguments(words), 0, 3) == ["-m", "pip", "install"]
}

# A name alone, or a range. Files, folders, addresses and variables have their versions elsewhere.
named(p) if {
	not contains(p, "==")
	not regex.match(`[/\\$@]|^\.|\.(whl|txt|gz|zip)$`, p)
	not p in {"pip", "setuptools", "wheel"}
}

# rest(words, verbs) is what follows the verb.
rest(words, verbs) := array.slice(words, at + 1, count(words)) if at := min([i | some i, w in words; w in verbs; i > shell.start(words)])

# operands(words, valued) is the words that are neither options nor values of those options, up to the first redirection.
operands(words, valued) := {w |
	limit := min([i | some i, x in array.concat(words, [">"]); x in {">", ">>", "<", "2>", "<<"}])
	some i, w in words
	i < limit
	not startswith(w, "-")
	not regex.match(`^[0-9]*[<>]|^&>`, w)
	not preceded(words, i, valued)
}

preceded(words, i, valued) if {
	i > 0
	words[i - 1] in valued
}
