// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"io"
	"strings"
)

// GitReader reads one repository as git: subjects are read: nothing that the repository configures is run, nothing is fetched, no object is replaced, and
// what is read of objects is held against their ids. Only commands that read may be given to it.
type GitReader struct {
	git *git
	env []string
}

// OpenGit finds Git, outside the tree, and the repository that a folder belongs to. Of the environment only PATH, HOME and a few others are passed on.
func OpenGit(ctx context.Context, dir string, env []string) (*GitReader, error) {
	dir, err := existing(dir)
	if err != nil {
		return nil, err
	}
	g, err := openGit(ctx, dir, env)
	if err != nil {
		return nil, err
	}
	return &GitReader{g, env}, nil
}

// Program is the absolute path of Git.
func (g *GitReader) Program() string { return g.git.exe }

// Trusted are the folders of other users that the user's own configuration lets Git read (safe.directory), if this repository needs it.
func (g *GitReader) Trusted() []string {
	var out []string
	for _, setting := range g.git.safe {
		if folder, ok := strings.CutPrefix(setting, "safe.directory="); ok {
			out = append(out, folder)
		}
	}
	return out
}

// Output is what a Git command writes, within MaxGitOutput; in is what it reads.
func (g *GitReader) Output(ctx context.Context, in []byte, args ...string) ([]byte, error) {
	return g.git.filter(ctx, in, args...)
}

// Line is the output without the line break at its end.
func (g *GitReader) Line(ctx context.Context, args ...string) (string, error) {
	return g.git.line(ctx, args...)
}

// Setting is what a setting is configured to, and whether that is by the repository rather than for all of the user's. What is asked for is never followed here.
func (g *GitReader) Setting(ctx context.Context, name string) (value string, own bool) {
	for _, scope := range []string{"--worktree", "--local"} {
		if v, err := g.git.line(ctx, "config", scope, "--includes", "--get", name); err == nil {
			return v, true
		}
	}
	for _, scope := range []string{"--global", "--system"} {
		if all := configured(ctx, g.git.exe, g.env, scope, name); len(all) > 0 {
			return all[len(all)-1], false
		}
	}
	return "", false
}

// Blobs gives the content of blobs to visit, in order. What visit leaves unread is read and hashed for it.
func (g *GitReader) Blobs(ctx context.Context, ids []string, visit func(i int, size int64, r io.Reader) error) error {
	if len(ids) == 0 {
		return nil
	}
	b, err := g.git.objects(ctx)
	if err != nil {
		return err
	}
	defer b.close()
	return b.read(ids, "blob", visit)
}

// Pointers counts the blobs that are pointers of Git LFS, whose content lies elsewhere.
func (g *GitReader) Pointers(ctx context.Context, ids []string) (int, error) {
	out, err := g.git.filter(ctx, []byte(strings.Join(ids, "\n")+"\n"), "cat-file", "--batch-check=%(objectname) %(objectsize)")
	if err != nil {
		return 0, err
	}
	var small []string
	for line := range strings.Lines(string(out)) {
		if id, size, _ := strings.Cut(strings.TrimSpace(line), " "); len(size) <= 4 {
			small = append(small, id)
		}
	}
	n := 0
	err = g.Blobs(ctx, small, func(_ int, _ int64, r io.Reader) error {
		data, err := io.ReadAll(r)
		if _, _, ok := parsePointer(data); ok {
			n++
		}
		return err
	})
	return n, err
}
