// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"strings"
)

// converted gives those of the files with other bytes that no conversion explains: the content behind a Git LFS pointer, or line
// endings where the repository's attributes or core.autocrlf ask for them. No filter is run to find out.
func (w *workTree) converted(ctx context.Context, root *os.Root, t tree) ([]string, error) {
	if len(t) == 0 {
		return nil, nil
	}
	b, err := w.git.objects(ctx)
	if err != nil {
		return nil, err
	}
	defer b.close()
	oids := make([]string, len(t))
	for i := range t {
		oids[i] = t[i].oid
	}
	var differ, endings []string
	err = b.read(oids, "blob", func(i int, size int64, r io.Reader) error {
		var pointer []byte
		var err error
		if size <= maxPointer {
			if pointer, err = io.ReadAll(r); err != nil {
				return err
			}
		}
		switch same, err := sameConverted(ctx, root, &t[i], pointer); {
		case err != nil:
			return err
		case same == isLFS:
		case same == isText:
			endings = append(endings, t[i].path)
		default:
			differ = append(differ, t[i].path)
		}
		return nil
	})
	if err != nil || len(endings) == 0 {
		return differ, err
	}
	asked, err := w.textFiles(ctx, endings)
	for _, p := range endings {
		if !asked[p] {
			differ = append(differ, p)
		}
	}
	return differ, err
}

type conversion int

const (
	none conversion = iota
	isLFS
	isText
)

func sameConverted(ctx context.Context, root *os.Root, e *entry, pointer []byte) (conversion, error) {
	info, err := root.Lstat(e.path)
	if err != nil {
		return none, err
	}
	f, size, err := openRegular(root, e.path, info)
	if err != nil {
		return none, err
	}
	defer f.Close()
	if sum, want, ok := parsePointer(pointer); ok && size == want {
		h := sha256.New()
		if _, err := io.Copy(h, io.LimitReader(&reader{ctx, f}, size)); err != nil {
			return none, err
		}
		if hex.EncodeToString(h.Sum(nil)) == sum {
			return isLFS, nil
		}
		return none, nil
	}
	if size > maxNormalize {
		return none, nil
	}
	raw, err := io.ReadAll(io.LimitReader(f, size))
	if err != nil || rawID(e.oid, bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))) != e.oid {
		return none, err
	}
	return isText, nil
}

// textFiles are those of the paths whose line endings Git is asked to convert.
func (w *workTree) textFiles(ctx context.Context, paths []string) (map[string]bool, error) {
	auto := w.setting(ctx, "core.autocrlf", "true", "input")
	out, err := w.git.filter(ctx, []byte(strings.Join(paths, "\x00")+"\x00"), "check-attr", "-z", "--stdin", "text", "eol", "crlf")
	if err != nil {
		return nil, err
	}
	text := map[string]bool{}
	f := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	for ; len(f) >= 3; f = f[3:] {
		p, attr, value := f[0], f[1], f[2]
		switch {
		case value == "set", value == "auto", attr == "eol" && value == "crlf", auto && attr == "text" && value == "unspecified":
			text[p] = true
		}
	}
	return text, nil
}
