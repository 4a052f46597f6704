// SPDX-License-Identifier: Apache-2.0

package html

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// Columns of the list of packages.
const (
	pkgName = iota
	pkgVersion
	pkgType
	pkgLicenses
	pkgVulns
	pkgPURL
	pkgArtifact
)

// maxNested is how deep components in components are listed.
const maxNested = 32

// bill is what is read of a bill of materials in CycloneDX or SPDX.
type bill struct {
	Components []component   `json:"components"`
	Packages   []spdxPackage `json:"packages"`
}

type component struct {
	Type     string `json:"type"`
	Group    string `json:"group"`
	Name     string `json:"name"`
	Version  string `json:"version"`
	PURL     string `json:"purl"`
	Licenses []struct {
		Expression string `json:"expression"`
		License    struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"license"`
	} `json:"licenses"`
	Components []component `json:"components"`
}

type spdxPackage struct {
	Name      string `json:"name"`
	Version   string `json:"versionInfo"`
	Declared  string `json:"licenseDeclared"`
	Concluded string `json:"licenseConcluded"`
	Refs      []struct {
		Type    string `json:"referenceType"`
		Locator string `json:"referenceLocator"`
	} `json:"externalRefs"`
}

// packages lists what the bills of materials name. The counts are those of known vulnerabilities by package URL.
func packages(id string, c Case, x counted, vulns map[string]int) listed {
	out, found := listed{}, x.of[predicate.KindSBOM]
	if len(found) == 0 {
		out.Empty = absent(c, "a bill of materials")
		return out
	}
	var rows [][]string
	for _, a := range found {
		var b bill
		if err := predicate.Decode(a.st, &b); err != nil {
			out.Notes = append(out.Notes, unreadable(a, err))
			continue
		}
		for _, r := range b.rows(nil, b.Components, 0) {
			if n := vulns[r[pkgPURL]]; n > 0 {
				r[pkgVulns] = strconv.Itoa(n)
			}
			rows = append(rows, append(r, a.Name))
		}
	}
	slices.SortStableFunc(rows, func(a, b []string) int { return slices.Compare(a, b) })
	g := &grid{ID: id + "-packages", Caption: "Packages in the bill of materials", Noun: "packages",
		Columns: []column{text("Package"), code("Version"), choice("Type"), text("Licences"), text("Vulnerabilities"), code("Package URL"), choice("Artifact")}}
	if !several(found) {
		g.Columns[pkgArtifact].Kind, g.Columns[pkgArtifact].Filter = kindHidden, false
	}
	for _, r := range rows {
		g.add(r...)
		g.pattern(pkgPURL, purlPattern(g.cell(pkgPURL), g.cell(pkgName), g.cell(pkgVersion)))
	}
	out.Grid = g
	return out
}

// rows are the cells of all components but the last column, nested ones too.
func (b bill) rows(out [][]string, list []component, depth int) [][]string {
	if depth > maxNested {
		return out
	}
	for _, c := range list {
		name := c.Name
		if c.Group != "" {
			name = c.Group + "/" + name
		}
		var licenses []string
		for _, l := range c.Licenses {
			if text := cmp.Or(l.Expression, l.License.ID, l.License.Name); text != "" && !slices.Contains(licenses, text) {
				licenses = append(licenses, text)
			}
		}
		out = append(out, []string{name, c.Version, cmp.Or(purlType(c.PURL), c.Type), strings.Join(licenses, ", "), "", c.PURL})
		out = b.rows(out, c.Components, depth+1)
	}
	if depth > 0 {
		return out
	}
	for _, p := range b.Packages {
		purl := ""
		for _, r := range p.Refs {
			if r.Type == "purl" {
				purl = r.Locator
			}
		}
		license := p.Concluded
		if license == "" || license == "NOASSERTION" {
			license = p.Declared
		}
		out = append(out, []string{p.Name, p.Version, purlType(purl), strings.TrimPrefix(license, "NOASSERTION"), "", purl})
	}
	return out
}

func purlType(purl string) string {
	rest, is := strings.CutPrefix(purl, "pkg:")
	kind, _, ok := strings.Cut(rest, "/")
	if !is || !ok {
		return ""
	}
	return kind
}

// purlPattern writes a package URL with references to the name and version beside it: what is left is the same for many packages.
func purlPattern(purl, name, version string) string {
	at := "/" + name
	if version != "" {
		at += "@" + version
	}
	i := strings.LastIndex(purl, at)
	if name == "" || i < 0 {
		return purl
	}
	pattern := purl[:i] + "/" + ref(pkgName)
	if version != "" {
		pattern += "@" + ref(pkgVersion)
	}
	return pattern + purl[i+len(at):]
}
