# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Secrets are used one at a time and not shown
# description: GitHub and GitLab mask only the exact text of a secret. All secrets at once, parts of them, or secrets that a script prints or puts on a command line end up in logs, in the list of processes or in code that needs none of them.
# related_resources:
# - ref: https://docs.github.com/en/actions/reference/security/secure-use#use-secrets-for-sensitive-information
#   description: GitHub secure use reference, secrets
# - ref: https://docs.zizmor.sh/audits/#overprovisioned-secrets
#   description: zizmor, overprovisioned-secrets and unredacted-secrets
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-06-Insufficient-Credential-Hygiene
#   description: OWASP CI/CD risks, CICD-SEC-6
# custom:
#   id: pipeline.secret-exposed
#   severity: high
#   remediation: "Give the one secret to the one step as a variable (env: TOKEN: ${{ secrets.TOKEN }}), pass it on standard input, and print nothing of it."
#   zeroTrust: [Z25, Z28]
#   kinds: [github, gitlab, jenkins]
package sealock.config.pipeline.secret_exposed

import data.sealock.lib.config_github as github
import data.sealock.lib.config_gitlab as gitlab
import data.sealock.lib.config_jenkins as jenkins
import data.sealock.lib.config_shell as shell

# All secrets, or one whose name is only known when it runs.
finding contains f if {
	some item in input.github
	walk(item.object, [path, value])
	is_string(value)
	contains(value, "secrets")
	some e in github.expressions(value)
	what := wide(github.normal(e))
	f := {
		"item": item.id, "path": path, "severity": what.severity, "message": what.message, "found": sprintf("${{ %s }}", [e]),
		"expected": "one secret by its name",
	}
}

wide(e) := {"severity": "high", "message": "every secret is put into one text"} if {
	regex.match(`tojson\s*\(\s*secrets\s*\)|\bsecrets\.\*`, e)
} else := {"severity": "medium", "message": "any secret can be chosen, so all of them are given to the runner"} if {
	regex.match(`\bsecrets\s*\[`, e)
	not regex.match(`\bsecrets\s*\[\s*'`, e)
} else := {"severity": "medium", "message": "parts of a structured secret are not masked in logs"} if {
	regex.match(`fromjson\s*\(\s*secrets\.[\w-]+\s*\)`, e)
}

# if: has no secrets; such a condition is always false, or makes people set variables that hold them.
finding contains f if {
	some place in conditions
	regex.match(`\bsecrets\.\w`, place.text)
	f := {
		"item": place.item.id, "path": place.path, "severity": "low",
		"message": "a condition can't see secrets, so this one never holds as it was meant", "found": place.text,
		"expected": "a variable that says whether the secret is set",
	}
}

conditions := array.concat(
	[{"item": j.item, "path": array.concat(j.job.path, ["if"]), "text": github.condition(j.job.spec)} | some j in github.jobs],
	[{"item": s.item, "path": array.concat(s.path, ["if"]), "text": github.condition(s.spec)} | some s in github.steps],
)

# A script that prints a secret, written as an expression or held by a variable.
finding contains f if {
	some s in github.runs
	some name in printed(s)
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["run"]), "message": sprintf("the script prints the secret %s", [name]),
		"found": name, "expected": "a secret that is only given to programs",
	}
}

printed(s) := {name |
	regex.match(`\b(echo|printf|write-host|write-output|cat|env|printenv)\b`, lower(s.text))
	holders := {key: m[1] |
		some key, value in github.environment(s.item, s.job, s.spec)
		some m in regex.find_all_string_submatch_n(`^\$\{\{\s*(secrets\.[\w-]+|github\.token)\s*\}\}$`, github.text_of(value), 1)
	}
	parts := derived(s.text, holders)
	expressed := regex.replace(s.text, `\$\{\{\s*(secrets|github)\.([\w-]+)\s*\}\}`, "$$secret__${1}_dot_${2}")
	some p in shell.flat(expressed)
	words := p.commands[0]
	shown(p)
	shell.name(words) in {"echo", "printf", "write-host", "write-output"}
	not redirected(words)
	some a in shell.arguments(words)
	not startswith(a, "::add-mask::")
	p.before != "("
	name := (expression(a) | held(a, object.union(parts, holders)))[_]
}

# shown(p) if what a pipeline prints gets to the log, as it is or written in another way, which nothing masks.
shown(p) if {
	every i, words in p.commands { recodes(i, words) }
}

recodes(0, _)

recodes(i, words) if {
	i > 0
	shell.name(words) in {"base64", "rev", "xxd", "od", "hexdump", "base32", "sed", "fold", "tr", "cat", "tee", "gzip", "openssl", "head", "tail", "sort", "xargs"}
	not redirected(words)
	not decodes(words)
}

decodes(words) if {
	some a in shell.arguments(words)
	regex.match(`^(-d|-D|--decode|-di|-id|/dev/null|-out)$`, a)
}

redirected(words) if {
	some w in words
	w in {">", ">>", "<<<"}
}

# derived(text, holders) is variables that the script fills with parts of a secret, and does not mask.
derived(text, holders) := {m[1]: sprintf("%s, or a part of it", [holders[name]]) |
	some m in regex.find_all_string_submatch_n(`(?m)^\s*(?:export\s+)?([A-Za-z_]\w*)="?\$\(([^\n]*)\)"?\s*$`, text, 20)
	regex.match(`\|\s*(jq|cut|awk|sed|base64|yq|tr|head|tail|grep)\b`, m[2])
	name := min([n | some n, _ in holders; regex.match(sprintf(`\$\{?%s\b`, [n]), m[2])])
	not contains(text, sprintf("::add-mask::$%s", [m[1]]))
	not contains(text, sprintf("::add-mask::${%s}", [m[1]]))
}

expression(a) := {sprintf("%s.%s", [m[1], m[2]]) |
	some m in regex.find_all_string_submatch_n(`\$secret__(secrets|github)_dot_([\w-]+)`, a, -1)
	secret(m[1], m[2])
}

secret("secrets", _)

secret("github", "token")

held(a, holders) := {holders[m[1]] | some m in regex.find_all_string_submatch_n(`\$\{?(\w+)\}?($|[^\w:%#/])`, a, -1)}

# GitLab: the job's token and what is named like a secret, printed.
finding contains f if {
	some line in gitlab.lines
	regex.match(`\b(echo|printf)\b`, line.text)
	some p in shell.pipelines(line.text)
	count(p.commands) == 1
	words := p.commands[0]
	shell.name(words) in {"echo", "printf"}
	not redirected(words)
	p.before != "("
	some a in shell.arguments(words)
	some m in regex.find_all_string_submatch_n(`\$\{?([A-Z][A-Z0-9_]*)\}?($|[^\w:%#/])`, a, -1)
	sounds_secret(m[1])
	f := {
		"item": line.item.id, "path": line.path, "message": sprintf("the script prints $%s", [m[1]]),
		"found": sprintf("$%s", [m[1]]), "expected": "a secret that is only given to programs",
	}
}

finding contains f if {
	some line in gitlab.lines
	contains(line.text, "://")
	some m in regex.find_all_string_submatch_n(`http://[^\s/@"']*:\$\{?(CI_JOB_TOKEN|\w*(?:TOKEN|PASSWORD|SECRET))\}?@`, line.text, 1)
	f := {
		"item": line.item.id, "path": line.path, "message": sprintf("$%s is sent over a connection without encryption", [m[1]]),
		"found": sprintf("http://…:$%s@", [m[1]]), "expected": "https",
	}
}

sounds_secret(name) if {
	regex.match(`(TOKEN|PASSWORD|PASSWD|SECRET|PRIVATE_KEY|API_KEY|ACCESS_KEY)$`, name)
	not regex.match(`(ID|NAME|FILE|PATH|URL)_TOKEN$|^(NO|USE|HAS)_`, name)
}

# env and printenv show every variable of the job.
finding contains f if {
	some s in github.runs
	regex.match(`\b(printenv|env)\b`, s.text)
	secrets := {m[1] |
		some _, value in github.environment(s.item, s.job, s.spec)
		some m in regex.find_all_string_submatch_n(`\$\{\{\s*(secrets\.[\w-]+)`, github.text_of(value), 1)
	}
	count(secrets) > 0
	some p in shell.flat(s.text)
	shown(p)
	bare_listing(p.commands[0])
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["run"]), "severity": "medium",
		"message": sprintf("the script lists all variables, %s among them", [min(secrets)]), "found": concat(" ", p.commands[0]),
		"expected": "single variables that hold no secret",
	}
}

# A secret in an address stands in the logs of both ends and of what lies between them; one in an option in the list of processes.
finding contains f if {
	some s in github.runs
	contains(s.text, "secrets.")
	some m in regex.find_all_string_submatch_n(`(?im)^[^#\n]*\b(?:curl|wget|iwr|invoke-webrequest|invoke-restmethod|http)\s[^\n]*https?://[^\s"']*[?&][\w.-]+=\$\{\{\s*(secrets\.[\w-]+)`, s.text, 1)
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["run"]), "severity": "medium", "message": sprintf("%s is part of an address", [m[1]]), "found": m[1],
		"expected": "the secret in a header or in the body",
	}
}

finding contains f if {
	some s in github.runs
	contains(s.text, "secrets.")
	some m in regex.find_all_string_submatch_n(on_command_line, s.text, 1)
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["run"]), "severity": "low", "message": sprintf("%s stands on a command line", [m[1]]), "found": m[1],
		"expected": "the secret on standard input (--password-stdin, --data @-)",
	}
}

# on_command_line is a registry's password, or the body of a request.
on_command_line := `(?m)^[^#\n]*\b(?:(?:docker|podman|helm|buildah|skopeo|oras|crane|nerdctl|regctl)\s(?:[^\n|;&]*\s)?login\s[^\n|;&]*(?:-p|--password)[= ]?["']?|curl\s[^\n|;]*\s(?:-d|--data(?:-raw|-urlencode|-binary)?|-F|--form)[= ]?["'][^"'\n]*)\$\{\{\s*(secrets\.[\w-]+)`

finding contains f if {
	some line in gitlab.lines
	regex.match(`\blogin\b`, line.text)
	some words in shell.commands(line.text)
	shell.name(words) in {"docker", "podman", "helm", "buildah", "skopeo", "oras", "crane", "nerdctl"}
	"login" in words
	some i, w in words
	m := regex.find_all_string_submatch_n(`^\$\{?(\w+)\}?$`, words[i + 1], 1)[0]
	w in {"-p", "--password"}
	f := {
		"item": line.item.id, "path": line.path, "severity": "low", "message": sprintf("$%s stands on a command line", [m[1]]), "found": sprintf("$%s", [m[1]]),
		"expected": "--password-stdin",
	}
}

bare_listing(words) if words in [["env"], ["printenv"], ["sudo", "env"], ["export"], ["export", "-p"]]

shows(0, _)

shows(i, words) if {
	i > 0
	shell.name(words) in {"sort", "cat", "nl", "more", "less", "uniq", "base64"}
	not ">" in words
	not ">>" in words
}

# GitLab gives every job tokens as variables, and masks only what it was told to.
finding contains f if {
	some line in gitlab.lines
	regex.match(`\b(printenv|env|export)\b`, line.text)
	some p in shell.pipelines(line.text)
	bare_listing(p.commands[0])
	every i, words in p.commands { shows(i, words) }
	f := {
		"item": line.item.id, "path": line.path, "severity": "medium", "message": "the script lists all variables, tokens among them", "found": concat(" ", p.commands[0]),
		"expected": "single variables that hold no secret",
	}
}

# Jenkins: variables that hold credentials, printed. Its mask only covers the text as it is stored.
finding contains f if {
	some s in jenkins.scripts
	names := {v.name | some v in s.item.secrets}
	count(names) > 0
	some p in shell.pipelines(s.step.text)
	count(p.commands) == 1
	words := p.commands[0]
	shell.name(words) in {"echo", "printf", "write-host", "write-output"}
	not redirected(words)
	p.before != "("
	some a in shell.arguments(words)
	some m in regex.find_all_string_submatch_n(`(?:\$(?:env:)?\{?|%)(\w+)(?:\}|%)?($|[^\w:%#/])`, a, -1)
	m[1] in names
	f := {
		"item": s.item.id, "path": s.path, "message": sprintf("the script prints the credential %s", [m[1]]), "found": sprintf("$%s", [m[1]]),
		"expected": "a secret that is only given to programs",
	}
}

finding contains f if {
	some s in jenkins.scripts
	count(s.item.secrets) > 0
	"withCredentials" in s.step.inside
	some p in shell.pipelines(s.step.text)
	count(p.commands) == 1
	bare_listing(p.commands[0])
	f := {
		"item": s.item.id, "path": s.path, "severity": "medium", "message": "the script lists all variables, credentials among them", "found": concat(" ", p.commands[0]),
		"expected": "single variables that hold no secret",
	}
}
