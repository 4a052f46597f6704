// SPDX-License-Identifier: Apache-2.0

// Package vulns matches the packages of an SBOM against vulnerability data, with grype.
//
// Use: Open the data once, Scan each document. Import and Update bring data in; nothing else ever does, and only Update uses the network.
//
// Guarantees: the data is checked against the digest that was taken when it was imported; a scan is complete or an error; the same
// packages and data give the same results in the same order; no ignore rule of anybody is applied, and no configuration is read.
//
// Limits: a vulnerability is known only if the data has it. How old the data may be is judged by the gate, from the dates that Info gives.
package vulns

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	v6 "github.com/anchore/grype/grype/db/v6"
	"github.com/anchore/grype/grype/vulnerability"
	"gorm.io/gorm"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// ErrNoData says that there is no vulnerability data where it was looked for.
var ErrNoData = errors.New("no vulnerability data")

// ErrInvalid says that there is vulnerability data and it must not be used.
var ErrInvalid = errors.New("vulnerability data is not valid")

// MaxSkew is how far the build time of the data may lie in the future.
const MaxSkew = 5 * time.Minute

// OpenOptions of Open.
type OpenOptions struct {
	Now time.Time // required: data that was built later is refused
}

// DB is vulnerability data that was checked. It is safe for concurrent use.
type DB struct {
	reader   v6.Reader
	provider vulnerability.Provider
	info     predicate.VulnDB
}

// Open checks and opens the data that Import put into dir. It downloads nothing; where there is no data it fails at once with ErrNoData,
// where the data was changed, is of another schema or has no credible date with ErrInvalid.
func Open(ctx context.Context, dir string, opt OpenOptions) (*DB, error) {
	if opt.Now.IsZero() {
		return nil, errors.New("opening vulnerability data: the current time is needed to judge its dates")
	}
	st, err := ReadStatus(dir)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, st.Folder, v6.VulnerabilityDBFileName)
	digest, err := fileDigest(ctx, file)
	if err != nil {
		return nil, fmt.Errorf("reading vulnerability data %s: %w", file, err)
	}
	if digest != st.Digest {
		return nil, fmt.Errorf("%w: %s was changed since it was imported: expected %s, found %s; run sealock db update or sealock db import FILE",
			ErrInvalid, file, st.Digest, digest)
	}
	reader, err := openReader(filepath.Dir(file))
	if err != nil {
		return nil, fmt.Errorf("%w: opening %s: %w", ErrInvalid, file, err)
	}
	info, err := describe(reader)
	if err == nil {
		err = errors.Join(checkDates(info, opt.Now), prime(reader))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %s: %w", ErrInvalid, file, err), reader.Close())
	}
	info.Digest = digest
	info.URI = st.Source
	return &DB{reader: reader, provider: v6.NewVulnerabilityProvider(reader), info: info}, nil
}

// Info describes the data, as it goes into the evidence. Packages is filled in by Scan.
func (d *DB) Info() predicate.VulnDB {
	info := d.info
	info.Providers = slices.Clone(d.info.Providers)
	return info
}

// Close closes the data.
func (d *DB) Close() error { return d.provider.Close() }

// openReader opens a database folder read-only.
func openReader(folder string) (v6.Reader, error) {
	if strings.ContainsAny(folder, "?#%") {
		return nil, fmt.Errorf("the path %s holds one of ?#%%, which SQLite would misread; use another folder (--db)", folder)
	}
	return v6.NewReader(v6.Config{DBDirPath: folder})
}

// describe reads schema, build time and the dates of the providers.
func describe(r v6.Reader) (predicate.VulnDB, error) {
	meta, err := r.GetDBMetadata()
	if err != nil {
		return predicate.VulnDB{}, fmt.Errorf("reading metadata: %w", err)
	}
	if meta.Model != v6.ModelVersion || meta.Revision > v6.Revision {
		return predicate.VulnDB{}, fmt.Errorf("schema is %d.%d.%d, expected %d.x up to %d.%d; get data of that schema, or another version of sealock",
			meta.Model, meta.Revision, meta.Addition, v6.ModelVersion, v6.ModelVersion, v6.Revision)
	}
	if meta.BuildTimestamp == nil || meta.BuildTimestamp.Unix() <= 0 {
		return predicate.VulnDB{}, errors.New("it does not say when it was built")
	}
	providers, err := r.AllProviders()
	if err != nil {
		return predicate.VulnDB{}, fmt.Errorf("reading providers: %w", err)
	}
	if len(providers) == 0 {
		return predicate.VulnDB{}, errors.New("it names no provider of data")
	}
	info := predicate.VulnDB{
		Version: fmt.Sprintf("%d.%d.%d", meta.Model, meta.Revision, meta.Addition), Built: predicate.Time(*meta.BuildTimestamp),
	}
	for _, p := range providers {
		if p.DateCaptured == nil || p.DateCaptured.Unix() <= 0 {
			continue
		}
		captured := predicate.Time(*p.DateCaptured)
		info.Providers = append(info.Providers, predicate.DataProvider{Name: p.ID, Captured: captured})
		if info.LastUpdate == "" || captured < info.LastUpdate {
			info.LastUpdate = captured
		}
	}
	info.LastUpdate = cmp.Or(info.LastUpdate, info.Built)
	slices.SortFunc(info.Providers, func(a, b predicate.DataProvider) int { return cmp.Compare(a.Name, b.Name) })
	return info, nil
}

// prime asks once for what grype passes over in silence where it can't be read: exploited vulnerabilities and EPSS. It also makes the reader
// remember the date of the EPSS data now, which it would otherwise do while several scans use it. Data without EPSS is valid.
func prime(r v6.Reader) error {
	const none = "CVE-0000-0000"
	_, err := r.GetKnownExploitedVulnerabilities(none)
	if _, e := r.GetEpss(none); !errors.Is(e, gorm.ErrRecordNotFound) {
		err = errors.Join(err, e)
	}
	return err
}

// checkDates refuses data from the future.
func checkDates(info predicate.VulnDB, now time.Time) error {
	latest := predicate.Time(now.Add(MaxSkew))
	if info.Built > latest {
		return fmt.Errorf("built at %s, which is after now (%s); is the clock right?", info.Built, predicate.Time(now))
	}
	for _, p := range info.Providers {
		if p.Captured > latest {
			return fmt.Errorf("data of provider %q was captured at %s, which is after now (%s); is the clock right?", p.Name, p.Captured, predicate.Time(now))
		}
	}
	return nil
}
