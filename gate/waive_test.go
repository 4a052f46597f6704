// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/rules"
)

const waiversHead = "apiVersion: sealock/v1\nkind: Waivers\n"

func sampleWaiver() Waiver {
	return Waiver{Rule: "vulnerabilities", Scope: WaiverScope{Advisory: "CVE-2026-0001", PURL: "pkg:deb/debian/openssl@3.0?arch=amd64&distro=debian-12"}, Reason: `not "reached": no TLS here # yes`, Owner: "alice",
		Ticket: "SEC-1", From: now, Expires: now.Add(30 * 24 * time.Hour)}
}

// A waiver is added behind the others, and every byte that was there stays.
func TestAddWaiver(t *testing.T) {
	p := newWorld(t).load()
	old := "- rule: secrets # known\n    scope: {path: a}\n    reason: r\n    owner: o\n    expires: 2027-01-01T00:00:00Z"
	for name, text := range map[string]string{
		"new file":            "",
		"no list":             waiversHead,
		"comments":            "# head\n" + waiversHead + "waivers:\n  # why\n  " + old + "\n  # the end\n",
		"no line break":       waiversHead + "waivers:\n  " + old,
		"indented by nothing": waiversHead + "waivers:\n- rule: secrets\n  scope: {path: a}\n  reason: r\n  owner: o\n  expires: 2027-01-01T00:00:00Z\n",
		"another key behind":  "apiVersion: sealock/v1\nwaivers:\n  " + old + "\n\n# what it is\nkind: Waivers\n",
		"Windows":             strings.ReplaceAll(waiversHead+"waivers:\n  "+old+"\n", "\n", "\r\n"),
		"text over lines":     waiversHead + "waivers:\n  - rule: secrets\n    scope: {path: a}\n    owner: o\n    expires: 2027-01-01T00:00:00Z\n    reason: |\n      one\n\n      two\n",
	} {
		out, err := AddWaiver("waivers.yaml", []byte(text), sampleWaiver(), p)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		list, err := ParseWaivers("waivers.yaml", out, p)
		if err != nil || list[len(list)-1] != sampleWaiver() {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
		kept := string(out)
		for _, line := range strings.SplitAfter(text, "\n") {
			i := strings.Index(kept, line)
			if i < 0 {
				t.Errorf("%s: %q is gone:\n%s", name, line, out)
				break
			}
			kept = kept[i+len(line):]
		}
		again, err := AddWaiver("waivers.yaml", out, Waiver{Rule: "secrets", Scope: WaiverScope{Path: "b"}, Reason: "r", Owner: "o", Expires: now}, p)
		if list, parseErr := ParseWaivers("waivers.yaml", again, p); err != nil || parseErr != nil || list[len(list)-1].Scope.Path != "b" || !slices.Contains(list, sampleWaiver()) {
			t.Errorf("%s, a second time: %v, %v\n%s", name, err, parseErr, again)
		}
	}
	for name, text := range map[string]string{"flow": waiversHead + "waivers: [{rule: secrets, scope: {path: a}, reason: r, owner: o, expires: 2027-01-01T00:00:00Z}] # these\n", "empty flow": waiversHead + "# none\nwaivers: []\n"} {
		out, err := AddWaiver("waivers.yaml", []byte(text), sampleWaiver(), p)
		if err != nil || !strings.Contains(string(out), "#") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	for name, c := range map[string]struct {
		text   string
		change func(*Waiver)
	}{
		"file that can't be read": {"waivers: 1\n", func(*Waiver) {}},
		"list of nothing":         {waiversHead + "waivers:\n", func(*Waiver) {}},
		"no scope":                {"", func(w *Waiver) { w.Scope = WaiverScope{} }},
		"wildcard":                {"", func(w *Waiver) { w.Scope.PURL = "pkg:npm/*" }},
		"unknown rule":            {"", func(w *Waiver) { w.Rule = "vulns" }},
		"no reason":               {"", func(w *Waiver) { w.Reason = "" }},
		"rule that is YAML":       {"", func(w *Waiver) { w.Rule = "secrets\n    scope: {path: x}" }},
	} {
		w := sampleWaiver()
		c.change(&w)
		if out, err := AddWaiver("waivers.yaml", []byte(c.text), w, p); err == nil {
			t.Errorf("%s was written:\n%s", name, out)
		}
	}
}

// The baseline begins with all that is found, and from then on only loses.
func TestBaselineShrinks(t *testing.T) {
	a, b, c := Baselined{Rule: "config", Fingerprint: strings.Repeat("a", 64), Path: "x"}, Baselined{Rule: "config", Fingerprint: strings.Repeat("b", 64), Path: "y"}, Baselined{Rule: "sast", Fingerprint: strings.Repeat("a", 64)}
	first, fresh, gone := (*Baseline)(nil).Shrink([]Baselined{b, a, a, c})
	if first.Limit != 3 || len(first.Findings) != 3 || len(fresh)+len(gone) != 0 {
		t.Fatalf("%+v, new %v, gone %v", first, fresh, gone)
	}
	next, fresh, gone := first.Shrink([]Baselined{a, {Rule: "config", Fingerprint: strings.Repeat("c", 64)}})
	if next.Limit != 1 || next.Findings[0] != a || len(fresh) != 1 || len(gone) != 2 {
		t.Fatalf("%+v, new %v, gone %v", next, fresh, gone)
	}
	again, fresh, _ := next.Shrink([]Baselined{a, b})
	if again.Limit != 1 || len(fresh) != 1 {
		t.Errorf("what was gone came back: %+v", again)
	}
	p := newWorld(t).policyText("artifacts:", "baseline: {rules: [config, sast], until: 2027-01-01T00:00:00Z}\nartifacts:").load()
	for _, x := range []Baseline{first, next, {APIVersion: APIVersion, Kind: KindBaseline}} {
		read, err := ParseBaseline("baseline.yaml", x.YAML(), p)
		if err != nil || read.Limit != x.Limit || !slices.Equal(read.Findings, x.Findings) {
			t.Errorf("written and read: %v, %+v", err, read)
		}
	}
}

// A subject alone accepts what has no other name; nothing accepts that an answer is not there, or is about something else.
func TestP19_WaiversOfASubjectAlone(t *testing.T) {
	image := newWorld(t).image
	of := func(code, advisory string) rules.Result {
		return rules.Result{Rule: "r", Code: code, Key: rules.Key{Advisory: advisory, Subject: image.Digest.Primary().String()}}
	}
	alone := Waiver{Rule: "r", Scope: WaiverScope{Subject: image.Digest.Primary().String()}, Expires: now.Add(time.Hour)}
	all := alone
	all.Scope.Everywhere = true
	for _, c := range []struct {
		waiver    Waiver
		res       rules.Result
		different bool
		want      bool
	}{
		{alone, of("SBOM_EMPTY", ""), false, true},
		{alone, of("VULNERABILITY", "CVE-2026-0001"), false, false},
		{all, of("VULNERABILITY", "CVE-2026-0001"), false, true},
		{all, of("SBOM_EMPTY", ""), true, false},
		{all, of("SBOM_MISSING", ""), false, false},
		{alone, of("TIME_INCONSISTENT", ""), false, false},
		{alone, of("MATERIAL_MISMATCH", ""), false, false},
		{alone, of("SBOM_ROOT_MISMATCH", ""), false, false},
		{alone, of("TOOL_MISSING", ""), false, false},
	} {
		if c.different {
			c.res.Key.Subject, c.waiver.Scope.Subject = "", "sha256:"+strings.Repeat("0", 64)
		}
		a := &attempt{decider: &decider{p: &Policy{Waivers: []Waiver{c.waiver}}, req: Request{Subject: image, At: now}}, usedUp: map[int]bool{}}
		if got := a.waiver(c.res) != nil; got != c.want {
			t.Errorf("%+v of %s %s: %v", c.waiver.Scope, c.res.Code, c.res.Key.Advisory, got)
		}
	}
}
