// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sealock-dev/sealock/attest"
)

// claimSource is the claim with the number of the source repository, which outlives renaming; claimSourceURI the one with its address.
const (
	claimSource    = "sourceRepositoryIdentifier"
	claimSourceURI = "sourceRepositoryURI"
)

// Claims are the claims of certificates that a policy may name: Fulcio's extensions (https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md).
// The issuer is none of them: an identity names it anyway.
var Claims = []string{"buildConfigDigest", "buildConfigURI", "buildSignerDigest", "buildSignerURI", "buildTrigger", "deploymentEnvironment", "githubWorkflowName", "githubWorkflowRef",
	"githubWorkflowRepository", "githubWorkflowSHA", "githubWorkflowTrigger", "runInvocationURI", "runnerEnvironment", "sourceRepositoryDigest", claimSource, "sourceRepositoryOwnerIdentifier",
	"sourceRepositoryOwnerURI", "sourceRepositoryRef", claimSourceURI, "sourceRepositoryVisibilityAtSigning", "tokenSubject"}

// certificate is an identity that certificates prove.
type certificate struct {
	name    string
	issuer  string
	subject string   // exact, or
	pattern *pattern // what it must match
	claims  map[string]Values
}

// Difference is one thing in which a signer is not what an identity of the policy asks for.
type Difference struct {
	Claim    string `json:"claim"` // issuer, subject, or the name of a claim
	Expected string `json:"expected"`
	Found    string `json:"found"`
}

func (d Difference) String() string {
	return fmt.Sprintf("%s: expected %s, found %s", d.Claim, d.Expected, d.Found)
}

// differences compares a signer with the identity claim by claim: issuer, subject, then the others by name. None means that it is the signer.
func (c *certificate) differences(id attest.Identity) []Difference {
	var out []Difference
	if id.Key != "" || id.Issuer != c.issuer {
		out = append(out, Difference{"issuer", quoted(c.issuer), found(id.Issuer, id.Issuer != "")})
	}
	switch {
	case c.pattern != nil && !c.pattern.matches(id.Subject):
		out = append(out, Difference{"subject", "a match of " + quoted(c.pattern.text), found(id.Subject, id.Subject != "")})
	case c.pattern == nil && (id.Subject == "" || id.Subject != c.subject):
		out = append(out, Difference{"subject", quoted(c.subject), found(id.Subject, id.Subject != "")})
	}
	for _, name := range sortedKeys(c.claims) {
		if value, ok := id.Claims[name]; !ok || !slices.Contains(c.claims[name], value) {
			out = append(out, Difference{name, oneOf(c.claims[name]), found(value, ok)})
		}
	}
	if len(out) == 0 {
		return c.unpinned(id)
	}
	return out
}

// unpinned refuses a workflow of one repository that ran for another where the policy does not say for which: anybody may call a shared workflow, so its
// name alone says nothing of the source.
func (c *certificate) unpinned(id attest.Identity) []Difference {
	home := repositoryOf(id.Subject)
	if home == "" || len(c.claims[claimSource]) > 0 || id.Claims[claimSourceURI] == home {
		return nil
	}
	source, ok := id.Claims[claimSourceURI]
	return []Difference{{claimSourceURI, quoted(home) + " (the workflow's own repository), or a " + claimSource + " in the policy", found(source, ok)}}
}

// repositoryOf is the repository that the subject of a CI job names, or "": what stands before /.github/workflows/ (GitHub), or before the // of a
// file's path (GitLab).
func repositoryOf(subject string) string {
	scheme, rest, ok := strings.Cut(subject, "://")
	if !ok {
		return ""
	}
	end := -1
	for _, mark := range []string{"/.github/workflows/", "//"} {
		if i := strings.Index(rest, mark); i > 0 && (end < 0 || i < end) {
			end = i
		}
	}
	if end < 0 {
		return ""
	}
	return scheme + "://" + rest[:end]
}

// Names are the identities of the policy that a signer is, in order of name.
func (p *Policy) Names(id attest.Identity) []string {
	if id.Key != "" {
		return p.names[id.Key]
	}
	var out []string
	for i := range p.certificates {
		if c := &p.certificates[i]; len(c.differences(id)) == 0 {
			out = append(out, c.name)
		}
	}
	return out
}

// Differences says in what a signer is not the identity of that name: nothing if it is. Of a key there is only one thing to say.
func (p *Policy) Differences(id attest.Identity, name string) []Difference {
	for i := range p.certificates {
		if c := &p.certificates[i]; c.name == name {
			return c.differences(id)
		}
	}
	if k, ok := p.keys[name]; ok && k.id == id.Key {
		return nil
	}
	return []Difference{{"key", quoted(p.keys[name].id), found(id.Key, id.Key != "")}}
}

// MaySign reports whether a signer is one of the named identities.
func (p *Policy) MaySign(id attest.Identity, names []string) bool {
	return len(p.namesAmong(id, names)) > 0
}

// namesAmong are the identities that a signer is and that are, or belong to, the named ones.
func (p *Policy) namesAmong(id attest.Identity, names []string) []string {
	allowed := p.expand(names)
	var out []string
	for _, n := range p.Names(id) {
		if allowed[n] {
			out = append(out, n)
		}
	}
	return out
}

// notAllowed is the reason why a signer is none of the named identities. Of certificates it tells what differs from the identity that comes closest.
func (p *Policy) notAllowed(id attest.Identity, names []string) *Reason {
	r := &Reason{Code: CodeSigner, Message: "signed by an identity that may not sign this", Expected: "one of " + list(names), Found: p.NameOf(id),
		Fix: "sign with a listed identity, or add the identity to the policy"}
	closest, diffs := p.closest(id, names)
	if closest == "" {
		return r
	}
	var said, expected, seen []string
	for _, d := range diffs {
		said, expected, seen = append(said, d.String()), append(expected, d.Claim+" "+d.Expected), append(seen, d.Claim+" "+d.Found)
	}
	r.Message += fmt.Sprintf("; it is not %s: %s", closest, strings.Join(said, "; "))
	if diffs[0].Claim == "issuer" || diffs[0].Claim == "subject" {
		return r
	}
	r.Code, r.Expected, r.Found = CodeClaim, closest+" with "+strings.Join(expected, ", "), strings.Join(seen, ", ")
	r.Fix = "run it as the policy asks; if the change is meant, 'sealock identity show BUNDLE' prints the claims for policy.yaml"
	return r
}

// closest is the certificate identity among the named ones that a signer differs from least: first in issuer and subject, then in the number of claims.
func (p *Policy) closest(id attest.Identity, names []string) (string, []Difference) {
	if id.Key != "" {
		return "", nil
	}
	allowed := p.expand(names)
	weight := func(diffs []Difference) int {
		n := len(diffs)
		for _, d := range diffs {
			if d.Claim == "issuer" || d.Claim == "subject" {
				n += len(Claims)
			}
		}
		return n
	}
	name, best := "", []Difference(nil)
	for i := range p.certificates {
		c := &p.certificates[i]
		if !allowed[c.name] {
			continue
		}
		if diffs := c.differences(id); name == "" || weight(diffs) < weight(best) {
			name, best = c.name, diffs
		}
	}
	return name, best
}

// inWindow reports whether an identity of the policy counts at a time.
func (p *Policy) inWindow(name string, at time.Time) bool {
	id := p.Identities[name]
	return (id.NotBefore.IsZero() || !at.Before(id.NotBefore)) && (id.NotAfter.IsZero() || !at.After(id.NotAfter))
}

// NameOf is the policy's name for an identity, or what it is.
func (p *Policy) NameOf(id attest.Identity) string {
	if names := p.Names(id); len(names) > 0 {
		return list(names)
	}
	return id.String()
}

// compileCertificates takes the identities of certificates out of the file. checkIdentities has looked at them.
func (p *Policy) compileCertificates() error {
	for _, name := range sortedKeys(p.Identities) {
		id := p.Identities[name]
		if id.Issuer == "" {
			continue
		}
		c := certificate{name: name, issuer: id.Issuer, subject: id.Subject, claims: id.Claims}
		if id.SubjectPattern != "" {
			var err error
			if c.pattern, err = parsePattern(id.SubjectPattern); err != nil {
				return err
			}
		}
		p.certificates = append(p.certificates, c)
	}
	return nil
}

// maxQuoted bounds how much of a foreign value a message repeats.
const maxQuoted = 400

// quoted writes a value so that nothing in it can pass for something else.
func quoted(s string) string {
	if len(s) > maxQuoted {
		s = strings.ToValidUTF8(s[:maxQuoted], "") + "…"
	}
	if !utf8.ValidString(s) {
		return fmt.Sprintf("%+q", s)
	}
	return fmt.Sprintf("%q", s)
}

func found(s string, ok bool) string {
	if !ok {
		return "none"
	}
	return quoted(s)
}

func oneOf(values Values) string {
	if len(values) == 1 {
		return quoted(values[0])
	}
	out := make([]string, 0, len(values))
	for _, v := range values {
		out = append(out, quoted(v))
	}
	sort.Strings(out)
	return "one of " + strings.Join(out, ", ")
}
