// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"bytes"

	"github.com/sealock-dev/sealock/attest"
)

type component struct {
	PURL       string      `json:"purl"`
	Components []component `json:"components"`
}

// Packages lists the purls in a bill of materials, nested components included.
func Packages(rep Report) ([]string, error) {
	if err := rep.bounded(); err != nil {
		return nil, err
	}
	var d struct {
		Components []component `json:"components"`
		Packages   []struct {
			References []struct {
				Type    string `json:"referenceType"`
				Locator string `json:"referenceLocator"`
			} `json:"externalRefs"`
		} `json:"packages"`
	}
	if err := attest.DecodeJSON(bytes.TrimPrefix(rep.Data, []byte("\ufeff")), &d); err != nil { // depth is bounded there
		return nil, &Error{Code: CodeInvalid, File: rep.Name, Detail: "it is not whole, or no bill of materials", Cause: err}
	}
	var out []string
	var walk func([]component)
	walk = func(list []component) {
		for _, c := range list {
			if c.PURL != "" {
				out = append(out, c.PURL)
			}
			walk(c.Components)
		}
	}
	walk(d.Components)
	for _, p := range d.Packages {
		for _, r := range p.References {
			if r.Type == "purl" {
				out = append(out, r.Locator)
			}
		}
	}
	return out, nil
}
