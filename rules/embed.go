// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"sort"
	"strings"
)

//go:embed lib/*.rego gate/*/*.rego
var files embed.FS

// builtinPrefix stands before the path of embedded files in messages, so that no file of a policy is mistaken for one.
const builtinPrefix = "sealock/rules/"

const testSuffix = "_test.rego"

// Sources lists the embedded rules of the gate, for policies that carry the rules they are to be judged by.
func Sources() ([]Module, error) { return embedded(true, false) }

// SourcePrefix is what the paths of Sources begin with.
const SourcePrefix = builtinPrefix

// embedded lists the embedded files: the library always, the gate's rules if gate is set, tests only if tests is set.
func embedded(gate, tests bool) ([]Module, error) {
	var out []Module
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if (!gate && strings.HasPrefix(path, "gate/")) || (!tests && strings.HasSuffix(path, testSuffix)) {
			return nil
		}
		data, err := files.ReadFile(path)
		if err != nil {
			return err
		}
		out = append(out, Module{Path: builtinPrefix + path, Source: data})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the embedded rules: %w", err)
	}
	return out, nil
}

// Digest names files of rules: those of sealock, and those of a policy.
func Digest(own, policy []Module) string { return digest(slices.Concat(own, policy)) }

// digest is sha256 over the list of files, one a line as sha256sum prints it, sorted by path.
func digest(modules []Module) string {
	lines := make([]string, 0, len(modules))
	for _, m := range modules {
		sum := sha256.Sum256(m.Source)
		lines = append(lines, strings.TrimPrefix(m.Path, builtinPrefix)+"\x00"+hex.EncodeToString(sum[:]))
	}
	sort.Strings(lines)
	h := sha256.New()
	for _, l := range lines {
		path, sum, _ := strings.Cut(l, "\x00")
		fmt.Fprintf(h, "%s  %s\n", sum, path)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}
