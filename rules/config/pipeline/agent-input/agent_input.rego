# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: AI agents take no orders from strangers
# description: An agent cannot tell its orders from the text that it reads. Text of a stranger in its prompt, a stranger who may start it, or no limit on what it runs, and the job's token and secrets do what the stranger wants.
# related_resources:
# - ref: https://genai.owasp.org/llmrisk/llm01-prompt-injection/
#   description: OWASP Top 10 for LLM applications, LLM01 prompt injection
# - ref: https://genai.owasp.org/llmrisk/llm062025-excessive-agency/
#   description: OWASP Top 10 for LLM applications, LLM06 excessive agency
# - ref: https://docs.zizmor.sh/audits/#agentic-actions
#   description: zizmor, agentic-actions
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-04-Poisoned-Pipeline-Execution
#   description: OWASP CI/CD risks, CICD-SEC-4
# custom:
#   id: pipeline.agent-input
#   severity: high
#   remediation: "Let only people with write access start the agent, allow it the few tools that it needs, keep its sandbox on, give its job a token that can only read, and hand what it says to another job as data."
#   zeroTrust: [Z2, Z4, Z13]
#   kinds: [github]
package sealock.config.pipeline.agent_input

import data.sealock.lib.config_github as github
import data.sealock.lib.config_shell as shell

agents := {
	"anthropics/claude-code-action", "anthropics/claude-code-base-action", "google-github-actions/run-gemini-cli", "google-gemini/gemini-cli-action",
	"openai/codex-action", "actions/ai-inference", "sst/opencode/github", "anomalyco/opencode/github",
}

# thinkers answer, and run nothing.
thinkers := {"actions/ai-inference"}

agent_steps := [s | some s in github.steps; agents[github.action(s.spec)]]

# Text of strangers in what the agent is told.
finding contains f if {
	some s in agent_steps
	some key, value in object.get(s.spec, "with", {})
	is_string(value)
	fields := sort([w.field | some e in github.expressions(value); some w in github.writable(e); w.by == "anybody"])
	count(fields) > 0
	f := told(s, ["with", key], rated(s), sprintf("%s, which anybody can write, becomes part of what the agent is told", [fields[0]]), fields[0], "a prompt of fixed text")
}

rated(s) := "medium" if {
	thinkers[github.action(s.spec)]
} else := "high"

# Who may start it.
finding contains f if {
	some s in agent_steps
	some name in ["allowed_non_write_users", "allowed_bots", "allow-users", "allow-bots"]
	value := github.text_of(github.given(s.spec, name))
	regex.match(`(^|[\s,])\*([\s,]|$)`, value)
	f := told(s, ["with", spelled(s.spec, name)], who[name], sprintf("%s: %q lets everybody start the agent", [name, value]), sprintf("%s: %s", [name, value]), "names of people with write access")
}

who := {"allowed_non_write_users": "high", "allow-users": "high", "allowed_bots": "medium", "allow-bots": "medium"}

# This one does not ask who started it.
finding contains f if {
	some s in agent_steps
	github.action(s.spec) in {"google-github-actions/run-gemini-cli", "google-gemini/gemini-cli-action"}
	github.triggers(s.item) & github.stranger_triggers != set()
	not asked(concat(" ", [github.condition(s.job.spec), github.condition(s.spec)]))
	f := told(s, ["uses"], "medium", "everybody who opens or comments something starts the agent", github.action(s.spec), "a condition on author_association or on who may write")
}

asked(text) if regex.match(`author_association|login|github\.(triggering_)?actor\b|needs\.|steps\.|fork\s*==`, github.normal(text))

# What it may do without being asked.
finding contains f if {
	some s in agent_steps
	some key, value in object.get(s.spec, "with", {})
	hit := unbound(lower(key), github.text_of(value))
	f := told(s, ["with", key], loose(s), sprintf("the agent runs without limits (%s)", [hit]), hit, "the few tools that it needs, in its sandbox")
}

unbound("sandbox", "danger-full-access") := "sandbox: danger-full-access"

unbound("safety-strategy", "unsafe") := "safety-strategy: unsafe"

unbound(key, value) := trim_space(m[1]) if {
	key in {"claude_args", "codex-args", "gemini_args", "claude_env", "settings", "prompt_args", "args", "allowed_tools"}
	m := regex.find_all_string_submatch_n(limitless, value, 1)[0]
}

limitless := `(--dangerously-[\w-]+|--permission-mode[ =]"?bypassPermissions|"defaultMode"\s*:\s*"bypassPermissions"|--yolo\b|--approval-mode[ =]"?yolo|"(?:yolo|autoAccept)"\s*:\s*true|"sandbox"\s*:\s*false|--allow-all-tools\b|--allowed-?[tT]ools[ =]"?(?:[^"\n]*[, ])?Bash(?:\((?:\*|:\*)?\))?(?:[," ]|$)|"run_shell_command"|run_shell_command\((?:echo|cat|printf|tee|head|tail|bash|sh|python3?|node)\)|--sandbox[ =]danger-full-access)`

unbound("allowed_tools", value) := "Bash" if regex.match(`(^|[\s,])Bash(\((\*|:\*)?\))?([\s,]|$)`, value)

# Who may feed it decides how bad that is.
loose(s) := "high" if {
	some t in (github.triggers(s.item) & (github.stranger_triggers | {"pull_request"}))
	not github.not_for(github.condition(s.job.spec), t)
} else := "medium"

# The same with programs of the command line.
finding contains f if {
	some s in github.runs
	regex.match(`\b(claude|codex|gemini|cursor-agent|copilot|opencode|aider|goose|amp)\b`, s.text)
	some words in shell.commands(s.text)
	program(words)
	some a in shell.arguments(words)
	regex.match(`^(--dangerously-[\w-]+|--yolo|--allow-all-tools|--permission-mode=bypassPermissions|bypassPermissions|danger-full-access|--approval-mode=yolo|--full-auto)$`, a)
	f := told(s, ["run"], loose(s), sprintf("the agent runs without limits (%s)", [a]), a, "the few tools that it needs, in its sandbox")
}

finding contains f if {
	some s in github.runs
	some words in shell.commands(s.text)
	program(words)
	held := sort([sprintf("$%s (%s)", [name, w.field]) |
		some name, value in github.environment(s.item, s.job, s.spec)
		some e in github.expressions(github.text_of(value))
		some w in github.writable(e)
		w.by == "anybody"
		regex.match(sprintf(`\$\{?%s\b`, [name]), s.text)
	])
	count(held) > 0
	f := told(s, ["run"], "high", sprintf("%s, which anybody can write, becomes part of what the agent is told", [held[0]]), held[0], "a prompt of fixed text")
}

program(words) if {
	shell.name(words) in {"claude", "codex", "gemini", "cursor-agent", "copilot", "opencode", "aider"}
	count(shell.arguments(words)) > 0
	not shell.arguments(words)[0] in {"--version", "--help", "mcp", "login", "auth", "config", "install", "update"}
}

program(words) if {
	shell.name(words) in {"npx", "bunx"}
	some a in shell.arguments(words)
	regex.match(`^(@anthropic-ai/claude-code|@openai/codex|@google/gemini-cli|opencode-ai)(@|$)`, a)
}

spelled(spec, name) := min([key | some key, _ in spec["with"]; lower(key) == name])

told(s, path, severity, message, found, expected) := {
	"item": s.item.id, "path": array.concat(s.path, path), "severity": severity, "message": message, "found": shell.clip(found), "expected": expected,
}
