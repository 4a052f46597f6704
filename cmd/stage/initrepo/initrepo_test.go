// SPDX-License-Identifier: Apache-2.0

package initrepo

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/gate"
)

var now = time.Date(2026, 11, 22, 1, 2, 3, 0, time.UTC)

// place is a fresh folder called demo with some files. Names that end in / are folders.
func place(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "demo")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		put(t, dir, name, content)
	}
	return dir
}

func put(t *testing.T, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o600)); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func inspect(t *testing.T, dir string) *Plan {
	t.Helper()
	p, err := Inspect(t.Context(), dir, Options{Now: now, Env: os.Environ()})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// pipeline has the keys of sealock.yaml.
type pipeline struct {
	APIVersion string `yaml:"apiVersion"`
	Kind       string `yaml:"kind"`
	Name       string `yaml:"name"`
	Policy     string `yaml:"policy"`
	Store      string `yaml:"store"`
	Stages     map[string]struct {
		Run      []string `yaml:"run"`
		Inputs   []string `yaml:"inputs"`
		Subjects []string `yaml:"subjects"`
		Evidence []string `yaml:"evidence"`
		Outputs  []string `yaml:"outputs"`
	} `yaml:"stages"`
}

// check reads what was written the way the gate does, and holds the two files against each other.
func check(t *testing.T, dir string, p *Plan) (pipeline, *gate.Policy) {
	t.Helper()
	var pipe pipeline
	if _, err := gate.DecodeYAML(PipelineFile, []byte(get(t, dir, PipelineFile)), &pipe); err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	policy, err := gate.LoadPolicy(filepath.Join(dir, p.PolicyDir), gate.LoadOptions{
		ParseKey: func(pem []byte) (crypto.PublicKey, string, error) { return &key.PublicKey, string(pem), nil },
		LocalKey: func(name string) ([]byte, error) { return []byte(name), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if pipe.APIVersion != gate.APIVersion || pipe.Kind != "Pipeline" || pipe.Name != p.Name || pipe.Policy != "./"+p.PolicyDir || pipe.Store != StoreDir {
		t.Errorf("pipeline %+v", pipe)
	}
	if len(pipe.Stages) != 3 || len(policy.Stages) != 3 {
		t.Errorf("expected three stages, found %d and %d", len(pipe.Stages), len(policy.Stages))
	}
	for name, s := range pipe.Stages {
		want, ok := policy.Stages[name]
		if !ok || !slices.Equal(want.Evidence, s.Evidence) || len(s.Run) > 0 {
			t.Errorf("stage %s: pipeline %+v, policy %+v", name, s, want)
		}
		for _, ref := range s.Subjects {
			if r, err := subject.Parse(ref); err != nil || r.Scheme == subject.Registry {
				t.Errorf("stage %s: subject %q: %v", name, ref, err)
			}
		}
	}
	if want := time.Date(2027, 11, 22, 0, 0, 0, 0, time.UTC); !policy.Expires.Equal(want) {
		t.Errorf("expires: expected %s, found %s", want, policy.Expires)
	}
	return pipe, policy
}

func TestLanguages(t *testing.T) {
	cases := []struct {
		name      string
		files     map[string]string
		want      string // name
		languages string
		empty     bool
	}{
		{"go", map[string]string{"go.mod": "module example.com/acme/widget/v2\n\ngo 1.26\n\nrequire example.com/x v1.0.0\n"}, "widget", "Go (go.mod)", false},
		{"go without dependencies", map[string]string{"go.mod": "module gopkg.in/yaml.v3\n"}, "yaml", "Go (go.mod)", true},
		{"npm", map[string]string{"package.json": `{"name": "@acme/Left_Pad", "version": "1.0.0"}`}, "left-pad", "JavaScript (package.json)", true},
		{"npm with lockfile", map[string]string{"package.json": `{"name": "shop"}`, "package-lock.json": "{}"}, "shop", "JavaScript (package.json)", false},
		{"python", map[string]string{"pyproject.toml": "[build-system]\nrequires = []\nname = 'no'\n[project]\nname = \"py.Thing\"\n"}, "py-thing", "Python (pyproject.toml)", true},
		{"python requirements", map[string]string{"requirements.txt": "requests==2.32.0\n"}, "demo", "Python (requirements.txt)", false},
		{"rust", map[string]string{"Cargo.toml": "[package]\nname = \"crab\"\n[dependencies]\n", "Cargo.lock": ""}, "crab", "Rust (Cargo.toml)", false},
		{"maven", map[string]string{"pom.xml": "<project><parent><artifactId>up</artifactId></parent><artifactId>beans</artifactId></project>"}, "beans", "Java (pom.xml)", true},
		{"gradle", map[string]string{"settings.gradle": "rootProject.name = 'gradual'\n"}, "gradual", "Java (settings.gradle)", true},
		{"ruby", map[string]string{"Gemfile": "", "Gemfile.lock": "", "gemstone.gemspec": ""}, "gemstone", "Ruby (gemstone.gemspec)", false},
		{"php", map[string]string{"composer.json": `{"name": "acme/elephant"}`}, "elephant", "PHP (composer.json)", true},
		{".net", map[string]string{"Net.Core.csproj": "<Project/>"}, "net-core", ".NET (Net.Core.csproj)", true},
		{"two languages", map[string]string{"go.mod": "module example.com/back\n", "package.json": `{"name": "front"}`}, "back", "Go (go.mod), JavaScript (package.json)", true},
		{"a number for a name", map[string]string{"package.json": `{"name": "1984"}`}, "1984", "JavaScript (package.json)", true},
		{"a truth value for a name", map[string]string{"package.json": `{"name": "true"}`}, "true", "JavaScript (package.json)", true},
		{"nothing known", map[string]string{"README": "hello"}, "demo", "", true},
		{"broken files", map[string]string{"package.json": "{", "go.mod": "what", "pom.xml": "<", "Cargo.toml": "["}, "demo",
			"Go (go.mod), Rust (Cargo.toml), Java (pom.xml), JavaScript (package.json)", true},
		{"too large", map[string]string{"package.json": `{"name": "big"}` + strings.Repeat(" ", maxLook)}, "demo", "JavaScript (package.json)", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := place(t, c.files)
			p := inspect(t, dir)
			if p.Name != c.want || strings.Join(p.Languages, ", ") != c.languages || p.empty != c.empty || p.Source != "dir:." || p.Product != "dir:." {
				t.Errorf("plan: %+v", p)
			}
			written, err := p.Write(dir)
			if err != nil {
				t.Fatal(err)
			}
			if want := []string{"sealock.yaml", "policy/policy.yaml"}; !slices.Equal(written, want) {
				t.Errorf("expected %q to be written, found %q", want, written)
			}
			pipe, policy := check(t, dir, p)
			if got := pipe.Stages["build"].Subjects; !slices.Equal(got, []string{"dir:."}) {
				t.Errorf("build is about %q", got)
			}
			if got := policy.Artifacts[c.want].Product; got != "build" {
				t.Errorf("the product is %q", got)
			}
			if allow := policy.Rules["sbom"]["allowEmpty"]; (allow == true) != c.empty {
				t.Errorf("allowEmpty is %v", allow)
			}
		})
	}
}

func TestGolden(t *testing.T) {
	dir := place(t, map[string]string{"go.mod": "module example.com/widget\n", "Dockerfile": "FROM scratch\n", ".github/workflows/ci.yml": "on: push\n"})
	p := inspect(t, dir)
	if _, err := p.Write(dir); err != nil {
		t.Fatal(err)
	}
	for _, f := range []struct{ file, golden string }{{"sealock.yaml", "sealock.yaml"}, {"policy/policy.yaml", "policy.yaml"}} {
		want := get(t, "testdata", f.golden)
		if got := get(t, dir, f.file); got != want {
			t.Errorf("%s: expected\n%s\nfound\n%s", f.file, want, got)
		}
	}
	want := `name: widget
found: Go (go.mod), GitHub Actions (.github/workflows), Dockerfile
product: dir:. (the source tree)
writes: sealock.yaml, policy/policy.yaml
expires: the policy, on 2027-11-22
note: Dockerfile: to gate the image, let the build stage write it as an OCI layout; sealock.yaml shows how`
	if got := strings.Join(p.Describe(), "\n"); got != want {
		t.Errorf("expected\n%s\nfound\n%s", want, got)
	}
	if got := p.Next(); !slices.Equal(got, []string{"sealock run --all"}) {
		t.Errorf("next: %q", got)
	}
}

const (
	digestA = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	digestB = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
)

func TestImageLayouts(t *testing.T) {
	one := `{"manifests": [{"digest": "` + digestA + `"}]}`
	two := `{"manifests": [{"digest": "` + digestA + `"}, {"digest": "` + digestB + `"}]}`
	cases := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"the folder itself", map[string]string{"oci-layout": "{}", "index.json": one}, "oci-layout:."},
		{"two images", map[string]string{"oci-layout": "{}", "index.json": two}, "oci-layout:.@" + digestA},
		{"below", map[string]string{"out/image/oci-layout": "{}", "out/image/index.json": one}, "oci-layout:out/image"},
		{"too far below", map[string]string{"a/b/c/oci-layout": "{}"}, "dir:."},
		{"beside code", map[string]string{"go.mod": "module x", "out/oci-layout": "{}"}, "dir:."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := place(t, c.files)
			p := inspect(t, dir)
			if p.Product != c.want || p.Name == "" {
				t.Fatalf("expected %s, found %+v", c.want, p)
			}
			if _, err := p.Write(dir); err != nil {
				t.Fatal(err)
			}
			pipe, policy := check(t, dir, p)
			for name, s := range pipe.Stages {
				if !slices.Equal(s.Subjects, []string{c.want}) {
					t.Errorf("stage %s is about %q", name, s.Subjects)
				}
			}
			if _, has := policy.Stages["secrets"]; has != p.image() {
				t.Errorf("stages %v", policy.Stages)
			}
		})
	}
	for name, index := range map[string]string{"no index": "", "not JSON": "{", "no image": `{"manifests": []}`, "bad digest": strings.ReplaceAll(two, "a", "X")} {
		t.Run(name, func(t *testing.T) {
			if _, err := Inspect(t.Context(), place(t, map[string]string{"oci-layout": "{}", "index.json": index}), Options{Now: now}); err == nil {
				t.Error("expected an error")
			}
		})
	}
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	cmd := exec.Command("git", append([]string{"-c", "user.name=alice", "-c", "user.email=alice@example.com"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func TestGit(t *testing.T) {
	commit := func(t *testing.T, dir string) {
		git(t, dir, "add", "-A")
		git(t, dir, "commit", "-q", "-m", "x")
	}
	cases := []struct {
		name  string
		setUp func(t *testing.T, dir string)
		want  string
		notes int
	}{
		{"clean", func(t *testing.T, dir string) { git(t, dir, "init", "-q"); commit(t, dir) }, "git:HEAD", 0},
		{"dirty", func(t *testing.T, dir string) { git(t, dir, "init", "-q"); commit(t, dir); put(t, dir, "new", "x") }, "git:HEAD", 0},
		{"no commit", func(t *testing.T, dir string) { git(t, dir, "init", "-q") }, "dir:.", 1},
		{"not in the commit of the folder above", func(t *testing.T, dir string) {
			put(t, dir, "../tracked", "x")
			git(t, dir+"/..", "init", "-q")
			git(t, dir+"/..", "add", "tracked")
			git(t, dir+"/..", "commit", "-q", "-m", "x")
		}, "dir:.", 1},
		{"a folder of a repository", func(t *testing.T, dir string) { git(t, dir+"/..", "init", "-q"); commit(t, dir) }, "git:HEAD", 0},
		{"no repository after all", func(t *testing.T, dir string) { put(t, dir, ".git/HEAD", "what") }, "dir:.", 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := place(t, map[string]string{"go.mod": "module example.com/x\n"})
			c.setUp(t, dir)
			p := inspect(t, dir)
			if p.Source != c.want || p.Product != c.want || len(p.Notes) != c.notes {
				t.Fatalf("expected %s and %d notes, found %+v", c.want, c.notes, p)
			}
			written, err := p.Write(dir)
			if err != nil || !slices.Equal(written, p.Files()) {
				t.Errorf("written %q, error %v", written, err)
			}
			check(t, dir, p)
			if next := p.Next(); (len(next) == 2) != (c.want == "git:HEAD") {
				t.Errorf("next: %q", next)
			}
		})
	}
}

// What was just written does not make the work tree dirty for a run, and after the commit that Next names it is part of the source.
func TestSourceResolvesAtOnce(t *testing.T) {
	dir := place(t, map[string]string{"go.mod": "module example.com/x\n"})
	git(t, dir, "init", "-q")
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "-m", "x")
	p := inspect(t, dir)
	if _, err := p.Write(dir); err != nil {
		t.Fatal(err)
	}
	ref, err := subject.Parse(p.Source)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := subject.Resolve(t.Context(), ref, subject.Options{Dir: dir, Env: os.Environ(), Own: p.Files()}); err != nil {
		t.Error(err)
	}
	for _, arg := range []string{PipelineFile, p.PolicyDir} {
		if !strings.Contains(p.Next()[0], arg) {
			t.Errorf("%q does not add %s", p.Next()[0], arg)
		}
	}
	git(t, dir, "add", PipelineFile, p.PolicyDir)
	git(t, dir, "commit", "-q", "-m", "gate")
	if _, err := subject.Resolve(t.Context(), ref, subject.Options{Dir: dir, Env: os.Environ()}); err != nil {
		t.Error(err)
	}
}

func TestNothingIsOverwritten(t *testing.T) {
	dir := place(t, map[string]string{"sealock.yaml": "mine", "policy/policy.yaml": "mine too"})
	_, err := inspect(t, dir).Write(dir)
	if !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), "sealock.yaml, policy/policy.yaml") {
		t.Errorf("expected an error that names both, found %v", err)
	}
	if get(t, dir, "sealock.yaml") != "mine" || get(t, dir, "policy/policy.yaml") != "mine too" {
		t.Error("a file was overwritten")
	}
	if err := os.Remove(filepath.Join(dir, "sealock.yaml")); err != nil {
		t.Fatal(err)
	}
	if _, err := inspect(t, dir).Write(dir); err == nil {
		t.Error("expected an error")
	}
	if _, err := os.Stat(filepath.Join(dir, "sealock.yaml")); err == nil {
		t.Error("a refused plan left a file behind")
	}
	forced, err := Inspect(t.Context(), dir, Options{Now: now, Force: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := forced.Write(dir); err != nil {
		t.Fatal(err)
	}
	check(t, dir, forced)
	if names := (&folder{root: open(t, dir)}).names("policy"); !slices.Equal(names, []string{"policy.yaml"}) {
		t.Errorf("left behind: %q", names)
	}
}

func open(t *testing.T, dir string) *os.Root {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	return root
}

func TestNothingIsWrittenOutside(t *testing.T) {
	outside := t.TempDir()
	for _, name := range []string{"sealock.yaml", "policy"} {
		dir := place(t, map[string]string{".git/HEAD": ""})
		if err := os.Symlink(filepath.Join(outside, name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		for _, force := range []bool{false, true} {
			p, err := Inspect(t.Context(), dir, Options{Now: now, Force: force})
			if err == nil {
				_, err = p.Write(dir)
			}
			// For a policy folder that can't be used there is another one.
			if err == nil && name != "policy" && (!force || name != "sealock.yaml") {
				t.Errorf("%s is a link out of the folder, force %t: expected an error", name, force)
			}
		}
		if left, err := os.ReadDir(outside); err != nil || len(left) > 0 {
			t.Errorf("%s: written outside: %v, %v", name, left, err)
		}
	}
}

// Another tool's policies must not become part of ours.
func TestForeignPolicyFolder(t *testing.T) {
	dir := place(t, map[string]string{"policy/deployment.rego": "package main\n"})
	p := inspect(t, dir)
	if p.PolicyDir != "sealock-policy" {
		t.Fatalf("policy folder %q", p.PolicyDir)
	}
	if _, err := p.Write(dir); err != nil {
		t.Fatal(err)
	}
	check(t, dir, p)
	put(t, dir, "sealock-policy/x.rego", "")
	if err := os.Remove(filepath.Join(dir, "sealock-policy/policy.yaml")); err != nil {
		t.Fatal(err)
	}
	if _, err := Inspect(t.Context(), dir, Options{Now: now}); err == nil || !strings.Contains(err.Error(), "policy") {
		t.Errorf("expected an error, found %v", err)
	}
}

func TestHostileNames(t *testing.T) {
	dir := place(t, map[string]string{"x\n  evil: [a].Dockerfile": "", "package.json": `{"name": "a\n  evil: \"[b]\" # ../../é"}`, "evil\x1b[2J.csproj": ""})
	p := inspect(t, dir)
	if p.Name != "a-evil-b" && p.Name != "demo" || len(p.Containers) > 0 {
		t.Errorf("plan: %+v", p)
	}
	if _, err := p.Write(dir); err != nil {
		t.Fatal(err)
	}
	check(t, dir, p)
	for _, line := range p.Describe() {
		if strings.ContainsAny(line, "\n\x1b") {
			t.Errorf("%q would act on a terminal", line)
		}
	}
}

func TestCleanName(t *testing.T) {
	for in, want := range map[string]string{"Shop": "shop", "--a__b..c--": "a-b-c", "é": "", "": "", ".": "", strings.Repeat("x", 80): strings.Repeat("x", maxName),
		strings.Repeat("x", maxName-1) + "--y": strings.Repeat("x", maxName-1)} {
		if got := cleanName(in); got != want {
			t.Errorf("%q: expected %q, found %q", in, want, got)
		}
	}
}

func TestErrors(t *testing.T) {
	if _, err := Inspect(t.Context(), filepath.Join(t.TempDir(), "missing"), Options{Now: now}); err == nil || !strings.Contains(err.Error(), "hint") {
		t.Errorf("found %v", err)
	}
	if _, err := Inspect(t.Context(), t.TempDir(), Options{}); err == nil {
		t.Error("expected an error without a time")
	}
}
