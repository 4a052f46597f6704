# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Certificates are checked
# description: A connection whose certificate nobody checks is open to everybody on the way, who can change what is downloaded, and read what is sent.
# related_resources:
# - ref: https://curl.se/docs/manpage.html#-k
#   description: curl, --insecure
# - ref: https://cwe.mitre.org/data/definitions/295.html
#   description: CWE-295, improper certificate validation
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53, SC-8 transmission integrity
# custom:
#   id: dockerfile.tls-verification
#   severity: high
#   remediation: Remove the option; install ca-certificates, or the certificate of your own certificate authority.
#   zeroTrust: [Z1, Z10]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.tls_verification

import data.sealock.lib.config_dockerfile as dockerfile
import data.sealock.lib.config_shell as shell

finding contains f if {
	some r in dockerfile.runs
	regex.match(`(?i)(curl|wget|git|npm|yarn|pnpm|ssl|tls|verify|insecure|stricthostkey|axel|aria2c)`, r.text)
	hits := sort([h | some words in shell.commands(r.text); some h in unchecked(words)])
	count(hits) > 0
	f := {
		"item": r.item.id, "path": r.path, "severity": severity(hits), "message": sprintf("the other side's identity is not checked (%s)", [hits[0]]),
		"found": concat(", ", hits), "expected": "connections whose certificates are checked",
	}
}

severity(hits) := "medium" if {
	every h in hits { contains(h, "StrictHostKeyChecking") }
} else := "high"

unchecked(words) := {sprintf("curl %s", [a]) |
	shell.name(words) == "curl"
	some a in shell.arguments(words)
	regex.match(`^(--insecure|--proxy-insecure|--doh-insecure|-[a-jl-zA-Z#]*k[a-zA-Z]*)$`, a)
	not regex.match(`^-[a-zA-Z]*[oHXdeuAb][a-zA-Z]*k`, a)
} | ({sprintf("wget %s", [a]) |
	shell.name(words) in {"wget", "aria2c", "axel"}
	some a in shell.arguments(words)
	regex.match(`^(--no-check-certificate|--check-certificate=false|--insecure)$`, a)
} | ({"git http.sslVerify=false" |
	shell.name(words) == "git"
	some i, a in words
	regex.match(`(?i)^http\.(\S+\.)?sslverify(=(false|0|no))?$`, a)
	turned_off(words, i, a)
} | ({sprintf("%s strict-ssl false", [shell.name(words)]) |
	shell.name(words) in {"npm", "yarn", "pnpm"}
	some i, a in words
	regex.match(`^(--no-strict-ssl|(--)?strict-ssl(=false)?)$`, a)
	turned_off(words, i, a)
} | ({a |
	some a in words
	regex.match(`(?i)^(-o)?(Acquire::https?::Verify-(Peer|Host)=["']?(false|0|no)["']?|--setopt=([\w*.-]+\.)?sslverify=(0|false|no)|([\w*.-]+\.)?sslverify=(0|false|no)|StrictHostKeyChecking[= ](no|off))$`, a)
} | {w |
	some w in words
	m := regex.find_all_string_submatch_n(`^(\w+)=(.*)$`, w, 1)[0]
	switch(m[1], m[2])
}))))

turned_off(_, _, a) if regex.match(`(?i)=(false|0|no)$|^--no-`, a)

turned_off(words, i, a) if {
	not contains(a, "=")
	lower(words[i + 1]) in {"false", "0", "no"}
}

switch("NODE_TLS_REJECT_UNAUTHORIZED", "0")

switch("PYTHONHTTPSVERIFY", "0")

switch("GIT_SSL_NO_VERIFY", v) if not lower(v) in {"", "0", "false"}

switch(name, v) if {
	lower(name) in {"npm_config_strict_ssl", "yarn_strict_ssl"}
	lower(v) in {"false", "0"}
}

switch("CARGO_HTTP_CHECK_REVOKE", "false")

switch("HEX_UNSAFE_HTTPS", "1")

switch("PERL_LWP_SSL_VERIFY_HOSTNAME", "0")

finding contains f if {
	some a in dockerfile.assignments
	is_string(a.value)
	switch(a.name, a.value)
	f := {
		"item": a.item.id, "path": a.path, "message": sprintf("%s=%s switches the check of certificates off", [a.name, a.value]), "found": sprintf("%s=%s", [a.name, a.value]),
		"expected": "connections whose certificates are checked",
	}
}
