// SPDX-License-Identifier: Apache-2.0

package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/sealock-dev/sealock/gate"
)

// maxCases bounds the cases of one decision. GitLab takes half a million in all (https://gitlab.com/gitlab-org/gitlab/-/issues/247886), as 250,000 XML nodes
// (https://gitlab.com/gitlab-org/gitlab/-/issues/507482).
const maxCases = 5_000

// maxCandidates is how many statements are named of which none met a requirement.
const maxCandidates = 20

// The form of JUnit reports that CI services read: https://github.com/testmoapp/junitxml, https://docs.gitlab.com/ci/testing/unit_test_reports/.
type (
	junitReport struct {
		XMLName xml.Name     `xml:"testsuites"`
		Name    string       `xml:"name,attr"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Timestamp  string          `xml:"timestamp,attr,omitempty"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`

		names map[string]bool // of cases
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Class   string       `xml:"classname,attr"`
		Name    string       `xml:"name,attr"`
		File    string       `xml:"file,attr,omitempty"`
		Failure *junitDetail `xml:"failure"`
		Error   *junitDetail `xml:"error"`
		Skipped *junitDetail `xml:"skipped"`
		Output  string       `xml:"system-out,omitempty"`
	}
	junitDetail struct {
		Type    string `xml:"type,attr,omitempty"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// writeJUnit writes a suite for each decision: the verdict, each requirement or part, each reason, each warning (which passes) and each waived reason (skipped).
// What refuses is a failure; what leaves the decision open is an error.
func writeJUnit(w io.Writer, all []shown, _ Options) error {
	doc := junitReport{Name: "sealock"}
	for _, d := range all {
		doc.Suites = append(doc.Suites, junitOf(d))
	}
	b, err := xml.MarshalIndent(doc, "", " ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, b)
	return err
}

func junitOf(d shown) junitSuite {
	s := junitSuite{names: map[string]bool{}, Name: Clean(d.where() + " " + d.subject()), Timestamp: Clean(strings.TrimSuffix(d.At, "Z"))}
	for _, p := range [][2]string{{"verdict", d.Verdict.String()}, {"decision", d.ID}, {"digest", d.Subject.Digest.Primary().String()}, {"environment", d.Environment},
		{"question", string(d.Question)}, {"preview", fmt.Sprint(d.Preview)}, {"counts", d.counts()}} {
		s.Properties = append(s.Properties, junitProperty{p[0], Clean(p[1])})
	}
	s.add(d, "verdict", junitCase{Name: "verdict", Output: d.title()}, &junitDetail{Type: d.Verdict.String(), Message: d.title(), Text: d.counts()}, d.Verdict != gate.Allowed)
	for _, req := range d.requirements {
		s.add(d, "requirement", junitCase{Name: Clean(req.Name)}, notMet(req), !req.Met)
	}
	for _, p := range d.parts {
		if len(s.Cases) < maxCases {
			s.add(d, "part", junitCase{Name: Clean(p.Name)}, &junitDetail{Type: p.Verdict.String(), Message: p.Verdict.String(), Text: Clean(p.Why)}, p.Verdict != gate.Allowed)
		}
	}
	for _, e := range d.worstFirst() {
		if len(s.Cases) >= maxCases {
			s.Cases[0].Output += fmt.Sprintf("\nOnly the first %d cases are here; JSON has all: -o json", maxCases)
			break
		}
		s.entry(d, e)
	}
	return s
}

// notMet says what kept each candidate from meeting a requirement.
func notMet(req gate.Requirement) *junitDetail {
	lines := []string{}
	for _, c := range req.Candidates {
		if c.Failed != nil && len(lines) < maxCandidates {
			lines = append(lines, fmt.Sprintf("%s by %s: %s %s", short(c.Digest), c.Signer, c.Failed.Code, c.Failed.Message))
		}
	}
	if len(lines) == 0 {
		lines = []string{"nothing of this kind about this artifact"}
	}
	return &junitDetail{Message: "not met", Text: cleaned(lines)}
}

func (s *junitSuite) entry(d shown, e entry) {
	name, text := Clean(e.Code+" "+e.Message), cleaned(e.detail(d))
	c := junitCase{Name: name}
	if file, _ := d.file(e); file != "" {
		c.File = Clean(file)
	}
	switch e.kind {
	case against:
		s.add(d, "reason", c, &junitDetail{Type: Clean(e.Code), Message: Clean(e.Message), Text: text}, true)
	case warning:
		c.Output = strings.ReplaceAll(text, "[[", "[ [") // GitLab reads [[ATTACHMENT|…]] there
		s.add(d, "warning", c, nil, false)
	case waived:
		c.Skipped = &junitDetail{Message: Clean(e.why)}
		s.add(d, "waived", c, nil, false)
	}
}

// add keeps a case. One that fails is an error where the decision is open.
func (s *junitSuite) add(d shown, class string, c junitCase, bad *junitDetail, failed bool) {
	c.Class = Clean("sealock." + d.where() + "." + class)
	name := c.Name
	for n := 2; s.names[c.Class+"\x00"+c.Name]; n++ { // of two with one name GitLab shows the first
		c.Name = fmt.Sprintf("%s (%d)", name, n)
	}
	s.names[c.Class+"\x00"+c.Name] = true
	s.Tests++
	switch {
	case failed && d.Verdict == gate.Undecided:
		c.Error = bad
		s.Errors++
	case failed:
		c.Failure = bad
		s.Failures++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

// cleaned are lines, each made inert.
func cleaned(lines []string) string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = Clean(l)
	}
	return strings.Join(out, "\n")
}
