// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// reach adds those of sealock's modules that the policy's modules refer to, and those that these refer to. A reference that does not say which part of
// data it means takes them all.
func (c *compilation) reach(own []Module) error {
	queue := make([]*ast.Module, 0, len(c.modules))
	for _, m := range c.modules {
		queue = append(queue, m)
	}
	for len(queue) > 0 {
		refs := references(queue[0])
		queue = queue[1:]
		for _, m := range own {
			pkg := packageOf(m)
			if c.modules[m.Path] != nil || !slices.ContainsFunc(refs, func(r ast.Ref) bool { return mayMean(r, pkg) }) {
				continue
			}
			mod, err := c.parse(m)
			if err != nil {
				return err
			}
			c.modules[m.Path] = mod
			queue = append(queue, mod)
		}
	}
	return nil
}

// references lists what mod may mean below data: its references, an imported name replaced by what it stands for. A name that is only imported is
// an error of the compiler.
func references(mod *ast.Module) []ast.Ref {
	imported := make(map[ast.Var]ast.Ref)
	for _, i := range mod.Imports {
		if path, ok := i.Path.Value.(ast.Ref); ok {
			imported[i.Name()] = path
		}
	}
	var out []ast.Ref
	var visitor *ast.GenericVisitor
	visitor = ast.NewGenericVisitor(func(x any) bool {
		switch x := x.(type) {
		case *ast.Package, *ast.Import:
			return true
		case ast.Var:
			if path, ok := imported[x]; ok {
				out = append(out, path)
			}
		case ast.Ref:
			full := x
			if name, ok := x[0].Value.(ast.Var); !ok {
				visitor.Walk(x[0])
			} else if path, ok := imported[name]; ok {
				full = slices.Concat(path, x[1:])
			}
			out = append(out, full)
			for _, t := range x[1:] {
				visitor.Walk(t)
			}
			return true
		}
		return false
	})
	visitor.Walk(mod)
	return out
}

// packageOf is the segments below data of the package of an embedded module, whose package line is plain.
func packageOf(m Module) []string {
	for line := range strings.Lines(string(m.Source)) {
		if path, ok := strings.CutPrefix(line, "package "); ok {
			return strings.Split(strings.TrimSpace(path), ".")
		}
	}
	return nil
}

// mayMean reports whether a reference may mean the package, something in it, or something that holds it.
func mayMean(ref ast.Ref, pkg []string) bool {
	if !ref[0].Equal(ast.DefaultRootDocument) {
		return false
	}
	for i, name := range pkg {
		if i+1 >= len(ref) {
			return true
		}
		s, plain := ref[i+1].Value.(ast.String)
		if !plain {
			return true
		}
		if string(s) != name {
			return false
		}
	}
	return true
}
