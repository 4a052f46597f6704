// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/sealock-dev/sealock/testdata/stack"
)

// steps of growth: every kind of input is measured at these multiples.
var steps = []int{1, 10, 100}

// growth measures how sealock's own time and memory grow with what it is given; each row is held against the smallest of its kind.
func growth(ctx context.Context, b *bench) error {
	if err := b.growStatements(ctx); err != nil {
		return fmt.Errorf("statements: %w", err)
	}
	for _, kind := range []struct {
		name     string
		unit     int // inputs at ×1
		evidence string
		write    func(ctx context.Context, dir string, n int) (subject string, err error)
	}{
		{"files", appFiles / 100, "secrets, sbom", writeFiles},
		{"packages", 30, "sbom, vulns", writePackages},
		{"layers", 1, "sbom", writeLayers},
	} {
		var first *Use
		for _, times := range steps {
			n := kind.unit * times
			dir := filepath.Join(b.dir, fmt.Sprintf("grow-%s-%d", kind.name, times))
			subject, err := kind.write(ctx, dir, n)
			if err != nil {
				return fmt.Errorf("%d %s: %w", n, kind.name, err)
			}
			if err := b.evidenceFolder(dir, subject, kind.evidence); err != nil {
				return err
			}
			use, err := repeat(ctx, min(b.k, 3), Side{Name: "sealock", Job: Job{b.step(b.sealock, "run", "build", "-C", dir, "-q", "--force")}})
			if err != nil {
				return fmt.Errorf("%d %s: %w", n, kind.name, err)
			}
			first = b.grown(fmt.Sprintf("run (%s), %d %s", kind.evidence, n, kind.name), use, first)
			if err := os.RemoveAll(dir); err != nil {
				return err
			}
		}
	}
	return nil
}

// grown adds a row that is held against the first of its kind, and gives that.
func (b *bench) grown(name string, use Use, first *Use) *Use {
	if first == nil {
		b.add(Row{Case: name, Pair: Pair{A: use}})
		return &use
	}
	b.add(Row{Case: name, Peer: "the first of its kind", Pair: Pair{use, *first, float64(use.Wall) / float64(first.Wall)}})
	return first
}

// growStatements verifies chains of growing length from a registry.
func (b *bench) growStatements(ctx context.Context) error {
	v := &verification{bench: b}
	var err error
	if v.cosign2, err = b.tool(ctx, "cosign2"); err != nil {
		b.add(Row{Case: "growth of chains", Note: err.Error()})
		return nil
	}
	if err := v.keys(ctx); err != nil {
		return err
	}
	found, stop, err := b.registries(ctx, stack.Memory)
	if err != nil {
		return err
	}
	defer stop()
	v.registry = found[0]
	var first *Use
	for _, n := range steps {
		if v.digest, err = pushImage(ctx, fmt.Sprintf("%s/ours/n%d:v1", v.registry.Host, n)); err != nil {
			return err
		}
		if err := v.ourChain(ctx, n); err != nil {
			return err
		}
		use, err := repeat(ctx, b.k, Side{Name: "sealock", Job: v.ours(n)(v.registry.Host)})
		if err != nil {
			return err
		}
		first = b.grown(fmt.Sprintf("verify, %d statements", n), use, first)
	}
	return nil
}

// evidenceFolder writes a pipeline of one stage about a subject.
func (b *bench) evidenceFolder(dir, subject, evidence string) error {
	db := filepath.Join(b.root, "testdata", "vulndb", "vulnerability-db.tar.zst")
	pipe := fmt.Sprintf("apiVersion: sealock/v1\nkind: Pipeline\nname: app\npolicy: ./policy\nstore: .sealock\ndb: %q\nstages:\n  build: {subjects: [%q], evidence: [%s]}\n", db, subject, evidence)
	policy := fmt.Sprintf("apiVersion: sealock/v1\nkind: Policy\nname: app\nversion: 1\nexpires: 2100-01-01T00:00:00Z\ntrust: none\nidentities:\n  builder: {key: \"local:builder\"}\n"+
		"stages:\n  build: {signedBy: [builder], evidence: [%s]}\nartifacts:\n  service: {product: build}\nenvironments:\n  dev: {stages: [build], promotedBy: [builder]}\n"+
		"rules:\n  vulnerabilities: {mode: warn}\n  secrets: {mode: warn}\n  licenses: {mode: warn, unknown: ignore}\n  freshness: {data: 36500d}\n  sbom: {mode: warn}\n", evidence)
	if err := os.MkdirAll(filepath.Join(dir, "policy"), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "sealock.yaml"), []byte(pipe), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "policy", "policy.yaml"), []byte(policy), 0o644)
}

// writeFiles makes an application of n files of the mean size of the large one.
func writeFiles(ctx context.Context, dir string, n int) (string, error) {
	return "dir:app", writeSources(ctx, filepath.Join(dir, "app"), n, int64(n)*(appBytes/appFiles))
}

// writePackages makes an npm lock file of n packages.
func writePackages(_ context.Context, dir string, n int) (string, error) {
	var b strings.Builder
	b.WriteString("{\n  \"name\": \"app\", \"version\": \"1.0.0\", \"lockfileVersion\": 3,\n  \"packages\": {\n    \"\": {\"name\": \"app\", \"version\": \"1.0.0\"}")
	for i := range n {
		fmt.Fprintf(&b, ",\n    \"node_modules/package-%05d\": {\"version\": \"%d.%d.%d\", \"license\": \"MIT\"}", i, 1+i%9, i%13, i%7)
	}
	b.WriteString("\n  }\n}\n")
	app := filepath.Join(dir, "app")
	if err := os.MkdirAll(app, 0o755); err != nil {
		return "", err
	}
	return "dir:app", os.WriteFile(filepath.Join(app, "package-lock.json"), []byte(b.String()), 0o644)
}

// writeLayers makes an image of n layers of fifty small files each.
func writeLayers(_ context.Context, dir string, n int) (string, error) {
	var layers []v1.Layer
	for i := range n {
		files := map[string][]byte{}
		for j := range 50 {
			files[fmt.Sprintf("srv/layer%03d/file%03d.txt", i, j)] = []byte(strings.Repeat(fmt.Sprintf("line of file %d in layer %d\n", j, i), 100))
		}
		layer, err := fileLayer(files)
		if err != nil {
			return "", err
		}
		layers = append(layers, layer)
	}
	img, err := withLayers(layers...)
	if err != nil {
		return "", err
	}
	return "oci-layout:image", writeLayout(filepath.Join(dir, "image"), img)
}
