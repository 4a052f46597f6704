// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// cmdJSON asserts the values at a path in a stream of JSON documents, in any order: json FILE PATH VALUE…
// A path is names and indices with dots between them; * is every element. Of several documents, the first element is the document's index.
func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: json FILE PATH VALUE…")
	}
	got, want := values(ts, args), slices.Clone(args[2:])
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		ts.Fatalf("%s: got %q, expected %q", args[1], got, want)
	}
}

// cmdJSONHas asserts that a value is among those at a path, or with ! that it is not: jsonhas FILE PATH VALUE
func cmdJSONHas(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: jsonhas FILE PATH VALUE")
	}
	if got := values(ts, args); slices.Contains(got, args[2]) == neg {
		ts.Fatalf("%s: got %q", args[1], got)
	}
}

func values(ts *testscript.TestScript, args []string) []string {
	docs, err := documents(ts.ReadFile(args[0]))
	ts.Check(err)
	path := strings.Split(args[1], ".")
	if len(docs) == 1 {
		return find(docs[0], path)
	}
	return find(any(docs), path)
}

// documents reads a stream of JSON documents to its end.
func documents(s string) ([]any, error) {
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	var out []any
	for {
		var v any
		err := dec.Decode(&v)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading JSON: %w\n%s", err, s)
		}
		out = append(out, v)
	}
}

// find lists the scalar values at a path; an object or list itself is its JSON.
func find(v any, path []string) []string {
	if len(path) == 0 {
		if s, ok := v.(string); ok {
			return []string{s}
		}
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(v) // it was decoded from JSON
		return []string{strings.TrimSpace(b.String())}
	}
	var out []string
	switch x := v.(type) {
	case map[string]any:
		if path[0] == "*" {
			for _, e := range x {
				out = append(out, find(e, path[1:])...)
			}
		} else if e, ok := x[path[0]]; ok {
			out = find(e, path[1:])
		}
	case []any:
		if path[0] == "*" {
			for _, e := range x {
				out = append(out, find(e, path[1:])...)
			}
		} else if i, err := strconv.Atoi(path[0]); err == nil && i < len(x) {
			out = find(x[i], path[1:])
		}
	}
	return out
}

// stored is a bundle in a store, as it lies there: nothing of it is verified.
type stored struct {
	files         []string // relative to the store
	statement     string   // sha256 by the file's name
	predicateType string
	payload       []byte
	stage         string // of a receipt
}

// readStore lists the bundles of a store by statement.
func readStore(dir string) (map[string]*stored, error) {
	out := map[string]*stored{}
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name == dir {
			return filepath.SkipAll
		}
		if err != nil || e.IsDir() || !strings.HasSuffix(e.Name(), ".sigstore.json") {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		id, _, _ := strings.Cut(e.Name(), ".")
		s := out[id]
		if s == nil {
			if s, err = readBundle(data); err != nil {
				return fmt.Errorf("%s: %w", rel, err)
			}
			s.statement = id
			out[id] = s
		}
		s.files = append(s.files, rel)
		return nil
	})
	return out, err
}

func readBundle(data []byte) (*stored, error) {
	var b struct {
		Envelope struct {
			Payload []byte `json:"payload"`
		} `json:"dsseEnvelope"`
	}
	if err := json.Unmarshal(data, &b); err != nil {
		return nil, err
	}
	var st struct {
		PredicateType string `json:"predicateType"`
		Predicate     struct {
			Name string `json:"name"`
		} `json:"predicate"`
	}
	if err := json.Unmarshal(b.Envelope.Payload, &st); err != nil {
		return nil, err
	}
	s := &stored{predicateType: st.PredicateType, payload: b.Envelope.Payload}
	if st.PredicateType == predicate.TypeLink {
		s.stage = st.Predicate.Name
	}
	return s, nil
}

// receiptsIn names the stages that have a receipt in a store, one for each receipt, sorted.
func receiptsIn(dir string) ([]string, error) {
	all, err := readStore(dir)
	var out []string
	for _, s := range all {
		if s.stage != "" {
			out = append(out, s.stage)
		}
	}
	slices.Sort(out)
	return out, err
}

// cmdReceipts asserts which stages have a receipt in a store, each as often as it has one: receipts STORE STAGE…
func cmdReceipts(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: receipts STORE STAGE…")
	}
	got, err := receiptsIn(ts.MkAbs(args[0]))
	ts.Check(err)
	want := append([]string(nil), args[1:]...)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		ts.Fatalf("receipts of %q, expected %q", got, want)
	}
}

// tree digests every file of a folder, names, modes and contents.
func tree(dir string) (map[string]string, error) {
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name == dir {
			return filepath.SkipAll
		}
		if err != nil {
			return err
		}
		if e.IsDir() && e.Name() == ".git" {
			return filepath.SkipDir
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		out[rel] = info.Mode().String()
		if e.Type().IsRegular() {
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			out[rel] += fmt.Sprintf(" %x", sha256.Sum256(data))
		}
		return nil
	})
	return out, err
}

// cmdSnapshot remembers a folder: snapshot DIR
func cmdSnapshot(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: snapshot DIR")
	}
	t, err := tree(ts.MkAbs(args[0]))
	ts.Check(err)
	data, err := json.Marshal(t)
	ts.Check(err)
	ts.Setenv("snapshot_"+args[0], string(data))
}

// cmdUnchanged asserts that a folder is as it was when it was remembered: unchanged DIR
func cmdUnchanged(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: unchanged DIR")
	}
	var before map[string]string
	ts.Check(json.Unmarshal([]byte(ts.Getenv("snapshot_"+args[0])), &before))
	after, err := tree(ts.MkAbs(args[0]))
	ts.Check(err)
	var diff []string
	for name, d := range after {
		if before[name] != d {
			diff = append(diff, name)
		}
	}
	for name := range before {
		if _, ok := after[name]; !ok {
			diff = append(diff, "gone: "+name)
		}
	}
	slices.Sort(diff)
	if neg == (len(diff) == 0) {
		ts.Fatalf("%s changed in %q", args[0], diff)
	}
}

// cmdMode asserts the permissions of a file: mode OCTAL FILE…
func cmdMode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: mode OCTAL FILE…")
	}
	for _, name := range args[1:] {
		info, err := os.Stat(ts.MkAbs(name))
		ts.Check(err)
		if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[0] {
			ts.Fatalf("%s has mode %s, expected %s", name, got, args[0])
		}
	}
}
