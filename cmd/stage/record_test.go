// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package stage

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/gate"
)

// A record comes from a job without credentials: nothing in it is believed that can be found out, and what differs ends it.
func TestC17_RecordIsChecked(t *testing.T) {
	t.Parallel()
	other := attest.DigestSet{"dirHash": strings.Repeat("0", 64), "gitTree256": strings.Repeat("0", 64)}
	for _, c := range []struct {
		name   string
		tamper func(t *testing.T, b *bench, r *Record)
		code   subject.Code
	}{
		{"untouched", func(*testing.T, *bench, *Record) {}, ""},
		{"materials of its own are ignored", func(_ *testing.T, _ *bench, r *Record) {
			r.Materials = []attest.ResourceDescriptor{{Name: "receipt:source", Digest: attest.DigestSet{"sha256": strings.Repeat("0", 64)}}}
		}, ""},
		{"another product", func(_ *testing.T, _ *bench, r *Record) { r.Products[0].Subjects[0].Digest = other }, subject.Changed},
		{"another input", func(_ *testing.T, _ *bench, r *Record) { r.Inputs[0].Subjects[0].Digest = other }, subject.Changed},
		{"no product", func(_ *testing.T, _ *bench, r *Record) { r.Products = nil }, subject.Changed},
		{"a product without a subject", func(_ *testing.T, _ *bench, r *Record) { r.Products[0].Subjects = nil }, subject.Changed},
		{"a product more", func(_ *testing.T, _ *bench, r *Record) { r.Products = append(r.Products, r.Products[0]) }, subject.Changed},
		{"no input", func(_ *testing.T, _ *bench, r *Record) { r.Inputs = nil }, subject.Changed},
		{"another command", func(_ *testing.T, _ *bench, r *Record) { r.Command = []string{"true"} }, subject.Changed},
		{"the product changed since", func(t *testing.T, b *bench, _ *Record) { b.write(t, "out/more", "x") }, subject.Changed},
		{"the product is gone", func(t *testing.T, b *bench, _ *Record) {
			if err := os.RemoveAll(filepath.Join(b.dir, "out")); err != nil {
				t.Fatal(err)
			}
		}, subject.NotFound},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.run(t, "source")
			rec, err := b.Record(t.Context(), "build")
			if err != nil {
				t.Fatal(err)
			}
			before := b.stored(t)
			c.tamper(t, b, &rec)
			res, err := b.Attest(t.Context(), rec)
			if code := subject.CodeOf(err); code != c.code || (err != nil) != (c.code != "") {
				t.Fatalf("error %v with code %q, expected %q", err, code, c.code)
			}
			if c.code != "" {
				if after := b.stored(t); after != before {
					t.Errorf("%d files in the store, there were %d", after, before)
				}
			} else if gate.Worst(res.Decisions) != gate.Allowed {
				t.Errorf("%s: %+v", gate.Worst(res.Decisions), res.Decisions)
			}
		})
	}
}

// A record of a failed command, or of another stage, is not signed either.
func TestRecordOfSomethingElse(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.run(t, "source")
	rec, err := b.Record(t.Context(), "build")
	if err != nil {
		t.Fatal(err)
	}
	failed := rec
	failed.ExitCode = 1
	var command *CommandError
	if _, err := b.Attest(t.Context(), failed); !errors.As(err, &command) {
		t.Errorf("a failed command: %v", err)
	}
	for _, stage := range []string{"source", "scan", "deploy", ""} {
		elsewhere := rec
		elsewhere.Stage = stage
		if _, err := b.Attest(t.Context(), elsewhere); err == nil {
			t.Errorf("the record of a build was signed as stage %q", stage)
		}
	}
}

func TestReadRecord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, content, want string }{
		{"another form", `{"schema": "sealock/record/v2"}`, `schema is "sealock/record/v2", expected "sealock/record/v1"`},
		{"no form", `{}`, `schema is ""`},
		{"no JSON", `schema: sealock/record/v1`, "reading record"},
		{"a second document", `{"schema": "sealock/record/v1"}{}`, "reading record"},
		{"nothing", ``, "reading record"},
	} {
		file := filepath.Join(t.TempDir(), "record.json")
		if err := os.WriteFile(file, []byte(c.content), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadRecord(file); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, expected %q", c.name, err, c.want)
		}
	}
	if _, err := ReadRecord(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
}
