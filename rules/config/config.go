// SPDX-License-Identifier: Apache-2.0

// Package config brings the rules over configuration: what Kubernetes manifests, Terraform, Dockerfiles, Compose files and pipelines should not
// say. Each rule is a folder <category>/<rule> with its tests beside it. A package of its own, so that who only decides over evidence does not carry them.
package config

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/sealock-dev/sealock/rules"
)

//go:embed lib/*.rego */*/*.rego
var files embed.FS

// compiled is the rules as OPA's compiler leaves them; `go test ./rules -run TestCompiledForm -update` writes it.
//
//go:embed compiled.bin
var compiled string

// scopes is what rules read that look at several items at once; all others look at one item, or at one module of Terraform. A test holds this against
// what the rules find.
//
//go:embed scopes.json
var scopes []byte

// Prefix stands before the path of the embedded files in messages.
const Prefix = "sealock/rules/config/"

// Compile gives sealock's rules over configuration, with those that a policy brings.
func Compile(policy []rules.Module) (*rules.FindingRules, error) {
	own, err := Modules(files, false)
	if err != nil {
		return nil, err
	}
	reads, err := rules.ParseScopes(scopes)
	if err != nil {
		return nil, err
	}
	return rules.CompileFindings(rules.FindingOptions{Own: own, Compiled: compiled, Scopes: reads, Policy: policy})
}

// Digest is that of what Compile gives, without compiling.
func Digest(policy []rules.Module) (string, error) {
	own, err := Modules(files, false)
	if err != nil {
		return "", err
	}
	return rules.Digest(own, policy), nil
}

// Modules lists the rules and libraries in a file system, tests only if asked for.
func Modules(from fs.FS, tests bool) ([]rules.Module, error) {
	var out []rules.Module
	err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".rego" || (!tests && strings.HasSuffix(name, "_test.rego")) {
			return err
		}
		data, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		out = append(out, rules.Module{Path: Prefix + name, Source: data})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the embedded rules: %w", err)
	}
	return out, nil
}
