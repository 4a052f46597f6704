// SPDX-License-Identifier: Apache-2.0

// Package html renders decisions, with the evidence behind them, as one page that needs nothing else: no network, no other file.
//
// Use: Write with a Case for each decision.
//
// Guarantees. Only evidence that a Verifier made and that the decision counts as its input is shown. Nothing from outside becomes markup, script, style
// or a link that is not http(s): html/template escapes for the place, inert.Text makes visible what hides, the script writes text nodes only, and the
// page's own Content-Security-Policy allows one style sheet and one script, each by its hash, and no connection. Equal cases give equal bytes.
//
// Limits. A text longer than 600 characters is cut, and its length is said; -o json has it whole. Lists are cut into pages by the script; without it, and
// in print, the first rows of each are there, and each list says how many it has. Pictures are drawn of at most 48 boxes.
package html

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
)

// Case is one decision with what is at hand of all that it rests on.
type Case struct {
	Decision gate.Decision
	Named    string            // the subject as it was named on the command line, or ""
	Evidence []attest.Evidence // what was gathered; of it only the decision's inputs are shown
	Missing  string            // why there is no evidence, or not all of it
	Policy   *gate.Policy      // the policy that decided, nil if it is not at hand
	Source   string            // where the decision was read from; "" if it was made just now

	What  string // of what is no decision, but sums up decisions or findings: "check", "drift"; else ""
	Parts []Part // of it
}

// Part is something with a verdict of its own: an environment, or a workload.
type Part struct {
	Name    string
	Verdict gate.Verdict
	Why     string
}

// WithoutEvidence is why a case of a decision alone has no evidence.
const WithoutEvidence = "This page was written without the evidence; 'sealock report' writes one with it."

// Page is what a report shows.
type Page struct {
	Cases   []Case
	Meaning func(code string) string // why a reason code matters
}

//go:embed assets/page.html.tmpl
var pageTemplate string

//go:embed assets/style.css
var style string

//go:embed assets/script.js
var script string

// page is what the template shows.
type page struct {
	CSP     string
	Style   template.CSS
	Script  template.JS
	Title   string
	Verdict verdict // on all decisions together
	About   string  // what there is
	Cases   []caseView
}

// parsed is the template, made when the first page is written.
var parsed = sync.OnceValues(func() (*template.Template, error) {
	return template.New("page").Funcs(template.FuncMap{"add": func(a, b int) int { return a + b }}).Parse(pageTemplate)
})

// Write writes the page.
func Write(w io.Writer, in Page) error {
	t, err := parsed()
	if err != nil {
		return fmt.Errorf("reading the template of the page: %w", err)
	}
	decisions := make([]gate.Decision, len(in.Cases))
	for i, c := range in.Cases {
		decisions[i] = c.Decision
	}
	p := page{CSP: policy(style, script), Style: template.CSS(style), Script: template.JS(script)} //nolint:gosec // both are embedded
	p.Verdict, p.About = verdictOf(gate.Worst(decisions)), fmt.Sprintf("%d decisions", len(decisions))
	if len(in.Cases) > 0 && in.Cases[0].What != "" { // it sums up the others
		p.Verdict, p.About = verdictOf(decisions[0].Verdict), plain(in.Cases[0].What)
	}
	for i, c := range in.Cases {
		v, err := newCase(fmt.Sprintf("d%d", i+1), c, in.Meaning)
		if err != nil {
			return err
		}
		p.Cases = append(p.Cases, v)
	}
	p.Title = "sealock report"
	if len(p.Cases) == 1 {
		p.Title = fmt.Sprintf("%s %s: %s", p.Cases[0].Subject, p.Cases[0].Place, p.Verdict.Word)
	}
	return t.Execute(w, p)
}

// policy is the page's Content-Security-Policy. The lists' data stands in script elements of a type that is never run, so it needs no source.
func policy(style, script string) string {
	return strings.Join([]string{"default-src 'none'", "style-src " + source(style), "script-src " + source(script), "img-src data:", "base-uri 'none'", "form-action 'none'",
		"require-trusted-types-for 'script'", "trusted-types 'none'"}, "; ")
}

func source(content string) string {
	sum := sha256.Sum256([]byte(content))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
