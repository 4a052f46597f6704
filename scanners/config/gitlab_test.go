// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func gitLabItem(t *testing.T, files map[string]string) Item {
	t.Helper()
	other := func(p string) (file, bool) {
		c, ok := files[p]
		return file{p, []byte(c)}, ok
	}
	f, _ := other(".gitlab-ci.yml")
	items, problems, err := parseGitLab(f, other, defaultLimits())
	if err != nil || len(problems) > 0 || len(items) != 1 {
		t.Fatalf("%d items, problems %v, error %v", len(items), problems, err)
	}
	return items[0]
}

func gitLabJobs(item Item) map[string]map[string]any {
	out := map[string]map[string]any{}
	for _, j := range item.Doc["jobs"].([]any) {
		out[j.(map[string]any)["name"].(string)] = j.(map[string]any)
	}
	return out
}

func TestGitLab(t *testing.T) {
	item := gitLabItem(t, map[string]string{
		".gitlab-ci.yml": `include:
  - local: /ci/base.yml
  - https://example.com/x.yml
  - project: group/templates
    ref: main
    file: [a.yml, b.yml]
  - template: Jobs/SAST.gitlab-ci.yml
  - component: gitlab.com/a/b@1.0
default:
  image: alpine:3
  tags: [docker]
before_script:
  - echo global
stages: [build]
.hidden:
  script: [echo hidden]
  variables: {A: "1", B: "2"}
build:
  extends: [.base, .hidden]
  variables: {B: "3"}
  script:
    - !reference [.setup, script]
    - echo build
    - [echo nested]
  before_script: []
single:
  script: echo one
  inherit: {default: [tags]}
child:
  trigger:
    include: https://example.com/child.yml
hooked:
  hooks: {pre_get_sources_script: [echo first]}
  script: [echo then]
`,
		"ci/base.yml": `include: more.yml
.base:
  allow_failure: true
  variables: {C: "4"}
  script: [echo base]
.setup:
  script:
    - echo setup
    - !reference [.more, script]
`,
		"more.yml": ".more:\n  script: [echo more]\n",
	})
	jobs := gitLabJobs(item)
	build := jobs["build"]
	spec := build["spec"].(map[string]any)
	equal(t, "variables", spec["variables"], map[string]any{"A": "1", "B": "3", "C": "4"})
	equal(t, "allow_failure", spec["allow_failure"], true)
	equal(t, "image", spec["image"], "alpine:3")
	equal(t, "script", spec["script"], []any{"echo setup", "echo more", "echo build", "echo nested"})
	equal(t, "lines", build["script"], []any{
		map[string]any{"text": "echo setup", "path": []any{"build", "script", 0, 0}},
		map[string]any{"text": "echo more", "path": []any{"build", "script", 0, 1, 0}},
		map[string]any{"text": "echo build", "path": []any{"build", "script", 1}},
		map[string]any{"text": "echo nested", "path": []any{"build", "script", 2, 0}},
	})
	equal(t, "hidden", jobs[".hidden"]["hidden"], true)
	single := jobs["single"]["spec"].(map[string]any)
	equal(t, "inherit", []any{single["image"], single["tags"]}, []any{nil, []any{"docker"}})
	equal(t, "one line", jobs["single"]["script"].([]any)[0], map[string]any{"text": "echo one", "path": []any{"single", "script"}})
	equal(t, "a hook", jobs["hooked"]["script"].([]any)[0], map[string]any{"text": "echo first", "path": []any{"hooked", "hooks", "pre_get_sources_script", 0}})
	equal(t, "a child pipeline has no image", jobs["child"]["spec"].(map[string]any)["image"], nil)
	equal(t, "includes", item.Doc["includes"], []any{
		map[string]any{"kind": "local", "value": "/ci/base.yml", "ref": "", "path": []any{"include", 0}},
		map[string]any{"kind": "remote", "value": "https://example.com/x.yml", "ref": "", "path": []any{"include", 1}},
		map[string]any{"kind": "project", "value": "group/templates", "ref": "main", "path": []any{"include", 2}},
		map[string]any{"kind": "template", "value": "Jobs/SAST.gitlab-ci.yml", "ref": "", "path": []any{"include", 3}},
		map[string]any{"kind": "component", "value": "gitlab.com/a/b@1.0", "ref": "1.0", "path": []any{"include", 4}},
		map[string]any{"kind": "remote", "value": "https://example.com/child.yml", "ref": "", "path": []any{"child", "trigger", "include"}},
	})
	for _, c := range []struct {
		path []any
		file string
		line int
	}{
		{[]any{"build", "script", 1}, ".gitlab-ci.yml", 23},
		{[]any{"build", "script", 0, 1, 0}, ".gitlab-ci.yml", 22},
		{[]any{"build", "variables", "A"}, ".gitlab-ci.yml", 17},
		{[]any{"build", "variables", "B"}, ".gitlab-ci.yml", 20},
		{[]any{"build", "variables", "C"}, "ci/base.yml", 4},
		{[]any{"build", "allow_failure"}, "ci/base.yml", 3},
		{[]any{"build", "image"}, ".gitlab-ci.yml", 10},
		{[]any{"build", "nothing"}, ".gitlab-ci.yml", 18},
		{[]any{"include", 2, "ref"}, ".gitlab-ci.yml", 5},
	} {
		if p := item.Locate(c.path); p.Line != c.line || p.File != c.file {
			t.Errorf("place of %v: %+v, want %s:%d", c.path, p, c.file, c.line)
		}
	}
}

func TestGitLabIncludeForms(t *testing.T) {
	for content, want := range map[string]string{
		"include: a.yml\n":                   "local",
		"include: 'HTTP://x/a.yml'\n":        "remote",
		"include: {remote: https://x/y}\n":   "remote",
		"include: {local: [a]}\n":            "",
		"include: [{local: a, rules: []}]\n": "local",
	} {
		got := ""
		for _, i := range gitLabItem(t, map[string]string{".gitlab-ci.yml": content}).Doc["includes"].([]any) {
			got += i.(map[string]any)["kind"].(string)
		}
		equal(t, content, got, want)
	}
}

func TestGitLabHeader(t *testing.T) {
	item := gitLabItem(t, map[string]string{".gitlab-ci.yml": "spec:\n  inputs: {a: {}}\n---\njob:\n  script: x\n"})
	if jobs := gitLabJobs(item); len(jobs) != 1 || item.Locate([]any{"job", "script"}).Line != 5 {
		t.Error(jobs)
	}
}

func TestS17_GitLab(t *testing.T) {
	var refs, extends strings.Builder
	refs.WriteString(".a0: {script: [x, x, x, x, x, x, x, x, x, x]}\n")
	extends.WriteString(".a0: {script: x}\n")
	for i := range 9 {
		fmt.Fprintf(&refs, ".a%d: {script: [%s]}\n", i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("!reference [.a%d, script], ", i), 10), ", "))
		fmt.Fprintf(&extends, ".a%d: {extends: [%s]}\n", i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf(".a%d, ", i), 10), ", "))
	}
	for what, content := range map[string]string{"references": refs.String(), "extends": extends.String()} {
		if _, _, err := parseGitLab(file{".gitlab-ci.yml", []byte(content)}, nil, limits{nodes: 50_000, depth: 100}); !errors.Is(err, ErrLimit) {
			t.Errorf("%s that grow without end: %v", what, err)
		}
	}
	item := gitLabItem(t, map[string]string{
		".gitlab-ci.yml": "include: b.yml\na: {extends: b, script: !reference [b, script]}\nb: {extends: a, script: !reference [a, script]}\n",
		"b.yml":          "include: .gitlab-ci.yml\n",
	})
	if len(gitLabJobs(item)) != 2 {
		t.Error("circles:", item.Doc)
	}
	for _, content := range []string{"- a\n", "a: [\n", "a: {script: x}\na: {script: y}\n"} {
		if _, problems, err := parseGitLab(file{".gitlab-ci.yml", []byte(content)}, nil, defaultLimits()); err != nil || len(problems) != 1 {
			t.Errorf("%q: %v, %v", content, problems, err)
		}
	}
}

func FuzzGitLab(f *testing.F) {
	f.Add([]byte("include: [a, {project: b}]\n.x: {script: [a, !reference [y, script]]}\ny: {extends: .x, script: [b]}\ndefault: {image: z}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		other := func(string) (file, bool) { return file{"other.yml", data}, true }
		items, _, err := parseGitLab(file{".gitlab-ci.yml", data}, other, limits{nodes: 5_000, depth: 50})
		if err != nil && !errors.Is(err, ErrLimit) {
			t.Fatal(err)
		}
		for _, i := range items {
			checkDocument(t, i.Doc)
			i.Locate([]any{"y", "script", 0})
		}
	})
}
