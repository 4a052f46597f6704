// SPDX-License-Identifier: Apache-2.0

package pins

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sealock-dev/sealock/attest/subject"
)

// ErrLimit says that a repository is larger, or there are more of them, than is asked.
var ErrLimit = errors.New("past a limit")

const (
	maxRepositories = 500
	maxRefs         = 64 << 20 // bytes of a listing of refs
	askedAtOnce     = 4
	defaultTimeout  = 2 * time.Minute
	defaultBytes    = 512 << 20
	sizeInterval    = 200 * time.Millisecond
)

// Asker asks repositories by Git's own protocol: first for the list of their branches and tags; where no one of these is the commit itself, for the
// commits behind them, without any file.
type Asker struct {
	Server  string        // https://github.com, or that of another installation
	Git     string        // the program's absolute path
	Env     []string      // variables that Git gets as they are: PATH, HOME, proxies
	TempDir string        // where commits lie while they are looked through
	Timeout time.Duration // for each repository; 0: two minutes
	Bytes   int64         // of each repository on disk; 0: 512 MiB
}

// Ask asks each repository of the pins once, a few at a time. The error is about the question itself; what one repository did not answer is in its
// Answer.
func (a Asker) Ask(ctx context.Context, pins []Pin) (map[string]Answer, error) {
	base, err := a.base()
	if err != nil {
		return nil, err
	}
	commits := map[string][]string{}
	var order []string
	for _, p := range pins {
		k := key(p.Repository)
		if commits[k] == nil {
			order = append(order, k)
		}
		commits[k] = append(commits[k], p.Commit)
	}
	if len(order) > maxRepositories {
		return nil, fmt.Errorf("%w: actions of %d repositories, at most %d are asked", ErrLimit, len(order), maxRepositories)
	}
	answers := make([]Answer, len(order))
	g := new(errgroup.Group)
	g.SetLimit(askedAtOnce)
	for n, k := range order {
		g.Go(func() error {
			answers[n] = a.one(ctx, base.JoinPath(k), commits[k])
			return nil
		})
	}
	if err := errors.Join(g.Wait(), ctx.Err()); err != nil {
		return nil, err
	}
	out := make(map[string]Answer, len(order))
	for n, k := range order {
		out[k] = answers[n]
	}
	return out, nil
}

// base is the server's address.
func (a Asker) base() (*url.URL, error) {
	u, err := url.Parse(a.Server)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the server for pins: %w", err)
	case u.Scheme != "https" && u.Scheme != "http", u.Host == "":
		return nil, fmt.Errorf("the server for pins is %q: expected an address such as https://github.com", u.Redacted())
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return nil, fmt.Errorf("the server for pins is %q: expected no user, query or fragment", u.Redacted())
	case !filepath.IsAbs(a.Git):
		return nil, fmt.Errorf("git is at %q: expected an absolute path", a.Git)
	}
	return u, nil
}

// one asks one repository about commits.
func (a Asker) one(ctx context.Context, repository *url.URL, commits []string) (answer Answer) {
	timeout, limit := a.Timeout, a.Bytes
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	if limit <= 0 {
		limit = defaultBytes
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no answer within %s", timeout))
	defer cancel()
	dir, err := os.MkdirTemp(a.TempDir, "sealock-pins-")
	if err != nil {
		return Answer{Err: fmt.Errorf("making a folder: %w", err)}
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil && answer.Err == nil {
			answer = Answer{Err: fmt.Errorf("removing a folder: %w", err)}
		}
	}()
	g := &git{exe: a.Git, dir: dir, scheme: repository.Scheme, env: a.Env}
	answer, tips, err := g.refs(ctx, repository.String())
	if err != nil {
		return Answer{Err: err}
	}
	answer.Own = map[string]bool{}
	open := map[string]bool{}
	for _, c := range commits {
		if tips[c] {
			answer.Own[c] = true
		} else {
			open[c] = true
		}
	}
	if len(open) == 0 || len(tips) == 0 {
		return answer
	}
	if err := g.fetch(ctx, repository.String(), tips, limit); err != nil {
		return Answer{Err: err}
	}
	if err := g.reached(ctx, open, answer.Own); err != nil {
		return Answer{Err: err}
	}
	return answer
}

// refs lists branches and tags: the commit of each tag, and all commits that one of them names.
func (g *git) refs(ctx context.Context, repository string) (Answer, map[string]bool, error) {
	out := &subject.Capped{Limit: maxRefs}
	err := g.run(ctx, out, "ls-remote", "--quiet", "--refs", "--heads", "--", repository)
	if err == nil {
		err = g.run(ctx, out, "ls-remote", "--quiet", "--tags", "--", repository)
	}
	switch {
	case out.Over:
		return Answer{}, nil, fmt.Errorf("%w: its list of branches and tags takes more than %d bytes", ErrLimit, maxRefs)
	case err != nil:
		return Answer{}, nil, err
	}
	answer, tips := Answer{Tags: map[string]string{}}, map[string]bool{}
	for line := range strings.Lines(out.String()) {
		id, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		tag, isTag := strings.CutPrefix(name, "refs/tags/")
		if !ok || !isTag && !strings.HasPrefix(name, "refs/heads/") {
			continue
		}
		tips[id] = true
		if isTag { // of an annotated tag the line with ^{} follows, and is the commit
			answer.Tags[strings.TrimSuffix(tag, "^{}")] = id
		}
	}
	return answer, tips, nil
}

// fetch gets the commits behind branches and tags.
func (g *git) fetch(ctx context.Context, repository string, tips map[string]bool, limit int64) error {
	format := "sha1"
	for id := range tips {
		if len(id) == 64 {
			format = "sha256"
		}
	}
	if err := g.run(ctx, io.Discard, "init", "--quiet", "--bare", "--template=", "--object-format="+format); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for {
			select {
			case <-done:
				return
			case <-time.After(sizeInterval):
				if size(g.dir) > limit {
					cancel(fmt.Errorf("%w: its history takes more than %d bytes", ErrLimit, limit))
					return
				}
			}
		}
	}()
	err := g.run(ctx, io.Discard, "fetch", "--quiet", "--filter=tree:0", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules", "--",
		repository, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
	close(done)
	<-watched
	return err
}

// reached marks the commits that a branch or tag reaches. They are looked for among all there are and not by their ids: asked for an object that it
// does not have, Git could get it from the server, which gives a fork's too.
func (g *git) reached(ctx context.Context, open, own map[string]bool) error {
	return g.each(ctx, func(line []byte) {
		if id := string(line); open[id] {
			own[id] = true
		}
	}, "rev-list", "--all")
}

// size is how many bytes lie in a folder. What vanishes meanwhile counts nothing.
func size(dir string) int64 {
	var n int64
	_ = filepath.WalkDir(dir, func(_ string, e os.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // files of a running fetch come and go
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			n += info.Size()
		}
		return nil
	})
	return n
}

// lines calls f for each line.
func lines(r io.Reader, f func([]byte)) error {
	s := bufio.NewScanner(r)
	for s.Scan() {
		f(bytes.TrimSpace(s.Bytes()))
	}
	return s.Err()
}
