// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest/subject"
)

// repository is the Git repository that is checked, and the folder in it that the pipeline is about.
type repository struct {
	git     *subject.GitReader
	dir     string
	common  string // its .git folder, the same for all its work trees
	prefix  string // of the folder, empty for the root; ends in a slash otherwise
	head    string // empty before the first commit
	shallow bool
}

func openRepository(ctx context.Context, dir string, env []string) (*repository, error) {
	git, err := subject.OpenGit(ctx, dir, env)
	if err != nil {
		return nil, err
	}
	ask := []string{"rev-parse", "--path-format=absolute", "--git-common-dir", "--is-shallow-repository", "--show-prefix"}
	out, err := git.Line(ctx, append(ask, "HEAD^{commit}", "--")...)
	born := err == nil
	if !born {
		if out, err = git.Line(ctx, ask...); err != nil {
			return nil, err
		}
	}
	lines := strings.Split(out, "\n")
	if len(lines) < 3 {
		return nil, fmt.Errorf("asking git about the repository: %d lines of answer, expected 3", len(lines))
	}
	r := &repository{git: git, dir: dir, common: lines[0], shallow: lines[1] == "true", prefix: lines[2]}
	if born && len(lines) > 3 {
		r.head = lines[3]
	}
	return r, nil
}

// commits resolves revisions to commits in one go; what names none is "".
func (r *repository) commits(ctx context.Context, revs []string) ([]string, error) {
	return r.objects(ctx, revs, "^{commit}", "commit")
}

// tags are the annotated tags among objects, and those that they name.
func (r *repository) tags(ctx context.Context, ids []string) ([]string, error) {
	var out []string
	for len(ids) > 0 {
		found, err := r.objects(ctx, ids, "", "tag")
		if err != nil {
			return nil, err
		}
		ids = nil
		for _, id := range found {
			if id == "" || slices.Contains(out, id) {
				continue
			}
			if out = append(out, id); len(out) > maxUpdates {
				return nil, fmt.Errorf("more than %d tags of tags, which is the limit", maxUpdates)
			}
			text, err := r.git.Output(ctx, nil, "cat-file", "tag", id)
			if err != nil {
				return nil, fmt.Errorf("reading tag %.12s: %w", id, err)
			}
			line, _, _ := strings.Cut(string(text), "\n")
			if target, ok := strings.CutPrefix(line, "object "); ok && isID(target) {
				ids = append(ids, target)
			}
		}
	}
	return out, nil
}

// objects resolves revisions, with something behind each, to objects of a kind in one go; what names none is "".
func (r *repository) objects(ctx context.Context, revs []string, behind, want string) ([]string, error) {
	var in strings.Builder
	for _, rev := range revs {
		if strings.ContainsAny(rev, "\n\x00") {
			return nil, fmt.Errorf("revision %q has a line break in it", rev)
		}
		in.WriteString(rev + behind + "\n")
	}
	out, err := r.git.Output(ctx, []byte(in.String()), "cat-file", "--batch-check=%(objectname) %(objecttype)")
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != len(revs) {
		return nil, fmt.Errorf("asking git for %d revisions: it answered %d", len(revs), len(lines))
	}
	found := make([]string, len(revs))
	for i, line := range lines {
		if id, kind, _ := strings.Cut(line, " "); kind == want && isID(id) {
			found[i] = id
		}
	}
	return found, nil
}

func isID(s string) bool {
	return (len(s) == 40 || len(s) == 64) && strings.Trim(s, "0123456789abcdef") == ""
}

// history is commits with their parents, the newest first.
type history struct {
	ids     []string
	parents map[string][]string
}

// list gives the commits that tips reach and excluded revisions do not; where remotes is set, nor do any remote-tracking branches.
func (r *repository) list(ctx context.Context, tips, excluded []string, remotes bool) (history, error) {
	args := append([]string{"rev-list", "--topo-order", "--parents"}, tips...)
	for _, id := range excluded {
		args = append(args, "^"+id)
	}
	if remotes {
		args = append(args, "--not", "--remotes")
	}
	out, err := r.git.Output(ctx, nil, append(args, "--")...)
	if err != nil {
		return history{}, fmt.Errorf("listing commits: %w", err)
	}
	h := history{parents: map[string][]string{}}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		if len(f) == 0 || slices.ContainsFunc(f, func(id string) bool { return !isID(id) }) {
			return history{}, fmt.Errorf("listing commits: git answered %.100q", line)
		}
		h.ids, h.parents[f[0]] = append(h.ids, f[0]), f[1:]
	}
	return h, nil
}

// base is where a tip left what is known already: the first commit on its first-parent line that is not part of the history. "" if all of it is new.
func (h history) base(tip string) string {
	for id := tip; ; {
		parents, part := h.parents[id]
		if !part {
			return id
		}
		if len(parents) == 0 {
			return ""
		}
		id = parents[0]
	}
}

// entry is one file of a tree, or of the index.
type entry struct {
	mode, id, path string
}

const (
	modeLink      = "120000"
	modeSubmodule = "160000"
)

// file reports whether the entry has content to look at. Links are none: what they lead to is an entry itself.
func (e entry) file() bool { return e.mode != modeLink && e.mode != modeSubmodule }

// tree lists the files of a commit below the folder. A commit without the folder has none.
func (r *repository) tree(ctx context.Context, commit string) ([]entry, error) {
	if commit == "" {
		return nil, nil
	}
	spec := commit
	if r.prefix != "" {
		spec = commit + ":" + strings.TrimSuffix(r.prefix, "/")
		if _, err := r.git.Output(ctx, nil, "rev-parse", "--verify", "--quiet", spec); err != nil {
			return nil, nil //nolint:nilerr // the folder came later
		}
	}
	out, err := r.git.Output(ctx, nil, "ls-tree", "-rz", "--full-tree", spec)
	if err != nil {
		return nil, fmt.Errorf("listing the files of commit %.12s: %w", commit, err)
	}
	return parseEntries(out, func(meta []string) (mode, id string, ok bool) {
		return meta[0], meta[len(meta)-1], len(meta) == 3
	})
}

// index lists what is staged, below the folder.
func (r *repository) index(ctx context.Context) ([]entry, error) {
	out, err := r.git.Output(ctx, nil, "ls-files", "-z", "--stage")
	if err != nil {
		return nil, fmt.Errorf("listing what is staged: %w", err)
	}
	return parseEntries(out, func(meta []string) (mode, id string, ok bool) {
		return meta[0], meta[1], len(meta) == 3 && meta[2] == "0" // another number is one side of a conflict
	})
}

// parseEntries reads "… … …\tpath" ended by NUL.
func parseEntries(out []byte, read func(meta []string) (mode, id string, ok bool)) ([]entry, error) {
	var all []entry
	for _, item := range strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if item == "" {
			continue
		}
		meta, name, tab := strings.Cut(item, "\t")
		f := strings.Fields(meta)
		if !tab || len(f) < 3 {
			return nil, fmt.Errorf("listing files: git answered %.100q", item)
		}
		mode, id, ok := read(f)
		if !ok || !isID(id) {
			return nil, fmt.Errorf("%q has an unsettled conflict\nhint: settle it and git add the file", name)
		}
		all = append(all, entry{mode, id, name})
	}
	if len(all) > subject.MaxEntries {
		return nil, fmt.Errorf("more than %d files, which is the limit", subject.MaxEntries)
	}
	slices.SortFunc(all, func(a, b entry) int { return strings.Compare(a.path, b.path) })
	return all, nil
}

// changed are the entries of a tree that another tree does not have alike.
func changed(now, before []entry) []entry {
	was := make(map[string]entry, len(before))
	for _, e := range before {
		was[e.path] = e
	}
	var out []entry
	for _, e := range now {
		if was[e.path] != e {
			out = append(out, e)
		}
	}
	return out
}

// name is what people call the repository and the folder.
func (r *repository) name() string {
	top := path.Base(path.Dir(r.common))
	if base := path.Base(r.common); base != ".git" {
		top = strings.TrimSuffix(base, ".git")
	}
	return path.Join(top, r.prefix)
}
