// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/cmd/stage"
)

// evidence is what was found out, or, where that takes the pipeline, a result to which nobody objects.
func (v *preview) evidence(stageName, kind string, signer attest.Identity, about attest.Subject) (predicateType string, pred any) {
	now := predicate.Time(v.at)
	switch kind {
	case predicate.KindSecrets:
		return predicate.TypeFindings, v.found.secrets
	case predicate.KindConfig:
		return predicate.TypeFindings, v.found.config
	case predicate.KindSBOM:
		return predicate.TypeCycloneDX, v.sbom(about)
	case predicate.KindVulns:
		return predicate.TypeVulns, v.vulns()
	case predicate.KindProvenance:
		return predicate.TypeProvenance, v.provenance(stageName, signer)
	case predicate.KindTest:
		v.assume("tests", "they are taken to pass")
		return predicate.TypeTest, predicate.TestResult{Result: "PASSED", Configuration: []attest.ResourceDescriptor{}, PassedTests: []string{}, WarnedTests: []string{}, FailedTests: []string{}, SkippedTests: []string{}, FinishedOn: now}
	}
	v.assume(kind, "other tools are taken to find nothing")
	return predicate.TypeFindings, predicate.Findings{Category: kind, Scanner: predicate.FindingScanner{Name: "preview", Version: v.c.opt.Version, RulesDigest: attest.SHA256(nil).String()}, Complete: true,
		Findings: []predicate.Finding{}, Suppressed: []predicate.Suppressed{}, Skipped: []string{}, StartedOn: now, FinishedOn: now}
}

// sbom is what the manifests say. Where there are none the product's packages can't be known before it is built; one is assumed to which nobody objects.
func (v *preview) sbom(about attest.Subject) any {
	real := !about.Digest.Matches(v.found.packages.Subject.Digest)
	var doc map[string]any
	if (!v.found.packages.Empty && !real) || json.Unmarshal(v.found.packages.SBOM, &doc) != nil {
		return v.found.packages.SBOM
	}
	if real {
		describe(doc, about)
	}
	if !v.found.packages.Empty {
		return doc
	}
	v.assume("packages", "there is no manifest in the tree, so they are not known before the product is built")
	part := map[string]any{"type": "library", "bom-ref": "assumed", "name": "assumed", "version": "0", "purl": "pkg:generic/assumed@0"}
	if licence := first(v.policy.Params("")["licenses"]["allow"]); licence != nil {
		part["licenses"] = []any{map[string]any{"license": map[string]any{"id": licence}}}
	}
	doc["components"] = []any{part}
	return doc
}

// describe makes the root of an SBOM that of another artifact.
func describe(doc map[string]any, about attest.Subject) {
	properties := []any{}
	for _, d := range about.Digest.Digests() {
		properties = append(properties, map[string]any{"name": "sealock:digest:" + d.Algorithm, "value": d.Hex})
	}
	metadata, _ := doc["metadata"].(map[string]any)
	if root, ok := metadata["component"].(map[string]any); ok {
		delete(root, "hashes")
		root["name"], root["properties"] = about.Name, properties
	}
}

// vulns are those that are known here, as if the data were of now: how old it is here says nothing about the gate's.
func (v *preview) vulns() predicate.Vulns {
	now := predicate.Time(v.at)
	out := predicate.Vulns{Scanner: predicate.VulnScanner{URI: "https://github.com/sealock-dev/sealock/preview", Version: v.c.opt.Version, Result: []predicate.VulnResult{}}}
	if known := v.found.packages.Vulns; known != nil {
		out = *known
	}
	out.Scanner.DB.LastUpdate, out.Scanner.DB.Built = now, now
	out.Scanner.DB.Providers = slices.Clone(out.Scanner.DB.Providers)
	for i := range out.Scanner.DB.Providers {
		out.Scanner.DB.Providers[i].Captured = now
	}
	out.Metadata = predicate.ScanMetadata{ScanStartedOn: now, ScanFinishedOn: now}
	return out
}

// provenance is what the policy wants to read: who builds, from where and how is the pipeline's to prove.
func (v *preview) provenance(stageName string, signer attest.Identity) predicate.Provenance {
	v.assume("provenance", "builder, source and parameters are taken to be those that the policy asks for")
	params := v.policy.Params("")[predicate.KindProvenance]
	now := predicate.Time(v.at)
	builder, _ := first(params["builders"]).(string)
	for name, id := range v.keys.ids {
		if id == signer.Key && v.policy.Identities[name].Builder != "" {
			builder = v.policy.Identities[name].Builder
		}
	}
	if builder == "" {
		builder = "https://github.com/sealock-dev/sealock/builder/preview"
	}
	external := map[string]any{}
	accepted, _ := params["parameters"].(map[string]any)
	for name, values := range accepted {
		external[name] = first(values)
	}
	if len(accepted) == 0 {
		external["stage"] = stageName
	}
	deps := []attest.ResourceDescriptor{}
	if source, ok := first(params["sources"]).(string); ok {
		sum := sha256.Sum256([]byte("sealock preview of " + source))
		deps = append(deps, attest.ResourceDescriptor{URI: source, Digest: attest.DigestSet{"gitCommit": hex.EncodeToString(sum[:20])}})
	}
	return predicate.Provenance{
		BuildDefinition: predicate.BuildDefinition{BuildType: stage.BuildType, ExternalParameters: external, ResolvedDependencies: deps},
		RunDetails:      predicate.RunDetails{Builder: predicate.Builder{ID: builder}, Metadata: predicate.BuildMetadata{InvocationID: runName, StartedOn: now, FinishedOn: now}},
	}
}

func first(list any) any {
	if all, ok := list.([]any); ok && len(all) > 0 {
		return all[0]
	}
	if all, ok := list.([]string); ok && len(all) > 0 {
		return all[0]
	}
	return nil
}
