// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// listedRule is a rule as `sealock rules list` gives it.
type listedRule struct {
	ID, Over   string
	Reads      []string
	Parameters []struct {
		Name    string
		Default any
	}
}

// ruleList is sealock's own rules over configuration.
func (b *bench) ruleList(ctx context.Context, dir string) ([]listedRule, error) {
	file := filepath.Join(dir, "rules.json")
	step := b.step(b.sealock, "rules", "list", "-o", "json")
	step.Out = file
	if err := b.do(ctx, step); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var all []listedRule
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, fmt.Errorf("reading the list of rules: %w", err)
	}
	return slices.DeleteFunc(all, func(r listedRule) bool { return r.Over != "configuration" }), nil
}

// denyHelpers is what the deny rules share, as in many collections of rules for conftest.
const denyHelpers = `package main

import rego.v1

templated := {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job"}

pod := input.spec if input.kind == "Pod"

pod := input.spec.template.spec if input.kind in templated

pod := input.spec.jobTemplate.spec.template.spec if input.kind == "CronJob"

containers contains c if some c in pod.containers

containers contains c if some c in pod.initContainers
`

// denyForms are the checks of the deny rules by what sealock's rule of the same place reads. Those over manifests take turns.
var denyForms = map[string][]string{
	"kubernetes": {
		`	some c in containers
	not object.get(c, ["securityContext", "setting%[1]d"], false)
	msg := sprintf("%%s %%s: container %%s does not set setting%[1]d", [input.kind, input.metadata.name, c.name])`,
		`	some c in containers
	some e in object.get(c, "env", [])
	contains(object.get(e, "value", ""), "secret%[1]d")
	msg := sprintf("%%s %%s: container %%s has a secret in %%s", [input.kind, input.metadata.name, c.name, e.name])`,
		`	object.get(pod, "setting%[1]d", false) == true
	msg := sprintf("%%s %%s sets setting%[1]d", [input.kind, input.metadata.name])`,
		`	input.kind in {"Role", "ClusterRole"}
	some rule in input.rules
	{"verb%[1]d", "*"} & {v | some v in rule.verbs} == {"verb%[1]d"}
	msg := sprintf("%%s %%s allows verb%[1]d", [input.kind, input.metadata.name])`,
		`	input.kind == "Service"
	some p in input.spec.ports
	p.port == %[1]d
	msg := sprintf("Service %%s has port %%d", [input.metadata.name, p.port])`,
		`	input.kind == "Ingress"
	not input.spec.tls
	msg := sprintf("Ingress %%s has no TLS (%[1]d)", [input.metadata.name])`,
	},
	"terraform": {`	some name, r in input.resource.kind%[1]d
	not r.setting
	msg := sprintf("kind%[1]d.%%s has no setting", [name])`},
	"dockerfiles": {`	some i, instruction in input
	instruction.Cmd == "cmd%[1]d"
	msg := sprintf("instruction %%d", [i])`},
	"compose": {`	some name, s in input.services
	s.setting%[1]d
	msg := sprintf("service %%s", [name])`},
	"github": {`	some name, job in input.jobs
	some step in job.steps
	contains(step.uses, "action%[1]d")
	msg := sprintf("job %%s", [name])`},
	"gitlab": {`	some name, job in input
	some line in job.script
	contains(line, "command%[1]d")
	msg := sprintf("job %%s", [name])`},
}

// denyRules writes one for each of sealock's own into the folder deny, and gives the list of these.
func (b *bench) denyRules(ctx context.Context, dir string) ([]listedRule, error) {
	list, err := b.ruleList(ctx, dir)
	if err != nil {
		return nil, err
	}
	return list, writeDenyRules(filepath.Join(dir, "deny"), list)
}

// writeDenyRules writes one deny rule for each of sealock's, over the same kind of file: of the usual form, one check on one document. The first
// finds something in each service, so that there are failures to report; what the others look for is rare, as it is in a tree that is kept clean.
func writeDenyRules(dir string, rules []listedRule) error {
	files, finds := map[string]string{"helpers.rego": denyHelpers}, false
	for n, r := range rules {
		forms := denyForms[r.Reads[0]]
		if forms == nil { // those over the graph of flows look at manifests
			forms = denyForms["kubernetes"]
		}
		form := forms[n%len(forms)]
		if strings.Contains(form, "does not set") {
			if finds {
				form = strings.Replace(form, "not object.get", "object.get", 1)
			}
			finds = true
		}
		files[fmt.Sprintf("rule%03d.rego", n)] = fmt.Sprintf("package main\n\nimport rego.v1\n\ndeny contains msg if {\n"+form+"\n}\n", n)
	}
	return writeFolder(dir, files)
}

// adapter makes of conftest's list of files the document that sealock's rules read. The graph of flows is computed in Go and left out.
const adapter = `package main

import rego.v1

items := [i |
	some n, f in input
	o := f.contents
	i := {
		"id": n, "file": f.path, "resource": sprintf("%s %s", [o.kind, o.metadata.name]), "apiVersion": o.apiVersion, "kind": o.kind,
		"group": concat("/", array.slice(split(o.apiVersion, "/"), 0, count(split(o.apiVersion, "/")) - 1)),
		"version": split(o.apiVersion, "/")[count(split(o.apiVersion, "/")) - 1], "name": o.metadata.name,
		"namespace": object.get(o.metadata, "namespace", ""), "labels": object.get(o.metadata, "labels", {}), "object": o, "pod": pod(o), "origin": "manifest",
	}
]

pod(o) := {
	"path": ["spec", "template"], "labels": t.metadata.labels, "annotations": {}, "spec": t.spec,
	"containers": [{"name": c.name, "kind": "container", "path": ["spec", "template", "spec", "containers", n], "spec": c} | some n, c in t.spec.containers],
} if {
	t := o.spec.template
} else := null

document := {"kubernetes": items, "terraform": [], "dockerfiles": [], "compose": [], "github": [], "gitlab": [], "graph": null, "declared": null}

deny contains msg if {
	some msg in messages with input as document
}

`

// writeOwnRules writes sealock's own rules and libraries, the defaults of their parameters, and the adapter.
func (b *bench) writeOwnRules(dir string, rules []listedRule) error {
	files := map[string]string{}
	from := filepath.Join(b.root, "rules", "config")
	err := filepath.WalkDir(from, func(file string, e fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(file) != ".rego" || strings.HasSuffix(file, "_test.rego") {
			return err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, file)
		files[rel] = string(data)
		return err
	})
	if err != nil {
		return err
	}
	main, params := adapter, map[string]map[string]any{}
	for _, r := range rules {
		params[r.ID] = map[string]any{}
		for _, p := range r.Parameters {
			params[r.ID][p.Name] = p.Default
		}
		main += fmt.Sprintf("messages contains sprintf(\"%%d %%s\", [f.item, f.message]) if some f in data.sealock.config.%s.finding\n\n", strings.ReplaceAll(r.ID, "-", "_"))
	}
	text, err := json.Marshal(map[string]any{"params": params})
	if err != nil {
		return err
	}
	files["main.rego"], files["params.json"] = main, string(text)
	return writeFolder(dir, files)
}

func writeFolder(dir string, files map[string]string) error {
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
