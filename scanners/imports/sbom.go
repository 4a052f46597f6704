// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// minSBOM is how short a bill of materials can be at the least; less is a stub.
const minSBOM = 40

var cycloneDXVersion = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^1\.[2-7]$`) })

// SBOM is a bill of materials that another tool made, as it is.
type SBOM struct {
	Type     string           // predicate type
	Document json.RawMessage  // its very bytes, but for space around them
	Digests  attest.DigestSet // of what it says it is about; empty where it does not say
}

// ReadSBOM reads CycloneDX 1.2 to 1.7 or SPDX 2.2 or 2.3 in JSON. It must be valid as far as it says what is in the product; what it may say is the gate's rules' to judge.
func ReadSBOM(rep Report) (SBOM, error) {
	if err := rep.bounded(); err != nil {
		return SBOM{}, err
	}
	data := bytes.TrimSpace(bytes.TrimPrefix(rep.Data, []byte("\ufeff")))
	if len(data) < minSBOM {
		return SBOM{}, rep.errorf(CodeInvalid, "", "its %d bytes are too few for a bill of materials", len(data))
	}
	if data[0] == '<' {
		return SBOM{}, rep.errorf(CodeInvalid, "have the tool write JSON", "it is XML, which is not read")
	}
	var d struct {
		BOMFormat   string `json:"bomFormat"`
		SpecVersion string `json:"specVersion"`
		SPDXVersion string `json:"spdxVersion"`
		SPDXID      string `json:"SPDXID"`
		Namespace   string `json:"documentNamespace"`
		Context     any    `json:"@context"`
		Metadata    struct {
			Component struct {
				Hashes []struct {
					Alg     string `json:"alg"`
					Content string `json:"content"`
				} `json:"hashes"`
				Properties []struct {
					Name  string `json:"name"`
					Value string `json:"value"`
				} `json:"properties"`
				PURL    string `json:"purl"`
				Version string `json:"version"`
			} `json:"component"`
		} `json:"metadata"`
		Components    []json.RawMessage `json:"components"`
		Describes     []string          `json:"documentDescribes"`
		Relationships []struct {
			From string `json:"spdxElementId"`
			Type string `json:"relationshipType"`
			To   string `json:"relatedSpdxElement"`
		} `json:"relationships"`
		Packages []struct {
			ID        string `json:"SPDXID"`
			Checksums []struct {
				Algorithm string `json:"algorithm"`
				Value     string `json:"checksumValue"`
			} `json:"checksums"`
		} `json:"packages"`
	}
	if err := attest.DecodeJSON(data, &d); err != nil {
		return SBOM{}, &Error{Code: CodeInvalid, File: rep.Name, Detail: "it is not whole, or no bill of materials", Cause: err}
	}
	out := SBOM{Document: json.RawMessage(data), Digests: attest.DigestSet{}}
	add := func(alg, hex string) {
		if x := (attest.Digest{Algorithm: strings.ToLower(strings.ReplaceAll(alg, "-", "")), Hex: strings.ToLower(hex)}); x.Validate() == nil {
			out.Digests[x.Algorithm] = x.Hex
		}
	}
	switch {
	case d.BOMFormat != "" && d.SPDXVersion != "":
		return SBOM{}, rep.errorf(CodeInvalid, "", "it says that it is CycloneDX and SPDX at once")
	case d.BOMFormat == "CycloneDX":
		if !cycloneDXVersion().MatchString(d.SpecVersion) {
			return SBOM{}, rep.errorf(CodeInvalid, "", "its specVersion is %.20q, expected CycloneDX 1.2 to 1.7", d.SpecVersion)
		}
		wrong, err := invalidCycloneDX(data)
		if err != nil || wrong != "" {
			return SBOM{}, &Error{Code: CodeBroken, File: rep.Name, Detail: "it is no valid CycloneDX: " + wrong, Hint: "mend it with the tool that wrote it", Cause: err}
		}
		out.Type = predicate.TypeCycloneDX
		root := d.Metadata.Component
		for _, h := range root.Hashes {
			add(h.Alg, h.Content)
		}
		for _, p := range root.Properties {
			if alg, is := strings.CutPrefix(p.Name, "sealock:digest:"); is {
				out.Digests[alg] = strings.ToLower(p.Value)
			}
		}
		if x, err := attest.ParseDigest(root.Version); err == nil {
			out.Digests[x.Algorithm] = x.Hex
		}
	case d.SPDXVersion != "":
		if d.SPDXVersion != "SPDX-2.2" && d.SPDXVersion != "SPDX-2.3" {
			return SBOM{}, rep.errorf(CodeInvalid, "", "its spdxVersion is %.20q, expected SPDX-2.2 or SPDX-2.3", d.SPDXVersion)
		}
		if d.SPDXID != "SPDXRef-DOCUMENT" || d.Namespace == "" {
			return SBOM{}, rep.errorf(CodeInvalid, "", "it has no SPDXID SPDXRef-DOCUMENT, or no documentNamespace")
		}
		out.Type = predicate.TypeSPDX
		described := slices.Clone(d.Describes)
		for _, r := range d.Relationships {
			if r.Type == "DESCRIBES" && r.From == d.SPDXID {
				described = append(described, r.To)
			}
		}
		ids := map[string]bool{}
		for _, p := range d.Packages {
			if ids[p.ID] {
				return SBOM{}, rep.errorf(CodeInvalid, "", "SPDXID %.80q stands twice", p.ID)
			}
			ids[p.ID] = true
			for _, c := range p.Checksums {
				if slices.Contains(described, p.ID) {
					add(c.Algorithm, c.Value)
				}
			}
		}
	case d.Context != nil:
		return SBOM{}, rep.errorf(CodeInvalid, "have the tool write SPDX 2.3 or CycloneDX", "it is SPDX 3 or another document of JSON-LD, which is not read")
	default:
		return SBOM{}, rep.errorf(CodeInvalid, "", "it is neither CycloneDX nor SPDX")
	}
	return out, nil
}

// About finds the subject that a bill of materials says it is of. One that names no digest is taken at the word of who imports it, if there is only one subject that it could
// be of; the gate's rule sbom has a say in that (its parameter root).
func (s SBOM) About(rep Report, subjects []attest.Subject) (attest.Subject, error) {
	var known []string
	for _, x := range subjects {
		if len(s.Digests) > 0 && s.Digests.Matches(x.Digest) {
			return x, nil
		}
		known = append(known, x.Digest.Primary().String())
	}
	strong := slices.ContainsFunc(s.Digests.Digests(), func(d attest.Digest) bool { return d.Strong() })
	if len(subjects) == 1 && !strong {
		return subjects[0], nil
	}
	if len(s.Digests) == 0 {
		return attest.Subject{}, rep.errorf(CodeSubject, "have the tool write the digest into metadata.component", "it does not say which of %d artifacts it is of", len(subjects))
	}
	var says []string
	for _, d := range s.Digests.Digests() {
		says = append(says, d.String())
	}
	return attest.Subject{}, rep.errorf(CodeSubject, "make it of this very artifact", "it is of another artifact: it says %s, expected %s", strings.Join(says, ", "), strings.Join(known, " or "))
}
