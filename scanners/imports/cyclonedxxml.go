// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"

	cyclonedx "github.com/CycloneDX/cyclonedx-go"
)

// Bounds of a bill of materials in XML.
const (
	maxElements = 5_000_000
	maxXMLDepth = 512 // components lie in components
)

const cdxNamespace = "http://cyclonedx.org/schema/bom/"

// cdxVersions are those that JSON can say, too.
var cdxVersions = map[string]cyclonedx.SpecVersion{"1.2": cyclonedx.SpecVersion1_2, "1.3": cyclonedx.SpecVersion1_3, "1.4": cyclonedx.SpecVersion1_4, "1.5": cyclonedx.SpecVersion1_5,
	"1.6": cyclonedx.SpecVersion1_6, "1.7": cyclonedx.SpecVersion1_7}

// The elements that stand at the top of a document, and those that stand once in what they are of.
var (
	cdxTop  = append(slices.Clone(cdxMembers), "Signature")
	cdxOnce = map[string][]string{
		"bom":         cdxTop,
		"metadata":    {"timestamp", "tools", "authors", "component", "manufacture", "manufacturer", "supplier", "licenses", "properties"},
		"component":   {"supplier", "author", "publisher", "group", "name", "version", "description", "scope", "hashes", "licenses", "cpe", "purl", "swid", "pedigree", "components", "properties"},
		"license":     {"id", "name", "text"},
		"composition": {"aggregate", "assemblies", "dependencies"},
	}
)

// fromXML writes CycloneDX that is XML anew as JSON, which is what statements carry. Everything is carried over that says what is in the product; elements of other namespaces,
// signatures among them, say nothing about that and are left out.
func fromXML(rep Report, data []byte) ([]byte, error) {
	d := xml.NewDecoder(bytes.NewReader(data)) // without a CharsetReader it takes UTF-8 alone; it knows no entities but XML's own
	f := &cdxFilter{rep: rep, from: d}
	var bom cyclonedx.BOM
	err := xml.NewTokenDecoder(f).Decode(&bom)
	for err == nil { // what follows the root
		_, err = f.Token()
	}
	var own *Error
	switch {
	case errors.As(err, &own):
		return nil, own
	case !errors.Is(err, io.EOF):
		return nil, &Error{Code: CodeInvalid, File: rep.Name, Detail: "it is not whole, or no XML", Cause: err}
	case f.version == "":
		return nil, rep.errorf(CodeInvalid, "", "it has no root element")
	}
	bom.SpecVersion, bom.BOMFormat, bom.XMLNS = cdxVersions[f.version], cyclonedx.BOMFormat, ""
	if bom.Version == 0 {
		bom.Version = 1
	}
	if have := countComponents(bom); have != f.components {
		return nil, rep.errorf(CodeBroken, "mend it with the tool that wrote it", "%d of its %d components stand where CycloneDX has none", f.components-have, f.components)
	}
	text, err := json.Marshal(bom)
	if err != nil {
		return nil, &Error{Code: CodeInvalid, File: rep.Name, Detail: "it can't be written as JSON", Cause: err}
	}
	return text, nil
}

// cdxFilter lets through the tokens that are CycloneDX's, if they are as they must be.
type cdxFilter struct {
	rep        Report
	from       *xml.Decoder
	version    string
	space      string
	open       []cdxOpen
	elements   int
	components int
	done       bool
}

// cdxOpen is an element that is open, and which of its kinds of children were seen.
type cdxOpen struct {
	name    string
	seen    map[string]bool
	product bool // it holds, or is, components of the product
}

// Token is the next one.
func (f *cdxFilter) Token() (xml.Token, error) {
	for {
		t, err := f.from.Token()
		if err != nil {
			return nil, err
		}
		switch x := t.(type) {
		case xml.Directive:
			return nil, f.rep.errorf(CodeInvalid, "", "it has a document type, which could define entities; bills of materials have none")
		case xml.StartElement:
			if f.version != "" && x.Name.Space != f.space {
				if err := f.skip(); err != nil {
					return nil, err
				}
				continue
			}
			return f.start(x)
		case xml.EndElement:
			f.open = f.open[:len(f.open)-1]
			f.done = len(f.open) == 0
			return x, nil
		case xml.CharData:
			if len(f.open) == 0 && len(bytes.TrimSpace(x)) > 0 {
				return nil, f.rep.errorf(CodeInvalid, "", "it has text outside its root element")
			}
			return x, nil
		}
	}
}

// skip leaves out an element of another namespace.
func (f *cdxFilter) skip() error {
	for depth := 1; depth > 0; {
		if f.elements++; f.elements > maxElements || depth > maxXMLDepth {
			return f.rep.errorf(CodeLimit, "", "it has more than %d elements, or more than %d in each other", maxElements, maxXMLDepth)
		}
		t, err := f.from.Token()
		if err != nil {
			return err
		}
		switch t.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

func (f *cdxFilter) start(x xml.StartElement) (xml.Token, error) {
	name := x.Name.Local
	if f.elements++; f.elements > maxElements || len(f.open) >= maxXMLDepth {
		return nil, f.rep.errorf(CodeLimit, "", "it has more than %d elements, or more than %d in each other", maxElements, maxXMLDepth)
	}
	if err := f.attributes(x); err != nil {
		return nil, err
	}
	if len(f.open) == 0 {
		version, ok := strings.CutPrefix(x.Name.Space, cdxNamespace)
		if _, known := cdxVersions[version]; f.done || name != "bom" || !ok || !known {
			return nil, f.rep.errorf(CodeInvalid, "", "its root element is <%.40s> of %.80q, expected one <bom> of %s1.2 to 1.7", name, x.Name.Space, cdxNamespace)
		}
		f.version, f.space = version, x.Name.Space
		f.open = append(f.open, cdxOpen{"bom", map[string]bool{}, true})
		return x, nil
	}
	parent := &f.open[len(f.open)-1]
	if parent.name == "bom" && !slices.Contains(cdxTop, name) {
		return nil, f.rep.errorf(CodeBroken, "", "<%.40s> is no element of CycloneDX's <bom>", name)
	}
	if slices.Contains(cdxOnce[parent.name], name) && parent.seen[name] {
		return nil, f.rep.errorf(CodeBroken, "", "<%.40s> stands twice in a <%s>", name, parent.name)
	}
	if parent.seen != nil {
		parent.seen[name] = true
	}
	one := cdxOpen{name: name, product: parent.product && slices.Contains([]string{"metadata", "components", "component"}, name)}
	if one.product && name == "component" {
		f.components++
	}
	if cdxOnce[name] != nil {
		one.seen = map[string]bool{}
	}
	f.open = append(f.open, one)
	return x, nil
}

// attributes refuses what the decoder would take the last of.
func (f *cdxFilter) attributes(x xml.StartElement) error {
	for i, a := range x.Attr {
		for _, b := range x.Attr[:i] {
			if a.Name == b.Name {
				return f.rep.errorf(CodeBroken, "", "the attribute %.40s stands twice in a <%.40s>", a.Name.Local, x.Name.Local)
			}
		}
	}
	return nil
}

// countComponents counts all components of the product.
func countComponents(bom cyclonedx.BOM) int {
	n := countIn(bom.Components)
	if bom.Metadata != nil && bom.Metadata.Component != nil {
		n += 1 + countIn(bom.Metadata.Component.Components)
	}
	return n
}

func countIn(list *[]cyclonedx.Component) int {
	n := 0
	if list != nil {
		for _, c := range *list {
			n += 1 + countIn(c.Components)
		}
	}
	return n
}
