// SPDX-License-Identifier: Apache-2.0

package predicate

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// Predicate types of witness (https://github.com/in-toto/go-witness) and its relatives, and what cosign gives to files of any kind.
const (
	typeWitnessSBOM       = "https://witness.dev/attestations/sbom/v0.1"
	typeWitnessProvenance = "https://slsa.dev/provenance/v1.0"
	typeCosignCustom      = "https://cosign.sigstore.dev/attestation/v1"
)

// collections are the types of statements that hold several attestations about the same subjects, all under the one signature.
var collections = map[string]bool{
	"https://witness.testifysec.com/attestation-collection/v0.1": true,
	"https://witness.dev/attestation-collection/v0.1":            true,
	"https://aflock.ai/attestation-collection/v0.1":              true,
}

// MaxAttestations bounds the attestations of one collection.
const MaxAttestations = 256

// Collection is witness's predicate with what several attestors found in one step.
type Collection struct {
	Name         string         `json:"name"`
	Attestations []*Attestation `json:"attestations"`
}

// Attestation is what one attestor found.
type Attestation struct {
	Type        string          `json:"type"`
	Attestation json.RawMessage `json:"attestation"`
}

// IsCollection reports whether a predicate type is that of a collection.
func IsCollection(predicateType string) bool { return collections[predicateType] }

// Unwrap gives the statements that another tool's statement carries in a form of its own: about the same subjects, of predicate types that a policy
// can ask for, and vouched for by the same signature. Most statements carry none. Attestations of types that count as no kind of evidence are left
// out. A Reject says that a collection can't be read.
func Unwrap(st attest.Statement) ([]attest.Statement, error) {
	if st.PredicateType == typeWitnessProvenance {
		return one(st, TypeProvenance, st.Predicate)
	}
	if st.PredicateType == typeCosignCustom {
		return cosignFile(st)
	}
	if !collections[st.PredicateType] {
		return nil, nil
	}
	var c Collection
	if err := Decode(st, &c); err != nil {
		return nil, malformed("collection of attestations", err)
	}
	if len(c.Attestations) > MaxAttestations {
		return nil, &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("collection has %d attestations, limit %d", len(c.Attestations), MaxAttestations)}
	}
	var out []attest.Statement
	for i, a := range c.Attestations {
		if a == nil {
			return nil, malformed(fmt.Sprintf("attestation %d of the collection is null", i), nil)
		}
		if t := evidenceType(a); t != "" && len(a.Attestation) > 0 && string(a.Attestation) != "null" {
			more, err := one(st, t, a.Attestation)
			if err != nil {
				return nil, fmt.Errorf("attestation %d of the collection: %w", i, err)
			}
			out = append(out, more...)
		}
	}
	return out, nil
}

// evidenceType is the predicate type of one attestation in a collection, or "" for one that is no kind of evidence.
func evidenceType(a *Attestation) string {
	switch a.Type {
	case typeWitnessProvenance:
		return TypeProvenance
	case typeWitnessSBOM:
		return sbomType(a.Attestation)
	}
	for _, kind := range Kinds {
		if slices.Contains(Types[kind], a.Type) {
			return a.Type
		}
	}
	return ""
}

// one makes a statement of a part. Provenance is brought to SLSA's names first where witness wrote its own.
func one(st attest.Statement, predicateType string, part json.RawMessage) ([]attest.Statement, error) {
	if predicateType == TypeProvenance {
		var err error
		if part, err = witnessProvenance(part); err != nil {
			return nil, err
		}
	}
	return []attest.Statement{{Type: st.Type, Subject: st.Subject, PredicateType: predicateType, Predicate: part}}, nil
}

// protoNames are the names that encoding/json gives SLSA's protobuf messages, as witness writes them, by SLSA's own. Parameters are the build's
// own and keep theirs.
var protoNames = map[string]string{
	"build_definition": "buildDefinition", "run_details": "runDetails", "build_type": "buildType", "external_parameters": "externalParameters",
	"internal_parameters": "internalParameters", "resolved_dependencies": "resolvedDependencies", "builder_dependencies": "builderDependencies",
	"invocation_id": "invocationId", "started_on": "startedOn", "finished_on": "finishedOn", "download_location": "downloadLocation", "media_type": "mediaType",
}

// witnessProvenance gives provenance under SLSA's names, whichever of the two spellings it has. Both at once are refused.
func witnessProvenance(part json.RawMessage) (json.RawMessage, error) {
	v, err := attest.DecodeAny(part)
	if err != nil {
		return nil, malformed("provenance", err)
	}
	top, ok := v.(map[string]any)
	if !ok || top["build_definition"] == nil {
		return part, nil
	}
	named, err := rename(top)
	if err != nil {
		return nil, err
	}
	out, err := attest.EncodeJSON(named)
	if err != nil {
		return nil, malformed("provenance", err)
	}
	return out, nil
}

// rename goes through objects and lists, except what belongs to the build or its tools.
func rename(v any) (any, error) {
	switch x := v.(type) {
	case []any:
		for i := range x {
			renamed, err := rename(x[i])
			if err != nil {
				return nil, err
			}
			x[i] = renamed
		}
		return x, nil
	case map[string]any:
		out := make(map[string]any, len(x))
		for name, value := range x {
			to := name
			if s, ok := protoNames[name]; ok {
				to = s
			}
			if _, both := x[to]; both && to != name {
				return nil, malformed(fmt.Sprintf("provenance has both %q and %q", name, to), nil)
			}
			var err error
			if out[to], err = renamedField(to, value); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v, nil
}

func renamedField(name string, value any) (any, error) {
	switch name {
	case "externalParameters", "internalParameters", "annotations", "digest", "version":
		return value, nil
	case "startedOn", "finishedOn":
		return protoTime(value), nil
	}
	return rename(value)
}

// protoTime writes a protobuf timestamp as RFC 3339. What is none is left for its reader to refuse.
func protoTime(v any) any {
	x, ok := v.(map[string]any)
	if !ok {
		return v
	}
	part := func(name string) (int64, bool) {
		n, ok := x[name].(json.Number)
		if !ok {
			return 0, x[name] == nil
		}
		i, err := n.Int64()
		return i, err == nil
	}
	seconds, ok1 := part("seconds")
	nanos, ok2 := part("nanos")
	t := time.Unix(seconds, nanos).UTC()
	if !ok1 || !ok2 || nanos < 0 || nanos > 999_999_999 || t.Year() < 1 || t.Year() > 9999 {
		return v
	}
	return t.Format(time.RFC3339Nano)
}

// malformed keeps the code of a bound that was hit.
func malformed(detail string, cause error) error {
	code := attest.RejectCode(cause)
	if code == "" {
		code = attest.CodeMalformedStatement
	}
	return &attest.Reject{Code: code, Detail: detail, Cause: cause}
}
