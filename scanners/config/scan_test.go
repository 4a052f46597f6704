// SPDX-License-Identifier: Apache-2.0

package config

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/rules"
	"github.com/sealock-dev/sealock/scanners"
)

// memoryTree is a source in memory: contents by path.
type memoryTree map[string]string

func (m memoryTree) Walk(ctx context.Context, visit func(scanners.FileEntry) error) error {
	for _, p := range slices.Sorted(maps.Keys(m)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		text := m[p]
		err := visit(scanners.FileEntry{Path: p, Size: int64(len(text)), Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }})
		if err != nil {
			return err
		}
	}
	return nil
}

// diskTree is the regular files below a folder.
type diskTree string

func (d diskTree) Walk(ctx context.Context, visit func(scanners.FileEntry) error) error {
	root, err := os.OpenRoot(string(d))
	if err != nil {
		return err
	}
	return fs.WalkDir(root.FS(), ".", func(p string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		return visit(scanners.FileEntry{Path: filepath.ToSlash(p), Size: info.Size(), Open: func() (io.ReadCloser, error) { return root.Open(p) }})
	})
}

// found is an evaluator that gives what it was told for each item whose resource is named.
type found map[string][]rules.Finding

func (f found) Digest() string { return "sha256:0" }

func (f found) Find(_ context.Context, in rules.Input) ([]rules.Finding, error) {
	var out []rules.Finding
	doc := in.Document.(map[string]any)
	for _, kind := range []Kind{Kubernetes, Terraform, Dockerfile, Compose, GitHub, GitLab, Jenkins} {
		for _, v := range doc[string(kind)].([]any) {
			item := v.(map[string]any)
			for _, r := range f[item["resource"].(string)] {
				r.Item = item["id"].(int)
				out = append(out, r)
			}
		}
	}
	return out, nil
}

func result(rule, message string, path ...any) rules.Finding {
	return rules.Finding{Rule: &rules.Rule{ID: rule, Severity: "high"}, Severity: "high", Message: message, Path: path}
}

func clock() time.Time { return time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC) }

func scanTree(t testing.TB, tree scanners.Files, rules Evaluator) predicate.Findings {
	t.Helper()
	out, err := Scan(t.Context(), tree, Options{Now: clock, Rules: rules, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// itemsOf reads a tree that has no problems.
func itemsOf(t testing.TB, tree scanners.Files) map[string]Item {
	t.Helper()
	items, problems, err := Read(t.Context(), tree, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s:%d: %s", p.File, p.Line, p.Message)
	}
	out := map[string]Item{}
	for _, i := range items {
		out[i.Resource] = i
	}
	return out
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: payments
spec:
  template:
    metadata:
      labels: {app: payments}
    spec:
      initContainers:
      - name: mesh
        restartPolicy: Always
      - name: migrate
      containers:
      - name: app
        image: registry.example/payments:1
        securityContext:
          privileged: true
`

func TestFindingsHaveTheirPlace(t *testing.T) {
	tree := memoryTree{"deploy/payments.yaml": "# first\n---\n" + deployment, "README.md": "kind: Pod"}
	path := []any{"spec", "template", "spec", "containers", 0, "securityContext", "privileged"}
	out := scanTree(t, tree, found{"Deployment default/payments": {
		result("workload.privileged", "it is privileged", path...),
		result("workload.run-as-non-root", "it may run as root", append(slices.Clone(path[:6]), "runAsNonRoot")...),
		result("workload.seccomp", "no profile", "spec", "template", "spec", "securityContext", "seccompProfile"),
		result("workload.limits", "no limits", "spec", "template", "spec", "containers", 0, "resources", "limits"),
	}})
	want := map[string][3]int{"workload.privileged": {20, 23, 20}, "workload.run-as-non-root": {19, 9, 20}, "workload.seccomp": {11, 5, 20}, "workload.limits": {17, 9, 20}}
	if len(out.Findings) != len(want) {
		t.Fatalf("expected %d findings, found %+v", len(want), out.Findings)
	}
	for _, f := range out.Findings {
		if got := [3]int{f.Line, f.Column, f.EndLine}; got != want[f.Rule] || f.Path != "deploy/payments.yaml" {
			t.Errorf("%s: expected line, column and end %v, found %v in %s", f.Rule, want[f.Rule], got, f.Path)
		}
		if f.Resource != "Deployment default/payments" || len(f.Fingerprint) != 64 {
			t.Errorf("%s: resource %q, fingerprint %q", f.Rule, f.Resource, f.Fingerprint)
		}
	}
	if out.Scope.Files != 1 || !out.Complete || out.StartedOn != "2026-11-22T01:00:00Z" || out.Scanner.Name != "sealock" {
		t.Errorf("scope and scanner: %+v", out)
	}
}

func TestFingerprintsAreStable(t *testing.T) {
	path := []any{"spec", "template", "spec", "containers", 0, "securityContext", "privileged"}
	one := func(text, message string, path []any) string {
		out := scanTree(t, memoryTree{"a.yaml": text}, found{"Deployment default/payments": {result("r", message, path...)}})
		return out.Findings[0].Fingerprint
	}
	first := one(deployment, "a", path)
	if second := one("# moved\n\n"+deployment, "b", path); second != first {
		t.Error("the fingerprint depends on lines or the message")
	}
	more := strings.Replace(deployment, "      - name: app\n", "      - name: other\n      - name: app\n", 1)
	if moved := one(more, "a", []any{"spec", "template", "spec", "containers", 1, "securityContext", "privileged"}); moved != first {
		t.Error("the fingerprint depends on the order of containers")
	}
	if other := one(more, "a", path); other == first {
		t.Error("two containers have one fingerprint")
	}
}

func TestSeveralFaultsInOnePlaceAreKept(t *testing.T) {
	out := scanTree(t, memoryTree{"a.yaml": deployment}, found{"Deployment default/payments": {result("r", "a", "spec"), result("r", "b", "spec")}})
	if len(out.Findings) != 2 || out.Findings[0].Fingerprint == out.Findings[1].Fingerprint {
		t.Errorf("found %+v", out.Findings)
	}
}

// Two documents of one name are two things to mend: both are reported.
func TestThingsOfOneNameAreKept(t *testing.T) {
	path := []any{"spec", "template", "spec", "containers", 0, "image"}
	out := scanTree(t, memoryTree{"a.yaml": deployment + "---\n" + deployment}, found{"Deployment default/payments": {result("r", "a", path...)}})
	if len(out.Findings) != 2 || out.Findings[0].Fingerprint == out.Findings[1].Fingerprint || out.Findings[0].Line == out.Findings[1].Line {
		t.Errorf("found %+v", out.Findings)
	}
}

func TestScanRefuses(t *testing.T) {
	tree := memoryTree{"a.yaml": deployment}
	for _, c := range []struct {
		name string
		tree scanners.Files
		opt  Options
		says string
	}{
		{"no clock", tree, Options{Rules: found{}}, "no clock"},
		{"no rules", tree, Options{Now: clock}, "no rules"},
		{"no files", memoryTree{}, Options{Now: clock, Rules: found{}}, "visited no file"},
		{"item out of range", tree, Options{Now: clock, Rules: wrongItem{}}, "names item 7 of 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := Scan(t.Context(), c.tree, c.opt)
			if err == nil || !strings.Contains(err.Error(), c.says) || out.Complete {
				t.Errorf("expected %q, found %v", c.says, err)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Scan(ctx, tree, Options{Now: clock, Rules: found{}}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled scan gave %v", err)
	}
}

type wrongItem struct{ found }

func (wrongItem) Find(context.Context, rules.Input) ([]rules.Finding, error) {
	f := result("r", "a")
	f.Item = 7
	return []rules.Finding{f}, nil
}

func TestUnreadableIsAFinding(t *testing.T) {
	broken := "apiVersion: v1\nkind: Pod\nmetadata:\n  name: [a\nspec: {}\n"
	for _, c := range []struct {
		name, path, text string
		line             int
		skipped          bool
	}{
		{"manifest", "a.yaml", broken, 4, false},
		{"manifest as JSON", "a.json", "{\"apiVersion\": \"v1\", \"kind\": \"Pod\",\n\"metadata\": {\n", 2, false},
		{"second document", "a.yaml", deployment + "---\n" + broken, 23, false},
		{"duplicate key", "a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {}\nspec: {hostNetwork: true}\n", 5, false},
		{"template", "a.yaml", "apiVersion: v1\nkind: Pod\n{{ if .Values.x }}\nmetadata: {}\n{{ end }}\n", 0, true},
		{"element of a List", "a.yaml", "apiVersion: v1\nkind: List\nitems:\n- nothing\n", 4, false},
		{"chart", "Chart.yaml", "name: a\nname: b\nversion: 1.0.0\n", 2, false},
		{"kustomization", "kustomization.yaml", "resources: [a\n", 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := scanTree(t, memoryTree{c.path: c.text}, found{})
			if c.skipped {
				if len(out.Findings) != 0 || len(out.Skipped) != 1 || !strings.Contains(out.Skipped[0], "template") {
					t.Errorf("found %+v, skipped %q", out.Findings, out.Skipped)
				}
				return
			}
			if len(out.Findings) == 0 || out.Findings[0].Rule != RuleUnreadable || out.Findings[0].Severity != "high" {
				t.Fatalf("found %+v", out.Findings)
			}
			if f := out.Findings[0]; f.Path != c.path || f.Line != c.line {
				t.Errorf("expected line %d of %s, found %s:%d: %s", c.line, c.path, f.Path, f.Line, f.Message)
			}
			if len(out.Rules) != 1 || out.Rules[0].ID != RuleUnreadable {
				t.Errorf("rules: %+v", out.Rules)
			}
		})
	}
}

func TestFoldersLeftOut(t *testing.T) {
	tree := memoryTree{"a.yaml": deployment, "web/node_modules/x/a.yaml": deployment, "web/node_modules/x/b.json": "{}", "web/node_modules/x/c.js": "", "testdata/a.yaml": deployment}
	out := scanTree(t, tree, found{})
	want := []string{"testdata/ (folder of vendored or test files)", "web/node_modules/ (2 files: folder of vendored or test files)"}
	if !slices.Equal(out.Skipped, want) || out.SkippedN != 3 {
		t.Errorf("skipped %q, %d", out.Skipped, out.SkippedN)
	}
	for _, include := range []string{"testdata", "web/node_modules", "web/node_modules/x"} {
		items, _, err := Read(t.Context(), tree, Options{Include: []string{include}})
		if err != nil || len(items) != 2 {
			t.Errorf("including %s: %d items, %v", include, len(items), err)
		}
	}
}

func TestS11_SuppressionsAreListedAndNotObeyed(t *testing.T) {
	text := strings.Replace(deployment, "          privileged: true", "          # checkov:skip=CKV_K8S_16 because\n          privileged: true #trivy:ignore:AVD-KSV-0017", 1)
	text = strings.Replace(text, "  name: payments\n", "  name: payments\n  annotations:\n    ignore-check.kube-linter.io/privileged: x\n", 1)
	out := scanTree(t, memoryTree{"a.yaml": text, ".trivyignore": "AVD-KSV-0017"}, found{"Deployment default/payments": {
		result("workload.privileged", "it is privileged", "spec", "template", "spec", "containers", 0, "securityContext", "privileged")}})
	want := []predicate.Suppressed{{Path: ".trivyignore", Kind: ".trivyignore"}, {Path: "a.yaml", Line: 6, Kind: "kube-linter ignore-check"},
		{Path: "a.yaml", Line: 20, Kind: "checkov:skip"}, {Path: "a.yaml", Line: 21, Kind: "trivy:ignore"}}
	if !slices.Equal(out.Suppressed, want) {
		t.Errorf("suppressed %+v", out.Suppressed)
	}
	if len(out.Findings) != 1 || out.Findings[0].Line != 21 {
		t.Errorf("found %+v", out.Findings)
	}
}

func TestS16_SymlinksAreNotFollowed(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(outside, "secret.yaml"), deployment)
	write(filepath.Join(dir, "kustomization.yaml"), "resources: [link.yaml]\n")
	write(filepath.Join(dir, "kept.yaml"), strings.Replace(deployment, "payments", "kept", 1))
	if err := os.Symlink(filepath.Join(outside, "secret.yaml"), filepath.Join(dir, "link.yaml")); err != nil {
		t.Skip("no symbolic links here")
	}
	out := scanTree(t, diskTree(dir), found{"Deployment default/payments": {result("r", "followed")}})
	if len(out.Findings) != 1 || out.Findings[0].Rule != RuleUnreadable || !strings.Contains(out.Findings[0].Message, `"link.yaml", which is not in the tree`) {
		t.Errorf("found %+v", out.Findings)
	}
}

func TestScanIsDeterministic(t *testing.T) {
	tree := memoryTree{"tf/main.tf": "resource \"aws_s3_bucket\" \"a\" {}\n", "Chart.yaml": "apiVersion: v2\nname: c\nversion: 1.0.0\n", "templates/a.yaml": deployment}
	for n := range 50 {
		tree[fmt.Sprintf("k8s/%d.yaml", n)] = strings.ReplaceAll(deployment, "payments", fmt.Sprintf("p%d", n))
	}
	var first []Item
	for range 3 {
		items, _, err := Read(t.Context(), tree, Options{Parallelism: 4})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = items
		}
		for n := range items {
			if items[n].Resource != first[n].Resource || items[n].ID != n {
				t.Fatalf("item %d is %s, was %s", n, items[n].Resource, first[n].Resource)
			}
		}
	}
	if len(first) != 52 {
		t.Errorf("expected 52 items, found %d", len(first))
	}
}

func TestLargeDataFiles(t *testing.T) {
	data := "[" + strings.Repeat(`"0123456789abcdef",`, maxFile/16) + "1]"
	out := scanTree(t, memoryTree{"data.json": data, "a.yaml": deployment}, found{})
	if len(out.Skipped) != 1 || !strings.HasPrefix(out.Skipped[0], "data.json (more than") {
		t.Errorf("skipped %q", out.Skipped)
	}
	_, err := Scan(t.Context(), memoryTree{"data.json": data + `{"apiVersion": "v1", "kind": "Pod"}`}, Options{Now: clock, Rules: found{}})
	if !errors.Is(err, ErrLimit) || !strings.Contains(err.Error(), `"data.json"`) {
		t.Errorf("expected a limit, found %v", err)
	}
}

func BenchmarkManifests(b *testing.B) {
	tree := memoryTree{}
	for n := range 1000 {
		tree[fmt.Sprintf("k8s/%d.yaml", n)] = strings.ReplaceAll(deployment+"---\n"+service, "payments", fmt.Sprintf("p%d", n))
	}
	size := 0
	for _, text := range tree {
		size += len(text)
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		items, _, err := Read(b.Context(), tree, Options{})
		if err != nil || len(items) != 2000 {
			b.Fatal(len(items), err)
		}
		if _, _, err := Document(items, nil); err != nil {
			b.Fatal(err)
		}
	}
}

const service = `apiVersion: v1
kind: Service
metadata:
  name: payments
  namespace: shop
spec:
  selector: {app: payments}
  ports:
  - {name: http, port: 80, targetPort: 8080}
`
