// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// What CycloneDX's schemas allow where they list values (https://cyclonedx.org/docs/1.6/json/), those of 1.7 included.
var (
	cdxMembers = []string{"$schema", "bomFormat", "specVersion", "serialNumber", "version", "metadata", "components", "services", "externalReferences", "dependencies", "compositions",
		"vulnerabilities", "annotations", "formulation", "declarations", "definitions", "citations", "properties", "signature"}
	cdxTypes = []string{"application", "framework", "library", "container", "platform", "operating-system", "device", "device-driver", "firmware", "file", "machine-learning-model", "data",
		"cryptographic-asset"}
	cdxScopes  = []string{"required", "optional", "excluded"}
	cdxPatches = []string{"unofficial", "monkey", "backport", "cherry-pick"}
	cdxIssues  = []string{"defect", "enhancement", "security"}
	cdxFlows   = []string{"inbound", "outbound", "bi-directional", "unknown"}
	cdxHashes  = map[string]int{"MD5": 32, "SHA-1": 40, "SHA-256": 64, "SHA-384": 96, "SHA-512": 128, "SHA3-256": 64, "SHA3-384": 96, "SHA3-512": 128, "BLAKE2b-256": 64, "BLAKE2b-384": 96,
		"BLAKE2b-512": 128, "BLAKE3": 0, "Streebog-256": 64, "Streebog-512": 128} // hex digits; 0: any of those
	cdxSerial = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^urn:uuid:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)
	})
	hexForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9a-fA-F]+$`) })
)

// cdxChecker goes through a CycloneDX document and remembers the first thing that its schema does not allow.
type cdxChecker struct {
	refs  map[string]bool
	mixed bool // licences and expressions may stand side by side, as from 1.7 on
	wrong string
}

// invalidCycloneDX says what in a document is not as CycloneDX asks, with its path; "" if nothing was found. It looks at what says what is in the product: components and services,
// their hashes, licences, properties and pedigree, and the dependencies.
func invalidCycloneDX(document []byte) (string, error) {
	v, err := attest.DecodeAny(document)
	if err != nil {
		return "", err
	}
	c := &cdxChecker{refs: map[string]bool{}}
	top, ok := v.(map[string]any)
	if !ok {
		return "it is no object", nil
	}
	c.mixed = top["specVersion"] == "1.7"
	for _, name := range sortedKeys(top) {
		c.require(slices.Contains(cdxMembers, name), name, "is no member of CycloneDX")
	}
	if s, given := top["serialNumber"]; given {
		text, _ := s.(string)
		c.require(cdxSerial().MatchString(text), "serialNumber", "is no urn:uuid")
	}
	if n, given := top["version"]; given {
		number, _ := n.(json.Number)
		i, err := number.Int64()
		c.require(err == nil && i >= 1, "version", "is no whole number from 1")
	}
	c.metadata(top["metadata"])
	c.list(top["components"], "components", c.component)
	c.list(top["services"], "services", c.service)
	c.list(top["properties"], "properties", c.property)
	c.list(top["dependencies"], "dependencies", c.dependency)
	return c.wrong, nil
}

func (c *cdxChecker) require(holds bool, path, what string) {
	if !holds && c.wrong == "" {
		c.wrong = path + " " + what
	}
}

// object is the members of v; anything else is wrong.
func (c *cdxChecker) object(v any, path string) map[string]any {
	m, ok := v.(map[string]any)
	c.require(ok, path, "is no object")
	return m
}

// list visits the elements of a list, if it is there.
func (c *cdxChecker) list(v any, path string, visit func(any, string)) {
	if v == nil {
		return
	}
	l, ok := v.([]any)
	c.require(ok, path, "is no list")
	for i, x := range l {
		if c.wrong != "" {
			return
		}
		visit(x, fmt.Sprintf("%s[%d]", path, i))
	}
}

// oneOf holds a text against the values that are allowed; where it need not be there, nothing is fine too.
func (c *cdxChecker) oneOf(m map[string]any, name, path string, allowed []string, must bool) {
	v, given := m[name]
	text, _ := v.(string)
	c.require(!given && !must || slices.Contains(allowed, text), path+"."+name, "is not one of those that CycloneDX knows")
}

func (c *cdxChecker) text(m map[string]any, name, path string) {
	text, _ := m[name].(string)
	c.require(text != "", path+"."+name, "is missing")
}

// ref takes a bom-ref, which stands once in a document.
func (c *cdxChecker) ref(m map[string]any, path string) {
	v, given := m["bom-ref"]
	if !given {
		return
	}
	text, _ := v.(string)
	c.require(text != "", path+".bom-ref", "is no text")
	c.require(!c.refs[text], path+".bom-ref", "stands twice")
	c.refs[text] = true
}

func (c *cdxChecker) metadata(v any) {
	if v == nil {
		return
	}
	m := c.object(v, "metadata")
	if at, given := m["timestamp"]; given {
		text, _ := at.(string)
		_, err := time.Parse(time.RFC3339, text)
		c.require(err == nil, "metadata.timestamp", "is no time")
	}
	if root, given := m["component"]; given {
		c.component(root, "metadata.component")
	}
	c.licenses(m["licenses"], "metadata.licenses")
	c.list(m["properties"], "metadata.properties", c.property)
}

func (c *cdxChecker) component(v any, path string) {
	m := c.object(v, path)
	c.oneOf(m, "type", path, cdxTypes, true)
	c.text(m, "name", path)
	c.oneOf(m, "scope", path, cdxScopes, false)
	c.ref(m, path)
	external := m["isExternal"] == true || m["isExtraneous"] == true
	c.require(m["versionRange"] == nil || external && m["version"] == nil, path+".versionRange", "stands beside a version, or at a component that is part of the product")
	c.list(m["hashes"], path+".hashes", c.hash)
	c.licenses(m["licenses"], path+".licenses")
	c.list(m["properties"], path+".properties", c.property)
	c.list(m["components"], path+".components", c.component)
	if swid, given := m["swid"]; given {
		s := c.object(swid, path+".swid")
		c.text(s, "tagId", path+".swid")
		c.text(s, "name", path+".swid")
	}
	if pedigree, given := m["pedigree"]; given {
		p := c.object(pedigree, path+".pedigree")
		c.list(p["patches"], path+".pedigree.patches", c.patch)
	}
}

func (c *cdxChecker) hash(v any, path string) {
	m := c.object(v, path)
	alg, _ := m["alg"].(string)
	digits, known := cdxHashes[alg]
	c.require(known, path+".alg", "is not one of those that CycloneDX knows")
	content, _ := m["content"].(string)
	fits := len(content) == digits || digits == 0 && slices.Contains([]int{32, 40, 64, 96, 128}, len(content))
	c.require(fits && hexForm().MatchString(content), path+".content", "is no digest of that algorithm")
}

// licenses are several licences, or one expression.
func (c *cdxChecker) licenses(v any, path string) {
	named, expressions := 0, 0
	c.list(v, path, func(v any, path string) {
		m := c.object(v, path)
		license, isLicense := m["license"]
		expression, isExpression := m["expression"]
		c.require(isLicense != isExpression || m["expressionDetails"] != nil, path, "has neither a license nor an expression, or both")
		if isExpression {
			expressions++
			text, _ := expression.(string)
			c.require(text != "", path+".expression", "is no text")
		}
		if !isLicense {
			return
		}
		named++
		l := c.object(license, path+".license")
		_, hasID := l["id"]
		_, hasName := l["name"]
		c.require(hasID != hasName, path+".license", "has neither an id nor a name, or both")
		if text, given := l["text"]; given {
			t := c.object(text, path+".license.text")
			c.oneOf(t, "encoding", path+".license.text", []string{"base64"}, false)
		}
	})
	c.require(c.mixed || expressions == 0 || named == 0 && expressions == 1, path, "has an expression beside others")
}

func (c *cdxChecker) property(v any, path string) {
	m := c.object(v, path)
	for _, name := range sortedKeys(m) {
		_, isText := m[name].(string)
		c.require(isText && (name == "name" || name == "value"), path+"."+name, "is not a name or a value")
	}
	c.require(m["name"] != nil, path+".name", "is missing")
}

func (c *cdxChecker) patch(v any, path string) {
	m := c.object(v, path)
	c.oneOf(m, "type", path, cdxPatches, true)
	c.list(m["resolves"], path+".resolves", func(v any, path string) {
		c.oneOf(c.object(v, path), "type", path, cdxIssues, true)
	})
}

func (c *cdxChecker) service(v any, path string) {
	m := c.object(v, path)
	c.text(m, "name", path)
	c.ref(m, path)
	c.licenses(m["licenses"], path+".licenses")
	c.list(m["properties"], path+".properties", c.property)
	c.list(m["services"], path+".services", c.service)
	c.list(m["data"], path+".data", func(v any, path string) {
		d := c.object(v, path)
		c.oneOf(d, "flow", path, cdxFlows, true)
		c.text(d, "classification", path)
	})
}

// dependency names what depends on what. That the names exist is not asked for: they may be in other documents.
func (c *cdxChecker) dependency(v any, path string) {
	m := c.object(v, path)
	c.text(m, "ref", path)
	for _, name := range []string{"dependsOn", "provides"} {
		seen := map[string]bool{}
		c.list(m[name], path+"."+name, func(v any, path string) {
			text, _ := v.(string)
			c.require(text != "", path, "is no text")
			c.require(!seen[text], path, "stands twice")
			seen[text] = true
		})
	}
}
