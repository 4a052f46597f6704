// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

const maxSPDX3 = 1_000_000 // elements

var spdx3Context = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^https://spdx\.org/rdf/3\.0(\.[0-9]+)?/spdx-context\.jsonld$`)
})

// spdx3Document is the one form of JSON-LD that SPDX 3.0 asks for: its own context, unchanged, and a flat list of elements
// (https://spdx.github.io/spdx-spec/v3.0.1/serializations/).
type spdx3Document struct {
	Context string         `json:"@context"`
	Graph   []spdx3Element `json:"@graph"`
}

type spdx3Element struct {
	Type    string   `json:"type"`
	ID      string   `json:"spdxId"`
	Blank   string   `json:"@id"`
	LDType  any      `json:"@type"`
	Name    string   `json:"name"`
	Roots   []string `json:"rootElement"`
	From    string   `json:"from"`
	To      []string `json:"to"`
	Kind    string   `json:"relationshipType"`
	Imports []struct {
		ID string `json:"externalSpdxId"`
	} `json:"import"`
	Hashes []struct {
		Algorithm string `json:"algorithm"`
		Value     string `json:"hashValue"`
	} `json:"verifiedUsing"`
	Version string `json:"software_packageVersion"`
}

// isPackage reports that a type of element is a package.
func isPackage(name string) bool {
	return slices.Contains([]string{"software_Package", "ai_AIPackage", "dataset_DatasetPackage"}, name)
}

// spdx3 reads SPDX 3.0: what the document is of, and that its elements fit together.
func (s *SBOM) spdx3(rep Report) error {
	var d spdx3Document
	if err := attest.DecodeJSON(s.Document, &d); err != nil {
		return &Error{Code: CodeInvalid, File: rep.Name, Detail: "it is no SPDX 3.0 as its specification has it in JSON", Cause: err}
	}
	if !spdx3Context().MatchString(d.Context) {
		return rep.errorf(CodeInvalid, "have the tool write SPDX 3.0, SPDX 2.3 or CycloneDX", "its @context is %.80q, expected that of SPDX 3.0", d.Context)
	}
	if len(d.Graph) > maxSPDX3 {
		return rep.errorf(CodeLimit, "", "it has %d elements, limit %d", len(d.Graph), maxSPDX3)
	}
	elements, documents, err := d.elements(rep)
	if err != nil {
		return err
	}
	if len(documents) != 1 {
		return rep.errorf(CodeInvalid, "", "it has %d elements of the type SpdxDocument, expected one", len(documents))
	}
	if err := d.fits(rep, elements, documents[0]); err != nil {
		return err
	}
	s.Type = predicate.TypeSPDX
	for _, root := range rootsOf(elements, documents[0].Roots) {
		for _, h := range root.Hashes {
			s.add(h.Algorithm, h.Value)
		}
		if x, err := attest.ParseDigest(root.Version); err == nil {
			s.Digests[x.Algorithm] = x.Hex
		}
	}
	return nil
}

// elements finds the elements by their ids, which stand once.
func (d *spdx3Document) elements(rep Report) (map[string]*spdx3Element, []*spdx3Element, error) {
	all := make(map[string]*spdx3Element, len(d.Graph))
	var documents []*spdx3Element
	for i := range d.Graph {
		e := &d.Graph[i]
		id := e.ID
		if e.Type == "CreationInfo" || strings.HasPrefix(e.Blank, "_:") && id == "" {
			id = e.Blank
		}
		switch {
		case e.Type == "" || e.LDType != nil || strings.Contains(e.Type, "://"):
			return nil, nil, rep.errorf(CodeInvalid, "", "@graph[%d] has no type in the short form that SPDX asks for", i)
		case id == "":
			return nil, nil, rep.errorf(CodeInvalid, "", "@graph[%d], of the type %.40s, has no spdxId", i, e.Type)
		case all[id] != nil:
			return nil, nil, rep.errorf(CodeInvalid, "", "spdxId %.80q stands twice", id)
		case isPackage(e.Type) && e.Name == "":
			return nil, nil, rep.errorf(CodeInvalid, "", "the package %.80q has no name", id)
		}
		if all[id] = e; e.Type == "SpdxDocument" {
			documents = append(documents, e)
		}
	}
	return all, documents, nil
}

// fits holds relationships and roots against the elements that there are. What is of SPDX itself, or imported by name, lies elsewhere.
func (d *spdx3Document) fits(rep Report, elements map[string]*spdx3Element, document *spdx3Element) error {
	elsewhere := map[string]bool{}
	for _, i := range document.Imports {
		elsewhere[i.ID] = true
	}
	lacks := func(id string) bool {
		return elements[id] == nil && !elsewhere[id] && !strings.HasPrefix(id, "https://spdx.org/")
	}
	for _, e := range d.Graph {
		ends := e.Roots
		if e.Kind != "" || strings.HasSuffix(e.Type, "Relationship") {
			if e.From == "" || e.Kind == "" {
				return rep.errorf(CodeInvalid, "", "the relationship %.80q lacks from or relationshipType", e.ID)
			}
			ends = append(slices.Clone(e.To), e.From)
		}
		if i := slices.IndexFunc(ends, lacks); i >= 0 {
			return rep.errorf(CodeInvalid, "", "%.80q names %.80q, which is no element of the document", e.ID, ends[i])
		}
	}
	return nil
}

// rootsOf are the packages and files that a document is of, through the bills of materials in it, which may name each other.
func rootsOf(elements map[string]*spdx3Element, ids []string) []*spdx3Element {
	var out []*spdx3Element
	seen, queue := map[string]bool{}, slices.Clone(ids)
	for len(queue) > 0 {
		id := queue[0]
		queue = queue[1:]
		e := elements[id]
		if e == nil || seen[id] {
			continue
		}
		if seen[id] = true; isPackage(e.Type) || e.Type == "software_File" {
			out = append(out, e)
			continue
		}
		queue = append(queue, e.Roots...)
	}
	return out
}
