// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// reference is what a file names: a folder with a Terraform module or an action, or a file.
type reference struct {
	path string // below the root of the tree
	kind class
}

// namer finds in the text of a kind of file what it takes over from others; from the root of the tree, or from its own folder.
type namer struct {
	pattern  *regexp.Regexp
	kind     class
	fromRoot bool
}

// namers are by the class of the file, the class of data files for those that only their content tells.
var namers = sync.OnceValue(func() map[class][]namer {
	uses := namer{regexp.MustCompile(`(?m)^[ \t]*(?:-[ \t]+)?["']?uses["']?[ \t]*:[ \t]*["']?\./([^\s"'#@]+)`), githubFile, true}
	include := namer{regexp.MustCompile(`(?m)^[ \t]*(?:-[ \t]+)?(?:(?:file|path|include)[ \t]*:[ \t]*)?\[?["']?([^\s"'#:\[\]{},]+\.ya?ml)["']?\]?[ \t]*(?:#.*)?\r?$`), dataFile, false}
	extends := namer{regexp.MustCompile(`\bextends["']?[ \t]*:[ \t]*\{[^}\n]*\bfile["']?[ \t]*:[ \t]*["']?([^\s"'#:\[\]{},]+\.ya?ml)`), dataFile, false}
	local := namer{regexp.MustCompile(`(?m)^[ \t]*(?:-[ \t]+["']?/|(?:-[ \t]+)?(?:local|include)[ \t]*:[ \t]*\[?["']?/?)([^\s"'#:\[\]{},]+\.ya?ml)["']?\]?[ \t]*(?:#.*)?\r?$`), gitlabFile, true}
	module := namer{regexp.MustCompile(`(?m)["']?\bsource["']?[ \t]*[=:][ \t]*"(\.\.?/[^"$]+)"`), terraformFile, false}
	return map[class][]namer{terraformFile: {module}, githubFile: {uses}, dataFile: {uses}, composeFile: {include, extends}, gitlabFile: {local}}
})

// referencesOf are the references of a file into folders that are left out. Most files have none, and are not searched.
func referencesOf(p string, c class, data []byte) []reference {
	if !slices.ContainsFunc(leftOut(), func(dir string) bool { return bytes.Contains(data, []byte(dir)) }) && outside(p, nil) == "" {
		return nil
	}
	var out []reference
	for _, n := range namers()[c] {
		for _, m := range n.pattern.FindAllSubmatch(data, maxReferred) {
			at := path.Clean(string(m[1]))
			if !n.fromRoot {
				at = path.Join(path.Dir(p), at)
			}
			if at != ".." && !strings.HasPrefix(at, "../") {
				out = append(out, reference{at, n.kind})
			}
		}
	}
	return out
}

// maxReferred is how many references of one file are followed.
const maxReferred = 1_000

// named adds the files in left-out folders that a file which is judged takes over: modules of Terraform, actions, and files that Compose and GitLab
// include or extend; then what these take over. count is how many files of each folder are left out.
func (t *tree) named(include []string, count map[string]int) error {
	if len(t.references) == 0 {
		return nil
	}
	modules := map[string][]string{} // files of Terraform in left-out folders, by their own
	for p := range t.entries {
		if byName(p) == terraformFile && outside(p, include) != "" {
			modules[path.Dir(p)] = append(modules[path.Dir(p)], p)
		}
	}
	taken := map[string]bool{}
	for next := 0; next < len(t.references); next++ {
		for _, p := range t.references[next].files(modules) {
			e, there := t.entries[p]
			dir := outside(p, include)
			if !there || dir == "" || taken[p] {
				continue
			}
			taken[p] = true
			count[dir]--
			if err := t.add(e, t.references[next].class(p)); err != nil {
				return err
			}
		}
	}
	return nil
}

// files are those that a reference may mean.
func (r reference) files(modules map[string][]string) []string {
	switch r.kind { //nolint:exhaustive // the others are files
	case terraformFile:
		return slices.Sorted(slices.Values(modules[r.path]))
	case githubFile:
		return []string{path.Join(r.path, "action.yml"), path.Join(r.path, "action.yaml"), r.path}
	}
	return []string{r.path}
}

// class is what a file is, as it is named so.
func (r reference) class(p string) class {
	if c := byName(p); c != dataFile {
		return c
	}
	return r.kind
}
