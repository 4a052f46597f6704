// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/semver"
)

const ours = "github.com/sealock-dev/sealock"

// listed is one of our packages as the go command sees it, tests left out.
type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

// packages asks the go command once for all of ours.
var packages = sync.OnceValues(func() (map[string]listed, error) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", ours+"/...")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly")
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	all := map[string]listed{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all[p.ImportPath] = p
	}
})

func listPackages(t *testing.T) map[string]listed {
	t.Helper()
	all, err := packages()
	if err != nil || len(all) < 10 {
		t.Fatalf("go list: %d packages, %v", len(all), err)
	}
	return all
}

// under reports whether a package is one of those named or lies below it.
func under(path string, roots ...string) bool {
	return slices.ContainsFunc(roots, func(root string) bool { return path == root || strings.HasPrefix(path, root+"/") })
}

// What the gate, the rules and the evidence link decides how small the program for admission can be (DESIGN.md 4 and 5).
func TestHeavyPackagesStayWhereTheyAre(t *testing.T) {
	t.Parallel()
	heavy := []string{"github.com/anchore", "github.com/zricethezav/gitleaks", "gorm.io", "github.com/glebarez", "github.com/santhosh-tekuri/jsonschema"}
	for path, p := range listPackages(t) {
		if !under(path, ours+"/gate", ours+"/attest", ours+"/rules") {
			continue
		}
		for _, d := range p.Deps {
			if under(d, heavy...) && (!under(d, "github.com/glebarez") || path != ours+"/gate/audit/sqlite") { // the one place for the database
				t.Errorf("%s links %s", path, d)
			}
			if under(d, ours+"/scanners", ours+"/cmd") && !under(path, ours+"/attest/subject") {
				t.Errorf("%s links %s", path, d)
			}
		}
	}
}

// The release's policy accepts GO-2026-5932, which is about these packages, because nothing links them.
func TestNoOpenPGPOfTheGoProject(t *testing.T) {
	t.Parallel()
	for path, p := range listPackages(t) {
		for _, d := range p.Deps {
			if under(d, "golang.org/x/crypto/openpgp") {
				t.Errorf("%s links %s", path, d)
			}
		}
	}
}

// Each heavy library has one package that imports it.
func TestOneImporter(t *testing.T) {
	t.Parallel()
	owner := map[string][]string{
		"github.com/sigstore":                        {ours + "/attest/sigstore"},
		"github.com/anchore/syft":                    {ours + "/scanners/sbom", ours + "/scanners/vulns"},
		"github.com/anchore/grype":                   {ours + "/scanners/vulns"},
		"github.com/zricethezav/gitleaks":            {ours + "/scanners/secrets"},
		"github.com/open-policy-agent/opa":           {ours + "/rules"},
		"github.com/spf13/cobra":                     {ours + "/cmd/sealock"},
		"github.com/google/go-containerregistry":     {ours + "/attest/subject", ours + "/attest/registry", ours + "/scanners/sbom"},
		"github.com/santhosh-tekuri/jsonschema":      {},
		"github.com/open-policy-agent/conftest":      {},
		"modernc.org/sqlite":                         {},
		"github.com/rogpeppe/go-internal/testscript": {},
	}
	for path, p := range listPackages(t) {
		for lib, by := range owner {
			for _, i := range p.Imports {
				if under(i, lib) && !under(path, by...) {
					t.Errorf("%s imports %s, which only %q may", path, i, by)
				}
			}
		}
	}
}

// Imports go one way (DESIGN.md 5).
func TestImportsGoOneWay(t *testing.T) {
	t.Parallel()
	may := map[string][]string{
		"attest":            {},
		"attest/attesttest": {"attest"},
		"attest/dir":        {"attest"},
		"attest/predicate":  {"attest"},
		"attest/sigstore":   {"attest"},
		"attest/subject":    {"attest", "scanners"}, // scanners itself: the form in which content is handed to them
		"rules":             {},
		"gate":              {"attest", "rules", "gate"},
		"scanners":          {"attest", "scanners"},
		"scanners/config":   {"attest", "scanners", "rules"},
		"cmd":               {"attest", "rules", "gate", "scanners", "cmd"},
		"testdata/vulndb":   {},
		"testdata/variants": {},
		"testdata/shop":     {},
	}
	for path, p := range listPackages(t) {
		rel := strings.TrimPrefix(path, ours+"/")
		rule, found := "", false
		for dir := range may {
			if under(rel, dir) && len(dir) > len(rule) {
				rule, found = dir, true
			}
		}
		if !found {
			t.Errorf("%s is in a folder that DESIGN.md 5 does not know", path)
			continue
		}
		for _, i := range p.Imports {
			to, local := strings.CutPrefix(i, ours+"/")
			if local && !under(to, append(may[rule], rule)...) {
				t.Errorf("%s imports %s, which %s may not", path, i, rule)
			}
			if local && rule == "attest/subject" && under(to, "scanners") && to != "scanners" {
				t.Errorf("%s imports %s: only the types in scanners itself are shared", path, i)
			}
		}
	}
}

// The program starts in a few milliseconds as long as nothing that it links does much in its init. These do. Two that do are linked all the same, since
// Helm's library needs them to render a chart: jsonschema/v6 (1.3 ms) and client-go's scheme (2.2 ms).
func TestNoCostlyInit(t *testing.T) {
	t.Parallel()
	costly := []string{"github.com/gocsaf", "github.com/open-policy-agent/conftest", "cuelang.org/go", "github.com/google/go-jsonnet", "github.com/hashicorp/vault/api",
		"github.com/rogpeppe/go-internal"}
	main := listPackages(t)[ours+"/cmd/sealock"]
	if len(main.Deps) == 0 {
		t.Fatal("nothing is known about the program")
	}
	for _, d := range main.Deps {
		if under(d, costly...) {
			t.Errorf("the program links %s", d)
		}
		if d == "modernc.org/sqlite" {
			t.Errorf("the program links %s beside github.com/glebarez/go-sqlite: both register the driver \"sqlite\"", d)
		}
	}
	if first := listPackages(t)[ours+"/cmd/sealock/reserve"]; first.ImportPath == "" || len(first.Deps) > 0 {
		t.Errorf("package reserve links %q: it has to be initialised before what it makes cheaper", first.Deps)
	}
	if !slices.Contains(main.Deps, "github.com/mattn/go-runewidth") {
		return
	}
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Version}}", "github.com/mattn/go-runewidth").Output()
	if err != nil {
		t.Fatal(err)
	}
	if v := strings.TrimSpace(string(out)); semver.Compare(v, "v0.0.31") < 0 {
		t.Errorf("go-runewidth %s fills a table in its init; v0.0.31 does not", v)
	}
}

// Time, environment, exit and the root context belong to the program; everything else is handed them (STYLE 20).
func TestHostIsHandedIn(t *testing.T) {
	t.Parallel()
	forbidden := map[string][]string{"os": {"Exit", "Getenv", "LookupEnv", "Environ"}, "time": {"Now", "Since", "Until"}, "context": {"Background", "TODO"}}
	excused := map[string]string{"rules/program.go": "context.TODO"} // OPA's preparation of a query wants a context; compiling has none, and ends by itself
	checked := 0
	walkSources(t, func(name string, file *ast.File, fset *token.FileSet) {
		checked++
		if strings.HasPrefix(name, "cmd/sealock/") {
			return
		}
		local := map[string]string{} // name in the file → package
		for _, i := range file.Imports {
			path, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			as := path[strings.LastIndex(path, "/")+1:]
			if i.Name != nil {
				as = i.Name.Name
			}
			local[as] = path
		}
		ast.Inspect(file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if pkg, ok := sel.X.(*ast.Ident); ok && slices.Contains(forbidden[local[pkg.Name]], sel.Sel.Name) && excused[name] != pkg.Name+"."+sel.Sel.Name {
				t.Errorf("%s: %s.%s belongs to cmd/sealock", fset.Position(sel.Pos()), pkg.Name, sel.Sel.Name)
			}
			return true
		})
	})
	if checked < 50 {
		t.Errorf("only %d files were looked at", checked)
	}
}

// Nothing happens before main, every file says its licence, and nothing that was meant for later is left (STYLE 7, 18, 22).
func TestSourcesAreInOrder(t *testing.T) {
	t.Parallel()
	walkSources(t, func(name string, file *ast.File, fset *token.FileSet) {
		if len(file.Comments) == 0 || !strings.Contains(file.Comments[0].List[0].Text, "SPDX-License-Identifier: Apache-2.0") {
			t.Errorf("%s does not begin with its licence", name)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: an init function", fset.Position(f.Pos()))
			}
		}
		for _, c := range file.Comments {
			if strings.Contains(c.Text(), "TODO") || strings.Contains(c.Text(), "FIXME") {
				t.Errorf("%s: left for later", fset.Position(c.Pos()))
			}
		}
	})
}

// walkSources parses every Go file of the module that is no test.
func walkSources(t *testing.T, look func(name string, file *ast.File, fset *token.FileSet)) {
	t.Helper()
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && name != root && (strings.HasPrefix(e.Name(), ".") || e.Name() == "testdata") {
			return filepath.SkipDir
		}
		if e.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		look(filepath.ToSlash(rel), file, fset)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
