// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"bytes"
	"encoding/hex"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// folderAt is a tree object and the path at which it hangs, empty or ending in a slash.
type folderAt struct{ path, oid string }

// readCommit lists the commit's files below prefix, without their content.
func readCommit(b *objects, oid, prefix string) (*commit, error) {
	c := &commit{oid: oid}
	var root string
	err := b.read([]string{oid}, "commit", func(_ int, _ int64, r io.Reader) error {
		raw, err := io.ReadAll(r)
		root, c.time = parseCommit(string(raw))
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(root) != len(oid) || strings.Trim(root, "0123456789abcdef") != "" {
		return nil, fail(Malformed, "commit %.12s names no tree", oid)
	}
	if prefix != "" {
		for _, name := range strings.Split(prefix, "/") {
			trees, err := readTrees(b, []folderAt{{oid: root}})
			if err != nil {
				return nil, err
			}
			i := slices.IndexFunc(trees[0], func(e treeEntry) bool { return e.name == name && e.mode == modeTree })
			if i < 0 {
				return nil, fail(NotFound, "commit %.12s has no folder %s", oid, prefix).hint("commit the folder first, or name it as it is with dir:.")
			}
			root = trees[0][i].oid
		}
	}
	c.tree, err = listTree(b, root)
	return c, err
}

// listTree lists all files below a tree object, level by level.
func listTree(b *objects, root string) (tree, error) {
	var out tree
	folders := 0
	for level := []folderAt{{oid: root}}; len(level) > 0; {
		trees, err := readTrees(b, level)
		if err != nil {
			return nil, err
		}
		var next []folderAt
		for i, entries := range trees {
			for _, e := range entries {
				p := level[i].path + e.name
				if err := checkPath(p); err != nil {
					return nil, err
				}
				switch e.mode {
				case modeTree:
					next = append(next, folderAt{p + "/", e.oid})
				case modeFile, modeExec, modeLink, modeGitlink:
					out = append(out, entry{path: p, mode: e.mode, oid: e.oid})
				default:
					return nil, fail(Malformed, "tree entry %.200q has mode %o, which Git does not know", p, e.mode)
				}
			}
			if folders += 1; len(out) > MaxEntries || folders+len(next) > MaxEntries {
				return nil, fail(Limit, "more than %d files or folders", MaxEntries).hint("use -C DIR to name a smaller folder")
			}
		}
		level = next
	}
	out.sort()
	return out, nil
}

func readTrees(b *objects, at []folderAt) ([][]treeEntry, error) {
	oids := make([]string, len(at))
	for i := range at {
		oids[i] = at[i].oid
	}
	out := make([][]treeEntry, len(at))
	err := b.read(oids, "tree", func(i int, _ int64, r io.Reader) error {
		raw, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		out[i], err = parseTree(raw, len(oids[i]))
		return err
	})
	return out, err
}

// parseCommit takes the tree's id and the commit time from a commit object's header.
func parseCommit(raw string) (root string, at time.Time) {
	header, _, _ := strings.Cut(raw, "\n\n")
	for i, line := range strings.Split(header, "\n") {
		key, value, _ := strings.Cut(line, " ")
		switch {
		case i == 0 && key == "tree":
			root = value
		case key == "committer" && at.IsZero():
			f := strings.Fields(value[strings.LastIndexByte(value, '>')+1:])
			if len(f) > 0 {
				if sec, err := strconv.ParseInt(f[0], 10, 64); err == nil && sec > 0 && sec < 1<<37 {
					at = time.Unix(sec, 0).UTC()
				}
			}
		}
	}
	return root, at
}

// readBlobs reads and hashes the content of all files and links, each object once.
func (c *commit) readBlobs(b *objects) error {
	byOID := map[string][]int{}
	var oids []string
	for i := range c.tree {
		e := &c.tree[i]
		if e.mode == modeGitlink {
			raw, err := hex.DecodeString(e.oid)
			if err != nil {
				return err
			}
			copy(e.id[:], raw)
			continue
		}
		if byOID[e.oid] == nil {
			oids = append(oids, e.oid)
		}
		byOID[e.oid] = append(byOID[e.oid], i)
	}
	var count tally
	return b.read(oids, "blob", func(i int, size int64, r io.Reader) error {
		at := byOID[oids[i]]
		for _, k := range at {
			if err := count.add(c.tree[k].path, size); err != nil {
				return err
			}
		}
		var small bytes.Buffer
		if size <= MaxLinkBytes {
			r = io.TeeReader(r, &small)
		}
		first := c.tree[at[0]]
		if err := first.hashFile(r, size); err != nil {
			return err
		}
		_, _, lfs := parsePointer(small.Bytes())
		for _, k := range at {
			e := &c.tree[k]
			e.id, e.sum, e.size = first.id, first.sum, size
			switch {
			case e.mode == modeLink && size > MaxLinkBytes:
				return fail(Limit, "link %s has %d bytes, limit %d", e.path, size, MaxLinkBytes)
			case e.mode == modeLink:
				e.text = small.String()
			case lfs:
				c.lfs = append(c.lfs, e.path)
			}
		}
		return nil
	})
}

var pointerForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\Aversion https://git-lfs\.github\.com/spec/v1\n(?:ext-[^\n]*\n)*oid sha256:([0-9a-f]{64})\nsize ([0-9]{1,18})\n\z`)
})

// parsePointer reads a Git LFS pointer file (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md).
func parsePointer(b []byte) (sum string, size int64, ok bool) {
	if len(b) == 0 || len(b) > maxPointer {
		return "", 0, false
	}
	m := pointerForm().FindSubmatch(b)
	if m == nil {
		return "", 0, false
	}
	size, err := strconv.ParseInt(string(m[2]), 10, 64)
	return string(m[1]), size, err == nil
}
