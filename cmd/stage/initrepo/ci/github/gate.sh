#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs one command of sealock and hands on what it decided: exit code, outputs, step summary, annotations, SARIF. The exit code is sealock's. It is 0
# only if a decision to allow was written and everything that tells of it could be written too.
set -uo pipefail

undecided() {
  printf '::error title=sealock::%s\n' "$1"
  exit "${2:-2}"
}

reports=$(mktemp -d "${RUNNER_TEMP:-/tmp}/sealock-reports.XXXXXX") || undecided "no folder for reports"

args=(-C "$IN_DIRECTORY")
lines() { # adds each line of $2 that is not empty, after the flag $1 if there is one
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line%$'\r'}
    [ -z "$line" ] || args+=(${1:+"$1"} "$line")
  done <<<"$2"
}
flag() { [ -z "$2" ] || args+=("$1=$2"); }

case $IN_COMMAND in
  run)
    args+=(run "$IN_STAGE")
    lines --subject "$IN_SUBJECT"
    ;;
  verify)
    args+=(verify "$IN_SUBJECT")
    flag --env "$IN_ENVIRONMENT"
    ;;
  promote)
    args+=(promote "$IN_SUBJECT")
    flag --to "$IN_ENVIRONMENT"
    flag --dest "$IN_DEST"
    ;;
  check) args+=(check) ;;
  *) undecided "command: expected run, verify, promote or check" 3 ;;
esac
flag --config "$IN_CONFIG"
flag --policy "$IN_POLICY"
flag --policy-key "$IN_POLICY_KEY"
flag --policy-identity "$IN_POLICY_IDENTITY"
flag --policy-issuer "$IN_POLICY_ISSUER"
flag --policy-min-version "$IN_POLICY_MIN_VERSION"
flag --trusted-root "$IN_TRUSTED_ROOT"
flag --store "$IN_STORE"
flag --key "$IN_KEY"
flag --db "$IN_DB"
args+=(-o text -o "json=$reports/decisions.json" -o "sarif=$reports/findings.sarif" -o "markdown=$reports/summary.md" -o "github=$reports/annotations" -o "dotenv=$reports/decision.env")
lines "" "$IN_ARGS"

# What a stage's own command prints is no command to the runner.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
[ ${#token} = 32 ] || undecided "no random numbers"
printf '::stop-commands::%s\n' "$token"
if [ "$IN_COMMAND" = check ] && [ -z "$IN_DB${SEALOCK_DB:-}" ]; then
  "$IN_PATH" db update >&2 || true # a check without data says so itself
fi
"$IN_PATH" "${args[@]}"
code=$?
printf '\n::%s::\n' "$token"

verdict='' decision='' digest=''
if [ -f "$reports/decision.env" ]; then
  while IFS='=' read -r name value; do
    [[ $value =~ ^[A-Za-z0-9._:/@+,-]*$ ]] || continue
    case $name in
      SEALOCK_VERDICT) verdict=$value ;;
      SEALOCK_PREVIEW_VERDICT) [ "$IN_COMMAND" != check ] || verdict=$value ;; # a preview is no decision
      SEALOCK_DECISION) decision=$value ;;
      SEALOCK_DIGEST) digest=$value ;;
    esac
  done <"$reports/decision.env"
fi
if [ "$code" = 0 ] && [ "$verdict" != allowed ]; then
  code=2
  printf '::error title=sealock::nothing was decided, so nothing is allowed\n'
fi
case $code in # whatever was written, it says the same as the exit code
  0) ;;
  1) verdict=refused ;;
  *) verdict=undecided ;;
esac

written() { # says what could not be written; with an exit code of 0 nobody would know
  printf '::error title=sealock::%s could not be written\n' "$1"
  [ "$code" != 0 ] || code=2
}

if [ -s "$reports/summary.md" ]; then
  cat "$reports/summary.md"
else
  printf '**sealock %s: %s** (exit code %s; the log says more)\n' "$IN_COMMAND" "$verdict" "$code"
fi 2>/dev/null >>"${GITHUB_STEP_SUMMARY:-/nowhere/summary}" || written "the step summary"

sarif='' json=''
[ ! -s "$reports/findings.sarif" ] || sarif=$reports/findings.sarif
[ ! -s "$reports/decisions.json" ] || json=$reports/decisions.json
if [ -s "$reports/annotations" ]; then
  cat "$reports/annotations"
fi
[ "$code" = 0 ] || [ "$verdict" = refused ] || verdict=undecided
printf 'verdict=%s\ndecision=%s\ndigest=%s\nsarif=%s\njson=%s\n' "$verdict" "$decision" "$digest" "$sarif" "$json" 2>/dev/null >>"${GITHUB_OUTPUT:-/nowhere/output}" || written "the step's outputs"
exit "$code"
