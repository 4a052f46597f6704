// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/scanners"
)

// tree is the files of a source: those that may be configuration are in memory, the others can be read.
type tree struct {
	entries    map[string]scanners.FileEntry
	folders    map[string]bool // of entries
	candidates []candidate     // in the order of the walk
	charts     []string        // folders of charts that are in no other chart
	inner      []string        // folders of charts in charts
	kustom     []string        // folders with a kustomization
	references []reference     // of candidates, into folders that are left out
	suppressed []predicate.Suppressed
	skipped    []skip
	files      int
	bytes      int64
	room       int64    // for text of candidates
	wide       []string // types of resources that mean something for all modules
}

// candidate is a file that may be configuration.
type candidate struct {
	file  file // without its text if that is read again
	class class
	size  int64
	calls []string // folders of modules that a Terraform file calls
	wide  bool     // it may have what means something for all modules
}

// maxHeld bounds the text of candidates that is kept from the walk; what is beyond it is read again.
const maxHeld = 4 << 20

// walk reads what may be configuration.
func walk(ctx context.Context, files scanners.Files, include []string, keep int64, wide []string) (*tree, error) {
	t := &tree{entries: map[string]scanners.FileEntry{}, folders: map[string]bool{".": true}, room: keep, wide: wide}
	out := map[string]int{}
	err := files.Walk(ctx, func(e scanners.FileEntry) error {
		t.entries[e.Path] = e
		for dir := path.Dir(e.Path); !t.folders[dir]; dir = path.Dir(dir) {
			t.folders[dir] = true
		}
		c := byName(e.Path)
		if dir := outside(e.Path, include); dir != "" {
			if c != nothing {
				out[dir]++
			}
			return nil
		}
		if kind := ignoreFile(e.Path); kind != "" {
			t.suppressed = append(t.suppressed, predicate.Suppressed{Path: e.Path, Kind: kind})
		}
		if c == nothing {
			return nil
		}
		return t.add(e, c)
	})
	if err != nil {
		return nil, err
	}
	if len(t.entries) == 0 {
		return nil, fmt.Errorf("%w: the walk visited no file", ErrNothing)
	}
	if err := t.named(include, out); err != nil {
		return nil, err
	}
	for dir, n := range out {
		if n > 0 {
			t.skipped = append(t.skipped, skip{path: dir + "/", reason: "folder of vendored or test files", files: n})
		}
	}
	t.projects()
	return t, nil
}

// add reads a file and keeps it if it can be of use.
func (t *tree) add(e scanners.FileEntry, c class) error {
	data, err := readEntry(e, c)
	if err != nil {
		return err
	}
	t.files++
	t.bytes += int64(len(data))
	if data == nil {
		t.skipped = append(t.skipped, skip{path: e.Path, reason: fmt.Sprintf("more than %d bytes, without the words of configuration", maxFile), files: 1})
		return nil
	}
	if (c == dataFile && !ofInterest(data)) || (c == maybeDockerfile && !fromLine().Match(data)) {
		return nil
	}
	one := candidate{file: file{path: e.Path}, class: c, size: int64(len(data))}
	if c == terraformFile {
		one.calls = calledBy(file{e.Path, data}, defaultLimits())
	}
	one.wide = slices.ContainsFunc(t.wide, func(kind string) bool { return bytes.Contains(data, []byte(kind)) })
	if t.room -= one.size; t.room >= 0 {
		one.file.data = bytes.Clone(data) // without the room that reading it took
	}
	t.candidates = append(t.candidates, one)
	t.references = append(t.references, referencesOf(e.Path, c, data)...)
	return nil
}

// take is a candidate with its text, which the tree lets go of.
func (t *tree) take(n int) (candidate, error) {
	c := t.candidates[n]
	t.candidates[n].file.data = nil
	if c.file.data == nil {
		f, _, err := t.read(c.file.path)
		if err != nil {
			return c, err
		}
		c.file.data = f.data
	}
	return c, nil
}

// below is the size of the files below a folder.
func (t *tree) below(dir string) int64 {
	size := int64(0)
	for p, e := range t.entries {
		if strings.HasPrefix(p, below(dir, "")) {
			size += e.Size
		}
	}
	return size
}

// readEntry reads a file. A data file beyond the bound is nil if none of it can be configuration; else, and for other files, that is an error.
func readEntry(e scanners.FileEntry, c class) (data []byte, err error) {
	r, err := e.Open()
	if err != nil {
		return nil, fmt.Errorf("reading %q: %w", e.Path, err)
	}
	defer func() {
		if cerr := r.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("reading %q: %w", e.Path, cerr)
		}
	}()
	buf := bytes.NewBuffer(make([]byte, 0, min(max(e.Size, 0), maxFile)+bytes.MinRead))
	if _, err := buf.ReadFrom(io.LimitReader(r, maxFile+1)); err != nil {
		return nil, fmt.Errorf("reading %q: %w", e.Path, err)
	}
	if buf.Len() <= maxFile {
		return buf.Bytes(), nil
	}
	if c == dataFile {
		if may, err := restOfInterest(buf.Bytes(), r); err != nil {
			return nil, fmt.Errorf("reading %q: %w", e.Path, err)
		} else if !may {
			return nil, nil
		}
	}
	return nil, fmt.Errorf("%w: %q has more than %d bytes; leave it out of the subject, or split it", ErrLimit, e.Path, maxFile)
}

// restOfInterest is ofInterest for a file that does not fit into memory, by the words one for one, wherever they stand.
func restOfInterest(head []byte, rest io.Reader) (bool, error) {
	const chunk, overlap = 1 << 20, 64
	seen := map[string]bool{}
	look := func(part []byte) {
		for _, w := range slices.Concat(append(words(), escaped())...) {
			if !seen[w] && bytes.Contains(part, []byte(w)) {
				seen[w] = true
			}
		}
	}
	look(head)
	buf := slices.Clone(head[max(0, len(head)-overlap):])
	for {
		keep := len(buf)
		buf = slices.Grow(buf, chunk)[:keep+chunk]
		n, err := io.ReadFull(rest, buf[keep:])
		buf = buf[:keep+n]
		look(buf)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return false, err
		}
		buf = append(buf[:0], buf[max(0, len(buf)-overlap):]...)
	}
	var text []byte
	for w := range seen {
		text = append(append(text, w...), ' ')
	}
	return ofInterest(text), nil
}

// projects finds the charts and kustomizations among the candidates.
func (t *tree) projects() {
	var charts []string
	for _, c := range t.candidates {
		switch c.class { //nolint:exhaustive // the others are read one by one
		case chartFile:
			charts = append(charts, path.Dir(c.file.path))
		case kustomizationFile:
			t.kustom = append(t.kustom, path.Dir(c.file.path))
		}
	}
	slices.Sort(charts)
	for _, dir := range slices.Compact(charts) {
		inner := slices.ContainsFunc(charts, func(parent string) bool { return parent != dir && strings.HasPrefix(dir, below(parent, "charts/")) })
		if inner {
			t.inner = append(t.inner, dir)
		} else {
			t.charts = append(t.charts, dir)
		}
	}
	slices.Sort(t.kustom)
	t.kustom = slices.Compact(t.kustom)
}

// below is the prefix of the paths below a folder.
func below(dir, rest string) string {
	if dir == "." {
		return rest
	}
	return dir + "/" + rest
}

// isTemplate reports whether a file is a template of a chart, which is judged as it is rendered.
func (t *tree) isTemplate(p string) bool {
	return slices.ContainsFunc(slices.Concat(t.charts, t.inner), func(dir string) bool { return strings.HasPrefix(p, below(dir, "templates/")) })
}

// read gives a file of the tree by its path. It is an error that wraps ErrLimit if the file is too large.
func (t *tree) read(p string) (file, bool, error) {
	e, ok := t.entries[p]
	if !ok {
		return file{}, false, nil
	}
	data, err := readEntry(e, nothing)
	if err != nil {
		return file{}, false, err
	}
	return file{path: p, data: data}, true, nil
}

// lookup gives YAML files of the tree to parsers; what can't be read is not there for them, the walk has it as well.
func (t *tree) lookup(p string) (file, bool) {
	if ext := path.Ext(p); ext != ".yml" && ext != ".yaml" {
		return file{}, false
	}
	f, ok, err := t.read(path.Clean(strings.TrimPrefix(p, "/")))
	return f, ok && err == nil
}
