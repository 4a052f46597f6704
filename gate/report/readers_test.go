// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/sealock-dev/sealock/gate"
)

func verdictWord(t *testing.T, s string) gate.Verdict {
	t.Helper()
	var v gate.Verdict
	if err := v.UnmarshalText([]byte(strings.ToLower(s))); err != nil {
		t.Fatal(err)
	}
	return v
}

func readText(t *testing.T, doc []byte, _ []said) []said {
	var out []said
	head := regexp.MustCompile(`^(?:"?.*): (ALLOWED|REFUSED|UNDECIDED)(?: to stay)?(?: \(preview\))?  .*\(policy .* v\d+\)$`)
	for _, l := range strings.Split(strings.TrimSuffix(string(doc), "\n"), "\n") {
		switch m := head.FindStringSubmatch(l); {
		case !strings.HasPrefix(l, "  "):
			if m == nil || strings.HasPrefix(l, "::") {
				t.Fatalf("a line of its own: %q", l)
			}
			out = append(out, said{verdict: verdictWord(t, m[1])})
		case strings.HasPrefix(l, "  x "):
			out[len(out)-1].reasons++
		case strings.HasPrefix(l, "  ! "):
			out[len(out)-1].warnings++
		case strings.HasPrefix(l, "  ~ "):
			out[len(out)-1].waived++
		}
		if strings.Contains(l, "##[") || strings.HasPrefix(strings.TrimSpace(l), "::") {
			t.Fatalf("a command of a CI service: %q", l)
		}
	}
	return out
}

func readJSON(t *testing.T, doc []byte, _ []said) []said {
	var all []gate.Decision
	for dec := json.NewDecoder(bytes.NewReader(doc)); dec.More(); {
		var d gate.Decision
		if err := dec.Decode(&d); err != nil {
			t.Fatal(err)
		}
		all = append(all, d)
	}
	return sayings(all)
}

func readSARIF(t *testing.T, doc []byte, _ []said) []said {
	var out []said
	for _, run := range decodeLog(t, doc).Runs {
		s := said{verdict: verdictWord(t, run.Properties["verdict"].(string))}
		for i, r := range run.Results {
			switch {
			case i == 0 && s.verdict != gate.Allowed:
				if r.RuleID != "VERDICT" || r.Level != "error" {
					t.Fatalf("the first result is %+v", r)
				}
			case r.Level == "error":
				s.reasons++
			case r.Level == "warning":
				s.warnings++
			default:
				s.waived++
			}
			if len(r.Locations) == 0 || strings.Contains(r.Message.Text, "](") {
				t.Fatalf("found %+v", r)
			}
		}
		out = append(out, s)
	}
	return out
}

func readJUnit(t *testing.T, doc []byte, _ []said) []said {
	var report junitReport
	if err := xml.Unmarshal(doc, &report); err != nil {
		t.Fatalf("%v\n%s", err, doc)
	}
	var out []said
	for _, suite := range report.Suites {
		var s said
		for _, p := range suite.Properties {
			if p.Name == "verdict" {
				s.verdict = verdictWord(t, p.Value)
			}
		}
		names, bad := map[string]bool{}, 0
		for _, c := range suite.Cases {
			if key := c.Class + "\x00" + c.Name; names[key] {
				t.Fatalf("two cases are called %q", c.Name)
			} else {
				names[key] = true
			}
			if c.Failure != nil || c.Error != nil {
				bad++
			}
			switch {
			case strings.HasSuffix(c.Class, ".reason"):
				s.reasons++
			case strings.HasSuffix(c.Class, ".warning"):
				s.warnings++
			case c.Skipped != nil:
				s.waived++
			}
		}
		if suite.Failures+suite.Errors != bad || suite.Tests != len(suite.Cases) || (bad == 0) != (s.verdict == gate.Allowed && s.reasons == 0) {
			t.Fatalf("%d failures, %d errors in %d tests:\n%s", suite.Failures, suite.Errors, suite.Tests, doc)
		}
		if c := suite.Cases[0]; c.Name != "verdict" || (c.Error != nil) != (s.verdict == gate.Undecided) || (c.Failure != nil) != (s.verdict == gate.Refused) {
			t.Fatalf("the first case is %+v", c)
		}
		out = append(out, s)
	}
	return out
}

// withoutSpans takes the code spans out of a line of Markdown, as CommonMark finds them.
func withoutSpans(l string) string {
	var b strings.Builder
	for i := 0; i < len(l); {
		if l[i] != '`' {
			b.WriteByte(l[i])
			i++
			continue
		}
		n := len(l[i:]) - len(strings.TrimLeft(l[i:], "`"))
		end := -1
		for j := i + n; j < len(l) && end < 0; j++ {
			if m := len(l[j:]) - len(strings.TrimLeft(l[j:], "`")); m > 0 {
				if m == n {
					end = j + n
				}
				j += m
			}
		}
		if end < 0 {
			b.WriteString(l[i:]) // an open fence
			break
		}
		i = end
	}
	return b.String()
}

func readMarkdown(t *testing.T, doc []byte, want []said) []said {
	ours := regexp.MustCompile(`^(#{2,3} |- |  - )?[A-Za-z0-9 ,.:*()'#✅❌❔…-]*$|^</?details>(<summary>[A-Za-z]+: \d+</summary>)?$`)
	sum := said{}
	head := regexp.MustCompile(`^## \S+ (?:sealock)?.*: (ALLOWED|REFUSED|UNDECIDED)`)
	section, first := "", true
	for _, l := range strings.Split(string(doc), "\n") {
		l = withoutSpans(l)
		if !ours.MatchString(l) {
			t.Fatalf("not ours: %q", l)
		}
		switch {
		case first:
			m := head.FindStringSubmatch(l)
			if m == nil {
				t.Fatalf("the first line is %q", l)
			}
			sum.verdict, first = verdictWord(t, m[1]), false
		case strings.HasPrefix(l, "<details>"):
			section, _, _ = strings.Cut(strings.TrimPrefix(l, "<details><summary>"), ":")
		case l == "</details>":
			section = ""
		case strings.HasPrefix(l, "- ") && section == "":
			sum.reasons++
		case strings.HasPrefix(l, "- ") && section == "Warnings":
			sum.warnings++
		case strings.HasPrefix(l, "- ") && section == "Waived":
			sum.waived++
		}
	}
	if len(want) == 1 && !strings.Contains(string(doc), fmt.Sprintf("**%s**", shown{Decision: decisionOf(want[0])}.counts())) {
		t.Fatalf("no counts in:\n%s", doc)
	}
	return []said{sum}
}

// decisionOf has as many of everything.
func decisionOf(s said) gate.Decision {
	return gate.Decision{Verdict: s.verdict, Reasons: make([]gate.Reason, s.reasons), Warnings: make([]gate.Reason, s.warnings), Waived: make([]gate.Waived, s.waived)}
}

func readGitHub(t *testing.T, doc []byte, want []said) []said {
	form := regexp.MustCompile(`^::(error|warning|notice) (?:file=[^:,]*,)?(?:line=\d+,)?title=([^:,]*)::(.*)$`)
	count := map[string]int{}
	sum := together(want)
	for i, l := range strings.Split(strings.TrimSuffix(string(doc), "\n"), "\n") {
		m := form.FindStringSubmatch(l)
		if m == nil {
			t.Fatalf("no command: %q", l)
		}
		count[m[1]]++
		if i > 0 {
			continue
		}
		word := strings.TrimSuffix(strings.TrimPrefix(m[2], "sealock%3A "), " (preview)")
		if sum.verdict != verdictWord(t, word) || (m[1] == "notice") != (sum.verdict == gate.Allowed) {
			t.Fatalf("the first command is %q", l)
		}
		if len(want) == 1 && !strings.HasSuffix(m[3], "; "+shown{Decision: decisionOf(want[0])}.counts()) {
			t.Fatalf("no counts in %q", l)
		}
	}
	verdictLine := 0
	if sum.verdict != gate.Allowed {
		verdictLine = 1
	}
	if count["error"] != min(sum.reasons+verdictLine, maxAnnotations) || count["warning"] != min(sum.warnings, maxAnnotations) {
		t.Fatalf("found %v for %+v", count, sum)
	}
	return []said{sum}
}

func readCodeQuality(t *testing.T, doc []byte, want []said) []said {
	var all []codeIssue
	if err := json.Unmarshal(doc, &all); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, x := range all {
		if ids[x.Fingerprint] || x.Location.Path == "" || strings.HasPrefix(x.Location.Path, "/") || strings.HasPrefix(x.Location.Path, "..") || x.Location.Lines.Begin < 1 ||
			!slices.Contains([]string{"info", "minor", "major", "critical", "blocker"}, x.Severity) {
			t.Fatalf("found %+v", x)
		}
		ids[x.Fingerprint] = true
	}
	sum := together(want)
	if len(all) != len(want)+sum.reasons+sum.warnings {
		t.Fatalf("%d entries for %+v", len(all), sum)
	}
	for i, x := range all {
		if isVerdict := i < len(want); isVerdict != (x.CheckName == "sealock/VERDICT") || isVerdict && !strings.Contains(x.Description, " waived") {
			t.Fatalf("entry %d is %+v", i, x)
		}
	}
	return []said{sum}
}

// readSAST and readSecrets read the two security reports; each has its part of what there is, and every verdict.
func readSAST(t *testing.T, doc []byte, want []said) []said {
	sum, verdicts := together(want), 0
	for _, s := range want {
		if s.verdict != gate.Allowed {
			verdicts++
		}
	}
	return []said{readSecurity(t, doc, want, typeSAST, verdicts+sum.reasons+sum.warnings-sum.secrets)}
}

func readSecrets(t *testing.T, doc []byte, want []said) []said {
	return []said{readSecurity(t, doc, want, typeSecrets, together(want).secrets)}
}

func readSecurity(t *testing.T, doc []byte, want []said, kind string, findings int) said {
	holdsToSchema(t, kind, doc)
	var r securityReport
	if err := json.Unmarshal(doc, &r); err != nil {
		t.Fatal(err)
	}
	sum := together(want)
	if len(r.Scan.Messages) < len(want) || r.Scan.Scanner.Version == "" {
		t.Fatalf("found %+v", r.Scan)
	}
	for i := range want {
		if !strings.Contains(r.Scan.Messages[i].Value, " waived") {
			t.Fatalf("no counts in %q", r.Scan.Messages[i].Value)
		}
	}
	if len(r.Findings) != findings || (r.Scan.Status == "success") == (sum.verdict == gate.Undecided) {
		t.Fatalf("%d findings, expected %d, status %s for %+v", len(r.Findings), findings, r.Scan.Status, sum)
	}
	for _, f := range r.Findings {
		if (f.Name == codeSecret) != (kind == typeSecrets) || strings.HasPrefix(f.Location.File, "/") || strings.HasPrefix(f.Location.File, "..") {
			t.Fatalf("found %+v", f)
		}
		for _, l := range strings.Split(f.Description+"\n"+f.Solution, "\n") {
			if withoutSpans(l) != "" && withoutSpans(l) != "-" {
				t.Fatalf("Markdown from outside: %q", l)
			}
		}
	}
	return sum
}

func readDotenv(t *testing.T, doc []byte, _ []said) []said {
	if len(doc) > 5<<10 {
		t.Fatalf("%d bytes", len(doc))
	}
	values := map[string]string{}
	for _, l := range strings.Split(strings.TrimSuffix(string(doc), "\n"), "\n") {
		m := regexp.MustCompile(`^SEALOCK_(?:PREVIEW_)?([A-Z]+)=([A-Za-z0-9._:/@+,-]*)$`).FindStringSubmatch(l)
		if m == nil || values[m[1]] != "" {
			t.Fatalf("no value, or a second one: %q", l)
		}
		values[m[1]] = m[2]
	}
	s := said{verdict: verdictWord(t, values["VERDICT"])}
	for name, to := range map[string]*int{"REASONS": &s.reasons, "WARNINGS": &s.warnings, "WAIVED": &s.waived} {
		if _, err := fmt.Sscan(values[name], to); err != nil {
			t.Fatal(err)
		}
	}
	return []said{s}
}

func readHTML(t *testing.T, doc []byte, want []said) []said {
	root, err := html.Parse(bytes.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	var out []said
	count := func(dt *html.Node) (n int) {
		if _, err := fmt.Sscan(textOf(dt.NextSibling), &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for n := range root.Descendants() {
		switch {
		case n.Type != html.ElementNode:
		case n.Data == "h2" && attribute(n, "id") == fmt.Sprintf("d%d-title", len(out)+1):
			title := textOf(n)
			out = append(out, said{verdict: verdictWord(t, title[strings.LastIndex(title, ": ")+2:])})
		case n.Data == "dt" && textOf(n) == "Against it":
			out[len(out)-1].reasons = count(n)
		case n.Data == "dt" && textOf(n) == "Warnings":
			out[len(out)-1].warnings = count(n)
		case n.Data == "dt" && textOf(n) == "Waived":
			out[len(out)-1].waived = count(n)
		}
	}
	if len(want) > 1 && together(out) != together(want).counted() {
		t.Fatalf("found %+v", out)
	}
	return out
}

func textOf(n *html.Node) string {
	var b strings.Builder
	if n.Type == html.TextNode {
		b.WriteString(n.Data)
	}
	for c := range n.ChildNodes() {
		b.WriteString(textOf(c))
	}
	return strings.TrimSpace(b.String())
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
