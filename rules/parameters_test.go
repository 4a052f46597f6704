// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestCheck(t *testing.T) {
	s := builtins(t)
	for _, c := range []struct{ params, key, says string }{
		{`{}`, "", ""},
		{`{"vulnerabilities": {"refuse": "high", "grace": "7d", "epss": 0.5, "mode": "warn", "onStay": "warn", "effective": "2027-01-01"}}`, "", ""},
		{`{"freshness": {"evidence": {"vulns": "1d12h"}, "data": "none"}, "licenses": {"allow": ["MIT"]}, "provenance": {"parameters": {"a": 1, "b": ["x", true]}}}`, "", ""},
		{`{"vulnerabilites": {}}`, "vulnerabilites", `did you mean "vulnerabilities"?`},
		{`{"vulnerabilities": null}`, "vulnerabilities", "expected a map"},
		{`{"vulnerabilities": {"refuze": "high"}}`, "vulnerabilities.refuze", `did you mean "refuse"?`},
		{`{"vulnerabilities": {"refuse": "hihg"}}`, "vulnerabilities.refuse", `did you mean "high"?`},
		{`{"vulnerabilities": {"refuse": true}}`, "vulnerabilities.refuse", "found true"},
		{`{"vulnerabilities": {"refuse": null}}`, "vulnerabilities.refuse", "found nothing"},
		{`{"vulnerabilities": {"refuseExploited": "yes"}}`, "vulnerabilities.refuseExploited", "expected true or false"},
		{`{"vulnerabilities": {"epss": 1.5}}`, "vulnerabilities.epss", "at most 1"},
		{`{"vulnerabilities": {"epss": "0.5"}}`, "vulnerabilities.epss", "expected a number"},
		{`{"vulnerabilities": {"unknown": "never"}}`, "vulnerabilities.unknown", "expected one of"},
		{`{"vulnerabilities": {"grace": 7}}`, "vulnerabilities.grace", "expected a duration"},
		{`{"vulnerabilities": {"grace": "7 days"}}`, "vulnerabilities.grace", "expected a duration"},
		{`{"vulnerabilities": {"grace": "-7d"}}`, "vulnerabilities.grace", "expected a duration"},
		{`{"vulnerabilities": {"grace": "999999999w"}}`, "vulnerabilities.grace", "100 years"},
		{`{"freshness": {"evidence": {"vuln": "1h"}}}`, "freshness.evidence", `did you mean "vulns"?`},
		{`{"freshness": {"evidence": "1h"}}`, "freshness.evidence", "expected a map"},
		{`{"licenses": {"allow": "MIT"}}`, "licenses.allow", "expected a list"},
		{`{"licenses": {"allow": [1]}}`, "licenses.allow", "expected text"},
		{`{"config": {"mode": "ignore"}}`, "config.mode", "refuse, warn"},
		{`{"config": {"effective": "soon"}}`, "config.effective", "expected a day"},
	} {
		var params map[string]any
		if err := json.Unmarshal([]byte(c.params), &params); err != nil {
			t.Fatal(err)
		}
		err := s.Check(params)
		if c.key == "" {
			if err != nil {
				t.Errorf("%s: %v", c.params, err)
			}
			continue
		}
		if e := failure(t, err, CodeParameters); e.Key != c.key || !strings.Contains(e.Error(), c.says) {
			t.Errorf("%s: expected %s and %q, found %v", c.params, c.key, c.says, e)
		}
	}
	if err := s.Check(map[string]any{"config": map[string]any{"effective": time.Now()}}); err != nil {
		t.Errorf("a date of YAML: %v", err)
	}
}

func TestEvalChecksParameters(t *testing.T) {
	s := builtins(t)
	for _, params := range []settings{{"vulnerabilities": {"refuse": "hihg"}}, {"vulnerabilites": {}}, {"config": {"x": 1}}} {
		_, err := s.Eval(t.Context(), Input{Document: allowed(t), Params: params, At: evaluatedAt})
		failure(t, err, CodeParameters)
	}
}

func TestDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{"24h": 24 * time.Hour, "7d": 168 * time.Hour, "1d12h": 36 * time.Hour, "30m": 30 * time.Minute, "2w": 336 * time.Hour, "0s": 0} {
		if got, err := nanoseconds(text); err != nil || got != int64(want) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "d", "7", "7x", "7D", " 7d", "1.5h", "7d ", "99999999999h"} {
		if _, err := nanoseconds(text); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}
