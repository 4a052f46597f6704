// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
)

var specVersionForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^1\.[0-9]+$`) })

// digestProperty stands before the algorithm in the names of the root's properties that carry the artifact's digests.
const digestProperty = "sealock:digest:"

var hashNames = map[string]string{"SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}

func (r *reader) sbom(p ast.Value) []any {
	if get(p, "bomFormat") == nil && get(p, "spdxVersion") != nil {
		return r.spdx(p)
	}
	if get(p, "bomFormat") == nil && get(p, "@context") != nil {
		return r.spdx3(p)
	}
	if str(get(p, "bomFormat")) != "CycloneDX" {
		r.problem("bomFormat", "CycloneDX", get(p, "bomFormat"))
	}
	if !specVersionForm().MatchString(str(get(p, "specVersion"))) {
		r.problem("specVersion", "1.n", get(p, "specVersion"))
	}
	list, ok := items(get(p, "components"))
	if _, isObject := p.(ast.Object); !ok && (!isObject || get(p, "components") != nil) { // CycloneDX lets an empty list be left out
		r.problem("components", "a list", get(p, "components"))
	}
	c := &components{r: r, root: str(get(p, "metadata", "component", "bom-ref")), packages: ast.NewSet(), licenses: make(map[string][]*ast.Term), parts: make(map[string]bool)}
	for _, x := range list {
		c.add(x, 0)
	}
	licenses := make([]any, 0, 2*len(c.licenses))
	for _, text := range sortedKeys(c.licenses) {
		licenses = append(licenses, text, c.licenses[text])
	}
	return []any{"components", c.count, "root", r.rootDigests(get(p, "metadata", "component")), "packages", c.packages, "licenses", r.object(licenses...), "gaps", r.gaps(p, c), "times", r.object()}
}

// gaps is what an SBOM says of its own completeness where that is less than complete: by any composition but that of a part. What is not specified is
// as if nothing were said (https://cyclonedx.org/docs/1.6/json/#compositions).
func (r *reader) gaps(p ast.Value, c *components) []string {
	list, ok := items(get(p, "compositions"))
	if !ok && get(p, "compositions") != nil {
		r.problem("compositions", "a list", get(p, "compositions"))
	}
	out := []string{}
	for _, x := range list {
		assemblies, _ := items(get(x, "assemblies"))
		dependencies, _ := items(get(x, "dependencies"))
		about := slices.Concat(assemblies, dependencies)
		if len(about) > 0 && !slices.ContainsFunc(about, func(ref ast.Value) bool { return !c.parts[str(ref)] }) {
			continue
		}
		switch says := str(get(x, "aggregate")); says {
		case "complete", "not_specified":
		case "":
			r.problem("compositions", "an aggregate", get(x, "aggregate"))
		default:
			out = append(out, says)
		}
	}
	return out
}

// components gathers what the rules ask of an SBOM's components, nested ones too.
type components struct {
	r        *reader
	root     string
	count    int // beyond the root
	packages ast.Set
	licenses map[string][]*ast.Term // by text; "" for none or one that says nothing
	parts    map[string]bool        // by bom-ref
}

// maxNested is how deep components in components are looked at; deeper is a problem, not ignored.
const maxNested = 32

func (c *components) add(x ast.Value, depth int) {
	if blank(str(get(x, "name"))) {
		c.r.problem("a component", "an object with a name", x)
		return
	}
	if depth > maxNested {
		c.r.problem("components", "nested at most 32 deep", nil)
		return
	}
	if ref := str(get(x, "bom-ref")); c.root == "" || ref != c.root {
		c.count++
		c.parts[ref] = ref != ""
	}
	c.packages.Add(ast.StringTerm(identity(x)))
	c.packages.Add(ast.StringTerm(nameAndVersion(x)))
	if kind := str(get(x, "type")); kind != "file" && kind != "operating-system" {
		of := c.r.object("name", packageText(x), "purl", str(get(x, "purl")))
		for _, text := range licenseTexts(get(x, "licenses")) {
			c.licenses[text] = append(c.licenses[text], of)
		}
	}
	nested, _ := items(get(x, "components"))
	for _, y := range nested {
		c.add(y, depth+1)
	}
}

// licenseTexts is the component's licenses, each once: an expression, an SPDX id, or a name. What gives none of these says nothing.
func licenseTexts(v ast.Value) []string {
	list, _ := items(v)
	out := make([]string, 0, 1)
	for _, l := range list {
		text := ""
		for _, x := range []ast.Value{get(l, "expression"), get(l, "license", "id"), get(l, "license", "name")} {
			if text = strings.TrimSpace(str(x)); text != "" {
				break
			}
		}
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	if len(out) == 0 {
		out = append(out, "")
	}
	return out
}

// rootDigests is all digests that the root component gives, by algorithm.
func (r *reader) rootDigests(root ast.Value) *ast.Term {
	all := make(map[string][]string)
	add := func(alg, hex string) {
		if hex = strings.ToLower(hex); !slices.Contains(all[alg], hex) {
			all[alg] = append(all[alg], hex)
		}
	}
	properties, _ := items(get(root, "properties"))
	for _, p := range properties {
		if alg, is := strings.CutPrefix(str(get(p, "name")), digestProperty); is && isString(get(p, "value")) {
			add(alg, str(get(p, "value")))
		}
	}
	hashes, _ := items(get(root, "hashes"))
	for _, h := range hashes {
		if alg, known := hashNames[str(get(h, "alg"))]; known && isString(get(h, "content")) {
			add(alg, str(get(h, "content")))
		}
	}
	kv := make([]any, 0, 2*len(all))
	for _, alg := range sortedKeys(all) {
		kv = append(kv, alg, all[alg])
	}
	return r.object(kv...)
}

// identity is how packages of the scan are looked up in the SBOM.
func identity(x ast.Value) string {
	if purl := str(get(x, "purl")); !blank(purl) {
		return canonicalPURL(purl)
	}
	return nameAndVersion(x)
}

func nameAndVersion(x ast.Value) string { return str(get(x, "name")) + " " + str(get(x, "version")) }

// canonicalPURL is one form for package URLs (https://github.com/package-url/purl-spec) that differ only in spelling: type in lower case, qualifiers
// sorted and without empty ones, escapes undone of characters that need none. An escaped slash is part of a name and stays escaped. What is not a
// purl stays as it is.
func canonicalPURL(s string) string {
	const scheme = "pkg:"
	if len(s) < len(scheme) || !strings.EqualFold(s[:len(scheme)], scheme) {
		return s
	}
	body, subpath, hasSubpath := strings.Cut(s[len(scheme):], "#")
	body, query, _ := strings.Cut(body, "?")
	kind, rest, ok := strings.Cut(strings.Trim(body, "/"), "/")
	if !ok {
		return s
	}
	out := scheme + strings.ToLower(kind) + "/" + unescape(rest)
	var qualifiers []string
	for pair := range strings.SplitSeq(query, "&") {
		if k, v, _ := strings.Cut(pair, "="); v != "" {
			qualifiers = append(qualifiers, strings.ToLower(k)+"="+unescape(v))
		}
	}
	if slices.Sort(qualifiers); len(qualifiers) > 0 {
		out += "?" + strings.Join(qualifiers, "&")
	}
	if hasSubpath && subpath != "" {
		out += "#" + unescape(subpath)
	}
	return out
}

// unescape undoes percent escapes of what may stand in a purl as it is, and writes the others in upper case.
func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' || i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]) {
			b.WriteByte(s[i])
			continue
		}
		c := unhex(s[i+1])<<4 | unhex(s[i+2])
		if isPlain(c) {
			b.WriteByte(c)
		} else {
			b.WriteString(strings.ToUpper(s[i : i+3]))
		}
		i += 2
	}
	return b.String()
}

func isPlain(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~:+", c) >= 0
}

func isHex(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c >= 'a':
		return c - 'a' + 10
	}
	return c - 'A' + 10
}
