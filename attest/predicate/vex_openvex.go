// SPDX-License-Identifier: Apache-2.0

package predicate

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest"
)

// openVEXVersions are the versions that are read (https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md). Documents of the first name products
// and vulnerabilities by plain text.
var openVEXVersions = []string{"", "/v0.0.1", "/v0.2.0"}

type openVEX struct {
	Context     string `json:"@context"`
	ID          string `json:"@id"`
	Author      string `json:"author"`
	Timestamp   string `json:"timestamp"`
	LastUpdated string `json:"last_updated"`
	Statements  []struct {
		Vulnerability   textOr[openVulnerability] `json:"vulnerability"`
		Products        []textOr[openProduct]     `json:"products"`
		Subcomponents   []textOr[openComponent]   `json:"subcomponents"` // v0.0.1
		Status          string                    `json:"status"`
		Justification   string                    `json:"justification"`
		ImpactStatement string                    `json:"impact_statement"`
		ActionStatement string                    `json:"action_statement"`
		Timestamp       string                    `json:"timestamp"`
		LastUpdated     string                    `json:"last_updated"`
	} `json:"statements"`
}

type openVulnerability struct {
	ID      string   `json:"@id"`
	Name    string   `json:"name"`
	Aliases []string `json:"aliases"`
}

type openProduct struct {
	openComponent
	Subcomponents []textOr[openComponent] `json:"subcomponents"`
}

type openComponent struct {
	ID          string            `json:"@id"`
	Identifiers map[string]string `json:"identifiers"`
	Hashes      map[string]string `json:"hashes"`
}

// textOr is a value that the first version wrote as plain text.
type textOr[T any] struct {
	text  string
	value T
}

func (x *textOr[T]) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return attest.DecodeJSON(data, &x.text)
	}
	return attest.DecodeJSON(data, &x.value)
}

func readOpenVEX(data json.RawMessage, r *vexReader) error {
	var d openVEX
	if err := attest.DecodeJSON(data, &d); err != nil {
		return err
	}
	version, is := strings.CutPrefix(d.Context, TypeVEX)
	if !is || !slices.Contains(openVEXVersions, version) {
		return fmt.Errorf("@context is %.80q, expected %s with one of the versions%s", d.Context, TypeVEX, strings.Join(openVEXVersions, " "))
	}
	if r.Author = d.Author; d.Author == "" {
		return fmt.Errorf("it has no author")
	}
	r.version(d.ID, latest(d.Timestamp, d.LastUpdated))
	for i, s := range d.Statements {
		v := s.Vulnerability
		out := VEXStatement{Where: fmt.Sprintf("statements[%d]", i), Status: s.Status, Justification: s.Justification, Detail: firstText(s.ImpactStatement, s.ActionStatement),
			Vulnerabilities: append([]string{firstText(v.text, v.value.Name, lastSegment(v.value.ID))}, v.value.Aliases...)}
		for _, p := range s.Products {
			product := p.value.component(p.text)
			for _, c := range append(slices.Clone(p.value.Subcomponents), s.Subcomponents...) {
				sub := c.value.component(c.text)
				product.Packages = append(product.Packages, VEXPackage{sub.Name, sub.PURL})
			}
			out.Products = append(out.Products, product)
		}
		r.add(out, latest(firstText(s.Timestamp, d.Timestamp), firstText(s.LastUpdated, d.LastUpdated)))
	}
	return nil
}

// component names it by its id and its purl, which are often one.
func (c openComponent) component(text string) VEXProduct {
	return vexProduct(firstText(text, c.ID), []string{c.Identifiers["purl"], text, c.ID}, c.Hashes)
}

// lastSegment is the id at the end of a URL such as https://nvd.nist.gov/vuln/detail/CVE-2026-1.
func lastSegment(url string) string { return url[strings.LastIndexByte(url, '/')+1:] }
