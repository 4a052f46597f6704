// SPDX-License-Identifier: Apache-2.0

package predicate

import (
	"encoding/json"
	"strings"

	"github.com/sealock-dev/sealock/attest"
)

// cosignCustom is what cosign makes of a file that is attested without a type (cosign's pkg/cosign/attestation, CosignPredicate).
type cosignCustom struct {
	Data any `json:"Data"` // text, as cosign writes it
}

// cosignFile gives the bill of materials that cosign attested as a file of no type; other files are no kind of evidence. One in XML is refused with the reason:
// what was signed is what is judged, so it is not written anew as JSON here.
func cosignFile(st attest.Statement) ([]attest.Statement, error) {
	var c cosignCustom
	if err := Decode(st, &c); err != nil {
		return nil, malformed("cosign's statement about a file", err)
	}
	text, ok := c.Data.(string)
	if !ok {
		return nil, nil
	}
	text = strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	if strings.HasPrefix(text, "<") && strings.Contains(text, "http://cyclonedx.org/schema/bom/") {
		return nil, malformed("the bill of materials in cosign's statement is XML: attest it as JSON, with --type cyclonedx", nil)
	}
	if t := sbomType([]byte(text)); t != "" {
		return one(st, t, json.RawMessage(text))
	}
	return nil, nil
}

// sbomType is the predicate type of a bill of materials, which says itself what it is; "" for what is none.
func sbomType(document []byte) string {
	var d struct {
		BOMFormat   string `json:"bomFormat"`
		SPDXVersion string `json:"spdxVersion"`
		Context     any    `json:"@context"`
	}
	if attest.DecodeJSON(document, &d) != nil {
		return ""
	}
	context, _ := d.Context.(string)
	switch {
	case d.BOMFormat != "" && d.SPDXVersion != "": // it says that it is both
	case d.BOMFormat == "CycloneDX":
		return TypeCycloneDX
	case d.BOMFormat == "" && strings.HasPrefix(d.SPDXVersion, "SPDX-2."):
		return TypeSPDX
	case d.BOMFormat == "" && d.SPDXVersion == "" && strings.HasPrefix(context, "https://spdx.org/rdf/3.") && strings.HasSuffix(context, "/spdx-context.jsonld"):
		return TypeSPDX
	}
	return ""
}
