// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/sealock-dev/sealock/attest/predicate"
)

const (
	// maxCompared is the size up to which two versions of a file are compared. Of a larger one every line counts as added.
	maxCompared = 16 << 20
	// contextLines are looked at around lines that matter: a name may stand on an old line and its secret on a new one.
	contextLines = 3
	maxGitPath   = 64 << 10
)

// Where findings in messages are said to be: in the files in which Git has them written. No tree can hold a file of such a name.
const (
	CommitMessage = ".git/COMMIT_EDITMSG"
	TagMessage    = ".git/TAG_EDITMSG"
)

// ScanGitRange looks at what the commits of a range added, "main..HEAD" for example, or a single revision for all its history, and at their messages. A
// merge is compared with all its parents, so that what the merge itself brought is seen.
func ScanGitRange(ctx context.Context, repoDir, revs string, opt Options) (predicate.Findings, error) {
	return scanGit(ctx, repoDir, opt, func(ctx context.Context, repo *repository) ([]string, error) {
		commits, err := repo.commits(ctx, revs)
		if err == nil && len(commits) == 0 {
			err = fmt.Errorf("%w: there is no commit in %q", ErrNothing, revs)
		}
		return commits, err
	})
}

// ScanGitCommits is ScanGitRange for commits that are known by their ids.
func ScanGitCommits(ctx context.Context, repoDir string, commits []string, opt Options) (predicate.Findings, error) {
	return scanGit(ctx, repoDir, opt, func(context.Context, *repository) ([]string, error) { return commits, whole(commits) })
}

// ScanGitTags looks at the messages of annotated tags, which are known by their ids. What the tags name is not looked at.
func ScanGitTags(ctx context.Context, repoDir string, tags []string, opt Options) (predicate.Findings, error) {
	return run(ctx, opt, func(s *scan) error {
		repo, err := openRepository(repoDir, opt)
		if err == nil {
			err = whole(tags)
		}
		if err != nil {
			return err
		}
		objects, err := repo.blobs(s.ctx)
		if err != nil {
			return err
		}
		defer objects.kill()
		return s.messages(objects, "tag", TagMessage, tags)
	})
}

// whole demands ids in full, and at least one.
func whole(ids []string) error {
	if len(ids) == 0 {
		return fmt.Errorf("%w: no commit was named", ErrNothing)
	}
	for _, id := range ids {
		if (len(id) != 40 && len(id) != 64) || strings.Trim(id, "0123456789abcdef") != "" {
			return fmt.Errorf("commit %.100q: expected the id of a commit in full", id)
		}
	}
	return nil
}

func scanGit(ctx context.Context, repoDir string, opt Options, list func(context.Context, *repository) ([]string, error)) (predicate.Findings, error) {
	return run(ctx, opt, func(s *scan) error {
		repo, err := openRepository(repoDir, opt)
		if err != nil {
			return err
		}
		commits, err := list(s.ctx, repo)
		if err != nil {
			return err
		}
		cutOff, err := repo.shallow(s.ctx)
		if err != nil {
			return err
		}
		for _, id := range commits {
			if cutOff[id] {
				s.skip("history before commit " + id + " (shallow clone)")
			}
		}
		s.scope.Commits = len(commits)
		return s.history(repo, commits)
	})
}

// messages looks at what people wrote about commits or tags. It is sent with them, and stays as long as they do.
func (s *scan) messages(objects *blobs, kind, path string, ids []string) error {
	for _, id := range ids {
		_, r, err := objects.object(id, kind)
		if err != nil {
			return err
		}
		message := bufio.NewReader(r)
		for line := []byte{0}; err == nil && len(bytes.TrimRight(line, "\n")) > 0; { // an empty line ends the header
			line, err = message.ReadSlice('\n')
			if errors.Is(err, bufio.ErrBufferFull) {
				err = nil
			}
		}
		if err == nil {
			err = s.text(fragment{path: path, commit: id, line: 1, column: 1}, message, s.opt.MaxFile)
		} else if errors.Is(err, io.EOF) {
			err = nil // it has no message
		}
		if closed := r.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return fmt.Errorf("reading %s %s: %w", kind, id, err)
		}
	}
	return nil
}

// change is one file that a commit wrote.
type change struct {
	commit string
	path   string
	mode   string
	blob   string
	old    []string // its versions in the parents
}

// history looks at every change of the commits.
func (s *scan) history(repo *repository, commits []string) error {
	objects, err := repo.blobs(s.ctx)
	if err != nil {
		return err
	}
	defer objects.kill()
	list, err := repo.start(s.ctx, strings.NewReader(strings.Join(commits, "\n")+"\n"), false, "diff-tree", "--stdin", "-r", "-c", "--root", "--raw", "-z",
		"--no-abbrev", "--no-renames", "--no-relative", "--no-ext-diff", "--no-textconv", "--ignore-submodules=none")
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	err = readChanges(list.out, func(c change) error {
		key := c.path + "\x00" + c.blob + "\x00" + strings.Join(c.old, "")
		if seen[key] {
			return nil // the same change on another branch
		}
		seen[key] = true
		return s.change(objects, c)
	})
	if err != nil {
		list.kill()
		return err
	}
	if err := list.wait(); err != nil {
		return err
	}
	return s.messages(objects, "commit", CommitMessage, commits)
}

// readChanges reads what diff-tree --stdin --raw -z prints: commit ids, and for each file ":modes ids status" and its path, all of them ended by NUL. A
// merge's entry has as many colons as parents.
func readChanges(r *bufio.Reader, visit func(change) error) error {
	commit := ""
	for {
		token, err := readToken(r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading the list of changes: %w", err)
		}
		if !strings.HasPrefix(token, ":") {
			commit = token
			continue
		}
		body := strings.TrimLeft(token, ":")
		parents := len(token) - len(body)
		fields := strings.Fields(body)
		if len(fields) != 2*(parents+1)+1 || commit == "" {
			return fmt.Errorf("reading the list of changes: entry %.200q of commit %s has an unknown form", token, commit)
		}
		path, err := readToken(r)
		if err != nil {
			return fmt.Errorf("reading the list of changes: the path after %.200q: %w", token, err)
		}
		ids := fields[parents+1:]
		c := change{commit: commit, path: path, mode: fields[parents], blob: ids[parents]}
		for i, id := range ids[:parents] {
			// A version that is no file (nothing, a submodule) has no lines.
			if mode := fields[i]; mode != "000000" && mode != "160000" {
				c.old = append(c.old, id)
			}
		}
		if c.mode == "000000" {
			continue // deleted
		}
		if err := visit(c); err != nil {
			return err
		}
	}
}

// readToken reads up to the next NUL.
func readToken(r *bufio.Reader) (string, error) {
	var token []byte
	for {
		part, err := r.ReadSlice(0)
		token = append(token, part...)
		switch {
		case len(token) > maxGitPath:
			return "", fmt.Errorf("%w: a path of more than %d bytes", ErrLimit, maxGitPath)
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(token) > 0:
			return "", io.ErrUnexpectedEOF
		case err != nil:
			return "", err
		}
		return string(token[:len(token)-1]), nil
	}
}

// change looks at the lines that a commit added to a file, or at all of it if it is new, large or no text.
func (s *scan) change(objects *blobs, c change) error {
	it := item{name: c.path, inner: c.path, commit: c.commit}
	if c.mode == "160000" {
		s.skip(c.path + " (submodule)")
		return nil
	}
	looked, err := s.admit(it)
	if err != nil || !looked {
		return err
	}
	size, r, err := objects.open(c.blob)
	if err != nil {
		return fmt.Errorf("%s in commit %s: %w", clean(c.path), c.commit, err)
	}
	s.scope.Files++
	s.scope.Bytes += size
	whole := &counted{r: r}
	if len(c.old) == 0 || size > maxCompared {
		err = s.content(it, whole, size)
		if closed := r.Close(); err == nil {
			err = closed
		}
		return cmp.Or(s.failed(whole), err)
	}
	data, err := io.ReadAll(whole)
	if closed := r.Close(); err == nil {
		err = closed
	}
	if err == nil && int64(len(data)) != size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return fmt.Errorf("reading %s in commit %s: %w", clean(c.path), c.commit, err)
	}
	if head := data[:min(len(data), sniffSize)]; archiveFormat(head) != "" || bytes.IndexByte(head, 0) >= 0 {
		err := s.content(it, bytes.NewReader(data), size)
		return cmp.Or(s.limit, err)
	}
	return s.added(objects, it, data, c.old)
}

// added looks at the lines of data that none of the old versions has.
func (s *scan) added(objects *blobs, it item, data []byte, old []string) error {
	const mark = "\xef\xbb\xbf" // byte order mark
	known := map[string]int{}
	for _, id := range old {
		size, r, err := objects.open(id)
		if err != nil {
			return fmt.Errorf("%s before commit %s: %w", clean(it.name), it.commit, err)
		}
		var before []byte
		if size <= maxCompared {
			before, err = io.ReadAll(r)
		}
		if closed := r.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return fmt.Errorf("reading %s before commit %s: %w", clean(it.name), it.commit, err)
		}
		counts := map[string]int{}
		for line := range bytes.Lines(bytes.TrimPrefix(before, []byte(mark))) {
			counts[strings.TrimRight(string(line), "\r\n")]++
		}
		for line, n := range counts {
			known[line] = max(known[line], n)
		}
	}
	var lines [][]byte
	var spans []span
	for line := range bytes.Lines(bytes.TrimPrefix(data, []byte(mark))) {
		lines = append(lines, line)
		text := strings.TrimRight(string(line), "\r\n")
		if known[text] > 0 {
			known[text]--
			continue
		}
		n := len(lines)
		if last := len(spans) - 1; last >= 0 && spans[last].to == n-1 {
			spans[last].to = n
		} else {
			spans = append(spans, span{n, n})
		}
	}
	return s.regions(it, lines, spans)
}

// regions looks at added lines with the lines around them.
func (s *scan) regions(it item, lines [][]byte, added []span) error {
	for _, w := range widen(added, len(lines)) {
		at := fragment{path: it.name, commit: it.commit, line: w.from, column: 1, added: added}
		if err := s.text(at, bytes.NewReader(bytes.Join(lines[w.from-1:w.to], nil)), maxCompared); err != nil {
			return err
		}
	}
	return nil
}

// widen adds contextLines to both sides of spans, which are in order, and joins those that then meet. Lines go from 1 to last.
func widen(spans []span, last int) []span {
	var out []span
	for _, s := range spans {
		from, to := max(s.from-contextLines, 1), min(s.to+contextLines, last)
		if n := len(out); n > 0 && from <= out[n-1].to+1 {
			out[n-1].to = max(out[n-1].to, to)
			continue
		}
		out = append(out, span{from, to})
	}
	return out
}
