// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func junit(texts ...string) (result string, failed []string, counts [4]int, err error) {
	var all []Report
	for i, text := range texts {
		all = append(all, Report{fmt.Sprintf("junit-%d.xml", i), []byte(text), written})
	}
	out, err := JUnit(all)
	s := out.Summary
	return out.Result, out.FailedTests, [4]int{s.Tests, s.Failed, s.Errored, s.Skipped}, err
}

func TestJUnit(t *testing.T) {
	const head = `<?xml version="1.0" encoding="UTF-8"?>`
	for name, c := range map[string]struct {
		text   string
		result string
		failed []string
		counts [4]int // tests, failed, errored, skipped
	}{
		"passed":                 {head + `<testsuites><testsuite name="s" tests="2" failures="0"><properties><property name="a" value="b"/></properties><testcase classname="pkg" name="A" time="0.1"/><testcase name="B"><system-out>text</system-out></testcase></testsuite></testsuites>`, "PASSED", nil, [4]int{2, 0, 0, 0}},
		"a single suite":         {`<testsuite><testcase name="A"/></testsuite>`, "PASSED", nil, [4]int{1, 0, 0, 0}},
		"skipped":                {`<testsuite><testcase name="A"/><testcase name="B"><skipped message="later"/></testcase></testsuite>`, "PASSED", nil, [4]int{2, 0, 0, 1}},
		"failed":                 {`<testsuite name="s"><testcase classname="pkg" name="A"><failure message="x">trace</failure></testcase><testcase name="B"/></testsuite>`, "FAILED", []string{"pkg.A"}, [4]int{2, 1, 0, 0}},
		"broke off":              {`<testsuite><testcase name="A"><error/></testcase></testsuite>`, "FAILED", []string{"A"}, [4]int{1, 0, 1, 0}},
		"failed and skipped":     {`<testsuite><testcase name="A"><skipped/><failure/></testcase></testsuite>`, "FAILED", []string{"A"}, [4]int{1, 1, 0, 0}},
		"failed by its status":   {`<testsuite><testcase name="A" status="failed"/></testsuite>`, "FAILED", []string{"A"}, [4]int{1, 1, 0, 0}},
		"not run":                {`<testsuite><testcase name="A" status="notrun"/><testcase name="B"/></testsuite>`, "PASSED", nil, [4]int{2, 0, 0, 1}},
		"no test":                {`<testsuites tests="0"></testsuites>`, "FAILED", []string{"(no test ran)"}, [4]int{}},
		"totals of tests alone":  {`<testsuite name="s" tests="100" failures="0"/>`, "FAILED", []string{"suite s: 100 tests that it counts and does not list"}, [4]int{}},
		"fewer than the total":   {`<testsuites tests="3"><testsuite name="s" tests="3"><testcase name="A"/></testsuite></testsuites>`, "FAILED", []string{"suite s: 2 tests that it counts and does not list"}, [4]int{1, 0, 0, 0}},
		"skipped are not listed": {`<testsuite tests="3" skipped="1" disabled="1"><testcase name="A"/></testsuite>`, "PASSED", nil, [4]int{1, 0, 0, 0}},
		"in other letters":       {`<testsuite><testcase name="A"><Failure/></testcase></testsuite>`, "FAILED", []string{"A"}, [4]int{1, 1, 0, 0}},
		"all skipped":            {`<testsuite><testcase name="A"><skipped/></testcase></testsuite>`, "FAILED", []string{"(no test ran)"}, [4]int{1, 0, 0, 1}},
		"worse by the totals":    {`<testsuite name="s" failures="2" errors="1"><testcase name="A"><failure/></testcase></testsuite>`, "FAILED", []string{"A", "suite s: 2 that it counts and does not name"}, [4]int{1, 3, 0, 0}},
		"better by the totals":   {`<testsuite failures="0"><testcase name="A"><failure/></testcase></testsuite>`, "FAILED", []string{"A"}, [4]int{1, 1, 0, 0}},
		"totals of totals":       {`<testsuites failures="1"><testsuite failures="1"><testcase name="A"><failure/></testcase></testsuite></testsuites>`, "FAILED", []string{"A"}, [4]int{1, 1, 0, 0}},
		"worse only at the top":  {`<testsuites name="all" errors="1"><testsuite name="s"><testcase name="A"/></testsuite></testsuites>`, "FAILED", []string{"suite all: 1 that it counts and does not name"}, [4]int{1, 1, 0, 0}},
		"the suite itself":       {`<testsuite name="s"><error message="setup"/><testcase name="A"/></testsuite>`, "FAILED", []string{"suite s"}, [4]int{1, 0, 1, 0}},
		"flaky, passed at last":  {`<testsuite><testcase name="A"><flakyFailure/></testcase></testsuite>`, "PASSED", nil, [4]int{1, 0, 0, 0}},
		"suites in suites":       {`<testsuites><testsuite><testsuite><testcase name="A"/></testsuite></testsuite></testsuites>`, "PASSED", nil, [4]int{1, 0, 0, 0}},
		"S-23 markup in a name":  {`<testsuite><testcase name="&lt;/testcase&gt;&#10;ok"><failure/></testcase></testsuite>`, "FAILED", []string{"</testcase>\nok"}, [4]int{1, 1, 0, 0}},
		"output that looks like": {`<testsuite><testcase name="A"><system-out><![CDATA[<failure/>]]></system-out></testcase></testsuite>`, "PASSED", nil, [4]int{1, 0, 0, 0}},
		"another encoding":       {`<?xml version="1.0" encoding="ISO-8859-1"?><testsuite><testcase name="` + "\xe9" + `"><failure/></testcase></testsuite>`, "FAILED", []string{"é"}, [4]int{1, 1, 0, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			result, failed, counts, err := junit(c.text)
			if err != nil || result != c.result || !slices.Equal(failed, c.failed) || counts != c.counts {
				t.Errorf("%s %q %v (%v), expected %s %q %v", result, failed, counts, err, c.result, c.failed, c.counts)
			}
		})
	}
	result, failed, counts, err := junit(`<testsuite><testcase name="A"/></testsuite>`, `<testsuite><testcase name="B"><failure/></testcase></testsuite>`)
	if err != nil || result != "FAILED" || !slices.Equal(failed, []string{"B"}) || counts != [4]int{2, 1, 0, 0} {
		t.Errorf("two reports: %s %q %v (%v)", result, failed, counts, err)
	}
	out, err := JUnit([]Report{{"junit.xml", []byte(`<testsuite><testcase name="A"/></testsuite>`), written}})
	if err != nil || out.FinishedOn != "2026-11-22T11:00:00Z" || len(out.Configuration) != 1 || len(out.Configuration[0].Digest["sha256"]) != 64 {
		t.Errorf("found %+v (%v)", out, err)
	}
}

// B-08: no entity is expanded and nothing is fetched; a report that is cut off is none.
func TestB08_ReportsThatAreNone(t *testing.T) {
	deep := strings.Repeat("<testsuite>", 100) + strings.Repeat("</testsuite>", 100)
	for name, c := range map[string]struct{ text, code string }{
		"empty":                 {"", CodeIncomplete},
		"external entity":       {`<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&x;"/></testsuite>`, CodeInvalid},
		"entity bomb":           {`<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><testsuite name="&b;"/>`, CodeInvalid},
		"unknown entity":        {`<testsuite><testcase name="&x;"/></testsuite>`, CodeIncomplete},
		"cut off":               {`<testsuite><testcase name="A"/>`, CodeIncomplete},
		"ends crosswise":        {`<testsuite><testcase></testsuite></testcase>`, CodeIncomplete},
		"another root":          {`<html><testcase name="A"/></html>`, CodeInvalid},
		"two roots":             {`<testsuite><testcase name="A"/></testsuite><testsuite/>`, CodeInvalid},
		"nothing but a comment": {`<!-- x -->`, CodeInvalid},
		"no XML":                {`{"tests": 1}`, CodeInvalid},
		"test in a test":        {`<testsuite><testcase name="A"><testcase name="B"/></testcase></testsuite>`, CodeInvalid},
		"too deep":              {deep, CodeLimit},
		"total of words":        {`<testsuite failures="none"><testcase name="A"/></testsuite>`, CodeInvalid},
		"tests of words":        {`<testsuite tests="all"><testcase name="A"/></testsuite>`, CodeInvalid},
		"total below zero":      {`<testsuite failures="-1"><testcase name="A"><failure/></testcase></testsuite>`, CodeInvalid},
		"encoding unheard of":   {`<?xml version="1.0" encoding="UTF-7"?><testsuite/>`, CodeIncomplete},
	} {
		_, _, _, err := junit(c.text)
		var e *Error
		if !errors.As(err, &e) || e.Code != c.code {
			t.Errorf("%s: %v, expected %s", name, err, c.code)
		}
	}
	if _, err := JUnit(nil); err == nil {
		t.Error("no report at all passed")
	}
}
