// SPDX-License-Identifier: Apache-2.0

package predicate

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// What a VEX statement can say about a product and a vulnerability, in OpenVEX's words (https://github.com/openvex/spec). Other formats' words are
// brought to these.
const (
	VEXNotAffected        = "not_affected"
	VEXAffected           = "affected"
	VEXFixed              = "fixed"
	VEXUnderInvestigation = "under_investigation"
)

// maxVEXStatements bounds the statements of one document, and the products of one statement.
const maxVEXStatements = 50_000

// VEX is what a document says about which vulnerabilities matter in which products, in one form for OpenVEX, CycloneDX and CSAF.
type VEX struct {
	Format     string    // OpenVEX, CycloneDX or CSAF
	Author     string    // as the document names it; who signed it is another matter
	ID         string    // that all versions of the document have; "": it has none
	Issued     time.Time // this version of it; zero: it does not say
	Statements []VEXStatement
	Ignored    []VEXIgnored
}

// VEXStatement is one thing that is said: about some names of one vulnerability in some products.
type VEXStatement struct {
	Where           string   // in the document
	Vulnerabilities []string // id and aliases
	Products        []VEXProduct
	Status          string
	Justification   string // never empty for not_affected
	Detail          string
	Time            time.Time
}

// VEXProduct is what a statement is about: everything in an artifact, some packages in it, or a package wherever it is.
type VEXProduct struct {
	Name     string // as the document names it
	Digests  []attest.Digest
	PURL     string
	Packages []VEXPackage // the only packages that are meant; none: all
}

// VEXPackage is a package in a product.
type VEXPackage struct {
	Name string
	PURL string
}

// VEXIgnored is something in a document that says nothing, and why.
type VEXIgnored struct {
	Where           string
	Vulnerabilities []string
	Missing         string // justification, product or form
	Why             string
}

// IsVEX reports whether a predicate type is that of a VEX document.
func IsVEX(predicateType string) bool { return vexForm(predicateType) != "" }

func vexForm(predicateType string) string {
	switch {
	case predicateType == TypeVEX || strings.HasPrefix(predicateType, TypeVEX+"/v"):
		return "OpenVEX"
	case predicateType == TypeVEXCycloneDX:
		return "CycloneDX"
	case predicateType == TypeVEXCSAF:
		return "CSAF"
	}
	return ""
}

// VEXType tells which predicate type a VEX document in a file has.
func VEXType(document []byte) (string, error) {
	var d struct {
		Context   any             `json:"@context"`
		BOMFormat string          `json:"bomFormat"`
		Document  json.RawMessage `json:"document"`
	}
	if err := attest.DecodeJSON(document, &d); err != nil {
		return "", malformed("VEX document", err)
	}
	context, _ := d.Context.(string)
	switch {
	case context == TypeVEX || strings.HasPrefix(context, TypeVEX+"/v"):
		return TypeVEX, nil
	case d.BOMFormat == "CycloneDX":
		return TypeVEXCycloneDX, nil
	case len(d.Document) > 0:
		return TypeVEXCSAF, nil
	}
	return "", malformed("VEX document: expected OpenVEX, CycloneDX or CSAF, and it is none of them", nil)
}

// DecodeVEX reads a VEX document. What says nothing that could count is listed in Ignored; a Reject means that the document can't be read at all.
func DecodeVEX(st attest.Statement) (VEX, error) {
	read := map[string]func(json.RawMessage, *vexReader) error{"OpenVEX": readOpenVEX, "CycloneDX": readCycloneDXVEX, "CSAF": readCSAF}[vexForm(st.PredicateType)]
	if read == nil {
		return VEX{}, malformed(fmt.Sprintf("%s is no type of VEX document", st.PredicateType), nil)
	}
	r := &vexReader{VEX: VEX{Format: vexForm(st.PredicateType)}}
	if err := read(st.Predicate, r); err != nil {
		return VEX{}, malformed(r.Format+" document", err)
	}
	if r.tooMany {
		return VEX{}, &attest.Reject{Code: attest.CodeLimit, Detail: fmt.Sprintf("VEX document has more than %d statements or products", maxVEXStatements)}
	}
	return r.VEX, nil
}

// vexReader gathers the statements of one document and holds each to what all formats ask of it.
type vexReader struct {
	VEX
	count   int
	tooMany bool
}

func (r *vexReader) ignore(where string, vulnerabilities []string, missing, format string, args ...any) {
	if r.full() {
		return
	}
	r.Ignored = append(r.Ignored, VEXIgnored{where, vulnerabilities, missing, fmt.Sprintf(format, args...)})
}

// full counts what is read, so that a small document can't become a large one.
func (r *vexReader) full() bool {
	r.count++
	r.tooMany = r.tooMany || r.count > maxVEXStatements
	return r.tooMany
}

var (
	vulnerabilityForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]{2,127}$`) })
	vexStatuses       = []string{VEXNotAffected, VEXAffected, VEXFixed, VEXUnderInvestigation}
)

// justifications are those that OpenVEX and CSAF know, and then CycloneDX's. Anything else justifies nothing.
var justifications = []string{"component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path", "vulnerable_code_cannot_be_controlled_by_adversary",
	"inline_mitigations_already_exist", "code_not_present", "code_not_reachable", "requires_configuration", "requires_dependency", "requires_environment", "protected_by_compiler",
	"protected_at_runtime", "protected_at_perimeter", "protected_by_mitigating_control"}

// add takes a statement that says something, and ignores one that does not.
func (r *vexReader) add(s VEXStatement, at string) {
	id := firstText(s.Vulnerabilities...)
	s.Vulnerabilities = slices.DeleteFunc(s.Vulnerabilities, func(v string) bool { return !vulnerabilityForm().MatchString(v) }) // some list URLs among the aliases
	t, err := time.Parse(time.RFC3339, at)
	switch {
	case len(s.Vulnerabilities) == 0 || s.Vulnerabilities[0] != id:
		r.ignore(s.Where, nil, "form", "%.60q is no name of a vulnerability; wildcards count for nothing", id)
		return
	case !slices.Contains(vexStatuses, s.Status):
		r.ignore(s.Where, s.Vulnerabilities, "form", "its status is %.40q", s.Status)
		return
	case err != nil:
		r.ignore(s.Where, s.Vulnerabilities, "form", "its time %.40q is not RFC 3339", at)
		return
	case len(s.Products) == 0:
		r.ignore(s.Where, s.Vulnerabilities, "product", "it names no product")
		return
	case s.Status == VEXNotAffected && !slices.Contains(justifications, s.Justification):
		r.ignore(s.Where, s.Vulnerabilities, "justification", "it says not_affected and gives %s", noJustification(s.Justification))
		return
	}
	s.Time = t.UTC()
	for range s.Products {
		if r.full() {
			return
		}
	}
	r.Statements = append(r.Statements, s)
}

// version notes which document it is, and of when.
func (r *vexReader) version(id, issued string) {
	if t, err := time.Parse(time.RFC3339, issued); err == nil {
		r.ID, r.Issued = id, t.UTC()
	}
}

func noJustification(text string) string {
	if text == "" {
		return "no justification"
	}
	return fmt.Sprintf("%.60q, which is no justification that the format knows", text)
}

// purlDigest is the digest that a purl of an image has for a version, as in pkg:oci/shop@sha256:…
func purlDigest(purl string) (attest.Digest, bool) {
	if !strings.HasPrefix(purl, "pkg:oci/") && !strings.HasPrefix(purl, "pkg:docker/") {
		return attest.Digest{}, false
	}
	body, _, _ := strings.Cut(purl, "?")
	_, version, _ := strings.Cut(body, "@")
	d, err := attest.ParseDigest(strings.Replace(strings.Replace(version, "%3A", ":", 1), "%3a", ":", 1))
	return d, err == nil && d.Strong()
}

// product is made of a purl or an id, and of hashes by algorithm.
func vexProduct(name string, purls []string, hashes map[string]string) VEXProduct {
	p := VEXProduct{Name: name}
	for _, purl := range purls {
		if !strings.HasPrefix(purl, "pkg:") {
			continue
		}
		if d, ok := purlDigest(purl); ok {
			p.Digests = append(p.Digests, d)
		} else if p.PURL == "" {
			p.PURL = purl
		}
	}
	if d, err := attest.ParseDigest(name); err == nil && d.Strong() {
		p.Digests = append(p.Digests, d)
	}
	algorithms := make([]string, 0, len(hashes))
	for a := range hashes {
		algorithms = append(algorithms, a)
	}
	slices.Sort(algorithms)
	for _, a := range algorithms {
		name := strings.ReplaceAll(strings.ToLower(a), "-", "")
		if d := (attest.Digest{Algorithm: name, Hex: strings.ToLower(hashes[a])}); d.Validate() == nil && d.Strong() {
			p.Digests = append(p.Digests, d)
		}
	}
	return p
}

func firstText(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// latest is the later of the times that can be read; text that can't is left for add to report, if there is nothing else.
func latest(texts ...string) string {
	best, bestTime := "", time.Time{}
	for _, t := range texts {
		at, err := time.Parse(time.RFC3339, t)
		if err == nil && at.After(bestTime) {
			best, bestTime = t, at
		}
	}
	return firstText(append([]string{best}, texts...)...)
}
