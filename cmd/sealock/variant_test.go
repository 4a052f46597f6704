// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v3"
)

// variant is a way in which the sample goes wrong, as testdata/variants/variants.yaml describes it.
type variant struct {
	Name   string `yaml:"name"`
	Wrong  string `yaml:"wrong"`
	Commit *bool  `yaml:"commit"`
	Edits  []struct {
		File string `yaml:"file"`
		Old  string `yaml:"old"`
		New  string `yaml:"new"`
	} `yaml:"edits"`
	Expect []struct {
		Run   []string   `yaml:"run"`
		Exit  int        `yaml:"exit"`
		Code  string     `yaml:"code"`
		After [][]string `yaml:"after"`
	} `yaml:"expect"`
	Stored []string `yaml:"stored"`
}

func readVariants(dir string) ([]variant, error) {
	f, err := os.Open(filepath.Join(dir, "variants.yaml"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	dec := yaml.NewDecoder(f)
	dec.KnownFields(true)
	var out []variant
	return out, dec.Decode(&out)
}

// cmdVariant makes a variant of the sample in a folder of its name, and holds it against every expectation: variant NAME
func (w *world) cmdVariant(ts *testscript.TestScript, neg bool, args []string) {
	v := w.placeVariant(ts, neg, args)
	for _, e := range v.Expect {
		for _, before := range e.After {
			if code := exitOf(ts, ts.Exec("sealock", before...)); code != 0 {
				ts.Fatalf("%s: %q exited with %d", v.Name, before, code)
			}
		}
		code := exitOf(ts, ts.Exec("sealock", append(slices.Clone(e.Run), "-o", "json")...))
		if code != e.Exit {
			ts.Fatalf("%s: %q exited with %d, expected %d", v.Name, e.Run, code, e.Exit)
		}
		docs, err := documents(ts.ReadFile("stdout"))
		ts.Check(err)
		if codes := find(any(docs), []string{"*", "reasons", "*", "code"}); e.Code != "" && !slices.Contains(codes, e.Code) {
			ts.Fatalf("%s: %q gives the codes %q, expected %s", v.Name, e.Run, codes, e.Code)
		}
		if verdicts := find(any(docs), []string{"*", "verdict"}); e.Exit != 0 && len(verdicts) > 0 && !slices.ContainsFunc(verdicts, func(s string) bool { return s != "allowed" }) {
			ts.Fatalf("%s: %q exits with %d and says %q", v.Name, e.Run, code, verdicts)
		}
	}
	got, err := receiptsIn(filepath.Join(ts.Getenv("WORK"), v.Name, "shop", ".sealock"))
	ts.Check(err)
	want := slices.Sorted(slices.Values(v.Stored))
	if !slices.Equal(got, want) {
		ts.Fatalf("%s: receipts of %q, expected %q", v.Name, got, want)
	}
	ts.Check(ts.Chdir(ts.Getenv("WORK")))
}

// cmdBegin makes a variant of the sample in a folder of its name and goes there, for scripts about something else: begin NAME
func (w *world) cmdBegin(ts *testscript.TestScript, neg bool, args []string) {
	w.placeVariant(ts, neg, args)
}

func (w *world) placeVariant(ts *testscript.TestScript, neg bool, args []string) variant {
	if neg || len(args) != 1 {
		ts.Fatalf("expected the name of one variant")
	}
	dir := filepath.Join(w.root, "testdata", "variants")
	all, err := readVariants(dir)
	ts.Check(err)
	i := slices.IndexFunc(all, func(v variant) bool { return v.Name == args[0] })
	if i < 0 {
		ts.Fatalf("no variant %q", args[0])
	}
	v := all[i]
	place := filepath.Join(ts.Getenv("WORK"), v.Name)
	ts.Check(os.Mkdir(place, 0o755))
	ts.Check(w.makeVariant(v, place, scriptEnv(ts)))
	ts.Check(ts.Chdir(filepath.Join(place, "shop")))
	return v
}

// makeVariant is the recipe that variants.yaml gives.
func (w *world) makeVariant(v variant, place string, env []string) error {
	if err := w.copySample(place, env); err != nil {
		return err
	}
	over := filepath.Join(w.root, "testdata", "variants", v.Name)
	err := filepath.WalkDir(over, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			if os.IsNotExist(err) {
				return nil
			}
			return err
		}
		rel, err := filepath.Rel(over, name)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if whole, ok := strings.CutSuffix(rel, ".parts"); ok {
			rel, data = whole, []byte(strings.ReplaceAll(string(data), "\n", "")+"\n")
		}
		to := filepath.Join(place, "shop", rel)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return os.WriteFile(to, data, 0o644)
	})
	if err != nil {
		return err
	}
	for _, e := range v.Edits {
		if err := edit(filepath.Join(place, "shop", e.File), e.Old, e.New); err != nil {
			return fmt.Errorf("variant %s: %w", v.Name, err)
		}
	}
	if v.Commit != nil && !*v.Commit {
		return nil
	}
	return commit(filepath.Join(place, "shop"), env)
}

// Every variant is run by exactly one script, so a new one can't be forgotten.
func TestVariantsAreRun(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "testdata")
	all, err := readVariants(filepath.Join(dir, "variants"))
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := filepath.Glob(filepath.Join(dir, "script", "*.txtar"))
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	run := map[string]int{}
	for _, name := range scripts {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(string(data), "\n") {
			if f := strings.Fields(line); len(f) == 2 && f[0] == "variant" {
				run[f[1]]++
			}
		}
	}
	for _, v := range all {
		if run[v.Name] != 1 {
			t.Errorf("variant %q is run by %d scripts, expected 1", v.Name, run[v.Name])
		}
		if v.Wrong == "" || len(v.Expect) == 0 {
			t.Errorf("variant %q says neither what is wrong nor what is expected", v.Name)
		}
	}
}
