// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// JUnit reads reports of tests in the form that JUnit's Ant task began and everybody writes, as one result. It is PASSED only if at least one test ran and none failed or
// broke off, whatever the totals in the reports say; where they say worse, they are believed.
func JUnit(reports []Report) (predicate.TestResult, error) {
	out := predicate.TestResult{Result: "FAILED", Configuration: []attest.ResourceDescriptor{}, PassedTests: []string{}, WarnedTests: []string{}, FailedTests: []string{}, SkippedTests: []string{}}
	if len(reports) == 0 {
		return out, errors.New("there is no report")
	}
	for _, rep := range reports {
		if err := rep.bounded(); err != nil {
			return out, err
		}
		r := &junitReader{rep: rep, out: &out}
		if err := r.read(); err != nil {
			return out, err
		}
		out.Configuration = append(out.Configuration, attest.ResourceDescriptor{Name: rep.Name, Digest: attest.DigestSet{"sha256": attest.SHA256(rep.Data).Hex}, MediaType: "application/xml"})
		if at := predicate.Time(rep.Modified); out.FinishedOn == "" || at < out.FinishedOn { // the oldest counts
			out.FinishedOn = at
		}
	}
	switch {
	case len(out.FailedTests) > 0:
	case len(out.PassedTests) == 0:
		out.FailedTests = []string{"(no test ran)"}
	default:
		out.Result = "PASSED"
	}
	for _, list := range [][]string{out.PassedTests, out.FailedTests, out.SkippedTests} {
		slices.Sort(list)
	}
	return out, nil
}

// junitReader goes through one report.
type junitReader struct {
	rep    Report
	out    *predicate.TestResult
	depth  int
	suites []junitSuite // that are open
	test   *junitTest   // that is open
	tests  int
}

type junitSuite struct {
	name     string
	depth    int
	declared int // failures and errors that it says it has
	bad      int // those found in it
	total    int // tests that it says it has, but for those that it says were skipped
	found    int // tests in it
}

type junitTest struct {
	name                     string
	depth                    int
	failed, errored, skipped bool
}

func (r *junitReader) read() error {
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(r.rep.Data, []byte("\ufeff"))))
	d.CharsetReader = charset
	roots := 0
	for {
		t, err := d.Token() // it demands that elements end in order, and knows no entities but XML's own
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return &Error{Code: CodeIncomplete, File: r.rep.Name, Detail: "it is not whole, or no XML", Cause: err}
		}
		switch x := t.(type) {
		case xml.Directive:
			return r.rep.errorf(CodeInvalid, "", "it has a document type, which could define entities; reports of tests have none")
		case xml.StartElement:
			if r.depth == 0 {
				roots++
			}
			err = r.start(x)
		case xml.EndElement:
			r.end()
		}
		if err != nil {
			return err
		}
	}
	if roots != 1 {
		return r.rep.errorf(CodeInvalid, "", "it has %d root elements, expected one", roots)
	}
	return nil
}

func (r *junitReader) start(e xml.StartElement) error {
	name := e.Name.Local
	if r.depth++; r.depth > maxDepth {
		return r.rep.errorf(CodeLimit, "", "elements lie more than %d deep in each other", maxDepth)
	}
	switch {
	case r.depth == 1 && name != "testsuites" && name != "testsuite":
		return r.rep.errorf(CodeInvalid, "", "its root element is <%.40s>, expected <testsuites> or <testsuite>", name)
	case r.test != nil && (name == "testcase" || strings.HasPrefix(name, "testsuite")):
		return r.rep.errorf(CodeInvalid, "", "<%.40s> lies in a test", name)
	case name == "testsuites" || name == "testsuite":
		totals := map[string]int{}
		for _, total := range []string{"tests", "failures", "errors", "skipped", "disabled"} {
			n, err := number(attribute(e, total))
			if err != nil {
				return r.rep.errorf(CodeInvalid, "", "%s of <%s> is %.40q", total, name, attribute(e, total))
			}
			totals[total] = n
		}
		r.suites = append(r.suites, junitSuite{name: shorten(attribute(e, "name"), 200), depth: r.depth,
			total: totals["tests"] - totals["skipped"] - totals["disabled"], declared: totals["failures"] + totals["errors"]})
	case name == "testcase":
		if r.tests++; r.tests > MaxTests {
			return r.rep.errorf(CodeLimit, "", "it has more than %d tests", MaxTests)
		}
		r.test = begun(e, r.depth)
	case r.test != nil && r.depth == r.test.depth+1:
		r.test.failed = r.test.failed || strings.EqualFold(name, "failure")
		r.test.errored = r.test.errored || strings.EqualFold(name, "error")
		r.test.skipped = r.test.skipped || name == "skipped" || name == "disabled"
	case r.test == nil && (name == "failure" || name == "error"): // of the suite itself
		r.fail("suite "+r.suites[len(r.suites)-1].name, name == "error")
	}
	return nil
}

// begun is a test as its element says, with what some tools write as a status instead of an element.
func begun(e xml.StartElement, depth int) *junitTest {
	t := &junitTest{name: shorten(strings.TrimPrefix(attribute(e, "classname")+"."+attribute(e, "name"), "."), 300), depth: depth}
	for _, word := range []string{attribute(e, "status"), attribute(e, "result")} {
		switch strings.ToLower(word) {
		case "failed", "failure", "fail":
			t.failed = true
		case "error", "errored", "broken":
			t.errored = true
		case "skipped", "notrun", "not run", "disabled", "ignored", "suppressed":
			t.skipped = true
		}
	}
	return t
}

// end closes an element. What a suite counts and does not list failed: somebody took it out, or the run was cut short.
func (r *junitReader) end() {
	switch {
	case r.test != nil && r.depth == r.test.depth:
		t := r.test
		r.test = nil
		r.out.Summary.Tests++
		if len(r.suites) > 0 {
			r.suites[len(r.suites)-1].found++
		}
		switch {
		case t.failed || t.errored:
			r.fail(t.name, t.errored && !t.failed)
		case t.skipped:
			r.out.Summary.Skipped++
			r.out.SkippedTests = append(r.out.SkippedTests, t.name)
		default:
			r.out.PassedTests = append(r.out.PassedTests, t.name)
		}
	case len(r.suites) > 0 && r.suites[len(r.suites)-1].depth == r.depth:
		s := r.suites[len(r.suites)-1]
		r.suites = r.suites[:len(r.suites)-1]
		if missing := s.total - s.found; missing > 0 {
			s.found += missing
			r.out.FailedTests = append(r.out.FailedTests, fmt.Sprintf("suite %s: %d tests that it counts and does not list", s.name, missing))
		}
		if missing := s.declared - s.bad; missing > 0 { // its total says worse than what it lists
			s.bad = s.declared
			r.out.Summary.Failed += missing
			r.out.FailedTests = append(r.out.FailedTests, fmt.Sprintf("suite %s: %d that it counts and does not name", s.name, missing))
		}
		if len(r.suites) > 0 {
			r.suites[len(r.suites)-1].bad += s.bad
			r.suites[len(r.suites)-1].found += s.found
		}
	}
	r.depth--
}

func (r *junitReader) fail(name string, errored bool) {
	if errored {
		r.out.Summary.Errored++
	} else {
		r.out.Summary.Failed++
	}
	r.out.FailedTests = append(r.out.FailedTests, name)
	if len(r.suites) > 0 {
		r.suites[len(r.suites)-1].bad++
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// number is a total, 0 where there is none.
func number(s string) (int, error) {
	if s = strings.TrimSpace(s); s == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(s, 10, 31)
	return int(n), err
}

// charset reads the encodings that reports come in beside UTF-8.
func charset(label string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "us-ascii", "ascii":
		return in, nil
	case "iso-8859-1", "latin1", "windows-1252":
		data, err := io.ReadAll(in)
		if err != nil {
			return nil, err
		}
		runes := make([]rune, len(data))
		for i, b := range data {
			runes[i] = rune(b)
		}
		return strings.NewReader(string(runes)), nil
	}
	return nil, fmt.Errorf("its encoding is %.40q, expected UTF-8", label)
}
