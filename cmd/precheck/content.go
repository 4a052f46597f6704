// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/sealock-dev/sealock/scanners"
)

// maxOpened bounds a file that is read as a whole.
const maxOpened = 64 << 20

// stream gives scanners the content of entries one after the other, out of one process. A file can be opened while it is visited.
type stream struct {
	repo    *repository
	entries []entry
}

var _ scanners.Files = stream{}

func (s stream) Walk(ctx context.Context, visit func(scanners.FileEntry) error) error {
	return s.repo.git.Blobs(ctx, ids(s.entries), func(i int, size int64, r io.Reader) error {
		return visit(scanners.FileEntry{Path: s.entries[i].path, Size: size, Open: func() (io.ReadCloser, error) { return io.NopCloser(r), nil }})
	})
}

func ids(entries []entry) []string {
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = e.id
	}
	return out
}

// random gives scanners the names of all entries, and the content of those they ask for, whenever they do. It keeps what was asked for.
type random struct {
	repo    *repository
	entries []entry
	sizes   []int64

	mu     sync.Mutex
	opened map[string]string // path → id
	loaded map[string][]byte // id → content that is likely to be asked for
}

var _ scanners.Files = (*random)(nil)

func (s *random) Walk(ctx context.Context, visit func(scanners.FileEntry) error) error {
	for i, e := range s.entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		open := func() (io.ReadCloser, error) { return s.open(ctx, e) }
		if err := visit(scanners.FileEntry{Path: e.path, Size: s.sizes[i], Open: open}); err != nil {
			return err
		}
	}
	return nil
}

// newRandom learns the sizes of all entries, and reads some of them in one go.
func newRandom(ctx context.Context, repo *repository, entries, read []entry) (*random, error) {
	s := &random{repo: repo, entries: entries, opened: map[string]string{}, loaded: map[string][]byte{}}
	out, err := repo.git.Output(ctx, []byte(strings.Join(ids(entries), "\n")+"\n"), "cat-file", "--batch-check=%(objectsize)")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(out)) {
		n, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("asking git for the sizes of files: it answered %.100q\nhint: fetch the missing objects: git fetch --refetch", line)
		}
		s.sizes = append(s.sizes, n)
	}
	if len(s.sizes) != len(entries) {
		return nil, fmt.Errorf("asking git for the sizes of %d files: it answered %d", len(entries), len(s.sizes))
	}
	return s, repo.git.Blobs(ctx, ids(read), func(i int, size int64, r io.Reader) error {
		if size > maxOpened {
			return nil // refused if it is asked for
		}
		data, err := io.ReadAll(r)
		s.loaded[read[i].id] = data
		return err
	})
}

func (s *random) open(ctx context.Context, e entry) (io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened[e.path] = e.id
	if data, ok := s.loaded[e.id]; ok {
		return io.NopCloser(bytes.NewReader(data)), nil
	}
	err := s.repo.git.Blobs(ctx, []string{e.id}, func(_ int, size int64, r io.Reader) error {
		if size > maxOpened {
			return fmt.Errorf("%q has %d bytes, limit %d", e.path, size, maxOpened)
		}
		data, err := io.ReadAll(r)
		s.loaded[e.id] = data
		return err
	})
	if err != nil {
		return nil, err
	}
	return io.NopCloser(bytes.NewReader(s.loaded[e.id])), nil
}
