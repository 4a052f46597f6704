// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/rules"
)

// BaselineFile is the file of a policy that lists what was found when the gate was introduced, and KindBaseline its kind.
const (
	BaselineFile = "baseline.yaml"
	KindBaseline = "Baseline"
)

// maxBaseline bounds the findings of a baseline.
const maxBaseline = 20_000

// BaselineRule lets an old repository start: what is listed in baseline.yaml warns instead of refusing, for these rules, until a day.
type BaselineRule struct {
	Rules []string  `yaml:"rules"`
	Until time.Time `yaml:"until"`
}

// Baseline is baseline.yaml. It only ever shrinks: Limit is how many findings it may have, and is lowered as they go.
type Baseline struct {
	APIVersion string      `yaml:"apiVersion"`
	Kind       string      `yaml:"kind"`
	Limit      int         `yaml:"limit"`
	Findings   []Baselined `yaml:"findings"`
}

// Baselined is one finding of a baseline. Rule and fingerprint decide; the rest says to people what it is.
type Baselined struct {
	Rule        string `yaml:"rule"`
	Fingerprint string `yaml:"fingerprint"`
	Advisory    string `yaml:"advisory"`
	PURL        string `yaml:"purl"`
	Path        string `yaml:"path"`
	Resource    string `yaml:"resource"`
}

// fingerprint is what a result is known by from one run to the next: that of the finding, else what it is about, but for the artifact, which is another each time.
// The code belongs to it, so that a vulnerability that comes to be exploited is a new finding.
func fingerprint(res rules.Result) string {
	k := res.Key
	if k.Fingerprint != "" || k.Advisory+k.PURL+k.Path+k.Resource == "" {
		return k.Fingerprint
	}
	return attest.SHA256([]byte(strings.Join([]string{res.Rule, res.Code, k.Advisory, k.PURL, k.Path, k.Resource}, "\x00"))).Hex
}

func (p *Policy) checkBaseline(places Places) error {
	switch {
	case !places.has("baseline"):
		return nil
	case len(p.Baseline.Rules) == 0:
		return places.Errorf("baseline", "for example baseline: {rules: [config, sast], until: 2027-06-30T00:00:00Z}", "a baseline needs the rules it is for")
	case p.Baseline.Until.IsZero():
		return places.Errorf("baseline", "for example until: 2027-06-30T00:00:00Z", "a baseline needs a day on which it ends")
	}
	return nil
}

func (p *Policy) loadBaseline(file string, data []byte) error {
	ids := []string{}
	for _, r := range p.rules.Rules() {
		ids = append(ids, r.ID)
	}
	for _, id := range p.Baseline.Rules {
		if !contains(ids, id) {
			return &ConfigError{File: strings.TrimSuffix(file, BaselineFile) + "policy.yaml", Path: "baseline.rules", Message: fmt.Sprintf("unknown rule %q", id), Hint: Suggest(id, ids)}
		}
	}
	if data == nil {
		return nil
	}
	b, err := ParseBaseline(file, data, p)
	p.Known = b.Findings
	return err
}

// ParseBaseline reads baseline.yaml. It must be for rules that the policy has a baseline for, and no longer than it says itself.
func ParseBaseline(file string, data []byte, p *Policy) (Baseline, error) {
	var b Baseline
	places, err := DecodeYAML(file, data, &b)
	if err != nil {
		return Baseline{}, err
	}
	if err := checkHeader(places, b.APIVersion, b.Kind, KindBaseline); err != nil {
		return Baseline{}, err
	}
	switch {
	case len(p.Baseline.Rules) == 0:
		return Baseline{}, places.Errorf("", "set baseline: {rules: […], until: …} in policy.yaml, or remove the file", "the policy has no baseline, so this would never be read")
	case len(b.Findings) > b.Limit:
		return Baseline{}, places.Errorf("findings", "a baseline only shrinks; mend or waive what is new", "it lists %d findings, and its limit is %d", len(b.Findings), b.Limit)
	case len(b.Findings) > maxBaseline:
		return Baseline{}, places.Errorf("findings", "", "it lists more than %d findings", maxBaseline)
	}
	seen := map[string]bool{}
	for i, x := range b.Findings {
		at := fmt.Sprintf("findings[%d]", i)
		switch {
		case !contains(p.Baseline.Rules, x.Rule):
			return Baseline{}, places.Errorf(at+".rule", Suggest(x.Rule, slices.Clone(p.Baseline.Rules)), "the policy has no baseline for rule %q", x.Rule)
		case len(x.Fingerprint) != 64 || !isLowerHexOrEmpty(x.Fingerprint):
			return Baseline{}, places.Errorf(at+".fingerprint", "decisions in JSON have it", "expected 64 hex digits")
		case seen[x.Rule+x.Fingerprint]:
			return Baseline{}, places.Errorf(at, "", "it stands twice")
		}
		seen[x.Rule+x.Fingerprint] = true
	}
	return b, nil
}

// baselined is the entry of the baseline for a result that was there when the baseline was made, and that still counts.
func (a *attempt) baselined(res rules.Result) *Baselined {
	if !a.req.At.Before(a.p.Baseline.Until) || !contains(a.p.Baseline.Rules, res.Rule) {
		return nil
	}
	is := fingerprint(res)
	if is == "" {
		return nil
	}
	var known *Baselined
	for i, x := range a.p.Known {
		if x.Rule == res.Rule && (x.Fingerprint == is || contains(res.Key.Aliases, x.Fingerprint)) {
			a.seen[i], known = true, &a.p.Known[i]
		}
	}
	return known
}

// checkExceptions warns of waivers that accept nothing here, and of findings in the baseline that are gone. Only rules that had something to judge count.
func (a *attempt) checkExceptions(doc map[string]any) {
	judged := a.judged(doc)
	for i, w := range a.p.Waivers {
		if !a.usedUp[i] && judged[w.Rule] && a.req.At.Before(w.Expires) && !a.req.At.Before(w.From) && a.concerns(w) {
			a.warnings = append(a.warnings, Reason{Code: CodeUnusedWaiver, Rule: w.Rule, Message: fmt.Sprintf("a waiver by %s accepts nothing that was found: %s", w.Owner, w.Scope),
				Fix: "remove it from waivers.yaml, unless it is for another artifact"})
		}
	}
	gone := 0
	for i, x := range a.p.Known {
		if !a.seen[i] && judged[x.Rule] && a.req.At.Before(a.p.Baseline.Until) {
			gone++
		}
	}
	if gone > 0 {
		a.warnings = append(a.warnings, Reason{Code: CodeBaselineGone, Message: fmt.Sprintf("%d of the %d findings of the baseline are not there any more", gone, len(a.p.Known)),
			Fix: "sealock waive --baseline --decision FILE"})
	}
}

// judged are the rules of which a kind of evidence is there.
func (a *attempt) judged(doc map[string]any) map[string]bool {
	kinds := map[string]bool{}
	evidence, _ := doc["evidence"].([]any)
	for _, e := range evidence {
		if m, ok := e.(map[string]any); ok {
			kind, _ := m["kind"].(string)
			kinds[kind] = true
		}
	}
	out := map[string]bool{}
	for _, r := range a.p.rules.Rules() {
		out[r.ID] = slices.ContainsFunc(r.Kinds, func(k string) bool { return kinds[k] })
	}
	return out
}

// concerns reports whether a waiver could be for this artifact.
func (a *attempt) concerns(w Waiver) bool {
	return w.Scope.Subject == "" || slices.ContainsFunc(append([]attest.Subject{a.req.Subject}, a.chain.subjects...), func(s attest.Subject) bool {
		return s.Digest.Primary().String() == w.Scope.Subject
	})
}

// String is the scope for people.
func (s WaiverScope) String() string {
	var parts []string
	for _, p := range [][2]string{{"advisory", s.Advisory}, {"purl", s.PURL}, {"path", s.Path}, {"resource", s.Resource}, {"subject", s.Subject}, {"fingerprint", s.Fingerprint}} {
		if p[1] != "" {
			parts = append(parts, p[0]+" "+p[1])
		}
	}
	if s.Everywhere {
		parts = append(parts, "everywhere")
	}
	return strings.Join(parts, ", ")
}
