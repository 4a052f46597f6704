// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"testing"
)

func TestCompose(t *testing.T) {
	items, problems, err := parseCompose(file{"compose.yaml", []byte(`x-common: &common
  restart: always
  logging: {driver: json-file}
services:
  base:
    image: base:1
    environment: [A=1, B=2]
    cap_add: [NET_ADMIN]
    command: [x]
  web:
    <<: *common
    extends: base
    image: web:1
    environment:
      - A=3
    command: [y]
  api:
    extends:
      service: web
    privileged: true
  loop:
    extends: loop
  other:
    extends: {file: other.yaml, service: x}
`)}, defaultLimits())
	if err != nil || len(problems) > 0 || len(items) != 1 {
		t.Fatal(items, problems, err)
	}
	specs := map[string]map[string]any{}
	for _, s := range items[0].Doc["services"].([]any) {
		s := s.(map[string]any)
		specs[s["name"].(string)] = s["spec"].(map[string]any)
		equal(t, "path", s["path"], []any{"services", s["name"]})
	}
	api := specs["api"]
	equal(t, "image", api["image"], "web:1")
	equal(t, "environment", api["environment"], []any{"A=3", "B=2"})
	equal(t, "command", api["command"], []any{"y"})
	equal(t, "restart", api["restart"], "always")
	equal(t, "cap_add", api["cap_add"], []any{"NET_ADMIN"})
	equal(t, "another file", specs["other"]["extends"], map[string]any{"file": "other.yaml", "service": "x"})
	for _, c := range []struct {
		path []any
		line int
	}{
		{[]any{"services", "api", "privileged"}, 20},
		{[]any{"services", "api", "cap_add", 0}, 8},
		{[]any{"services", "api", "restart"}, 2},
		{[]any{"services", "api", "nothing"}, 17},
		{[]any{"services"}, 4},
	} {
		if p := items[0].Locate(c.path); p.Line != c.line {
			t.Errorf("place of %v: %+v, want line %d", c.path, p, c.line)
		}
	}
}

func TestComposeFirstVersion(t *testing.T) {
	items, _, err := parseCompose(file{"docker-compose.yml", []byte("web:\n  image: a\n")}, defaultLimits())
	if err != nil || len(items) != 1 {
		t.Fatal(items, err)
	}
	equal(t, "services", items[0].Doc["services"], []any{map[string]any{"name": "web", "path": []any{"web"}, "spec": map[string]any{"image": "a"}}})
}

func TestS17_Compose(t *testing.T) {
	for content, line := range map[string]int{
		"services: [a]\n": 1,
		"- a\n":           1,
		"services:\n  a: {image: x}\n  a: {image: y}\n": 3,
		"services:\n  a: {image: x\n":                   3,
	} {
		if _, problems, err := parseCompose(file{"c.yaml", []byte(content)}, defaultLimits()); err != nil || len(problems) == 0 {
			t.Errorf("%q (line %d): %v, %v", content, line, problems, err)
		}
	}
	var bomb = "services:\n  a:\n    x: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n"
	for _, n := range []string{"b", "c", "d", "e"} {
		bomb += "  " + n + ": {extends: a}\n"
	}
	if _, _, err := parseCompose(file{"c.yaml", []byte(bomb)}, limits{nodes: 40, depth: 50}); !errors.Is(err, ErrLimit) {
		t.Errorf("what is extended is counted: %v", err)
	}
}

func FuzzCompose(f *testing.F) {
	f.Add([]byte("services:\n  a: {extends: b, environment: [A=1]}\n  b: {extends: {service: c}}\n  c: {environment: {A: 1}}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		items, _, err := parseCompose(file{"compose.yaml", data}, limits{nodes: 5_000, depth: 50})
		if err != nil && !errors.Is(err, ErrLimit) {
			t.Fatal(err)
		}
		for _, i := range items {
			checkDocument(t, i.Doc)
			i.Locate([]any{"services", "a", "environment", 0})
		}
	})
}
