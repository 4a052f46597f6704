// SPDX-License-Identifier: Apache-2.0

package config

import (
	"encoding/base64"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Bounds of files that Terraform's functions read.
const (
	maxReadFile   = 64 << 10 // bytes of a file that becomes a value: policies, templates, scripts
	maxReadText   = 16 << 20 // bytes of all of them
	maxAnyFolders = 2        // times ** in a pattern
	parsedBytes   = 16       // bytes of a template or a YAML text that count as one step of an evaluation
)

// tfFiles are the files of the tree beside a module, as functions read them. Nothing outside of the tree is ever opened: read knows only what the walk
// gave, by its path below the root.
type tfFiles struct {
	read func(path string) (file, bool, error)
	all  func() []string // the paths of the tree, in order
	text map[string]*string
	used int
}

// get is the text of a file; nil if there is none, or it is not one that can be a value.
func (f *tfFiles) get(p string) *string {
	if f == nil || f.read == nil {
		return nil
	}
	if t, known := f.text[p]; known {
		return t
	}
	var t *string
	if one, ok, err := f.read(p); ok && err == nil && len(one.data) <= maxReadFile && f.used+len(one.data) <= maxReadText {
		s := string(one.data)
		f.used += len(s)
		t = &s
	}
	if f.text == nil {
		f.text = map[string]*string{}
	}
	f.text[p] = t
	return t
}

// reading are the functions that read a file of the tree, or text as a template or YAML. What can't be read stays as it is written.
func (s *scope) reading(name string, e *hclsyntax.FunctionCallExpr, args []any) (any, bool) {
	if len(args) == 0 {
		return nil, false
	}
	switch name {
	case "abspath", "pathexpand":
		return args[0], true
	case "file", "filebase64", "fileexists", "templatefile":
	case "fileset":
		return s.fileset(e, args), true
	case "templatestring":
		if t, ok := args[0].(string); ok && len(args) == 2 {
			return s.filled(e.Range().Filename, t, args[1], e), true
		}
		return nil, false
	case "yamldecode":
		if t, ok := args[0].(string); ok && len(args) == 1 {
			return s.yaml(t, e), true
		}
		return nil, false
	default:
		return nil, false
	}
	p, ok := s.located(args[0])
	if !ok {
		return s.unknown(e), true
	}
	t := s.mod.files.get(p)
	switch {
	case name == "fileexists" && t != nil:
		return true, true
	case t == nil || !utf8.ValidString(*t) && name != "filebase64":
		return s.unknown(e), true
	case name == "file" && len(args) == 1:
		return *t, true
	case name == "filebase64" && len(args) == 1:
		return base64.StdEncoding.EncodeToString([]byte(*t)), true
	case name == "templatefile" && len(args) == 2:
		return s.filled(p, *t, args[1], e), true
	}
	return s.unknown(e), true
}

// fileset is the files below a folder whose paths fit a pattern.
func (s *scope) fileset(e *hclsyntax.FunctionCallExpr, args []any) any {
	if len(args) != 2 || s.mod.files == nil || s.mod.files.all == nil {
		return s.unknown(e)
	}
	dir, ok := s.located(args[0])
	pattern, isText := args[1].(string)
	if _, err := path.Match(pattern, ""); !ok || !isText || err != nil || strings.ContainsAny(pattern, "{}") || strings.Count(pattern, "**") > maxAnyFolders {
		return s.unknown(e)
	}
	out := []any{}
	for _, p := range s.mod.files.all() {
		if s.mod.steps--; s.mod.steps < 0 || len(out) > maxRange {
			return s.unknown(e)
		}
		if rest, inside := strings.CutPrefix(p, below(dir, "")); inside && globbed(strings.Split(pattern, "/"), strings.Split(rest, "/")) {
			out = append(out, rest)
		}
	}
	return out
}

// globbed says whether the parts of a path are those of a pattern, where ** stands for any number of folders.
func globbed(pattern, parts []string) bool {
	for i, want := range pattern {
		if want == "**" {
			for skip := i; skip <= len(parts); skip++ {
				if globbed(pattern[i+1:], parts[skip:]) {
					return true
				}
			}
			return false
		}
		if i >= len(parts) {
			return false
		}
		if same, err := path.Match(want, parts[i]); err != nil || !same {
			return false
		}
	}
	return len(pattern) == len(parts)
}

// located is the path in the tree that a function is given. Terraform runs in the folder of the root module.
func (s *scope) located(v any) (string, bool) {
	given, _, ok := render(v)
	folder := s.mod.root
	for _, base := range []struct{ name, folder string }{{"${path.module}", s.mod.path}, {"${path.root}", s.mod.root}, {"${path.cwd}", s.mod.root}} {
		if rest, cut := strings.CutPrefix(given, base.name); cut {
			given, folder = "./"+rest, base.folder
			break
		}
	}
	if !ok || given == "" || strings.Contains(given, "${") || strings.HasPrefix(given, "/") || strings.HasPrefix(given, "~") {
		return "", false
	}
	p := path.Join(folder, given)
	return p, p != ".." && !strings.HasPrefix(p, "../")
}

// filled is a template with variables put in.
func (s *scope) filled(name, t string, vars any, e hclsyntax.Expression) any {
	object, ok := vars.(map[string]any)
	s.mod.steps -= len(t) / parsedBytes
	if !ok || s.inTemplate || s.mod.steps < 0 {
		return s.unknown(e)
	}
	data := []byte(t)
	if !shallow(data, maxDepth) {
		if tokens, _ := hclsyntax.LexTemplate(data, name, hcl.InitialPos); nesting(tokens, maxDepth) != nil {
			return s.unknown(e)
		}
	}
	parsed, diags := hclsyntax.ParseTemplate(data, name, hcl.InitialPos)
	if diags.HasErrors() {
		return s.fail(e)
	}
	in := &scope{mod: s.mod, src: &tfSource{path: name, text: data}, depth: s.depth, failed: s.failed, inTemplate: true}
	for _, k := range sortedKeys(object) {
		in.names = &binding{k, object[k], in.names}
	}
	return in.eval(parsed)
}

// yaml is the value of a text with one YAML document.
func (s *scope) yaml(t string, e hclsyntax.Expression) any {
	if s.mod.steps -= len(t) / parsedBytes; s.mod.steps < 0 {
		return s.unknown(e)
	}
	docs, problems, err := readYAML(file{path: "yamldecode", data: []byte(t)}, yaml12, limits{nodes: maxValueNodes, depth: maxDepth})
	if err != nil || len(problems) > 0 || len(docs) != 1 {
		return s.fail(e)
	}
	return docs[0].value
}
