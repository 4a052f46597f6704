// SPDX-License-Identifier: Apache-2.0

//go:build ignore

// Command build makes the sample vulnerability database out of the feeds beside it, with grype's own builder:
//
//	go run ./testdata/vulndb/build/main.go        # writes testdata/vulndb/vulnerability-db.tar.zst
//
// The feeds are short forms of public advisories; this program spells them out the way grype's builder reads them. The archive
// is not reproducible bit for bit, as the builder writes the time of the build into it.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/anchore/grype/grype/db"
	"github.com/anchore/grype/grype/db/provider"
)

func main() {
	if err := run("testdata/vulndb"); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// feed is how one kind of advisory is spelled out.
type feed struct {
	name   string // of the feed's file, and of the provider in the database
	schema string // selects the builder's reader
	spell  func(json.RawMessage) (any, error)
}

var feeds = []feed{
	{"github", "github-security-advisory", spell(advisory.item)},
	{"govulndb", "osv", spell(goVuln.item)},
	{"debian", "os", spell(debianVuln.item)},
	{"kev", "known-exploited", spell(func(v map[string]any) any { return v })},
	{"epss", "epss", spell(func(v map[string]any) any { return v })},
}

func spell[T any](item func(T) any) func(json.RawMessage) (any, error) {
	return func(raw json.RawMessage) (any, error) {
		var v T
		if err := json.Unmarshal(raw, &v); err != nil {
			return nil, err
		}
		return item(v), nil
	}
}

func run(dir string) error {
	tmp, err := os.MkdirTemp("", "vulndb-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	var states provider.States
	for _, f := range feeds {
		s, err := f.workspace(dir, tmp)
		if err != nil {
			return fmt.Errorf("feed %s: %w", f.name, err)
		}
		states = append(states, *s)
	}
	out := filepath.Join(tmp, "db")
	if err := os.Mkdir(out, 0o755); err != nil {
		return err
	}
	if err := db.Build(db.BuildConfig{SchemaVersion: 6, Directory: out, States: states, Timestamp: time.Now()}); err != nil {
		return err
	}
	if err := db.Package(out, "", "tar.zst", nil); err != nil {
		return err
	}
	made, err := filepath.Glob(filepath.Join(out, "*.tar.zst"))
	if err != nil || len(made) != 1 {
		return fmt.Errorf("expected one archive, found %q (%v)", made, err)
	}
	b, err := os.ReadFile(made[0])
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "vulnerability-db.tar.zst"), b, 0o644)
}

// workspace writes the folder that the builder expects of a provider.
func (f feed) workspace(dir, tmp string) (*provider.State, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "feeds", f.name+".json"))
	if err != nil {
		return nil, err
	}
	var in struct {
		Captured time.Time
		Items    []json.RawMessage
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return nil, err
	}
	var items []any
	for i, r := range in.Items {
		item, err := f.spell(r)
		if err != nil {
			return nil, fmt.Errorf("item %d: %w", i, err)
		}
		items = append(items, item)
	}
	schema := "https://raw.githubusercontent.com/anchore/vunnel/main/schema/vulnerability/" + f.schema + "/schema-1.0.0.json"
	w := provider.NewWorkspace(tmp, f.name)
	if err := os.MkdirAll(w.ResultsPath(), 0o755); err != nil {
		return nil, err
	}
	if err := writeJSON(filepath.Join(w.ResultsPath(), "all.json"), map[string]any{"schema": schema, "identifier": f.name, "item": items}); err != nil {
		return nil, err
	}
	if err := w.EnsureListingFile(); err != nil {
		return nil, err
	}
	state := map[string]any{
		"provider": f.name, "version": 1, "distribution_version": 1, "processor": "sealock testdata", "store": "flat-file",
		"schema": map[string]string{"version": "1.0.0", "url": schema}, "urls": []string{}, "timestamp": in.Captured,
		"listing": map[string]string{"path": "results/listing.xxh64", "digest": "", "algorithm": "xxh64"},
	}
	if err := writeJSON(w.StatePath(), state); err != nil {
		return nil, err
	}
	return w.ReadState()
}

func writeJSON(path string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o644)
}

// advisory is a GitHub security advisory.
type advisory struct {
	ID, Severity, CVSS, Published, Summary string
	CVE                                    []string
	Affected                               []struct{ Ecosystem, Name, Range, Fixed string }
}

func (a advisory) item() any {
	var fixed []any
	for _, f := range a.Affected {
		fixed = append(fixed, map[string]any{
			"name": f.Name, "identifier": f.Fixed, "ecosystem": f.Ecosystem, "namespace": "github:" + f.Ecosystem, "range": f.Range,
		})
	}
	out := map[string]any{
		"Classification": "GENERAL", "Severity": a.Severity, "FixedIn": fixed, "Summary": a.Summary, "CVE": a.CVE, "ghsaId": a.ID,
		"Metadata": map[string]any{"CVE": a.CVE}, "url": "https://github.com/advisories/" + a.ID, "published": a.Published,
		"updated": a.Published, "namespace": "github:" + a.Affected[0].Ecosystem,
	}
	if a.CVSS != "" {
		out["cvss_severities"] = []any{map[string]any{"vector": a.CVSS, "version": strings.TrimPrefix(a.CVSS[:8], "CVSS:")}}
	}
	return map[string]any{"Advisory": out}
}

// goVuln is a report of the Go vulnerability database.
type goVuln struct {
	ID, Published, Details string
	Aliases                []string
	Affected               []struct {
		Module  string
		Events  [][2]string // introduced, fixed or empty
		Imports []any
	}
}

func (g goVuln) item() any {
	var affected []any
	for _, a := range g.Affected {
		var events []any
		for _, e := range a.Events {
			events = append(events, map[string]string{"introduced": e[0]})
			if e[1] != "" {
				events = append(events, map[string]string{"fixed": e[1]})
			}
		}
		affected = append(affected, map[string]any{
			"package":            map[string]string{"name": a.Module, "ecosystem": "Go"},
			"ranges":             []any{map[string]any{"type": "SEMVER", "events": events}},
			"ecosystem_specific": map[string]any{"imports": a.Imports},
		})
	}
	out := map[string]any{
		"schema_version": "1.3.1", "id": g.ID, "details": g.Details, "aliases": g.Aliases, "affected": affected,
		"references":        []any{map[string]string{"type": "ADVISORY", "url": "https://pkg.go.dev/vuln/" + g.ID}},
		"database_specific": map[string]string{"url": "https://pkg.go.dev/vuln/" + g.ID},
	}
	if g.Published != "" {
		out["published"] = g.Published
		out["modified"] = g.Published
	}
	return out
}

// debianVuln is an entry of Debian's security tracker.
type debianVuln struct {
	CVE, Severity, Issued, Description, Release, Package, Version string
	WontFix                                                       bool
}

func (d debianVuln) item() any {
	namespace := "debian:" + d.Release
	return map[string]any{"Vulnerability": map[string]any{
		"Name": d.CVE, "NamespaceName": namespace, "Severity": d.Severity, "Description": d.Description, "CVSS": []any{},
		"Link":     "https://security-tracker.debian.org/tracker/" + d.CVE,
		"Metadata": map[string]any{"Issued": d.Issued},
		"FixedIn": []any{map[string]any{
			"Name": d.Package, "NamespaceName": namespace, "Version": d.Version, "VersionFormat": "dpkg",
			"VendorAdvisory": map[string]any{"NoAdvisory": d.WontFix, "AdvisorySummary": []any{}},
		}},
	}}
}
