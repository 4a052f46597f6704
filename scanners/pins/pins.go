// SPDX-License-Identifier: Apache-2.0

// Package pins finds out whether the commits that pin GitHub actions are the repository's own.
//
// GitHub keeps a repository and its forks in one store of objects, so owner/repo@COMMIT also works for a commit that only a fork has: whoever
// forks a well-known action can have his own code run under its name. A commit is the repository's own if one of its branches or tags reaches it.
//
// Use: Of makes pins of what config.Uses found, Asker.Ask asks each repository once, Judge makes findings of the answers.
//
// Guarantees: a commit is never asked for by its id, which a server answers for forks too; only branches and tags count, not the refs of pull
// requests; what could not be asked is a finding and is counted, never passed over; nothing of the repositories is checked out or run; each question
// has a limit on time and on bytes. Deciding (Judge) does no input or output.
//
// Limits. A branch that was removed after it was pinned makes its commit look like a fork's. A commit that somebody with the right to push put
// there is the repository's own.
package pins

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/scanners/config"
)

// The ids of the findings.
const (
	RuleImpostor   = "pipeline.pin-impostor"
	RuleUnverified = "pipeline.pin-unverified"
	RuleComment    = "pipeline.pin-comment"
)

// Pin is an action or reusable workflow that is named by a commit.
type Pin struct {
	Repository string // owner/name, as it is written
	Commit     string // 40 or 64 hexadecimal digits, lower case
	Version    string // the full version that the comment beside it names, or ""
	Use        config.Use
}

var (
	pinned = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+)(?:/[^@\s]*)?@([0-9a-fA-F]{40}|[0-9a-fA-F]{64})$`)
	})
	// A version with three parts. Tags such as v4 are moved on with each release, so that they point elsewhere is no fault.
	version = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(?:tag=|version=|ratchet:\S+@|pin@)?(v?\d+\.\d+\.\d+(?:[-+.][0-9A-Za-z.+-]+)?)(?:[\s,;)]|$)`)
	})
)

// Of makes pins of uses. What names a tag or branch, an image, or an action of the tree itself is none.
func Of(uses []config.Use) []Pin {
	var out []Pin
	for _, u := range uses {
		m := pinned().FindStringSubmatch(strings.TrimSpace(u.Value))
		if m == nil || strings.HasSuffix(m[1], "/.") || strings.HasSuffix(m[1], "/..") {
			continue
		}
		p := Pin{Repository: m[1], Commit: strings.ToLower(m[2]), Use: u}
		if v := version().FindStringSubmatch(u.Comment); v != nil {
			p.Version = v[1]
		}
		out = append(out, p)
	}
	return out
}

// Answer is what a repository said. Err is set where it could not be asked, and then nothing else is.
type Answer struct {
	Own  map[string]bool   // the commits that were asked about and that a branch or tag reaches
	Tags map[string]string // the commit of each tag
	Err  error
}

// Judge makes findings of answers, by repository in lower case. A repository without an answer was not asked.
func Judge(pins []Pin, answers map[string]Answer) (findings []predicate.Finding, unverified int) {
	for _, p := range pins {
		a, asked := answers[key(p.Repository)]
		switch {
		case !asked:
			a.Err = fmt.Errorf("it was not asked")
			fallthrough
		case a.Err != nil:
			unverified++
			findings = append(findings, p.finding(RuleUnverified, "medium",
				fmt.Sprintf("%s could not be asked whether %.12s is its own commit: %v", p.Repository, p.Commit, a.Err),
				"an answer of the repository", "scan again where the repository can be reached; for a private one, teach Git the credentials (gh auth setup-git)"))
		case !a.Own[p.Commit]:
			findings = append(findings, p.finding(RuleImpostor, "high",
				fmt.Sprintf("no branch or tag of %s has the commit %.12s: it is a fork's, which GitHub serves under the same name, or one that was taken back", p.Repository, p.Commit),
				"a commit that a branch or tag of the repository has", "read what the commit does, then pin the commit of a release; if it is not the repository's own, treat what the job could read as known to others"))
		default:
			if f, lies := p.comment(a.Tags); lies {
				findings = append(findings, f)
			}
		}
	}
	return findings, unverified
}

// comment tells a comment that names a version whose tag is another commit.
func (p Pin) comment(tags map[string]string) (predicate.Finding, bool) {
	if p.Version == "" {
		return predicate.Finding{}, false
	}
	for _, name := range []string{p.Version, "v" + p.Version, strings.TrimPrefix(p.Version, "v")} {
		commit, there := tags[name]
		if !there {
			continue
		}
		if commit == p.Commit {
			return predicate.Finding{}, false
		}
		return p.finding(RuleComment, "medium", fmt.Sprintf("the comment says %s, and the pinned commit is another: %s is %.12s", p.Version, name, commit),
			fmt.Sprintf("%s@%s # %s", p.Repository, commit, name), "pin the commit of the version that is meant, or correct the comment"), true
	}
	return predicate.Finding{}, false
}

func (p Pin) finding(rule, severity, message, expected, fix string) predicate.Finding {
	u := p.Use
	sum := sha256.Sum256([]byte(strings.Join([]string{rule, u.File, u.Resource, u.Value, p.Version}, "\x00")))
	return predicate.Finding{
		Rule: rule, Severity: severity, Message: message, Path: u.File, Line: u.Line, Column: u.Column, EndLine: u.EndLine, Resource: u.Resource,
		Found: u.Value, Expected: expected, Fix: fix, Fingerprint: hex.EncodeToString(sum[:]),
	}
}

// Rules describes the rules of the findings, in order.
func Rules(findings []predicate.Finding) []predicate.FindingRule {
	all := []predicate.FindingRule{
		{ID: RuleComment, Title: "The version beside a pin is that of the pinned commit", Severity: "medium", Description: "Who reviews a pin reads the version. A comment that says another one hides which code runs.",
			References: []string{"https://docs.zizmor.sh/audits/#ref-version-mismatch"}},
		{ID: RuleImpostor, Title: "Pinned commits are the repository's own", Severity: "high", Description: "GitHub serves the commits of forks under the name of the repository that was forked. A pin to such a commit runs code that nobody of the repository ever saw.",
			References: []string{"https://www.chainguard.dev/unchained/what-the-fork-imposter-commits-in-github-actions-and-ci-cd"}},
		{ID: RuleUnverified, Title: "Pinned commits can be asked about", Severity: "medium", Description: "The repository could not be asked, so the commit may be a fork's.",
			References: []string{"https://www.chainguard.dev/unchained/what-the-fork-imposter-commits-in-github-actions-and-ci-cd"}},
	}
	return slices.DeleteFunc(all, func(r predicate.FindingRule) bool {
		return !slices.ContainsFunc(findings, func(f predicate.Finding) bool { return f.Rule == r.ID })
	})
}

// key is a repository's name for comparisons: GitHub takes names in any case.
func key(repository string) string { return strings.ToLower(strings.TrimSuffix(repository, ".git")) }
