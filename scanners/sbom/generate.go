// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/anchore/syft/syft"
	"github.com/anchore/syft/syft/cataloging"
	"github.com/anchore/syft/syft/sbom"
	_ "github.com/glebarez/go-sqlite" // syft reads RPM databases through database/sql and needs the driver named "sqlite"

	"github.com/sealock-dev/sealock/scanners"
)

// Options of Generate.
type Options struct {
	Created     time.Time // written into the documents; zero is 1970-01-01, for times make two SBOMs of one subject differ
	ToolVersion string    // version of sealock
	Parallelism int       // catalogers at once; zero lets syft choose, one is serial
}

// Document is the list of packages of one source.
type Document struct {
	src     scanners.Source
	sbom    *sbom.SBOM
	created time.Time
	unread  []string
}

// licenceScanner builds the automaton that classifies licence texts: 0.8 CPU-seconds and 80 MB, so once a process. The context that
// holds it is empty otherwise.
var licenceScanner = sync.OnceValues(func() (context.Context, error) {
	return syft.SetContextLicenseScanner(emptyContext{}, cataloging.DefaultLicenseConfig())
})

// Prepare makes ready in the background what Generate needs and takes 0.8 CPU-seconds: call it before Open if Generate follows. Errors come up there.
func Prepare() { go func() { _, _ = licenceScanner() }() }

// Generate catalogues the packages of t. It gives a complete document or an error.
func Generate(ctx context.Context, t *Tree, opt Options) (*Document, error) {
	if err := t.checkBombs(ctx); err != nil {
		return nil, fmt.Errorf("making the SBOM of %s: %w", t.src.Subject, err)
	}
	licences, err := licenceScanner()
	if err != nil {
		return nil, fmt.Errorf("preparing the licence classifier: %w", err)
	}
	s, err := syft.CreateSBOM(withValues{ctx, licences}, t.source, config(opt))
	if err = errors.Join(err, ctx.Err(), t.faults.first()); err != nil {
		return nil, fmt.Errorf("making the SBOM of %s: %w", t.src.Subject, err)
	}
	d := &Document{src: t.src, sbom: s, created: opt.Created, unread: unread(s)}
	if d.created.IsZero() {
		d.created = time.Unix(0, 0)
	}
	if d.Packages() == 0 && len(d.unread) > 0 {
		return nil, fmt.Errorf("making the SBOM of %s: no package was found and %d files could not be parsed, the first: %s", t.src.Subject, len(d.unread), d.unread[0])
	}
	return d, nil
}

// config is syft's with everything off that runs a tool, goes online or looks at the machine.
func config(opt Options) *syft.CreateSBOMConfig {
	c := syft.DefaultCreateSBOMConfig().WithTool("sealock", opt.ToolVersion).WithParallelism(opt.Parallelism).WithoutFiles()
	p := &c.Packages
	p.Golang = p.Golang.WithUsePackagesLib(false).WithSearchLocalModCacheLicenses(false).WithSearchRemoteLicenses(false).
		WithCaptureSymbols(cataloging.SymbolScopeAll) // which functions a binary has decides whether it is vulnerable
	p.Golang.LocalModCacheDir, p.Golang.Proxies, p.Golang.NoProxy = "", nil, nil
	p.JavaArchive = p.JavaArchive.WithUseNetwork(false).WithUseMavenLocalRepository(false).WithResolveTransitiveDependencies(false)
	p.JavaArchive.MavenLocalRepositoryDir = ""
	p.JavaScript = p.JavaScript.WithSearchRemoteLicenses(false)
	p.Python = p.Python.WithSearchRemoteLicenses(false)
	p.Cpp = p.Cpp.WithVcpkgAllowGitClone(false)
	c.Unknowns = cataloging.UnknownsConfig{RemoveWhenPackagesDefined: true}
	return c
}

// unread lists what catalogers gave up on, sorted: "path: reason".
func unread(s *sbom.SBOM) []string {
	var out []string
	for at, reasons := range s.Artifacts.Unknowns {
		reasons = slices.Sorted(slices.Values(reasons))
		out = append(out, fmt.Sprintf("%s: %s", strings.TrimPrefix(at.RealPath, "/"), strings.Join(reasons, "; ")))
	}
	slices.Sort(out)
	return out
}

// Unread lists the files that a cataloger recognised and could not parse, "path: reason", sorted. Packages may be missing because of
// them.
func (d *Document) Unread() []string { return slices.Clone(d.unread) }

// Packages is the number of packages.
func (d *Document) Packages() int { return d.sbom.Artifacts.Packages.PackageCount() }

// Syft is the catalogue as syft made it, for the vulnerability scanner. It must not be changed.
func (d *Document) Syft() *sbom.SBOM { return d.sbom }
