// SPDX-License-Identifier: Apache-2.0

package predicate

import (
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest"
)

// KindOf tells which kind of evidence a statement is, or "". Secrets and configuration share a type and say which they are.
func KindOf(st attest.Statement) string {
	for _, kind := range Kinds {
		if !slices.Contains(Types[kind], st.PredicateType) {
			continue
		}
		if st.PredicateType != TypeFindings {
			return kind
		}
		var f struct {
			Category string `json:"category"`
		}
		if Decode(st, &f) == nil && f.Category == kind {
			return kind
		}
	}
	return ""
}

// Describe says in a word what a statement is, and in a few what of: for lists, not for deciding. The word is a kind of evidence, receipt, link,
// promotion, verification, approval, vex, collection, signature, or "" for a type that is not known here.
func Describe(st attest.Statement) (word, detail string) {
	if kind := KindOf(st); kind != "" {
		return kind, sbomForm(st.PredicateType)
	}
	switch {
	case st.PredicateType == TypeLink:
		var l Link
		if Decode(st, &l) != nil || l.Name == "" {
			return "receipt", ""
		}
		return "receipt", l.Name
	case st.PredicateType == TypeCosignSign: // its signer knows the image; nothing is said of how it was made
		return "signature", ""
	case st.PredicateType == TypeLinkV1:
		return "link", ""
	case st.PredicateType == TypeVSA:
		return describeVSA(st)
	case st.PredicateType == TypeSVR || st.PredicateType == TypeSVRV02:
		return describeSVR(st)
	case st.PredicateType == TypeVEX || strings.HasPrefix(st.PredicateType, TypeVEX+"/v"):
		return "vex", ""
	case IsCollection(st.PredicateType) || st.PredicateType == typeWitnessProvenance:
		return "collection", contents(st)
	}
	return "", ""
}

func sbomForm(predicateType string) string {
	switch {
	case strings.HasPrefix(predicateType, TypeCycloneDX):
		return "CycloneDX"
	case strings.HasPrefix(predicateType, TypeSPDX):
		return "SPDX"
	}
	return ""
}

// describeVSA tells a promotion by sealock from a summary by another verifier.
func describeVSA(st attest.Statement) (word, detail string) {
	var v VSA
	if Decode(st, &v) != nil {
		return "verification", ""
	}
	for _, level := range v.VerifiedLevels {
		if env, ok := strings.CutPrefix(level, EnvironmentLevel); ok && v.Verifier.ID == VerifierID {
			return "promotion", env
		}
	}
	return "verification", v.VerificationResult
}

// describeSVR tells an approval from another verifier's result. Version 0.2 has other properties than those that are approvals.
func describeSVR(st attest.Statement) (word, detail string) {
	var v SVR
	if Decode(st, &v) != nil {
		return "verification", ""
	}
	for _, p := range v.Properties {
		if env, ok := strings.CutPrefix(p, ApproveProperty); ok && v.Verifier.ID == VerifierID {
			return "approval", env
		}
	}
	return "verification", ""
}

// contents lists the kinds of evidence in a collection.
func contents(st attest.Statement) string {
	parts, err := Unwrap(st)
	if err != nil {
		return ""
	}
	var kinds []string
	for _, p := range parts {
		if k := KindOf(p); k != "" && !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	return strings.Join(kinds, ", ")
}

// TimeOf is the time that a statement gives for itself, RFC 3339 as it stands, or "". Only its signer vouches for it.
func TimeOf(st attest.Statement) string {
	var p struct {
		FinishedOn   string       `json:"finishedOn"`   // findings
		TimeVerified string       `json:"timeVerified"` // VSA
		TimeCreated  string       `json:"timeCreated"`  // SVR
		Environment  *Environment `json:"environment"`  // receipts
		Metadata     *struct {
			ScanFinishedOn  string `json:"scanFinishedOn"`  // vulns
			Timestamp       string `json:"timestamp"`       // CycloneDX
			BuildFinishedOn string `json:"buildFinishedOn"` // SLSA provenance v0.2
		} `json:"metadata"`
		RunDetails   *RunDetails `json:"runDetails"` // SLSA provenance v1
		CreationInfo *struct {
			Created string `json:"created"`
		} `json:"creationInfo"` // SPDX
		Timestamp string `json:"timestamp"` // OpenVEX
	}
	if Decode(st, &p) != nil {
		return ""
	}
	times := []string{p.FinishedOn, p.TimeVerified, p.TimeCreated, p.Timestamp}
	if p.Environment != nil {
		times = append(times, p.Environment.FinishedOn)
	}
	if p.Metadata != nil {
		times = append(times, p.Metadata.ScanFinishedOn, p.Metadata.Timestamp, p.Metadata.BuildFinishedOn)
	}
	if p.RunDetails != nil {
		times = append(times, p.RunDetails.Metadata.FinishedOn)
	}
	if p.CreationInfo != nil {
		times = append(times, p.CreationInfo.Created)
	}
	for _, t := range times {
		if t != "" {
			return t
		}
	}
	return ""
}
