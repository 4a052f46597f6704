// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package stage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/scanners"
	"github.com/sealock-dev/sealock/scanners/pins"
	"github.com/sealock-dev/sealock/scanners/sbom"
	"github.com/sealock-dev/sealock/scanners/secrets"
	"github.com/sealock-dev/sealock/scanners/vulns"
)

// Data is opened vulnerability data.
type Data = *vulns.DB

// evidence is one predicate, not yet signed.
type evidence struct {
	kind          string
	predicateType string
	predicate     any
	subjects      []attest.Subject
	summary       string
}

// Scanner makes evidence about sources.
type Scanner struct {
	Progress func(what string) (done func()) // as in Runner
	OpenDB   func(ctx context.Context) (Data, error)
	Now      func() time.Time
	Version  string
	TempDir  string
	Created  time.Time // for SBOMs of subjects that have no time of their own
	Config   Configuration
	Pins     *pins.Asker // asks where pinned actions come from, where Want.Pins is set
}

// Report is what was found out about one leaf of a subject. Fields that were not asked for are nil.
type Report struct {
	Source  scanners.Source
	SBOM    *sbom.Document
	Vulns   *predicate.Vulns
	Secrets *predicate.Findings
	Config  *predicate.Findings

	UnverifiedPins int // pins whose repository did not answer; a finding in Config says so of each
}

// Want says what a scan should find out. Pins, which uses the network, is part of Config.
type Want struct{ SBOM, Vulns, Secrets, Config, Pins bool }

// trees are the kinds of sources that hold configuration to be judged: an image holds what was built, not what is to be deployed.
var trees = []scanners.Kind{scanners.Dir, scanners.File}

// scanAll makes all evidence that a stage is configured to make.
func (r *Runner) scanAll(ctx context.Context, rec Record, c Config, ins, products []*subject.Resolved) ([]evidence, error) {
	want, prov := Want{}, false
	for _, k := range c.Evidence {
		switch k {
		case predicate.KindSBOM:
			want.SBOM = true
		case predicate.KindVulns:
			want.Vulns = true
		case predicate.KindSecrets:
			want.Secrets = true
		case predicate.KindConfig:
			want.Config = true
		case predicate.KindProvenance:
			prov = true
		}
	}
	var out []evidence
	if prov {
		p, err := r.provenance(ctx, rec, ins, products)
		if err != nil {
			return nil, fmt.Errorf("provenance: %w", err)
		}
		out = append(out, p)
	}
	imported, err := r.imported(rec, c, products)
	if err != nil {
		return nil, err
	}
	out = append(out, imported...)
	if want == (Want{}) {
		return out, nil
	}
	s := Scanner{Progress: r.Progress, OpenDB: r.OpenDB, Now: r.Now, Version: r.Version, TempDir: r.TempDir, Created: r.Created, Config: Configured(r.Gate.Policy)}
	for _, res := range products {
		reports, err := s.Scan(ctx, res, want)
		if err != nil {
			return nil, err
		}
		for _, rep := range reports {
			made, err := rep.evidence(c.Evidence)
			if err != nil {
				return nil, err
			}
			out = append(out, made...)
		}
	}
	return out, nil
}

// Scan scans every leaf of a subject. The content is exported or unpacked once and shared; a scanner that does not complete is an error.
func (s Scanner) Scan(ctx context.Context, res *subject.Resolved, want Want) ([]Report, error) {
	var db Data
	if want.Vulns { // first: without data there is nothing to wait for
		var err error
		if db, err = s.OpenDB(ctx); err != nil {
			return nil, err
		}
	}
	if want.SBOM || want.Vulns { // others hold no tables
		tightHeap()
	}
	tmp, done, err := temp(s.TempDir)
	if err != nil {
		return nil, err
	}
	defer done()
	sources, err := res.Sources(ctx, tmp)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", res.Ref, err)
	}
	if len(sources) == 0 {
		return nil, fmt.Errorf("reading %s: it holds nothing to scan", res.Ref)
	}
	created := res.Created
	if !s.Created.IsZero() {
		created = s.Created
	}
	var out []Report
	for i, src := range sources {
		rep, err := s.watched(ctx, fmt.Sprintf("scanning %s (%d of %d)", src.Subject.Name, i+1, len(sources)), src, want, db, created)
		if err != nil {
			return nil, fmt.Errorf("scanning %s: %w", src.Subject, err)
		}
		out = append(out, rep)
	}
	return out, nil
}

// heapGrowth is by how many percent the heap may grow between two collections once something was scanned. The scanners' tables hold 70 MB until the
// process ends, so Go's own 100 would mean as much garbage again; with 40 a run takes no longer.
const heapGrowth = 40

// tightHeap keeps memory low from here on. What the user set lower stays, as does a collector that is off.
func tightHeap() {
	if before := debug.SetGCPercent(heapGrowth); before < heapGrowth {
		debug.SetGCPercent(before)
	}
}

// watched scans one source and shows that it does.
func (s Scanner) watched(ctx context.Context, what string, src scanners.Source, want Want, db Data, created time.Time) (Report, error) {
	if s.Progress != nil {
		defer s.Progress(what)()
	}
	return s.one(ctx, src, want, db, created)
}

// one scans one source with all scanners side by side.
func (s Scanner) one(ctx context.Context, src scanners.Source, want Want, db Data, created time.Time) (rep Report, err error) {
	rep.Source = src
	if want.SBOM || want.Vulns {
		sbom.Prepare()
	}
	tree, err := sbom.Open(ctx, src)
	if err != nil {
		return rep, err
	}
	defer func() { err = errors.Join(err, tree.Close()) }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	var errs [3]error
	if want.Secrets {
		wg.Go(func() {
			f, err := secrets.Scan(ctx, tree, secrets.Options{Now: s.Now, TempDir: s.TempDir})
			if err != nil {
				errs[0] = fmt.Errorf("looking for secrets: %w", err)
				cancel()
				return
			}
			rep.Secrets = &f
		})
	}
	if want.Config {
		wg.Go(func() {
			f, err := s.configuration(ctx, src, tree)
			if err == nil && want.Pins {
				rep.UnverifiedPins, err = s.pins(ctx, tree, &f)
			}
			if err != nil {
				errs[2] = err
				cancel()
				return
			}
			rep.Config = &f
		})
	}
	if want.SBOM || want.Vulns {
		wg.Go(func() {
			if errs[1] = s.packages(ctx, tree, want, db, created, &rep); errs[1] != nil {
				cancel()
			}
		})
	}
	wg.Wait()
	return rep, errors.Join(errs[:]...)
}

func (s Scanner) packages(ctx context.Context, tree *sbom.Tree, want Want, db Data, created time.Time, rep *Report) error {
	doc, err := sbom.Generate(ctx, tree, sbom.Options{Created: created, ToolVersion: s.Version})
	if err != nil {
		return err
	}
	rep.SBOM = doc
	if !want.Vulns {
		return nil
	}
	v, err := vulns.Scan(ctx, doc, db, s.Now, s.Version)
	if err != nil {
		return err
	}
	rep.Vulns = &v
	return nil
}

// evidence turns a report into predicates of the kinds that the stage lists, in that order.
func (rep Report) evidence(kinds []string) ([]evidence, error) {
	var out []evidence
	about := []attest.Subject{rep.Source.Subject}
	for _, k := range kinds {
		switch k {
		case predicate.KindSBOM:
			cdx, err := rep.SBOM.CycloneDX()
			if err != nil {
				return nil, err
			}
			spdx, err := rep.SBOM.SPDX()
			if err != nil {
				return nil, err
			}
			out = append(out, evidence{k, predicate.TypeCycloneDX, json.RawMessage(cdx), about, fmt.Sprintf("sbom     %s: %s", rep.Source.Subject.Name, count(rep.SBOM.Packages(), "package"))},
				evidence{"spdx", predicate.TypeSPDX, json.RawMessage(spdx), about, ""})
		case predicate.KindVulns:
			out = append(out, evidence{k, predicate.TypeVulns, rep.Vulns, about, fmt.Sprintf("vulns    %s: %s", rep.Source.Subject.Name, Severities(*rep.Vulns))})
		case predicate.KindSecrets:
			out = append(out, evidence{k, predicate.TypeFindings, rep.Secrets, about,
				fmt.Sprintf("secrets  %s: %s in %s", rep.Source.Subject.Name, count(len(rep.Secrets.Findings), "finding"), count(rep.Secrets.Scope.Files, "file"))})
		case predicate.KindConfig:
			out = append(out, evidence{k, predicate.TypeFindings, rep.Config, about,
				fmt.Sprintf("config   %s: %s in %s", rep.Source.Subject.Name, count(len(rep.Config.Findings), "finding"), count(rep.Config.Scope.Files, "file"))})
		}
	}
	return out, nil
}

// Severities counts the results of a vulnerability scan by level, the worst first.
func Severities(v predicate.Vulns) string {
	n := map[string]int{}
	for _, r := range v.Scanner.Result {
		level := "unknown"
		for _, s := range r.Severity {
			if s.Method == "sealock" {
				level = s.Score
			}
		}
		n[level]++
	}
	var parts []string
	for _, level := range []string{"critical", "high", "medium", "low", "negligible", "unknown"} {
		if n[level] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n[level], level))
		}
	}
	if len(parts) == 0 {
		return fmt.Sprintf("none known in %s", count(v.Scanner.DB.Packages, "package"))
	}
	return strings.Join(parts, ", ")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
