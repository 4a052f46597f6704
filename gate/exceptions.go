// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"strings"

	"github.com/sealock-dev/sealock/attest"
)

func (p *Policy) loadWaivers(file string, data []byte) error {
	if data == nil {
		return nil
	}
	var w waiversFile
	places, err := DecodeYAML(file, data, &w)
	if err != nil {
		return err
	}
	if err := checkHeader(places, w.APIVersion, w.Kind, KindWaivers); err != nil {
		return err
	}
	ids := []string{}
	for _, r := range p.rules.Rules() {
		ids = append(ids, r.ID)
	}
	for i, x := range w.Waivers {
		at := fmt.Sprintf("waivers[%d]", i)
		scope := x.Scope.Advisory + x.Scope.Path + x.Scope.Resource + x.Scope.Subject
		_, badSubject := attest.ParseDigest(x.Scope.Subject)
		switch {
		case x.Rule == "":
			return places.Errorf(at, "", "a waiver needs the rule it is about")
		case !contains(ids, x.Rule):
			return places.Errorf(at+".rule", suggest(x.Rule, ids), "unknown rule %q", x.Rule)
		case x.Scope == WaiverScope{}:
			return places.Errorf(at, "give at least one of advisory, purl, path, resource, subject", "a waiver needs a scope")
		case x.Reason == "" || x.Owner == "":
			return places.Errorf(at, "", "a waiver needs a reason and an owner")
		case x.Expires.IsZero():
			return places.Errorf(at, "for example expires: 2027-01-31T00:00:00Z", "a waiver needs a day on which it expires")
		case strings.ContainsAny(scope, "*?"), strings.Contains(x.Scope.PURL, "*"): // in a package URL ? begins the qualifiers
			return places.Errorf(at+".scope", "", "wildcards are not allowed in a waiver")
		case x.Scope.Subject != "" && badSubject != nil:
			return places.Errorf(at+".scope.subject", "", "%v", badSubject)
		}
	}
	p.Waivers = w.Waivers
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
				return nil, places.Errorf(at+".identity", suggest(x.Identity, sortedKeys(p.Identities)), "unknown identity %q", x.Identity)
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
