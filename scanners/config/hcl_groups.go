// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// anywhere stands for a call of a module whose folder is known only when it is evaluated.
const anywhere = "*"

// plainSource is the usual form of a module's source, and sourceWord every other as well.
var (
	plainSource = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?:^|[^\w-])source[ \t]*=[ \t]*"([^"\\$%\n]*)"`) })
	sourceWord  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?:^|[^\w-])source(?:[^\w-]|$)`) })
)

// calledBy are the folders of the tree that a Terraform file calls as modules, or more than those. The file is parsed only where its words do not tell.
func calledBy(f file, lim limits) []string {
	if isVars(f.path) || !bytes.Contains(f.data, []byte("module")) {
		return nil
	}
	words := len(sourceWord().FindAllIndex(f.data, -1))
	if words == 0 {
		return nil
	}
	plain := plainSource().FindAllSubmatch(f.data, -1)
	if path.Ext(f.path) == ".json" || len(plain) != words {
		return parsedCalls(f, lim)
	}
	out := map[string]bool{}
	for _, m := range plain {
		if p, ok := localSource(moduleFolder(f.path), string(m[1])); ok {
			out[p] = true
		}
	}
	return slices.Sorted(maps.Keys(out))
}

func moduleFolder(file string) string { return strings.TrimPrefix(path.Dir(file), ".") }

// parsedCalls is calledBy by the file's blocks.
func parsedCalls(f file, lim limits) (out []string) {
	defer func() {
		if recover() != nil { // the parser of others gave up; it will say so again
			out = []string{anywhere}
		}
	}()
	src, _ := parseSource(f, lim)
	if src == nil {
		return nil
	}
	for _, b := range src.body.Blocks {
		a := b.Body.Attributes["source"]
		if b.Type != "module" || a == nil {
			continue
		}
		v, diags := a.Expr.Value(nil)
		switch p, ok := localSource(moduleFolder(f.path), fromKnown(v)); {
		case diags.HasErrors() && !elsewhere(a.Expr):
			out = append(out, anywhere)
		case !diags.HasErrors() && ok:
			out = append(out, p)
		}
	}
	return out
}

// elsewhere reports whether a text that is not known as a whole begins as none of a folder of the tree does.
func elsewhere(e hclsyntax.Expression) bool {
	t, ok := e.(*hclsyntax.TemplateExpr)
	if !ok || len(t.Parts) == 0 {
		return false
	}
	v, diags := t.Parts[0].Value(nil)
	s, isText := fromKnown(v).(string)
	return !diags.HasErrors() && isText && s != "" && !strings.HasPrefix(s, ".")
}

// connected puts folders together that are to be evaluated together, since one calls the other. What calls a folder that nobody knows yet is put
// together with all.
func connected(folders map[string][]string) [][]string {
	parent := map[string]string{}
	root := func(p string) string {
		for parent[p] != p {
			parent[p] = parent[parent[p]]
			p = parent[p]
		}
		return p
	}
	for p := range folders {
		parent[p] = p
	}
	for p, others := range folders {
		for _, o := range others {
			if _, there := folders[o]; there {
				parent[root(o)] = root(p)
			}
		}
		if slices.Contains(others, anywhere) {
			for o := range folders {
				parent[root(o)] = root(p)
			}
		}
	}
	byRoot := map[string][]string{}
	for _, p := range slices.Sorted(maps.Keys(folders)) {
		byRoot[root(p)] = append(byRoot[root(p)], p)
	}
	out := slices.Collect(maps.Values(byRoot))
	slices.SortFunc(out, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return out
}
