// SPDX-License-Identifier: Apache-2.0

package predicate

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest"
)

// KindOf tells which kind of evidence a statement is, or "". Findings of all scanners share a type and say which they are.
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
	case IsVEX(st.PredicateType):
		return "vex", vexForm(st.PredicateType)
	case IsCollection(st.PredicateType) || st.PredicateType == typeWitnessProvenance:
		return "collection", contents(st)
	case st.PredicateType == typeCosignCustom:
		if of := contents(st); of != "" {
			return "collection", of
		}
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

// times are where statements of each type have the time at which they were made, best first.
var times = [][]string{
	{"finishedOn"},                           // findings
	{"timeVerified"},                         // VSA
	{"timeCreated"},                          // SVR
	{"environment", "finishedOn"},            // receipts
	{"metadata", "scanFinishedOn"},           // vulns
	{"metadata", "timestamp"},                // CycloneDX
	{"metadata", "buildFinishedOn"},          // SLSA provenance v0.2
	{"runDetails", "metadata", "finishedOn"}, // SLSA provenance v1
	{"creationInfo", "created"},              // SPDX
	{"timestamp"},                            // OpenVEX
}

// TimeOf is the time that a statement gives for itself, as it stands, or "". Only its signer vouches for it.
func TimeOf(st attest.Statement) string {
	top := members(st.Predicate)
	for _, path := range times {
		at, value := top, json.RawMessage(nil)
		for i, name := range path {
			if value = at[name]; i < len(path)-1 {
				at = members(value)
			}
		}
		var text string
		if attest.DecodeJSON(value, &text) == nil && text != "" {
			return text
		}
	}
	return ""
}

// members are those of an object; anything else has none.
func members(raw json.RawMessage) map[string]json.RawMessage {
	var m map[string]json.RawMessage
	if len(raw) == 0 || raw[0] != '{' || attest.DecodeJSON(raw, &m) != nil {
		return nil
	}
	return m
}
