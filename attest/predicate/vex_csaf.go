// SPDX-License-Identifier: Apache-2.0

package predicate

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/sealock-dev/sealock/attest"
)

// csafVEX is the VEX profile of CSAF 2.0 (https://docs.oasis-open.org/csaf/csaf/v2.0/os/csaf-v2.0-os.html, 4.5).
type csafVEX struct {
	Document struct {
		Category    string `json:"category"`
		CSAFVersion string `json:"csaf_version"`
		Publisher   struct {
			Name      string `json:"name"`
			Namespace string `json:"namespace"`
		} `json:"publisher"`
		Tracking struct {
			ID      string `json:"id"`
			Status  string `json:"status"`
			Current string `json:"current_release_date"`
		} `json:"tracking"`
	} `json:"document"`
	Tree struct {
		Branches  []csafBranch  `json:"branches"`
		Names     []csafProduct `json:"full_product_names"`
		Relations []struct {
			Product  csafProduct `json:"full_product_name"`
			Category string      `json:"category"`
			Of       string      `json:"product_reference"`
			In       string      `json:"relates_to_product_reference"`
		} `json:"relationships"`
		Groups []struct {
			ID       string   `json:"group_id"`
			Products []string `json:"product_ids"`
		} `json:"product_groups"`
	} `json:"product_tree"`
	Vulnerabilities []csafVulnerability `json:"vulnerabilities"`
}

type csafBranch struct {
	Branches []csafBranch `json:"branches"`
	Product  *csafProduct `json:"product"`
}

type csafProduct struct {
	ID     string `json:"product_id"`
	Name   string `json:"name"`
	Helper struct {
		PURL   string `json:"purl"`
		Hashes []struct {
			File []struct {
				Algorithm string `json:"algorithm"`
				Value     string `json:"value"`
			} `json:"file_hashes"`
		} `json:"hashes"`
	} `json:"product_identification_helper"`
}

type csafVulnerability struct {
	CVE string `json:"cve"`
	IDs []struct {
		Text string `json:"text"`
	} `json:"ids"`
	Status map[string][]string `json:"product_status"`
	Flags  []csafNote          `json:"flags"`
	Threat []csafNote          `json:"threats"`
}

type csafNote struct {
	Label    string   `json:"label"`
	Category string   `json:"category"`
	Details  string   `json:"details"`
	Products []string `json:"product_ids"`
	Groups   []string `json:"group_ids"`
}

// csafStatuses are CSAF's lists of products by what they mean, in the order in which they are read.
var csafStatuses = [][2]string{{"known_not_affected", VEXNotAffected}, {"fixed", VEXFixed}, {"first_fixed", VEXFixed}, {"known_affected", VEXAffected}, {"first_affected", VEXAffected},
	{"last_affected", VEXAffected}, {"under_investigation", VEXUnderInvestigation}}

func readCSAF(data json.RawMessage, r *vexReader) error {
	var d csafVEX
	if err := attest.DecodeJSON(data, &d); err != nil {
		return err
	}
	switch {
	case d.Document.CSAFVersion != "2.0":
		return fmt.Errorf("csaf_version is %.20q, expected 2.0", d.Document.CSAFVersion)
	case d.Document.Category != "csaf_vex":
		return fmt.Errorf("its category is %.40q, expected csaf_vex: other advisories say nothing about what is not affected", d.Document.Category)
	case d.Document.Tracking.Status != "final" && d.Document.Tracking.Status != "interim":
		return fmt.Errorf("its status is %.20q, expected final or interim", d.Document.Tracking.Status)
	}
	r.Author = d.Document.Publisher.Name
	if id := d.Document.Tracking.ID; id != "" {
		r.version(d.Document.Publisher.Namespace+"\x00"+id, d.Document.Tracking.Current)
	}
	products, err := d.products()
	if err != nil {
		return err
	}
	groups := map[string][]string{}
	for _, g := range d.Tree.Groups {
		groups[g.ID] = append(groups[g.ID], g.Products...)
	}
	for i, v := range d.Vulnerabilities {
		names := []string{v.CVE}
		for _, id := range v.IDs {
			names = append(names, id.Text)
		}
		for _, list := range csafStatuses {
			for j, id := range v.Status[list[0]] {
				s := VEXStatement{Where: fmt.Sprintf("vulnerabilities[%d].product_status.%s[%d]", i, list[0], j), Vulnerabilities: slices.Clone(names), Status: list[1]}
				if p, known := products[id]; known {
					s.Products = []VEXProduct{p}
				}
				if s.Status == VEXNotAffected {
					s.Justification = noteFor(v.Flags, id, groups).Label
					s.Detail = noteFor(v.Threat, id, groups).Details
				}
				r.add(s, d.Document.Tracking.Current)
				if r.tooMany {
					return nil
				}
			}
		}
	}
	return nil
}

// noteFor is the first flag, or threat by impact, about a product.
func noteFor(notes []csafNote, id string, groups map[string][]string) csafNote {
	for _, n := range notes {
		if n.Label == "" && n.Category != "impact" {
			continue
		}
		if slices.Contains(n.Products, id) || slices.ContainsFunc(n.Groups, func(g string) bool { return slices.Contains(groups[g], id) }) {
			return n
		}
	}
	return csafNote{}
}

// products lists the document's products by id. An id that stands for two is no product.
func (d csafVEX) products() (map[string]VEXProduct, error) {
	out, twice := map[string]VEXProduct{}, map[string]bool{}
	add := func(p csafProduct, v VEXProduct) {
		if _, again := out[p.ID]; again {
			twice[p.ID] = true
		}
		out[p.ID] = v
	}
	var walk func([]csafBranch, int) error
	walk = func(list []csafBranch, depth int) error {
		if depth > maxVEXDepth {
			return fmt.Errorf("branches lie more than %d deep in each other", maxVEXDepth)
		}
		for _, b := range list {
			if b.Product != nil {
				add(*b.Product, b.Product.product())
			}
			if err := walk(b.Branches, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	if err := walk(d.Tree.Branches, 0); err != nil {
		return nil, err
	}
	for _, p := range d.Tree.Names {
		add(p, p.product())
	}
	for _, rel := range d.Tree.Relations { // a package as part of a product: that package, there and nowhere else
		whole, part := out[rel.In], out[rel.Of]
		whole.Name, whole.Packages = firstText(rel.Product.Name, rel.Product.ID), []VEXPackage{{part.Name, part.PURL}}
		add(rel.Product, whole)
	}
	for id := range twice {
		delete(out, id)
	}
	return out, nil
}

func (p csafProduct) product() VEXProduct {
	hashes := map[string]string{}
	for _, h := range p.Helper.Hashes {
		for _, f := range h.File {
			hashes[f.Algorithm] = f.Value
		}
	}
	return vexProduct(firstText(p.Name, p.ID), []string{p.Helper.PURL}, hashes)
}
