// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"sort"
	"strings"

	"github.com/sealock-dev/sealock/attest"
)

// Modes of tree entries, as Git writes them (gitformat-tree in git-scm.com/docs; Git knows no others).
const (
	modeFile    = 0o100644
	modeExec    = 0o100755
	modeLink    = 0o120000
	modeGitlink = 0o160000
	modeTree    = 0o040000
)

// entry is one file, link or submodule of a tree. Paths are slash-separated and relative to the subject's root.
type entry struct {
	path string
	mode uint32
	oid  string            // Git: the object's id in the repository's own format
	id   [sha256.Size]byte // id in the SHA-256 object format
	sum  [sha256.Size]byte // files: sha256 of the content
	size int64
	text string // links: where they point
}

func (e *entry) file() bool { return e.mode == modeFile || e.mode == modeExec }

// tree is the content of a source subject, sorted by path.
type tree []entry

// sort orders by path, byte by byte. That is also Git's order within each folder: a folder sorts as if its name ended in a slash.
func (t tree) sort() { sort.Slice(t, func(i, j int) bool { return t[i].path < t[j].path }) }

// digests are gitTree256, and dirHash where it is defined (it has no form for names with a newline).
func (t tree) digests() attest.DigestSet {
	id := t.id(0)
	set := attest.DigestSet{"gitTree256": hex.EncodeToString(id[:])}
	if h, ok := t.dirHash(); ok {
		set["dirHash"] = h
	}
	return set
}

// id is the tree's object id in Git's SHA-256 format. The first skip bytes of every path are the folder that is hashed.
func (t tree) id(skip int) [sha256.Size]byte {
	var body bytes.Buffer
	for i := 0; i < len(t); {
		rel := t[i].path[skip:]
		slash := strings.IndexByte(rel, '/')
		if slash < 0 {
			fmt.Fprintf(&body, "%o %s\x00", t[i].mode, rel)
			body.Write(t[i].id[:])
			i++
			continue
		}
		folder := t[i].path[:skip+slash+1]
		j := i + 1
		for j < len(t) && strings.HasPrefix(t[j].path, folder) {
			j++
		}
		id := t[i:j].id(len(folder))
		fmt.Fprintf(&body, "%o %s\x00", modeTree, rel[:slash])
		body.Write(id[:])
		i = j
	}
	return sha256.Sum256(append(fmt.Appendf(nil, "tree %d\x00", body.Len()), body.Bytes()...))
}

// dirHash is the hex of the sha256 over the list that golang.org/x/mod/sumdb/dirhash calls Hash1, of the regular files.
func (t tree) dirHash() (string, bool) {
	h := sha256.New()
	for i := range t {
		if !t[i].file() {
			continue
		}
		if strings.Contains(t[i].path, "\n") {
			return "", false
		}
		fmt.Fprintf(h, "%x  %s\n", t[i].sum, t[i].path)
	}
	return hex.EncodeToString(h.Sum(nil)), true
}

// hashFile reads exactly size bytes and sets the entry's hashes.
func (e *entry) hashFile(r io.Reader, size int64) error {
	sum, id := sha256.New(), blobHash(sha256.New(), size)
	n, err := io.Copy(io.MultiWriter(sum, id), io.LimitReader(r, size+1))
	if err != nil {
		return err
	}
	if n != size {
		return fail(Changed, "%s changed while it was read: %d bytes, then %d", e.path, size, n).hint("let nothing write there while sealock runs")
	}
	sum.Sum(e.sum[:0])
	id.Sum(e.id[:0])
	e.size = size
	return nil
}

func (e *entry) hashLink(text string) {
	e.text, e.size = text, int64(len(text))
	h := blobHash(sha256.New(), e.size)
	h.Write([]byte(text)) // a hash never fails
	h.Sum(e.id[:0])
}

// blobHash is h with the header that Git puts before a blob's content.
func blobHash(h hash.Hash, size int64) hash.Hash {
	fmt.Fprintf(h, "blob %d\x00", size)
	return h
}

// checkPath refuses what can't be a path in a tree, and past which bounds it lies.
func checkPath(p string) error {
	if len(p) > MaxPathBytes {
		return fail(Limit, "path %.100q… has %d bytes, limit %d", p, len(p), MaxPathBytes)
	}
	if n := strings.Count(p, "/"); n >= MaxTreeDepth {
		return fail(Limit, "path %.100q… is nested deeper than %d", p, MaxTreeDepth)
	}
	return nil
}

// tally counts what a tree holds, against the bounds.
type tally struct{ entries, bytes int64 }

func (c *tally) add(path string, size int64) error {
	c.entries++
	c.bytes += size
	switch {
	case c.entries > MaxEntries:
		return fail(Limit, "more than %d files", MaxEntries).hint("leave out what is no source")
	case size > MaxFileBytes:
		return fail(Limit, "%s has %d bytes, limit %d", path, size, int64(MaxFileBytes))
	case c.bytes > MaxTreeBytes:
		return fail(Limit, "more than %d bytes in all files", int64(MaxTreeBytes)).hint("leave out what is no source")
	}
	return nil
}

// below reports whether the slash-separated path is one of the roots or lies below one.
func below(p string, roots []string) bool {
	for _, r := range roots {
		if p == r || strings.HasPrefix(p, r+"/") {
			return true
		}
	}
	return false
}
