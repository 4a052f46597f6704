// SPDX-License-Identifier: Apache-2.0

package predicate

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sealock-dev/sealock/attest"
)

// cycloneDXStates are CycloneDX's words for a status (https://cyclonedx.org/docs/1.6/json/#vulnerabilities_items_analysis_state).
var cycloneDXStates = map[string]string{"not_affected": VEXNotAffected, "false_positive": VEXNotAffected, "resolved": VEXFixed, "resolved_with_pedigree": VEXFixed, "exploitable": VEXAffected,
	"in_triage": VEXUnderInvestigation}

// maxVEXDepth is how deep components, or branches of products, may lie in each other.
const maxVEXDepth = 64

type cdxVEX struct {
	BOMFormat string `json:"bomFormat"`
	Serial    string `json:"serialNumber"`
	Metadata  struct {
		Timestamp string        `json:"timestamp"`
		Component *cdxComponent `json:"component"`
		Authors   []cdxName     `json:"authors"`
		Supplier  cdxName       `json:"supplier"`
		Publisher cdxName       `json:"manufacturer"`
	} `json:"metadata"`
	Components      []cdxComponent `json:"components"`
	Vulnerabilities []struct {
		ID         string `json:"id"`
		Published  string `json:"published"`
		Updated    string `json:"updated"`
		References []struct {
			ID string `json:"id"`
		} `json:"references"`
		Analysis *struct {
			State         string `json:"state"`
			Justification string `json:"justification"`
			Detail        string `json:"detail"`
			FirstIssued   string `json:"firstIssued"`
			LastUpdated   string `json:"lastUpdated"`
		} `json:"analysis"`
		Affects []struct {
			Ref      string            `json:"ref"`
			Versions []json.RawMessage `json:"versions"`
		} `json:"affects"`
	} `json:"vulnerabilities"`
}

type cdxName struct {
	Name string `json:"name"`
}

type cdxComponent struct {
	Ref    string `json:"bom-ref"`
	Name   string `json:"name"`
	PURL   string `json:"purl"`
	Hashes []struct {
		Alg     string `json:"alg"`
		Content string `json:"content"`
	} `json:"hashes"`
	Components []cdxComponent `json:"components"`
}

func readCycloneDXVEX(data json.RawMessage, r *vexReader) error {
	var d cdxVEX
	if err := attest.DecodeJSON(data, &d); err != nil {
		return err
	}
	if d.BOMFormat != "CycloneDX" {
		return fmt.Errorf("bomFormat is %.40q, expected CycloneDX", d.BOMFormat)
	}
	for _, a := range append(d.Metadata.Authors, d.Metadata.Publisher, d.Metadata.Supplier) {
		r.Author = firstText(r.Author, a.Name)
	}
	r.version(d.Serial, d.Metadata.Timestamp)
	known, twice := map[string]VEXProduct{}, map[string]bool{}
	var gather func(list []cdxComponent, depth int) error
	gather = func(list []cdxComponent, depth int) error {
		if depth > maxVEXDepth {
			return fmt.Errorf("components lie more than %d deep in each other", maxVEXDepth)
		}
		for _, c := range list {
			if _, again := known[c.Ref]; again {
				twice[c.Ref] = true
			}
			if c.Ref != "" {
				known[c.Ref] = c.product()
			}
			if err := gather(c.Components, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	if c := d.Metadata.Component; c != nil {
		d.Components = append(d.Components, *c)
	}
	if err := gather(d.Components, 0); err != nil {
		return err
	}
	for i, v := range d.Vulnerabilities {
		where, names := fmt.Sprintf("vulnerabilities[%d]", i), []string{v.ID}
		for _, ref := range v.References {
			names = append(names, ref.ID)
		}
		if v.Analysis == nil {
			r.ignore(where, names, "form", "it has no analysis")
			continue
		}
		s := VEXStatement{Where: where, Vulnerabilities: names, Status: firstText(cycloneDXStates[v.Analysis.State], v.Analysis.State), Justification: v.Analysis.Justification, Detail: v.Analysis.Detail}
		for j, a := range v.Affects {
			p, ok := known[a.Ref]
			if !ok && strings.HasPrefix(a.Ref, "pkg:") {
				p, ok = vexProduct(a.Ref, []string{a.Ref}, nil), true
			}
			at := fmt.Sprintf("%s.affects[%d]", where, j)
			switch {
			case len(a.Versions) > 0:
				r.ignore(at, names, "product", "it gives versions apart from the component; name the component by a purl with its version")
			case twice[a.Ref]:
				r.ignore(at, names, "product", "%.80q names several components", a.Ref)
			case !ok:
				r.ignore(at, names, "product", "%.80q is no component of this document; links into other documents are not followed", a.Ref)
			default:
				s.Products = append(s.Products, p)
			}
		}
		r.add(s, firstText(latest(v.Analysis.FirstIssued, v.Analysis.LastUpdated), v.Updated, d.Metadata.Timestamp))
	}
	return nil
}

func (c cdxComponent) product() VEXProduct {
	hashes := map[string]string{}
	for _, h := range c.Hashes {
		hashes[h.Alg] = h.Content
	}
	return vexProduct(firstText(c.PURL, c.Name, c.Ref), []string{c.PURL}, hashes)
}
