// SPDX-License-Identifier: Apache-2.0

package vulns

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/anchore/grype/grype/vulnerability"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

func TestSameBytesTwice(t *testing.T) {
	db := openDB(t, imported(t))
	var all [2][]byte
	for i := range all {
		b, err := attest.EncodeJSON(scan(t, dirDocument(t, shop(t)), db)) // another checkout each time
		if err != nil {
			t.Fatal(err)
		}
		all[i] = b
	}
	if string(all[0]) != string(all[1]) {
		t.Errorf("expected\n%s\nfound\n%s", all[0], all[1])
	}
	if strings.Contains(string(all[0]), "/tmp") || strings.Contains(string(all[0]), "null") {
		t.Errorf("holds a path of the machine, or null: %s", all[0])
	}
}

func TestNothingFound(t *testing.T) {
	v := scan(t, dirDocument(t, t.TempDir()), openDB(t, imported(t)))
	b, err := json.Marshal(v.Scanner.Result)
	if err != nil || string(b) != "[]" || v.Scanner.DB.Packages != 0 {
		t.Errorf("found %s, %v", b, err)
	}
}

func TestScanCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	doc, db := dirDocument(t, shop(t)), openDB(t, imported(t))
	cancel()
	if _, err := Scan(ctx, doc, db, clock, "test"); !errors.Is(err, context.Canceled) {
		t.Errorf("found %v", err)
	}
}

// TestP21_Severities: the worst that any source says counts, and what nobody says is unknown, never low.
func TestP21_Severities(t *testing.T) {
	cvss := func(version string, score float64) vulnerability.Cvss {
		return vulnerability.Cvss{Version: version, Metrics: vulnerability.CvssMetrics{BaseScore: score}}
	}
	for _, c := range []struct {
		want string
		in   []*vulnerability.Metadata
	}{
		{"unknown", nil},
		{"unknown", []*vulnerability.Metadata{{}}},
		{"unknown", []*vulnerability.Metadata{{Severity: "UNKNOWN"}, {Severity: "crit"}}},
		{"critical", []*vulnerability.Metadata{{Severity: "CRITICAL "}}},
		{"high", []*vulnerability.Metadata{{Severity: "Negligible"}, {Severity: "unknown", Cvss: []vulnerability.Cvss{cvss("3.1", 7.5)}}}},
		{"critical", []*vulnerability.Metadata{{Severity: "Low", Cvss: []vulnerability.Cvss{cvss("3.1", 9.8), cvss("2.0", 5)}}}},
		{"high", []*vulnerability.Metadata{{Cvss: []vulnerability.Cvss{cvss("2.0", 10)}}}},
		{"medium", []*vulnerability.Metadata{{Severity: "medium", Cvss: []vulnerability.Cvss{cvss("4.0", 0)}}}},
	} {
		if got := severities(c.in); got[0].Method != levelMethod || got[0].Score != c.want {
			t.Errorf("expected %s, found %+v", c.want, got)
		}
	}
}

func TestFixStates(t *testing.T) {
	for _, c := range []struct {
		state    vulnerability.FixState
		versions []string
		want     string
	}{
		{"", nil, "unknown"}, {"", []string{"1"}, "fixed"}, {"fixed", []string{"1"}, "fixed"}, {"not-fixed", nil, "not-fixed"},
		{"wont-fix", nil, "wont-fix"}, {"unknown", nil, "unknown"}, {"later", nil, "unknown"},
	} {
		if got := fixState(vulnerability.Fix{State: c.state, Versions: c.versions}); got != c.want {
			t.Errorf("%+v: found %s", c, got)
		}
	}
}

// TestOneResultForEachPackage: what several records say about one vulnerability in one package becomes one result, whatever their order.
func TestOneResultForEachPackage(t *testing.T) {
	x := predicate.VulnResult{ID: "V", Severity: []predicate.Severity{{Method: levelMethod, Score: "low"}, {Method: "CVSSv3.1", Score: "9.8"}},
		Annotations: []predicate.VulnAnnotation{{FixState: "wont-fix", FixedIn: []string{}, Published: "2026-01-01T00:00:00Z", Aliases: []string{"B"}, EPSS: 0.1}}}
	y := predicate.VulnResult{ID: "V", Severity: []predicate.Severity{{Method: levelMethod, Score: "critical"}, {Method: "CVSSv3.1", Score: "10.0"}, {Method: "CVSSv2.0", Score: "5.0"}},
		Annotations: []predicate.VulnAnnotation{{FixState: "not-fixed", FixedIn: []string{}, Published: "2025-01-01T00:00:00Z", Aliases: []string{"A", "B"}, KEV: true}}}
	want := "{V [{sealock critical} {CVSSv2.0 5.0} {CVSSv3.1 10.0}] [{   not-fixed [] 2025-01-01T00:00:00Z true 0.1 [A B] [] false}]}"
	for _, got := range []predicate.VulnResult{merge(x, y), merge(y, x)} {
		if s := fmt.Sprintf("%v", got); s != want {
			t.Errorf("expected\n%s\nfound\n%s", want, s)
		}
	}
}

// BenchmarkScan matches 2,000 npm packages.
func BenchmarkScan(b *testing.B) {
	dir := b.TempDir()
	var lock strings.Builder
	lock.WriteString(`{"name":"x","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"x","version":"1.0.0"}`)
	for i := range 2000 {
		fmt.Fprintf(&lock, `,"node_modules/p%d":{"version":"1.0.%d"}`, i, i)
	}
	lock.WriteString(`,"node_modules/lodash":{"version":"4.17.20"}}}`)
	write(b, dir, "package-lock.json", lock.String())
	doc, db := dirDocument(b, dir), openDB(b, imported(b))
	began := time.Now()
	for b.Loop() {
		if v := scan(b, doc, db); len(v.Scanner.Result) == 0 {
			b.Fatal("found nothing")
		}
	}
	b.ReportMetric(float64(2000*b.N)/time.Since(began).Seconds(), "packages/s")
}
