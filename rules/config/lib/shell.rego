# SPDX-License-Identifier: Apache-2.0

# Shell text, read well enough to tell what it runs: comments, quoted text and the bodies of here-documents are not commands.
package sealock.lib.config_shell

# pipelines(text) is what the text runs, in order: [{commands: [[word, …], …], before, after}]. commands are joined by pipes; before and after are
# what stands between this pipeline and its neighbours: "and", "or", ";", "&", "(", ")" or a new line, "" at the ends. What $(…), `…`, <(…) and sh -c
# run follows at the end, one level deep.
pipelines(text) := array.concat(flat(text), [p | some inner in nested(text); some p in flat(inner)])

# commands(text) is the commands of all pipelines, each a list of words.
commands(text) := [words | some p in pipelines(text); some words in p.commands; count(words) > 0]

flat(text) := [p |
	pieces := split(marked(text), "\u0002")
	some i, piece in pieces
	i % 2 == 0
	parts := [[w | some w in split(part, "\u0001"); w != ""] | some part in split(piece, "\u0003")]
	count([1 | some part in parts; count(part) > 0]) > 0
	p := {"commands": parts, "before": operator(pieces, i - 1), "after": operator(pieces, i + 1)}
]

operator(pieces, i) := pieces[i] if {
	i > 0
	i < count(pieces)
} else := ""

# plain(text) is the text without comments and here-documents, workflow expressions replaced by a variable.
plain(text) := without_documents(regex.replace(
	regex.replace(regex.replace(text, `(?s)\$\{\{.*?\}\}`, "$${EXPRESSION}"), `\\\r?\n`, " "),
	`((?s:'[^']*')|(?s:"(?:[^"\\]|\\.)*")|\\[^\n])|(^|\n|[ \t;])[ \t]*#[^\n]*`, "$1$2",
))

special := `(?s)'[^']*'|"(?:[^"\\]|\\.)*"|\\.|\$\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|[<>]\((?:[^()]|\([^()]*\))*\)|\x60[^\x60]*\x60|\$\{[^{}]*\}`

specials(text) := {t | some t in regex.find_n(special, plain(text), -1)}

# hide and show keep what is quoted out of the way while the rest is split.
hide := {
	" ": "\uE000", "\t": "\uE001", "\n": "\uE002", "|": "\uE003", ";": "\uE004", "&": "\uE005", "(": "\uE006", ")": "\uE007", "<": "\uE008",
	">": "\uE009", "\r": "\uE00A",
}

show := {v: k | some k, v in hide}

hidden(token) := strings.replace_n(hide, unquoted(token))

unquoted(token) := regex.replace(substring(token, 1, count(token) - 2), `\\(["\\$\x60])`, "$1") if {
	contains(token, "\\")
	regex.match(`^(?s:".*")$`, token)
} else := substring(token, 1, count(token) - 2) if {
	regex.match(`^(?s:'.*'|".*")$`, token)
} else := substring(token, 1, -1) if {
	startswith(token, "\\")
} else := token

# marked(text) has a character 1 between words, 3 at pipes, and 2 around every other operator.
marked(text) := strings.replace_n(show, words) if {
	quoted := {t: hidden(t) | some t in specials(text)}
	bare := strings.replace_n(quoted, plain(text))
	joined := regex.replace(bare, `(&&|\|\|?)[ \t]*\r?\n\s*`, "$1 ")
	redirected := regex.replace(regex.replace(joined, `([0-9]*)>&([0-9-]+)`, " ${1}\uE009\uE005${2} "), `&>>?`, " \uE005\uE009 ")
	spaced := regex.replace(redirected, `([0-9]*>>?|<<?<?-?)`, " $1 ")
	double := regex.replace(regex.replace(spaced, `&&`, "\u0002and\u0002"), `\|\|`, "\u0002or\u0002")
	operators := strings.replace_n(
		{
			"|": "\u0003", ";": "\u0002;\u0002", "&": "\u0002&\u0002", "(": "\u0002(\u0002", ")": "\u0002)\u0002",
			"\n": "\u0002\n\u0002",
		},
		double,
	)
	words := regex.replace(operators, `[ \t\r]+`, "\u0001")
}

# nested(text) is the scripts within the text: substitutions, and what a shell is given with -c, and what ssh has another machine run.
nested(text) := substituted(text) | (given(text) | over_ssh(text))

substituted(text) := {inner |
	some token in specials(text)
	not startswith(token, "'")
	some m in regex.find_all_string_submatch_n(`(?s)[$<>]\(((?:[^()]|\([^()]*\))*)\)|\x60([^\x60]*)\x60`, token, -1)
	inner := concat("", [m[1], m[2]])
}

given(text) := {words[i + 1] |
	regex.match(`(sh|eval|su|ssh)\b`, text)
	some p in flat(text)
	some words in p.commands
	some i, w in words
	regex.match(`^-[a-z]*c$|^eval$`, w)
	some shell in array.slice(words, 0, i + 1)
	base(shell) in ({"eval", "su"} | shells)
}

over_ssh(text) := {words[count(words) - 1] |
	regex.match(`\bssh\b`, text)
	some p in flat(text)
	some words in p.commands
	name(words) == "ssh"
	contains(words[count(words) - 1], " ")
}

shells := {"sh", "bash", "dash", "ash", "zsh", "ksh", "busybox"}

interpreters := shells | {
	"python", "python2", "python3", "perl", "ruby", "node", "php", "pwsh", "powershell", "iex", "invoke-expression", "source", ".", "eval", "lua", "deno",
	"bun",
}

# without_documents(text) drops the bodies of here-documents, unless a shell is given them.
without_documents(text) := text if {
	not contains(text, "<<")
} else := concat("\n", [l | some i, l in lines; not i in bodies]) if {
	lines := split(text, "\n")
	bodies := {j |
		some d in array.slice(documents(lines), 0, max_documents)
		not d.run
		some j, _ in lines
		j >= d.first
		j <= d.last
	}
}

max_documents := 50

# documents(lines) is each here-document: its lines, and whether a shell is given it. Of several that one line opens, each follows the one before.
documents(lines) := [{"first": first, "last": ends[k], "run": opened[k].run} |
	some i, l in lines
	contains(l, "<<")
	opened := openings(l)
	ends := {k: min(at) | some k, o in opened; at := [j | some j, c in lines; j > i; trim(c, " \t\r") == o.tag]; count(at) > 0}
	some k, _ in ends
	first := object.get(ends, k - 1, i) + 1
	first <= ends[k]
]

openings(line) := [{"tag": m[1], "run": given_to_shell(array.slice(commands_of, k, count(commands_of)))} |
	some statement in regex.split(`;|&&|\|\|`, line)
	commands_of := split(statement, "|")
	some k, command in commands_of
	some m in regex.find_all_string_submatch_n(`<<-?[ \t]*['"\\]?([A-Za-z_][\w.-]*)`, command, 4)
]

default given_to_shell(_) := false

# given_to_shell(commands) if one of them is a shell, be it in a container or on another machine.
given_to_shell(commands_of) if {
	some c in commands_of
	regex.match(
		`^[ \t({]*(([\w-]+=\S*|sudo|doas|exec|env|command|time|nohup|then|do|else|if|while|!|-\S+)[ \t]+)*(/[a-z/]*/)?(ba|da|z|k|a|s)?sh([ \t)]|$)|\b(docker|podman|nerdctl|kubectl|chroot|su|runuser|nsenter|vagrant)\b.*[ \t](/[a-z/]*/)?(ba|da|z|k|a)?sh([ \t)]|$)`,
		regex.replace(c, `<<-?[ \t]*\S+`, ""),
	)
}

# name(words) is the program that runs: behind sudo, env, assignments and words of the language, without its folder.
name(words) := base(words[start(words)])

# arguments(words) is what the program is given.
arguments(words) := array.slice(words, start(words) + 1, count(words))

start(words) := min([i | some i, _ in words; not prefix(words, i)])

base(word) := lower(trim_suffix(parts[count(parts) - 1], ".exe")) if parts := split(word, "/")

wrappers := {"sudo", "env", "xargs", "timeout", "nice", "nohup", "time", "exec", "command", "doas", "stdbuf", "retry", "builtin", "gosu", "su-exec"}

reserved := {"if", "then", "elif", "else", "do", "while", "until", "!", "{", "}", "&", "@", "-"}

prefix(words, i) if words[i] in reserved

prefix(words, i) if base(words[i]) in wrappers

prefix(words, i) if regex.match(`^[A-Za-z_][A-Za-z0-9_]*\+?=`, words[i])

# Options and their values belong to the wrapper before them.
prefix(words, i) if {
	wrapped(words, i)
	regex.match(`^(-.*|[0-9]+[smhd]?)$`, words[i])
}

prefix(words, i) if {
	wrapped(words, i)
	words[i - 1] in {"-u", "-g", "--user", "--group", "-I", "-n", "-P", "-L"}
	not words[i] in reserved
}

wrapped(words, i) if {
	i > 0
	some w in array.slice(words, 0, i)
	base(w) in wrappers
	regex.match(`^(-.*|[0-9]+[smhd]?|[A-Za-z_][A-Za-z0-9_]*=.*|[a-z/-]+)$`, words[i - 1])
}

# privileged(words) is true behind sudo or doas.
privileged(words) if {
	some i, w in words
	i <= start(words)
	base(w) in {"sudo", "doas"}
}

# --- Programs from the network that run unseen

downloaders := {"curl", "wget", "fetch", "aria2c", "http", "https", "httpie", "iwr", "irm", "invoke-webrequest", "invoke-restmethod"}

download_text := `(?i)\b((curl|wget|fetch|aria2c|iwr|irm|invoke-webrequest|invoke-restmethod)\s|(readfile|file_get_contents)\()`

# remote_runs(text) describes each way in which a shell's text runs what a download gave, unread: a set of short texts. config_downloads has all ways.
remote_runs(text) := (piped(text) | substituted_runs(text)) | (powershell(text) | (saved(text) | held_runs(text)))

piped(text) := {shown |
	regex.match(download_text, text)
	some p in pipelines(text)
	some i, words in p.commands
	gives_download(words)
	some j, reader in p.commands
	j > i
	runs_input(reader)
	shown := sprintf("%s | %s", [clip(concat(" ", array.slice(words, start(words), count(words)))), clip(concat(" ", reader))])
}

gives_download(words) if {
	name(words) in downloaders
	not local_only(words)
	not immutable(words)
}

gives_download(words) if {
	name(words) in {"echo", "printf", "cat"}
	some a in arguments(words)
	fetched(a)
}

gives_download(words) if {
	name(words) == "php"
	some a in arguments(words)
	regex.match(`(readfile|file_get_contents)\s*\(\s*['"]https?://`, a)
}

# fetched(word) if a word is what a download gives.
fetched(word) if {
	regex.match(`^(\$\(|<\(|\x60)[ \t]*(sudo[ \t]+)?(curl|wget|fetch)[ \t]`, word)
	not immutable(regex.split(`[\s()\x60"']+`, word))
}

# An interpreter reads its program from standard input if it is given no script.
runs_input(words) if {
	name(words) in interpreters
	rest := [a | some a in arguments(words); not startswith(a, "-"); not a in {">", "<", ">>", "2>"}]
	count(rest) == 0
	not gives_program(words)
}

runs_input(words) if {
	name(words) in shells
	some a in arguments(words)
	a in {"-s", "-", "/dev/stdin", "-es", "-xs", "-se"}
}

# xargs gives what it reads to a shell as its program.
runs_input(words) if {
	name(words) in shells
	some w in array.slice(words, 0, start(words))
	base(w) == "xargs"
	regex.match(`^-[a-z]*c$`, words[count(words) - 1])
}

runs_input(words) if {
	name(words) == "php"
	arguments(words)[0] == "--"
}

runs_input(words) if {
	name(words) in {"source", ".", "python", "python3", "node", "perl", "ruby", "php"}
	some a in arguments(words)
	a in {"-", "/dev/stdin"}
}

runs_input(words) if {
	name(words) in shells
	count(arguments(words)) > 0
	every a in arguments(words) { regex.match(`^(-[a-z]+|>|>>|2>|/dev/null|[0-9]*[<>]&[0-9]+)$`, a) }
	not gives_program(words)
}

gives_program(words) if {
	some a in arguments(words)
	regex.match(`^(-[a-z]*[cem]|--version|-v|-V|--eval|-p|-n|-ne|-pe|-lne|-c.*|-e.*|-p.*|-n.*)$`, a)
}

local_only(words) if {
	urls := [a | some a in words; regex.match(`^[a-z]+://`, a)]
	count(urls) > 0
	every u in urls { regex.match(`^https?://(localhost|127\.0\.0\.1|\[::1\])([:/]|$)`, u) }
}

# immutable(words) is true for files of a Git host at a full commit: the address can't give anything else.
immutable(words) if {
	urls := [a | some a in words; regex.match(`^[a-z]+://`, a)]
	count(urls) > 0
	every u in urls {
		regex.match(`^https://(raw\.githubusercontent\.com/[^/]+/[^/]+|github\.com/[^/]+/[^/]+/raw|gitlab\.com/.+/-/raw)/[0-9a-f]{40}/`, u)
	}
}

substituted_runs(text) := {clip(concat(" ", words)) |
	regex.match(download_text, text)
	some p in pipelines(text)
	some words in p.commands
	name(words) in interpreters
	some i, a in arguments(words)
	fetched(a)
	executed(words, i)
} | {clip(concat(" ", words)) |
	regex.match(download_text, text)
	some p in flat(text)
	some words in p.commands
	fetched(words[start(words)])
}

# held_runs(text) is downloads kept in a variable that is evaluated afterwards.
held_runs(text) := {sprintf("%s=$(%s …), then %s", [m[1], m[2], clip(concat(" ", words))]) |
	regex.match(`\b(curl|wget)\b`, text)
	regex.match(`\b(eval|source|[a-z]*sh|python3?|perl|node)\b`, text)
	not checked(text)
	some m in regex.find_all_string_submatch_n(`(?m)^[^#\n]*?\b([A-Za-z_]\w*)="?(?:\$\(|\x60)\s*(curl|wget)\b`, text, 8)
	some words in commands(text)
	some i, a in arguments(words)
	regex.match(sprintf(`^"?\$\{?%s\}?"?$`, [m[1]]), a)
	evaluates(words, i)
}

evaluates(words, _) if name(words) == "eval"

evaluates(words, i) if {
	i > 0
	name(words) in interpreters
	regex.match(`^-[a-z]*[ce]$`, arguments(words)[i - 1])
}

executed(words, _) if name(words) in {"eval", "source", ".", "iex"}

executed(words, i) if {
	i > 0
	regex.match(`^(-[a-z]*[ce]|--eval)$`, arguments(words)[i - 1])
}

executed(words, i) if startswith(arguments(words)[i], "<(")

executed(words, i) if {
	i == 1
	arguments(words)[0] == "--"
}

executed(words, i) if {
	i > 0
	arguments(words)[i - 1] == "<<<"
}

powershell(text) := {clip(found) |
	regex.match(`(?i)(iex|invoke-expression)`, text)
	stripped := regex.replace(text, `(?m)^[ \t]*#.*$`, "")
	some found in regex.find_n(
		`(?i)(iex|invoke-expression)[^\n;]*(downloadstring\(|iwr |irm |invoke-webrequest |invoke-restmethod )[^\n;]*|(iwr|irm|invoke-webrequest|invoke-restmethod|downloadstring\()[^\n;|]*\|\s*(iex|invoke-expression)`,
		stripped, 4,
	)
}

# saved(text) is downloads into a file that is run afterwards, with nothing in the text that checks it.
saved(text) := {sprintf("%s, then %s", [clip(concat(" ", array.slice(words, start(words), count(words)))), clip(concat(" ", runner))]) |
	regex.match(download_text, text)
	not checked(text)
	all := commands(text)
	some i, words in all
	name(words) in {"curl", "wget", "fetch"}
	not immutable(words)
	some u in words
	regex.match(`^(https?|ftp)://`, u)
	some file in saved_as(words, u)
	some j, runner in all
	j > i
	runs_file(runner, file)
}

saved_as(words, url) := output_names(words) | remote_names(words, url)

output_names(words) := {trim_prefix(trim_prefix(words[i + 1], "./"), "/tmp/") |
	some i, w in words
	i + 1 < count(words)
	output_option(words, w)
}

remote_names(words, url) := {leaf |
	remote_name(words)
	not has_output(words)
	parts := split(regex.replace(url, `[?#].*$`, ""), "/")
	leaf := parts[count(parts) - 1]
	leaf != ""
}

output_option(_, w) if w in {">", "--output", "--output-document"}

output_option(words, w) if {
	name(words) == "curl"
	regex.match(`^-[A-Za-z]*o$`, w)
}

output_option(words, w) if {
	name(words) in {"wget", "fetch"}
	regex.match(`^-[A-Za-z]*[oO]$`, w)
}

has_output(words) if {
	some w in words
	output_option(words, w)
}

remote_name(words) if {
	name(words) == "curl"
	some w in words
	regex.match(`^(-[A-Za-z]*O[A-Za-z]*|--remote-name)$`, w)
}

remote_name(words) if {
	name(words) == "wget"
	not has_output(words)
}

runs_file(words, file) if {
	name(words) in (interpreters - {"eval", "iex", "invoke-expression"})
	some a in arguments(words)
	trim_prefix(trim_prefix(a, "./"), "/tmp/") == file
}

runs_file(words, file) if {
	word := words[start(words)]
	contains(word, "/")
	trim_prefix(trim_prefix(word, "./"), "/tmp/") == file
}

# checked(text) is true if something in the text compares what it has with a digest or a signature.
checked(text) if {
	regex.match(
		`(?i)(sha(1|224|256|384|512)sum|md5sum|shasum|cksum|b2sum|openssl\s+(dgst|sha)|gpg2?\s[^\n]*--verify|gpgv|hash_file|hash_equals|get-authenticodesignature|certutil\S*\s+-hashfile|cosign\s+verify|minisign|signify|slsa-verifier|gh\s+attestation\s+verify|get-filehash|sealock\s+verify|rekor-cli\s+verify)`,
		text,
	)
}

# clip(text) is the text, cut to what a message can hold, without what could be a credential in a URL.
clip(text) := regex.replace(shorter(text), `://[^/@ ]+@`, "://…@")

shorter(text) := sprintf("%s…", [substring(text, 0, 100)]) if {
	count(text) > 110
} else := text

# --- What publishes and what deploys

publish_words := `\b(publish|twine|push|mvn|goreleaser|gh release|semantic-release|cosign sign|nuget|copy|ko)\b`

publishing := {
	"npm": {"publish"}, "yarn": {"publish"}, "pnpm": {"publish"}, "twine": {"upload"}, "cargo": {"publish"}, "docker": {"push"},
	"podman": {"push"}, "gem": {"push"}, "goreleaser": {"release"}, "gh": {"release"}, "poetry": {"publish"}, "uv": {"publish"},
	"flit": {"publish"}, "hatch": {"publish"}, "mvn": {"deploy"}, "dotnet": {"nuget"}, "nuget": {"push"}, "crane": {"push", "copy"},
	"skopeo": {"copy"}, "oras": {"push"}, "helm": {"push"}, "cosign": {"sign"}, "bun": {"publish"}, "lerna": {"publish"},
	"ko": {"publish", "build"}, "buildah": {"push"}, "npx": {"semantic-release"},
}

# publishes(text) is true if a command of the text hands something to the world.
publishes(text) if {
	regex.match(publish_words, text)
	some words in commands(text)
	verbs := publishing[name(words)]
	some a in arguments(words)
	a in verbs
	not is_dry(words)
	not viewing(words)
}

publishes(text) if {
	regex.match(`(?i)gradlew?\b[^\n]*\bpublish|buildx\s+build[^\n]*--push|build-push`, text)
	some words in commands(text)
	name(words) in {"gradle", "gradlew", "docker"}
	some a in arguments(words)
	regex.match(`^(:?[\w:-]*publish\w*|--push)$`, a)
	not is_dry(words)
	not regex.match(`(?i)publishToMavenLocal`, concat(" ", words))
}

viewing(words) if {
	name(words) == "gh"
	some a in arguments(words)
	a in {"view", "list", "download", "verify", "verify-asset"}
}

is_dry(words) if {
	some a in words
	regex.match(`^--?(dry-?run|snapshot|skip-publish|help|h)(=.*)?$`, a)
}

deploying := {
	"kubectl": {"apply", "set", "rollout", "replace", "patch"}, "helm": {"upgrade", "install"}, "terraform": {"apply"}, "tofu": {"apply"},
	"terragrunt": {"apply"}, "pulumi": {"up"}, "cdk": {"deploy"}, "serverless": {"deploy"}, "sls": {"deploy"}, "flyctl": {"deploy"},
	"fly": {"deploy"}, "argocd": {"sync"}, "ecs": {"update-service"}, "aws": {"update-service", "update-function-code", "deploy"},
	"gcloud": {"deploy"}, "az": {"deploy"}, "firebase": {"deploy"}, "vercel": {"deploy"}, "wrangler": {"deploy", "publish"},
	"netlify": {"deploy"}, "ansible-playbook": {""}, "kapp": {"deploy"}, "oc": {"apply"}, "sam": {"deploy"}, "copilot": {"deploy"},
	"cf": {"push"}, "helmfile": {"apply", "sync"}, "skaffold": {"deploy", "run"}, "kustomize": {"apply"},
}

deploy_words := `\b(kubectl|helm|terraform|tofu|terragrunt|pulumi|cdk|serverless|sls|fly|flyctl|argocd|aws|gcloud|az|firebase|vercel|wrangler|netlify|ansible-playbook|kapp|oc|sam|copilot|cf|helmfile|skaffold)\b`

# deploys(text) is true if a command of the text changes what runs somewhere.
deploys(text) if {
	regex.match(deploy_words, text)
	some words in commands(text)
	verbs := deploying[name(words)]
	does(words, verbs)
	not is_dry(words)
	not status_only(words)
}

does(words, verbs) if {
	some a in arguments(words)
	a in verbs
}

does(_, verbs) if "" in verbs

status_only(words) if {
	name(words) == "kubectl"
	arguments(words)[0] == "rollout"
	arguments(words)[1] in {"status", "history"}
}

status_only(words) if {
	some a in arguments(words)
	a in {"--check", "--syntax-check", "--template", "--dry-run=client", "--dry-run=server"}
}

# --- Secrets by name and by form

# forms are secrets that can be told by how they look: who issues them, and how they begin.
forms := {
	"a key of AWS": `\b(AKIA|ASIA)[0-9A-Z]{16}\b`, "a token of GitHub": `\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})`,
	"a token of GitLab": `\bgl(pat|dt|ptt|rt|cbt|soat)-[A-Za-z0-9_-]{20,}`, "a private key": `-----BEGIN [A-Z ]*PRIVATE KEY-----`,
	"a token of Slack": `\bxox[abprs]-[A-Za-z0-9-]{10,}`, "a token of npm": `\bnpm_[A-Za-z0-9]{36}\b`, "a token of PyPI": `\bpypi-[A-Za-z0-9_-]{50,}`,
	"a key of Google": `\bAIza[0-9A-Za-z_-]{35}\b`, "a key of Stripe": `\b[sr]k_live_[0-9A-Za-z]{16,}`, "a token of Docker Hub": `\bdckr_pat_[A-Za-z0-9_-]{20,}`,
	"a webhook of Slack": `hooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{16,}`, "a signed token (JWT)": `\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}`,
	"a password in a URL": `\b[a-z][a-z0-9+]*://[^\s/:@$"'{}<>]+:[^\s/:@$"'{}<>]{6,}@[A-Za-z0-9]`,
}

form(text) := min(kinds) if {
	kinds := {kind | some kind, pattern in forms; regex.match(pattern, text)}
	count(kinds) > 0
	not regex.match(`AKIAIOSFODNN7EXAMPLE|AKIAI44QH8DHBEXAMPLE`, text)
	not local_url(kinds, text)
}

local_url({"a password in a URL"}, text) if regex.match(`@(localhost|127\.0\.0\.1|postgres|mysql|db|redis|rabbitmq|mongo|mongodb|database|mariadb|example)\b`, text)

# secret_kind(name, value) says what kind of secret a variable holds in plain text; undefined if none.
secret_kind(_, value) := form(value)

secret_kind(name, value) := "what is named like a secret" if {
	not form(value)
	sounds_secret(name)
	looks_secret(value)
}

sounds_secret(name) if {
	words := regex.replace(name, `([a-z0-9])([A-Z])`, "${1}_$2")
	regex.match(`(?i)(^|[_-])(pass(word|wd|phrase)?|pwd|secret|token|(api|private|access|secret|auth|signing|encryption)[_-]?key|credentials?|client_secret|pat)$|(?i)(password|passwd|secret|token|apikey)$`, words)
	not regex.match(`(?i)(^|[_-])(no|not|use|has|public|allow|with|enable|disable|skip|require|max|min|id|csrf|next|page|continuation)[_-].*|(public|key_id|_name|_file|_path|_url|_uri)$`, words)
}

# looks_secret(value) is false for references, names of files, switches and what stands in for a secret in tests and examples.
looks_secret(value) if {
	count(value) >= 5
	not regex.match(`[\s$]|\{\{|^<|^%|^@|^/|^\./|^~|^https?://|^[a-z]+://|^file:|^vault:|^arn:|^projects/|^op://|^\[|^\(`, value)
	not regex.match(`(?i)^(true|false|yes|no|none|null|nil|empty|undefined|read|write|inherit|required|optional|always|never|default|auto|disabled|enabled|unused|anonymous)$`, value)
	not regex.match(`(?i)(example|dummy|fake|placeholder|change-?_?me|changeit|replace|your[-_]|xxx|\*\*\*|\.\.\.|redacted|not[-_]?a?[-_]?(real|secret|used)|insecure|sample|mock|foo|todo|fixme|test|secret-?name|invalid|notused|n/?a$)`, value)
	not regex.match(`(?i)^(postgres|postgresql|mysql|root|admin|user|guest|password|passwd|pass|secret|token|mongo|rabbitmq|redis|minio|minioadmin|sa|oracle|local|dev|ci|travis|github|gitlab|circleci|runner|keycloak|elastic|grafana|zookeeper|hunter2?|qwerty|letmein|abc123|12345+|0+|1+)$`, value)
	not regex.match(`^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$`, value)
	not regex.match(`^[a-z]+([-_./][a-z]+)+$`, value)
}

# secret_in_text(text) is the kind of secret that a script holds.
secret_in_text(text) := kind if {
	kind := form(plain(text))
} else := "the password of a registry" if {
	regex.match(`\b(login|--password|-u)\b`, text)
	some words in commands(text)
	logs_in(words)
}

logs_in(words) if {
	name(words) in {"docker", "podman", "helm", "crane", "buildah", "oras", "skopeo", "nerdctl", "az"}
	"login" in words
	some i, w in words
	w in {"-p", "--password"}
	looks_secret(words[i + 1])
}

logs_in(words) if {
	name(words) in {"docker", "podman", "helm", "crane", "buildah", "oras", "skopeo", "nerdctl", "az"}
	"login" in words
	some w in words
	regex.match(`^(-p=?|--password=)[^\s$=].{4,}`, w)
	not contains(w, "$")
}

logs_in(words) if {
	name(words) == "curl"
	some i, w in words
	w in {"-u", "--user"}
	parts := split(words[i + 1], ":")
	count(parts) == 2
	not contains(words[i + 1], "$")
	looks_secret(parts[1])
}
