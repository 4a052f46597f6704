# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Signatures of packages are checked
# description: Without the check, a mirror, a proxy or anybody on the way can put any package into the image.
# related_resources:
# - ref: https://wiki.debian.org/SecureApt
#   description: Debian, SecureApt
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: CIS Docker Benchmark, 4.11 only verified packages are installed
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53, CM-14 signed components
# custom:
#   id: dockerfile.package-signatures
#   severity: high
#   remediation: Remove the option, and add the key of the repository (signed-by=, rpm --import, /etc/apk/keys).
#   zeroTrust: [Z1, Z20]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.package_signatures

import data.sealock.lib.config_dockerfile as dockerfile
import data.sealock.lib.config_shell as shell

options := {
	{"apt", "apt-get", "aptitude", "apt-fast", "gdebi"}: `^(--allow-unauthenticated|--force-yes|--allow-insecure-repositories|--no-gpg-check|(-o)?(APT::Get::AllowUnauthenticated|Acquire::AllowInsecureRepositories|Acquire::AllowWeakRepositories)=["']?(true|1|yes)["']?)$`,
	{"apk"}: `^--allow-untrusted$`,
	{"yum", "dnf", "microdnf", "tdnf", "zypper", "yum-config-manager", "dnf5"}: `^(--nogpgcheck|--no-gpg-?checks?|--nogpg|--allow-unsigned-rpm|--setopt=([\w*.-]+\.)?(repo_)?gpgcheck=(0|false|no)|([\w*.-]+\.)?gpgcheck=(0|false|no))$`,
	{"rpm"}: `^(--nosignature|--nodigest|--noverify|--nogpgcheck|--no-signature|--no-digest)$`,
	{"dpkg"}: `^(--force-bad-verify|--force-all)$`,
	{"pip", "pip3"}: `^--no-verify$`,
}

finding contains f if {
	some r in dockerfile.runs
	hits := sort([h | some h in ignoring(r.text)])
	count(hits) > 0
	f := {
		"item": r.item.id, "path": r.path, "severity": severity(r), "message": sprintf("packages are installed without checking who signed them (%s)", [hits[0]]),
		"found": concat(", ", hits), "expected": "signed packages and the key of their repository",
	}
}

# Package files that come from the build context are as trusted as that.
severity(r) := "low" if {
	files := [a | some words in shell.commands(r.text); shell.name(words) in managers; some i, a in shell.arguments(words); i > 0; not startswith(a, "-")]
	count(files) > 0
	every f in files { regex.match(`^(\.{0,2}/)?[^:]*\.(apk|rpm|deb)$`, f) }
	count([1 | some i in r.item.instructions; i.cmd in {"run", "add"}; regex.match(`(?i)(https?|ftp)://`, i.text)]) == 0
} else := "high"

managers := {"apk", "yum", "dnf", "dnf5", "microdnf", "tdnf", "zypper", "rpm", "dpkg", "apt-get", "apt"}

ignoring(text) := {sprintf("%s %s", [shell.name(words), a]) |
	regex.match(`(?i)unauthenticated|force-yes|insecure|untrusted|gpg|nosignature|nodigest|noverify|no-signature|no-digest|unsigned|force-bad|force-all|AllowWeak`, text)
	some words in shell.commands(text)
	some names, pattern in options
	shell.name(words) in names
	some a in shell.arguments(words)
	regex.match(pattern, a)
} | {trim_space(m[1]) |
	plain := shell.plain(text)
	some m in regex.find_all_string_submatch_n(`(?i)(\[[^\]\n]*trusted=yes[^\]\n]*\]|\b(?:repo_)?gpgcheck\s*=\s*(?:0|no|false)\b|SigLevel\s*=\s*Never|AllowUnauthenticated\s+["']?(?:true|1))`, plain, 4)
	not contains(m[0], "setopt")
	not option_like(plain, m[0])
}

# The same setting as an option was found above.
option_like(plain, found) if regex.match(sprintf(`(--setopt[= ]\S*|yum-config-manager[^\n;&|]*)%s`, [regex.replace(found, `[\[\].*+?]`, ".")]), plain)

# What Go modules hold is compared with a log that nobody can change in secret, unless this is said.
finding contains f if {
	some a in dockerfile.assignments
	is_string(a.value)
	unlogged(a.name, a.value)
	f := {
		"item": a.item.id, "path": a.path, "severity": "medium", "message": sprintf("%s lets any Go module be taken without comparing it with the checksum database", [a.name]),
		"found": sprintf("%s=%s", [a.name, shell.clip(a.value)]), "expected": "the checksum database, and GOPRIVATE for modules of one's own",
	}
}

unlogged("GOSUMDB", "off")

unlogged("GONOSUMDB", v) if regex.match(`(^|,)\*(,|$)`, v)

unlogged("GONOSUMCHECK", v) if not v in {"", "0"}

unlogged("GOFLAGS", v) if regex.match(`(^|\s)-insecure\b`, v)

# Files that are written by COPY <<EOF.
finding contains f if {
	some i in dockerfile.instructions({"copy", "add"})
	some h in i.instruction.heredocs
	some found in regex.find_n(`(?im)^\s*(repo_)?gpgcheck\s*=\s*(0|no|false)\b|\[[^\]\n]*trusted=yes[^\]\n]*\]`, h.content, 1)
	f := {
		"item": i.item.id, "path": i.path, "message": sprintf("packages are installed without checking who signed them (%s)", [trim_space(found)]), "found": trim_space(found),
		"expected": "signed packages and the key of their repository",
	}
}
