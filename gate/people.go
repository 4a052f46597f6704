// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"path"
	"strings"

	"github.com/sealock-dev/sealock/attest"
)

// stagePrefix marks, in notBy, whoever signed a stage of the artifact's chain.
const stagePrefix = "stage:"

// person is who stands behind a signer: by the policy's people, else the key, the mail address (whoever vouches for it: one mailbox is one person),
// or issuer and subject.
func (p *Policy) person(id attest.Identity) string {
	names := p.Names(id)
	for _, person := range sortedKeys(p.People) {
		for _, alias := range p.People[person] {
			if id.Key == "" && id.Subject != "" && (sameSubject(alias, id.Subject) || sameMail(p.Identities[alias].Subject, id.Subject)) {
				return person
			}
			for _, name := range names {
				if alias == name || (p.keys[name].file != "" && path.Clean(alias) == p.keys[name].file) {
					return person
				}
			}
		}
	}
	if id.Key == "" && isMail(id.Subject) {
		return strings.ToLower(id.Subject)
	}
	return id.Principal()
}

func isMail(s string) bool { return strings.Contains(s, "@") && !strings.Contains(s, "/") }

// sameSubject compares the subjects of certificates, mail addresses without regard to case.
func sameSubject(a, b string) bool { return a == b || sameMail(a, b) }

func sameMail(a, b string) bool { return isMail(a) && isMail(b) && strings.EqualFold(a, b) }

// samePerson reports whether a signer is, or belongs to the same person as, one of the named identities. Claims are left out of it: that somebody signed
// in another job or on another runner makes him nobody else.
func (p *Policy) samePerson(id attest.Identity, names []string) bool {
	who := p.person(id)
	for name := range p.expand(names) {
		if contains(p.Names(id), name) || p.person(p.signerNamed(name)) == who || p.sameName(id, name) {
			return true
		}
	}
	return false
}

// sameName reports whether a certificate has the issuer and subject of an identity, whatever its claims.
func (p *Policy) sameName(id attest.Identity, name string) bool {
	for _, c := range p.certificates {
		if c.name == name && id.Key == "" && id.Issuer == c.issuer {
			return (c.pattern != nil && c.pattern.matches(id.Subject)) || (c.pattern == nil && sameSubject(id.Subject, c.subject))
		}
	}
	return false
}

// signerNamed is the signer that an identity of the policy means, as far as it is known before anything is signed. That of a pattern has the pattern for a
// subject, which no certificate has.
func (p *Policy) signerNamed(name string) attest.Identity {
	if k, ok := p.keys[name]; ok {
		return attest.Identity{Key: k.id}
	}
	id := p.Identities[name]
	out := attest.Identity{Issuer: id.Issuer, Subject: id.Subject + id.SubjectPattern, Claims: map[string]string{}}
	if home := repositoryOf(out.Subject); home != "" {
		out.Claims[claimSourceURI] = home
	}
	for claim, values := range id.Claims {
		out.Claims[claim] = values[0]
	}
	return out
}

// open reports whether any of the named identities is a pattern, behind which there may be any number of signers.
func (p *Policy) open(names []string) bool {
	for name := range p.expand(names) {
		if p.Identities[name].SubjectPattern != "" {
			return true
		}
	}
	return false
}
