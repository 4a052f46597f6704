// SPDX-License-Identifier: Apache-2.0

package vulns

import (
	"context"
	"fmt"
	"time"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/scanners/sbom"
)

// ScannerURI names this scanner in the evidence.
const ScannerURI = "https://github.com/sealock-dev/sealock/scanners/vulns"

// Scan matches the packages of doc against db. It gives every result or an error; now is asked when the scan starts and when it ends.
func Scan(ctx context.Context, doc *sbom.Document, db *DB, now func() time.Time, toolVersion string) (predicate.Vulns, error) {
	started := now()
	packages, _ := packagesOf(doc.Syft())
	if err := checkDistributions(db.reader, packages); err != nil {
		return predicate.Vulns{}, fmt.Errorf("scanning for vulnerabilities: %w", err)
	}
	matches, err := matchAll(ctx, db.provider, packages)
	if err != nil {
		return predicate.Vulns{}, fmt.Errorf("scanning for vulnerabilities: %w", err)
	}
	results, err := newResults(db.provider).of(matches)
	if err != nil {
		return predicate.Vulns{}, fmt.Errorf("scanning for vulnerabilities: %w", err)
	}
	info := db.Info()
	info.Packages = len(packages)
	return predicate.Vulns{
		Scanner:  predicate.VulnScanner{URI: ScannerURI, Version: toolVersion, DB: info, Result: results},
		Metadata: predicate.ScanMetadata{ScanStartedOn: predicate.Time(started), ScanFinishedOn: predicate.Time(now())},
	}, nil
}
