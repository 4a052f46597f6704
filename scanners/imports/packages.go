// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"

	"github.com/sealock-dev/sealock/attest"
)

// IsSBOM reports whether a file says that it is a bill of materials, of whatever version; ReadSBOM finds out whether it is a sound one.
func IsSBOM(data []byte) bool {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	if len(data) > 0 && data[0] == '<' {
		return strings.HasPrefix(rootSpace(data), cdxNamespace)
	}
	var d struct {
		BOMFormat   string          `json:"bomFormat"`
		SPDXVersion string          `json:"spdxVersion"`
		Context     json.RawMessage `json:"@context"`
	}
	if attest.DecodeJSON(data, &d) != nil {
		return false
	}
	return d.BOMFormat != "" || d.SPDXVersion != "" || bytes.Contains(d.Context, []byte("spdx.org/rdf/"))
}

// rootSpace is the namespace of a document's root element; "" if it has none.
func rootSpace(data []byte) string {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // names are the same in all of them
	for {
		t, err := d.Token()
		if err != nil {
			return ""
		}
		if root, ok := t.(xml.StartElement); ok {
			return root.Name.Space
		}
	}
}

type component struct {
	PURL       string      `json:"purl"`
	Components []component `json:"components"`
}

// spdx3Package is where SPDX 3.0 says what a package is called elsewhere.
type spdx3Package struct {
	PURL        string `json:"software_packageUrl"`
	Identifiers []struct {
		Type string `json:"externalIdentifierType"`
		ID   string `json:"identifier"`
	} `json:"externalIdentifier"`
}

// Packages lists the purls in a bill of materials, nested components included.
func (s SBOM) Packages() ([]string, error) {
	var d struct {
		Components []component `json:"components"`
		Packages   []struct {
			References []struct {
				Type    string `json:"referenceType"`
				Locator string `json:"referenceLocator"`
			} `json:"externalRefs"`
		} `json:"packages"`
		Graph []spdx3Package `json:"@graph"`
	}
	if err := attest.DecodeJSON(s.Document, &d); err != nil { // depth is bounded there
		return nil, &Error{Code: CodeInvalid, File: s.name, Detail: "its packages can't be read", Cause: err}
	}
	var out []string
	add := func(is bool, purl string) {
		if is && purl != "" {
			out = append(out, purl)
		}
	}
	var walk func([]component)
	walk = func(list []component) {
		for _, c := range list {
			add(true, c.PURL)
			walk(c.Components)
		}
	}
	walk(d.Components)
	for _, p := range d.Packages {
		for _, r := range p.References {
			add(r.Type == "purl", r.Locator)
		}
	}
	for _, p := range d.Graph {
		add(true, p.PURL)
		for _, i := range p.Identifiers {
			add(i.Type == "packageUrl", i.ID)
		}
	}
	return out, nil
}
