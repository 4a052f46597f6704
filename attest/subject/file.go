// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/scanners"
)

// file is a file: subject.
type file struct {
	path string
	want attest.DigestSet
}

// namedFile is the path that was named, and the file behind it. That a link was followed is noted.
func namedFile(r *Resolved, opt Options) (named, behind string, err error) {
	named = at(opt.Dir, r.Ref.Path)
	if behind, err = existing(named); err != nil {
		return "", "", err
	}
	if isLink(named) {
		r.Notes = append(r.Notes, fmt.Sprintf("%s is a symbolic link, resolved to the file %s", r.Ref.Path, filepath.Base(behind)))
	}
	return named, behind, nil
}

func resolveFile(ctx context.Context, r *Resolved, opt Options) error {
	named, p, err := namedFile(r, opt)
	if err != nil {
		return err
	}
	f := &file{path: p}
	if f.want, err = f.rehash(ctx); err != nil {
		return err
	}
	r.Subject = attest.Subject{Name: filepath.Base(named), Digest: f.want}
	r.content = f
	return nil
}

func (f *file) rehash(ctx context.Context) (attest.DigestSet, error) {
	src, size, err := openFile(f.path)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	if size > MaxSingleFile {
		return nil, fail(Limit, "the file has %d bytes, limit %d", size, int64(MaxSingleFile))
	}
	a, b := sha256.New(), sha512.New()
	n, err := io.Copy(io.MultiWriter(a, b), io.LimitReader(&reader{ctx, src}, size+1))
	if err != nil {
		return nil, err
	}
	if n != size {
		return nil, fail(Changed, "the file changed while it was read: %d bytes, then %d", size, n).hint("let nothing write there while sealock runs")
	}
	return attest.DigestSet{"sha256": hex.EncodeToString(a.Sum(nil)), "sha512": hex.EncodeToString(b.Sum(nil))}, nil
}

func (f *file) verify(ctx context.Context) error { return same(ctx, f, f.want) }

func (f *file) sources(ctx context.Context, _ string, r *Resolved) ([]scanners.Source, error) {
	if err := f.verify(ctx); err != nil {
		return nil, err
	}
	return []scanners.Source{{Kind: scanners.File, Path: f.path, Subject: r.Subject}}, nil
}

// openFile opens the regular file at a path whose links are resolved.
func openFile(p string) (*os.File, int64, error) {
	root, err := os.OpenRoot(filepath.Dir(p))
	if err != nil {
		return nil, 0, notFound(err)
	}
	defer root.Close()
	info, err := root.Lstat(filepath.Base(p))
	if err != nil {
		return nil, 0, notFound(err)
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fail(Unsupported, "is %s, expected a regular file", kindOf(info)).hint("for a folder write dir:PATH or oci-layout:DIR")
	}
	return openRegular(root, filepath.Base(p), info)
}

// reader stops when the context does.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
