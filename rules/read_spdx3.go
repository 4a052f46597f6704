// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
)

var spdx3ContextForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^https://spdx\.org/rdf/3\.0(\.[0-9]+)?/spdx-context\.jsonld$`)
})

// Bounds of licenses that are made of others.
const (
	maxLicenseDepth = 16
	maxLicenseText  = 4096
)

// spdx3 reads SPDX 3.0 (https://spdx.github.io/spdx-spec/v3.0.1/), in the one form that its specification gives to JSON-LD, as if CycloneDX had said it.
func (r *reader) spdx3(p ast.Value) []any {
	if !spdx3ContextForm().MatchString(str(get(p, "@context"))) {
		r.problem("@context", "that of SPDX 3.0", get(p, "@context"))
	}
	list, ok := items(get(p, "@graph"))
	if !ok {
		r.problem("@graph", "a list", get(p, "@graph"))
	}
	g := &spdx3Graph{elements: make(map[string]ast.Value, len(list)), licenses: map[string][2]string{}, expressions: map[string]string{}}
	for _, x := range list {
		kind := str(get(x, "type"))
		if kind == "" || strings.Contains(kind, "://") || get(x, "@type") != nil {
			r.problem("an element of @graph", "an object with a type in SPDX's short form", get(x, "type"))
			continue
		}
		id := str(get(x, "spdxId"))
		if _, twice := g.elements[id]; twice && id != "" {
			r.problem("spdxId", "an id that stands once", get(x, "spdxId"))
		}
		g.elements[id] = x
		if kind == "SpdxDocument" {
			g.roots = append(g.roots, idsIn(get(x, "rootElement"))...)
		}
		g.licensed(x)
	}
	root := g.root()
	components := make([]*ast.Term, 0, len(list))
	var rootPackage ast.Value = ast.NewObject()
	for _, x := range list {
		if !isSPDX3Package(str(get(x, "type"))) {
			continue
		}
		c := r.spdx3Package(g, x)
		if root != "" && str(get(x, "spdxId")) == root {
			rootPackage = c.Value
		}
		components = append(components, c)
	}
	return r.sbom(r.object("bomFormat", "CycloneDX", "specVersion", "1.6", "metadata", r.object("component", rootPackage), "components", components,
		"compositions", r.spdx3Gaps(list, root)).Value)
}

// spdx3Gaps is a composition for each relationship of the root that says itself that it is incomplete.
func (r *reader) spdx3Gaps(graph []ast.Value, root string) []*ast.Term {
	out := []*ast.Term{}
	for _, x := range graph {
		kind := str(get(x, "relationshipType"))
		if (kind == "contains" || kind == "dependsOn") && str(get(x, "from")) == root && str(get(x, "completeness")) == "incomplete" {
			out = append(out, r.object("aggregate", "incomplete"))
		}
	}
	return out
}

// spdx3Graph is the elements of a document, and which licenses relationships give to which.
type spdx3Graph struct {
	elements map[string]ast.Value
	licenses map[string][2]string // concluded and declared
	roots    []string

	expressions map[string]string
}

func isSPDX3Package(kind string) bool {
	return kind == "software_Package" || kind == "ai_AIPackage" || kind == "dataset_DatasetPackage"
}

func idsIn(v ast.Value) []string {
	list, _ := textItems(v)
	return list
}

// licensed notes what a relationship says of the license of an element.
func (g *spdx3Graph) licensed(x ast.Value) {
	n := slices.Index([]string{"hasConcludedLicense", "hasDeclaredLicense"}, str(get(x, "relationshipType")))
	to := idsIn(get(x, "to"))
	if n < 0 || len(to) == 0 {
		return
	}
	from := str(get(x, "from"))
	both := g.licenses[from]
	if both[n] == "" {
		both[n] = to[0]
	}
	g.licenses[from] = both
}

// root is the one package that the document is of, through the bills of materials that it holds; "" if there is none, or several.
func (g *spdx3Graph) root() string {
	found, seen, queue := map[string]bool{}, map[string]bool{}, g.roots
	for len(queue) > 0 {
		id := queue[0]
		queue = queue[1:]
		if seen[id] {
			continue
		}
		seen[id] = true
		if x := g.elements[id]; isSPDX3Package(str(get(x, "type"))) {
			found[id] = true
		} else if x != nil {
			queue = append(slices.Clone(queue), idsIn(get(x, "rootElement"))...)
		}
	}
	if len(found) != 1 {
		return ""
	}
	return sortedKeys(found)[0]
}

// spdx3Package is a package as a component. One without a name is a problem of the component then.
func (r *reader) spdx3Package(g *spdx3Graph, x ast.Value) *ast.Term {
	kind := map[string]string{"file": "file", "operatingSystem": "operating-system"}[str(get(x, "software_primaryPurpose"))]
	purl := str(get(x, "software_packageUrl"))
	identifiers, _ := items(get(x, "externalIdentifier"))
	for _, i := range identifiers {
		if purl == "" && str(get(i, "externalIdentifierType")) == "packageUrl" {
			purl = str(get(i, "identifier"))
		}
	}
	var hashes []*ast.Term
	checks, _ := items(get(x, "verifiedUsing"))
	for _, c := range checks {
		if alg, known := spdxHashNames[strings.ToUpper(str(get(c, "algorithm")))]; known {
			hashes = append(hashes, r.object("alg", alg, "content", str(get(c, "hashValue"))))
		}
	}
	id := str(get(x, "spdxId"))
	license := ""
	for _, one := range g.licenses[id] {
		if license == "" {
			license = g.license(one, 0)
		}
	}
	return r.object("bom-ref", id, "type", kind, "name", str(get(x, "name")), "version", str(get(x, "software_packageVersion")), "purl", purl,
		"hashes", hashes, "licenses", []*ast.Term{r.object("expression", license)})
}

// license is a license as an expression; "" if it says nothing, or what can't be said by one. It is worked out once.
func (g *spdx3Graph) license(id string, depth int) string {
	text, known := g.expressions[id]
	if !known {
		text = g.expression(id, depth)
		g.expressions[id] = text
	}
	return text
}

func (g *spdx3Graph) expression(id string, depth int) string {
	x := g.elements[id]
	text := ""
	switch {
	case depth > maxLicenseDepth:
	case strings.HasPrefix(id, "https://spdx.org/licenses/"):
		text = strings.TrimPrefix(id, "https://spdx.org/licenses/")
	case x != nil:
		switch str(get(x, "type")) {
		case "simplelicensing_LicenseExpression":
			text = str(get(x, "simplelicensing_licenseExpression"))
		case "expandedlicensing_CustomLicense":
			text = str(get(x, "name"))
		case "expandedlicensing_ConjunctiveLicenseSet":
			text = g.licenseSet(x, " AND ", depth)
		case "expandedlicensing_DisjunctiveLicenseSet":
			text = g.licenseSet(x, " OR ", depth)
		}
	}
	if text == "NOASSERTION" || text == "NONE" || len(text) > maxLicenseText {
		return ""
	}
	return text
}

func (g *spdx3Graph) licenseSet(x ast.Value, word string, depth int) string {
	var parts []string
	size := 0
	for _, m := range idsIn(get(x, "expandedlicensing_member")) {
		one := g.license(m, depth+1)
		if size += len(one); one == "" || size > maxLicenseText {
			return ""
		}
		parts = append(parts, one)
	}
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return "(" + strings.Join(parts, word) + ")"
}
