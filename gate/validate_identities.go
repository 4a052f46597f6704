// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"net/netip"
	"net/url"
	"path"
	"strings"
)

func (p *Policy) checkIdentities(places Places) error {
	if len(p.Identities) == 0 {
		return places.Errorf("identities", "", "no identities: nobody may sign")
	}
	for _, name := range sortedKeys(p.Identities) {
		id, at := p.Identities[name], "identities."+name
		ofCertificate := id.Issuer != "" || id.Subject != "" || id.SubjectPattern != "" || len(id.Claims) > 0
		forms := 0
		for _, given := range []bool{id.Key != "", ofCertificate, len(id.AnyOf) > 0} {
			if given {
				forms++
			}
		}
		switch {
		case !isName(name):
			return places.Errorf(at, "lower-case letters, digits, . _ -", "%q is no name for an identity", name)
		case forms != 1:
			return places.Errorf(at, "", "expected exactly one of: key; issuer and subject; anyOf")
		case !id.NotAfter.IsZero() && id.NotAfter.Before(id.NotBefore):
			return places.Errorf(at, "", "notAfter is before notBefore")
		case len(id.AnyOf) > 0 && (!id.NotBefore.IsZero() || !id.NotAfter.IsZero() || id.Builder != ""):
			return places.Errorf(at, "write it at each of them", "a group has no times and no builder of its own")
		case places.has(at+".builder") && strings.TrimSpace(id.Builder) == "":
			return places.Errorf(at+".builder", "leave it out where any will do", "no builder is named")
		case places.has(at+".claims") && len(id.Claims) == 0:
			return places.Errorf(at+".claims", "leave it out, or name a claim", "no claim is named: nothing would be compared")
		}
		if ofCertificate {
			if err := p.checkCertificate(places, at, id); err != nil {
				return err
			}
		}
	}
	for _, name := range sortedKeys(p.Identities) {
		if err := p.checkNames(places, "identities."+name+".anyOf", p.Identities[name].AnyOf, false); err != nil {
			return err
		}
		if len(p.Identities[name].AnyOf) > 0 && len(p.expand([]string{name})) == 0 {
			return places.Errorf("identities."+name, "", "anyOf names nobody in the end")
		}
	}
	return p.checkPeople(places)
}

// checkCertificate refuses an identity that would match strangers, or nobody.
func (p *Policy) checkCertificate(places Places, at string, id Identity) error {
	switch {
	case id.Issuer == "" || (id.Subject == "" && id.SubjectPattern == ""):
		return places.Errorf(at, "", "an identity needs both issuer and subject: without one of them it would match strangers")
	case id.Subject != "" && id.SubjectPattern != "":
		return places.Errorf(at+".subjectPattern", "leave one of them out", "an identity has either a subject or a subjectPattern")
	case p.Trust.Sigstore == TrustNone:
		return places.Errorf(at, "name the trust root: trust: {sigstore: public-good}, or a trusted_root.json of the policy", "trust is %s, so no certificate could ever be verified", TrustNone)
	case strings.Contains(id.Subject, "*"):
		return places.Errorf(at+".subject", "write it as subjectPattern", "a subject is exact: * would stand for itself")
	case strings.TrimSpace(id.Subject) != id.Subject:
		return places.Errorf(at+".subject", "", "begins or ends with a space: no certificate has that")
	}
	if problem := badIssuer(id.Issuer); problem != "" {
		return places.Errorf(at+".issuer", "write it exactly as the token has it in iss, for example https://token.actions.githubusercontent.com", "%q %s", id.Issuer, problem)
	}
	if id.SubjectPattern != "" {
		if _, err := parsePattern(id.SubjectPattern); err != nil {
			return places.Errorf(at+".subjectPattern", "", "%v", err)
		}
	}
	return checkClaims(places, at+".claims", id)
}

// badIssuer says what is wrong with an issuer, or "". Issuers are compared exactly, so what can't be an issuer would match nobody, or not who is meant.
func badIssuer(issuer string) string {
	u, err := url.Parse(issuer)
	switch {
	case strings.Contains(issuer, "*"):
		return "holds a *: an issuer is exact"
	case err != nil || u.Host == "" || u.Opaque != "":
		return "is no URL"
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.ContainsAny(issuer, " \t\r\n#"):
		return "has more than scheme, host and path"
	case u.Scheme == "https":
		return ""
	}
	if ip, err := netip.ParseAddr(u.Hostname()); u.Scheme == "http" && (u.Hostname() == "localhost" || (err == nil && ip.IsLoopback())) {
		return ""
	}
	return "is not https: anybody on the way could answer for it"
}

// checkClaims refuses claims that no certificate has, and values that say nothing. Where the subject is a workflow of another repository than the source
// that the claims name, the source must be pinned by its number: anybody may call a shared workflow.
func checkClaims(places Places, at string, id Identity) error {
	for _, name := range sortedKeys(id.Claims) {
		where := at + "." + name
		if !contains(Claims, name) {
			return places.Errorf(where, Suggest(name, append([]string(nil), Claims...)), "unknown claim %q", name)
		}
		if len(id.Claims[name]) == 0 {
			return places.Errorf(where, "leave the claim out where any value will do", "no value is listed: nothing could ever match")
		}
		for i, v := range id.Claims[name] {
			switch {
			case strings.TrimSpace(v) != v || v == "":
				return places.Errorf(fmt.Sprintf("%s[%d]", where, i), "leave the claim out where any value will do", "%q is no value of a claim", v)
			case strings.Contains(v, "*"):
				return places.Errorf(fmt.Sprintf("%s[%d]", where, i), "list the values: [a, b]", "%q holds a *: claims are exact", v)
			}
		}
	}
	if len(id.Claims[claimSource]) > 0 {
		return nil
	}
	for i, source := range id.Claims[claimSourceURI] {
		home := repositoryOf(id.Subject + id.SubjectPattern)
		if home != "" && !overlaps(home, source) {
			return places.Errorf(fmt.Sprintf("%s.%s[%d]", at, claimSourceURI, i), fmt.Sprintf("add %s: \"…\" to the claims; 'sealock identity show BUNDLE' prints it", claimSource),
				"the workflow is of %s, the source of %s: a shared workflow needs the number of the repository that may call it", home, source)
		}
	}
	return nil
}

// checkPeople refuses what would silently not apply: one person would then count as two.
func (p *Policy) checkPeople(places Places) error {
	known := map[string]string{} // identity name, key file or subject → what it is in the end
	for name, id := range p.Identities {
		switch {
		case id.Key != "":
			file := path.Clean(id.Key)
			known[name], known[file] = file, file
		case id.Subject != "":
			known[name], known[id.Subject] = id.Subject, id.Subject
		case id.SubjectPattern != "":
			known[name] = name
		}
	}
	owner := map[string]string{}
	for _, person := range sortedKeys(p.People) {
		if len(p.People[person]) == 0 {
			return places.Errorf("people."+person, "", "a person needs at least one identity")
		}
		for i, alias := range p.People[person] {
			at := fmt.Sprintf("people.%s[%d]", person, i)
			who, ok := known[alias]
			if !ok {
				who, ok = known[path.Clean(alias)]
			}
			if !ok && !strings.Contains(alias, "@") && !strings.Contains(alias, "://") { // those are subjects of certificates
				return places.Errorf(at, Suggest(alias, sortedKeys(known)), "%q is neither an identity of the policy, nor a key file, nor the subject of a certificate", alias)
			}
			if !ok {
				who = alias
			}
			if !strings.Contains(who, "://") && strings.Contains(who, "@") {
				who = strings.ToLower(who)
			}
			if other, taken := owner[who]; taken && other != person {
				return places.Errorf(at, "", "%q belongs to %q already", alias, other)
			}
			owner[who] = person
		}
	}
	return nil
}
