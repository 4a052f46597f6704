// SPDX-License-Identifier: Apache-2.0

package stack_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/xeipuuv/gojsonschema"
	"go.yaml.in/yaml/v3"
)

// What sealock writes as SARIF is valid: the scans of the sample with every way in which its configuration goes wrong, and decisions that refuse and
// allow. The schema is the one in go-sarif, held against the text as it was written: fields that its types do not know would be lost otherwise.
func TestSARIF(t *testing.T) {
	w := plainWorld(t)
	valid := sarifSchema(t)
	shop := w.sampleFiles()
	w.commit(shop)

	var variants []struct {
		Name  string
		Edits []struct{ File, Old, New string }
	}
	text, err := os.ReadFile(filepath.Join("..", "variants", "configuration.yaml"))
	w.must(err)
	w.must(yaml.Unmarshal(text, &variants))
	changed, applied := map[string]string{}, 0
	for _, v := range variants { // as many as there is room for in one copy: two may change the same text
		fits := len(v.Edits) > 0
		for _, e := range v.Edits {
			fits = fits && strings.Contains(fileOr(t, changed, shop, e.File), e.Old)
		}
		if !fits {
			continue
		}
		for _, e := range v.Edits {
			changed[e.File] = strings.Replace(fileOr(t, changed, shop, e.File), e.Old, e.New, 1)
		}
		applied++
	}
	if applied < 3 {
		t.Fatalf("only %d variants could be made", applied)
	}

	if n := valid(t, w.exit(0, shop, w.sealock, "scan", "dir:.", "-o", "sarif")); n != 0 {
		t.Errorf("the sample has %d results", n)
	}
	w.exit(0, shop, w.sealock, "run", "--all", "-q")
	valid(t, w.exit(0, shop, w.sealock, "verify", "--env", "staging", "-o", "sarif"))
	if n := valid(t, w.exit(1, shop, w.sealock, "verify", "--env", "prod", "-o", "sarif")); n == 0 {
		t.Error("a refusal without results")
	}
	for file, text := range changed {
		w.write(filepath.Join(shop, file), text)
	}
	if n := valid(t, w.exit(0, shop, w.sealock, "scan", "dir:.", "-o", "sarif")); n < applied {
		t.Errorf("%d results for %d variants", n, applied)
	}
}

// plainWorld is a world without a registry.
func plainWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, dir: t.TempDir(), sealock: os.Getenv("SEALOCK_BIN")}
	if w.sealock == "" {
		t.Skip("SEALOCK_BIN names no sealock to test; .ci/interop builds one")
	}
	w.home = filepath.Join(w.dir, "home")
	w.must(os.Mkdir(w.home, 0o755))
	w.env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.home, "TMPDIR=" + w.dir, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=alice", "GIT_AUTHOR_EMAIL=alice@example.org", "GIT_COMMITTER_NAME=alice", "GIT_COMMITTER_EMAIL=alice@example.org"}
	for _, name := range []string{"GOMODCACHE", "GOCACHE", "GOPROXY", "GOFLAGS"} { // the sample is built; not into a cache of its own
		out, err := exec.Command("go", "env", name).Output()
		w.must(err)
		w.env = append(w.env, name+"="+strings.TrimSpace(string(out)))
	}
	return w
}

func fileOr(t *testing.T, changed map[string]string, dir, name string) string {
	t.Helper()
	if text, ok := changed[name]; ok {
		return text
	}
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sarifSchema gives a function that holds a log against the schema and counts its results.
func sarifSchema(t *testing.T) func(t *testing.T, log string) int {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif").Output()
	if err != nil {
		t.Fatal(err)
	}
	schema, err := gojsonschema.NewSchema(gojsonschema.NewStringLoader(constant(t, filepath.Join(strings.TrimSpace(string(out)), "schema.go"), "schema")))
	if err != nil {
		t.Fatal(err)
	}
	check := func(log string) []gojsonschema.ResultError {
		result, err := schema.Validate(gojsonschema.NewStringLoader(log))
		if err != nil {
			t.Fatal(err)
		}
		return result.Errors()
	}
	if len(check(`{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"more":1}]}`)) == 0 {
		t.Fatal("the schema takes a field that it does not have")
	}
	return func(t *testing.T, log string) int {
		t.Helper()
		for _, e := range check(log) {
			t.Errorf("not valid: %s", e)
		}
		report, err := sarif.FromString(log)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, r := range report.Runs {
			n += len(r.Results)
		}
		return n
	}
}

// constant is the value of a text constant in a Go file, which its package does not export.
func constant(t *testing.T, file, name string) string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, decl := range parsed.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok || len(group.Specs) != 1 {
			continue
		}
		spec, ok := group.Specs[0].(*ast.ValueSpec)
		if !ok || spec.Names[0].Name != name || len(spec.Values) != 1 {
			continue
		}
		if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
			if text, err := strconv.Unquote(lit.Value); err == nil {
				return text
			}
		}
	}
	t.Fatalf("%s has no text constant %s", file, name)
	return ""
}
