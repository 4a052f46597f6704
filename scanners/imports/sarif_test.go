// SPDX-License-Identifier: Apache-2.0

package imports

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// whole is a report of a run that found one thing. Tests change it by replacing text.
const whole = `{
 "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
 "runs": [{
  "tool": {"driver": {"name": "finder", "version": "1.2.3", "rules": [
   {"id": "go.lang.sql-injection", "shortDescription": {"text": "SQL built from input"}, "helpUri": "https://example.com/sqli",
    "defaultConfiguration": {"level": "error"}, "properties": {"tags": ["security", "external/cwe/cwe-089"], "security-severity": "8.8"}}]}},
  "invocations": [{"executionSuccessful": true, "startTimeUtc": "2026-11-22T10:00:00Z", "endTimeUtc": "2026-11-22T10:01:00.5Z"}],
  "results": [{"ruleId": "go.lang.sql-injection", "ruleIndex": 0, "level": "error", "message": {"text": "query built from r.URL"},
   "locations": [{"physicalLocation": {"artifactLocation": {"uri": "cmd/shop/main.go", "uriBaseId": "%SRCROOT%"}, "region": {"startLine": 2, "startColumn": 5}}}]}]
 }]
}`

var written = time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)

// changed is whole with texts replaced; what is replaced must be there.
func changed(t testing.TB, pairs ...string) string {
	t.Helper()
	text := whole
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the report does not hold %q", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	if !json.Valid([]byte(text)) {
		t.Fatalf("no JSON: %s", text)
	}
	return text
}

func read(t testing.TB, text string, opt ...Options) predicate.Findings {
	t.Helper()
	o := Options{Category: "sast"}
	if len(opt) > 0 {
		o = opt[0]
	}
	all, err := SARIF(Report{"r.sarif", []byte(text), written}, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 {
		t.Fatalf("%d runs", len(all))
	}
	return all[0]
}

func TestSARIF(t *testing.T) {
	f := read(t, whole)
	if f.Category != "sast" || !f.Complete || f.StartedOn != "2026-11-22T10:00:00Z" || f.FinishedOn != "2026-11-22T10:01:00Z" {
		t.Errorf("found %+v", f)
	}
	if f.Scanner.Name != "finder" || f.Scanner.Version != "1.2.3" || len(f.Scanner.RulesDigest) != 71 || len(f.Tools) != 1 || len(f.Tools[0].Report) != 71 {
		t.Errorf("tool %+v, %+v", f.Scanner, f.Tools)
	}
	if len(f.Findings) != 1 || len(f.Rules) != 1 || f.Rules[0].Title != "SQL built from input" || !slices.Equal(f.Rules[0].References, []string{"https://example.com/sqli"}) {
		t.Fatalf("found %+v, rules %+v", f.Findings, f.Rules)
	}
	got := f.Findings[0]
	if got.Rule != "go.lang.sql-injection" || got.Severity != "high" || got.Message != "query built from r.URL" || got.Path != "cmd/shop/main.go" || got.Line != 2 || got.Column != 5 ||
		!slices.Equal(got.CWE, []string{"CWE-89"}) || !slices.Equal(got.Tools, []string{"finder"}) || len(got.Fingerprint) != 64 {
		t.Errorf("found %+v", got)
	}
	clean := read(t, changed(t, whole[strings.Index(whole, `{"ruleId"`):strings.LastIndex(whole, "]\n }]")], ""))
	if len(clean.Findings) != 0 || clean.Findings == nil || !clean.Complete {
		t.Errorf("a clean run: %+v", clean)
	}
	if same := read(t, changed(t, `"version": "1.2.3", "rules"`, `"version": "1.2.3", "informationUri": "https://example.com", "rules"`)); same.Scanner.RulesDigest != f.Scanner.RulesDigest {
		t.Error("the digest of the rules depends on something else")
	}
	if other := read(t, changed(t, `"security-severity": "8.8"`, `"security-severity": "1.0"`)); other.Scanner.RulesDigest == f.Scanner.RulesDigest {
		t.Error("other rules have the same digest")
	}
	if f := read(t, "\ufeff"+changed(t, `"startTimeUtc": "2026-11-22T10:00:00Z", "endTimeUtc": "2026-11-22T10:01:00.5Z"`, `"commandLine": "finder"`)); f.FinishedOn != "2026-11-22T11:00:00Z" || f.StartedOn != f.FinishedOn {
		t.Errorf("a run without times is as old as its report: %+v", f)
	}
}

// S-21: a report that does not say that its run is whole is an error, never a clean scan.
func TestS21_ReportsThatAreNotWhole(t *testing.T) {
	results := whole[strings.Index(whole, `"results": [`):strings.LastIndex(whole, "\n }]")]
	const invocation = `"executionSuccessful": true,`
	for name, c := range map[string]struct{ text, code, want string }{
		"empty":                       {"", CodeIncomplete, "it is empty"},
		"cut off":                     {whole[:len(whole)-40], CodeInvalid, "it is not whole"},
		"two documents":               {whole + whole, CodeInvalid, "it is not whole"},
		"a member twice":              {strings.Replace(whole, `"results": [`, `"results": [], "results": [`, 1), CodeInvalid, "it is not whole"},
		"no SARIF":                    {"[]", CodeInvalid, "no SARIF"},
		"another version":             {changed(t, `"version": "2.1.0"`, `"version": "2.0.0"`), CodeInvalid, `its version is "2.0.0"`},
		"another schema":              {changed(t, "sarif-2.1.0.json", "sarif-2.0.0.json"), CodeInvalid, "its $schema"},
		"no runs":                     {`{"version": "2.1.0", "runs": []}`, CodeIncomplete, "it has no run"},
		"runs null":                   {`{"version": "2.1.0", "runs": null}`, CodeIncomplete, "it has no run"},
		"runs missing":                {`{"version": "2.1.0"}`, CodeIncomplete, "it has no run"},
		"results null":                {changed(t, results, `"results": null`), CodeIncomplete, "has no results"},
		"results missing":             {changed(t, ",\n  "+results, ""), CodeIncomplete, "has no results"},
		"results elsewhere":           {changed(t, `"invocations"`, `"externalPropertyFileReferences": {"results": [{"itemCount": 3}]}, "invocations"`), CodeIncomplete, "in other files"},
		"results beside the runs":     {changed(t, `"runs": [`, `"inlineExternalProperties": [{"results": [{}]}], "runs": [`), CodeInvalid, "outside its runs"},
		"no tool":                     {changed(t, `"finder"`, `" "`), CodeInvalid, "names no tool"},
		"no version of the tool":      {changed(t, `"version": "1.2.3", `, ""), CodeInvalid, "does not say which version of finder"},
		"failed":                      {changed(t, invocation, `"executionSuccessful": false,`), CodeIncomplete, "says that it failed"},
		"does not say":                {changed(t, invocation, ""), CodeIncomplete, "does not say whether it was successful"},
		"ended by a signal":           {changed(t, invocation, invocation+` "exitSignalName": "SIGKILL",`), CodeIncomplete, "ended by a signal"},
		"signal by number":            {changed(t, invocation, invocation+` "exitSignalNumber": 9,`), CodeIncomplete, "ended by a signal"},
		"signal by exit code":         {changed(t, invocation, invocation+` "exitCode": 137,`), CodeIncomplete, "ended by a signal"},
		"conversion failed":           {changed(t, `"invocations"`, `"conversion": {"tool": {"driver": {"name": "c"}}, "invocation": {"executionSuccessful": false}}, "invocations"`), CodeIncomplete, "says that it failed"},
		"invocations elsewhere":       {changed(t, `"invocations"`, `"externalPropertyFileReferences": {"invocations": [{"itemCount": 1}]}, "invocations"`), CodeIncomplete, "in other files"},
		"did not start":               {changed(t, invocation, invocation+` "processStartFailureMessage": "no such file",`), CodeIncomplete, "did not start"},
		"an error on the way":         {changed(t, invocation, invocation+` "toolExecutionNotifications": [{"level": "error", "message": {"text": "main.go could not be parsed"}}],`), CodeIncomplete, "main.go could not be parsed"},
		"an error before":             {changed(t, invocation, invocation+` "toolConfigurationNotifications": [{"level": "error", "message": {"text": "unknown rule"}}],`), CodeIncomplete, "unknown rule"},
		"second of two runs failed":   {changed(t, invocation, `"executionSuccessful": true}, {"executionSuccessful": false,`), CodeIncomplete, "says that it failed"},
		"a kind of its own":           {changed(t, `"level": "error", "message"`, `"kind": "ok", "message"`), CodeInvalid, `kind "ok"`},
		"a state of its own":          {changed(t, `"level": "error", "message"`, `"baselineState": "old", "message"`), CodeInvalid, `baselineState "old"`},
		"a rule that is not there":    {changed(t, `"ruleIndex": 0`, `"ruleIndex": 1`), CodeIncomplete, "there is no rule 1"},
		"two rules":                   {changed(t, `{"ruleId": "go.lang.sql-injection"`, `{"ruleId": "other"`), CodeInvalid, `it names rule "other"`},
		"no rule":                     {changed(t, `"ruleId": "go.lang.sql-injection", "ruleIndex": 0, `, ""), CodeInvalid, "names no rule"},
		"a time that is none":         {changed(t, "2026-11-22T10:00:00Z", "22.11.2026"), CodeInvalid, "is not RFC 3339"},
		"a message that is not there": {changed(t, `{"text": "query built from r.URL"}`, `{"id": "default"}`), CodeInvalid, `its message "default" is not there`},
	} {
		t.Run(name, func(t *testing.T) {
			all, err := SARIF(Report{"r.sarif", []byte(c.text), written}, Options{Category: "sast"})
			var e *Error
			if !errors.As(err, &e) || e.Code != c.code || !strings.Contains(err.Error(), c.want) || all != nil {
				t.Errorf("%v (%v), expected %s: %s", err, all, c.code, c.want)
			}
		})
	}
	if _, err := SARIF(Report{"r.sarif", []byte(whole), written}, Options{Category: "vulns"}); err == nil {
		t.Error("a category that has no findings")
	}
}

// S-21: what is a finding, and how grave: nothing that a report says about itself makes one go away.
func TestS21_WhatIsAFinding(t *testing.T) {
	level := func(pairs ...string) string {
		return changed(t, append([]string{`, "security-severity": "8.8"`, ""}, pairs...)...)
	}
	for name, c := range map[string]struct{ text, severity string }{
		"fail":                   {changed(t, `"level": "error", "message"`, `"kind": "fail", "level": "error", "message"`), "high"},
		"open":                   {changed(t, `"level": "error", "message"`, `"kind": "open", "message"`), "high"},
		"review":                 {changed(t, `"level": "error", "message"`, `"kind": "review", "level": "none", "message"`), "high"},
		"pass":                   {changed(t, `"level": "error", "message"`, `"kind": "pass", "message"`), ""},
		"pass, and an error":     {changed(t, `"level": "error", "message"`, `"kind": "pass", "level": "error", "message"`), "high"},
		"not applicable":         {changed(t, `"level": "error", "message"`, `"kind": "notApplicable", "message"`), ""},
		"informational":          {changed(t, `"level": "error", "message"`, `"kind": "informational", "message"`), ""},
		"gone since":             {changed(t, `"level": "error", "message"`, `"baselineState": "absent", "message"`), ""},
		"unchanged since":        {changed(t, `"level": "error", "message"`, `"baselineState": "unchanged", "message"`), "high"},
		"suppressed":             {changed(t, `"level": "error", "message"`, `"suppressions": [{"kind": "inSource"}], "message"`), "high"},
		"critical score":         {changed(t, `"8.8"`, `"9.0"`), "critical"},
		"medium score":           {changed(t, `"8.8"`, `"6.9"`), "medium"},
		"low score":              {changed(t, `"8.8"`, `0.1`), "low"},
		"score of the result":    {changed(t, `"level": "error", "message"`, `"properties": {"security-severity": 9.8}, "message"`), "critical"},
		"score of nothing":       {changed(t, `"8.8"`, `"0.0"`), "high"}, // the level speaks then
		"P-21 score of words":    {changed(t, `"8.8"`, `"low"`), "unknown"},
		"P-21 score beyond":      {changed(t, `"8.8"`, `"11"`), "unknown"},
		"level error":            {level(), "high"},
		"level warning":          {level(`{"level": "error"}`, `{"level": "warning"}`, `"level": "error", "message"`, `"message"`), "medium"},
		"level note":             {level(`{"level": "error"}`, `{}`, `"level": "error", "message"`, `"level": "note", "message"`), "low"},
		"no level anywhere":      {level(`{"level": "error"}`, `{}`, `"level": "error", "message"`, `"message"`), "medium"},
		"the worse of two":       {level(`"level": "error", "message"`, `"level": "note", "message"`), "high"},
		"level none that failed": {level(`{"level": "error"}`, `{}`, `"level": "error", "message"`, `"level": "none", "message"`), "unknown"},
		"rule of level none":     {level(`{"level": "error"}`, `{"level": "none"}`, `"level": "error", "message"`, `"message"`), "unknown"},
		"P-21 level of its own":  {level(`"level": "error", "message"`, `"level": "crit", "message"`), "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			f := read(t, c.text)
			if c.severity == "" {
				if len(f.Findings) != 0 || len(f.Notes) != 1 || !strings.Contains(f.Notes[0], "1 results are no findings") {
					t.Errorf("found %+v, notes %q", f.Findings, f.Notes)
				}
				return
			}
			if len(f.Findings) != 1 || f.Findings[0].Severity != c.severity {
				t.Errorf("found %+v, expected severity %s", f.Findings, c.severity)
			}
			if name == "suppressed" && (len(f.Suppressed) != 1 || f.Suppressed[0] != predicate.Suppressed{Path: "cmd/shop/main.go", Line: 2, Kind: "finder: in the source"}) {
				t.Errorf("the suppression is not shown: %+v", f.Suppressed)
			}
		})
	}
	silent := read(t, changed(t, whole[strings.Index(whole, `"invocations"`):strings.Index(whole, `"results"`)], ""))
	if len(silent.Notes) != 1 || !strings.Contains(silent.Notes[0], "does not say how its run ended") {
		t.Errorf("notes %q", silent.Notes)
	}
}

// Where a tool keeps rules in extensions, descriptions apart from results, or CWE ids in a taxonomy.
func TestFormsOfRules(t *testing.T) {
	extension := changed(t, `"rules": [`, `"rules": []}, "extensions": [{"name": "pack", "version": "1", "rules": [`, `"ruleIndex": 0, `, `"rule": {"index": 0, "toolComponent": {"index": 0}}, `, `}]}},
  "invocations"`, `}]}]},
  "invocations"`)
	if f := read(t, extension).Findings[0]; f.Severity != "high" || !slices.Equal(f.CWE, []string{"CWE-89"}) {
		t.Errorf("in an extension: %+v", f)
	}
	if f := read(t, changed(t, `"ruleIndex": 0, `, "")).Findings[0]; f.Severity != "high" {
		t.Errorf("by its id: %+v", f)
	}
	if f := read(t, changed(t, `{"ruleId": "go.lang.sql-injection"`, `{"ruleId": "go.lang.sql-injection/raw"`)).Findings[0]; f.Rule != "go.lang.sql-injection/raw" || f.Severity != "high" {
		t.Errorf("a part of a rule: %+v", f)
	}
	if f := read(t, changed(t, `{"ruleId": "go.lang.sql-injection", "ruleIndex": 0`, `{"ruleId": "unheard-of"`)).Findings[0]; f.Rule != "unheard-of" || f.Severity != "high" {
		t.Errorf("a rule that is not described: %+v", f)
	}
	const tags = `"tags": ["security", "external/cwe/cwe-089"], `
	for text, want := range map[string]string{
		`"tags": ["CWE-79: cross-site scripting", "CWE-0020"], `: "CWE-20 CWE-79", `"cwe": "79", `: "CWE-79", `"cwe": ["CWE-22", "CWE-22"], `: "CWE-22", `"tags": ["cwetown", "1234"], `: "", `"CWE": 79, `: "CWE-79",
	} {
		if f := read(t, changed(t, tags, text)).Findings[0]; strings.Join(f.CWE, " ") != want {
			t.Errorf("%s: %v, expected %s", text, f.CWE, want)
		}
	}
	related := changed(t, tags, "", `"helpUri"`, `"relationships": [{"target": {"id": "502", "toolComponent": {"name": "CWE"}}}], "helpUri"`, `"message": {`, `"taxa": [{"id": "CWE-20"}], "message": {`)
	if f := read(t, related).Findings[0]; strings.Join(f.CWE, " ") != "CWE-20 CWE-502" {
		t.Errorf("of a taxonomy: %v", f.CWE)
	}
	arguments := changed(t, `"shortDescription"`, `"messageStrings": {"default": {"text": "{0} reaches {1}{2}"}}, "shortDescription"`, `{"text": "query built from r.URL"}`, `{"id": "default", "arguments": ["input", "the query"]}`)
	if f := read(t, arguments).Findings[0]; f.Message != "input reaches the query{2}" {
		t.Errorf("message %q", f.Message)
	}
}

// Paths are below the root, whatever a report says; B-06: nothing else is followed.
func TestPaths(t *testing.T) {
	dir := t.TempDir()
	here := "file://" + filepath.ToSlash(dir)
	const at = `{"uri": "cmd/shop/main.go", "uriBaseId": "%SRCROOT%"}`
	base := func(uri string) []string {
		return []string{`"invocations"`, `"originalUriBaseIds": {"%SRCROOT%": {"uri": "` + uri + `"}, "INNER": {"uri": "cmd/", "uriBaseId": "%SRCROOT%"}}, "invocations"`}
	}
	for name, c := range map[string]struct {
		change []string
		want   string // "" for an error
	}{
		"relative":                   {nil, "cmd/shop/main.go"},
		"not clean":                  {[]string{at, `{"uri": "./cmd//shop/x/../main.go"}`}, "cmd/shop/main.go"},
		"escaped":                    {[]string{at, `{"uri": "cmd/sh%20op/main.go"}`}, "cmd/sh op/main.go"},
		"backslashes":                {[]string{at, `{"uri": "cmd\\shop\\main.go"}`}, "cmd/shop/main.go"},
		"absolute below the root":    {[]string{at, `{"uri": "` + here + `/cmd/shop/main.go"}`}, "cmd/shop/main.go"},
		"absolute without scheme":    {[]string{at, `{"uri": "` + filepath.ToSlash(dir) + `/cmd/shop/main.go"}`}, "cmd/shop/main.go"},
		"below a folder elsewhere":   {append([]string{at, `{"uri": "file:///src/cmd/shop/main.go"}`}, base("file:///src/")...), "cmd/shop/main.go"},
		"relative to elsewhere":      {base("file:///builds/shop/"), "cmd/shop/main.go"},
		"relative to a folder here":  {base(here + "/app/"), "app/cmd/shop/main.go"},
		"relative to a relative one": {append([]string{at, `{"uri": "shop/main.go", "uriBaseId": "INNER"}`}, base("file:///src/")...), "cmd/shop/main.go"},
		"by number":                  {[]string{at, `{"index": 0}`, `"invocations"`, `"artifacts": [{"location": {"uri": "a/b.go"}}], "invocations"`}, "a/b.go"},
		"no place":                   {[]string{at, `{}`}, "."},
		"S-16 out of the root":       {[]string{at, `{"uri": "../../etc/passwd"}`}, ""},
		"S-16 out, escaped":          {[]string{at, `{"uri": "cmd/%2e%2e/%2e%2e/etc/passwd"}`}, ""},
		"S-16 out, by backslashes":   {[]string{at, `{"uri": "..\\..\\secret"}`}, ""},
		"S-16 out by the base":       {append([]string{at, `{"uri": "../main.go", "uriBaseId": "INNER"}`}, base("../")...), ""},
		"absolute elsewhere":         {[]string{at, `{"uri": "file:///etc/passwd"}`}, ""},
		"below the root of all":      {append([]string{at, `{"uri": "file:///etc/passwd"}`}, base("file:///")...), ""},
		"on another machine":         {[]string{at, `{"uri": "file://server/share/main.go"}`}, ""},
		"B-06 a URL":                 {[]string{at, `{"uri": "https://internal.example.com/x"}`}, ""},
		"B-06 a script":              {[]string{at, `{"uri": "javascript:alert(1)"}`}, ""},
		"a drive":                    {[]string{at, `{"uri": "C:/src/main.go"}`}, ""},
		"a zero":                     {[]string{at, `{"uri": "cmd/%00main.go"}`}, ""},
		"no such artifact":           {[]string{at, `{"index": 5}`}, ""},
		"base in a circle":           {append([]string{at, `{"uri": "a.go", "uriBaseId": "A"}`}, `"invocations"`, `"originalUriBaseIds": {"A": {"uri": "x/", "uriBaseId": "A"}}, "invocations"`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			all, err := SARIF(Report{"r.sarif", []byte(changed(t, c.change...)), written}, Options{Category: "sast", Dir: dir})
			switch {
			case c.want == "" && err == nil:
				t.Errorf("it is taken for %s", all[0].Findings[0].Path)
			case c.want != "" && (err != nil || all[0].Findings[0].Path != c.want):
				t.Errorf("%v, expected %s", err, c.want)
			}
		})
	}
	page := changed(t, at, `{"uri": "https://bob:hunter2@shop.example.com/login?token=abc#x"}`)
	if f := read(t, page, Options{Category: "dast"}).Findings[0]; f.Path != "https://shop.example.com/login" {
		t.Errorf("a page: %s", f.Path)
	}
}

// No secret reaches evidence by way of a tool's words (DESIGN 3.10, B-12).
func TestSecretsStayOut(t *testing.T) {
	const secret = "hunter2-hunter2"
	message := []string{`query built from r.URL`, "Possible password: '" + secret + "' in https://bob:" + secret + "@db.example.com/x"}
	for name, text := range map[string]string{
		"category":   changed(t, message...),
		"rule's CWE": changed(t, append(message, "cwe-089", "cwe-798")...),
		"rule's id":  changed(t, append(message, `{"id": "go.lang.sql-injection"`, `{"id": "hardcoded-password"`, `{"ruleId": "go.lang.sql-injection", `, `{`)...),
	} {
		category := "sast"
		if name == "category" {
			category = "secrets"
		}
		out, err := json.Marshal(read(t, text, Options{Category: category}))
		if err != nil || strings.Contains(string(out), secret) {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
	url := read(t, changed(t, "query built from r.URL", "cloned from https://bob:"+secret+"@git.example.com/x"))
	if m := url.Findings[0].Message; m != "cloned from https://git.example.com/x" {
		t.Errorf("message %q", m)
	}
	snippet := read(t, changed(t, `"startLine": 2`, `"snippet": {"text": "`+secret+`"}, "startLine": 2`), Options{Category: "secrets"})
	if out, err := json.Marshal(snippet); err != nil || strings.Contains(string(out), secret) {
		t.Errorf("%v: %s", err, out)
	}
}

// tree writes files into a folder.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A fingerprint survives lines that move, and differs where anything else does.
func TestFingerprintsAreStable(t *testing.T) {
	before := tree(t, map[string]string{"cmd/shop/main.go": "package main\n\tdb.Query(x + y)\n"})
	moved := tree(t, map[string]string{"cmd/shop/main.go": "package main\n// more\n\n  db.Query(x +  y)\n"})
	edited := tree(t, map[string]string{"cmd/shop/main.go": "package main\n\tdb.Query(x + z)\n"})
	print := func(text, dir string) string {
		return read(t, text, Options{Category: "sast", Dir: dir}).Findings[0].Fingerprint
	}
	want := print(whole, before)
	if print(changed(t, `"startLine": 2`, `"startLine": 4`), moved) != want {
		t.Error("it does not survive lines that move")
	}
	if print(changed(t, `"finder"`, `"searcher"`, "query built from r.URL", "other words"), before) != want {
		t.Error("it depends on who says it")
	}
	for name, other := range map[string]string{"another line": print(whole, edited), "another weakness": print(changed(t, "cwe-089", "cwe-079"), before), "another file": print(changed(t, "cmd/shop/main.go", "cmd/shop/x.go"), before)} {
		if other == want {
			t.Errorf("%s, the same fingerprint", name)
		}
	}
	twice := changed(t, `"results": [`, `"results": [{"ruleId": "go.lang.sql-injection", "message": {"text": "query built from r.URL"}, "locations": [{"physicalLocation": {"artifactLocation": {"uri": "cmd/shop/main.go"}, "region": {"startLine": 2, "startColumn": 9}}}]}, `)
	f := read(t, twice, Options{Category: "sast", Dir: before}).Findings
	if len(f) != 2 || f[0].Fingerprint == f[1].Fingerprint || f[0].Fingerprint != want {
		t.Errorf("two in one line: %+v", f)
	}
	link := tree(t, nil)
	if err := os.MkdirAll(filepath.Join(link, "cmd/shop"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(before, "cmd/shop/main.go"), filepath.Join(link, "cmd/shop/main.go")); err != nil {
		t.Fatal(err)
	}
	if print(whole, link) == want {
		t.Error("S-16: a link out of the root was followed")
	}
}

// The same finding of two tools is one, and names both.
func TestMerge(t *testing.T) {
	merged := func(texts ...string) predicate.Findings {
		t.Helper()
		var all []predicate.Findings
		for _, text := range texts {
			all = append(all, read(t, text))
		}
		f, err := Merge("9.9.9", all...)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	second := []string{`"finder"`, `"searcher"`, "8.8", "9.1", "query built from r.URL", "tainted query"}
	other := func(pairs ...string) string { return changed(t, append(slices.Clone(second), pairs...)...) }
	rename := []string{`{"id": "go.lang.sql-injection"`, `{"id": "S100"`, `{"ruleId": "go.lang.sql-injection"`, `{"ruleId": "S100"`}
	one := merged(whole, other(rename...))
	if len(one.Findings) != 1 || one.Findings[0].Severity != "critical" || !slices.Equal(one.Findings[0].Tools, []string{"finder", "searcher"}) || one.Findings[0].Rule != "S100" {
		t.Fatalf("the same weakness in the same line: %+v", one.Findings)
	}
	if len(one.Tools) != 2 || one.Tools[0].Name != "finder" || one.Tools[1].Name != "searcher" || one.Scanner.Name != "sealock" || one.Scanner.Version != "9.9.9" || len(one.Rules) != 2 {
		t.Errorf("tools %+v, scanner %+v", one.Tools, one.Scanner)
	}
	back := merged(other(rename...), whole)
	a, err1 := json.Marshal(one)
	b, err2 := json.Marshal(back)
	if err1 != nil || err2 != nil || string(a) != string(b) {
		t.Errorf("it depends on the order:\n%s\n%s", a, b)
	}
	byName := merged(changed(t, "cwe-089", "x"), other("cwe-089", "y", `{"id": "go.lang.sql-injection"`, `{"id": "security/SQL_Injection"`, `{"ruleId": "go.lang.sql-injection"`, `{"ruleId": "security/SQL_Injection"`))
	if len(byName.Findings) != 1 || len(byName.Findings[0].Fingerprints) != 0 {
		t.Errorf("rules of one name: %+v", byName.Findings)
	}
	for name, text := range map[string]string{
		"another line":         other(`"startLine": 2`, `"startLine": 3`),
		"another file":         other("cmd/shop/main.go", "cmd/shop/x.go"),
		"another weakness":     other(append([]string{"cwe-089", "cwe-079"}, rename...)...),
		"no weakness, no name": other(append([]string{"cwe-089", "x"}, rename...)...),
		"no line":              other(`"region": {"startLine": 2, "startColumn": 5}`, `"region": {}`),
		"the same tool":        changed(t, "query built from r.URL", "tainted query"),
	} {
		if f := merged(whole, text); len(f.Findings) != 2 {
			t.Errorf("%s: %d findings", name, len(f.Findings))
		}
	}
	if f := merged(whole, whole); len(f.Findings) != 1 || len(f.Findings[0].Tools) != 1 || len(f.Tools) != 1 {
		t.Errorf("the same report twice: %+v", f.Findings)
	}
	numbers := []string{`{"id": "go.lang.sql-injection"`, `{"id": "R001"`, `{"ruleId": "go.lang.sql-injection"`, `{"ruleId": "R001"`, "cwe-089", "x"}
	if f := merged(changed(t, numbers...), other(numbers...)); len(f.Findings) != 2 {
		t.Errorf("R001 is another rule in each tool: %+v", f.Findings)
	}
	if _, err := Merge("1", read(t, whole), read(t, whole, Options{Category: "secrets"})); err == nil {
		t.Error("two categories were merged")
	}
	if _, err := Merge("1"); err == nil {
		t.Error("nothing was merged")
	}
}
