// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// class is what a file is.
type class int

const (
	nothing         class = iota
	dataFile              // YAML or JSON: its content says what it is
	maybeDockerfile       // named nearly like one: it is one if it has a FROM
	dockerFile
	composeFile
	githubFile
	gitlabFile
	jenkinsFile
	terraformFile
	planFile
	chartFile         // Chart.yaml
	kustomizationFile // kustomization.yaml
	kubernetesFile
)

// leftOut are folders whose files are other people's or made to be wrong. Options.Include brings them in.
func leftOut() []string { return []string{"testdata", "node_modules", "vendor", ".terraform"} }

// outside gives the folder because of which a file is left out, or "".
func outside(p string, include []string) string {
	dir := path.Dir(p)
	if dir == "." {
		return ""
	}
	at := ""
	for name := range strings.SplitSeq(dir, "/") {
		at = path.Join(at, name)
		if slices.Contains(leftOut(), name) && !broughtIn(at, name, include) {
			return at
		}
	}
	return ""
}

func broughtIn(dir, name string, include []string) bool {
	return slices.ContainsFunc(include, func(i string) bool {
		i = strings.Trim(i, "/")
		return i == name || i == dir || strings.HasPrefix(i, dir+"/")
	})
}

// byName is what the name of a file says about it.
func byName(p string) class {
	base := path.Base(p)
	lower := strings.ToLower(base)
	if c := dockerfileName(lower); c != nothing {
		return c
	}
	switch {
	case isJenkinsfile(p, lower):
		return jenkinsFile
	case strings.HasSuffix(lower, ".tf"), strings.HasSuffix(lower, ".tf.json"), strings.HasSuffix(lower, ".tofu"), strings.HasSuffix(lower, ".tofu.json"), lower == "terraform.tfvars", lower == "terraform.tfvars.json",
		strings.HasSuffix(lower, ".auto.tfvars"), strings.HasSuffix(lower, ".auto.tfvars.json"):
		return terraformFile
	case strings.HasSuffix(lower, ".json"):
		return dataFile
	case base == "kustomization.yaml", base == "kustomization.yml", base == "Kustomization":
		return kustomizationFile
	case base == "Chart.yaml":
		return chartFile
	case !strings.HasSuffix(lower, ".yaml") && !strings.HasSuffix(lower, ".yml"):
		return nothing
	}
	stem := strings.TrimSuffix(strings.TrimSuffix(lower, ".yaml"), ".yml")
	dir := path.Dir(p)
	switch {
	case stem == "compose", stem == "docker-compose", strings.HasPrefix(stem, "docker-compose."), strings.HasPrefix(stem, "docker-compose-"),
		strings.HasPrefix(stem, "compose."):
		return composeFile
	case stem == ".gitlab-ci", strings.HasSuffix(stem, ".gitlab-ci"):
		return gitlabFile
	case dir == ".github/workflows" || strings.HasSuffix(dir, "/.github/workflows"):
		return githubFile
	}
	return dataFile
}

// sourceEndings are what a file that is named Dockerfile.x is not a Dockerfile with.
func sourceEndings() []string {
	return []string{".go", ".md", ".rst", ".js", ".ts", ".py", ".rb", ".rs", ".java", ".html", ".json", ".yaml", ".yml", ".dockerignore", ".sha256", ".sig"}
}

func dockerfileName(lower string) class {
	for _, name := range []string{"dockerfile", "containerfile"} {
		switch {
		case lower == name, strings.HasSuffix(lower, "."+name):
			return dockerFile
		case strings.HasPrefix(lower, name+".") || strings.HasPrefix(lower, name+"-") || strings.HasPrefix(lower, name+"_"):
			if slices.Contains(sourceEndings(), path.Ext(lower)) {
				return nothing
			}
			return maybeDockerfile
		}
	}
	return nothing
}

func isJenkinsfile(p, lower string) bool {
	rest, named := strings.CutPrefix(lower, "jenkinsfile")
	switch {
	case strings.HasSuffix(lower, ".jenkinsfile"), named && rest == "":
		return true
	case named:
		return strings.ContainsRune(".-_", rune(rest[0])) && !slices.Contains(sourceEndings(), path.Ext(lower))
	}
	dir := path.Base(path.Dir(p))
	return strings.HasSuffix(lower, ".groovy") && (dir == "jenkins" || dir == ".jenkins")
}

var fromLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?im)^[ \t]*FROM[ \t]+\S`) })

// words are groups of words; a data file that can be of use has all words of one group somewhere.
func words() [][]string {
	return [][]string{{"apiVersion", "kind"}, {"jobs", "on"}, {"runs", "using"}, {"planned_values"}, {"services"}, {"script"}}
}

// escaped are the spellings by which a YAML or JSON file can name a key without having its letters, and the byte order marks of UTF-16.
func escaped() []string {
	return []string{`\u`, `\U`, `\x`, "\\\n", "\\\r", "!!binary", "tag:yaml.org", "\xff\xfe", "\xfe\xff"}
}

// ofInterest reports whether a data file may be configuration. It never says no to one that is.
func ofInterest(data []byte) bool {
	has := func(w string) bool { return bytes.Contains(data, []byte(w)) }
	for _, group := range words() {
		if !slices.ContainsFunc(group, func(w string) bool { return !has(w) }) {
			return true
		}
	}
	return slices.ContainsFunc(escaped(), has)
}

// byContent is what a data file is, by the keys at the top of its documents.
func byContent(p string, docs []yamlDocument) class {
	for _, d := range docs {
		if isKubernetes(d) {
			return kubernetesFile
		}
	}
	if len(docs) == 0 || docs[0].root.Kind != yaml.MappingNode {
		return nothing
	}
	d := docs[0]
	name := strings.ToLower(path.Base(p))
	switch {
	case isMapping(d.field("jobs")) && d.field("on") != nil && hasMember(d.field("jobs"), "runs-on", "uses", "steps"):
		return githubFile
	case isMapping(d.field("runs")) && hasKey(d.field("runs"), "using"):
		return githubFile
	case d.field("planned_values") != nil && d.field("format_version") != nil:
		return planFile
	case isMapping(d.field("services")) && (strings.Contains(name, "compose") || strings.Contains(name, "stack") || onlyCompose(d.root) && !strings.Contains(name, "values")) && hasMember(d.field("services"), "image", "build"):
		return composeFile
	case strings.HasSuffix(name, ".json"):
		return nothing
	}
	return gitlabContent(p, d)
}

// onlyCompose reports whether all keys of a mapping are those of a Compose file. One that another includes or extends may have any name.
func onlyCompose(n *yaml.Node) bool {
	for i := 0; i < len(n.Content); i += 2 {
		switch key := n.Content[i].Value; key {
		case "services", "version", "name", "include", "networks", "volumes", "secrets", "configs", "models":
		default:
			if !strings.HasPrefix(key, "x-") {
				return false
			}
		}
	}
	return true
}

// gitlabContent knows files that a GitLab pipeline includes: by their folder or name, or by their stages, and by jobs with scripts.
func gitlabContent(p string, d yamlDocument) class {
	lower := strings.ToLower(p)
	stages := d.field("stages")
	named := strings.Contains(lower, "gitlab") || (stages != nil && stages.Kind == yaml.SequenceNode)
	if named && hasMember(d.root, "script", "trigger") {
		return gitlabFile
	}
	return nothing
}

// isKubernetes reports whether a document is an object for a cluster; sealock's own files look like one and are not.
func isKubernetes(d yamlDocument) bool {
	api := d.text("apiVersion")
	return api != "" && d.text("kind") != "" && !strings.HasPrefix(api, "sealock/")
}

func isMapping(n *yaml.Node) bool { return n != nil && n.Kind == yaml.MappingNode }

func hasKey(n *yaml.Node, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		_, v := child(n, name, 0)
		return v != nil
	})
}

// hasMember reports whether a mapping has a member that is a mapping with one of the keys.
func hasMember(n *yaml.Node, names ...string) bool {
	for i := 1; i < len(n.Content); i += 2 {
		if m := n.Content[i]; m.Kind == yaml.MappingNode && hasKey(m, names...) {
			return true
		}
	}
	return false
}

var (
	versionLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)(?:^[\s-]*|[{,]\s*)["']?apiVersion["']?[ \t]*:`) })
	kindLine    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?m)(?:^[\s-]*|[{,]\s*)["']?kind["']?[ \t]*:`) })
)

// looksKubernetes is for text that can't be parsed. A plan of Terraform that was cut short is as bad.
func looksKubernetes(text []byte) bool {
	plan := bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) && bytes.Contains(text, []byte(`"format_version"`)) && bytes.Contains(text, []byte(`"planned_values"`))
	return plan || versionLine().Match(text) && kindLine().Match(text)
}
