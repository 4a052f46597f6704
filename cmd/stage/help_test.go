// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package stage

import (
	"context"
	"crypto"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/dir"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/scanners/vulns"
)

const testPolicy = `
apiVersion: sealock/v1
kind: Policy
name: p
version: 1
expires: 2099-01-01T00:00:00Z
trust: none
identities:
  one: {key: one.pub}
  two: {key: two.pub}
stages:
  source: {signedBy: [one, two], evidence: [secrets]}
  build: {after: [source], signedBy: [one, two], evidence: [provenance]}
  scan: {after: [build], signedBy: [one, two], evidence: [vulns]}
artifacts:
  app: {product: build}
environments:
  dev: {stages: [source, build], promotedBy: [one]}
rules:
  secrets: {}
  freshness: {data: 36500d}
`

// bench is a small pipeline in a folder: source, build and scan of a lockfile.
type bench struct {
	*Runner
	dir      string
	one, two attesttest.Key
}

// newBench makes a runner whose clock goes on by a second with each look at it.
func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{dir: t.TempDir(), one: attesttest.NewKey(t, sigstore.ECDSAP256), two: attesttest.NewKey(t, sigstore.Ed25519)}
	b.write(t, "src/package-lock.json", `{"name": "p", "lockfileVersion": 3, "packages": {"node_modules/nanoid": {"version": "5.1.16", "license": "MIT"}}}`)
	policy, err := gate.ParsePolicy("policy", map[string][]byte{"policy.yaml": []byte(testPolicy), "one.pub": b.one.PEM, "two.pub": b.two.PEM}, gate.LoadOptions{
		ParseKey: func(pem []byte) (crypto.PublicKey, string, error) {
			key, err := sigstore.ParsePublicKey(pem)
			if err != nil {
				return nil, "", err
			}
			id, err := sigstore.KeyID(key)
			return key, id, err
		}})
	if err != nil {
		t.Fatal(err)
	}
	store, err := dir.Open(filepath.Join(b.dir, "store"))
	if err != nil {
		t.Fatal(err)
	}
	g, err := gate.New(policy, attesttest.Verifier(t, b.one, b.two), store, "1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	b.Runner = &Runner{Dir: b.dir, Gate: g, Version: "1.0.0", RunID: "run", Builder: "builder", Environ: os.Environ(), Exclude: []string{filepath.Join(b.dir, "store")}, Stderr: io.Discard,
		Quiet: true, TempDir: t.TempDir(),
		Now:    func() time.Time { now = now.Add(time.Second); return now },
		Signer: func(string) (attest.Signer, error) { return b.one.Signer, nil },
		OpenDB: func(context.Context) (Data, error) { return nil, errNoData },
		Pipeline: &Pipeline{File: "sealock.yaml", Name: "p", Stages: map[string]Config{
			"source": {Subjects: []string{"dir:src"}, Evidence: []string{"secrets"}},
			"build":  {Run: []string{"sh", "-c", "mkdir -p out && cp src/package-lock.json out/package-lock.json"}, Inputs: []string{"dir:src"}, Subjects: []string{"dir:out"}, Evidence: []string{"provenance"}},
			"scan":   {Subjects: []string{"dir:out"}, Evidence: []string{"vulns"}},
		}}}
	return b
}

var errNoData = errors.New("no data here")

func (b *bench) write(t testing.TB, name, content string) {
	t.Helper()
	name = filepath.Join(b.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// run runs a stage that must be allowed.
func (b *bench) run(t testing.TB, stage string) Result {
	t.Helper()
	res, err := b.Run(t.Context(), stage)
	if err != nil {
		t.Fatalf("stage %s: %v", stage, err)
	}
	if gate.Worst(res.Decisions) != gate.Allowed {
		t.Fatalf("stage %s: %s: %+v", stage, gate.Worst(res.Decisions), res.Decisions[0].Reasons)
	}
	return res
}

// stored counts the files in the store.
func (b *bench) stored(t testing.TB) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(b.dir, "store", "*", "*.sigstore.json"))
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

// data opens the sample's vulnerability data.
func data(t testing.TB) func(context.Context) (Data, error) {
	t.Helper()
	folder := t.TempDir()
	if err := vulns.Import(t.Context(), filepath.Join("..", "..", "testdata", "vulndb", "vulnerability-db.tar.zst"), folder); err != nil {
		t.Fatal(err)
	}
	db, err := vulns.Open(t.Context(), folder, vulns.OpenOptions{Now: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return func(context.Context) (Data, error) { return db, nil }
}
