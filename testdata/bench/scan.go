// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"path/filepath"
)

const (
	scanManifests = 300
	targetScan    = 0.5
)

// scanAll compares `sealock scan` of an application with manifests (packages, vulnerabilities, secrets, configuration) with the four tools that do the
// same one after the other: syft, grype on its SBOM, gitleaks, and conftest with as many rules on the manifests. The vulnerability data is the sample's.
func scanAll(ctx context.Context, b *bench) error {
	tools := map[string]string{}
	for _, name := range []string{"syft", "grype", "gitleaks", "conftest"} {
		file, err := b.tool(ctx, name)
		if err != nil {
			return b.unbuilt("scan of everything", err)
		}
		tools[name] = file
	}
	dir := filepath.Join(b.dir, "everything")
	app, deploy := filepath.Join(dir, "app"), filepath.Join(dir, "app", "deploy")
	b.say("writing an application of %d files", appFiles)
	if err := writeApp(ctx, app, appFiles, appBytes); err != nil {
		return err
	}
	if err := writeWorkloads(deploy, scanManifests); err != nil {
		return err
	}
	if _, err := b.denyRules(ctx, dir); err != nil {
		return err
	}
	data := filepath.Join(b.root, "testdata", "vulndb", "vulnerability-db.tar.zst")
	if err := b.do(ctx, b.step(tools["grype"], "db", "import", data)); err != nil {
		return err
	}
	out := func(name string) string { return filepath.Join(dir, name) }
	ours := b.step(b.sealock, "scan", "dir:"+app, "--db", data, "-o", "json")
	ours.Out = out("sealock.json")
	conftest := b.step(tools["conftest"], "test", "-o", "json", "--no-color", "--policy", out("deny"), deploy)
	conftest.Codes, conftest.Out = []int{1}, out("conftest.json")
	theirs := Job{
		b.step(tools["syft"], "scan", "dir:"+app, "-q", "-o", "cyclonedx-json="+out("sbom.json")),
		b.step(tools["grype"], "sbom:"+out("sbom.json"), "-q", "-o", "json", "--file", out("vulns.json")),
		b.step(tools["gitleaks"], "dir", app, "--no-banner", "--exit-code", "0", "--report-format", "json", "--report-path", out("secrets.json")),
		conftest,
	}
	pair, err := compare(ctx, min(b.k, 3), Side{Name: "sealock", Job: Job{ours}}, Side{Name: "tools", Job: theirs}) // a round takes a minute
	if err != nil {
		return err
	}
	b.say("scan of everything: of the processor's time %.2f", share(pair.A.CPU, pair.B.CPU))
	b.add(Row{Case: fmt.Sprintf("scan of everything, %d files, %d MB, %d manifests", appFiles, appBytes>>20, scanManifests), Peer: "syft+grype+gitleaks+conftest", Pair: pair, Target: targetScan})
	return nil
}
