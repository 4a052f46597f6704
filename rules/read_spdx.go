// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"regexp"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
)

var spdxVersionForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^SPDX-2\.[0-9]+$`) })

var spdxHashNames = map[string]string{"SHA256": "SHA-256", "SHA384": "SHA-384", "SHA512": "SHA-512"}

// spdx reads SPDX 2.x (https://spdx.github.io/spdx-spec/v2.3/) as if CycloneDX had said it: packages are components, and the one package that the
// document describes is the root.
func (r *reader) spdx(p ast.Value) []any {
	if !spdxVersionForm().MatchString(str(get(p, "spdxVersion"))) {
		r.problem("spdxVersion", "SPDX-2.n", get(p, "spdxVersion"))
	}
	list, ok := items(get(p, "packages"))
	if !ok && get(p, "packages") != nil {
		r.problem("packages", "a list", get(p, "packages"))
	}
	root := describedBy(p)
	components := make([]*ast.Term, 0, len(list))
	var rootPackage ast.Value = ast.NewObject()
	for _, x := range list {
		c := r.spdxPackage(x)
		if root != "" && str(get(x, "SPDXID")) == root {
			rootPackage = c.Value
		}
		components = append(components, c)
	}
	return r.sbom(r.object("bomFormat", "CycloneDX", "specVersion", "1.6", "metadata", r.object("component", rootPackage), "components", components,
		"compositions", r.spdxGaps(p, root)).Value)
}

// spdxGaps is a composition for each relationship by which a document says that what the root contains, or depends on, is not known. That files of packages were not
// analyzed, or licenses not looked up, says nothing of which packages there are.
func (r *reader) spdxGaps(p ast.Value, root string) []*ast.Term {
	out := []*ast.Term{}
	relations, _ := items(get(p, "relationships"))
	for _, x := range relations {
		kind, from := str(get(x, "relationshipType")), str(get(x, "spdxElementId"))
		if (kind == "CONTAINS" || kind == "DEPENDS_ON") && (from == root || from == "SPDXRef-DOCUMENT") && str(get(x, "relatedSpdxElement")) == "NOASSERTION" {
			out = append(out, r.object("aggregate", "unknown"))
		}
	}
	return out
}

// describedBy is the id of the package that the document is about, "" if it names none or several.
func describedBy(p ast.Value) string {
	ids := make(map[string]bool)
	if list, ok := textItems(get(p, "documentDescribes")); ok {
		for _, id := range list {
			ids[id] = true
		}
	}
	relations, _ := items(get(p, "relationships"))
	for _, x := range relations {
		if str(get(x, "relationshipType")) == "DESCRIBES" {
			ids[str(get(x, "relatedSpdxElement"))] = true
		}
	}
	if len(ids) != 1 {
		return ""
	}
	return sortedKeys(ids)[0]
}

// spdxPackage is a package as a component. One without a name is a problem of the component then.
func (r *reader) spdxPackage(x ast.Value) *ast.Term {
	kind := map[string]string{"FILE": "file", "OPERATING-SYSTEM": "operating-system"}[str(get(x, "primaryPackagePurpose"))]
	purl := ""
	references, _ := items(get(x, "externalRefs"))
	for _, ref := range references {
		if str(get(ref, "referenceType")) == "purl" && purl == "" {
			purl = str(get(ref, "referenceLocator"))
		}
	}
	var hashes []*ast.Term
	checksums, _ := items(get(x, "checksums"))
	for _, c := range checksums {
		if alg, known := spdxHashNames[str(get(c, "algorithm"))]; known {
			hashes = append(hashes, r.object("alg", alg, "content", str(get(c, "checksumValue"))))
		}
	}
	return r.object("bom-ref", str(get(x, "SPDXID")), "type", kind, "name", str(get(x, "name")), "version", str(get(x, "versionInfo")), "purl", purl,
		"hashes", hashes, "licenses", []*ast.Term{r.object("expression", spdxLicense(x))})
}

// spdxLicense is what was concluded, else what is declared, "" where neither says anything.
func spdxLicense(x ast.Value) string {
	for _, name := range []string{"licenseConcluded", "licenseDeclared"} {
		if s := str(get(x, name)); s != "" && s != "NOASSERTION" && s != "NONE" {
			return s
		}
	}
	return ""
}
