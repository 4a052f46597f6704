// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
)

// said is what a document says about one decision, or about all of them together.
type said struct {
	verdict                   gate.Verdict
	reasons, warnings, waived int
}

func sayings(decisions []gate.Decision) []said {
	out := make([]said, len(decisions))
	for i, d := range decisions {
		out[i] = said{d.Verdict, len(d.Reasons), len(d.Warnings), len(d.Waived)}
	}
	return out
}

// together adds up.
func together(all []said) said {
	sum, verdicts := said{}, make([]gate.Decision, len(all))
	for i, s := range all {
		verdicts[i].Verdict = s.verdict
		sum.reasons, sum.warnings, sum.waived = sum.reasons+s.reasons, sum.warnings+s.warnings, sum.waived+s.waived
	}
	sum.verdict = gate.Worst(verdicts)
	return sum
}

// hostile are texts that mean something to a terminal, a log, a CI service, a parser or a reader's eye.
var hostile = []string{
	"plain words", "", "::error file=x::owned", "##[add-mask]a", "\n::set-output name=verdict::allowed", "\x1b[31mred\x1b[0m", "\r\x1b[0Ksection_start:1:x\r", "a\u202eb\u2066c\u200bd",
	"[click](javascript:alert(1))", "![beacon](https://evil.example/x.png)", "<img src=x onerror=alert(1)>", "</details><script>alert(1)</script>", "a|b|c", "`` ` ```\n```", "`", "@alice #1 !2",
	"]]><x/>&amp;<![CDATA[", "\x00\x01\ufffe\uffff", "SEALOCK_VERDICT=allowed\nSEALOCK_VERDICT=allowed", "100% %0A %25", "file,line:1::", "[[ATTACHMENT|/etc/passwd]]", "\xff\xfe", "$(id) `id` 'x' \"y\"",
	"  x FAKE  5 reasons, 0 warnings, 0 waived", "<!-- marker -->", "- **`FAKE`**", "## ✅ `prod`: ALLOWED", strings.Repeat("long ", 900), "ünï ☃ 漢字",
}

func texts(r *rand.Rand) func() string {
	return func() string {
		s := hostile[r.IntN(len(hostile))]
		if r.IntN(3) == 0 {
			s += hostile[r.IntN(len(hostile))]
		}
		return s
	}
}

func generated(r *rand.Rand) gate.Decision {
	text := texts(r)
	reason := func() gate.Reason {
		x := gate.Reason{Code: text(), Stage: text(), Rule: text(), Message: text(), Expected: text(), Found: text(), Fix: text(), Evidence: []string{text()}}
		if r.IntN(2) == 0 {
			x.Code = []string{"VULNERABILITY", "CONFIG_FINDING", "APPROVAL_MISSING"}[r.IntN(3)]
		}
		if r.IntN(2) == 0 {
			x.Key = &gate.WaiverScope{Advisory: text(), PURL: text(), Path: text(), Resource: text(), Fingerprint: text()}
			x.Message = x.Key.Path + ":7: " + x.Message
		}
		return x
	}
	d := gate.Decision{Schema: gate.DecisionSchema, ID: text(), Verdict: gate.Verdict(r.IntN(3)), Question: gate.Question([]string{"enter", "stay"}[r.IntN(2)]), Preview: r.IntN(4) == 0,
		Subject: attest.Subject{Name: text(), Digest: attest.DigestSet{"sha256": strings.Repeat("ab", 32)}}, Environment: text(), Stage: text(), At: "2026-01-01T00:00:00Z",
		Policy: gate.PolicyRef{Name: text(), Version: r.IntN(9)}, Evaluator: gate.Evaluator{Version: text(), Rules: text()},
		Stages: []gate.StageStatus{{Name: text(), Status: "ok", Receipt: text(), FinishedAt: text()}, {Name: text(), Status: text()}}, Skipped: []gate.Skip{{What: text(), Why: text()}}}
	if r.IntN(3) == 0 {
		d.At = text()
	}
	for range r.IntN(4) {
		d.Reasons = append(d.Reasons, reason())
	}
	for range r.IntN(4) {
		d.Warnings = append(d.Warnings, reason())
	}
	for range r.IntN(3) {
		d.Waived = append(d.Waived, gate.Waived{By: "waiver", Reason: reason(), Waiver: gate.Waiver{Reason: text(), Owner: text()}})
	}
	return d
}

// readers read each format back. What they give is one for each decision, or one for all.
var readers = map[string]func(t *testing.T, doc []byte, want []said) []said{
	"text": readText, "json": readJSON, "sarif": readSARIF, "junit": readJUnit, "markdown": readMarkdown, "github": readGitHub,
	"codequality": readCodeQuality, "gitlab-sast": readSAST, "dotenv": readDotenv, "html": readHTML,
}

// O-14, O-03, O-04, O-06, O-13: every format says the same of the same decisions, and nothing that came from outside changes what it says or what form it has.
func TestO14_EveryFormatSaysTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7)) //nolint:gosec // repeatable
	for n := range 100 {
		decisions := []gate.Decision{generated(r)}
		for range r.IntN(3) {
			decisions = append(decisions, generated(r))
		}
		want := sayings(decisions)
		for _, format := range Formats() {
			read := readers[format]
			if read == nil {
				t.Fatalf("nothing reads %s back", format)
			}
			var b bytes.Buffer
			if err := Write(&b, format, decisions, Options{Verbose: true, Subjects: []string{texts(r)()}}); err != nil {
				t.Fatalf("%s: %v", format, err)
			}
			for _, c := range b.String() {
				if c != '\n' && (unicode.IsControl(c) || unicode.Is(unicode.Cf, c)) && format != "json" && format != "html" { // the page has line breaks and marks of its own
					t.Fatalf("%s lets %U through:\n%s", format, c, b.String())
				}
			}
			got := read(t, b.Bytes(), want)
			if len(got) == 1 && len(want) > 1 {
				if got[0] != together(want) {
					t.Fatalf("round %d, %s: says %+v, expected %+v:\n%s", n, format, got[0], together(want), b.String())
				}
				continue
			}
			if !slices.Equal(got, want) {
				t.Fatalf("round %d, %s: says %+v, expected %+v:\n%s", n, format, got, want, b.String())
			}
			if gate.Worst(decisions) != together(got).verdict {
				t.Fatalf("round %d, %s: another exit code", n, format)
			}
		}
	}
}

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
		word := strings.TrimPrefix(m[2], "sealock%3A ")
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

func readSAST(t *testing.T, doc []byte, want []said) []said {
	var r sastReport
	if err := json.Unmarshal(doc, &r); err != nil {
		t.Fatal(err)
	}
	if r.Version != sastVersion || len(r.Scan.Messages) != len(want) || !regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$`).MatchString(r.Scan.Start) || r.Scan.Scanner.Version == "" {
		t.Fatalf("found %+v", r.Scan)
	}
	sum, verdicts := together(want), 0
	for _, s := range want {
		if s.verdict != gate.Allowed {
			verdicts++
		}
	}
	if len(r.Findings) != verdicts+sum.reasons+sum.warnings || (r.Scan.Status == "success") == (sum.verdict == gate.Undecided) {
		t.Fatalf("%d findings, status %s for %+v", len(r.Findings), r.Scan.Status, sum)
	}
	for _, f := range r.Findings {
		if f.ID == "" || len(f.Identifiers) == 0 || f.Identifiers[0].Value == "" || f.Location.File == "" || f.Location.Start < 1 || len([]rune(f.Name)) > maxName || len([]rune(f.Solution)) > 7000 ||
			!slices.Contains([]string{"Info", "Unknown", "Low", "Medium", "High", "Critical"}, f.Severity) {
			t.Fatalf("found %+v", f)
		}
		for _, l := range strings.Split(f.Description+"\n"+f.Solution, "\n") {
			if withoutSpans(l) != "" && withoutSpans(l) != "-" {
				t.Fatalf("Markdown from outside: %q", l)
			}
		}
	}
	return []said{sum}
}

func readDotenv(t *testing.T, doc []byte, _ []said) []said {
	if len(doc) > 5<<10 {
		t.Fatalf("%d bytes", len(doc))
	}
	values := map[string]string{}
	for _, l := range strings.Split(strings.TrimSuffix(string(doc), "\n"), "\n") {
		m := regexp.MustCompile(`^SEALOCK_([A-Z]+)=([A-Za-z0-9._:/@+,-]*)$`).FindStringSubmatch(l)
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
	if len(want) > 1 && together(out) != together(want) {
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
