// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/CycloneDX/cyclonedx-go"
	"github.com/anchore/syft/syft/format/common/cyclonedxhelpers"
	"github.com/anchore/syft/syft/format/common/spdxhelpers"
	"github.com/google/uuid"
	"github.com/spdx/tools-golang/spdx"
)

// DigestProperty stands before the algorithm in the names of the root component's properties that hold the subject's digests. The gate
// compares these, because CycloneDX has no names for Git's hashes.
const DigestProperty = "sealock:digest:"

// UnreadProperty is the name of the metadata properties that hold Document.Unread.
const UnreadProperty = "sealock:unread"

// maxUnreadNamed is how many unread files an SBOM names; their number is in the last one then.
const maxUnreadNamed = 1000

// namespace is the UUID namespace (RFC 9562, version 5) of serial numbers that are derived from digests.
var namespace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://github.com/sealock-dev/sealock/sbom"))

// serial is the same for the same subject, tool version and time.
func (d *Document) serial() uuid.UUID {
	var b strings.Builder
	for _, g := range d.src.Subject.Digest.Digests() {
		fmt.Fprintf(&b, "%s\n", g)
	}
	fmt.Fprintf(&b, "%s\n%s\n%s", d.src.Subject.Name, d.sbom.Descriptor.Version, d.time())
	return uuid.NewSHA1(namespace, []byte(b.String()))
}

func (d *Document) time() string { return d.created.UTC().Truncate(time.Second).Format(time.RFC3339) }

// CycloneDX is the document as CycloneDX 1.6 JSON. Its root component carries the subject's digests.
func (d *Document) CycloneDX() ([]byte, error) {
	bom := cyclonedxhelpers.ToFormatModel(*d.sbom)
	bom.SerialNumber = d.serial().URN()
	bom.Metadata.Timestamp = d.time()
	if tools := bom.Metadata.Tools; tools != nil && tools.Components != nil {
		for i := range *tools.Components {
			(*tools.Components)[i].Author = ""
		}
	}
	bom.Metadata.Component = d.root(bom.Metadata.Component)
	d.noteUnread(bom)
	for i := range *bom.Components {
		clean(&(*bom.Components)[i])
	}
	slices.SortStableFunc(*bom.Components, func(a, b cyclonedx.Component) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version), cmp.Compare(a.BOMRef, b.BOMRef))
	})
	var out bytes.Buffer
	e := cyclonedx.NewBOMEncoder(&out, cyclonedx.BOMFileFormatJSON)
	e.SetEscapeHTML(false)
	if err := e.EncodeVersion(bom, cyclonedx.SpecVersion1_6); err != nil {
		return nil, fmt.Errorf("writing the CycloneDX SBOM of %s: %w", d.src.Subject, err)
	}
	return redact(bytes.TrimSpace(out.Bytes())), nil
}

// hashNames are CycloneDX's names of hash algorithms.
var hashNames = map[string]cyclonedx.HashAlgorithm{
	"md5": cyclonedx.HashAlgoMD5, "sha1": cyclonedx.HashAlgoSHA1, "sha256": cyclonedx.HashAlgoSHA256,
	"sha384": cyclonedx.HashAlgoSHA384, "sha512": cyclonedx.HashAlgoSHA512,
}

// root names the subject as the component the document is about.
func (d *Document) root(c *cyclonedx.Component) *cyclonedx.Component {
	if c == nil {
		c = &cyclonedx.Component{Type: cyclonedx.ComponentTypeFile}
	}
	c.Name = d.src.Subject.Name
	c.Version = d.sbom.Source.Version
	c.BOMRef = "subject:" + d.sbom.Source.Version
	var hashes []cyclonedx.Hash
	var properties []cyclonedx.Property
	for _, g := range d.src.Subject.Digest.Digests() {
		if name, ok := hashNames[g.Algorithm]; ok {
			hashes = append(hashes, cyclonedx.Hash{Algorithm: name, Value: g.Hex})
		}
		properties = append(properties, cyclonedx.Property{Name: DigestProperty + g.Algorithm, Value: g.Hex})
	}
	c.Properties = &properties
	if len(hashes) > 0 {
		c.Hashes = &hashes
	}
	return c
}

// noteUnread says in the document itself that it may not be complete.
func (d *Document) noteUnread(bom *cyclonedx.BOM) {
	if len(d.unread) == 0 {
		return
	}
	var properties []cyclonedx.Property
	if bom.Metadata.Properties != nil {
		properties = *bom.Metadata.Properties
	}
	for i, u := range d.unread {
		if i == maxUnreadNamed {
			u = "and " + strconv.Itoa(len(d.unread)-i) + " more"
		}
		properties = append(properties, cyclonedx.Property{Name: UnreadProperty, Value: u})
		if i == maxUnreadNamed {
			break
		}
	}
	bom.Metadata.Properties = &properties
	bom.Compositions = &[]cyclonedx.Composition{{
		Aggregate:  cyclonedx.CompositionAggregateIncomplete,
		Assemblies: &[]cyclonedx.BOMReference{cyclonedx.BOMReference(bom.Metadata.Component.BOMRef)},
	}}
}

// dropped are the properties that say how a binary was built (flags with paths and names of the build machine) or
// what is only of use to the scanner, and large.
var dropped = []string{"syft:metadata:goBuildSettings:", "syft:metadata:goSymbols", "syft:metadata:symbols"}

func clean(c *cyclonedx.Component) {
	c.PackageURL = CanonicalPURL(c.PackageURL)
	if c.Properties == nil {
		return
	}
	kept := slices.DeleteFunc(slices.Clone(*c.Properties), func(p cyclonedx.Property) bool {
		return slices.ContainsFunc(dropped, func(prefix string) bool { return strings.HasPrefix(p.Name, prefix) })
	})
	c.Properties = &kept
	if len(kept) == 0 {
		c.Properties = nil
	}
}

// SPDX is the document as SPDX 2.3 JSON. Its root package carries those of the subject's digests that SPDX has names for.
func (d *Document) SPDX() ([]byte, error) {
	doc := spdxhelpers.ToFormatModel(*d.sbom)
	doc.CreationInfo.Created = d.time()
	doc.CreationInfo.Creators = []spdx.Creator{{CreatorType: "Tool", Creator: "sealock-" + cmp.Or(d.sbom.Descriptor.Version, "devel")}}
	doc.DocumentNamespace = "https://github.com/sealock-dev/sealock/spdx/" + d.serial().String()
	for _, p := range doc.Packages {
		if strings.HasPrefix(string(p.PackageSPDXIdentifier), "DocumentRoot-") {
			p.PackageChecksums = d.checksums()
		}
	}
	slices.SortStableFunc(doc.Packages, func(a, b *spdx.Package) int {
		return cmp.Compare(a.PackageSPDXIdentifier, b.PackageSPDXIdentifier)
	})
	slices.SortStableFunc(doc.Relationships, func(a, b *spdx.Relationship) int {
		return cmp.Or(cmp.Compare(a.RefA.ElementRefID, b.RefA.ElementRefID), cmp.Compare(a.RefB.ElementRefID, b.RefB.ElementRefID),
			cmp.Compare(a.Relationship, b.Relationship))
	})
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(doc); err != nil {
		return nil, fmt.Errorf("writing the SPDX SBOM of %s: %w", d.src.Subject, err)
	}
	return redact(bytes.TrimSpace(out.Bytes())), nil
}

func (d *Document) checksums() []spdx.Checksum {
	var out []spdx.Checksum
	for _, g := range d.src.Subject.Digest.Digests() {
		if _, ok := hashNames[g.Algorithm]; ok {
			out = append(out, spdx.Checksum{Algorithm: spdx.ChecksumAlgorithm(strings.ToUpper(g.Algorithm)), Value: g.Hex})
		}
	}
	return out
}
