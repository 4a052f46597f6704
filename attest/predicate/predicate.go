// SPDX-License-Identifier: Apache-2.0

// Package predicate has the typed predicates that stages write and the gate reads. Each type names its source; where a standard type
// is used, field names are the standard's. Reading goes through Decode, which is strict about JSON and lenient about unknown fields.
package predicate

import (
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// Predicate type URIs.
const (
	TypeLink          = "https://in-toto.io/attestation/link/v0.3"
	TypeProvenance    = "https://slsa.dev/provenance/v1"
	TypeProvenanceV02 = "https://slsa.dev/provenance/v0.2"
	TypeLinkV1        = "https://in-toto.io/Link/v1" // read only, and never a receipt
	TypeCycloneDX     = "https://cyclonedx.org/bom"
	TypeSPDX          = "https://spdx.dev/Document"
	TypeVulns         = "https://in-toto.io/attestation/vulns/v0.2"
	TypeVulnsV01      = "https://in-toto.io/attestation/vulns/v0.1"
	TypeCosignVuln    = "https://cosign.sigstore.dev/attestation/vuln/v1"
	TypeCosignSign    = "https://sigstore.dev/cosign/sign/v1" // what cosign 3 writes in place of a signature on an image: it says nothing about the image
	TypeFindings      = "https://github.com/sealock-dev/sealock/findings/v1"
	TypeTest          = "https://in-toto.io/attestation/test-result/v0.1"
	TypeSVR           = "https://in-toto.io/attestation/svr/v0.1"
	TypeSVRV02        = "https://in-toto.io/attestation/svr/v0.2"
	TypeVSA           = "https://slsa.dev/verification_summary/v1"
	TypeVEX           = "https://openvex.dev/ns"
	// VEX documents of other formats, as they are. They have types of their own, so that a bill of materials can never pass for one (its type is TypeCycloneDX).
	TypeVEXCycloneDX = "https://github.com/sealock-dev/sealock/vex/cyclonedx/v1"
	TypeVEXCSAF      = "https://github.com/sealock-dev/sealock/vex/csaf/v2"
)

// Kinds of evidence, the short names used in sealock.yaml and policy.yaml.
const (
	KindProvenance = "provenance"
	KindSBOM       = "sbom"
	KindVulns      = "vulns"
	KindSecrets    = "secrets"
	KindConfig     = "config"
	KindSAST       = "sast"
	KindDAST       = "dast"
	KindTest       = "test"
)

// Types lists, for each kind of evidence, the predicate types that count as it; the first is what sealock writes. Each is matched as a whole: the
// specification's own example puts CycloneDX's version behind its type, so the versions are listed, and one that is not is not read.
var Types = map[string][]string{
	KindProvenance: {TypeProvenance, TypeProvenanceV02},
	KindSBOM: {TypeCycloneDX, TypeCycloneDX + "/v1.2", TypeCycloneDX + "/v1.3", TypeCycloneDX + "/v1.4", TypeCycloneDX + "/v1.5", TypeCycloneDX + "/v1.6", TypeCycloneDX + "/v1.7",
		TypeSPDX, TypeSPDX + "/v2.2", TypeSPDX + "/v2.3", TypeSPDX + "/v3.0"},
	KindVulns:   {TypeVulns, TypeVulnsV01, TypeCosignVuln},
	KindSecrets: {TypeFindings},
	KindConfig:  {TypeFindings},
	KindSAST:    {TypeFindings},
	KindDAST:    {TypeFindings},
	KindTest:    {TypeTest},
}

// Kinds is the stable order of the kinds.
var Kinds = []string{KindProvenance, KindSBOM, KindVulns, KindSecrets, KindConfig, KindSAST, KindDAST, KindTest}

// AboutArtifact are the kinds that count only if their subject is the artifact itself.
var AboutArtifact = map[string]bool{KindSBOM: true, KindVulns: true}

// Decode reads the predicate of a statement into v.
func Decode(st attest.Statement, v any) error { return attest.DecodeJSON(st.Predicate, v) }

// Time is RFC 3339 in UTC, to the second: the form of every time that sealock writes, but those of a receipt.
func Time(t time.Time) string { return t.UTC().Truncate(time.Second).Format(time.RFC3339) }

// Instant is RFC 3339 in UTC, to the millisecond: when a stage ran. The newest of its runs is what counts, and two may end in one second.
func Instant(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }
