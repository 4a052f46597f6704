// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// pinImages replaces the digest in each line "image: …/SERVICE@sha256:…" of the manifests in a folder. Every service must be there.
func pinImages(dir string, digests []string) error {
	paths, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return err
	}
	found := map[string]bool{}
	for _, p := range paths {
		old, err := os.ReadFile(p)
		if err != nil {
			return fmt.Errorf("pinning images: %w", err)
		}
		text := old
		for i, name := range services {
			line := regexp.MustCompile(`(?m)^(\s*(?:- )?image: \S+/` + name + `)@sha256:[0-9a-f]{64}$`)
			found[name] = found[name] || line.Match(text)
			text = line.ReplaceAll(text, []byte("${1}@"+digests[i]))
		}
		if string(text) == string(old) {
			continue
		}
		if err := os.WriteFile(p, text, 0o644); err != nil {
			return fmt.Errorf("pinning images: %w", err)
		}
	}
	for _, name := range services {
		if !found[name] {
			return fmt.Errorf("pinning images: no manifest in %s has an image …/%s@sha256:…", dir, name)
		}
	}
	return nil
}
