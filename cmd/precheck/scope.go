// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Bounds of what one check takes.
const (
	maxUpdates    = 10_000   // refs of one push
	maxUpdateLine = 64 << 10 // bytes of one line that Git writes to a hook
	maxTips       = 16       // trees that are looked at as wholes
)

// Kind says what is checked.
type Kind string

// The kinds of check.
const (
	Push   Kind = "push"   // what no remote has yet
	Staged Kind = "staged" // what the next commit would have
	Since  Kind = "since"  // what came after a revision
	All    Kind = "all"    // everything that HEAD reaches
)

// ErrRevision says that a revision is not known here.
var ErrRevision = errors.New("no such revision")

// Scope is what is checked.
type Scope struct {
	Kind    Kind
	Since   string   // Since: the revision
	Updates []Update // Push: what Git is about to send; nil: HEAD
}

// Update is one ref that a push moves. Ids are empty where there is nothing.
type Update struct {
	Local, LocalID, Remote, RemoteID string
}

// ParseUpdates reads what Git writes to a pre-push hook: "local-ref local-id remote-ref remote-id" a line, an id of zeros for nothing
// (https://git-scm.com/docs/githooks#_pre_push).
func ParseUpdates(in io.Reader) ([]Update, error) {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxUpdateLine)
	var out []Update
	for lines.Scan() {
		f := strings.Split(lines.Text(), " ")
		if lines.Text() == "" {
			continue
		}
		if len(f) != 4 || f[0] == "" || f[2] == "" || !isID(f[1]) || !isID(f[3]) {
			return nil, fmt.Errorf("reading what is pushed: %.200q is not \"ref id ref id\"\nhint: this is for Git to call, as a pre-push hook; by hand use sealock check", lines.Text())
		}
		if out = append(out, Update{f[0], orNothing(f[1]), f[2], orNothing(f[3])}); len(out) > maxUpdates {
			return nil, fmt.Errorf("reading what is pushed: more than %d refs, which is the limit\nhint: push fewer at a time", maxUpdates)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading what is pushed: %w", err)
	}
	return out, nil
}

func orNothing(id string) string {
	if strings.Trim(id, "0") == "" {
		return ""
	}
	return id
}

// selection is a scope made out: commits to look at, and trees to look at as wholes.
type selection struct {
	history   history
	tags      []string          // annotated tags, which have messages of their own
	tagNames  map[string]string // of those that are pushed, by id
	trees     []pair
	undecided []string
	notes     []string
}

// pair is a tree and what it is held against; ids of commits, "" for nothing.
type pair struct {
	ref       string
	local     string // the ref that is pushed; "" if none is
	tip, base string
	entries   []entry // of the tip, where it is no commit: the index
}

// pick makes out what a scope means here.
func (r *repository) pick(ctx context.Context, s Scope) (selection, error) {
	switch s.Kind {
	case Push:
		if s.Updates != nil {
			return r.pickUpdates(ctx, s.Updates)
		}
		if r.head == "" {
			return selection{notes: []string{"there is no commit yet"}}, nil
		}
		return r.pickHead(ctx, nil, true)
	case Since:
		ids, err := r.commits(ctx, []string{s.Since})
		if err != nil {
			return selection{}, err
		}
		if ids[0] == "" || r.head == "" {
			return selection{}, fmt.Errorf("%w: %q%s", ErrRevision, s.Since, r.hintShallow())
		}
		return r.pickHead(ctx, ids, false)
	case All:
		if r.head == "" {
			return selection{notes: []string{"there is no commit yet"}}, nil
		}
		sel, err := r.pickHead(ctx, nil, false)
		if err == nil && r.shallow {
			sel.undecided = append(sel.undecided, "this clone is shallow: the history before it can't be seen; git fetch --unshallow brings it")
		}
		return sel, err
	case Staged:
		entries, err := r.index(ctx)
		if err != nil {
			return selection{}, err
		}
		return selection{trees: []pair{{ref: "what is staged", base: r.head, entries: entries}}}, nil
	}
	return selection{}, fmt.Errorf("scope %q is not known", s.Kind)
}

func (r *repository) hintShallow() string {
	if r.shallow {
		return "\nhint: this clone is shallow; git fetch --unshallow brings the rest"
	}
	return "\nhint: git rev-parse must know it"
}

func (r *repository) pickHead(ctx context.Context, excluded []string, remotes bool) (selection, error) {
	h, err := r.list(ctx, []string{r.head}, excluded, remotes)
	if err != nil {
		return selection{}, err
	}
	return selection{history: h, trees: []pair{{ref: "HEAD", tip: r.head, base: h.base(r.head)}}}, nil
}

// pickUpdates is what a push sends: commits that neither the remote's own refs nor any remote-tracking branch reach. A ref that is deleted sends nothing.
func (r *repository) pickUpdates(ctx context.Context, updates []Update) (selection, error) {
	updates = slices.DeleteFunc(slices.Clone(updates), func(u Update) bool { return u.LocalID == "" })
	if len(updates) == 0 {
		return selection{notes: []string{"refs are only deleted"}}, nil
	}
	var revs []string
	for _, u := range updates {
		revs = append(revs, u.LocalID)
	}
	for _, u := range updates {
		if u.RemoteID != "" {
			revs = append(revs, u.RemoteID)
		}
	}
	ids, err := r.commits(ctx, revs)
	if err != nil {
		return selection{}, err
	}
	var sel selection
	if sel.tags, err = r.tags(ctx, revs[:len(updates)]); err != nil {
		return selection{}, err
	}
	sel.tagNames = map[string]string{}
	var tips []string
	for i, u := range updates {
		if name, ok := strings.CutPrefix(u.Local, "refs/tags/"); ok {
			sel.tagNames[u.LocalID] = name
		}
		if ids[i] == "" {
			sel.undecided = append(sel.undecided, fmt.Sprintf("%s names no commit; what it names was not looked at", u.Local))
			continue
		}
		if !slices.Contains(tips, ids[i]) {
			tips = append(tips, ids[i])
			sel.trees = append(sel.trees, pair{ref: u.Remote, local: u.Local, tip: ids[i]})
		}
	}
	known := slices.DeleteFunc(ids[len(updates):], func(id string) bool { return id == "" }) // of the others we know less than the remote does
	if len(tips) == 0 {
		return sel, nil
	}
	if sel.history, err = r.list(ctx, tips, known, true); err != nil {
		return selection{}, err
	}
	for i := range sel.trees {
		sel.trees[i].base = sel.history.base(sel.trees[i].tip)
	}
	sel.trees = slices.DeleteFunc(sel.trees, func(p pair) bool { return p.base == p.tip }) // an old commit under a new name
	if n := len(sel.trees); n > maxTips {
		sel.undecided = append(sel.undecided, fmt.Sprintf("of %d refs the last %d were searched for secrets, and not otherwise looked at", n, n-maxTips))
		sel.trees = sel.trees[:maxTips]
	}
	return sel, nil
}
