// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/rules"
)

// VEXRule says whose word counts about vulnerabilities that do no harm in an artifact.
type VEXRule struct {
	SignedBy []string `yaml:"signedBy"`
	MaxAge   Duration `yaml:"maxAge"` // older statements no longer count; zero: no bound
}

// VEXUse is the VEX statement because of which a vulnerability does not count.
type VEXUse struct {
	Statement     string `json:"statement"` // sha256:… of what was signed
	SignedBy      string `json:"signedBy"`
	Author        string `json:"author,omitempty"` // as the document says
	Format        string `json:"format"`
	Where         string `json:"where"` // in the document
	Product       string `json:"product"`
	Status        string `json:"status"`
	Justification string `json:"justification,omitempty"`
	Detail        string `json:"detail,omitempty"`
	Time          string `json:"time"`
}

// vexRule is the rule whose results VEX is about, and vexCodes are those results.
const vexRule = "vulnerabilities"

var vexCodes = map[string]bool{"VULNERABILITY": true, "VULNERABILITY_EXPLOITED": true}

// vexDocument is a signed VEX document about the artifact or a platform of it.
type vexDocument struct {
	*statement
	by      []attest.Evidence // those listed who signed it
	content predicate.VEX
	problem *Reason        // why none of it counts
	later   []*vexDocument // later versions of the same document
}

// vexClaim is what one author says last about one vulnerability in one place.
type vexClaim struct {
	doc     *vexDocument
	said    predicate.VEXStatement
	product string
	when    time.Time
}

// vexSeverity orders what one author says at one time: the worst counts.
var vexSeverity = map[string]int{predicate.VEXNotAffected: 0, predicate.VEXFixed: 1, predicate.VEXUnderInvestigation: 2, predicate.VEXAffected: 3}

// vexDocuments reads the VEX documents about the artifact, once a decision. Those inside a bill of materials are of another type and never among them.
func (a *attempt) vexDocuments() []*vexDocument {
	if a.vexRead {
		return a.vex
	}
	a.vexRead = true
	for _, id := range a.chains.order {
		st := a.chains.byID[id]
		if !predicate.IsVEX(st.st.PredicateType) || !aboutAny(st.st, append([]attest.Subject{a.req.Subject}, a.req.leaves()...)) {
			continue
		}
		d := &vexDocument{statement: st}
		d.by, d.problem = a.vexSigners(st)
		if d.problem == nil {
			d.problem = a.chains.revokedStatement(st)
		}
		if d.problem == nil {
			var err error
			if d.content, err = predicate.DecodeVEX(st.st); err != nil {
				d.problem = &Reason{Code: CodeVEXUnreadable, Message: err.Error(), Evidence: []string{st.id}}
			}
		}
		a.vex = append(a.vex, d)
	}
	versions := map[[2]string][]*vexDocument{}
	for _, d := range a.vex {
		if d.problem == nil && d.content.ID != "" {
			id := [2]string{d.content.Format, d.content.ID}
			versions[id] = append(versions[id], d)
		}
	}
	for _, same := range versions {
		slices.SortStableFunc(same, func(x, y *vexDocument) int { return x.content.Issued.Compare(y.content.Issued) })
		for i, d := range same {
			next, _ := slices.BinarySearchFunc(same[i:], d.content.Issued.Add(1), func(x *vexDocument, t time.Time) int { return x.content.Issued.Compare(t) })
			d.later = same[i+next:]
		}
	}
	return a.vex
}

func (a *attempt) vexSigners(st *statement) ([]attest.Evidence, *Reason) {
	if len(a.p.VEX.SignedBy) == 0 {
		return nil, &Reason{Code: CodeSigner, Message: "the policy lists no author of VEX", Expected: "an identity in vex.signedBy", Found: a.chains.describe(st.signers[0].Signer()), Evidence: []string{st.id}}
	}
	return a.chains.signedBy(st, a.p.VEX.SignedBy, 1)
}

// excused finds the VEX statement by which a result does not count, and says of those that speak about it why they do not help. Of one author's statements
// the newest counts; that any author says affected outweighs what others say.
func (a *attempt) excused(res rules.Result) (*VEXUse, []Reason) {
	if res.Rule != vexRule || !vexCodes[res.Code] {
		return nil, nil
	}
	var notes []Reason
	newest := map[string]vexClaim{} // author → what they say last
	for _, d := range a.vexDocuments() {
		if d.problem != nil {
			notes = append(notes, vexNote(*d.problem, d, "the VEX document does not count: "+d.problem.Message))
			continue
		}
		if !a.vexAbout(d, res) {
			continue
		}
		for _, ig := range d.content.Ignored {
			if len(ig.Vulnerabilities) == 0 || names(ig.Vulnerabilities, res) {
				code := map[string]string{"justification": CodeVEXJustification, "product": CodeVEXProduct}[ig.Missing]
				if code == "" {
					code = CodeVEXUnreadable
				}
				notes = append(notes, vexNote(Reason{Code: code}, d, fmt.Sprintf("VEX about %s does not count: %s", res.Key.Advisory, ig.Why), ig.Where))
			}
		}
		for _, said := range d.content.Statements {
			if !names(said.Vulnerabilities, res) {
				continue
			}
			c, problem := a.vexClaim(d, said, res)
			if problem != nil {
				notes = append(notes, *problem)
				continue
			}
			for _, e := range d.by {
				who := a.p.person(e.Signer())
				if a.replaced(d, who, res) {
					notes = append(notes, vexNote(Reason{Code: CodeVEXStale}, d, fmt.Sprintf("VEX by %s about %s is of a version of the document that a later one replaced", a.vexAuthors(d), res.Key.Advisory), said.Where))
					continue
				}
				if old, ok := newest[who]; !ok || c.supersedes(old) {
					newest[who] = c
				}
			}
		}
	}
	use, more := a.weigh(newest, res)
	return use, append(notes, more...)
}

// replaced reports whether somebody signed a later version of a document about the same artifact: what it no longer says does not count any more.
func (a *attempt) replaced(d *vexDocument, who string, res rules.Result) bool {
	return slices.ContainsFunc(d.later, func(l *vexDocument) bool {
		return a.vexAbout(l, res) && slices.ContainsFunc(l.by, func(e attest.Evidence) bool { return a.p.person(e.Signer()) == who })
	})
}

// supersedes reports whether an author's statement counts instead of another: the newer, then the worse, then by digest and place.
func (c vexClaim) supersedes(old vexClaim) bool {
	if !c.said.Time.Equal(old.said.Time) {
		return c.said.Time.After(old.said.Time)
	}
	if x, y := vexSeverity[c.said.Status], vexSeverity[old.said.Status]; x != y {
		return x > y
	}
	return c.doc.id+c.said.Where > old.doc.id+old.said.Where
}

// weigh holds the last words of all authors against each other.
func (a *attempt) weigh(newest map[string]vexClaim, res rules.Result) (*VEXUse, []Reason) {
	var best *vexClaim
	var against []Reason
	for _, who := range sortedKeys(newest) {
		c := newest[who]
		switch c.said.Status {
		case predicate.VEXAffected:
			against = append(against, vexNote(Reason{Code: CodeVEXContradicted}, c.doc, fmt.Sprintf("VEX by %s says that %s does matter", a.vexAuthors(c.doc), res.Key.Advisory), c.said.Where))
		case predicate.VEXUnderInvestigation:
			if best == nil {
				against = append(against, vexNote(Reason{Code: CodeVEXStatus}, c.doc, fmt.Sprintf("VEX by %s says that %s is still being looked into", a.vexAuthors(c.doc), res.Key.Advisory), c.said.Where))
			}
		default:
			if best == nil || c.supersedes(*best) {
				best = &c
			}
		}
	}
	if best == nil {
		return nil, against
	}
	if slices.ContainsFunc(against, func(r Reason) bool { return r.Code == CodeVEXContradicted }) {
		return nil, against
	}
	a.input(best.doc.statement, best.doc.by, rfc3339(best.said.Time), false)
	return &VEXUse{Statement: best.doc.id, SignedBy: a.vexAuthors(best.doc), Author: best.doc.content.Author, Format: best.doc.content.Format, Where: best.said.Where, Product: best.product,
		Status: best.said.Status, Justification: best.said.Justification, Detail: best.said.Detail, Time: rfc3339(best.said.Time)}, nil
}

// vexClaim is a statement as far as it is about a result, or the reason why it is not, or not any more.
func (a *attempt) vexClaim(d *vexDocument, said predicate.VEXStatement, res rules.Result) (vexClaim, *Reason) {
	c := vexClaim{doc: d, said: said}
	fail := func(code, expected, found, format string, args ...any) (vexClaim, *Reason) {
		r := vexNote(Reason{Code: code, Expected: expected, Found: found}, d, fmt.Sprintf(format, args...), said.Where)
		return c, &r
	}
	var why []string
	covered := false
	for _, p := range said.Products {
		reason := a.vexCovers(p, res)
		if reason == "" {
			c.product, covered = p.Name, true
			break
		}
		why = append(why, reason)
	}
	if !covered {
		slices.Sort(why)
		return fail(CodeVEXProduct, "the artifact's digest, or "+rules.CanonicalPURL(res.Key.PURL), strings.Join(slices.Compact(why), "; "), "VEX by %s about %s is about something else", a.vexAuthors(d), res.Key.Advisory)
	}
	if vexSeverity[said.Status] > vexSeverity[predicate.VEXFixed] { // it hides nothing, so it needs no proof of its age
		return c, nil
	}
	signed, _, err := when(d.by, rfc3339(said.Time))
	c.when = said.Time
	if err == nil && signed.Before(c.when) {
		c.when = signed
	}
	if said.Time.After(a.req.At.Add(maxSkew)) {
		return fail(CodeTimeInFuture, "not after "+rfc3339(a.req.At), rfc3339(said.Time), "VEX by %s about %s lies in the future", a.vexAuthors(d), res.Key.Advisory)
	}
	if age := a.req.At.Sub(c.when); a.p.VEX.MaxAge > 0 && age > time.Duration(a.p.VEX.MaxAge) {
		return fail(CodeVEXStale, fmt.Sprintf("at most %s old", a.p.VEX.MaxAge), age.Truncate(time.Hour).String(), "VEX by %s about %s is too old", a.vexAuthors(d), res.Key.Advisory)
	}
	return c, nil
}

// vexAbout reports whether a document was signed about the very artifact in which something was found, or about the index that it is a platform of.
func (a *attempt) vexAbout(d *vexDocument, res rules.Result) bool {
	if d.st.About(a.req.Subject.Digest) {
		return true
	}
	return slices.ContainsFunc(a.req.leaves(), func(leaf attest.Subject) bool {
		return leaf.Digest.Primary().String() == res.Key.Subject && d.st.About(leaf.Digest)
	})
}

// vexCovers says why a product is not what a result is about; "" if it is. A product is the artifact by its digest, with all or some of its packages, or one package by
// its exact purl.
func (a *attempt) vexCovers(p predicate.VEXProduct, res rules.Result) string {
	for _, d := range p.Digests {
		if !a.vexDigest(d, res) {
			continue
		}
		if len(p.Packages) == 0 {
			return ""
		}
		for _, sub := range p.Packages {
			if samePackage(sub.PURL, res.Key.PURL) {
				return ""
			}
		}
		return fmt.Sprintf("other packages of %.80s", p.Name)
	}
	switch {
	case samePackage(p.PURL, res.Key.PURL) && len(p.Packages) == 0:
		return ""
	case len(p.Digests) > 0:
		return fmt.Sprintf("%.80s, which has another digest", p.Name)
	case strings.ContainsAny(p.PURL, "*"):
		return fmt.Sprintf("%.80s, and wildcards count for nothing", p.Name)
	case p.PURL == "":
		return fmt.Sprintf("%.80q, which is neither a digest nor a purl", p.Name)
	case !strings.Contains(p.PURL, "@"):
		return fmt.Sprintf("%.80s, which names no version and no digest", p.Name)
	}
	return fmt.Sprintf("%.80s", p.Name)
}

// vexDigest reports whether a digest is that of what a result is about.
func (a *attempt) vexDigest(d attest.Digest, res rules.Result) bool {
	if a.req.Subject.Digest[d.Algorithm] == d.Hex {
		return true
	}
	return slices.ContainsFunc(a.req.leaves(), func(leaf attest.Subject) bool {
		return leaf.Digest.Primary().String() == res.Key.Subject && leaf.Digest[d.Algorithm] == d.Hex
	})
}

// samePackage compares purls in their canonical form. One without a version is no package but all that were ever released.
func samePackage(a, b string) bool {
	if a == "" || b == "" || strings.Contains(a, "*") {
		return false
	}
	body, _, _ := strings.Cut(a, "?")
	_, version, _ := strings.Cut(body, "@")
	return version != "" && rules.CanonicalPURL(a) == rules.CanonicalPURL(b)
}

func names(vulnerabilities []string, res rules.Result) bool {
	return slices.ContainsFunc(vulnerabilities, func(v string) bool { return v != "" && (v == res.Key.Advisory || contains(res.Key.Aliases, v)) })
}

func (a *attempt) vexAuthors(d *vexDocument) string {
	all := map[string]bool{}
	for _, e := range d.by {
		all[a.chains.describe(e.Signer())] = true
	}
	return list(sortedKeys(all))
}

// vexNote is a warning about a VEX document, with where in it.
func vexNote(r Reason, d *vexDocument, message string, where ...string) Reason {
	if r.Message = message; len(where) > 0 && where[0] != "" {
		r.Message += " (" + where[0] + ")"
	}
	r.Rule, r.Evidence = vexRule, []string{d.id}
	if r.Fix == "" {
		r.Fix = vexFixes[r.Code]
	}
	return r
}

var vexFixes = map[string]string{
	CodeVEXProduct:       "name the artifact by its digest, or the package by the purl of the finding, version and qualifiers included",
	CodeVEXJustification: "give the statement a justification",
	CodeVEXStale:         "have its author look again and sign a new document",
	CodeVEXUnreadable:    "write OpenVEX 0.2.0, CycloneDX or CSAF 2.0 (csaf_vex)",
	CodeSigner:           "let an identity in vex.signedBy sign it: sealock attest SUBJECT --vex FILE --as NAME",
}
