// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"path"
	"strings"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// markerWords are the comments and annotations by which scanners of configuration are told to ignore something, and the name under which they are
// reported.
func markerWords() map[string]string {
	return map[string]string{
		"checkov:skip": "checkov:skip", "checkov.io/skip": "checkov.io/skip", "bridgecrew:skip": "bridgecrew:skip",
		"trivy:ignore": "trivy:ignore", "tfsec:ignore": "tfsec:ignore", "ts:skip": "terrascan:skip", "runterrascan.io/skip": "runterrascan.io/skip",
		"kics-scan ignore": "kics-scan ignore", "kics-scan disable": "kics-scan disable",
		"#nosec": "nosec", "# nosec": "nosec", "nosemgrep": "nosemgrep",
		"hadolint ignore": "hadolint ignore", "hadolint global ignore": "hadolint global ignore",
		"zizmor: ignore": "zizmor: ignore", "poutine:ignore": "poutine:ignore", "tflint-ignore": "tflint-ignore",
		"ignore-check.kube-linter.io": "kube-linter ignore-check", "kube-linter.io/ignore-all": "kube-linter ignore-all",
		"kube-score/ignore": "kube-score/ignore", "polaris.fairwinds.com/": "polaris exemption", "datree.skip/": "datree.skip",
		"kubesec.io/skip": "kubesec.io/skip", "check=skip=": "check=skip", "snyk:ignore": "snyk:ignore",
	}
}

// markers lists such requests in a file, by line. None is obeyed.
func markers(f file) []predicate.Suppressed {
	var out []predicate.Suppressed
	for word, kind := range markerWords() {
		if !bytes.Contains(f.data, []byte(word)) {
			continue
		}
		line := 1
		for text := range bytes.Lines(f.data) {
			if bytes.Contains(text, []byte(word)) {
				out = append(out, predicate.Suppressed{Path: f.path, Line: line, Kind: kind})
			}
			line++
		}
	}
	return out
}

// ignoreFile gives the name of a file that tells a scanner of configuration what to leave out, or "".
func ignoreFile(p string) string {
	base := path.Base(p)
	switch base {
	case ".trivyignore", ".trivyignore.yaml", ".trivyignore.yml", "trivy.yaml", ".checkov.yaml", ".checkov.yml", ".checkov.baseline", ".tfsec.yml", ".tfsec.yaml",
		".tfsec.json", ".hadolint.yaml", ".hadolint.yml", "hadolint.yaml", ".kube-linter.yaml", ".kube-linter.yml", ".kics.config", "kics.config", ".snyk", ".tflint.hcl",
		".poutine.yml", "zizmor.yml", ".terrascan.toml", ".kubescape-exceptions.json", ".datree-config.yaml":
		return base
	}
	if base == "config.yml" && strings.HasSuffix(path.Dir(p), ".tfsec") {
		return ".tfsec/config.yml"
	}
	return ""
}
