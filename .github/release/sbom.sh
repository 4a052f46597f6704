#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Writes the bill of materials of a binary: sbom.sh BINARY DOCUMENT
set -euo pipefail
binary=$(realpath "$1") document=$(realpath -m "$2")
cd "$(dirname "$0")/../.."
env -u GOOS -u GOARCH CGO_ENABLED=0 go run -trimpath -ldflags "-s -w" ./cmd/sealock sbom "file:$binary" >"$document"
