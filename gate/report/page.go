// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package report

import (
	"io"

	"github.com/sealock-dev/sealock/gate/report/html"
)

// pages are the formats that people open in a browser.
func pages() []format { return []format{{"html", writeHTML}} }

// writeHTML writes the page of decisions alone; the report command writes it with the evidence.
func writeHTML(w io.Writer, all []shown, opt Options) error {
	page := html.Page{Meaning: opt.Meaning}
	for _, d := range all {
		page.Cases = append(page.Cases, html.Case{Decision: d.Decision, Named: d.named, Policy: opt.Policy, Missing: html.WithoutEvidence})
	}
	return html.Write(w, page)
}

// writePage writes the outcome and each decision behind it as one page.
func (o Outcome) writePage(w io.Writer, opt Options) error {
	first := html.Case{Decision: o.decision(), What: o.What}
	for _, p := range o.Parts {
		first.Parts = append(first.Parts, html.Part{Name: p.Name, Verdict: p.Verdict, Why: p.Why})
	}
	page := html.Page{Meaning: opt.Meaning, Cases: []html.Case{first}}
	for _, d := range o.Decisions {
		page.Cases = append(page.Cases, html.Case{Decision: d, Policy: opt.Policy, Missing: html.WithoutEvidence})
	}
	return html.Write(w, page)
}
