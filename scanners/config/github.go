// SPDX-License-Identifier: Apache-2.0

package config

import (
	"path"
	"strings"
)

// parseGitHub makes an item of a workflow or of an action.
func parseGitHub(f file, lim limits) ([]Item, []Problem, error) {
	docs, problems, err := readYAML(f, yaml12, lim)
	if err != nil {
		return nil, nil, err
	}
	docs, more := mappings(f, "a workflow", docs)
	problems = append(problems, more...)
	var items []Item
	for _, d := range docs {
		g := &github{file: f, doc: d, object: asObject(d.value)}
		kind := "workflow"
		jobs := []any{}
		if g.isAction() {
			kind = "action"
			jobs = append(jobs, g.action())
		} else {
			jobs = g.jobs()
		}
		problems = append(problems, g.problems...)
		items = append(items, Item{Kind: GitHub, File: f.path, Resource: f.path, locate: d,
			Doc: map[string]any{"kind": kind, "object": d.value, "events": events(g.object["on"]), "jobs": jobs}})
	}
	return items, problems, nil
}

type github struct {
	file     file
	doc      yamlDocument
	object   map[string]any
	problems []Problem
}

// isAction goes by the name of the file and, where that says nothing, by what is in it.
func (g *github) isAction() bool {
	switch path.Base(g.file.path) {
	case "action.yml", "action.yaml":
		return !strings.Contains(g.file.path, ".github/workflows/") || g.object["jobs"] == nil
	}
	return g.object["runs"] != nil && g.object["jobs"] == nil
}

func (g *github) problem(at []any, what string) {
	if len(g.problems) < maxFileProblems {
		p := g.doc.position(at)
		g.problems = append(g.problems, Problem{File: g.file.path, Line: p.Line, Column: p.Column, Message: "reading a workflow: " + what})
	}
}

// events are what starts a workflow, by name: `on: push`, `on: [push]` and `on: {push: …}` are one.
func events(on any) map[string]any {
	out := map[string]any{}
	switch on := on.(type) {
	case string:
		out[on] = nil
	case []any:
		for _, e := range on {
			if name, ok := e.(string); ok {
				out[name] = nil
			}
		}
	case map[string]any:
		for name, e := range on {
			out[name] = e
		}
	}
	return out
}

// jobs are a workflow's jobs with the permissions that hold for them.
func (g *github) jobs() []any {
	out := []any{}
	jobs, ok := g.object["jobs"].(map[string]any)
	if !ok {
		g.problem([]any{"jobs"}, "no jobs, or jobs is not a mapping")
	}
	for _, id := range sortedKeys(jobs) {
		at := []any{"jobs", id}
		spec, ok := jobs[id].(map[string]any)
		if !ok {
			g.problem(at, "a job is not a mapping")
			continue
		}
		permissions, declared := spec["permissions"]
		if !declared {
			permissions, declared = g.object["permissions"]
		}
		if declared && permissions == nil {
			permissions = map[string]any{} // written, and empty: nothing is allowed
		}
		out = append(out, map[string]any{"id": id, "path": at, "spec": spec, "permissions": permissions, "steps": g.steps(spec["steps"], append(at[:2:2], "steps"))})
	}
	return out
}

// action is an action as one job. Actions that run a container or JavaScript have no steps.
func (g *github) action() map[string]any {
	runs, ok := g.object["runs"].(map[string]any)
	if !ok {
		g.problem([]any{"runs"}, "an action without runs")
		runs = map[string]any{}
	}
	return map[string]any{"id": "", "path": []any{"runs"}, "spec": runs, "permissions": nil, "steps": g.steps(runs["steps"], []any{"runs", "steps"})}
}

func (g *github) steps(v any, at []any) []any {
	out := []any{}
	list, ok := v.([]any)
	if v != nil && !ok {
		g.problem(at, "steps is not a list")
	}
	for i, s := range list {
		p := append(at[:len(at):len(at)], i)
		if _, ok := s.(map[string]any); !ok {
			g.problem(p, "a step is not a mapping")
			continue
		}
		out = append(out, map[string]any{"path": p, "spec": s})
	}
	return out
}
