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
	regex.match(managers, r.text)
	packages := sort([p | some words in shell.commands(r.text); some p in unpinned(shell.name(words), words)])
	count(packages) > 0
	f := {
		"item": r.item.id, "path": r.path, "message": sprintf("%s without a version", [several(packages)]), "found": several(packages),
		"expected": "a version for each package",
	}
}

managers := `\b(apt|apt-get|aptitude|apk|yum|dnf5?|microdnf|tdnf|zypper|pip[0-9.]*|pipx|uv|npm|pnpm|yarn|bun|gem|go|cargo|dotnet|composer|conda|mamba|micromamba)\b`

several(packages) := concat(", ", packages) if {
	count(packages) <= 5
} else := sprintf("%s and %d more", [concat(", ", array.slice(packages, 0, 4)), count(packages) - 4])

# unpinned(name, words) is the packages that a command installs in whatever version there is.
unpinned(name, words) := {p | some p in operands(after(words, {"install"}), {"-t", "--target-release", "-o", "-c"}); not regex.match(`=|\.deb$|^\.?/`, p); not contains(p, "$")} if {
	name in {"apt-get", "apt", "aptitude"}
} else := {p | some p in operands(after(words, {"add"}), {"-t", "--virtual", "-X", "--repository", "--root", "-p"}); not regex.match(`[=<>~]|\.apk$|^\.|^!`, p); not contains(p, "$")} if {
	name == "apk"
} else := {p | some p in operands(after(words, {"install", "reinstall"}), rpm_options); rolling(p)} if {
	name in {"yum", "dnf", "dnf5", "microdnf", "tdnf"}
	not "module" in words
} else := {p | some p in operands(after(words, {"install", "in"}), rpm_options); not contains(p, "="); rolling(p)} if {
	name == "zypper"
} else := {p | some p in operands(pip_arguments(words), pip_options); named(p)} if {
	name in {"uv", "pipx"}
	not constrained(pip_arguments(words))
} else := {p | some p in operands(pip_arguments(words), pip_options); named(p)} if {
	regex.match(`^(pip|python)[0-9.]*$`, name)
	not constrained(pip_arguments(words))
} else := {p | some p in operands(after(words, {"install", "i", "add"}), {"--registry", "--prefix", "-C", "--dir", "--filter", "--cwd"}); unversioned(p)} if {
	name in {"npm", "pnpm", "yarn", "bun"}
	shell.arguments(words)[0] in {"install", "i", "add", "global", "-g", "--global"}
} else := {p | some p in operands(after(words, {"install"}), {"-n", "--bindir", "-i", "--install-dir", "--source", "-s"}); not regex.match(`:[0-9]|\.gem$`, p); not contains(p, "$")} if {
	name == "gem"
	not said(words, `^(-v|--version)`)
} else := {p | some p in after(words, {"install"}); regex.match(`@(latest|main|master|HEAD)$`, p)} if {
	name == "go"
} else := {p | some p in operands(after(words, {"install"}), {"--root", "--features", "-F", "--target", "-j", "--jobs", "--profile", "--registry"}); not regex.match(`[@$]`, p)} if {
	name == "cargo"
	not said(words, `^--(vers|version|git|path)`)
} else := {p | some p in operands(after(words, {"install"}), {"--tool-path", "--add-source", "--framework"}); not contains(p, "$")} if {
	name == "dotnet"
	"tool" in words
	not said(words, `^--version`)
} else := {p | some p in operands(after(words, {"require"}), {"-d", "--working-dir"}); not regex.match(`[:=$]`, p); contains(p, "/")} if {
	name == "composer"
} else := {p | some p in operands(after(words, {"install", "create"}), {"-c", "--channel", "-n", "--name", "-p", "--prefix", "-f", "--file"}); not regex.match(`[=<>$]|^\.?/|\.(ya?ml|txt|tar\.bz2|conda)$`, p)} if {
	name in {"conda", "mamba", "micromamba"}
}

rpm_options := {
	"-c", "--config", "--installroot", "--releasever", "--enablerepo", "--disablerepo", "--repo", "--repoid", "-x", "--exclude", "--setopt", "-t", "--type", "-r",
	"--from", "--forcearch",
}

# curl is whatever is newest; curl-8.5.0, curl-8.5.0-3.el9 and curl-8.* are not. java-21-openjdk and gcc-c++ are names.
rolling(p) if {
	not regex.match(`-([0-9]+:)?[0-9]+([.~^][^-]*)?\*?$|-([0-9]+:)?v?[0-9]+[.~^][^-]*-[0-9][^-]*$|-[0-9]+-[0-9]+[^-]*\.(el|fc|amzn|oe|suse)\w*(\.\w+)?$`, p)
	not regex.match(`\.rpm$|^[@/.]|[$*:<>]|^https?:`, p)
}

# A name, with a scope or without, and no version or one that moves.
unversioned(p) if {
	not regex.match(`.@|^\.?\.?/|\.tgz$|^(git|https?|file|npm|github|workspace|link):|[$/]|^(global|add|i|install)$`, trim_prefix(p, scope(p)))
}

unversioned(p) if regex.match(`.@(latest|next|\*)$`, p)

scope(p) := regex.find_n(`^@[^/]+/`, p, 1)[0] if {
	regex.match(`^@[^/]+/`, p)
} else := ""

said(words, pattern) if {
	some w in words
	regex.match(pattern, w)
}

pip_options := {
	"-r", "--requirement", "-i", "--index-url", "--extra-index-url", "--trusted-host", "-f", "--find-links", "-t", "--target", "--prefix", "--cache-dir", "-e",
	"--editable", "--root", "--no-binary", "--only-binary", "--global-option", "--timeout", "--retries", "--proxy", "--platform", "--python-version",
	"--progress-bar", "--config-settings", "--python", "-p", "--index", "--default-index", "--pip-args", "--upgrade-strategy",
}

pip_arguments(words) := after(words, {"install"}) if {
	regex.match(`^(pip[0-9.]*|pipx)$`, shell.name(words))
} else := after(words, {"install"}) if {
	regex.match(`^python[0-9.]*$`, shell.name(words))
	array.slice(shell.arguments(words), 0, 3) == ["-m", "pip", "install"]
} else := after(words, {"install"}) if {
	shell.name(words) == "uv"
	array.slice(shell.arguments(words), 0, 2) in [["pip", "install"], ["tool", "install"]]
}

constrained(words) if {
	some w in words
	regex.match(`^(-c|--constraint|--require-hashes)`, w)
}

# A name alone, or a range. Files, folders, addresses and variables have their versions elsewhere.
named(p) if {
	not regex.match(`==|[^<>!~]=[0-9]`, p)
	not regex.match(`[/\\$@]|^\.|\.(whl|txt|gz|zip)$`, p)
	not p in {"pip", "setuptools", "wheel"}
}

# A repository, without a commit or tag.
named(p) if regex.match(`^([\w.\[\]-]+ ?@ ?)?git\+\w+://[^@$]*(@(main|master|develop|HEAD))?(#.*)?$`, regex.replace(p, `://[^/@]*@`, "://"))

# after(words, verbs) is what follows the verb.
after(words, verbs) := array.slice(words, at + 1, count(words)) if at := min([i | some i, w in words; w in verbs; i > shell.start(words)])

# operands(words, valued) is the words that are neither options nor values of those options, up to the first redirection.
operands(words, valued) := {w |
	limit := min([i | some i, x in array.concat(words, [">"]); x in {">", ">>", "<", "2>", "<<", "<<<"}])
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
