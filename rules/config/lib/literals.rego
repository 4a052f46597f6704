# SPDX-License-Identifier: Apache-2.0

# Which names and values are secrets that stand in the open. Values never get into messages.
package sealock.lib.config_literals

# word(name) is a name in one spelling: dbPassword, db.password and DB-PASSWORD are DB_PASSWORD.
word(name) := upper(regex.replace(regex.replace(name, `([a-z0-9])([A-Z])`, `${1}_${2}`), `[^A-Za-z0-9]+`, "_"))

# secret_name(name) if what stands below that name is a secret: the last words tell, so that PASSWORD_FILE and TOKEN_URL are none.
secret_name(name) if {
	w := word(name)
	regex.match(
		concat("", [
			`(^|_)(PASSWORDS?|PASSWD|PASSPHRASE|PASS|PASSWORT|SECRETS?|SECRET_?KEY(_BASE)?|SECRET_?ACCESS_?KEY|API_?KEY|API_?TOKEN|REQUIREPASS|MASTERAUTH|ACCESS_?TOKEN`,
			`|AUTH_?TOKEN|BEARER_?TOKEN|REFRESH_?TOKEN|TOKEN|PRIVATE_?KEY|CLIENT_?SECRET|SIGNING_?KEY|ENCRYPTION_?KEY|MASTER_?KEY|HMAC_?KEY|AES_?KEY|ACCOUNT_?KEY`,
			`|STORAGE_?KEY|SHARED_?KEY|LICENSE_?KEY|JWT_?KEY|SESSION_?KEY|APP_?KEY|COOKIE_?SECRET|CREDENTIALS?|ACCESS_?KEY|SSH_?KEY|DEPLOY_?KEY|WEBHOOK_?URL_SECRET)(_?[0-9]+)?$`,
			`|(PASSWORD|PASSWD|APIKEY|(DB|SQL|ROOT|ADMIN|USER|SMTP|MAIL|REDIS|MONGO|PG)PASS)$|(^|_)PWD$|(^|_)SECRET_(TOKEN|VALUE)$`,
		]),
		w,
	)
	not regex.match(`(^|_)(PULL_SECRET|PULL_SECRETS|TLS_SECRET|CERT_SECRET|CA_SECRET|EXISTING_SECRET|(NO|EMPTY|RANDOM_ROOT|ONETIME|REQUIRE|USE|ENABLE|DISABLE|ALLOW|HAS|RESET|CHANGE|FORGOT)_[A-Z_]*(PASSWORD|TOKEN|SECRET|CREDENTIALS)|MAX_TOKEN|CLUSTER_TOKEN|CSRF_TOKEN|ALLOW_CREDENTIALS|NEXT_TOKEN|PUBLIC_KEY)$`, w)
}

# literal(v) if a value is one: not empty, not filled in by something else, not the name of a file or of another object.
literal(v) if {
	is_string(v)
	t := trim(v, " \t\r\n\"'")
	t != ""
	not filled_in(t)
	not regex.match(`(?i)^(true|false|yes|no|on|off|null|nil|none|undefined|~|disabled|enabled|required|optional|default)$`, t)
	not regex.match(`^(/|\./|~/|file:)[A-Za-z0-9._/-]+$`, t)
	not regex.match(`^-?[0-9]{1,3}$`, t) # a number of something
}

literal(v) if {
	is_number(v)
	v > 9
}

# filled_in(t) if a template, a tool or a person puts the value in later, or another system holds it.
filled_in(t) if regex.match(
	concat("|", [
		`\$\{[^}]*\}`, `\$\([^)]*\)`, `^\$[A-Za-z_][A-Za-z0-9_]*$`, `\{\{.*\}\}`, `<[^<>]*>`, `^%[^%]+%$`, `^@[A-Za-z_]+@$`, `^__[A-Za-z_]+__$`, `^\[[A-Za-z _-]+\]$`,
		`(?i)^(ref\+[a-z]|vault:|sops:|op://|ssm:|ssm://|sm://|secretsmanager:|secretref:|secret://|gcpsm:|awssm:|berglas://|arn:aws[a-z-]*:(secretsmanager|ssm|kms):|projects/[^/]+/secrets/|@Microsoft\.KeyVault)`,
		`^ENC\[`, `^AgA`, `^\*{3,}$`, `^x{3,}$`, `^X{3,}$`, `^\.\.\.+$`, `^-+$`, `(?i)^redacted$`,
	]),
	t,
)

# default_of(t) is what a text of the form ${NAME:-text} falls back to.
default_of(t) := groups[0][1] if {
	groups := regex.find_all_string_submatch_n(`^\$\{[A-Za-z_][A-Za-z0-9_]*:?-([^}${]+)\}$`, t, 1)
	count(groups) == 1
} else := t

# known(v) says what kind of secret a value is by its own form, whatever it is called.
known(v) := found[0] if {
	is_string(v)
	found := [kind | some kind, form in forms; regex.match(form, v)]
	count(found) > 0
} else := "a password in an address" if {
	is_string(v)
	some m in regex.find_all_string_submatch_n(`[a-z][a-z0-9+.-]*://[^/\s:@"'<>]*:([^/\s@"'<>]+)@`, v, 8)
	not filled_in(m[1])
	not regex.match(`(?i)^(\$|%|\*|x{3,}|password$|pass$|pw$|secret$)`, m[1])
} else := "a password in a connection string" if {
	is_string(v)
	some m in regex.find_all_string_submatch_n(`(?i)(?:^|;)\s*(?:password|pwd|accountkey|sharedaccesskey)\s*=\s*([^;\s"']+)`, v, 8)
	regex.match(`(?i)(server|host|data source|endpoint|accountname|database|user)[^=;]*=`, v)
	not filled_in(m[1])
}

forms := {
	"a private key": `-----BEGIN ((RSA|EC|DSA|OPENSSH|ENCRYPTED|PGP) )?PRIVATE KEY( BLOCK)?-----\s*[A-Za-z0-9+/=\s]{20}`,
	"an access key of AWS": `\b(AKIA|ASIA)[A-Z2-7]{16}\b`,
	"a token of GitHub": `\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60})`,
	"a token of GitLab": `\bglpat-[A-Za-z0-9_-]{20}`,
	"a token of Slack": `\bxox[abposr]-[A-Za-z0-9-]{20}`,
	"a key of Stripe": `\b[sr]k_live_[A-Za-z0-9]{20}`,
	"a key of Google": `\bAIza[A-Za-z0-9_-]{35}`,
	"a token of npm": `\bnpm_[A-Za-z0-9]{36}`,
	"a token of PyPI": `\bpypi-[A-Za-z0-9_-]{50}`,
	"a token of Docker Hub": `\bdckr_pat_[A-Za-z0-9_-]{20}`,
	"a webhook of Slack": `\bhooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{16,}`,
	"a signed token (JWT)": `\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}`,
	"a token in a header": `^(Bearer|Basic) +[A-Za-z._~+/-]*[0-9][A-Za-z0-9._~+/-]{8,}=*$`,
}

# secret(name, value) says why a value is a secret in the open; it is undefined if it is none.
secret(name, value) := kind if {
	kind := known(value)
} else := "a secret by its name" if {
	secret_name(name)
	literal(value)
	not reference(name, value)
}

# reference(name, value) if the value is the name of something that holds the secret: web-credentials, db-secret.
reference(name, value) if {
	is_string(value)
	regex.match(`(SECRETS?|CREDENTIALS?|_TOKEN|^TOKEN|SSH_?KEY|DEPLOY_?KEY)$`, word(name))
	regex.match(`^[a-z][a-z0-9]*([.-][a-z0-9]+)*[.-](secrets?|creds?|credentials?|tokens?|key|tls|cert|certs|auth)$`, value)
}

# Addresses that have no password in them.
reference(_, value) if {
	is_string(value)
	regex.match(`^(https?|tcp|unix|redis|amqps?|postgres(ql)?|mysql|mongodb(\+srv)?)://[^\s]+$`, value)
}

# inside(text) is the names of the settings with a secret in a text of several lines: NAME=value, name: value, "name": "value".
inside(text) := {name |
	some line in array.slice(split(text, "\n"), 0, 5000)
	some form in line_forms
	some m in regex.find_all_string_submatch_n(form, line, 1)
	name := m[1]
	secret_name(name)
	literal(m[2])
	not regex.match(`[(){}\[\]$]`, m[2])
	not reference(name, m[2])
}

line_forms := [
	`^\s*(?:export\s+|set\s+|-\s+)?([A-Za-z][A-Za-z0-9_.-]*)\s*[:=]\s*([^\s"'#;,]+)\s*;?\s*$`,
	`^\s*(?:export\s+|set\s+|-\s+)?["']?([A-Za-z][A-Za-z0-9_.-]*)["']?\s*[:=]\s*["']([^"'\s]+)["']\s*[,;]?\s*$`,
]

# typed(command) is what a command line says of passwords: `--password=x`, `PGPASSWORD=x psql`.
typed(command) := {m[1] |
	some m in regex.find_all_string_submatch_n(`(?:^|[\s;&|("'])((?:--?[A-Za-z-]*(?:password|passwd|passphrase|token|secret|api-?key|requirepass)(?:=|\s+)|[A-Z0-9_]*(?:PASSWORD|PASSWD|TOKEN|SECRET|API_KEY)=))("[^"$]+"|'[^'$]+'|[^\s"'$(){}<>\[\];|&\\-][^\s"'$(){}<>\[\];|&\\]*)`, command, 32)
	name := trim(m[1], "-= \t")
	secret_name(name)
	literal(m[2])
	not reference(name, trim(m[2], "\"'"))
}
