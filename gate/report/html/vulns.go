// SPDX-License-Identifier: Apache-2.0

package html

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
)

// Columns of the list of vulnerabilities.
const (
	vulnID = iota
	vulnSeverity
	vulnPackage
	vulnVersion
	vulnFixed
	vulnSignals
	vulnOutcome
	vulnArtifact
	vulnLink
)

// levels are the words for severities, the worst first. What is unknown may be anything, so it stands above what is known not to be grave.
var levels = []string{"critical", "high", "unknown", "medium", "low", "negligible"}

// levelClass is the colour of a severity.
func levelClass(text string) string {
	if slices.Contains(levels, text) {
		return "level-" + text
	}
	return "level-other"
}

// vulnRow is one vulnerability of one package, before it is a row.
type vulnRow struct {
	cells []string
	rank  int // of the severity, 0 is the worst
}

// listed is a list with what is to say about it.
type listed struct {
	Grid  *grid
	Notes []string
	Empty string // why there is no list
}

// vulnerabilities lists what the scans found, package by package, those with the worst findings first. It also counts them by package.
func vulnerabilities(id string, c Case, x counted) (listed, map[string]int) {
	out, found := listed{}, x.of[predicate.KindVulns]
	counts := map[string]int{}
	if len(found) == 0 {
		out.Empty = absent(c, "a scan for vulnerabilities")
		return out, counts
	}
	outcomes := outcomesOf(c.Decision)
	var rows []vulnRow
	for _, a := range found {
		var v predicate.Vulns
		if err := predicate.Decode(a.st, &v); err != nil {
			out.Notes = append(out.Notes, unreadable(a, err))
			continue
		}
		out.Notes = append(out.Notes, scanNote(a, v))
		for _, r := range v.Scanner.Result {
			row := vulnCells(r, a, outcomes)
			rows = append(rows, row)
			if len(r.Annotations) > 0 {
				counts[r.Annotations[0].PURL]++
			}
		}
	}
	g := &grid{ID: id + "-vulnerabilities", Caption: "Vulnerabilities by package", Noun: "vulnerabilities",
		Columns: []column{linked("Vulnerability", vulnLink), level("Severity"), text("Package"), code("Version"), code("Fixed in"), text("Exploitation"), choice("Outcome"), choice("Artifact"), hidden()}}
	if !several(found) {
		g.Columns[vulnArtifact].Kind, g.Columns[vulnArtifact].Filter = kindHidden, false
	}
	for _, r := range byPackage(rows) {
		g.add(r.cells...)
		if link := advisory(g.cell(vulnID)); link != "" {
			g.pattern(vulnLink, link+ref(vulnID))
		}
	}
	out.Grid = g
	return out, counts
}

func scanNote(a about, v predicate.Vulns) string {
	data := cmp.Or(v.Scanner.DB.LastUpdate, v.Scanner.DB.Built, "unknown")
	return plain(fmt.Sprintf("%s: %s %s, data of %s, %d packages examined.", a.Name, cmp.Or(v.Scanner.URI, "scanner"), v.Scanner.Version, data, v.Scanner.DB.Packages))
}

func vulnCells(r predicate.VulnResult, a about, outcomes map[string]string) vulnRow {
	var n predicate.VulnAnnotation
	if len(r.Annotations) > 0 {
		n = r.Annotations[0]
	}
	word := severityOf(r)
	var signals []string
	if n.KEV {
		signals = append(signals, "known to be exploited")
	}
	if n.EPSS > 0 {
		signals = append(signals, "EPSS "+strconv.FormatFloat(n.EPSS*100, 'f', 1, 64)+" %")
	}
	fixed := strings.Join(n.FixedIn, ", ")
	if fixed == "" {
		fixed = map[string]string{"wont-fix": "won't be fixed", "not-fixed": "no fix yet"}[n.FixState]
	}
	outcome := "not objected to"
	for _, s := range a.st.Subject {
		if o := outcomes[outcomeKey(r.ID, n.PURL, s.Digest.Primary().String())]; o != "" {
			outcome = o
		}
	}
	return vulnRow{[]string{r.ID, word, cmp.Or(n.Name, n.PURL), n.Version, fixed, strings.Join(signals, ", "), outcome, a.Name, ""}, slices.Index(levels, word)}
}

// severityOf is the level in words: what sealock's own scan says, else the worst score of others by CVSS's bands.
func severityOf(r predicate.VulnResult) string {
	best := len(levels)
	for _, s := range r.Severity {
		word := strings.ToLower(s.Score)
		if i := slices.Index(levels, word); i >= 0 && word != "unknown" { // what another source knows counts
			best = min(best, i)
		} else if score, err := strconv.ParseFloat(s.Score, 64); err == nil && score > 0 {
			best = min(best, slices.Index(levels, band(score)))
		}
	}
	if best == len(levels) {
		return "unknown"
	}
	return levels[best]
}

// band is the qualitative rating of CVSS v3.1, section 5.
func band(score float64) string {
	switch {
	case score >= 9:
		return "critical"
	case score >= 7:
		return "high"
	case score >= 4:
		return "medium"
	}
	return "low"
}

// byPackage puts findings of one package side by side: packages by their worst finding, then by name.
func byPackage(rows []vulnRow) []vulnRow {
	worst := map[[3]string]int{}
	key := func(r vulnRow) [3]string {
		return [3]string{r.cells[vulnPackage], r.cells[vulnVersion], r.cells[vulnArtifact]}
	}
	for _, r := range rows {
		if w, ok := worst[key(r)]; !ok || r.rank < w {
			worst[key(r)] = r.rank
		}
	}
	slices.SortStableFunc(rows, func(a, b vulnRow) int {
		ka, kb := key(a), key(b)
		return cmp.Or(worst[ka]-worst[kb], strings.Compare(ka[0], kb[0]), strings.Compare(ka[1], kb[1]), strings.Compare(ka[2], kb[2]), a.rank-b.rank,
			strings.Compare(a.cells[vulnID], b.cells[vulnID]))
	})
	return rows
}

func outcomeKey(advisory, purl, subject string) string {
	return strings.Join([]string{advisory, purl, subject}, "\x00")
}

// outcomesOf says what became of each finding that a rule spoke about. A refusal outweighs everything.
func outcomesOf(d gate.Decision) map[string]string {
	out := map[string]string{}
	note := func(r gate.Reason, outcome string) {
		if r.Key != nil && r.Key.Advisory != "" {
			out[outcomeKey(r.Key.Advisory, r.Key.PURL, r.Key.Subject)] = outcome
		}
	}
	for _, r := range d.Warnings {
		note(r, "warned about")
	}
	for _, w := range d.Waived {
		if w.VEX != nil {
			note(w.Reason, "VEX: "+strings.ReplaceAll(w.VEX.Status, "_", " "))
		} else {
			note(w.Reason, "waived by "+w.Waiver.Owner+" until "+w.Waiver.Expires.Format("2006-01-02"))
		}
	}
	for _, r := range d.Reasons {
		note(r, "refused")
	}
	return out
}

// advisoryForms are the names of advisories that have a page of their own, and what stands before the name in its address.
var advisoryForms = sync.OnceValue(func() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		"https://nvd.nist.gov/vuln/detail/": regexp.MustCompile(`^CVE-[0-9]{4}-[0-9]{4,19}$`),
		"https://github.com/advisories/":    regexp.MustCompile(`^GHSA(-[0-9a-z]{4}){3}$`),
		"https://pkg.go.dev/vuln/":          regexp.MustCompile(`^GO-[0-9]{4}-[0-9]{4,19}$`),
	}
})

// advisory is the address of an advisory's page without its name, "" if it has none that is known.
func advisory(id string) string {
	for address, form := range advisoryForms() {
		if form.MatchString(id) {
			return address
		}
	}
	return ""
}
