// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
)

// typeVulns is the predicate of which every result carries sealock's annotation.
const typeVulns = "https://in-toto.io/attestation/vulns/v0.2"

const worst = 4

// rankOf has the words that tools use for severities.
var rankOf = map[string]int{
	"none": 0, "negligible": 0, "info": 0, "informational": 0, "unimportant": 0,
	"low": 1, "minor": 1, "note": 1,
	"medium": 2, "moderate": 2, "warning": 2,
	"high": 3, "important": 3, "error": 3,
	"critical": worst,
}

var scoreForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(10|[0-9])(\.[0-9]{1,2})?$`) })

// rankOfScore is the level of a CVSS base score (CVSS v3.1, table 14: from 9.0 critical, 7.0 high, 4.0 medium, 0.1 low; NVD rates v2 the same, without
// critical). The method says which version.
func rankOfScore(method string, n float64) int {
	switch {
	case n >= 9 && !strings.HasPrefix(method, "2"):
		return worst
	case n >= 7:
		return 3
	case n >= 4:
		return 2
	case n > 0:
		return 1
	}
	return 0
}

// rating reads one source's severity. What is neither a known word nor a score is the worst: a typing error must not hide a finding.
// A CVSS vector rates nothing by itself; tools that write one write its score beside it.
func rating(method string, score ast.Value) (level int, unknown, rates bool) {
	if !isString(score) {
		return worst, false, true
	}
	s := strings.ToLower(strings.TrimSpace(str(score)))
	if n, known := rankOf[s]; known {
		return n, false, true
	}
	if s == "unknown" {
		return -1, true, true
	}
	if scoreForm().MatchString(s) {
		if n, err := strconv.ParseFloat(s, 64); err == nil && n <= 10 {
			return rankOfScore(method, n), false, true
		}
	}
	if strings.HasPrefix(s, "cvss:") {
		return -1, false, false
	}
	return worst, false, true
}

// severity is the worst of all ratings, and whether some source says that it does not know. No rating at all counts as the worst.
func severity(v ast.Value) (level int, unknown bool) {
	ratings, ok := items(v)
	if !ok {
		return worst, false
	}
	level, any := -1, false
	for _, s := range ratings {
		l, u, rates := rating(str(get(s, "method")), get(s, "score"))
		level, unknown, any = max(level, l), unknown || u, any || rates
	}
	if !any {
		return worst, false
	}
	return level, unknown
}

func (r *reader) vulns(p ast.Value, predicateType string) []any {
	results, ok := items(get(p, "scanner", "result"))
	if !ok {
		r.problem("scanner.result", "a list of results", get(p, "scanner", "result"))
	}
	findings := make([]*ast.Term, 0, len(results))
	packages := ast.NewSet()
	var index findingIndex
	for _, v := range results {
		f, is := r.vulnerability(v, predicateType == typeVulns, packages)
		findings = append(findings, f)
		index.add(f, is)
	}
	return []any{"findings", findings, "byLevel", index.levels(), "unrated", index.unrated, "exploited", index.exploited, "packages", packages, "times", r.object(
		"started", r.time(get(p, "metadata", "scanStartedOn")), "finished", r.time(get(p, "metadata", "scanFinishedOn")),
		"updated", r.time(get(p, "scanner", "db", "lastUpdate")), "built", r.time(get(p, "scanner", "db", "built")))}
}

// findingIndex lists findings by what rules look for first, so that a rule need not go through thousands to find none.
type findingIndex struct {
	byLevel            [worst + 2][]*ast.Term // from level -1
	unrated, exploited []*ast.Term
}

// indexed is by what a finding is listed.
type indexed struct {
	level        int
	unknown, kev bool
}

func (x *findingIndex) add(f *ast.Term, is indexed) {
	x.byLevel[is.level+1] = append(x.byLevel[is.level+1], f)
	if is.unknown {
		x.unrated = append(x.unrated, f)
	}
	if is.kev {
		x.exploited = append(x.exploited, f)
	}
}

// levels is {level: [finding…]} of the levels that there are.
func (x *findingIndex) levels() *ast.Term {
	var out [][2]*ast.Term
	for i, list := range x.byLevel {
		if len(list) > 0 {
			out = append(out, [2]*ast.Term{ast.IntNumberTerm(i - 1), ast.ArrayTerm(list...)})
		}
	}
	return ast.NewTerm(ast.NewObject(out...))
}

func (r *reader) vulnerability(v ast.Value, annotated bool, packages ast.Set) (*ast.Term, indexed) {
	id := str(get(v, "id"))
	if blank(id) {
		r.problem("a result", "an object with an id", v)
		id = "(no id)"
	}
	level, unknown := severity(get(v, "severity"))
	var a ast.Value
	list, _ := items(get(v, "annotations"))
	for _, x := range list {
		packages.Add(ast.StringTerm(identity(x)))
	}
	if len(list) > 0 {
		a = list[0]
	}
	if annotated && (len(list) != 1 || !wellAnnotated(a)) {
		r.problem("the annotation of "+shorten(id), "one object with purl, name, version, fixState, kev, epss and times in RFC 3339", get(v, "annotations"))
	}
	kev, _ := boolean(get(a, "kev"))
	var epss any
	if _, ok := float(get(a, "epss")); ok {
		epss = get(a, "epss")
	}
	var published any
	day := ""
	if t, ok := parseTime(get(a, "published")); ok {
		published, day = ns(t), t.UTC().Format("2006-01-02")
	}
	fixedIn, _ := textItems(get(a, "fixedIn"))
	aliases, _ := textItems(get(a, "aliases"))
	return r.object("id", id, "purl", str(get(a, "purl")), "name", str(get(a, "name")), "version", str(get(a, "version")), "package", packageText(a),
		"level", level, "unknown", unknown, "kev", kev, "epss", epss, "fixState", str(get(a, "fixState")), "fixedIn", slices.DeleteFunc(fixedIn, blank),
		"published", published, "day", day, "aliases", slices.DeleteFunc(aliases, blank)), indexed{level, unknown, kev}
}

// wellAnnotated holds for an annotation that says all that sealock's own scan says. Without it, a result hides whether it is exploited, and what it is in.
func wellAnnotated(a ast.Value) bool {
	for _, name := range []string{"purl", "name", "version", "fixState"} {
		if !isString(get(a, name)) {
			return false
		}
	}
	for _, name := range []string{"fixedIn", "aliases"} {
		if _, ok := textItems(get(a, name)); !ok {
			return false
		}
	}
	if published := get(a, "published"); published != nil {
		if _, ok := parseTime(published); !ok {
			return false
		}
	}
	_, kev := boolean(get(a, "kev"))
	epss, ok := float(get(a, "epss"))
	return kev && ok && epss >= 0 && epss <= 1 && slices.Contains([]string{"fixed", "not-fixed", "wont-fix", "unknown"}, str(get(a, "fixState")))
}

func packageText(x ast.Value) string {
	purl, name, version := str(get(x, "purl")), str(get(x, "name")), str(get(x, "version"))
	switch {
	case !blank(purl):
		return shorten(purl)
	case blank(name):
		return "a package without a name"
	}
	return shorten(strings.TrimSpace(name + " " + version))
}
