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
	Document json.RawMessage  // its very bytes, but for space around them; of XML the same as JSON
	Digests  attest.DigestSet // of what it says it is about; empty where it does not say
	name     string           // of the report
}

// sbomDocument is what of CycloneDX in JSON and SPDX 2 says what they are, and of what.
type sbomDocument struct {
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

// ReadSBOM reads CycloneDX 1.2 to 1.7 in JSON or XML, SPDX 2.2 or 2.3 in JSON, and SPDX 3.0 in JSON-LD. It must be valid as far as it says what is in the product; what it may
// say is the gate's rules' to judge.
func ReadSBOM(rep Report) (SBOM, error) {
	if err := rep.bounded(); err != nil {
		return SBOM{}, err
	}
	data := bytes.TrimSpace(bytes.TrimPrefix(rep.Data, []byte("\ufeff")))
	if len(data) < minSBOM {
		return SBOM{}, rep.errorf(CodeInvalid, "", "its %d bytes are too few for a bill of materials", len(data))
	}
	if data[0] == '<' {
		var err error
		if data, err = fromXML(rep, data); err != nil {
			return SBOM{}, err
		}
	}
	var d sbomDocument
	if err := attest.DecodeJSON(data, &d); err != nil {
		return SBOM{}, &Error{Code: CodeInvalid, File: rep.Name, Detail: "it is not whole, or no bill of materials", Cause: err}
	}
	out := SBOM{Document: json.RawMessage(data), Digests: attest.DigestSet{}, name: rep.Name}
	var err error
	switch {
	case d.BOMFormat != "" && d.SPDXVersion != "":
		err = rep.errorf(CodeInvalid, "", "it says that it is CycloneDX and SPDX at once")
	case d.BOMFormat == "CycloneDX":
		err = out.cycloneDX(rep, &d)
	case d.SPDXVersion != "":
		err = out.spdx2(rep, &d)
	case d.Context != nil:
		err = out.spdx3(rep)
	default:
		err = rep.errorf(CodeInvalid, "", "it is neither CycloneDX nor SPDX")
	}
	if err != nil {
		return SBOM{}, err
	}
	return out, nil
}

// add notes a digest, if it is one.
func (s *SBOM) add(alg, hex string) {
	if x := (attest.Digest{Algorithm: strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(alg, "-", ""), "_", "")), Hex: strings.ToLower(hex)}); x.Validate() == nil {
		s.Digests[x.Algorithm] = x.Hex
	}
}

func (s *SBOM) cycloneDX(rep Report, d *sbomDocument) error {
	if !cycloneDXVersion().MatchString(d.SpecVersion) {
		return rep.errorf(CodeInvalid, "", "its specVersion is %.20q, expected CycloneDX 1.2 to 1.7", d.SpecVersion)
	}
	wrong, err := invalidCycloneDX(s.Document)
	if err != nil || wrong != "" {
		return &Error{Code: CodeBroken, File: rep.Name, Detail: "it is no valid CycloneDX: " + wrong, Hint: "mend it with the tool that wrote it", Cause: err}
	}
	s.Type = predicate.TypeCycloneDX
	root := d.Metadata.Component
	for _, h := range root.Hashes {
		s.add(h.Alg, h.Content)
	}
	for _, p := range root.Properties {
		if alg, is := strings.CutPrefix(p.Name, "sealock:digest:"); is {
			s.Digests[alg] = strings.ToLower(p.Value)
		}
	}
	if x, err := attest.ParseDigest(root.Version); err == nil {
		s.Digests[x.Algorithm] = x.Hex
	}
	return nil
}

func (s *SBOM) spdx2(rep Report, d *sbomDocument) error {
	if d.SPDXVersion != "SPDX-2.2" && d.SPDXVersion != "SPDX-2.3" {
		return rep.errorf(CodeInvalid, "", "its spdxVersion is %.20q, expected SPDX-2.2 or SPDX-2.3", d.SPDXVersion)
	}
	if d.SPDXID != "SPDXRef-DOCUMENT" || d.Namespace == "" {
		return rep.errorf(CodeInvalid, "", "it has no SPDXID SPDXRef-DOCUMENT, or no documentNamespace")
	}
	s.Type = predicate.TypeSPDX
	described := slices.Clone(d.Describes)
	for _, r := range d.Relationships {
		if r.Type == "DESCRIBES" && r.From == d.SPDXID {
			described = append(described, r.To)
		}
	}
	ids := map[string]bool{}
	for _, p := range d.Packages {
		if ids[p.ID] {
			return rep.errorf(CodeInvalid, "", "SPDXID %.80q stands twice", p.ID)
		}
		ids[p.ID] = true
		for _, c := range p.Checksums {
			if slices.Contains(described, p.ID) {
				s.add(c.Algorithm, c.Value)
			}
		}
	}
	return nil
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
