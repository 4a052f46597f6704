// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/scanners/secrets"
)

// maxPasses bounds how often what is left is looked at again because something was found.
const maxPasses = 4

// commitSecrets looks at what commits added. What was found in a commit before is remembered. A scan tells of a change that several commits made alike in one of
// them only, so those in which nothing was found are clean only if nothing was found at all: else they are looked at once more by themselves.
func (c *checker) commitSecrets(ctx context.Context, commits []string) ([]predicate.Finding, error) {
	rules := "commit, each by itself, " + secrets.Version + " " + secrets.RulesDigest()
	var all []predicate.Finding
	var fresh []string
	for _, id := range slices.Backward(commits) { // the oldest first
		if r, ok := c.memory.lookup(keyOf(rules, id)); ok {
			all = append(all, r.Findings...)
		} else {
			fresh = append(fresh, id)
		}
	}
	for pass := 0; len(fresh) > 0 && pass < maxPasses; pass++ {
		found, err := secrets.ScanGitCommits(ctx, c.repo.dir, fresh, c.secretOptions())
		if err != nil {
			return nil, err
		}
		all = append(all, found.Findings...)
		for _, s := range found.Skipped {
			if strings.HasSuffix(s, "(shallow clone)") {
				c.report.Undecided = append(c.report.Undecided, strings.TrimSuffix(s, " (shallow clone)")+" can't be seen; git fetch --unshallow brings it")
				return all, nil // with the rest of the history the answer may be another one
			}
		}
		unclean := map[string][]predicate.Finding{}
		for _, f := range found.Findings {
			unclean[f.Commit] = append(unclean[f.Commit], f)
		}
		var rest []string
		for _, id := range fresh {
			if f := unclean[id]; len(f) > 0 || len(unclean) == 0 {
				c.memory.remember(keyOf(rules, id), fileResult{Findings: f})
			} else {
				rest = append(rest, id)
			}
		}
		fresh = rest
	}
	return all, nil
}

// inTags looks for secrets in the messages of annotated tags.
func (c *checker) inTags(ctx context.Context, picked selection) error {
	if len(picked.tags) == 0 {
		return nil
	}
	found, err := secrets.ScanGitTags(ctx, c.repo.dir, picked.tags, c.secretOptions())
	if err != nil {
		return err
	}
	for _, f := range found.Findings {
		f.Fix = picked.inTag(f.Commit)
		c.hold(f)
	}
	return nil
}

// hold takes a secret into the report.
func (c *checker) hold(f predicate.Finding) {
	if c.waived(f) {
		c.report.Waived = append(c.report.Waived, f)
	} else {
		c.report.Secrets = append(c.report.Secrets, f)
	}
}

func (c *checker) secretOptions() secrets.Options {
	return secrets.Options{Now: c.opt.Now, TempDir: c.opt.TempDir, Git: c.repo.git.Program(), Trusted: c.repo.git.Trusted()}
}

// treeSecrets looks at every file of a tree, as the stage of the source does. Content that was looked at under this name before is not looked at again.
func (c *checker) treeSecrets(ctx context.Context, entries []entry) (predicate.Findings, error) {
	rules := "file " + secrets.Version + " " + secrets.RulesDigest()
	started := c.opt.Now()
	out := predicate.Findings{Category: predicate.KindSecrets, Scanner: predicate.FindingScanner{Name: "gitleaks", Version: secrets.Version, RulesDigest: secrets.RulesDigest()},
		Complete: true, Findings: []predicate.Finding{}, Suppressed: []predicate.Suppressed{}, Skipped: []string{}, StartedOn: predicate.Time(started)}
	add := func(r fileResult) {
		out.Findings, out.Suppressed = append(out.Findings, r.Findings...), append(out.Suppressed, r.Suppressed...)
		out.Skipped, out.SkippedN = append(out.Skipped, r.Skipped...), out.SkippedN+r.SkippedN
	}
	var fresh, apart []entry
	for _, e := range entries {
		if !e.file() {
			continue
		}
		out.Scope.Files++
		if unclear(e.path) {
			apart = append(apart, e)
		} else if r, ok := c.memory.lookup(keyOf(rules, e.path, e.id)); ok {
			add(r)
		} else {
			fresh = append(fresh, e)
		}
	}
	for part := range slices.Chunk(fresh, atOnce) {
		found, err := secrets.Scan(ctx, stream{c.repo, part}, c.secretOptions())
		if err != nil {
			return predicate.Findings{}, err
		}
		add(fileResult{found.Findings, found.Suppressed, found.Skipped, found.SkippedN})
		c.rememberFiles(rules, part, found)
	}
	if len(apart) > 0 {
		found, err := secrets.Scan(ctx, stream{c.repo, apart}, c.secretOptions())
		if err != nil {
			return predicate.Findings{}, err
		}
		add(fileResult{found.Findings, found.Suppressed, found.Skipped, found.SkippedN})
	}
	out.FinishedOn = predicate.Time(c.opt.Now())
	return out, nil
}

// atOnce is how many files are scanned together: of a scan at most a thousand names of skipped files are known, and only then what belongs to which file.
const atOnce = 500

func (c *checker) rememberFiles(rules string, part []entry, found predicate.Findings) {
	if found.SkippedN != len(found.Skipped) {
		return
	}
	results := byFile(found)
	for _, e := range part {
		c.memory.remember(keyOf(rules, e.path, e.id), results[e.path])
	}
}

// unclear reports whether results of other files could pass for those of a file of this name, or the other way round.
func unclear(path string) bool {
	return strings.ContainsAny(path, "![") || strings.Contains(path, " (") || !utf8.ValidString(path)
}

// byFile parts results by the file of the tree that they are about: of archives it is what stands before the first "!".
func byFile(found predicate.Findings) map[string]fileResult {
	out := map[string]fileResult{}
	at := func(path string, change func(*fileResult)) {
		path, _, _ = strings.Cut(path, "!")
		r := out[path]
		change(&r)
		out[path] = r
	}
	for _, f := range found.Findings {
		at(f.Path, func(r *fileResult) { r.Findings = append(r.Findings, f) })
	}
	for _, s := range found.Suppressed {
		at(s.Path, func(r *fileResult) { r.Suppressed = append(r.Suppressed, s) })
	}
	for _, s := range found.Skipped {
		path, _, _ := strings.Cut(s, " [") // the name of a rule follows
		at(path, func(r *fileResult) { r.Skipped, r.SkippedN = append(r.Skipped, s), r.SkippedN+1 })
	}
	return out
}
