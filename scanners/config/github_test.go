// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	configrules "github.com/sealock-dev/sealock/rules/config"
)

func gitHubItem(t *testing.T, name, content string) Item {
	t.Helper()
	items, problems, err := parseGitHub(file{name, []byte(content)}, defaultLimits())
	if err != nil || len(problems) > 0 || len(items) != 1 {
		t.Fatalf("%d items, problems %v, error %v", len(items), problems, err)
	}
	return items[0]
}

func TestWorkflow(t *testing.T) {
	item := gitHubItem(t, ".github/workflows/ci.yml", `name: CI
on:
  push: {branches: [main]}
  pull_request:
permissions: read-all
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: |
          echo a
          echo b
  release:
    permissions: {id-token: write}
    uses: org/repo/.github/workflows/x.yml@main
    secrets: inherit
  none:
    permissions:
    steps: []
`)
	equal(t, "kind", item.Doc["kind"], "workflow")
	equal(t, "events", item.Doc["events"], map[string]any{"push": map[string]any{"branches": []any{"main"}}, "pull_request": nil})
	jobs := item.Doc["jobs"].([]any)
	build, none, release := jobs[0].(map[string]any), jobs[1].(map[string]any), jobs[2].(map[string]any)
	equal(t, "steps", build["steps"], []any{
		map[string]any{"path": []any{"jobs", "build", "steps", 0}, "spec": map[string]any{"uses": "actions/checkout@v4"}},
		map[string]any{"path": []any{"jobs", "build", "steps", 1}, "spec": map[string]any{"run": "echo a\necho b\n"}},
	})
	equal(t, "permissions", build["permissions"], "read-all")
	equal(t, "permissions of the job", release["permissions"], map[string]any{"id-token": "write"})
	equal(t, "empty permissions", none["permissions"], map[string]any{})
	equal(t, "secrets", release["spec"].(map[string]any)["secrets"], "inherit")
	if p := item.Locate([]any{"jobs", "build", "steps", 0.0, "uses"}); p.Line != 10 || p.Column != 15 {
		t.Errorf("place %+v", p)
	}
}

func TestEvents(t *testing.T) {
	for content, want := range map[string]map[string]any{
		"on: push\njobs: {}\n":                        {"push": nil},
		"on: [push, pull_request_target]\njobs: {}\n": {"push": nil, "pull_request_target": nil},
		"\"on\":\n  workflow_call:\njobs: {}\n":       {"workflow_call": nil},
		"jobs: {}\n":                                  {},
	} {
		equal(t, content, gitHubItem(t, ".github/workflows/x.yaml", content).Doc["events"], want)
	}
}

func TestAction(t *testing.T) {
	item := gitHubItem(t, "setup/action.yml", "name: x\nruns:\n  using: composite\n  steps:\n    - run: echo ${{ inputs.a }}\n      shell: bash\n")
	equal(t, "kind", item.Doc["kind"], "action")
	job := item.Doc["jobs"].([]any)[0].(map[string]any)
	equal(t, "id", job["id"], "")
	equal(t, "permissions", job["permissions"], nil)
	equal(t, "path", job["steps"].([]any)[0].(map[string]any)["path"], []any{"runs", "steps", 0})
	for _, runs := range []string{"{using: docker, image: Dockerfile}", "{using: node20, main: x.js}"} {
		item := gitHubItem(t, "action.yaml", "runs: "+runs+"\n")
		equal(t, runs, item.Doc["jobs"].([]any)[0].(map[string]any)["steps"], []any{})
	}
}

func TestS17_GitHub(t *testing.T) {
	for _, content := range []string{
		"on: push\n", "on: push\njobs: [a]\n", "on: push\njobs: {a: b}\n", "on: push\njobs: {a: {steps: {}}}\n", "on: push\njobs: {a: {steps: [x]}}\n",
		"on: push\non: pull_request\njobs: {}\n", "- a\n", "on: [\n",
	} {
		if _, problems, err := parseGitHub(file{".github/workflows/x.yml", []byte(content)}, defaultLimits()); err != nil || len(problems) != 1 || problems[0].Line == 0 {
			t.Errorf("%q: %v, %v", content, problems, err)
		}
	}
	if _, problems, _ := parseGitHub(file{"action.yml", []byte("name: x\n")}, defaultLimits()); len(problems) != 1 {
		t.Error("an action without runs:", problems)
	}
}

func FuzzGitHub(f *testing.F) {
	f.Add([]byte("on: [push]\npermissions: {}\njobs:\n  a: {steps: [{run: x}]}\n"), true)
	f.Add([]byte("runs: {using: composite, steps: [{uses: a}]}\n"), false)
	f.Fuzz(func(t *testing.T, data []byte, workflow bool) {
		name := "action.yml"
		if workflow {
			name = ".github/workflows/x.yml"
		}
		items, _, err := parseGitHub(file{name, data}, limits{nodes: 5_000, depth: 50})
		if err != nil && !errors.Is(err, ErrLimit) {
			t.Fatal(err)
		}
		for _, i := range items {
			checkDocument(t, i.Doc)
			i.Locate([]any{"jobs", "a", "steps", 0})
		}
	})
}

// Code that changes after somebody approved it: a label and a comment say nothing about commits that come later. A run of the pull request itself, without the
// repository's rights, and a deployment that waits for an environment build what was reviewed.
func TestG14_ApprovalIsForOneCommit(t *testing.T) {
	rules, err := configrules.Compile(nil)
	if err != nil {
		t.Fatal(err)
	}
	const head = `permissions: {}
jobs:
  test:
    runs-on: ubuntu-24.04
`
	const approved = `    steps:
      - uses: actions/checkout@0123456789abcdef0123456789abcdef01234567
        with:
          persist-credentials: false
          ref: ${{ github.event.pull_request.head.sha }}
      - run: make test
`
	for name, one := range map[string]struct{ content, want string }{
		"labelled": {
			"on:\n  pull_request_target:\n    types: [labeled]\n" + head + "    if: contains(github.event.pull_request.labels.*.name, 'safe')\n" + approved,
			"13 a label says nothing about commits that come after it",
		},
		"commented": {
			"on: issue_comment\n" + head + "    if: github.event.comment.author_association == 'MEMBER'\n    steps:\n      - run: gh pr checkout ${{ github.event.issue.number }} && make\n",
			"8 it can be changed after somebody looked at it",
		},
		"pull request": {"on: pull_request\n" + head + approved, ""},
		"environment":  {"on:\n  push:\n    branches: [main]\n" + head + "    environment: production\n    steps:\n      - run: make deploy\n", ""},
	} {
		got := ""
		for _, f := range scanTree(t, memoryTree{".github/workflows/a.yml": one.content}, rules).Findings {
			if _, why, _ := strings.Cut(f.Message, "; "); f.Rule == "pipeline.untrusted-checkout" {
				got += fmt.Sprintf("%d %s", f.Line, why)
			}
		}
		equal(t, name, got, one.want)
	}
}
