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
