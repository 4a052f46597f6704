#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Finds or installs the binary and prints its path as the output "path". What is downloaded runs only if its digest is the one that was given.
set -euo pipefail

fail() {
  printf '::error title=sealock::%s\n' "$1"
  exit 3
}

digest() {
  if command -v sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -d' ' -f1
}

want=$(printf %s "${IN_SHA256:-}" | tr 'A-F' 'a-f')
if [ -n "$want" ] && ! [[ $want =~ ^[0-9a-f]{64}$ ]]; then
  fail "sha256 is not 64 hexadecimal digits"
fi

if [ -n "${IN_BINARY:-}" ]; then
  path=$(cd "$(dirname "$IN_BINARY")" && pwd)/$(basename "$IN_BINARY")
  if ! [ -f "$path" ] || ! [ -x "$path" ]; then
    fail "the input binary names no program"
  fi
  if [ -n "$want" ] && [ "$(digest "$path")" != "$want" ]; then
    fail "the binary has another digest than the input sha256 says: expected $want, found $(digest "$path")"
  fi
  printf 'path=%s\n' "$path" >>"$GITHUB_OUTPUT"
  exit 0
fi

version=${IN_VERSION:-}
[ -n "$version" ] || fail "no version of sealock is named: set version and sha256 (or the variables SEALOCK_VERSION and SEALOCK_SHA256 of the organisation), or binary"
[[ $version =~ ^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || fail "version is not of the form v1.2.3"
[ -n "$want" ] || fail "version $version is named without sha256: what is downloaded has to be held against a digest"
case $(uname -s) in
  Linux) os=linux ;;
  Darwin) os=darwin ;;
  *) fail "no binary for $(uname -s): name one with the input binary" ;;
esac
case $(uname -m) in
  x86_64 | amd64) arch=amd64 ;;
  aarch64 | arm64) arch=arm64 ;;
  *) fail "no binary for $(uname -m): name one with the input binary" ;;
esac
case ${IN_URL:-} in
  https://* | http://127.0.0.1:* | http://localhost:*) ;;
  *) fail "url is no https address" ;;
esac

folder=$(mktemp -d "${RUNNER_TEMP:-/tmp}/sealock.XXXXXX")
path=$folder/sealock
from=${IN_URL%/}/$version/sealock_${version#v}_${os}_${arch}
curl --fail --silent --show-error --location --proto '=https,http' --proto-redir '=https' --retry 3 --max-time 300 --max-filesize 524288000 --output "$path" -- "$from" \
  || fail "downloading $from failed: see above"
found=$(digest "$path")
if [ "$found" != "$want" ]; then
  rm -f "$path"
  fail "$from has another digest than the input sha256 says: expected $want, found $found; nothing of it was run"
fi
chmod 0755 "$path"
printf 'path=%s\n' "$path" >>"$GITHUB_OUTPUT"
