// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// oneDocument decodes a text that is one good document.
func oneDocument(t testing.TB, text string, s schema) yamlDocument {
	t.Helper()
	docs, problems, err := readYAML(file{"a.yaml", []byte(text)}, s, defaultLimits())
	if err != nil || len(problems) > 0 || len(docs) != 1 {
		t.Fatalf("%d documents, %v, %v in\n%s", len(docs), problems, err, text)
	}
	return docs[0]
}

func TestScalars(t *testing.T) {
	for _, c := range []struct {
		text     string
		kube, v2 any
	}{
		{"yes", true, "yes"}, {"On", true, "On"}, {"off", false, "off"}, {"y", true, "y"}, {"N", false, "N"}, {"true", true, true}, {"False", false, false},
		{`"yes"`, "yes", "yes"}, {"!!str yes", "yes", "yes"}, {"!!bool yes", true, true}, {"!!bool \"true\"", true, true}, {"tRue", "tRue", "tRue"},
		{"12", 12, 12}, {"0", 0, 0}, {"-3", -3, -3}, {"0x1F", 31, 31}, {"0644", 420, 420}, {"0o17", 15, 15}, {"1_000", 1000, 1000},
		{"1.5", 1.5, 1.5}, {"1e3", 1000.0, 1000.0}, {".inf", ".inf", ".inf"}, {".nan", ".nan", ".nan"},
		{"18446744073709551615", 18446744073709551615.0, 18446744073709551615.0}, {"123456789012345678901234567890", 123456789012345678901234567890.0, 123456789012345678901234567890.0},
		{"~", nil, nil}, {"null", nil, nil}, {"2026-11-22", "2026-11-22", "2026-11-22"}, {"1:30", "1:30", "1:30"}, {"!!binary YQ==", "a", "a"}, {"!own x", "x", "x"},
		{"|\n  a\n  b\n", "a\nb\n", "a\nb\n"},
	} {
		for s, want := range map[schema]any{yaml11: c.kube, yaml12: c.v2} {
			got := oneDocument(t, "a: "+c.text, s).value.(map[string]any)["a"]
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%q as %d: expected %#v, found %#v", c.text, s, want, got)
			}
		}
	}
}

func TestS17_BooleansAsKeys(t *testing.T) {
	if m := oneDocument(t, "on: push", yaml12).value.(map[string]any); m["on"] != "push" {
		t.Errorf("a workflow's on is %v", m)
	}
	if m := oneDocument(t, "on: push\n8: a", yaml11).value.(map[string]any); m["true"] != "push" || m["8"] != "a" {
		t.Errorf("Kubernetes sees %v", m)
	}
}

func TestS17_EveryDocumentIsSeen(t *testing.T) {
	for _, separator := range []string{"---\n", "--- # comment\n", "--- \n", "---\r\n", "---\t\n", "...\n---\n", "---\n---\n", "--- \n# nothing\n---\n", "---\n\n\n"} {
		docs, problems, err := readYAML(file{"a.yaml", []byte("a: 1\n" + separator + "a: 2\n" + separator + "a: 3")}, yaml11, defaultLimits())
		if err != nil || len(problems) > 0 || len(docs) != 3 {
			t.Errorf("%q: %d documents, %v, %v", separator, len(docs), problems, err)
		}
	}
	for _, text := range []string{"--- {a: 1}\n--- {a: 2}\n", "a: 1\n--- !!map\na: 2", "\ufeffa: 1\n---\na: 2", `{"a": 1}` + "\n" + `{"a": 2}`, `{"a": 1}{"a": 2}`, "{\"a\": 1}\n---\n{\"a\": 2}"} {
		docs, problems, err := readYAML(file{"a.yaml", []byte(text)}, yaml11, defaultLimits())
		if err != nil || len(problems) > 0 || len(docs) != 2 {
			t.Errorf("%q: %d documents, %v, %v", text, len(docs), problems, err)
		}
	}
}

func TestS17_OneBrokenDocumentHidesNoOther(t *testing.T) {
	docs, problems, err := readYAML(file{"a.yaml", []byte("a: 1\n---\nb: [\n---\nc: 3\n---\nd: }\n")}, yaml11, defaultLimits())
	if err != nil || len(docs) != 2 || len(problems) != 2 {
		t.Fatalf("%d documents, %v, %v", len(docs), problems, err)
	}
	if docs[1].position([]any{"c"}).Line != 5 || problems[0].Line < 3 || problems[0].Line > 4 || problems[1].Line != 7 {
		t.Errorf("lines %d, %d, %d", docs[1].position([]any{"c"}).Line, problems[0].Line, problems[1].Line)
	}
}

func TestS17_DuplicateKeys(t *testing.T) {
	for text, line := range map[string]int{"a: 1\nb: 2\na: 3": 3, "x:\n  - a: 1\n    'a': 2": 3, `{"a": 1,` + "\n" + `"a": 2}`: 2, "yes: 1\ntrue: 2": 2, "a: 1\n\"\\x61\": 2": 2} {
		docs, problems, err := readYAML(file{"a.yaml", []byte(text)}, yaml11, defaultLimits())
		if err != nil || len(problems) != 1 || problems[0].Line != line || !strings.Contains(problems[0].Message, "twice") {
			t.Errorf("%q: %v, %v", text, problems, err)
		}
		if len(docs) != 1 {
			t.Errorf("%q is not judged at all", text)
		}
	}
}

func TestS17_Bombs(t *testing.T) {
	var laughs strings.Builder
	laughs.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for n := range 9 {
		fmt.Fprintf(&laughs, "a%d: &a%d [%s]\n", n+1, n+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", n), 10), ", "))
	}
	merges := "a0: &a0 {x: 1}\n"
	for n := range 12 {
		merges += fmt.Sprintf("a%d: &a%d {<<: [%s], k%d: {<<: *a%d}, l%d: {<<: *a%d}, m%d: *a%d, n%d: *a%d}\n", n+1, n+1,
			strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", n), 8), ", "), n, n, n, n, n, n, n, n)
	}
	for name, text := range map[string]string{
		"aliases": laughs.String(), "merge keys": merges, "depth": strings.Repeat("[", 300) + strings.Repeat("]", 300),
		"depth in blocks": strings.Repeat("- ", 300) + "x",
	} {
		_, _, err := readYAML(file{"bomb.yaml", []byte(text)}, yaml11, defaultLimits())
		if !errors.Is(err, ErrLimit) || !strings.Contains(err.Error(), `"bomb.yaml"`) {
			t.Errorf("%s: expected a limit that names the file, found %v", name, err)
		}
	}
	_, problems, err := readYAML(file{"a.yaml", []byte("a: &a [*a]")}, yaml11, defaultLimits())
	if err != nil || len(problems) != 1 || !strings.Contains(problems[0].Message, "contains itself") {
		t.Errorf("an anchor in itself: %v, %v", problems, err)
	}
}

func TestS17_MergeKeys(t *testing.T) {
	text := "base: &base\n  image: a\n  privileged: true\nother: &other\n  image: b\none:\n  <<: *base\n  image: c\ntwo:\n  <<: [*other, *base]\n"
	d := oneDocument(t, text, yaml11)
	m := d.value.(map[string]any)
	if want := map[string]any{"image": "c", "privileged": true}; !reflect.DeepEqual(m["one"], want) {
		t.Errorf("one is %v", m["one"])
	}
	if want := map[string]any{"image": "b", "privileged": true}; !reflect.DeepEqual(m["two"], want) {
		t.Errorf("two is %v", m["two"])
	}
	for path, line := range map[string]int{"one/privileged": 3, "one/image": 8, "two/image": 5, "two/privileged": 3, "two/none": 9} {
		var steps []any
		for _, s := range strings.Split(path, "/") {
			steps = append(steps, s)
		}
		if p := d.position(steps); p.Line != line {
			t.Errorf("%s is at line %d, expected %d", path, p.Line, line)
		}
	}
	_, problems, _ := readYAML(file{"a.yaml", []byte("a:\n  <<: 5")}, yaml11, defaultLimits())
	if len(problems) != 1 || problems[0].Line != 2 {
		t.Errorf("merging a number: %v", problems)
	}
}

func TestJSONPositions(t *testing.T) {
	text := "{\n  \"a\": {\"ü\": [1, {\"b\": true}]},\n\t\"c\" : \"\\ud83d\\ude00\\/\"\n}"
	d := oneDocument(t, text, yaml11)
	if got := d.value.(map[string]any)["c"]; got != "😀/" {
		t.Errorf("c is %q", got)
	}
	for _, c := range []struct {
		path         []any
		line, column int
	}{{[]any{"a", "ü", 1, "b"}, 2, 24}, {[]any{"a", "ü", 0}, 2, 15}, {[]any{"c"}, 3, 8}, {[]any{"a"}, 2, 3}, {nil, 1, 1}} {
		if p := d.position(c.path); p.Line != c.line || p.Column != c.column {
			t.Errorf("%v: expected %d:%d, found %d:%d", c.path, c.line, c.column, p.Line, p.Column)
		}
	}
}

func TestPositionsOfBlocks(t *testing.T) {
	d := oneDocument(t, "run: |\n  one\n  two\nkeep: >-\n  a\n  b\nlist:\n- x\n-\n  y: 1\nalias: &z\n  q: 1\nuse: *z\n", yaml12)
	for _, c := range []struct {
		path      []any
		line, end int
	}{{[]any{"run"}, 1, 3}, {[]any{"list", 1, "y"}, 10, 10}, {[]any{"list"}, 7, 10}, {[]any{"use"}, 13, 13}, {[]any{"use", "q"}, 12, 12}, {[]any{"list", 9}, 7, 10}, {[]any{"list", "x"}, 7, 10}} {
		if p := d.position(c.path); p.Line != c.line || p.EndLine != c.end {
			t.Errorf("%v: expected %d to %d, found %d to %d", c.path, c.line, c.end, p.Line, p.EndLine)
		}
	}
}

// FuzzYAML checks that every value that was decoded has a place within the file, and that nothing foreign makes the reader fail in another way than
// by a problem or a limit.
func FuzzYAML(f *testing.F) {
	for _, seed := range []string{deployment, service, "a: &a [1, *a]", "a: {<<: [*b]}", "--- {b: 2}\n---\nx", `{"a": [1, {"b": "\ud83d\ude00"}]}`, "? [a]\n: b", "a: |\n  x\n\n\n", "\xff\xfea\x00:\x001\x00",
		"- - - x\n  - y", "a: 'b\n\n  c'\n<<: {d: e}", "%YAML 1.1\n---\na: 1", "!!map {a: !x b}", "{\"a\": 1}{\"b\": 2}", "?"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") + strings.Count(string(data), "\u0085") + strings.Count(string(data), "\u2028") +
			strings.Count(string(data), "\u2029") + 1
		docs, problems, err := readYAML(file{"a.yaml", data}, yaml11, limits{nodes: 10_000, depth: 100})
		if err != nil {
			if !errors.Is(err, ErrLimit) {
				t.Fatal(err)
			}
			return
		}
		for _, p := range problems {
			if p.Line < 1 || p.Line > lines || p.Message == "" {
				t.Errorf("problem at line %d of %d: %s", p.Line, lines, p.Message)
			}
		}
		for _, d := range docs {
			everyPath(d.value, nil, func(path []any) {
				if p := d.position(path); p.Line < 1 || p.Line > lines || p.Column < 1 || p.EndLine < p.Line {
					t.Errorf("%v is at %+v of %d lines", path, p, lines)
				}
			})
		}
	})
}

func everyPath(v any, path []any, visit func([]any)) {
	visit(path)
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			everyPath(e, append(path[:len(path):len(path)], k), visit)
		}
	case []any:
		for n, e := range v {
			everyPath(e, append(path[:len(path):len(path)], n), visit)
		}
	}
}

// FuzzJSON checks that what encoding/json takes has the same values through nodes.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"a": [1, 2.5, true, null, "x\n"], "b": {"c": ""}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		docs, err := parseJSON(data)
		if err != nil {
			return
		}
		for _, d := range docs {
			if d.root.Kind == 0 || d.root.Kind == yaml.AliasNode {
				t.Errorf("kind %d", d.root.Kind)
			}
		}
	})
}

// S-17: JSON that nests without end is a problem of its file, not the end of the process.
func TestS17_DeepJSON(t *testing.T) {
	for _, text := range []string{strings.Repeat("[", 1<<22), strings.Repeat(`{"a":`, 1<<20), "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"a\": " + strings.Repeat("[", 1<<20)} {
		if _, err := parseJSON([]byte(text)); err == nil || !strings.Contains(err.Error(), "nested deeper") {
			t.Errorf("%.20s…: %v", text, err)
		}
	}
}
