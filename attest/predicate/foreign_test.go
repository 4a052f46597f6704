// SPDX-License-Identifier: Apache-2.0

package predicate_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

const hexA = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"

// read decodes a statement as another tool writes it.
func read(t testing.TB, statementType, subjects, predicateType, predicateJSON string) attest.Statement {
	t.Helper()
	st, err := attest.DecodeStatement([]byte(`{"_type":"` + statementType + `","subject":[` + subjects + `],"predicateType":"` + predicateType + `","predicate":` + predicateJSON + `}`))
	if err != nil {
		t.Fatalf("%s: %v", predicateType, err)
	}
	return st
}

const (
	image   = `{"name":"registry.example.com/shop","digest":{"sha256":"` + hexA + `"}}`
	named   = `{"name":"","uri":"pkg:github/example/shop@v1.2.0","digest":{"sha1":"0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"}}`
	witness = `{"name":"https://witness.dev/attestations/product/v0.1/file:dist/app","digest":{"gitoid:sha1":"gitoid:blob:sha1:0a1b2c3d4e5f60718293a4b5c6d7e8f901234567","gitoid:sha256":"gitoid:blob:sha256:` + hexA + `","sha256":"` + hexA + `"}},` +
		`{"name":"https://witness.dev/attestations/git/v0.1/commithash:0a1b2c3d4e5f60718293a4b5c6d7e8f901234567","digest":{"sha1":"0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"}},` +
		`{"name":"https://witness.dev/attestations/product/v0.1/dir:dist","digest":{"dirHash":"` + hexA + `"}}`
)

// Statements as other tools write them: what each is, and the time it gives for itself.
func TestStatementsOfOtherTools(t *testing.T) {
	for _, c := range []struct{ name, version, subjects, predicateType, predicate, word, detail, time string }{
		{"slsa-github-generator", attest.StatementV01, image, "https://slsa.dev/provenance/v0.2",
			`{"builder":{"id":"https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml@refs/tags/v2.0.0"},"buildType":"https://github.com/slsa-framework/slsa-github-generator/container@v1",
			"invocation":{"configSource":{"uri":"git+https://github.com/example/shop@refs/tags/v1.2.0","digest":{"sha1":"0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"},"entryPoint":".github/workflows/release.yml"},"parameters":{},"environment":{"github_run_id":"42"}},
			"metadata":{"buildInvocationID":"42-1","buildStartedOn":"2026-11-01T10:00:00Z","buildFinishedOn":"2026-11-01T10:05:00Z","completeness":{"parameters":true,"environment":false,"materials":false},"reproducible":false},
			"materials":[{"uri":"git+https://github.com/example/shop@refs/tags/v1.2.0","digest":{"sha1":"0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"}}]}`, "provenance", "", "2026-11-01T10:05:00Z"},
		{"GitHub", attest.StatementV1, image, "https://slsa.dev/provenance/v1",
			`{"buildDefinition":{"buildType":"https://actions.github.io/buildtypes/workflow/v1","externalParameters":{"workflow":{"ref":"refs/heads/main","repository":"https://github.com/example/shop","path":".github/workflows/build.yml"}},
			"internalParameters":{"github":{"event_name":"push","repository_id":"4711","repository_owner_id":"11","runner_environment":"github-hosted"}},
			"resolvedDependencies":[{"uri":"git+https://github.com/example/shop@refs/heads/main","digest":{"gitCommit":"0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"}}]},
			"runDetails":{"builder":{"id":"https://github.com/example/shop/.github/workflows/build.yml@refs/heads/main"},"metadata":{"invocationId":"https://github.com/example/shop/actions/runs/42/attempts/1"}}}`, "provenance", "", ""},
		{"BuildKit", attest.StatementV01, `{"name":"pkg:docker/shop@latest?platform=linux%2Famd64","digest":{"sha256":"` + hexA + `"}}`, "https://slsa.dev/provenance/v1",
			`{"buildDefinition":{"buildType":"https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md","externalParameters":{},"resolvedDependencies":[]},"runDetails":{"builder":{"id":""},"metadata":{"finishedOn":"2026-11-01T10:05:00.5Z"}}}`, "provenance", "", "2026-11-01T10:05:00.5Z"},
		{"cosign attest --type cyclonedx", attest.StatementV01, image, "https://cyclonedx.org/bom", `{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"timestamp":"2026-11-01T10:00:00+01:00"},"components":[]}`, "sbom", "CycloneDX", "2026-11-01T10:00:00+01:00"},
		{"CycloneDX with a version", attest.StatementV1, image, "https://cyclonedx.org/bom/v1.4", `{"bomFormat":"CycloneDX","specVersion":"1.4"}`, "sbom", "CycloneDX", ""},
		{"V-26 CycloneDX of an unknown version", attest.StatementV1, image, "https://cyclonedx.org/bom/v9.9", `{}`, "", "", ""},
		{"V-26 CycloneDX with a slash", attest.StatementV1, image, "https://cyclonedx.org/bom/", `{}`, "", "", ""},
		{"syft attest -o spdx-json", attest.StatementV01, image, "https://spdx.dev/Document", `{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","creationInfo":{"created":"2026-11-01T10:00:00Z","creators":["Tool: syft"]},"packages":[]}`, "sbom", "SPDX", "2026-11-01T10:00:00Z"},
		{"SPDX with a version", attest.StatementV1, image, "https://spdx.dev/Document/v2.3", `{"spdxVersion":"SPDX-2.3"}`, "sbom", "SPDX", ""},
		{"cosign attest --type vuln", attest.StatementV01, image, "https://cosign.sigstore.dev/attestation/vuln/v1",
			`{"invocation":{"parameters":null,"uri":"","event_id":"","builder.id":""},"scanner":{"uri":"pkg:github/aquasecurity/trivy@v0.57.0","version":"0.57.0","db":{"uri":"","version":"2"},"result":{"SchemaVersion":2,"Results":[]}},
			"metadata":{"scanStartedOn":"2026-11-01T10:00:00Z","scanFinishedOn":"2026-11-01T10:00:09Z"}}`, "vulns", "", "2026-11-01T10:00:09Z"},
		{"vulns v0.1", attest.StatementV1, image, "https://in-toto.io/attestation/vulns/v0.1", `{"scanner":{"uri":"pkg:x","version":"1","db":{"lastUpdate":"2026-10-31T00:00:00Z"},"result":[{"vulnerability":{"id":"CVE-2026-1","severity":[{"method":"nvd","score":"9.8"}]}}]},
			"metadata":{"scanStartedOn":"2026-11-01T10:00:00Z","scanFinishedOn":"2026-11-01T10:00:09Z"}}`, "vulns", "", "2026-11-01T10:00:09Z"},
		{"test result", attest.StatementV1, image, "https://in-toto.io/attestation/test-result/v0.1", `{"result":"PASSED","configuration":[{"name":"ci","digest":{"sha256":"` + hexA + `"}}]}`, "test", "", ""},
		{"SVR v0.1 of ampel", attest.StatementV1, image, "https://in-toto.io/attestation/svr/v0.1", `{"verifier":{"id":"https://ampel.example"},"timeCreated":"2026-11-01T10:00:00Z","properties":["SLSA_BUILD_LEVEL_3"]}`, "verification", "", "2026-11-01T10:00:00Z"},
		{"SVR v0.2", attest.StatementV1, image, "https://in-toto.io/attestation/svr/v0.2", `{"verifier":{"id":"https://example.com/v"},"timeCreated":"2026-11-01T10:00:00Z","properties":["X"]}`, "verification", "", "2026-11-01T10:00:00Z"},
		{"an approval under another verifier's id", attest.StatementV1, image, "https://in-toto.io/attestation/svr/v0.1", `{"verifier":{"id":"https://example.com/v"},"properties":["SEALOCK_APPROVE:prod"]}`, "verification", "", ""},
		{"our approval", attest.StatementV1, image, "https://in-toto.io/attestation/svr/v0.1", `{"verifier":{"id":"` + predicate.VerifierID + `"},"properties":["SEALOCK_APPROVE:prod"]}`, "approval", "prod", ""},
		{"our promotion", attest.StatementV1, image, "https://slsa.dev/verification_summary/v1", `{"verifier":{"id":"` + predicate.VerifierID + `"},"timeVerified":"2026-11-01T10:00:00Z","verificationResult":"PASSED","verifiedLevels":["SEALOCK_ENVIRONMENT:staging"]}`, "promotion", "staging", "2026-11-01T10:00:00Z"},
		{"VSA of another", attest.StatementV1, image, "https://slsa.dev/verification_summary/v1", `{"verifier":{"id":"https://example.com/v"},"timeVerified":"2026-11-01T10:00:00Z","verificationResult":"PASSED","verifiedLevels":["SLSA_BUILD_LEVEL_3"]}`, "verification", "PASSED", "2026-11-01T10:00:00Z"},
		{"receipt", attest.StatementV1, image, "https://in-toto.io/attestation/link/v0.3", `{"name":"build","environment":{"finishedOn":"2026-11-01T10:00:00Z"}}`, "receipt", "build", "2026-11-01T10:00:00Z"},
		{"in-toto link of old", attest.StatementV01, image, "https://in-toto.io/Link/v1", `{"name":"build","command":["make"],"materials":[{"uri":"src","digest":{"sha256":"` + hexA + `"}}],"byproducts":{"return-value":0},"environment":{"workdir":"/src"}}`, "link", "", ""},
		{"OpenVEX", attest.StatementV01, image, "https://openvex.dev/ns", `{"@context":"https://openvex.dev/ns/v0.2.0","@id":"x","author":"a","timestamp":"2026-11-01T10:00:00Z","version":1,"statements":[]}`, "vex", "OpenVEX", "2026-11-01T10:00:00Z"},
		{"OpenVEX with a version", attest.StatementV1, image, "https://openvex.dev/ns/v0.2.0", `{}`, "vex", "OpenVEX", ""},
		{"npm publish", attest.StatementV01, `{"name":"pkg:npm/shop@1.2.0","digest":{"sha512":"` + hexA + hexA + `"}}`, "https://github.com/npm/attestation/tree/main/specs/publish/v0.1", `{"name":"shop"}`, "", "", ""},
		{"GitHub release", attest.StatementV1, named, "https://in-toto.io/attestation/release/v0.1", `{"purl":"pkg:github/example/shop@v1.2.0"}`, "", "", ""},
		{"a witness collection without evidence", attest.StatementV01, witness, "https://witness.testifysec.com/attestation-collection/v0.1", `{"name":"build","attestations":[{"type":"https://witness.dev/attestations/command-run/v0.1","attestation":{"cmd":["make"]}}]}`, "collection", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := read(t, c.version, c.subjects, c.predicateType, strings.ReplaceAll(c.predicate, "\n\t\t\t", ""))
			word, detail := predicate.Describe(st)
			if word != c.word || detail != c.detail {
				t.Errorf("%q %q, expected %q %q", word, detail, c.word, c.detail)
			}
			if got := predicate.TimeOf(st); got != c.time {
				t.Errorf("time %q, expected %q", got, c.time)
			}
		})
	}
}

func collection(t testing.TB, predicateType string, attestations ...string) attest.Statement {
	t.Helper()
	return read(t, attest.StatementV01, witness, predicateType, `{"name":"build","attestations":[`+strings.Join(attestations, ",")+`]}`)
}

const (
	witnessType = "https://witness.testifysec.com/attestation-collection/v0.1"
	ran         = `{"type":"https://witness.dev/attestations/command-run/v0.1","attestation":{"cmd":["make"],"exitcode":0},"starttime":"2026-11-01T10:00:00Z","endtime":"2026-11-01T10:01:00Z"}`
	cyclone     = `{"type":"https://witness.dev/attestations/sbom/v0.1","attestation":{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"name":"a","version":"1"}]}}`
	spdx        = `{"type":"https://witness.dev/attestations/sbom/v0.1","attestation":{"spdxVersion":"SPDX-2.3","packages":[]}}`
	// as encoding/json writes in-toto's protobuf types
	slsa = `{"type":"https://slsa.dev/provenance/v1.0","attestation":{"build_definition":{"build_type":"https://witness.dev/slsa-build@v0.1","external_parameters":{"command":"make","build_type":"theirs"},
		"internal_parameters":{"env":{"started_on":"kept"}},"resolved_dependencies":[{"name":"git@github.com:example/shop.git","digest":{"sha1":"0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"},"media_type":"x"}]},
		"run_details":{"builder":{"id":"https://witness.dev/witness-github-action-builder@v0.1"},"metadata":{"invocation_id":"https://github.com/example/shop/actions/runs/42","started_on":{"seconds":1793527200},"finished_on":{"seconds":1793527260,"nanos":500000000}}}}}`
)

func TestUnwrapCollections(t *testing.T) {
	for _, typ := range []string{witnessType, "https://witness.dev/attestation-collection/v0.1", "https://aflock.ai/attestation-collection/v0.1"} {
		st := collection(t, typ, ran, cyclone, slsa, `{"type":"https://openvex.dev/ns","attestation":{"vexDocument":{}}}`, spdx)
		parts, err := predicate.Unwrap(st)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range parts {
			got = append(got, p.PredicateType)
			if p.Type != st.Type || fmt.Sprint(p.Subject) != fmt.Sprint(st.Subject) || !p.About(attest.DigestSet{"sha256": hexA}) {
				t.Errorf("%s is about something else: %v", p.PredicateType, p.Subject)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint([]string{predicate.TypeCycloneDX, predicate.TypeProvenance, predicate.TypeSPDX}) {
			t.Errorf("%s: %v", typ, got)
		}
		if word, detail := predicate.Describe(st); word != "collection" || detail != "sbom, provenance" {
			t.Errorf("%q %q", word, detail)
		}
	}
}

// Witness writes provenance under names of its own; what the build gave itself keeps its names.
func TestUnwrapBringsProvenanceToItsNames(t *testing.T) {
	parts, err := predicate.Unwrap(collection(t, witnessType, slsa))
	if err != nil || len(parts) != 1 {
		t.Fatalf("%d parts, %v", len(parts), err)
	}
	var p predicate.Provenance
	if err := predicate.Decode(parts[0], &p); err != nil {
		t.Fatal(err)
	}
	d, r := p.BuildDefinition, p.RunDetails
	if d.BuildType != "https://witness.dev/slsa-build@v0.1" || d.ExternalParameters["build_type"] != "theirs" || fmt.Sprint(d.InternalParameters) != "map[env:map[started_on:kept]]" ||
		len(d.ResolvedDependencies) != 1 || d.ResolvedDependencies[0].MediaType != "x" || r.Builder.ID != "https://witness.dev/witness-github-action-builder@v0.1" {
		t.Errorf("%+v", p)
	}
	if r.Metadata != (predicate.BuildMetadata{InvocationID: "https://github.com/example/shop/actions/runs/42", StartedOn: "2026-11-01T10:00:00Z", FinishedOn: "2026-11-01T10:01:00.5Z"}) {
		t.Errorf("%+v", r.Metadata)
	}

	var a struct {
		Attestation json.RawMessage `json:"attestation"`
	}
	if err := attest.DecodeJSON([]byte(slsa), &a); err != nil {
		t.Fatal(err)
	}
	exported := read(t, attest.StatementV1, image, "https://slsa.dev/provenance/v1.0", string(a.Attestation))
	alone, err := predicate.Unwrap(exported)
	if err != nil || len(alone) != 1 || alone[0].PredicateType != predicate.TypeProvenance || string(alone[0].Predicate) != string(parts[0].Predicate) {
		t.Errorf("exported on its own: %v, %v", alone, err)
	}
	sound := `{"buildDefinition":{"buildType":"b"},"runDetails":{"builder":{"id":"i"}}}`
	if same, err := predicate.Unwrap(read(t, attest.StatementV1, image, "https://slsa.dev/provenance/v1.0", sound)); err != nil || string(same[0].Predicate) != sound {
		t.Errorf("under SLSA's names: %v, %v", same, err)
	}
	for name, bad := range map[string]string{"a time that is none": `{"seconds":"x"}`, "far away": `{"seconds":999999999999999}`, "nanos": `{"seconds":1,"nanos":-1}`, "fractions": `{"seconds":1.5}`} {
		parts, err := predicate.Unwrap(read(t, attest.StatementV1, image, "https://slsa.dev/provenance/v1.0", `{"build_definition":{"x":1},"run_details":{"metadata":{"finished_on":`+bad+`}}}`))
		if err != nil || predicate.TimeOf(parts[0]) != "" {
			t.Errorf("%s: %v, %v", name, parts, err)
		}
	}
}

func TestUnwrapOdd(t *testing.T) {
	entry := func(n int) []string {
		out := make([]string, n)
		for i := range out {
			out[i] = ran
		}
		return out
	}
	for _, c := range []struct {
		name  string
		st    attest.Statement
		parts int
		code  string
	}{
		{"no collection", read(t, attest.StatementV1, image, predicate.TypeCycloneDX, `{"bomFormat":"CycloneDX"}`), 0, ""},
		{"V-26 a near miss", collection(t, witnessType+"/", cyclone), 0, ""},
		{"empty", collection(t, witnessType), 0, ""},
		{"V-67 as many as may be", collection(t, witnessType, entry(predicate.MaxAttestations)...), 0, ""},
		{"V-67 one more", collection(t, witnessType, entry(predicate.MaxAttestations+1)...), 0, attest.CodeLimit},
		{"V-41 null", collection(t, witnessType, "null", cyclone), 0, attest.CodeMalformedStatement},
		{"V-41 null attestation", collection(t, witnessType, `{"type":"https://cyclonedx.org/bom","attestation":null}`, cyclone), 1, ""},
		{"no attestation", collection(t, witnessType, `{"type":"https://cyclonedx.org/bom"}`), 0, ""},
		{"a list in place of an object", read(t, attest.StatementV1, image, witnessType, `[]`), 0, attest.CodeMalformedStatement},
		{"attestations are text", read(t, attest.StatementV1, image, witnessType, `{"attestations":"x"}`), 0, attest.CodeMalformedStatement},
		{"an SBOM of no known form", collection(t, witnessType, `{"type":"https://witness.dev/attestations/sbom/v0.1","attestation":{"spdxVersion":"SPDX-3.0"}}`, `{"type":"https://witness.dev/attestations/sbom/v0.1","attestation":[]}`), 0, ""},
		{"provenance with both spellings", collection(t, witnessType, `{"type":"https://slsa.dev/provenance/v1.0","attestation":{"build_definition":{"a":1},"buildDefinition":{"a":2}}}`), 0, attest.CodeMalformedStatement},
		{"V-24 promotions, approvals, receipts and collections in a collection", collection(t, witnessType, `{"type":"https://slsa.dev/verification_summary/v1","attestation":{}}`, `{"type":"https://in-toto.io/attestation/svr/v0.1","attestation":{}}`,
			`{"type":"https://in-toto.io/attestation/link/v0.3","attestation":{}}`, `{"type":"`+witnessType+`","attestation":{"attestations":[`+cyclone+`]}}`), 0, ""},
	} {
		parts, err := predicate.Unwrap(c.st)
		if len(parts) != c.parts || attest.RejectCode(err) != c.code || (err != nil) != (c.code != "") {
			t.Errorf("%s: %d parts, %v", c.name, len(parts), err)
		}
		predicate.Describe(c.st)
	}
}
