#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What the stage build runs: everything that a release consists of, in dist/release and dist/image; nothing is published. The commit has to be a version's tag,
# or SNAPSHOT=1 set. Needs goreleaser. Whether the tree is clean has been checked by the stage.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CGO_ENABLED=0 GOFLAGS=-mod=readonly

goreleaser release --clean --skip=publish,announce,validate ${SNAPSHOT:+--snapshot}

# Modes of files do not survive GitHub's artifacts, so none is a program here; whoever downloads one makes it one.
mkdir dist/release
for file in dist/sealock_*_{linux,darwin}_{amd64,arm64} dist/sealock_*.cdx.json dist/checksums.txt; do
  if [ -f "$file" ]; then
    install -m 0644 "$file" dist/release/
  fi
done
while read -r _ name; do # goreleaser keeps a binary in a folder for each platform; the checksums say what it is called when published
  if ! [ -f "dist/release/$name" ]; then
    platform=${name#sealock_*_}
    install -m 0644 dist/sealock_"${platform%_*}"_"${platform#*_}"*/sealock "dist/release/$name"
  fi
done <dist/checksums.txt
(cd dist/release && sha256sum --check --quiet checksums.txt)

shopt -s nullglob
go run .github/release/image.go -to dist/image dist/release/sealock_*_linux_{amd64,arm64}
