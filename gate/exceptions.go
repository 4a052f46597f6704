// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// WaiversFile is waivers.yaml.
type WaiversFile struct {
	APIVersion string   `yaml:"apiVersion"`
	Kind       string   `yaml:"kind"`
	Waivers    []Waiver `yaml:"waivers"`
}

func (p *Policy) loadWaivers(file string, data []byte) error {
	if data == nil {
		return nil
	}
	list, err := ParseWaivers(file, data, p)
	p.Waivers = list
	return err
}

// ParseWaivers reads waivers.yaml. Each must name a rule of the policy and one thing that it is about.
func ParseWaivers(file string, data []byte, p *Policy) ([]Waiver, error) {
	var w WaiversFile
	places, err := DecodeYAML(file, data, &w)
	if err != nil {
		return nil, err
	}
	if err := checkHeader(places, w.APIVersion, w.Kind, KindWaivers); err != nil {
		return nil, err
	}
	for i, x := range w.Waivers {
		if err := p.checkWaiver(places, fmt.Sprintf("waivers[%d]", i), x); err != nil {
			return nil, err
		}
	}
	return w.Waivers, nil
}

func (p *Policy) checkWaiver(places Places, at string, x Waiver) error {
	ids := []string{}
	for _, r := range p.rules.Rules() {
		ids = append(ids, r.ID)
	}
	switch {
	case x.Rule == "":
		return places.Errorf(at, "", "a waiver needs the rule it is about")
	case !contains(ids, x.Rule):
		return places.Errorf(at+".rule", Suggest(x.Rule, ids), "unknown rule %q", x.Rule)
	case strings.TrimSpace(x.Reason) == "" || strings.TrimSpace(x.Owner) == "":
		return places.Errorf(at, "", "a waiver needs a reason and an owner")
	case x.Expires.IsZero():
		return places.Errorf(at, "for example expires: 2027-01-31T00:00:00Z", "a waiver needs a day on which it expires")
	case !x.From.IsZero() && !x.From.Before(x.Expires):
		return places.Errorf(at+".expires", "", "it expires before it begins")
	case p.MaxWaiver > 0 && x.From.IsZero():
		return places.Errorf(at, "for example from: 2026-12-01T00:00:00Z", "the policy bounds waivers to %s (maxWaiver), so a waiver needs a day on which it begins", p.MaxWaiver)
	case p.MaxWaiver > 0 && x.Expires.Sub(x.From) > time.Duration(p.MaxWaiver):
		return places.Errorf(at+".expires", "", "it counts for %s, and the policy allows %s (maxWaiver)", Duration(x.Expires.Sub(x.From)), p.MaxWaiver)
	}
	return checkScope(places, at, x.Scope)
}

// checkScope demands one thing that a waiver is about, by its exact name. That an advisory is accepted wherever it turns up, or all that a rule finds in an artifact,
// must be said in so many words.
func checkScope(places Places, at string, s WaiverScope) error {
	texts := s.Advisory + s.Path + s.Resource + s.Subject + s.Fingerprint
	narrow := s.PURL + s.Path + s.Resource + s.Fingerprint
	_, badSubject := attest.ParseDigest(s.Subject)
	switch {
	case s == WaiverScope{}:
		return places.Errorf(at, "give at least one of purl, path, resource, subject, fingerprint", "a waiver needs a scope")
	case strings.ContainsAny(texts, "*?"), strings.Contains(s.PURL, "*"): // in a package URL ? begins the qualifiers
		return places.Errorf(at+".scope", "", "wildcards are not allowed in a waiver")
	case s.Everywhere && (narrow != "" || s.Advisory != "" && s.Subject != ""):
		return places.Errorf(at+".scope.everywhere", "leave one of the two out", "everywhere and a narrower scope contradict each other")
	case s.Everywhere && s.Advisory == "" && s.Subject == "":
		return places.Errorf(at+".scope", "to soften a whole rule, set its mode to warn in the policy", "everywhere needs the advisory or the artifact it is about")
	case narrow == "" && s.Subject == "" && !s.Everywhere:
		return places.Errorf(at+".scope", "give purl, path, resource, subject or fingerprint, or say everywhere: true", "the waiver would accept %s wherever it turns up", s.Advisory)
	case s.Subject != "" && badSubject != nil:
		return places.Errorf(at+".scope.subject", "", "%v", badSubject)
	}
	return nil
}

func (p *Policy) loadRevoked(file string, data []byte) error {
	if data == nil {
		return nil
	}
	list, err := ParseRevocations(file, data, p)
	p.Revoked = list
	return err
}

// ParseRevocations reads revoked.yaml. Identities must be names of the policy, or digests of keys.
func ParseRevocations(file string, data []byte, p *Policy) ([]Revocation, error) {
	var r RevocationsFile
	places, err := DecodeYAML(file, data, &r)
	if err != nil {
		return nil, err
	}
	if err := checkHeader(places, r.APIVersion, r.Kind, KindRevocations); err != nil {
		return nil, err
	}
	for i, x := range r.Revoked {
		at := fmt.Sprintf("revoked[%d]", i)
		given := 0
		for _, s := range []string{x.Subject, x.Statement, x.Identity, x.Serial} {
			if s != "" {
				given++
			}
		}
		if given != 1 {
			return nil, places.Errorf(at, "", "expected exactly one of subject, statement, identity, serial")
		}
		if _, err := attest.ParseDigest(x.Subject); x.Subject != "" && err != nil {
			return nil, places.Errorf(at+".subject", "", "%v", err)
		}
		if d, err := attest.ParseDigest(x.Statement); x.Statement != "" && (err != nil || d.Algorithm != "sha256") {
			return nil, places.Errorf(at+".statement", "statements are named by the sha256 of their bytes", "%q is not sha256:…", x.Statement)
		}
		if !isLowerHexOrEmpty(x.Serial) {
			return nil, places.Errorf(at+".serial", "", "%q: expected lower-case hex without separators", x.Serial)
		}
		if _, known := p.Identities[x.Identity]; x.Identity != "" && !known {
			if d, err := attest.ParseDigest(x.Identity); err != nil || d.Algorithm != "sha256" {
				return nil, places.Errorf(at+".identity", Suggest(x.Identity, sortedKeys(p.Identities)), "unknown identity %q", x.Identity)
			}
		}
		if !x.From.IsZero() && x.Identity == "" && x.Serial == "" {
			return nil, places.Errorf(at+".from", "", "`from` belongs to identities and serials; subjects and statements are revoked wholly")
		}
	}
	return r.Revoked, nil
}

func isLowerHexOrEmpty(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

// YAML is the revocation as an entry of the list in revoked.yaml.
func (r Revocation) YAML() []byte {
	var b strings.Builder
	sep := "  - {"
	field := func(k, v string) {
		if v != "" {
			fmt.Fprintf(&b, "%s%s: %q", sep, k, v)
			sep = ", "
		}
	}
	field("subject", r.Subject)
	field("statement", r.Statement)
	field("identity", r.Identity)
	field("serial", r.Serial)
	field("from", rfc3339(r.From))
	field("reason", r.Reason)
	return []byte(b.String() + "}\n")
}
