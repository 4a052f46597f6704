// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sealock-dev/sealock/testdata/stack"
)

// Ratios to keep to for the whole of a pipeline against the tools one after the other.
const (
	targetWhole  = 0.4
	targetRepeat = 0.05
)

// glue is the set-up of the pipeline rows: the tools, and where cosign stores what it signs.
type glue struct {
	*bench
	syft, grype, gitleaks, cosign, crane string

	image string // what cosign signs
}

// pipeline compares SBOM, vulnerabilities, secrets, a signature, five attestations and their verification for an application: sealock in one command,
// the tools one after the other. The vulnerability data is the sample's in both cases.
func pipeline(ctx context.Context, b *bench) error {
	return glued(ctx, b, "pipeline, application", (*glue).application)
}

// debian does the same for an image of Debian.
func debian(ctx context.Context, b *bench) error {
	return glued(ctx, b, "pipeline, Debian image", (*glue).debian)
}

// glued makes the tools ready and measures one subject.
func glued(ctx context.Context, b *bench, name string, rows func(*glue, context.Context, string) error) error {
	g := &glue{bench: b}
	for tool, at := range map[string]*string{"syft": &g.syft, "grype": &g.grype, "gitleaks": &g.gitleaks, "cosign2": &g.cosign, "crane": &g.crane} {
		file, err := b.tool(ctx, tool)
		if err != nil {
			return b.unbuilt(name, err)
		}
		*at = file
	}
	v := &verification{bench: b, cosign2: g.cosign}
	if err := v.keys(ctx); err != nil {
		return err
	}
	if err := b.do(ctx, b.step(g.grype, "db", "import", filepath.Join(b.root, "testdata", "vulndb", "vulnerability-db.tar.zst"))); err != nil {
		return err
	}
	found, stop, err := b.registries(ctx, stack.Memory)
	if err != nil {
		return err
	}
	defer stop()
	return rows(g, ctx, found[0].Host)
}

// application is a folder of source text and lock files.
func (g *glue) application(ctx context.Context, host string) error {
	dir := filepath.Join(g.dir, "application")
	app := filepath.Join(dir, "app")
	g.say("writing an application of %d files", appFiles)
	if err := writeApp(ctx, app, appFiles, appBytes); err != nil {
		return err
	}
	digest, err := pushImage(ctx, host+"/app:v1")
	if err != nil {
		return err
	}
	g.image = host + "/app@" + digest
	if err := g.folder(dir, "dir:app"); err != nil {
		return err
	}
	return g.rows(ctx, fmt.Sprintf("application of %d files, %d MB", appFiles, appBytes>>20), dir, g.tools("dir:"+app, app))
}

// rows measures a first run and an unchanged repeat.
func (g *glue) rows(ctx context.Context, name, dir string, tools Job) error {
	ours := Side{Name: "sealock", Job: Job{g.step(g.sealock, "run", "--all", "-C", dir, "-q")}, Before: func() error { return os.RemoveAll(filepath.Join(dir, ".sealock")) }}
	theirs := Side{Name: "tools", Job: tools}
	k := min(g.k, 3) // a round takes minutes
	first, err := compare(ctx, k, ours, theirs)
	if err != nil {
		return err
	}
	g.add(Row{Case: "pipeline, " + name, Peer: "syft+grype+gitleaks+cosign2", Pair: first, Target: targetWhole})
	ours.Before = nil
	again, err := repeat(ctx, g.k, ours)
	if err != nil {
		return err
	}
	g.add(Row{Case: "pipeline, " + name + ", unchanged repeat", Peer: "syft+grype+gitleaks+cosign2",
		Pair: Pair{again, first.B, float64(again.Wall) / float64(first.B.Wall)}, Target: targetRepeat})
	return nil
}

// tools is what a shell script would run: three scanners, a signature, an attestation of each result, and the verification of all. Findings
// are no failure here.
func (g *glue) tools(source, secrets string) Job {
	out := func(name string) string { return filepath.Join(g.dir, name) }
	grype := g.step(g.grype, "sbom:"+out("sbom.json"), "-q", "-o", "json", "--file", out("vulns.json"))
	gitleaks := g.step(g.gitleaks, "dir", secrets, "--no-banner", "--exit-code", "0", "--report-format", "sarif", "--report-path", out("secrets.sarif"))
	job := Job{g.step(g.syft, "scan", source, "-q", "-o", "cyclonedx-json="+out("sbom.json")), grype, gitleaks,
		g.step(g.cosign, "sign", "--yes", "--key", "cosign.key", "--tlog-upload=false", g.image)}
	attestations := []struct{ kind, file string }{
		{"cyclonedx", "sbom.json"}, {"https://in-toto.io/attestation/vulns/v0.2", "vulns.json"}, {"https://example.org/secrets/v1", "secrets.sarif"},
		{"https://slsa.dev/provenance/v1", "provenance.json"}, {"https://in-toto.io/attestation/link/v0.3", "link.json"},
	}
	for _, a := range attestations {
		job = append(job, g.step(g.cosign, "attest", "--yes", "--replace", "--key", "cosign.key", "--tlog-upload=false", "--type", a.kind, "--predicate", out(a.file), g.image))
	}
	verify := []string{"--key", "cosign.pub", "--insecure-ignore-tlog", "--private-infrastructure"}
	job = append(job, g.step(append(append([]string{g.cosign, "verify"}, verify...), g.image)...))
	for _, a := range attestations {
		job = append(job, g.step(append(append([]string{g.cosign, "verify-attestation", "--type", a.kind, "--policy", "attested.rego"}, verify...), g.image)...))
	}
	return job
}

// folder writes the pipeline and its policy: one stage with all evidence, so a receipt and four statements are signed, and the promotion.
func (g *glue) folder(dir, subject string) error {
	db := filepath.Join(g.root, "testdata", "vulndb", "vulnerability-db.tar.zst")
	files := map[string]string{
		filepath.Join(dir, "sealock.yaml"): "apiVersion: sealock/v1\nkind: Pipeline\nname: app\npolicy: ./policy\nstore: .sealock\n" + fmt.Sprintf("db: %q\n", db) +
			fmt.Sprintf("stages:\n  build: {subjects: [%q], evidence: [secrets, provenance, sbom, vulns]}\n", subject),
		filepath.Join(dir, "policy", "policy.yaml"): strings.Join([]string{
			"apiVersion: sealock/v1", "kind: Policy", "name: app", "version: 1", "expires: 2100-01-01T00:00:00Z", "trust: none",
			"identities:", `  builder: {key: "local:builder"}`, `  release: {key: "local:release"}`,
			"stages:", "  build: {signedBy: [builder], evidence: [secrets, provenance, sbom, vulns]}",
			"artifacts:", "  service: {product: build}", "environments:", "  dev: {stages: [build], promotedBy: [release]}",
			"rules:", "  vulnerabilities: {mode: warn}", "  secrets: {mode: warn}", "  licenses: {mode: warn, unknown: ignore}", "  freshness: {data: 36500d}", "  sbom: {mode: warn}", "  provenance: {}", "",
		}, "\n"),
		filepath.Join(g.dir, "attested.rego"):   "package signature\nimport rego.v1\ndefault allow := false\nallow if input.predicateType\n",
		filepath.Join(g.dir, "provenance.json"): `{"buildDefinition":{"buildType":"https://example.org/build/v1","externalParameters":{}},"runDetails":{"builder":{"id":"https://example.org/builder"}}}`,
		filepath.Join(g.dir, "link.json"):       `{"name":"build","command":["true"],"materials":[],"byproducts":{},"environment":{}}`,
	}
	for file, text := range files {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
