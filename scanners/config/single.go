// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"
)

// single parses one file.
func (s *scan) single(c candidate) (p parsed, err error) {
	f := c.file
	defer func() {
		if r := recover(); r != nil { // a parser of others gave up on bytes that somebody may have made for it
			p, err = parsed{file: f, problems: []Problem{{File: f.path, Line: 1, Message: fmt.Sprintf("the parser broke down: %v", r)}}}, nil
		}
	}()
	p = parsed{file: f}
	class := c.class
	var docs []yamlDocument
	var parts []broken
	if class == dataFile {
		docs, parts = parseYAML(f)
		class = byContent(f.path, docs)
		if class == nothing {
			p.unreadable(parts)
			return p, nil
		}
	}
	p.suppressed = markers(f)
	switch class {
	case kubernetesFile:
		p.docs = docs
		return p, s.manifests(&p, parts)
	case dockerFile, maybeDockerfile:
		return p, s.with(&p, s.parsers.dockerfile, "Dockerfiles")
	case composeFile:
		return p, s.with(&p, s.parsers.compose, "Compose files")
	case githubFile:
		return p, s.with(&p, s.parsers.github, "workflows and actions")
	case jenkinsFile:
		return p, s.with(&p, s.parsers.jenkins, "Jenkinsfiles")
	case planFile:
		err := s.with(&p, s.parsers.plan, "Terraform plans")
		p.objects = terraformObjects(p.items, s.limits)
		return p, err
	case gitlabFile:
		if s.parsers.gitlab == nil {
			p.skipped = append(p.skipped, skip{f.path, "no parser for GitLab CI files", 1})
			return p, nil
		}
		p.items, p.problems, err = s.parsers.gitlab(f, s.tree.lookup, s.limits)
	case nothing, dataFile, terraformFile, chartFile, kustomizationFile: // read with the rest of their folder, or not at all
	}
	return p, err
}

// with runs a parser.
func (s *scan) with(p *parsed, parse parser, what string) (err error) {
	if parse == nil {
		p.skipped = append(p.skipped, skip{p.file.path, "no parser for " + what, 1})
		return nil
	}
	p.items, p.problems, err = parse(p.file, s.limits)
	return err
}

// terraform parses the Terraform files of some folders.
func (s *scan) terraform(folders map[string][]int) (p parsed, err error) {
	all := make([]terraformFolder, 0, len(folders))
	beside := &tfFiles{read: s.tree.read, all: sync.OnceValue(func() []string { return sortedKeys(s.tree.entries) })}
	for _, dir := range slices.Sorted(maps.Keys(folders)) {
		one := terraformFolder{dir, nil, beside}
		for _, n := range folders[dir] {
			c, err := s.tree.take(n)
			if err != nil {
				return p, err
			}
			one.files = append(one.files, c.file)
		}
		all = append(all, one)
	}
	defer func() {
		if r := recover(); r != nil {
			p, err = parsed{problems: []Problem{{File: all[0].files[0].path, Line: 1, Message: fmt.Sprintf("the parser broke down: %v", r)}}}, nil
		}
	}()
	for _, f := range all {
		for _, one := range f.files {
			p.suppressed = append(p.suppressed, markers(one)...)
		}
	}
	p.items, p.problems, err = s.parsers.terraform(all, s.limits)
	p.objects = terraformObjects(p.items, s.limits)
	return p, err
}

// manifests makes objects of a file with Kubernetes manifests.
func (s *scan) manifests(p *parsed, parts []broken) error {
	for _, b := range parts {
		p.unreadablePart(b)
	}
	p.docs = slices.DeleteFunc(p.docs, func(d yamlDocument) bool {
		if template := hasMappingAsKey(d.root, 0); template {
			p.skipped = append(p.skipped, skip{p.file.path, "a template outside of a chart", 1})
			return true
		}
		return false
	})
	problems, err := decodeAll(p.file, p.docs, yaml11, s.limits)
	if err != nil {
		return err
	}
	if s.compact && len(s.tree.kustom) == 0 { // which alone ask for more of the nodes
		for n := range p.docs {
			p.docs[n].places, p.docs[n].root = placesOf(p.docs[n].root), nil
		}
	}
	objects, more := objectsOf(p.file, p.docs, fromManifest)
	p.objects = objects
	p.problems = append(append(p.problems, problems...), more...)
	return nil
}

// unreadable reports the parts of a file that look like Kubernetes manifests.
func (p *parsed) unreadable(parts []broken) {
	for _, b := range parts {
		if looksKubernetes(b.text) {
			p.unreadablePart(b)
		}
	}
}

// unreadablePart is a problem, unless the part is a template that something else is to fill in: as it is, no cluster takes it.
func (p *parsed) unreadablePart(b broken) {
	if bytes.Contains(b.text, []byte("{{")) {
		p.skipped = append(p.skipped, skip{p.file.path, "a template outside of a chart", 1})
		return
	}
	p.problems = append(p.problems, b.Problem)
}

// hasMappingAsKey is for documents with {{ }} in them that happen to be YAML: no Kubernetes object can have such a key.
func hasMappingAsKey(n *yaml.Node, depth int) bool {
	if depth > maxDepth {
		return false
	}
	for i, c := range n.Content {
		if (n.Kind == yaml.MappingNode && i%2 == 0 && c.Kind == yaml.MappingNode) || hasMappingAsKey(c, depth+1) {
			return true
		}
	}
	return false
}
