// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
)

func written(t *testing.T, format string, opt Options, decisions ...gate.Decision) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, format, decisions, opt); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return b.String()
}

func vulnerability(n int, severity string) gate.Reason {
	return gate.Reason{Code: "VULNERABILITY", Rule: "vulnerabilities", Message: fmt.Sprintf("CVE-2026-%04d in pkg:npm/a@1 is %s", n, severity), Expected: "nothing of severity high or worse",
		Found: "severity " + severity + ", published 2026-01-01", Fix: "upgrade pkg:npm/a@1 to 2", Key: &gate.WaiverScope{Advisory: fmt.Sprintf("CVE-2026-%04d", n), PURL: "pkg:npm/a@1"}}
}

// O-14: more than a service takes never costs the verdict, the worst come first, and it is said how many are missing.
func TestO14_MoreThanAPlatformTakes(t *testing.T) {
	const n = 26_000
	d := gate.Decision{Verdict: gate.Refused, Environment: "prod", At: "2026-01-01T00:00:00Z"}
	for i := range n - 1 {
		d.Reasons = append(d.Reasons, vulnerability(i, "high"))
	}
	d.Reasons = append(d.Reasons, vulnerability(99_999, "critical"))
	docs := map[string]string{}
	for _, format := range Formats() {
		doc := written(t, format, Options{}, d)
		docs[format] = doc
		if format != "html" && !strings.Contains(strings.ToLower(doc[:min(len(doc), 4_000)]), "refused") && format != "sarif" {
			t.Errorf("%s: the verdict is not at the begin", format)
		}
		if format != "html" && !strings.Contains(doc, "99999") && format != "dotenv" && format != "gitlab-secrets" {
			t.Errorf("%s: the worst finding is missing", format)
		}
	}
	d.Warnings = []gate.Reason{{Code: codeSecret, Message: "the secret that comes last"}}
	if doc := written(t, "gitlab-secrets", Options{}, d); !strings.Contains(doc, "the secret that comes last") {
		t.Error("gitlab-secrets: there is no room for a secret")
	}
	run := decodeLog(t, []byte(docs["sarif"])).Runs[0]
	if len(run.Results) != maxResults || run.Results[0].RuleID != "VERDICT" || run.Properties["omitted"] != float64(n-maxResults+1) || !strings.Contains(run.Results[0].Message.Text, "are not listed here") {
		t.Errorf("SARIF: %d results, %v", len(run.Results), run.Properties)
	}
	if len(docs["markdown"]) > 1<<20 || !strings.Contains(docs["markdown"], "more: see `-o json`") || !strings.Contains(docs["markdown"], "**26000 reasons, 0 warnings, 0 waived**") {
		t.Errorf("Markdown: %d bytes", len(docs["markdown"]))
	}
	if lines := strings.Split(strings.TrimSpace(docs["github"]), "\n"); len(lines) != maxAnnotations || !strings.Contains(lines[1], "99999") || !strings.Contains(lines[9], "25992 annotations") {
		t.Errorf("GitHub: %q", lines)
	}
	var issues []codeIssue
	if err := json.Unmarshal([]byte(docs["codequality"]), &issues); err != nil || len(issues) != maxListed || !strings.Contains(issues[0].Description, "21001 of all findings are not listed here") {
		t.Errorf("Code Quality: %v, %d entries", err, len(issues))
	}
	if c := strings.Count(docs["junit"], "<testcase"); c != maxCases || !strings.Contains(docs["junit"], "Only the first 5000 cases are here") {
		t.Errorf("JUnit: %d cases", c)
	}
	if !strings.Contains(docs["dotenv"], "SEALOCK_REASONS=26000\n") {
		t.Errorf("dotenv: %s", docs["dotenv"])
	}
	if text := docs["text"]; strings.Count(text, "  x ") != maxShown || !strings.Contains(text, "  … and 25995 more of VULNERABILITY: -v shows all\n") || !strings.Contains(text, "  26000 reasons, ") {
		t.Errorf("text: %s", text)
	}
	if !strings.Contains(docs["text"], "by a baseline: sealock waive --help\n") {
		t.Error("a first meeting is not told of baselines")
	}
	if text := written(t, "text", Options{Verbose: true}, d); strings.Count(text, "  x ") != n {
		t.Errorf("-v leaves something out")
	}
}

// The command that is shown does what it says when it is pasted into a shell; where nothing can be waived, none is shown.
func TestWaiveCommand(t *testing.T) {
	e := entry{Reason: vulnerability(1, "high")}
	if got, want := e.waive(shown{}), `sealock waive CVE-2026-0001 --rule vulnerabilities --purl pkg:npm/a@1 --until DAY --reason "…" --owner WHO`; got != want {
		t.Errorf("found %s", got)
	}
	finding := strings.Repeat("ab", 32)
	e.Reason = gate.Reason{Code: "CONFIG_FINDING", Rule: "config", Message: "a: b", Key: &gate.WaiverScope{Advisory: "workload.root", Path: "it's $(touch owned) `x`; y.yaml", Resource: "Pod a/b", Fingerprint: finding}}
	out, err := exec.CommandContext(t.Context(), "sh", "-c", "sealock() { printf '%s\\n' \"$@\"; }\n"+e.waive(shown{})).Output()
	if want := "waive\n" + finding + "\n--rule\nconfig\n--path\nit's $(touch owned) `x`; y.yaml\n--resource\nPod a/b\n--until\nDAY\n--reason\n…\n--owner\nWHO\n"; err != nil || string(out) != want {
		t.Errorf("%v, found %q", err, out)
	}
	for name, r := range map[string]gate.Reason{
		"a signature":       {Code: gate.CodeSigner, Message: "signed by somebody else"},
		"no rule":           {Code: "X", Key: &gate.WaiverScope{Fingerprint: finding}},
		"no finding":        {Code: "SCAN_INCOMPLETE", Rule: "config", Key: &gate.WaiverScope{Fingerprint: finding}},
		"nothing to name":   {Code: "TOOL_MISSING", Rule: "sast"},
		"nothing that fits": {Code: "SBOM", Rule: "sbom", Key: &gate.WaiverScope{Subject: "sha256:aa"}},
		"control character": {Code: "SECRET_FOUND", Rule: "secrets", Key: &gate.WaiverScope{Path: "a\nb", Fingerprint: finding}},
		"an option":         {Code: "VULNERABILITY", Rule: "vulnerabilities", Key: &gate.WaiverScope{Advisory: "-h", PURL: "pkg:npm/a@1"}},
	} {
		if got := (entry{Reason: r}).waive(shown{}); got != "" {
			t.Errorf("%s: found %s", name, got)
		}
	}
}

// A fix can be pasted too, whatever the subject and the folder are called: they are words of the shell, and only commands get the folder.
func TestFixCommand(t *testing.T) {
	d := gate.Decision{Verdict: gate.Refused, Reasons: []gate.Reason{{Code: "A", Message: "m", Fix: "run this sealock anew; sealock approve SUBJECT --env prod"}}}
	for _, name := range []string{"file:it's $(touch owned) `x`; y", "file:-rf", "registry.example.com/shop:1"} {
		text := written(t, "text", Options{Subjects: []string{name}, Dir: "my folder"}, d)
		_, command, found := strings.Cut(text, "fix: run this sealock anew; ")
		command, _, _ = strings.Cut(command, "\n")
		out, err := exec.CommandContext(t.Context(), "sh", "-c", "sealock() { printf '%s\\n' \"$@\"; }\n"+command).Output()
		if want := "-C\nmy folder\napprove\n" + name + "\n--env\nprod\n"; !found || err != nil || string(out) != want {
			t.Errorf("%s: %v, found %q", text, err, out)
		}
	}
	for name, opt := range map[string]Options{"a subject": {Subjects: []string{"file:a\nb"}}, "a folder": {Dir: "a\nb"}} {
		if text := written(t, "text", opt, d); !strings.Contains(text, "; sealock approve SUBJECT --env prod\n") {
			t.Errorf("%s that nobody can type: %s", name, text)
		}
	}
}

func TestPlace(t *testing.T) {
	for _, c := range []struct {
		path, message, file string
		line                int
	}{
		{"deploy/a.yaml", "deploy/a.yaml:7: privileged", "deploy/a.yaml", 7},
		{"deploy/a.yaml", "shop@sha256:00: deploy/a.yaml:12: privileged", "deploy/a.yaml", 12},
		{"./a.yaml", "./a.yaml: privileged", "a.yaml", 0},
		{"a.yaml", "a.yaml:x: privileged", "a.yaml", 0},
		{"/etc/passwd", "/etc/passwd:1: x", "", 0},
		{"../up", "../up:1: x", "", 0},
		{"", "a: b", "", 0},
	} {
		file, line := entry{Reason: gate.Reason{Message: c.message, Key: &gate.WaiverScope{Path: c.path}}}.place()
		if file != c.file || line != c.line {
			t.Errorf("%s: found %s:%d", c.message, file, line)
		}
	}
}

func TestWrap(t *testing.T) {
	text := "CODE  one two three four five six seven eight nine ten eleven twelve"
	got := wrap(text, 40, 4, 6)
	if strings.Join(strings.Fields(strings.Join(got, " ")), " ") != strings.Join(strings.Fields(text), " ") || len(got) < 2 {
		t.Errorf("found %q", got)
	}
	for i, l := range got {
		if limit := 40 - 4 - 2*min(i, 1); len(l) > limit || strings.HasSuffix(l, " ") {
			t.Errorf("line %q", l)
		}
	}
	word := strings.Repeat("x", 100)
	for name, lines := range map[string][]string{"no terminal": wrap(text, 0, 4, 6), "too narrow": wrap(text, 20, 4, 6), "a command": wrap("sealock "+text, 40, 4, 6), "a long word": wrap(word, 40, 4, 6)} {
		if len(lines) != 1 {
			t.Errorf("%s: found %q", name, lines)
		}
	}
	d := gate.Decision{Verdict: gate.Refused, Environment: "prod", Reasons: []gate.Reason{vulnerability(1, "high")}}
	narrow, wide := written(t, "text", Options{Width: 50}, d), written(t, "text", Options{}, d)
	if strings.Join(strings.Fields(narrow), " ") != strings.Join(strings.Fields(wide), " ") {
		t.Errorf("wrapping changes more than line breaks:\n%s", narrow)
	}
}

// What is said of a refusal: what is wrong, expected against found, the fix with the subject as it was named, why it matters.
func TestTextOfARefusal(t *testing.T) {
	d := gate.Decision{Verdict: gate.Refused, Environment: "prod", Subject: attest.Subject{Name: "shop"}, Policy: gate.PolicyRef{Name: "p", Version: 3},
		Reasons: []gate.Reason{{Code: "APPROVAL_MISSING", Message: "prod asks for 2 approvals", Expected: "2", Found: "0", Fix: "sealock approve SUBJECT --env prod"}}}
	got := written(t, "text", Options{Subjects: []string{"dir:shop"}, Meaning: func(code string) string { return "meaning of " + code }}, d)
	want := "prod: REFUSED  shop (policy p v3)\n  x APPROVAL_MISSING  prod asks for 2 approvals\n      expected 2; found 0\n      fix: sealock approve dir:shop --env prod\n      why: meaning of APPROVAL_MISSING\n"
	if got != want {
		t.Errorf("found\n%s", got)
	}
	d.Reasons[0].Message = "\x1b[31mred"
	if got := written(t, "text", Options{Color: true}, d); !strings.Contains(got, "\x1b[31mx\x1b[0m APPROVAL_MISSING  \\u{1b}[31mred\n") {
		t.Errorf("found %q", got)
	}
	d.Environment = "\x1b[31mprod"
	if got := Headline(d, Options{}); strings.Contains(got, "\x1b") { // as our own colours begin
		t.Errorf("found %q", got)
	}
}

// Each subject of several is named in its own fixes.
func TestSubjectsByDecision(t *testing.T) {
	d := gate.Decision{Reasons: []gate.Reason{{Code: "A", Message: "m", Fix: "sealock approve SUBJECT"}}}
	got := written(t, "text", Options{Subjects: []string{"dir:a", "dir:b"}}, d, d)
	if strings.Count(got, "approve dir:a\n") != 1 || strings.Count(got, "approve dir:b\n") != 1 {
		t.Errorf("found\n%s", got)
	}
	if got := written(t, "text", Options{Subjects: []string{"dir:a"}}, d, d); strings.Count(got, "approve dir:a\n") != 2 {
		t.Errorf("found\n%s", got)
	}
}

func TestChain(t *testing.T) {
	policy := &gate.Policy{PolicyFile: gate.PolicyFile{Stages: map[string]gate.Stage{"build": {After: []gate.After{{Stage: "source"}}}, "scan": {After: []gate.After{{Stage: "build"}}}},
		Artifacts: map[string]gate.Artifact{"service": {Product: "build"}}}}
	d := shown{Decision: gate.Decision{Subject: attest.Subject{Name: "shop"}, Stages: []gate.StageStatus{{Name: "source", Status: "ok", Receipt: "sha256:01", FinishedAt: "t1"},
		{Name: "build", Status: "ok", Receipt: "sha256:02", FinishedAt: "t2", Evidence: []gate.EvidenceEntry{{Type: "sbom", Digest: "sha256:0a"}, {Type: "sbom", Digest: "sha256:0b"}, {Type: "provenance", Digest: "sha256:0c"}}},
		{Name: "scan", Status: "refused"}}, Inputs: []gate.Input{{Digest: "sha256:01", Signer: "source-job"}, {Digest: "sha256:02", Signer: "build-job"}, {Digest: "sha256:0a", Signer: "build-job", Time: gate.InputTime{Value: "t3"}}}},
		requirements: []gate.Requirement{{Name: "stage source", Met: true}, {Name: "stage scan", Candidates: []gate.Candidate{{Digest: "sha256:03", Signer: "mallory\n::error", Time: "t4",
			Failed: &gate.Reason{Code: "SIGNER_NOT_ALLOWED", Message: "signed by somebody"}}}},
			{Name: "promotion to dev", Met: true, Candidates: []gate.Candidate{{Digest: "sha256:04", Signer: "release"}}}, {Name: "approvals for prod"}}}
	p := &printer{opt: Options{Policy: policy}}
	p.chain(d)
	want := `chain of shop@
├─ + build  sha256:02 by build-job, t2
│  ├─ sbom  2 statements, the first sha256:0a by build-job, t3
│  ├─ provenance  sha256:0c
│  └─ + source  sha256:01 by source-job, t1
├─ x scan: refused
│  ├─ x sha256:03 by mallory\u{a}::error, t4: SIGNER_NOT_ALLOWED  signed by somebody
│  └─ build (see above)
├─ + promotion to dev
│  └─ + sha256:04 by release, -
└─ x approvals for prod
   └─ nothing of this kind about this artifact
`
	if got := p.b.String(); got != want {
		t.Errorf("found\n%s", got)
	}
	p = &printer{}
	p.chain(d) // without the policy: what is known, as a list
	if got := p.b.String(); !strings.Contains(got, "├─ + source ") || !strings.Contains(got, "├─ + build ") {
		t.Errorf("found\n%s", got)
	}
}

type full struct{ after int }

func (f *full) Write(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, errors.New("no space left")
	}
	return len(p), nil
}

// O-11: what can't be written is an error, in every format.
func TestO11_FullOutput(t *testing.T) {
	d := gate.Decision{Verdict: gate.Allowed, Reasons: []gate.Reason{{Code: "A", Message: "m"}}}
	for _, format := range Formats() {
		if err := Write(&full{after: 10}, format, []gate.Decision{d}, Options{}); err == nil {
			t.Errorf("%s: no error", format)
		}
		if err := Explain(&full{after: 10}, format, []gate.Decision{d}, Options{}); err == nil {
			t.Errorf("%s: no error", format)
		}
	}
	if err := Write(&bytes.Buffer{}, "xml", []gate.Decision{d}, Options{}); err == nil || !strings.Contains(err.Error(), "junit") {
		t.Errorf("found %v", err)
	}
}

// Nothing decided is a refusal in every format.
func TestNoDecision(t *testing.T) {
	for format, want := range map[string]string{"markdown": "❌ sealock: REFUSED for 0 decisions", "github": "::error title=sealock%3A REFUSED::REFUSED for 0 decisions", "dotenv": "SEALOCK_VERDICT=refused"} {
		if got := written(t, format, Options{}); !strings.Contains(got, want) {
			t.Errorf("%s: found %s", format, got)
		}
	}
}

// Nothing that came from outside is markup in a summary: no link, image, table cell, code block, tag, mention or reference.
func TestO03_MarkdownOfForeignText(t *testing.T) {
	texts := []string{"[here](https://evil.example)", "![](https://evil.example/beacon.png)", "| a | b |", "``` \nrun this\n```", "<img src=x onerror=alert(1)>", "<details open>", "@everyone", "#1", "acme/shop#2",
		"<!-- sealock -->", "https://evil.example", "a``b```c", "`", "\r\n# title", "- [ ] task", "$x^2$", "|`|"}
	for _, text := range texts {
		d := gate.Decision{Verdict: gate.Refused, Environment: text, Subject: attest.Subject{Name: text, Digest: attest.DigestSet{"sha256": strings.Repeat("ab", 32)}},
			Reasons: []gate.Reason{{Code: "SIGNER", Message: text, Expected: text, Found: text, Fix: text}}, Stages: []gate.StageStatus{{Name: text, Status: "ok", Receipt: text}}}
		var out strings.Builder
		if err := Write(&out, "markdown", []gate.Decision{d}, Options{}); err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(out.String(), "\n") {
			outside := withoutSpans(line)
			for _, mark := range []string{"evil.example", "](", "onerror", "everyone", "task", "title", "<!--", "run this", "$x"} {
				if strings.Contains(outside, mark) {
					t.Errorf("%q: %q stands outside a code span: %s", text, mark, line)
				}
			}
		}
	}
}
