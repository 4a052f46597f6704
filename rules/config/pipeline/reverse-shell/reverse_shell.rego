# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: No step hands a shell to another machine
# description: A shell that is tied to a connection lets whoever is at the other end run commands on the runner, with the job's token and secrets. Attackers leave such lines in pipelines; an interactive session for debugging is no different for who finds its address in the log.
# related_resources:
# - ref: https://attack.mitre.org/techniques/T1059/004/
#   description: MITRE ATT&CK, T1059.004 Unix shell
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-04-Poisoned-Pipeline-Execution
#   description: OWASP CI/CD risks, CICD-SEC-4
# - ref: https://github.com/mxschmitt/action-tmate#use-registered-public-ssh-keys
#   description: action-tmate, limit-access-to-actor
# custom:
#   id: pipeline.reverse-shell
#   severity: critical
#   remediation: Remove the step, and if nobody here wrote it, treat what the job could read as known to others. Debug on a machine of your own, or with limit-access-to-actor.
#   zeroTrust: [Z2, Z4]
#   kinds: [github, gitlab, jenkins]
package sealock.config.pipeline.reverse_shell

import data.sealock.lib.config_github as github
import data.sealock.lib.config_pipeline as pipeline
import data.sealock.lib.config_shell as shell

finding contains f if {
	some script in pipeline.scripts
	regex.match(`/dev/(tcp|udp)/|\b(nc|ncat|netcat|socat|socket)\b`, script.text)
	shown := min(hands(script.text))
	f := {
		"item": script.item.id, "path": script.path, "message": sprintf("a shell is tied to a connection: %s", [shell.clip(shown)]), "found": shell.clip(shown),
		"expected": "no shell for other machines",
	}
}

# hands(text) is the commands that tie a shell to a connection.
hands(text) := {trim_space(m) |
	some m in regex.find_n(`(?m)^[^#\n]*\b(?:ba|z|da|k)?sh\s+-i\b[^\n]*/dev/(?:tcp|udp)/[^\n]*$|^[^#\n]*\bexec\s+\d+<>\s*/dev/(?:tcp|udp)/[^\n]*$`, text, 4)
	not regex.match(`/dev/tcp/(localhost|127\.)`, m)
} | ({concat(" ", words) |
	some words in shell.commands(text)
	shell.name(words) in {"nc", "ncat", "netcat", "nc.traditional"}
	some i, a in words
	regex.match(`^(-[a-z]*[ec]|--exec|--sh-exec)$`, a)
	regex.match(`(^|/)(ba|z|da|k)?sh$|^cmd(\.exe)?$|powershell`, lower(words[i + 1]))
} | ({concat(" ", words) |
	some words in shell.commands(text)
	shell.name(words) == "socat"
	some a in words
	regex.match(`(?i)^(exec|system):["']?(/\S*/)?(ba|z|da)?sh`, a)
} | ({concat(" ", words) |
	some p in shell.pipelines(text)
	some i, words in p.commands
	shell.name(words) in {"nc", "ncat", "netcat"}
	not "-z" in words
	some j, reader in p.commands
	j != i
	shell.runs_input(reader)
} | {trim_space(m) |
	some m in regex.find_n(`(?s)\bsocket\.socket\(.{0,300}?(?:os\.dup2|pty\.spawn|subprocess\.(?:call|run|Popen)\(\s*\[\s*["']/bin/)`, text, 1)
})))

sessions := {
	"mxschmitt/action-tmate", "lhotari/action-upterm", "owenthereal/action-upterm", "csexton/debugger-action", "luchihoratiu/debug-via-ssh",
	"valeriangalliat/action-sshd-cloudflared", "shaowenchen/debugger-action", "p3terx/ssh2actions",
}

finding contains f if {
	some s in github.steps
	sessions[github.action(s.spec)]
	not github.on(github.given(s.spec, "limit-access-to-actor"))
	github.text_of(github.given(s.spec, "limit-access-to-users")) == ""
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["uses"]), "severity": rated(s), "message": sprintf("%s opens a shell for everybody who sees its address", [github.action(s.spec)]),
		"found": github.action(s.spec), "expected": "limit-access-to-actor: true, or no session",
	}
}

# Somebody has to ask for it, or it waits in every run.
rated(s) := "medium" if {
	regex.match(`inputs\.|workflow_dispatch|vars\.|runner\.debug`, github.normal(concat(" ", [github.condition(s.job.spec), github.condition(s.spec)])))
} else := "medium" if {
	github.triggers(s.item) == {"workflow_dispatch"}
} else := "high"
