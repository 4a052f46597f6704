# SPDX-License-Identifier: Apache-2.0

# Which commands and variables switch off the check of who is at the other end of a connection.
package sealock.lib.config_connections

import data.sealock.lib.config_shell as shell

# unchecked(text) is what a script says that switches the check off, in order.
unchecked(text) := sort([h | some h in {hit | some words in shell.commands(text); some hit in ignoring(words)}]) if {
	regex.match(`(?i)(curl|wget|git|npm|yarn|pnpm|ssl|tls|verify|insecure|stricthostkey|axel|aria2c|ignore-certs)`, text)
} else := []

# severity(hits) is lower where only the keys of SSH are not checked.
severity(hits) := "medium" if {
	every h in hits { contains(h, "StrictHostKeyChecking") }
} else := "high"

ignoring(words) := unencrypted(words) | ({sprintf("curl %s", [a]) |
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
	regex.match(`^(--no-strict-ssl|(--)?strict-ssl(=false)?|enableStrictSsl)$`, a)
	turned_off(words, i, a)
} | ({a |
	some a in words
	regex.match(`(?i)^(-o)?(Acquire::https?::Verify-(Peer|Host)=["']?(false|0|no)["']?|--setopt=([\w*.-]+\.)?sslverify=(0|false|no)|([\w*.-]+\.)?sslverify=(0|false|no)|StrictHostKeyChecking[= ](no|off))$`, a)
} | {sprintf("%s %s", [shell.name(words), shell.clip(a)]) |
	some a in shell.arguments(words)
	regex.match(unchecking, a)
} | {sprintf("%s %s %s", [shell.name(words), a, words[i + 1]]) |
	some i, a in words
	some name, off in settings
	regex.match(name, a)
	lower(words[i + 1]) in off
} | {w |
	some w in words
	m := regex.find_all_string_submatch_n(`^(\w+)=(.*)$`, w, 1)[0]
	switched_off(m[1], m[2])
})))))

# unencrypted(words) is requests that carry a credential which everybody on the way can read.
unencrypted(words) := {sprintf("%s sends a credential to %s", [shell.name(words), shell.clip(u)]) |
	shell.name(words) in {"curl", "wget"}
	some u in shell.arguments(words)
	startswith(u, "http://")
	not regex.match(`^http://(\$|localhost|127\.|0\.0\.0\.0|\[|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2[0-9]|3[01])\.|[\w-]+([:/]|$)|[\w.-]+\.(local|test|localhost|svc|internal|localdev\.me)([:/]|$))`, regex.replace(u, `^http://[^/@]*@`, "http://"))
	some i, a in words
	carries(words, i, a)
}

carries(words, i, a) if {
	a in {"-H", "--header"}
	regex.match(credential_header, words[i + 1])
}

carries(_, _, a) if {
	startswith(a, "--header=")
	regex.match(credential_header, substring(a, 9, -1))
}

carries(words, i, a) if {
	a in {"-u", "--user", "--oauth2-bearer"}
	shell.name(words) == "curl"
	words[i + 1]
}

carries(_, _, a) if regex.match(`^(--(http-)?password=|http://[^/@:]+:[^/@]+@)`, a)

credential_header := `(?i)^["']?(proxy-)?(authorization|private-token|job-token|cookie|api-?key|x-[\w-]*(token|key|auth)[\w-]*)\s*:`

# unchecking is options that mean the same to whatever program takes them.
unchecking := concat("", [
	`^(--?(insecure-skip-tls-verify|insecure-skip-verify|skip-tls-verify|tls-skip-verify|no-verify-ssl|skip-ssl-validation|ignore-certs|sslAllowInvalidCertificates`,
	`|tlsAllowInvalidCertificates)(=true)?|--((src|dest)-)?tls-verify=(false|0)|-Dmaven\.wagon\.http\.ssl\.(insecure|allowall)=true)$`,
])

# settings are words that a value follows, with the values that switch the check off.
settings := {
	`^ssl_verify$`: {"false", "no", "0"}, `^disable-tls$`: {"true", "1"}, `(^|:)ssl_verify_mode$`: {"0", "none"},
	`^auth/disable_ssl_validation$`: {"true", "1"},
}

turned_off(_, _, a) if regex.match(`(?i)=(false|0|no)$|^--no-`, a)

turned_off(words, i, a) if {
	not contains(a, "=")
	lower(words[i + 1]) in {"false", "0", "no"}
}

# switched_off(name, value) if a variable says that certificates are not to be checked.
switched_off("NODE_TLS_REJECT_UNAUTHORIZED", "0")

switched_off("PYTHONHTTPSVERIFY", "0")

switched_off("GIT_SSH_COMMAND", v) if regex.match(`StrictHostKeyChecking[= ](no|off)`, v)

switched_off("GIT_SSL_NO_VERIFY", v) if not lower(v) in {"", "0", "false"}

switched_off(name, v) if {
	lower(name) in {"npm_config_strict_ssl", "yarn_strict_ssl"}
	lower(v) in {"false", "0"}
}

switched_off("CARGO_HTTP_CHECK_REVOKE", "false")

switched_off(name, v) if {
	name in {"CONDA_SSL_VERIFY", "YARN_ENABLE_STRICT_SSL", "CONSUL_HTTP_SSL_VERIFY"}
	lower(v) in {"false", "0", "no"}
}

switched_off(name, v) if {
	name in {"VAULT_SKIP_VERIFY", "NOMAD_SKIP_VERIFY", "ANSIBLE_GALAXY_IGNORE"}
	lower(v) in {"true", "1", "yes"}
}

switched_off("BUNDLE_SSL_VERIFY_MODE", "0")

# Empty ones take the list of authorities away.
switched_off(name, "") if name in {"CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"}

switched_off("HEX_UNSAFE_HTTPS", "1")

switched_off("PERL_LWP_SSL_VERIFY_HOSTNAME", "0")
