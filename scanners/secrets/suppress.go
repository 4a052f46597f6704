// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"path"
	"strings"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// markerWords are the comments by which scanners of secrets are told to ignore a line: gitleaks', TruffleHog's, detect-secrets' and GitGuardian's.
func markerWords() []string {
	return []string{"gitleaks:allow", "trufflehog:ignore", "pragma: allowlist secret", "pragma: whitelist secret", "ggignore"}
}

// markers lists such comments in what the fragment owns.
func markers(f *fragment) []predicate.Suppressed {
	var out []predicate.Suppressed
	var newlines []int
	for _, word := range markerWords() {
		for at := 0; ; at += len(word) {
			n := strings.Index(f.text[at:], word)
			if n < 0 || at+n >= f.own {
				break
			}
			at += n
			if newlines == nil {
				newlines = newlinesOf(f.text)
			}
			line, _ := position(f, newlines, at)
			if f.counts(line, line) {
				out = append(out, predicate.Suppressed{Path: clean(f.path), Line: line, Kind: word})
			}
		}
	}
	return out
}

// ignoreFile gives the kind of a file that tells a scanner of secrets what to leave out, or "".
func ignoreFile(name string) string {
	switch base := path.Base(name); base {
	case ".gitleaksignore", ".gitleaks.toml", "gitleaks.toml", ".gitleaks-baseline.json", ".secretsignore", ".secrets.baseline",
		".trufflehogignore", ".trufflehog-ignore", ".gitguardian.yml", ".gitguardian.yaml", ".talismanrc", ".gitallowed":
		return base
	}
	return ""
}
