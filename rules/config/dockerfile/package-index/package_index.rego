# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Packages come over encrypted connections
# description: Over plain HTTP, or from a host whose certificate is not checked, anybody on the way can put other packages into the image.
# related_resources:
# - ref: https://pip.pypa.io/en/stable/cli/pip/#cmdoption-trusted-host
#   description: pip, --trusted-host
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: CIS Docker Benchmark, 4.11 only verified packages are installed
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53, SC-8 transmission integrity
# custom:
#   id: dockerfile.package-index
#   severity: high
#   remediation: Use the https address of the index, and give the build the certificate of your own certificate authority where it needs one.
#   zeroTrust: [Z1, Z10]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.package_index

import data.sealock.lib.config_dockerfile as dockerfile
import data.sealock.lib.config_shell as shell

managers := {"pip", "pip3", "npm", "yarn", "pnpm", "gem", "bundle", "bundler", "composer", "uv", "poetry", "conda", "mamba", "nuget", "dotnet", "easy_install", "cargo", "bun"}

finding contains f if {
	some r in dockerfile.runs
	regex.match(`http://|trusted-host|secure-http|disable-tls`, r.text)
	hits := sort([h | some words in shell.commands(r.text); some h in insecure(words)])
	count(hits) > 0
	f := {
		"item": r.item.id, "path": r.path, "message": sprintf("packages are taken without a checked connection (%s)", [hits[0]]), "found": concat(", ", hits),
		"expected": "https, with certificates that are checked",
	}
}

insecure(words) := {shell.clip(a) |
	manager(words)
	some a in shell.arguments(words)
	regex.match(`(^|=)http://`, a)
	not regex.match(`http://(localhost|127\.0\.0\.1)`, a)
	not proxy(words, a)
} | ({a |
	manager(words)
	some a in shell.arguments(words)
	regex.match(`^(--trusted-host(=.*)?|(global|install|download|user|site)\.trusted-host)$`, a)
} | {"secure-http false" |
	shell.name(words) == "composer"
	some i, a in words
	a == "secure-http"
	words[i + 1] in {"false", "0"}
})

proxy(words, a) if {
	some i, w in words
	w == a
	regex.match(`proxy`, words[i - 1])
}

proxy(_, a) if startswith(a, "--proxy")

manager(words) if shell.name(words) in managers

manager(words) if {
	regex.match(`^python[0-9.]*$`, shell.name(words))
	"pip" in words
}

finding contains f if {
	some a in dockerfile.assignments
	is_string(a.value)
	problem(a.name, a.value)
	f := {
		"item": a.item.id, "path": a.path, "message": sprintf("%s lets packages be taken without a checked connection", [a.name]),
		"found": sprintf("%s=%s", [a.name, shell.clip(a.value)]), "expected": "https, with certificates that are checked",
	}
}

problem("PIP_TRUSTED_HOST", value) if value != ""

problem(name, value) if {
	upper(name) in {"PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "NPM_CONFIG_REGISTRY", "UV_INDEX_URL", "GOPROXY", "BUNDLE_MIRROR__ALL"}
	regex.match(`(^|[\s,|])http://`, value)
	not regex.match(`http://(localhost|127\.0\.0\.1)`, value)
}

problem("GOINSECURE", value) if value != ""
