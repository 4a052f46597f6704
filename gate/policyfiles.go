// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Bounds of a policy folder.
const (
	maxPolicyFiles = 2000
	maxPolicyBytes = 32 << 20
	// maxPolicyArchive leaves room for headers: an archive may hold folders without end and no byte of content.
	maxPolicyArchive = maxPolicyBytes + maxPolicyFiles*4096
)

func readPolicyDir(dir string) (map[string][]byte, error) {
	files, total := map[string][]byte{}, int64(0)
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		part, err := partOfPolicy(filepath.ToSlash(rel))
		switch {
		case e.IsDir() && e.Name() == ".git" && rel != ".":
			return filepath.SkipDir
		case e.IsDir():
			return nil
		case err != nil || !part:
			return err
		case !e.Type().IsRegular():
			return fmt.Errorf("%s is not a regular file: links and devices are not allowed in a policy", rel)
		}
		data, err := readBounded(name, maxPolicyBytes-total)
		if err != nil {
			return err
		}
		total += int64(len(data))
		files[filepath.ToSlash(rel)] = data
		if len(files) > maxPolicyFiles {
			return fmt.Errorf("holds more than %d files", maxPolicyFiles)
		}
		return nil
	})
	return files, err
}

// partOfPolicy reports whether a file belongs to a policy: hidden folders don't. What looks like part of a policy and would never be read is an
// error: a rule or a revocation that nobody evaluates is worse than none.
func partOfPolicy(name string) (bool, error) {
	hidden := strings.Contains("/"+path.Dir(path.Join("policy", name)), "/.")
	lower := strings.ToLower(name)
	switch {
	case strings.HasSuffix(lower, ".rego") && hidden && !strings.Contains("/"+name, "/.git/"):
		return false, fmt.Errorf("%s is a rule in a hidden folder, where none is read\nhint: move it, or remove it", name)
	case strings.HasSuffix(lower, ".rego") && !strings.HasSuffix(name, ".rego"):
		return false, fmt.Errorf("%s would not be read as a rule\nhint: rules are files named *.rego, in lower case", name)
	}
	for _, known := range []string{"policy", "waivers", "baseline", "revoked"} {
		if (lower == known+".yml" || lower == known+".yaml") && name != known+".yaml" {
			return false, fmt.Errorf("%s would not be read\nhint: name it %s.yaml", name, known)
		}
	}
	return !hidden, nil
}

func readBounded(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s: policy holds more than %d bytes", name, maxPolicyBytes)
	}
	return data, err
}

func readPolicyArchive(name string) (map[string][]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return unpackPolicy(f)
}

func unpackPolicy(r io.Reader) (map[string][]byte, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("expected a folder or a .tar.gz: %w", err)
	}
	files, total := map[string][]byte{}, int64(0)
	unpacked := &io.LimitedReader{R: z, N: maxPolicyArchive}
	for t := tar.NewReader(unpacked); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if unpacked.N <= 0 {
			return nil, fmt.Errorf("unpacks to more than %d bytes", maxPolicyArchive)
		}
		if err != nil {
			return nil, err
		}
		clean := path.Clean(strings.TrimPrefix(h.Name, "./"))
		switch {
		case h.Typeflag == tar.TypeDir:
			continue
		case h.Typeflag != tar.TypeReg, strings.HasPrefix(clean, "../"), path.IsAbs(clean):
			return nil, fmt.Errorf("entry %q: only regular files inside the archive are allowed", h.Name)
		case files[clean] != nil:
			return nil, fmt.Errorf("entry %q stands twice", h.Name)
		}
		if part, err := partOfPolicy(clean); err != nil {
			return nil, err
		} else if !part {
			continue
		}
		data, err := io.ReadAll(io.LimitReader(t, maxPolicyBytes-total+1))
		if err != nil {
			return nil, err
		}
		if total += int64(len(data)); total > maxPolicyBytes || len(files) >= maxPolicyFiles {
			return nil, fmt.Errorf("holds more than %d bytes or %d files", maxPolicyBytes, maxPolicyFiles)
		}
		files[clean] = data
	}
}
