// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
)

// said is what a document says about one decision, or about all of them together.
type said struct {
	verdict                   gate.Verdict
	reasons, warnings, waived int
	secrets                   int // of the reasons and warnings
}

// counted leaves out what only the readers of GitLab's security reports need to know.
func (s said) counted() said {
	s.secrets = 0
	return s
}

func sayings(decisions []gate.Decision) []said {
	out := make([]said, len(decisions))
	for i, d := range decisions {
		out[i] = said{d.Verdict, len(d.Reasons), len(d.Warnings), len(d.Waived), 0}
		for _, r := range slices.Concat(d.Reasons, d.Warnings) {
			if r.Code == codeSecret {
				out[i].secrets++
			}
		}
	}
	return out
}

// together adds up.
func together(all []said) said {
	sum, verdicts := said{}, make([]gate.Decision, len(all))
	for i, s := range all {
		verdicts[i].Verdict = s.verdict
		sum.reasons, sum.warnings, sum.waived, sum.secrets = sum.reasons+s.reasons, sum.warnings+s.warnings, sum.waived+s.waived, sum.secrets+s.secrets
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
			x.Code = []string{"VULNERABILITY", "CONFIG_FINDING", "APPROVAL_MISSING", codeSecret}[r.IntN(4)]
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
	"codequality": readCodeQuality, "gitlab-sast": readSAST, "gitlab-secrets": readSecrets, "dotenv": readDotenv, "html": readHTML,
}

// O-14, O-03, O-04, O-06, O-13: every format says the same of the same decisions, and nothing that came from outside changes what it says or what form it has.
func TestO14_EveryFormatSaysTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7)) //nolint:gosec // repeatable
	for n := range 60 {
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
			if err := Write(&b, format, decisions, Options{Verbose: true, Subjects: []string{texts(r)()}, Base: "shop", Meaning: func(string) string { return "it matters" }}); err != nil {
				t.Fatalf("%s: %v", format, err)
			}
			for _, c := range b.String() {
				if c != '\n' && (unicode.IsControl(c) || unicode.Is(unicode.Cf, c)) && format != "json" && format != "html" { // the page has line breaks and marks of its own
					t.Fatalf("%s lets %U through:\n%s", format, c, b.String())
				}
			}
			got := read(t, b.Bytes(), want)
			if len(got) == 1 && len(want) > 1 {
				if got[0].counted() != together(want).counted() {
					t.Fatalf("round %d, %s: says %+v, expected %+v:\n%s", n, format, got[0], together(want), b.String())
				}
				continue
			}
			if !slices.EqualFunc(got, want, func(a, b said) bool { return a.counted() == b.counted() }) {
				t.Fatalf("round %d, %s: says %+v, expected %+v:\n%s", n, format, got, want, b.String())
			}
			if gate.Worst(decisions) != together(got).verdict {
				t.Fatalf("round %d, %s: another exit code", n, format)
			}
		}
	}
}
