// SPDX-License-Identifier: Apache-2.0

package vulns

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	v6 "github.com/anchore/grype/grype/db/v6"
	"github.com/anchore/grype/grype/distro"
	grypepkg "github.com/anchore/grype/grype/pkg"
	"github.com/anchore/syft/syft/artifact"
	syftpkg "github.com/anchore/syft/syft/pkg"
	"github.com/anchore/syft/syft/sbom"
)

// ErrNoDistribution says that there are packages of a Linux distribution for which nothing could have been found.
var ErrNoDistribution = errors.New("packages of a distribution can't be matched")

// packagesOf turns syft's packages into those that are matched, as grype's own Provide does: each belongs to the distribution of the
// source, and a package that is only a part of a distribution's package is left to that.
func packagesOf(s *sbom.SBOM) ([]grypepkg.Package, *distro.Distro) {
	d := distro.FromRelease(s.Artifacts.LinuxDistribution, distro.DefaultFixChannels())
	ptrs := grypepkg.FromCollection(s.Artifacts.Packages, s.Relationships, grypepkg.SynthesisConfig{})
	if d == nil {
		d = onlyDistro(ptrs)
	}
	if d != nil {
		for _, p := range ptrs {
			if p.Distro == nil {
				p.Distro = d
			}
		}
	}
	return grypepkg.FromPtrs(slices.DeleteFunc(ptrs, ownedByDistribution)), d
}

// onlyDistro is the distribution that all packages which name one agree on.
func onlyDistro(ptrs []*grypepkg.Package) *distro.Distro {
	var only *distro.Distro
	for _, p := range ptrs {
		switch {
		case p.Distro == nil:
		case only == nil:
			only = p.Distro
		case only.Type != p.Distro.Type || only.Version != p.Distro.Version || only.Codename != p.Distro.Codename:
			return nil
		}
	}
	return only
}

// ownedByDistribution reports whether p's files belong to a package of the distribution that stands for it: of about the same version,
// and either p is a bare binary or the distribution's data also lists what is not fixed, so nothing is lost.
func ownedByDistribution(p *grypepkg.Package) bool {
	for _, owner := range p.RelatedPackages[artifact.OwnershipByFileOverlapRelationship] {
		if owner == nil || owner.Distro == nil {
			continue
		}
		if !strings.HasPrefix(owner.Version, p.Version) && !strings.HasPrefix(p.Version, owner.Version) {
			continue
		}
		if p.Type == syftpkg.BinaryPkg || listsUnfixed(owner.Distro) && ofDistribution(owner) && !ofDistribution(p) {
			return true
		}
	}
	return false
}

// comprehensive are the distributions whose data lists what is not fixed as well.
var comprehensive = []distro.Type{
	distro.ArchLinux, distro.Azure, distro.Debian, distro.Mariner, distro.RedHat, distro.SLES, distro.Ubuntu,
}

func listsUnfixed(d *distro.Distro) bool {
	if d.Type == distro.AmazonLinux { // calls itself like RHEL, its data is not
		return false
	}
	names := append([]string{d.Name()}, d.IDLike...)
	return slices.ContainsFunc(comprehensive, func(t distro.Type) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, string(t)) })
	})
}

func ofDistribution(p *grypepkg.Package) bool {
	switch p.Type {
	case syftpkg.DebPkg, syftpkg.RpmPkg, syftpkg.ApkPkg, syftpkg.AlpmPkg, syftpkg.PortagePkg:
		return true
	}
	return false
}

// checkDistributions refuses to scan packages of a distribution that is not known or for which there is no data at all: nothing would be
// found, which must not look like nothing being wrong.
func checkDistributions(r v6.Reader, packages []grypepkg.Package) error {
	checked := map[string]bool{}
	for i := range packages {
		p := &packages[i]
		if !ofDistribution(p) {
			continue
		}
		if p.Distro == nil {
			return fmt.Errorf("%w: it is not known which one %s %s belongs to (no os-release that says so)", ErrNoDistribution, p.Name, p.Version)
		}
		d := p.Distro
		if checked[d.String()] {
			continue
		}
		checked[d.String()] = true
		known, err := r.GetOperatingSystems(v6.OSSpecifier{
			Name: d.Name(), MajorVersion: d.MajorVersion(), MinorVersion: d.MinorVersion(), RemainingVersion: d.RemainingVersion(), LabelVersion: d.LabelVersion(),
		})
		if err != nil && !errors.Is(err, v6.ErrOSNotPresent) {
			return fmt.Errorf("looking for data of %s: %w", d, err)
		}
		if len(known) == 0 {
			return fmt.Errorf("%w: the vulnerability data has nothing on %s; get data that covers it (sealock db update)", ErrNoDistribution, d)
		}
	}
	return nil
}
