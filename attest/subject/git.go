// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// repository is a git: subject: one folder of one revision.
type repository struct {
	git    *git
	gitDir string
	rev    string
	prefix string // the folder below the repository's root, slash-separated, empty for the root
	work   string // the work tree's folder that belongs to prefix, empty without a work tree
	opt    Options
	commit *commit // as resolved
	head   string  // the commit that is checked out, as of the last comparison; empty if there is none
}

// commit is what was read of one revision.
type commit struct {
	oid  string
	time time.Time
	tree tree
	lfs  []string // files that are Git LFS pointers
}

func resolveGit(ctx context.Context, r *Resolved, opt Options) error {
	p, err := openRepository(ctx, r.Ref.Path, opt)
	if err != nil {
		return err
	}
	c, err := p.read(ctx, r.Ref.Path)
	if err != nil {
		return err
	}
	p.commit = c
	if err := p.checkClean(ctx, c, true); err != nil {
		return err
	}
	if p.work != "" && p.head != c.oid {
		r.Notes = append(r.Notes, fmt.Sprintf("the work tree has another commit checked out (%.12s) and was not compared", p.head))
	}
	remote, err := p.remote(ctx)
	if err != nil {
		return err
	}
	r.Subject = attest.Subject{Name: p.name(remote), Digest: c.digests()}
	r.Created = c.time
	if remote != "" {
		r.URI = "git+" + remote + "@" + p.refName(ctx, c)
	}
	r.Notes = append(r.Notes, c.notes()...)
	if r.Materials, err = p.submodules(ctx, c); err != nil {
		return err
	}
	r.content = p
	return nil
}

func openRepository(ctx context.Context, rev string, opt Options) (*repository, error) {
	dir, err := existing(opt.Dir)
	if err != nil {
		return nil, err
	}
	g, err := openGit(ctx, dir, opt.Env)
	if err != nil {
		return nil, err
	}
	p := &repository{git: g, rev: rev, opt: opt}
	bare, err := g.line(ctx, "rev-parse", "--is-bare-repository")
	if err != nil {
		return nil, err
	}
	if p.gitDir, err = g.line(ctx, "rev-parse", "--absolute-git-dir"); err != nil {
		return nil, err
	}
	inside, err := g.line(ctx, "rev-parse", "--is-inside-work-tree")
	if err != nil {
		return nil, err
	}
	switch {
	case inside == "true":
		prefix, err := g.line(ctx, "rev-parse", "--show-prefix")
		if err != nil {
			return nil, err
		}
		p.prefix, p.work = strings.TrimSuffix(prefix, "/"), dir
	case bare != "true" || filepath.Base(p.gitDir) == ".git":
		return nil, fail(Unsupported, "the work tree of %s is elsewhere (core.worktree or core.bare), so it can't be compared with the commit", p.gitDir).
			hint("run in the work tree: -C DIR")
	}
	return p, nil
}

// find is the id of the commit that a revision names.
func (p *repository) find(ctx context.Context, rev string) (string, error) {
	oid, err := p.git.line(ctx, "rev-parse", "--verify", rev+"^{commit}")
	var failed *gitError
	if errors.As(err, &failed) {
		if any, err := p.git.line(ctx, "rev-list", "--all", "--max-count=1"); err == nil && any == "" {
			return "", fail(NotFound, "the repository has no commit yet").hint("commit first, or name the folder as it is with dir:.")
		}
		return "", fail(NotFound, "revision %q is not known, or names no single commit", rev).because(failed).
			hint("git rev-parse %s^{commit} must print one id; in a shallow clone, git fetch --unshallow", rev)
	}
	if err != nil {
		return "", err
	}
	return oid, attest.Digest{Algorithm: "gitCommit", Hex: oid}.Validate()
}

// read takes the commit's folder from the object database: every object on the way from the commit is hashed against its id.
func (p *repository) read(ctx context.Context, rev string) (*commit, error) {
	oid, err := p.find(ctx, rev)
	if err != nil {
		return nil, err
	}
	b, err := p.git.objects(ctx)
	if err != nil {
		return nil, err
	}
	defer b.close()
	c, err := readCommit(b, oid, p.prefix)
	if err != nil {
		return nil, err
	}
	if err := c.readBlobs(b); err != nil {
		return nil, err
	}
	if len(c.tree) == 0 {
		return nil, fail(Empty, "commit %.12s has no files%s", oid, inFolder(p.prefix)).hint("commit some, or use -C DIR to name a folder that has some")
	}
	return c, nil
}

func inFolder(prefix string) string {
	if prefix == "" {
		return ""
	}
	return " in " + prefix
}

// digests are the commit, and its folder's tree in the SHA-256 object format.
func (c *commit) digests() attest.DigestSet {
	set := c.tree.digests()
	set["gitCommit"] = c.oid
	return set
}

func (c *commit) notes() []string {
	var out []string
	if len(c.lfs) > 0 {
		out = append(out, fmt.Sprintf("%d files are Git LFS pointers and are hashed and scanned as pointers: %s", len(c.lfs), some(c.lfs)))
	}
	if links := linksOut(c.tree); len(links) > 0 {
		out = append(out, fmt.Sprintf("%d symbolic links point out of the tree; they are hashed, and left out of scans: %s", len(links), some(links)))
	}
	var modules []string
	for i := range c.tree {
		if c.tree[i].mode == modeGitlink {
			modules = append(modules, c.tree[i].path)
		}
	}
	if len(modules) > 0 {
		out = append(out, fmt.Sprintf("%d submodules are materials of their own and are not part of the scans: %s", len(modules), some(modules)))
	}
	if _, ok := c.tree.dirHash(); !ok {
		out = append(out, noDirHash)
	}
	return out
}

func (p *repository) rehash(ctx context.Context) (attest.DigestSet, error) {
	c, err := p.read(ctx, p.rev)
	if err != nil {
		return nil, err
	}
	if err := p.checkClean(ctx, c, false); err != nil {
		return nil, err
	}
	return c.digests(), nil
}

func (p *repository) verify(ctx context.Context) error {
	c, err := p.read(ctx, p.commit.oid)
	if err != nil {
		return err
	}
	if got, want := c.digests()["gitTree256"], p.commit.digests()["gitTree256"]; got != want {
		return fail(DigestMismatch, "commit %.12s: gitTree256 was %s and is %s", c.oid, want, got)
	}
	return nil
}
