// SPDX-License-Identifier: Apache-2.0

package secrets

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// maxGitText is how much of an answer of git that is no file content is read.
const maxGitText = 256 << 20

// repository runs git on one repository. Nothing that the repository's configuration names is executed: only plumbing
// commands are used, which take no hook, pager, filter, diff or textconv program, and what might start one is switched off besides.
type repository struct {
	git  string // absolute path
	dir  string
	safe []string // -c safe.directory=…
}

// openRepository finds git. It is never taken from the current folder or from the repository.
func openRepository(dir string, opt Options) (*repository, error) {
	git := opt.Git
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("finding the repository: %w", err)
	}
	if git == "" {
		if git, err = exec.LookPath("git"); err != nil {
			return nil, fmt.Errorf("finding git: %w; install git, or put it on the PATH", err)
		}
	}
	if !filepath.IsAbs(git) {
		return nil, fmt.Errorf("git is at %q: expected an absolute path", git)
	}
	if rel, err := filepath.Rel(dir, git); err == nil && filepath.IsLocal(rel) {
		return nil, fmt.Errorf("git is at %q, inside the repository that is scanned: take that folder off the PATH", git)
	}
	r := &repository{git: git, dir: dir}
	for _, folder := range opt.Trusted {
		r.safe = append(r.safe, "-c", "safe.directory="+folder)
	}
	return r, nil
}

// command prepares one git command with an environment of its own.
func (r *repository) command(ctx context.Context, args ...string) *exec.Cmd {
	// #nosec G204 -- the path is absolute, and what stands in args is fixed or a checked revision
	cmd := exec.CommandContext(ctx, r.git, append([]string{"-C", r.dir, "--no-pager", "--no-replace-objects",
		"-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.DevNull, "-c", "diff.external=", "-c", "core.pager=cat",
		"-c", "core.commitGraph=false", "-c", "protocol.allow=never", "-c", "diff.orderFile="}, slices.Concat(r.safe, args)...)...)
	cmd.Env = []string{"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_ATTR_NOSYSTEM=1", "GIT_OPTIONAL_LOCKS=0",
		"GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none", "GIT_GRAFT_FILE=" + os.DevNull, "LC_ALL=C"}
	return cmd
}

// output runs a git command to its end and gives what it printed.
func (r *repository) output(ctx context.Context, args ...string) ([]byte, error) {
	p, err := r.start(ctx, nil, false, args...)
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(p.out, maxGitText+1))
	if err == nil && len(out) > maxGitText {
		err = fmt.Errorf("%w: git %s printed more than %d bytes", ErrLimit, args[0], maxGitText)
	}
	if stopped := p.wait(); err == nil {
		err = stopped
	}
	return out, err
}

// process is a running git command.
type process struct {
	cmd    *exec.Cmd
	cancel context.CancelFunc
	in     io.WriteCloser
	out    *bufio.Reader
	stderr bytes.Buffer
	name   string
}

// start runs a git command that reads stdin, or what is written to p.in where dialogue is set.
func (r *repository) start(ctx context.Context, stdin io.Reader, dialogue bool, args ...string) (*process, error) {
	ctx, cancel := context.WithCancel(ctx)
	p := &process{cmd: r.command(ctx, args...), cancel: cancel, name: args[0]}
	p.cmd.Stdin = stdin
	p.cmd.Stderr = &capped{b: &p.stderr}
	out, err := p.cmd.StdoutPipe()
	if err == nil && dialogue {
		p.in, err = p.cmd.StdinPipe()
	}
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		cancel()
		return nil, fmt.Errorf("running git %s: %w", p.name, err)
	}
	p.out = bufio.NewReaderSize(out, 64<<10)
	return p, nil
}

// wait ends the command and says how it went. What it still prints is read and dropped.
func (p *process) wait() error {
	if p.in != nil {
		_ = p.in.Close()
	}
	_, _ = io.Copy(io.Discard, p.out)
	err := p.cmd.Wait()
	p.cancel()
	if err == nil {
		return nil
	}
	said := strings.TrimSpace(p.stderr.String())
	if strings.Contains(said, "dubious ownership") {
		said = "the repository belongs to another user; run as its owner, or change the owner of the checkout"
	}
	return fmt.Errorf("git %s: %w: %s", p.name, err, clean(said))
}

// kill ends the command at once.
func (p *process) kill() {
	p.cancel()
	_ = p.wait()
}

// capped keeps the first 4 KiB of what is written.
type capped struct{ b *bytes.Buffer }

func (c *capped) Write(p []byte) (int, error) {
	if room := 4<<10 - c.b.Len(); room > 0 {
		c.b.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

// commits lists the commits of a range, the oldest first.
func (r *repository) commits(ctx context.Context, revs string) ([]string, error) {
	if revs == "" || strings.HasPrefix(revs, "-") || strings.ContainsAny(revs, " \t\r\n\x00") {
		return nil, fmt.Errorf("range of commits %q: expected one like main..HEAD, or a revision for all its history", revs)
	}
	out, err := r.output(ctx, "rev-list", "--topo-order", "--reverse", "--end-of-options", revs, "--")
	if err != nil {
		return nil, fmt.Errorf("listing the commits of %q: %w", revs, err)
	}
	list := strings.Fields(string(out))
	if len(list) > maxCommits {
		return nil, fmt.Errorf("%w: %d commits in %q, expected at most %d; scan a shorter range", ErrLimit, len(list), revs, maxCommits)
	}
	return list, nil
}

// shallow lists the commits whose parents were not fetched.
func (r *repository) shallow(ctx context.Context) (map[string]bool, error) {
	out, err := r.output(ctx, "rev-parse", "--git-path", "shallow")
	if err != nil {
		return nil, err
	}
	name := strings.TrimSuffix(string(out), "\n")
	if !filepath.IsAbs(name) {
		name = filepath.Join(r.dir, name)
	}
	data, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	cutOff := map[string]bool{}
	for _, id := range strings.Fields(string(data)) {
		cutOff[id] = true
	}
	return cutOff, err
}

// blobs reads objects through one cat-file process.
type blobs struct{ *process }

func (r *repository) blobs(ctx context.Context) (*blobs, error) {
	p, err := r.start(ctx, nil, true, "cat-file", "--batch")
	if err != nil {
		return nil, err
	}
	return &blobs{p}, nil
}

// open gives a blob's size and content. The content must be closed before the next object is opened.
func (b *blobs) open(id string) (int64, io.ReadCloser, error) { return b.object(id, "blob") }

// object is open for an object of a kind: blob, commit or tag.
func (b *blobs) object(id, kind string) (int64, io.ReadCloser, error) {
	if _, err := io.WriteString(b.in, id+"\n"); err != nil {
		return 0, nil, fmt.Errorf("asking git for %s %s: %w", kind, id, err)
	}
	head, err := b.out.ReadString('\n')
	if err != nil {
		return 0, nil, fmt.Errorf("reading %s %s: %w", kind, id, err)
	}
	f := strings.Fields(head)
	if len(f) != 3 || f[0] != id || f[1] != kind {
		return 0, nil, fmt.Errorf("reading %s %s: expected a %s, found %q; fetch the missing objects (git fetch --refetch)", kind, id, kind, strings.TrimSpace(head))
	}
	size, err := strconv.ParseInt(f[2], 10, 64)
	if err != nil || size < 0 {
		return 0, nil, fmt.Errorf("reading %s %s: size %q is no number", kind, id, f[2])
	}
	return size, &blob{Reader: io.LimitReader(b.out, size), b: b, size: size}, nil
}

// blob is the content of one blob; Close skips what was not read.
type blob struct {
	io.Reader
	b    *blobs
	size int64
}

func (b *blob) Close() error {
	if _, err := io.Copy(io.Discard, b.Reader); err != nil {
		return err
	}
	c, err := b.b.out.ReadByte()
	if err == nil && c != '\n' {
		err = errors.New("git's answer is out of step")
	}
	return err
}
