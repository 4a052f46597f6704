// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // Git's own object format; what is compared is gitTree256 too
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"unicode"
)

// objects reads objects from the database through one `git cat-file --batch`, and hashes each against its id.
type objects struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr *Capped
	cancel context.CancelFunc
	ctx    context.Context
}

func (g *git) objects(ctx context.Context) (*objects, error) {
	run, cancel := context.WithCancel(ctx)
	b := &objects{cmd: g.command(run, "cat-file", "--batch"), stderr: &Capped{Limit: 8 << 10, Cut: true}, cancel: cancel, ctx: ctx}
	b.cmd.Stderr = b.stderr
	var out io.Reader
	var err error
	if b.in, err = b.cmd.StdinPipe(); err == nil {
		if out, err = b.cmd.StdoutPipe(); err == nil {
			err = b.cmd.Start()
		}
	}
	if err != nil {
		cancel()
		return nil, err
	}
	b.out = bufio.NewReaderSize(out, 256<<10)
	return b, nil
}

// close ends the process.
func (b *objects) close() {
	b.in.Close()
	b.cancel()
	_ = b.cmd.Wait() // it was stopped; what it said was heard by read
}

// read gives the objects with these ids to visit, in order. What visit leaves unread is read and hashed for it.
func (b *objects) read(oids []string, want string, visit func(i int, size int64, r io.Reader) error) error {
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		w := bufio.NewWriter(b.in)
		for _, oid := range oids {
			if _, err := w.WriteString(oid + "\n"); err != nil {
				return // the process ended; the reader says why
			}
		}
		_ = w.Flush()
	}()
	for i, oid := range oids {
		err := b.one(oid, want, func(size int64, r io.Reader) error { return visit(i, size, r) })
		if err != nil {
			b.cancel()
			b.in.Close()
			<-sent
			if b.ctx.Err() != nil {
				return b.ctx.Err()
			}
			return err
		}
	}
	<-sent
	return nil
}

func (b *objects) one(oid, want string, visit func(size int64, r io.Reader) error) error {
	head, err := b.out.ReadSlice('\n')
	if err != nil {
		return b.broken(oid, err)
	}
	f := strings.Fields(string(head))
	if len(f) == 2 && f[1] == "missing" {
		return fail(NotFound, "object %.12s is not in the repository", oid).hint("in a shallow or partial clone, fetch the rest first: git fetch --unshallow, or git fetch --refetch")
	}
	if len(f) != 3 || f[0] != oid {
		return fmt.Errorf("reading object %.12s: git cat-file answered %.100q", oid, head)
	}
	size, err := strconv.ParseInt(f[2], 10, 64)
	switch {
	case err != nil || size < 0:
		return fmt.Errorf("reading object %.12s: git cat-file answered %.100q", oid, head)
	case f[1] != want:
		return fail(Malformed, "object %.12s is a %s, expected a %s", oid, f[1], want)
	case want != "blob" && size > MaxTreeObject:
		return fail(Limit, "%s %.12s has %d bytes, limit %d", want, oid, size, MaxTreeObject)
	case size > MaxFileBytes:
		return fail(Limit, "blob %.12s has %d bytes, limit %d", oid, size, int64(MaxFileBytes))
	}
	h := native(oid)
	fmt.Fprintf(h, "%s %d\x00", want, size)
	body := &io.LimitedReader{R: b.out, N: size}
	r := io.TeeReader(body, h)
	if err := visit(size, r); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, r); err != nil {
		return b.broken(oid, err)
	}
	if body.N != 0 {
		return b.broken(oid, io.ErrUnexpectedEOF)
	}
	if end, err := b.out.ReadByte(); err != nil || end != '\n' {
		return b.broken(oid, errors.Join(err, io.ErrUnexpectedEOF))
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != oid {
		return fail(DigestMismatch, "object database: %s %s holds content of %s", want, oid, got).hint("the repository is damaged: git fsck, or clone it again")
	}
	return nil
}

func (b *objects) broken(oid string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		b.in.Close()
		_ = b.cmd.Wait() // ends the copying of stderr
	}
	return fmt.Errorf("reading object %.12s: %w %s", oid, err, Redact(b.stderr.String()))
}

// native is the hash of the repository's object format.
func native(oid string) hash.Hash {
	if len(oid) == 2*sha256.Size {
		return sha256.New()
	}
	return sha1.New() //nolint:gosec // as above
}

// treeEntry is one line of a Git tree object.
type treeEntry struct {
	mode uint32
	name string
	oid  string
}

// parseTree reads a tree object: "mode name\0" and the id in binary, sorted, each name once.
func parseTree(raw []byte, oidLen int) ([]treeEntry, error) {
	var out []treeEntry
	last := ""
	names := map[string]bool{}
	for len(raw) > 0 {
		head, rest, ok := bytes.Cut(raw, []byte{0})
		mode, name, spaced := strings.Cut(string(head), " ")
		if !ok || !spaced || len(rest) < oidLen/2 {
			return nil, fail(Malformed, "tree object ends in the middle of an entry")
		}
		m, err := strconv.ParseUint(mode, 8, 32)
		if err != nil {
			return nil, fail(Malformed, "tree entry %.100q has mode %.20q", name, mode)
		}
		e := treeEntry{uint32(m), name, hex.EncodeToString(rest[:oidLen/2])}
		if e.mode&0o170000 == 0o100000 { // 100664 and the like are from before Git settled on two modes of files
			if e.mode&0o100 != 0 {
				e.mode = modeExec
			} else {
				e.mode = modeFile
			}
		}
		if err := checkName(name); err != nil {
			return nil, err
		}
		key := name
		if e.mode == modeTree {
			key += "/"
		}
		if key <= last || names[name] {
			return nil, fail(Malformed, "tree entry %.100q is out of order or there twice", name)
		}
		names[name], last = true, key
		out, raw = append(out, e), rest[oidLen/2:]
	}
	return out, nil
}

// checkName refuses what Git itself refuses as a name in a tree, on every system: it would lead out of the tree, or into a .git.
func checkName(name string) error {
	if name == "" || name == "." || name == ".." || strings.ContainsRune(name, '/') || isDotGit(name) {
		return fail(Malformed, "tree entry %.100q: Git allows no such name", name).hint("the commit was not made by Git; don't trust it")
	}
	return nil
}

// isDotGit reports whether some file system takes the name for .git: case, characters that HFS+ ignores, and what NTFS drops
// at the end or gives as a short name.
func isDotGit(name string) bool {
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
	plain, _, _ = strings.Cut(plain, ":")
	plain = strings.TrimRight(plain, ". ")
	return plain == ".git" || plain == "git~1"
}
