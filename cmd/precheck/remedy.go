// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate/report"
)

const rotate = "; then rotate the secret"

// remedy says how a secret gets out of a commit that was not sent yet. The commands are for the branch that the commit is on, whatever is checked out, and
// keep the merges behind it.
func (s selection) remedy(f predicate.Finding, head string) string {
	if f.Commit == "" {
		return "take it out of the file, and rotate the secret if anybody may have seen it"
	}
	h := s.history
	if f.Commit == head {
		return fmt.Sprintf("take it out of commit %.12s: git commit --amend%s", f.Commit, rotate)
	}
	from, mark := fmt.Sprintf("%.12s^", f.Commit), `mark it "edit"`
	switch len(h.parents[f.Commit]) {
	case 0:
		from = "--root"
	case 1:
	default:
		mark = `write "break" below the line that merges it`
	}
	if slices.ContainsFunc(h.ids, func(id string) bool { return len(h.parents[id]) > 1 }) {
		from = "--rebase-merges " + from
	}
	if !h.reaches(head, f.Commit) {
		for _, t := range s.trees {
			if branch, ok := strings.CutPrefix(t.local, "refs/heads/"); ok && h.reaches(t.tip, f.Commit) {
				from += " " + report.Word(branch)
				break
			}
		}
	}
	return fmt.Sprintf("take it out of commit %.12s: git rebase -i %s (%s)%s", f.Commit, from, mark, rotate)
}

// inTag says how a secret gets out of the message of a tag. The new tag names what the old one did.
func (s selection) inTag(id string) string {
	name := cmp.Or(s.tagNames[id], "NAME")
	return fmt.Sprintf("make the tag %.12s anew with another message: git tag -f -a %s %s%s", id, report.Word(name), report.Word(name+"^{}"), rotate)
}

// reaches reports whether a commit of the history is another one, or comes after it.
func (h history) reaches(from, to string) bool {
	seen := map[string]bool{}
	for todo := []string{from}; len(todo) > 0; {
		id := todo[len(todo)-1]
		if todo = todo[:len(todo)-1]; id == to {
			return true
		}
		if !seen[id] {
			seen[id] = true
			todo = append(todo, h.parents[id]...)
		}
	}
	return false
}
