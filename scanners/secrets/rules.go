// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/spf13/viper"
	"github.com/zricethezav/gitleaks/v8/config"
)

// Version is the release of gitleaks whose rules are used; a test holds it against go.mod.
const Version = "v8.30.1"

// decodeDepth is how often decoded text is looked at for more encoded text. gitleaks' own command uses 5 as well.
const decodeDepth = 5

// ruleset is the compiled built-in rules. It is only read after it was loaded.
type ruleset struct {
	config config.Config
	digest string
	// byPath are the rules whose own allow-list leaves out whole paths.
	byPath []config.Rule
	paths  []pathRule // that no rule looks at
}

// pathRule is an expression for paths. One of the words, in lower case, is in each path in ASCII that it matches; nil: that is not known.
type pathRule struct {
	*regexp.Regexp
	words []string
}

// loadRules compiles the built-in rules once a process (about 40 ms).
var loadRules = sync.OnceValues(func() (*ruleset, error) {
	v := viper.New() // gitleaks' own constructor uses the process-wide viper, which is not safe for concurrent use
	v.SetConfigType("toml")
	if err := v.ReadConfig(strings.NewReader(config.DefaultConfig)); err != nil {
		return nil, fmt.Errorf("reading the built-in secret rules: %w", err)
	}
	var vc config.ViperConfig
	if err := v.Unmarshal(&vc); err != nil {
		return nil, fmt.Errorf("reading the built-in secret rules: %w", err)
	}
	cfg, err := vc.Translate()
	if err != nil {
		return nil, fmt.Errorf("compiling the built-in secret rules: %w", err)
	}
	if len(cfg.Rules) == 0 {
		return nil, fmt.Errorf("compiling the built-in secret rules: there are none")
	}
	sum := sha256.Sum256([]byte(config.DefaultConfig))
	set := &ruleset{config: cfg, digest: "sha256:" + hex.EncodeToString(sum[:])}
	set.paths = skippedPaths(cfg.Allowlists)
	for _, r := range cfg.GetOrderedRules() {
		for _, a := range r.Allowlists {
			if len(a.Paths) > 0 && a.MatchCondition == config.AllowlistMatchOr {
				set.byPath = append(set.byPath, r)
				break
			}
		}
	}
	return set, nil
})

// skippedPaths are the expressions by which allow-lists leave out paths altogether.
func skippedPaths(lists []*config.Allowlist) (out []pathRule) {
	for _, a := range lists {
		if a.MatchCondition != config.AllowlistMatchOr {
			continue
		}
		for _, p := range a.Paths {
			r := pathRule{Regexp: p}
			if re, err := syntax.Parse(p.String(), syntax.Perl); err == nil {
				w, _ := wordsOf(re)
				r.words = w.texts
			}
			out = append(out, r)
		}
	}
	return out
}

// skips reports whether the rules leave out the path altogether.
func (s *ruleset) skips(path string) bool {
	low := strings.ToLower(path)
	ascii := strings.IndexFunc(path, func(c rune) bool { return c >= utf8.RuneSelf }) < 0
	return slices.ContainsFunc(s.paths, func(r pathRule) bool {
		may := !ascii || r.words == nil || slices.ContainsFunc(r.words, func(w string) bool { return strings.Contains(low, w) })
		return may && r.MatchString(path)
	})
}

// withoutPaths leaves out of the allow-lists what skips has looked at already, for every file: the detectors would look again for every piece of text.
func withoutPaths(all []*config.Allowlist) []*config.Allowlist {
	var out []*config.Allowlist
	for _, a := range all {
		if len(a.Paths) == 0 || a.MatchCondition != config.AllowlistMatchOr {
			out = append(out, a)
			continue
		}
		rest := &config.Allowlist{Description: a.Description, MatchCondition: a.MatchCondition, Commits: a.Commits, RegexTarget: a.RegexTarget,
			Regexes: a.Regexes, StopWords: a.StopWords}
		if rest.Validate() == nil { // it says more than paths
			out = append(out, rest)
		}
	}
	return out
}

// skippedRules names the rules that leave out this path, other rules not.
func (s *ruleset) skippedRules(path string) []string {
	var ids []string
	for _, r := range s.byPath {
		for _, a := range r.Allowlists {
			if a.MatchCondition == config.AllowlistMatchOr && a.PathAllowed(path) {
				ids = append(ids, r.RuleID)
				break
			}
		}
	}
	return ids
}

// severity is critical for private keys and for credentials that open a whole cloud account, high for all else: the rules say what
// a string looks like, not what it opens.
func severity(rule string) string {
	switch rule {
	case "private-key", "age-secret-key",
		"aws-access-token", "alibaba-secret-key", "azure-ad-client-secret",
		"digitalocean-access-token", "digitalocean-pat", "digitalocean-refresh-token",
		"yandex-access-token", "yandex-aws-access-token":
		return "critical"
	}
	return "high"
}
